"""Definitions: what each figure and word of the page means."""

from typing import Final

from web.language import _
from web.panels.parts import Definition
from web.panels.repository_view import definitions
from web.panels.tabs.tab import Opened, Tab


def view(_opened: Opened) -> tuple[Definition, ...]:
    """Return the definitions."""
    return definitions()


TAB: Final = Tab(
    name="definitions", label=lambda: _("Definitions"), template="panels/tabs/_definitions.html", view=view
)
