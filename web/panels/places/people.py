"""Who is named on the pages of single places: whom something waits for, the viewer, and all where the workspace shows names."""

from collections.abc import Iterable

from models.history.people import Account
from web.language import _, ngettext
from web.panels.parts import Person, person
from web.panels.past import Past
from web.panels.setting import Setting


class Names:
    """Says who somebody is, as far as this viewer is shown."""

    def __init__(self, past: Past, setting: Setting, uuids: Iterable[str | None]) -> None:
        self._known = past.accounts(uuids)
        self._viewer_uuid = setting.viewer_uuid
        self._are_shown = past.settings.are_names_shown
        self._shows = setting.shows

    def may_name(self, uuid: str, *, is_awaited: bool = False) -> bool:
        """Whether somebody is named."""
        return is_awaited or self._are_shown or uuid == self._viewer_uuid

    def of(self, uuid: str | None, *, is_awaited: bool = False) -> Person | None:
        """Return somebody; None for nobody and for one who is not named. ``is_awaited``: something waits for them."""
        if uuid is None or not self.may_name(uuid, is_awaited=is_awaited):
            return None
        found = person(self._known.get(uuid) or Account(uuid=uuid), shows=self._shows)
        if uuid != self._viewer_uuid:
            return found
        return Person(_("You"), found.initials, found.colour, found.picture)


def with_the_unnamed(named: list[str], unnamed: int) -> str:
    """Return those who may be named, and how many others there are: ``You and 2 others``, ``3 people``."""
    if not named:
        return ngettext("%(n)s person", "%(n)s people", unnamed)
    others = [ngettext("%(n)s other", "%(n)s others", unnamed)] if unnamed else []
    return join_names([*named, *others])


def join_names(names: Iterable[str]) -> str:
    """Return a list as a person would say it: ``Ana``, ``Ana and Tom``, ``Ana, Tom and Eve``."""
    *first, last = [*names] or [""]
    return _("%(first)s and %(last)s", first=", ".join(first), last=last) if first else last
