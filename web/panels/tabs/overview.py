"""Overview: the panel's facts, wider."""

from dataclasses import replace
from typing import Final

from web.language import _
from web.panels import cold_start
from web.panels.pulse_view import PulseView, overview_view
from web.panels.tabs.tab import Opened, Tab


def view(opened: Opened) -> PulseView:
    """Return what needs somebody now. Raises BitbucketError where nothing is held and nothing could be read."""
    trouble = cold_start.meet_repository(opened.past)
    shown = overview_view(opened.past, opened.setting, trouble)
    return replace(shown, exports=(opened.figures_file("panels.flow_json", {"figure": "pulse"}),))


TAB: Final = Tab(name="overview", label=lambda: _("Overview"), template="panels/tabs/_overview.html", view=view)
