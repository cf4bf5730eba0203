"""What the Branches tab gives to take away: all branches as CSV, and the script that cleans up."""

from collections.abc import Iterator
from typing import Final

from flask import Response

from insights.branches.classes import DEFINITION, Branch
from insights.branches.clean_up import clean_up_script, may_go
from web import formatting
from web.panels.flow.csv_rows import written
from web.panels.past import past_of
from web.panels.places.branches import Branches, branches_of
from web.panels.places.branches_view import AWAITED
from web.panels.places.people import Names
from web.panels.surfaces import blueprint
from web.panels.tabs.shell import visit_of_link
from web.panels.tabs.tab import Opened

COLUMNS: Final = (
    *("branch", "class", "tip", "last_sign_of_life", "age_days", "whom_to_ask", "open_pull_request"),
    *("base", "ahead", "behind", "compared_at", "may_go", "definition", "definition_version"),
)


@blueprint.get("/pages/repository/branches.csv")
def branches_csv() -> Response:
    """Give every branch with its class, one row each."""
    opened = Opened(visit_of_link(), {})
    past = past_of(opened.visit)
    branches = branches_of(past)
    names = Names(past, opened.setting, (branch.owner for branch in branches.classed))
    return _file(written([COLUMNS, *_rows(opened, branches, names)]), "text/csv", "branches.csv")


@blueprint.get("/pages/repository/clean-up.sh")
def branches_script() -> Response:
    """Give the script that deletes what may go. It only runs where somebody runs it."""
    script = clean_up_script(may_go(branches_of(past_of(visit_of_link())).classed))
    return _file(f"#!/bin/sh\n{script}", "text/plain", "clean-up.sh")


def _rows(opened: Opened, branches: Branches, names: Names) -> Iterator[tuple[str, ...]]:
    going = {branch.name for branch in may_go(branches.classed)}
    for branch in branches.classed:
        may_it_go = "true" if branch.name in going else "false"
        definition = (DEFINITION.name, str(DEFINITION.version))
        yield (*_facts(opened, branch, names), *_apart(branches, branch), may_it_go, *definition)


def _facts(opened: Opened, branch: Branch, names: Names) -> tuple[str, ...]:
    owner = names.of(branch.owner, is_awaited=branch.branch_class in AWAITED)
    return (
        branch.name,
        branch.branch_class.value,
        branch.tip,
        formatting.iso_time(opened.now - branch.age),
        str(branch.age.days),
        owner.name if owner else "",
        str(branch.open_pull_request or ""),
    )


def _apart(branches: Branches, branch: Branch) -> tuple[str, ...]:
    """Commits are counted up to a hundred, which then stands for "at least a hundred"."""
    row = branches.compared.get(branch.name)
    base = branches.bases.get(branch.name, "")
    if row is None:
        return (base, "", "", "")
    return (base, str(len(row.ahead.split())), str(len(row.behind.split())), formatting.iso_time(row.compared_at))


def _file(text: str, mimetype: str, name: str) -> Response:
    response = Response(text.encode(), content_type=f"{mimetype}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
