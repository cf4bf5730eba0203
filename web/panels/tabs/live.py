"""The tabs that ask Bitbucket when they are opened, as tabs of the page."""

from collections.abc import Callable
from typing import Any

from web.panels.live import tabs
from web.panels.tabs.tab import Opened, Tab, always


def live_tab(live: tabs.Tab, *, label: Callable[[], str], is_offered: Callable[[Opened], bool] = always) -> Tab:
    """Return a live tab as one of the page's; what it may say of a failure is its own."""

    def view(opened: Opened) -> dict[str, Any]:
        return {"name": live.name, "template": live.template, "shown": tabs.shown(live, opened.visit)}

    return Tab(
        name=live.name,
        label=label,
        template="panels/tabs/_live.html",
        view=view,
        is_offered=is_offered,
        is_live=True,
    )
