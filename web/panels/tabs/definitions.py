"""Definitions: what each figure and word means, in which version, and what the workspace has set."""

from typing import Final

from web.language import _
from web.panels.places.definitions_view import DefinitionsView, definitions_view
from web.panels.tabs.tab import Opened, Tab


def view(opened: Opened) -> DefinitionsView:
    """Return the definitions."""
    return definitions_view(opened.past.settings)


TAB: Final = Tab(
    name="definitions", label=lambda: _("Definitions"), template="panels/tabs/_definitions.html", view=view
)
