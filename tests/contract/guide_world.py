"""The world of Atlassian's own examples: tutorials/tutorials.bitbucket.org and 1team/moxie, with the UUIDs that they have there.

Tutorials owns the first; Ann administers 1team, Ben may write in it and has opened a pull request. Calls go over a socket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.world import actions, groups
from simulator.world.git import GitRepository
from simulator.world.model import User, Workspace
from tests.simulator.small_world import BEGAN, signature
from tests.simulator.small_world import repository as add_repository
from tests.simulator.small_world import user as add_user
from tests.simulator.small_world import workspace as add_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.world.model import PullRequest, Repository
    from tests.simulator.live import Live

TUTORIALS_USER = "{c788b2da-b7a2-404c-9e26-d3f077557007}"
TEAM = "{aa559944-83c9-4963-a9a8-69ac8d9cf5d2}"
MOXIE = "{21fa9bf8-b5b2-4891-97ed-d590bad0f871}"
CLIENT_KEY = "connection:1team"
SECRET = "the secret of 1team's installation of bittern"
APP_KEY = "bittern"
ANNS_TOKEN = "ATATT3x-ann"
BENS_TOKEN = "ATATT3x-ben"


@dataclass
class Guide:
    live: Live
    tutorials: User
    ann: User
    ben: User
    team: Workspace
    elsewhere: Workspace
    website: Repository
    moxie: Repository
    pull_request: PullRequest

    @property
    def url(self) -> str:
        return self.live.url

    def act(self, action: str, **wish: Any) -> None:
        """Let something happen in the world while clients look."""
        self.live.control("POST", "/act", {"action": action, **wish})

    def lines(self) -> list[str]:
        """What was asked over the socket, as `METHOD /raw/path`, oldest first."""
        return [f"{one['method']} {one['path']}" for one in self.live.control("GET", "/requests")]

    def line(self) -> str:
        """The last of them."""
        return self.lines()[-1]


def write_guide_repositories(path: Path) -> Path:
    """The git side, written once."""
    website = GitRepository.create(path / "website")
    website.commit_files("main", files={"index.html": b"<h1>Hi</h1>\n"}, message="Say hi", author=signature("Ann", 0))
    moxie = GitRepository.create(path / "moxie")
    files = {"README.md": b"# moxie\n", "docs/a b#1%.txt": b"odd\n", "docs/\u00e9t\u00e9.txt": b"warm\n"}
    first = moxie.commit_files("main", files=files, message="Begin", author=signature("Ann", 0))
    moxie.set_branch("feature/tea", first.hash)
    moxie.commit_files("feature/tea", files={"tea.txt": b"green\n"}, message="Tea", author=signature("Ben", 1))
    return path


def fill_guide(live: Live, repositories: Path) -> Guide:
    """Put the guide's world into a running simulator, beside what is there."""
    world = live.simulator.world
    with world.lock:
        tutorials = User(TUTORIALS_USER, "557058:tutorials", "tutorials", "tutorials account", BEGAN)
        world.add_user(tutorials)
        ann, ben = add_user(world, "Ann"), add_user(world, "Ben")
        ann.api_tokens.append(ANNS_TOKEN)
        ben.api_tokens.append(BENS_TOKEN)
        home = add_workspace(world, "tutorials", tutorials, personal_of=tutorials)
        team, elsewhere = Workspace(TEAM, "1team", "the team", BEGAN), add_workspace(world, "elsewhere", ann)
        team.members |= {ann.uuid: "owner", ben.uuid: "member"}
        team.projects |= elsewhere.projects
        world.add_workspace(team)
        website = add_repository(world, home, "tutorials.bitbucket.org", GitRepository(repositories / "website"))
        website.is_private, website.has_issues = False, True
        actions.report_issue(world, website, actor=tutorials, title="The door squeaks")
        moxie = add_repository(world, team, "moxie", GitRepository(repositories / "moxie"))
        del world.repositories[moxie.uuid]
        moxie.uuid, moxie.has_issues = MOXIE, True
        world.add_repository(moxie)
        moxie.permissions[ben.uuid] = "write"
        moxie.group_privileges[groups.create_group(team, "Developers")] = "write"
        pull_request = actions.open_pull_request(
            world, moxie, author=ben, source="feature/tea", title="Tea", reviewers=[ann]
        )
    live.control(
        "POST",
        "/installations",
        {"client_key": CLIENT_KEY, "shared_secret": SECRET, "workspace_uuid": TEAM, "app_key": APP_KEY},
    )
    live.simulator.requests.clear()
    return Guide(live, tutorials, ann, ben, team, elsewhere, website, moxie, pull_request)
