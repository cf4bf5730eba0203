"""The fixed cast of the world's and REST's tests: a workspace with a colleague, a reader, an app; and a stranger's.

Alice owns the workspace tidepool; Bob may write its private repository shells, Erin may only read it; reef is public.
Charlie's workspace elsewhere must see nothing of shells. Kelp is an app's own user.
"""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask

from simulator.rest.registration import Api, register_rest
from simulator.world import Event, World, actions
from simulator.world.git import GitRepository, Signature
from simulator.world.identifiers import account_id_for, uuid_for
from simulator.world.model import Project, PullRequest, Repository, User, Workspace
from simulator.world.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from werkzeug.test import TestResponse

BEGAN = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
SPIRAL = "feature/spiral"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = BEGAN + timedelta(days=10)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **amount: float) -> datetime:
        self.at += timedelta(**amount)
        return self.at


@dataclass
class Tidepool:
    world: World
    clock: Clock
    alice: User
    bob: User
    erin: User
    charlie: User
    kelp: User
    workspace: Workspace
    elsewhere: Workspace
    shells: Repository
    reef: Repository
    secret: Repository
    events: list[Event] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        return [event.key for event in self.events]

    def of(self, key: str) -> dict[str, Any]:
        """The body of the only event with this key; it must be JSON."""
        (found,) = [event for event in self.events if event.key == key]
        return json.loads(json.dumps(found.body))

    def open(self, source: str = SPIRAL, **details: Any) -> PullRequest:
        values = {"author": self.bob, "title": "Wind the shells", "reviewers": [self.alice]} | details
        made = actions.open_pull_request(self.world, self.shells, source=source, **values)
        self.events.clear()
        return made


def _user(world: World, name: str, *, kind: str = "user") -> User:
    return world.add_user(
        User(
            uuid_for("user", name),
            account_id_for(name),
            name.lower(),
            f"{name} Example",
            BEGAN,
            kind=kind,
            email=f"{name.lower()}@tidepool.example",
            api_tokens=[f"{name.lower()}-token"],
        )
    )


def _workspace(world: World, slug: str, owner: User, key: str) -> Workspace:
    made = Workspace(uuid_for("workspace", slug), slug, slug.capitalize(), BEGAN)
    made.members[owner.uuid] = "owner"
    made.projects[key] = Project(uuid_for("project", slug), key, key.capitalize(), BEGAN, BEGAN)
    return world.add_workspace(made)


def _repository(
    world: World, workspace: Workspace, slug: str, git: GitRepository, *, is_private: bool = True
) -> Repository:
    return world.add_repository(
        Repository(
            uuid_for("repository", slug),
            workspace,
            next(iter(workspace.projects.values())),
            slug,
            slug,
            git,
            BEGAN,
            BEGAN,
            is_private=is_private,
        )
    )


def build_git(path: Path) -> None:
    """A repository with a main line, a feature, a branch that conflicts, and a tag."""
    git = GitRepository.create(path)

    def by(name: str, hours: int) -> Signature:
        return Signature(f"{name} Example", f"{name.lower()}@tidepool.example", BEGAN + timedelta(hours=hours))

    def put(
        branch: str, message: str, hours: int, who: str = "Alice", parent: str | None = None, **files: bytes
    ) -> str:
        contents = {name.replace("__", "/").replace("_", "."): content for name, content in files.items()}
        return git.commit_files(branch, files=contents, message=message, author=by(who, hours), parent=parent).hash

    put("main", "Begin\n", 0, README_md=b"# Shells\n", src__shell_py=b"def shell():\n    return 1\n")
    base = put("main", "Add the sand\n", 5, src__sand_py=b"grains = 1\n" * 20)
    put(SPIRAL, "Wind\n", 8, "Bob", base, src__spiral_py=b"turns = 3\n")
    put(SPIRAL, "Wind further\n\nThe other way.\n", 9, "Bob", None, src__spiral_py=b"turns = 4\nleft = True\n")
    put("conflict", "Other grains\n", 10, "Bob", base, src__sand_py=b"grains = 2\n" * 20)
    put("main", "Finer sand\n", 24, src__sand_py=b"grains = 3\n" * 20)
    git.set_tag("v1.0", base, message="First\n", tagger=by("Alice", 6))
    git.set_branch("docs/shell-names", base)


