"""The tabs in their order; the first is shown where the address names none."""

from collections.abc import Mapping
from typing import Final

from web.panels.tabs import access, branches, commit, definitions, files, flow, issues, overview
from web.panels.tabs.tab import Opened, Tab

TABS: Final[tuple[Tab, ...]] = (
    overview.TAB,
    flow.TAB,
    branches.TAB,
    commit.TAB,
    files.TAB,
    issues.TAB,
    access.TAB,
    definitions.TAB,
)
BY_NAME: Final[Mapping[str, Tab]] = {tab.name: tab for tab in TABS}


def chosen(name: str | None) -> Tab:
    """Return the tab of this name; the first for a name that nobody has, such as one from an older address."""
    return BY_NAME.get(name or "", TABS[0])


def offered(opened: Opened, current: Tab) -> tuple[Tab, ...]:
    """Return the tabs that the page lists: what this repository has, and the one that is open."""
    return tuple(tab for tab in TABS if tab is current or (tab.is_listed and tab.is_offered(opened)))
