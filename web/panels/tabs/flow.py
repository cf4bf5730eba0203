"""Flow: where the time goes. From our own copy only."""

from typing import Final

from web.language import _
from web.panels.flow.choices import PARAMETERS
from web.panels.flow.supply import LASTS
from web.panels.flow.view import TAB_NAME, flow_view
from web.panels.tabs.tab import Tab

TAB: Final = Tab(
    name=TAB_NAME,
    label=lambda: _("Flow"),
    template="panels/tabs/_flow.html",
    view=flow_view,
    parameters=PARAMETERS,
    steady_for=LASTS,
)
