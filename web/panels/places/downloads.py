"""What the Branches tab gives to take away: all branches as CSV, its figures as JSON, and the script that cleans up."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Response
from msgspec.structs import replace

from insights.branches.classes import DEFINITION, Branch
from insights.branches.clean_up import clean_up_script, may_go
from insights.result import Result
from web.authentication import parameters
from web.formatting import iso_time
from web.panels.exports import account, csv_file, figure, json_file
from web.panels.past import past_of
from web.panels.places.branches import Branches, Compared, branches_of, comparison_of
from web.panels.places.branches_view import AWAITED, BRANCH, TAB
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
    past = opened.past
    branches = branches_of(past)
    names = Names(past, opened.setting, (branch.owner for branch in branches.classed))
    return csv_file(past, TAB, TAB, [COLUMNS, *_rows(opened, branches, names)])


@blueprint.get("/pages/repository/branches.json")
def branches_json() -> Response:
    """Give the figures: every branch with its class, and the one that was chosen beside its base, as far as that is held."""
    opened, name = Opened(visit_of_link(), {}), parameters().get(BRANCH, "")
    past = opened.past
    branches = branches_of(past)
    figures = [figure("branches", _with_owners(branches, Names(past, opened.setting, ())))]
    compared = comparison_of(past, branches, name)
    if compared is not None:
        figures.append(figure("beside", compared.result, about=name))
    return json_file(past, TAB, TAB, figures, _about(branches, compared))


@blueprint.get("/pages/repository/clean-up.sh")
def branches_script() -> Response:
    """Give the script that deletes what may go. It only runs where somebody runs it."""
    script = clean_up_script(may_go(branches_of(past_of(visit_of_link())).classed))
    response = Response(f"#!/bin/sh\n{script}".encode(), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="clean-up.sh"'
    return response


def _with_owners(branches: Branches, names: Names) -> Result[tuple[Branch, ...]]:
    """Return the classes, with the owners whom the page names."""
    told = tuple(replace(one, owner=_owner(one, names)) for one in branches.classed)
    return replace(branches.result, value=told or None)


def _owner(branch: Branch, names: Names) -> str | None:
    return account(names, branch.owner, is_awaited=branch.branch_class in AWAITED)


def _about(branches: Branches, compared: Compared | None) -> dict[str, Any]:
    """Return what the page says besides: where each branch leads, what may go, how far back was looked, when was compared."""
    since = branches.looked_back_to
    return {
        "bases": dict(branches.bases),
        "may_go": [branch.name for branch in may_go(branches.classed)],
        "looked_back_to": iso_time(since) if since else None,
        "compared": {"base": compared.base, "at": iso_time(compared.at)} if compared else None,
    }


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
        iso_time(opened.now - branch.age),
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
    return (base, str(len(row.ahead.split())), str(len(row.behind.split())), iso_time(row.compared_at))
