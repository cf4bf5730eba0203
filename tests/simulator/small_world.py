"""A world of two workspaces for the Connect and page tests.

Alice owns Acme; Bob is a member who may write; Charlie owns Other, which must see nothing of Acme; Dana has a personal
workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from simulator.world import World
from simulator.world.git import GitRepository, Signature
from simulator.world.identifiers import account_id_for, uuid_for
from simulator.world.model import (
    Activity,
    BuildStatus,
    Comment,
    Participant,
    Project,
    PullRequest,
    Repository,
    Update,
    User,
    Workspace,
)

if TYPE_CHECKING:
    from pathlib import Path

BEGAN = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
README = b"# Paint\n\nColours for the whole house.\n\n- walls\n- doors\n"


@dataclass
class SmallWorld:
    world: World
    alice: User
    bob: User
    charlie: User
    dana: User
    acme: Workspace
    other: Workspace
    paint: Repository
    secret: Repository
    pull_request: PullRequest


def user(world: World, name: str) -> User:
    found = User(
        uuid=uuid_for("user", name),
        account_id=account_id_for("user", name),
        nickname=name.lower(),
        display_name=f"{name} Example",
        created_on=BEGAN,
        email=f"{name.lower()}@example.com",
    )
    return world.add_user(found)


def workspace(world: World, slug: str, owner: User, *, personal_of: User | None = None) -> Workspace:
    uuid = personal_of.uuid if personal_of else uuid_for("workspace", slug)
    found = Workspace(uuid, slug, slug.capitalize(), BEGAN, personal_of=personal_of)
    found.members[owner.uuid] = "owner"
    found.projects["HOME"] = Project(uuid_for("project", slug), "HOME", "Home", BEGAN, BEGAN)
    return world.add_workspace(found)


def repository(world: World, home: Workspace, slug: str, git: GitRepository) -> Repository:
    found = Repository(
        uuid=uuid_for("repository", home.slug, slug),
        workspace=home,
        project=home.projects["HOME"],
        slug=slug,
        name=slug.capitalize(),
        git=git,
        created_on=BEGAN,
        updated_on=BEGAN,
        description=f"The {slug} of {home.name}.",
    )
    return world.add_repository(found)


def signature(name: str, hours: int) -> Signature:
    return Signature(f"{name} Example", f"{name.lower()}@example.com", BEGAN + timedelta(hours=hours))


def write_repositories(path: Path) -> Path:
    """The git side of the world; the same hashes each time."""
    secret = GitRepository.create(path / "secret")
    secret.commit_files("main", files={"plan.txt": b"x\n"}, message="Plan", author=signature("Charlie", 0))
    paint = GitRepository.create(path / "paint")
    first = paint.commit_files(
        "main",
        files={"README.md": README, "src/walls.py": b"COLOUR = 'white'\n", "logo.bin": b"\0\1\2"},
        message="Begin with the walls\n\nThey are white.",
        author=signature("Alice", 0),
    )
    paint.set_branch("feature/doors", first.hash)
    doors = {"src/doors.py": b"COLOUR = 'blue'\n"}
    paint.commit_files("feature/doors", files=doors, message="Paint the doors", author=signature("Bob", 1))
    return path


def small_world(repositories: Path, *, site_url: str = "http://127.0.0.1:7990") -> SmallWorld:
    """The world above repositories that `write_repositories` wrote."""
    return fill(World(site_url=site_url, api_url=site_url), repositories)


def fill(world: World, repositories: Path) -> SmallWorld:
    """Put everything into a world, and nothing but that."""
    for held in (world.users, world.users_by_email, world.workspaces, world.repositories):
        held.clear()
    alice, bob, charlie, dana = (user(world, name) for name in ("Alice", "Bob", "Charlie", "Dana"))
    acme, other = workspace(world, "acme", alice), workspace(world, "other", charlie)
    workspace(world, "dana", dana, personal_of=dana)
    acme.members[bob.uuid] = "member"
    paint = repository(world, acme, "paint", GitRepository(repositories / "paint"))
    paint.permissions[bob.uuid] = "write"
    secret = repository(world, other, "secret", GitRepository(repositories / "secret"))
    pull_request = open_pull_request(paint, alice, bob)
    return SmallWorld(world, alice, bob, charlie, dana, acme, other, paint, secret, pull_request)


def open_pull_request(paint: Repository, alice: User, bob: User) -> PullRequest:
    """Bob's pull request, which Alice was asked to review and asked about; its build passed."""
    first, tip = paint.git.commit("main").hash, paint.git.commit("feature/doors").hash
    at = BEGAN + timedelta(hours=2)
    paint.build_statuses[tip] = {
        "pipeline": BuildStatus(uuid_for("build"), "pipeline", tip, "SUCCESSFUL", at, at, name="Pipeline")
    }
    pull_request = PullRequest(
        id=1,
        repository=paint,
        author=bob,
        title="Paint the doors blue",
        description="They were *grey* before.",
        source_branch="feature/doors",
        source_hash=tip,
        source_repository=paint,
        destination_branch="main",
        destination_hash=first,
        created_on=at,
        updated_on=at,
        participants=[Participant(alice, "REVIEWER")],
        comments={1: Comment(1, alice, "Which blue?", at, at)},
    )
    update = Update("OPEN", pull_request.title, "", False, "feature/doors", tip, "main", first)
    pull_request.activity += [
        Activity("update", at, bob, update=update),
        Activity("comment", at, alice, comment_id=1),
    ]
    paint.pull_requests[1] = pull_request
    return pull_request
