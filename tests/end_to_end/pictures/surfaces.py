"""Every surface of the app, and where it is found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.end_to_end.panels import signed_panel

if TYPE_CHECKING:
    from demo.bitbucket_control import RepositoryPage
    from demo.system import LocalSystem
    from tests.end_to_end.pictures.camera import Camera

APP = "addon/bittern/repository"
TABS = ("overview", "flow", "branches", "issues", "access", "definitions")
LIVE_TABS = ("issues", "access")
DIRECT = {"setup": "configurePage", "setup-repository": "adminPages", "welcome": "postInstallRedirect"}
SETUP_PARTS = ("health", "data", "stored")


def take_surfaces(camera: Camera, system: LocalSystem, repository: RepositoryPage) -> None:
    """Every page of the app, full of a team's year."""
    base = repository.url.rstrip("/")
    camera.take_frame(camera.frame_address(base), "pulse")
    pull_request = first(camera.links_of(f"{base}/pull-requests/"), r"/pull-requests/\d+$")
    origin = base.partition(f"/{repository.workspace}/")[0]
    camera.take_frame(camera.frame_address(origin + pull_request), "turn")
    for tab in TABS:
        camera.take_frame(camera.frame_address(f"{base}/{APP}?tab={tab}"), tab)
    camera.take_frame(camera.frame_address(f"{base}/{APP}?tab=flow"), "flow-printed", is_printed=True)
    commit = first(camera.links_of(f"{base}/commits/"), r"/commits/[0-9a-f]{40}$").rpartition("/")[2]
    camera.take_frame(camera.frame_address(f"{base}/{APP}?tab=commit&commit={commit}"), "commit")
    path = busy_file(camera, base)
    camera.take_frame(camera.frame_address(f"{base}/{APP}?tab=files&path={path}"), "files")
    camera.take_frame(camera.frame_address(f"{base}/{APP}?tab=files"), "files-hotspots")
    branch = first(camera.links_of(f"{base}/branches/"), r"/branch/(?!main$)").partition("/branch/")[2]
    camera.take_frame(camera.frame_address(f"{base}/{APP}?tab=branches&branch={branch}"), "branch-compared")
    camera.take_frame(camera.frame_address(f"{base}/src/main/{path}?fileviewer=bittern:file-facts"), "file-facts")
    for name, kind in DIRECT.items():
        camera.take_frame(signed_panel(system, repository, kind=kind).url, name)
    for part in SETUP_PARTS:
        address = signed_panel(system, repository, kind=DIRECT["setup"]).url
        camera.take_frame(f"{address}#{part}", f"setup-{part}")
    camera.take_host(base, "bitbucket-repository")
    camera.take_host(origin + pull_request, "bitbucket-pull-request")
    camera.take_host(f"{base}/{APP}?tab=flow", "bitbucket-flow")


def busy_file(camera: Camera, base: str) -> str:
    """A program that the repository holds: the first that is found, folder by folder."""
    origin = "/".join(base.split("/")[:3])
    waiting, seen = [base], {base}
    while waiting:
        for link in camera.links_of(waiting.pop()):
            path = link.partition("/src/")[2].partition("/")[2]
            if re.search(r"\.(py|ts|js)$", path):
                return path
            folder = origin + link
            if path and "." not in path and folder not in seen:
                seen.add(folder)
                waiting.append(folder)
    raise LookupError(f"{base} holds no program")


def first(links: list[str], pattern: str) -> str:
    """The first link that matches."""
    return next(link for link in links if re.search(pattern, link))
