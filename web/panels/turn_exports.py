"""What Turn shows of one pull request, as files: its figures as JSON, what it collides with as CSV.

From our own copy only: a pull request that is not held has no files.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask import Response
from msgspec import to_builtins

from insights.definitions import definition_of
from insights.pull_requests import pace, timeline, turn
from insights.pull_requests.collisions import Collisions
from insights.pull_requests.standing import Standing
from insights.result import Result, WhyNot
from web.errors import RequestRefused
from web.panels import page_links, surfaces
from web.panels.exports import csv_file, figure, json_file, without_the_unnamed
from web.panels.places.people import Names
from web.panels.surfaces import Opening, blueprint
from web.panels.turn import TURN, number_of
from web.panels.turn_facts import TurnFacts, turn_facts
from web.panels.visits import FOREIGN_REPOSITORY

AWAITED: Final = frozenset({"waits_for"})
COLUMNS: Final = ("kind", "pull_request", "commit", "title", "url", "path", "definition", "definition_version")


@blueprint.get("/panels/pull-request/figures.json")
def turn_json() -> Response:
    """Give the figures of one pull request."""
    opening, found = _opened()
    names = Names(opening.past, opening.setting, ())
    figures = [without_the_unnamed(figure("turn", result), names, AWAITED) for result in _results(found)]
    return json_file(opening.past, TURN.name, _name(found), figures, {"pull_request": _about(found)})


@blueprint.get("/panels/pull-request/collisions.csv")
def turn_csv() -> Response:
    """Give the files that it shares with others that are open, and with commits on the target: a row each."""
    opening, found = _opened()
    rows = [COLUMNS, *_collisions(opening, found.collisions)]
    return csv_file(opening.past, TURN.name, f"{_name(found)}-collisions", rows)


def _opened() -> tuple[Opening, TurnFacts]:
    opening = surfaces.opened(TURN, page_links.visit_of_link(purpose=TURN.link_purpose))
    facts = opening.past.facts(number_of(opening))
    if facts is None:
        raise RequestRefused(404, FOREIGN_REPOSITORY)
    return opening, turn_facts(opening.past, facts)


def _name(found: TurnFacts) -> str:
    return f"pull-request-{found.facts.id}"


def _about(found: TurnFacts) -> dict[str, Any]:
    """Return what the panel says without working it out; ``stage`` and ``waited`` of one that is open."""
    facts, standing = found.facts, found.standing
    told = {"id": facts.id, "title": facts.title, "state": facts.state, "closed_at": found.item.stamps.closed}
    now = {"stage": standing.stage, "waited": standing.waited} if standing else {}
    about: dict[str, Any] = to_builtins({**told, **now})
    return about


def _results(found: TurnFacts) -> Iterator[Result[Any]]:
    if found.standing is not None:
        yield from _of_now(found.standing)
    yield Result(
        definition=timeline.DEFINITION.id, n=len(found.line.ticks), value=found.line, members=(found.facts.id,)
    )
    yield from (found.life, found.size, found.rounds, found.depth, found.unfinished)
    if found.likely is not None:
        yield found.likely
    if found.collisions is not None:
        yield found.collisions
    yield found.knowledge


def _of_now(standing: Standing) -> Iterator[Result[Any]]:
    """Yield whose turn it is, and how unusual the wait: n counts the merged ones that it is compared with."""
    members, yardstick = (standing.measurement.id,), standing.yardstick
    yield Result(definition=turn.DEFINITION.id, n=1, value=standing.turn, members=members)
    told = {"pace": standing.pace, "usual": yardstick} if standing.pace else None
    silence = None if told else WhyNot.TOO_FEW
    yield Result(definition=pace.DEFINITION.id, n=yardstick.n, value=told, why_not=silence, members=members)


def _collisions(opening: Opening, result: Result[Collisions] | None) -> Iterator[Sequence[str]]:
    if result is None or result.value is None:
        return
    links, found = opening.setting.links, definition_of(result.definition)
    definition = (found.name, str(found.version))
    titles = {item.id: item.title for item in opening.past.open_measurements}
    for other in result.value.pull_requests:
        named = ("pull_request", str(other.id), "", titles.get(other.id, ""), links.pull_request(other.id))
        yield from ((*named, path, *definition) for path in other.paths)
    for one in result.value.commits:
        named = ("commit", "", one.commit, "", links.commit(one.commit))
        yield from ((*named, path, *definition) for path in one.paths)
