"""Overview: the panel's facts, wider."""

from typing import Final

from web.language import _
from web.panels.repository_view import RepositoryView, repository_view
from web.panels.tabs.tab import Opened, Tab


def view(opened: Opened) -> RepositoryView:
    """Return what needs somebody now. Raises BitbucketError."""
    return repository_view(opened.look, opened.setting)


TAB: Final = Tab(name="overview", label=lambda: _("Overview"), template="panels/tabs/_overview.html", view=view)
