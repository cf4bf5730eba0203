"""Files: hotspots and who knows what; one file, by its path; the files of one pull request."""

from collections.abc import Mapping
from typing import Final

from bitbucket.errors import BitbucketError, NotFound
from web.language import _
from web.panels import visits
from web.panels.numbers import number_of_text
from web.panels.places import code_owners
from web.panels.places import files as reading
from web.panels.places.commits import hash_in
from web.panels.places.files import FileFound
from web.panels.places.files_view import (
    PATH,
    PULL_REQUEST,
    REVISION,
    FilesView,
    FileView,
    file_view,
    files_view,
    pull_request_files_view,
)
from web.panels.places.lore import lore_of
from web.panels.places.owners_view import OWNERS
from web.panels.places.people import Names
from web.panels.places.recording import may_ask
from web.panels.states import State, state_of
from web.panels.tabs.tab import Opened, Tab


def view(opened: Opened) -> FileView | FilesView | State:
    """Return the file, or the pull request's files, that the address names; else all. Raises BitbucketError."""
    if path := path_in(opened.query):
        return one_file(opened, path)
    number = number_in(opened.query)
    if number is not None:
        return _of_pull_request(opened, number)
    lore = lore_of(opened.past)
    return files_view(opened, lore, reading.folders_of(opened.past, lore))


def path_in(query: Mapping[str, str]) -> str:
    """The path of the file that an address names."""
    return query.get(PATH, "").strip().strip("/")


def number_in(query: Mapping[str, str]) -> int | None:
    """The number of the pull request that an address names; 0, which none has, for one that none can have."""
    text = query.get(PULL_REQUEST, "")
    return (number_of_text(text) or 0) if text.isdecimal() else None


def one_file(opened: Opened, path: str) -> FileView | State:
    """Return one file. Raises BitbucketError for one that we know nothing of and cannot ask for."""
    found, trouble = _find(opened, path)
    answered = found.pull_requests.value
    rows = (*answered.open, *answered.merged) if answered else ()
    named = (*(author.account for author in found.authors.value or ()), *(who for row in rows for who in row.reviewers))
    names = Names(opened.past, opened.setting, named)
    return file_view(opened, found, names, lore_of(opened.past), trouble=trouble)


def explain(error: BitbucketError) -> State | None:
    """Say of a file that Bitbucket does not find that it is the file, and not the repository."""
    return unknown_file() if isinstance(error, NotFound) else None


def unknown_file() -> State:
    """Return the state for a file that nobody knows."""
    return State(
        "unknown_file",
        "search",
        _("There is no such file here"),
        _("No pull request that we know touches a file of this path, and Bitbucket does not find it either."),
        None,
        404,
    )


def unknown_pull_request() -> State:
    """Return the state for a pull request that we do not hold."""
    return State(
        "unknown_pull_request",
        "search",
        _("This pull request is not known here yet"),
        _("Our copy of this repository does not hold it so far."),
        _("Open it in Bitbucket; its panel reads it, and afterwards its files are here."),
        404,
    )


def _read_owners(opened: Opened) -> str:
    """Have the CODEOWNERS file read where the address says so; return why it could not be."""
    if OWNERS not in opened.query or not may_ask():
        return ""
    try:
        code_owners.ask_if_old(opened.past)
    except BitbucketError as error:
        visits.note_trouble(opened.visit.caller, error)
        return state_of(error).title
    return ""


def _of_pull_request(opened: Opened, number: int) -> FilesView | State:
    facts = opened.past.facts(number)
    if facts is None:
        return unknown_pull_request()
    sharing = sorted(reading.open_sharing(opened.past, facts), key=lambda one: (-len(one[1]), one[0].id))
    return pull_request_files_view(opened, lore_of(opened.past), facts, sharing)


def _find(opened: Opened, path: str) -> tuple[FileFound, str]:
    """Return what is known of a file, and why more could not be asked for. Raises BitbucketError where nothing is."""
    past = opened.past
    trouble = _read_owners(opened)
    found = reading.file_of(past, path)
    if found.is_known and not (reading.is_wanting(past, found) and may_ask()):
        return found, trouble
    try:
        reading.ask(past, path, hash_in(opened.query.get(REVISION, "")))
    except BitbucketError as error:
        if not found.is_known:
            raise
        visits.note_trouble(opened.visit.caller, error)
        return found, state_of(error).title
    return reading.file_of(past, path), ""


TAB: Final = Tab(
    name="files",
    label=lambda: _("Files"),
    template="panels/tabs/_files.html",
    view=view,
    parameters=(PATH, REVISION, PULL_REQUEST, OWNERS),
    explain=explain,
)
