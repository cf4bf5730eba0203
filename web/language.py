"""The words that people read. Every sentence goes through here, so that a translation is a catalogue and not a change."""

import gettext
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask.templating import Environment

from settings import Settings
from web.assets import asset_url

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


class Templates(Environment):
    """Flask's templates. Their globals are all there before the first is read, so that none has to look through a chain of mappings."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template knows without being told."""
        return {**self.globals, **(d or {})}


def install(app: Flask, settings: Settings) -> None:
    """Give every template the words, and what all pages name."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    environment: Any = app.jinja_env
    environment.install_gettext_translations(translations, newstyle=True)
    app.jinja_env.globals.update(
        asset_url=asset_url, app_name=settings.app_name, site_url=settings.site_url, language=LANGUAGE
    )
