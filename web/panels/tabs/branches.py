"""Branches: which are left over or stale, whose they are, how far they are from home."""

from typing import Final

from bitbucket.errors import BitbucketError
from web.language import _
from web.panels import visits
from web.panels.past import Past, past_of
from web.panels.places import branches as reading
from web.panels.places.branches import Branches
from web.panels.places.branches_view import BRANCH, CLASS, Beside, BranchesView, beside_view, branches_view
from web.panels.places.people import Names
from web.panels.places.recording import may_ask
from web.panels.states import state_of
from web.panels.tabs.tab import Opened, Tab


def view(opened: Opened) -> BranchesView:
    """Return the branches. Raises BitbucketError where none is held and none can be asked for."""
    past = past_of(opened.visit)
    branches = reading.branches_of(past)
    if not branches.facts:
        reading.meet(past)
        branches = reading.branches_of(past)
    beside = _beside(opened, past, branches)
    if beside is not None:
        branches = reading.branches_of(past)
    names = Names(past, opened.setting, (branch.owner for branch in branches.classed))
    return branches_view(opened, branches, names, beside)


def _beside(opened: Opened, past: Past, branches: Branches) -> Beside | None:
    """Return the branch that the address names beside its base; compared now, where that has not been done since it moved."""
    name = opened.query.get(BRANCH)
    if name is None:
        return None
    trouble = ""
    if name not in branches.compared and branches.base_of(name) is not None and may_ask():
        try:
            reading.compare(past, branches, name)
        except BitbucketError as error:
            visits.note_trouble(opened.visit.caller, error)
            trouble = state_of(error).title
        else:
            branches = reading.branches_of(past)
    return beside_view(opened, branches, name, reading.comparison_of(past, branches, name), trouble)


TAB: Final = Tab(
    name="branches",
    label=lambda: _("Branches"),
    template="panels/tabs/_branches.html",
    view=view,
    parameters=(CLASS, BRANCH),
)
