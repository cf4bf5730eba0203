"""Branches, one by one."""

from typing import Final

from web.language import _
from web.panels.repository_view import RepositoryView, repository_view
from web.panels.tabs.tab import Opened, Tab


def view(opened: Opened) -> RepositoryView:
    """Return the branches. Raises BitbucketError."""
    return repository_view(opened.look, opened.setting)


TAB: Final = Tab(name="branches", label=lambda: _("Branches"), template="panels/tabs/_branches.html", view=view)
