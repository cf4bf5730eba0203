"""What the Files tab shows, as files: of the repository, of one pull request, of one file. From our own copy only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from flask import Response, abort
from msgspec.structs import replace

from insights.facts.pull_requests import FileChange, PullRequestFacts
from insights.files import co_change
from insights.files.co_change import CoChange
from insights.files.revisions import HOTSPOT, Hotspot
from insights.result import Definition, Result, WhyNot
from web.authentication import parameters
from web.formatting import iso_time
from web.panels.exports import csv_file, figure, json_file, without_the_unnamed
from web.panels.places.files import FileFound, file_of, folders_of, open_sharing
from web.panels.places.lore import Lore, lore_of
from web.panels.places.people import Names
from web.panels.surfaces import blueprint
from web.panels.tabs.files import TAB, number_in, path_in
from web.panels.tabs.shell import visit_of_link
from web.panels.tabs.tab import Opened

DEFINED: Final = ("definition", "definition_version")
SPOTS: Final = ("path", "hotspot_score", "revisions", "lines", *DEFINED)
CHANGED: Final = (
    *("path", "old_path", "status", "lines_added", "lines_removed"),
    *("hotspot_score", "revisions", *DEFINED),
)
TOGETHER: Final = ("path", "degree", "shared", "revisions", *DEFINED)

Told = tuple[list[dict[str, Any]], dict[str, Any]]
"""Figures, and what is said besides."""


@blueprint.get("/pages/repository/files.json")
def files_json() -> Response:
    """Give the figures of what the tab shows."""
    opened = _opened()
    figures, about = _told(opened)
    names = Names(opened.past, opened.setting, ())
    about["is_cut"] = lore_of(opened.past).is_cut
    return json_file(opened.past, TAB.name, TAB.name, [without_the_unnamed(one, names) for one in figures], about)


@blueprint.get("/pages/repository/files.csv")
def files_csv() -> Response:
    """Give the files that the tab lists: those by hotspot score, those of a pull request, those that change with one."""
    opened = _opened()
    return csv_file(opened.past, TAB.name, TAB.name, _rows(opened))


def changed_rows(lore: Lore, changes: Iterable[FileChange]) -> Iterator[Sequence[str]]:
    """Yield the files that something changes, with the hotspot score of each."""
    yield CHANGED
    for file in changes:
        lines = (str(file.lines_added), str(file.lines_removed))
        score = _score(lore.hotspot_of.get(file.path))
        yield (file.path, file.old_path or "", file.status.value, *lines, *score, *_defined(HOTSPOT))


def spots_of(lore: Lore, paths: Iterable[str]) -> Result[tuple[Hotspot, ...]]:
    """Return the scores of some files, the hottest first; n and the window stay those of all, among which they are ranked."""
    wanted = set(paths)
    found = tuple(spot for spot in lore.hottest.value or () if spot.path in wanted)
    silence = None if found else lore.hottest.why_not or WhyNot.NOT_KNOWN
    return replace(lore.hottest, value=found or None, why_not=silence)


def _opened() -> Opened:
    return Opened(visit_of_link(), TAB.query_of(parameters()))


def _told(opened: Opened) -> Told:
    if path := path_in(opened.query):
        return _of_file(opened, _file(opened, path))
    number = number_in(opened.query)
    if number is not None:
        return _of_pull_request(opened, _pull_request(opened, number))
    return _of_all(opened)


def _rows(opened: Opened) -> Iterator[Sequence[str]]:
    if path := path_in(opened.query):
        return _together(_file(opened, path).together.value or ())
    lore, number = lore_of(opened.past), number_in(opened.query)
    if number is not None:
        return changed_rows(lore, _pull_request(opened, number).files or ())
    return _spots(lore)


def _file(opened: Opened, path: str) -> FileFound:
    found = file_of(opened.past, path)
    return found if found.is_known else abort(404)


def _pull_request(opened: Opened, number: int) -> PullRequestFacts:
    return opened.past.facts(number) or abort(404)


def _of_all(opened: Opened) -> Told:
    lore = lore_of(opened.past)
    folders = folders_of(opened.past, lore)
    known = [figure("folders", folder.truck_factor, about=f"{folder.path}/") for folder in folders]
    return [figure("hotspots", lore.hottest), *known], {"folders": {f"{one.path}/": one.files for one in folders}}


def _of_pull_request(opened: Opened, facts: PullRequestFacts) -> Told:
    spots = spots_of(lore_of(opened.past), (file.path for file in facts.files or ()))
    sharing = sorted(open_sharing(opened.past, facts), key=lambda one: (-len(one[1]), one[0].id))
    told = [{"id": other.id, "title": other.title, "paths": sorted(shared)} for other, shared in sharing]
    return [figure("hotspots", spots)], {"pull_request": {"id": facts.id, "title": facts.title}, "sharing": told}


def _of_file(opened: Opened, found: FileFound) -> Told:
    results: Mapping[str, Result[Any]] = {
        "revisions": found.revisions,
        "hotspots": spots_of(lore_of(opened.past), (found.path,)),
        "authors": found.authors,
        "together": found.together,
        "pull_requests": found.pull_requests,
        **({"owners": found.owners.result} if found.owners else {}),
    }
    factor = figure("folders", found.truck_factor, about=f"{found.folder}/")
    told = [*(figure(section, result) for section, result in results.items()), factor]
    read_at = iso_time(found.read_at) if found.read_at else None
    return told, {"file": {"path": found.path, "read_at": read_at, "is_cut": found.is_cut}}


def _spots(lore: Lore) -> Iterator[Sequence[str]]:
    yield SPOTS
    for spot in lore.hottest.value or ():
        yield (spot.path, *_score(spot), str(lore.sizes.get(spot.path, "")), *_defined(HOTSPOT))


def _together(found: Iterable[CoChange]) -> Iterator[Sequence[str]]:
    yield TOGETHER
    for one in found:
        yield (one.path, f"{one.degree:.4f}", str(one.shared), str(one.revisions), *_defined(co_change.DEFINITION))


def _score(spot: Hotspot | None) -> tuple[str, str]:
    return (f"{spot.score:.4f}", str(spot.revisions)) if spot else ("", "")


def _defined(definition: Definition) -> tuple[str, str]:
    return (definition.name, str(definition.version))
