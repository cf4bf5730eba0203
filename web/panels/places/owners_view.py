"""Code owners in words: whom the CODEOWNERS file names for a file, and whether they still have to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from insights.files.code_owners import Owner
from web import formatting
from web.language import _
from web.panels.parts import Lozenge
from web.panels.places.code_owners import LASTS, OwnersFound
from web.panels.tabs.tab import Opened

OWNERS: Final = "owners"
ABSENT_AFTER: Final = timedelta(days=365)
"""So long without a change, an owner is told to be absent."""


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """An owner as the CODEOWNERS file spells it, and what they have to do with the file."""

    reference: str
    text: str
    lozenge: Lozenge | None


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners of the file. ``href`` has the CODEOWNERS file read, the first time or again."""

    rows: tuple[OwnerRow, ...]
    note: str
    ask: str
    href: str
    fragment_url: str


def owners_view(opened: Opened, known: OwnersFound | None, *, tab: str, query: Mapping[str, str]) -> Owners:
    """Return the owners, or the link that has the CODEOWNERS file read; a day later it can be read again."""
    asking = {**query, OWNERS: "1"}
    href, fragment_url = opened.href(tab, asking), opened.fragment_url(tab, asking)
    if known is None:
        return Owners((), "", _("Read the CODEOWNERS file"), href, fragment_url)
    rows = tuple(_owner_row(opened, owner) for owner in known.result.value or ())
    note = (
        "" if rows else _("It names nobody for this file.") if known.has_file else _("The repository has no such file.")
    )
    is_old = opened.now - known.read_at >= LASTS
    again = _("Read the CODEOWNERS file again") if is_old else ""
    return Owners(rows, note, again, href, fragment_url)


def _owner_row(opened: Opened, owner: Owner) -> OwnerRow:
    if not owner.is_known:
        return OwnerRow(owner.reference, _("not known here: a group, or somebody who has not been seen yet"), None)
    if owner.last_touch is None:
        return OwnerRow(owner.reference, _("has never changed it, as far as we know"), Lozenge(_("Absent"), "warning"))
    age = opened.now - owner.last_touch
    lozenge = Lozenge(_("Absent"), "warning") if age >= ABSENT_AFTER else None
    return OwnerRow(owner.reference, _("changed it last %(age)s ago", age=formatting.short_age(age)), lozenge)
