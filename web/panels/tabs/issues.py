"""Issues, where the repository has a tracker."""

from typing import Final

from web.language import _
from web.panels.live import tabs
from web.panels.live.issues import ISSUES
from web.panels.tabs.live import live_tab
from web.panels.tabs.tab import Opened


def is_offered(opened: Opened) -> bool:
    """Whether there is a tracker, as far as this process has heard; the tab itself says so where there is none."""
    return not tabs.is_absent(ISSUES.name, opened.visit)


TAB: Final = live_tab(ISSUES, label=lambda: _("Issues"), is_offered=is_offered)
