"""What the Commit tab shows of a commit that we hold, as files: its passport as JSON, the files that it changes as CSV."""

from collections.abc import Iterator
from typing import Any

from flask import Response, abort

from insights.pull_requests.figures import life, rounds
from insights.result import Result
from web import formatting
from web.authentication import parameters
from web.panels.exports import account, csv_file, figure, json_file, without_the_unnamed
from web.panels.places.commit_view import COMMIT
from web.panels.places.commits import CommitFound, commit_of, hash_in, held_hash
from web.panels.places.files_exports import changed_rows, spots_of
from web.panels.places.lore import lore_of
from web.panels.places.people import Names
from web.panels.surfaces import blueprint
from web.panels.tabs.commit import TAB
from web.panels.tabs.shell import visit_of_link
from web.panels.tabs.tab import Opened


@blueprint.get("/pages/repository/commit.json")
def commit_json() -> Response:
    """Give the passport and what it rests on."""
    opened, found = _opened()
    names = Names(opened.past, opened.setting, ())
    figures = [without_the_unnamed(figure("commit", result), names) for result in _results(opened, found)]
    return json_file(opened.past, TAB.name, _name(found), figures, {"commit": _about(found, names)})


@blueprint.get("/pages/repository/commit.csv")
def commit_csv() -> Response:
    """Give the files that the commit changes, as far as they are known."""
    opened, found = _opened()
    rows = changed_rows(lore_of(opened.past), found.facts.files or ())
    return csv_file(opened.past, TAB.name, f"{_name(found)}-files", rows)


def _opened() -> tuple[Opened, CommitFound]:
    opened = Opened(visit_of_link(), TAB.query_of(parameters()))
    wanted = hash_in(opened.query.get(COMMIT, ""))
    whole = held_hash(opened.past, wanted) if wanted else None
    found = commit_of(opened.past, whole) if whole else None
    return opened, found or abort(404)


def _name(found: CommitFound) -> str:
    return f"commit-{found.facts.hash[:7]}"


def _results(opened: Opened, found: CommitFound) -> Iterator[Result[Any]]:
    yield found.result
    if found.measured is not None:
        yield rounds(found.measured)
        yield life(found.measured, opened.past.look())
    yield spots_of(lore_of(opened.past), (file.path for file in found.facts.files or ()))


def _about(found: CommitFound, names: Names) -> dict[str, Any]:
    """Return what the page says besides. The author is named as on Bitbucket's own page."""
    facts, reviewers = found.facts, found.measured.reviewers if found.measured else ()
    return {
        "hash": facts.hash,
        "subject": formatting.first_line(facts.message),
        "author": account(names, facts.author, is_awaited=True),
        "committed_at": formatting.iso_time(facts.committed_at),
        "reviewers": [account(names, uuid) for uuid in reviewers],
        "are_files_known": facts.files is not None,
        "looked_up_to": formatting.iso_time(found.looked_up_to) if found.looked_up_to else None,
    }
