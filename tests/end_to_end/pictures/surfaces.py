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
    """A file that somebody works on: the first of the first folder that holds any."""
    here = base
    while True:
        links = camera.links_of(here)
        files = [link for link in links if re.search(r"/src/[^/]+/.*\.(py|ts|js)$", link)]
        if files:
            return files[0].partition("/src/")[2].partition("/")[2]
        here = base.partition("//")[0] + "//" + base.partition("//")[2].partition("/")[0]
        here += next(link for link in links if re.search(r"/src/[^/]+/[^.]+/?$", link))


def first(links: list[str], pattern: str) -> str:
    """The first link that matches."""
    return next(link for link in links if re.search(pattern, link))
