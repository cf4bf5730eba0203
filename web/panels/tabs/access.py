"""Access, where the operator offers it."""

from typing import Final

from web import services
from web.language import _
from web.panels.live.access import ACCESS
from web.panels.tabs.live import live_tab
from web.panels.tabs.tab import Opened


def is_offered(_opened: Opened) -> bool:
    """Whether the operator asks for the scope that this tab needs."""
    return services.current().settings.access_page


TAB: Final = live_tab(ACCESS, label=lambda: _("Access"), is_offered=is_offered)
