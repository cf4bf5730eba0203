"""A field in which somebody enters what to look at: a commit's hash, a file's path. It needs no script."""

from dataclasses import dataclass

from web.panels.tabs.tab import Opened


@dataclass(frozen=True, slots=True)
class Finder:
    """One field of one tab."""

    tab: str
    name: str
    wanted: str
    label: str
    pattern: str
    most_characters: int
    link_token: str
    action: str
    fragment_action: str


def finder(  # noqa: PLR0913 - the parts of a field
    opened: Opened, *, tab: str, name: str, label: str, most_characters: int, pattern: str = ".*"
) -> Finder:
    """Return the field, filled with what the address asks for."""
    return Finder(
        tab=tab,
        name=name,
        wanted=opened.query.get(name, ""),
        label=label,
        pattern=pattern,
        most_characters=most_characters,
        link_token=opened.link_token,
        action=opened.address(tab, {}).partition("?")[0],
        fragment_action=opened.fragment_url(tab, {}).partition("?")[0],
    )
