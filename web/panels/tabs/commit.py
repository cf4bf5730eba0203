"""Commit: the passport of one commit, by a link from Bitbucket's page of it, or by its hash."""

from typing import Final

from bitbucket.errors import BitbucketError, NotFound
from models.history import commit_walks, repository_facts
from web.language import _
from web.panels import visits
from web.panels.places import commits as reading
from web.panels.places.commit_view import COMMIT, CommitView, commit_view, empty_view
from web.panels.places.commits import CommitFound
from web.panels.places.lore import lore_of
from web.panels.places.people import Names
from web.panels.places.recording import may_ask
from web.panels.states import State, state_of
from web.panels.tabs.tab import Opened, Tab

NEWEST: Final = 10


def view(opened: Opened) -> CommitView | State:
    """Return the commit that the address names. Raises BitbucketError for one that we do not know and cannot ask for."""
    text = opened.query.get(COMMIT)
    if text is None:
        return _empty(opened)
    wanted = reading.hash_in(text)
    if wanted is None:
        return no_hash()
    found, trouble = _find(opened, wanted)
    if found is None:
        return unknown_commit()
    named = (found.facts.author, *(found.measured.reviewers if found.measured else ()))
    return commit_view(opened, found, Names(opened.past, opened.setting, named), lore_of(opened.past), trouble)


def explain(error: BitbucketError) -> State | None:
    """Say of a commit that Bitbucket does not find that it is the commit, and not the repository."""
    return unknown_commit() if isinstance(error, NotFound) else None


def no_hash() -> State:
    """Return the state for what is no hash of a commit."""
    return State(
        "no_hash",
        "search",
        _("This is no commit's hash"),
        _("A hash has 7 to 40 of the digits 0 to 9 and a to f, as Bitbucket shows it beside each commit."),
        None,
        200,
    )


def unknown_commit() -> State:
    """Return the state for a commit that nobody knows."""
    return State(
        "unknown_commit",
        "search",
        _("There is no such commit here"),
        _("Neither our copy of this repository nor Bitbucket knows a commit of this hash, or several begin with it."),
        None,
        404,
    )


def _empty(opened: Opened) -> CommitView:
    past = opened.past
    newest = commit_walks.latest(past.session, past.repository, at_most=NEWEST)
    known = {one.hash: one for one in repository_facts.some_commits(past.session, past.repository, newest)}
    return empty_view(opened, tuple(known[one] for one in newest if one in known))


def _find(opened: Opened, wanted: str) -> tuple[CommitFound | None, str]:
    """Return a commit, and why what is missing of it could not be asked for. Raises BitbucketError."""
    past = opened.past
    whole = reading.held_hash(past, wanted)
    found = reading.commit_of(past, whole) if whole else None
    if found is not None and not (reading.is_incomplete(found) and may_ask()):
        return found, ""
    try:
        whole = reading.ask(past, whole or wanted)
    except BitbucketError as error:
        if found is None:
            raise
        visits.note_trouble(opened.visit.caller, error)
        return found, state_of(error).title
    return reading.commit_of(past, whole), ""


TAB: Final = Tab(
    name="commit",
    label=lambda: _("Commit"),
    template="panels/tabs/_commit.html",
    view=view,
    parameters=(COMMIT,),
    explain=explain,
)
