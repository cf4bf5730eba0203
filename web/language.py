"""The words that people read. Every sentence goes through here, so that a translation is a catalogue and not a change."""

import gettext
from pathlib import Path

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
LANGUAGE = "en"

translations = gettext.translation("bittern", localedir=CATALOGUES, languages=[LANGUAGE], fallback=True)


def _(text: str, /, **values: object) -> str:
    """Return the sentence in the reader's language, with its places filled."""
    translated = translations.gettext(text)
    return translated % values if values else translated


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """Return the sentence that fits the number; ``%(n)s`` in it is that number."""
    return translations.ngettext(singular, plural, n) % {"n": n, **values}
