"""The designed states that a repository full of history does not show, each brought about for real."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from demo.bitbucket_control import Panel, RepositoryPage
from demo.check import open_panels
from models.database import create_engine
from models.reconciles import Reconcile
from models.repositories import Repository
from tests.end_to_end.panels import signed_panel
from tests.end_to_end.pictures.reading import wait_until_read
from tests.local_system import local_system

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.system import LocalSystem
    from tests.end_to_end.pictures.camera import Camera

SLOW_API = {"match": "GET /2.0/repositories/.*/pullrequests/.*", "delay_seconds": 2.0}
DEAD_API = {"match": "GET /2.0/.*", "status": 503}
A_WHILE = timedelta(hours=7)
READING_SECONDS = 12.0


def take_states(camera: Camera, environment: Mapping[str, str]) -> None:
    """Every state, each named `state-…`."""
    if camera.takes("state-reading") or camera.takes("state-welcome-reading"):
        _take_reading(camera, environment)
    if camera.takes("state-quota-used-up"):
        _take_used_up(camera, environment)
    with local_system(environment=environment) as system:
        page = system.control.main_page()
        client_key = system.control.install(descriptor_url=system.descriptor_url, workspace=page.workspace)
        full = camera.frame_address(page.url)
        camera.take_frame(full, "state-without-scripts", has_scripts=False)
        sparse = _make_sparse(system, page)
        _take_refusals(camera, system, page, full)
        wait_until_read(system)
        for name, repository in sparse.items():
            camera.take_frame(_panel(system, repository).url, name)
        _take_quiet(camera, system, full)
        system.control.uninstall(client_key)
        camera.take_frame(full, "state-uninstalled")


def _take_reading(camera: Camera, environment: Mapping[str, str]) -> None:
    """The history is being read: Bitbucket takes its time, so there is time for a picture."""
    with local_system(environment=environment) as system:
        page = system.control.main_page()
        system.control.post("/faults", SLOW_API)
        system.control.install(descriptor_url=system.descriptor_url, workspace=page.workspace)
        time.sleep(READING_SECONDS)  # noqa: TID251 -- a picture of something half done is taken half way
        camera.take_frame(camera.frame_address(page.url), "state-reading")
        camera.take_frame(signed_panel(system, page, kind="postInstallRedirect").url, "state-welcome-reading")


def _take_used_up(camera: Camera, environment: Mapping[str, str]) -> None:
    """The calls of the hour are used up before the history is whole."""
    with local_system(environment=environment, bittern_settings={"BITTERN_CALLS_PER_HOUR": "60"}) as system:
        page = system.control.main_page()
        system.control.install(descriptor_url=system.descriptor_url, workspace=page.workspace)
        time.sleep(READING_SECONDS)  # noqa: TID251 -- so long the worker needs for what it may do
        camera.take_frame(camera.frame_address(page.url), "state-quota-used-up")


def _make_sparse(system: LocalSystem, page: RepositoryPage) -> dict[str, RepositoryPage]:
    """A repository without anything in it, and one of whose pull requests three are merged and two are open; both are known."""
    empty = _new_repository(system, page, "quiet-pond")
    few = _new_repository(system, page, "new-brook")
    name = f"{few.workspace}/{few.repository}"
    system.control.post("/act", {"action": "push_commit", "repository": name, "branch": "main", "message": "Begin"})
    for number in range(1, 6):
        branch = f"feature/{number}"
        for wish in (
            {"action": "push_commit", "branch": branch, "message": f"Step {number}", "files": {f"{number}.py": "x\n"}},
            {"action": "open_pull_request", "title": f"Step {number}", "source": branch},
        ):
            system.control.post("/act", {"repository": name, **wish})
    for number in range(1, 4):
        reviewed = {"action": "approve", "actor": _somebody_else(system)}
        system.control.post("/act", {**reviewed, "repository": name, "pull_request": number})
        system.control.post("/act", {"action": "merge", "repository": name, "pull_request": number})
    open_panels([_panel(system, empty), _panel(system, few)])
    return {"state-empty": empty, "state-few": few}


def _take_refusals(camera: Camera, system: LocalSystem, page: RepositoryPage, full: str) -> None:
    """An address that nobody signed, somebody who administers nothing, a Bitbucket that is down, a repository that is gone."""
    camera.take_frame(full[:-6] + "AAAAAA", "state-refused")
    setup = _panel(system, page, kind="configurePage", user=_somebody_else(system))
    camera.take_frame(setup.url, "state-not-administrator")
    stranger = _new_repository(system, page, "far-lake")
    panel = _panel(system, stranger)
    system.control.post("/faults", DEAD_API)
    camera.take_frame(panel.url, "state-unreachable")
    system.control.delete("/faults")
    system.control.post("/act", {"action": "delete_repository", "repository": f"{page.workspace}/far-lake"})
    camera.take_frame(panel.url, "state-gone")


def _take_quiet(camera: Camera, system: LocalSystem, full: str) -> None:
    """Nothing was heard for hours: time passes in our rows."""
    engine = create_engine(system.bittern_environment["BITTERN_DATABASE_URL"])
    long_ago = camera.moment - A_WHILE
    with engine.begin() as connection:
        connection.execute(update(Repository).values(updated_at=long_ago, version=Repository.version + 1))
        connection.execute(update(Reconcile).values(finished_at=long_ago))
    engine.dispose()
    camera.take_frame(full, "state-quiet")


def _new_repository(system: LocalSystem, page: RepositoryPage, slug: str) -> RepositoryPage:
    system.control.post("/repositories", {"workspace": page.workspace, "slug": slug, "name": slug})
    return replace(page, repository=slug, url=page.url.replace(page.repository, slug))


def _panel(system: LocalSystem, page: RepositoryPage, *, kind: str = "webPanels", user: str | None = None) -> Panel:
    query = {"workspace": page.workspace, "repository": page.repository} | ({"user": user} if user else {})
    rows = system.control.get("/panels", query)
    assert isinstance(rows, list)
    row = next(row for row in rows if row["kind"] == kind)
    return Panel(**{name: str(row[name]) for name in ("kind", "key", "name", "url")})


def _somebody_else(system: LocalSystem) -> str:
    """A person of the workspace who does not administer it."""
    told = system.control.get("/")
    assert isinstance(told, dict)
    return str(next(one["uuid"] for one in told["workspaces"][0]["people"] if one["permission"] != "owner"))