def build(directory: Path, template: Path) -> Tidepool:
    clock = Clock()
    world = World(now=clock, api_url="https://api.bitbucket.org", site_url="https://bitbucket.org")
    alice, bob, erin, charlie = (_user(world, name) for name in ("Alice", "Bob", "Erin", "Charlie"))
    kelp = _user(world, "Kelp", kind="app_user")
    workspace, elsewhere = _workspace(world, "tidepool", alice, "POOL"), _workspace(world, "elsewhere", charlie, "FAR")
    workspace.members |= {bob.uuid: "member", erin.uuid: "member"}
    places = {name: directory / f"{name}.git" for name in ("shells", "reef", "secret")}
    for place in places.values():
        shutil.copytree(template, place)
    gits = {name: GitRepository(place) for name, place in places.items()}
    shells = _repository(world, workspace, "shells", gits["shells"])
    shells.permissions = {bob.uuid: "write", erin.uuid: "read"}
    reef = _repository(world, workspace, "reef", gits["reef"], is_private=False)
    secret = _repository(world, elsewhere, "secret", gits["secret"])
    pool = Tidepool(world, clock, alice, bob, erin, charlie, kelp, workspace, elsewhere, shells, reef, secret)
    world.listeners.append(pool.events.append)
    return pool


class Client:
    """Calls REST 2.0 as somebody; addresses begin after /2.0."""

    def __init__(self, pool: Tidepool) -> None:
        self.pool = pool
        app = Flask("tidepool")
        self.api: Api = register_rest(app, pool.world)
        self.http = app.test_client()

    def headers(self, who: User | str | None) -> dict[str, str]:
        if who is None:
            return {}
        if isinstance(who, str):
            return {"Authorization": who}
        pair = f"{who.email}:{who.api_tokens[0]}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def call(
        self, method: str, path: str, body: Any = None, *, who: User | str | None = "alice", **more: Any
    ) -> TestResponse:
        """One call; `who` is a user, an Authorization header, or None for nobody. Alice calls by default."""
        caller = self.pool.alice if who == "alice" else who
        if body is not None:
            more["json"] = body
        elif method in {"POST", "PUT"} and "data" not in more:
            # What every HTTP client sends for an empty body, and werkzeug's does not.
            more["environ_overrides"] = {"CONTENT_LENGTH": "0"}
        path = path.removeprefix(f"{self.pool.world.api_url}/2.0")
        return self.http.open(f"/2.0{path}", method=method, headers=self.headers(caller), **more)

    def get(self, path: str, *, who: User | str | None = "alice", expect: int = 200, **query: Any) -> Any:
        answer = self.call("GET", path, who=who, query_string=query or None)
        assert answer.status_code == expect, answer.get_data(as_text=True)
        return answer.get_json() if answer.is_json else answer.get_data()

    def send(
        self, method: str, path: str, body: Any = None, *, who: User | str | None = "alice", expect: int = 200
    ) -> Any:
        answer = self.call(method, path, body, who=who)
        assert answer.status_code == expect, answer.get_data(as_text=True)
        return answer.get_json() if answer.is_json else None

    def everything(self, path: str, **query: Any) -> list[Any]:
        """Every value of a collection, following `next`."""
        body = self.get(path, **query)
        values = list(body["values"])
        while "next" in body:
            body = self.get(body["next"].removeprefix(f"{self.pool.world.api_url}/2.0"))
            values += body["values"]
        return values

    def app_token(self, *scopes: str, repositories: frozenset[str] | None = None, app_key: str = "bittern") -> str:
        """An Authorization header of an app installed in tidepool."""
        principal = Principal.app(
            user=self.pool.kelp,
            workspace=self.pool.workspace,
            scopes=frozenset(scopes),
            repositories=repositories,
            app_key=app_key,
        )
        return f"Bearer {self.api.tokens.access_token(principal)}"


def keys_of(value: Mapping[str, Any]) -> set[str]:
    return set(value)
