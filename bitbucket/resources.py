"""The fields that we read of the resources that many modules share, as immutable structs.

Unknown members are ignored; a member that may be missing (older answers, `fields`, a deleted user) is None. Text in them was
written by users: it is never markup, and a `url` or `href` is never called. Resources that only one module reads are there.
"""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware moment; one without an offset is refused rather than guessed at."""

_T = TypeVar("_T")


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What all structs here have in common: read-only, made by name."""


class Page(Resource, Generic[_T], frozen=True, kw_only=True):
    """One page of a collection.

    `next` is opaque. `size` is the whole collection's and, like `page`, absent where pages are not numbered.
    """

    values: tuple[_T, ...]
    next: str | None = None
    size: int | None = None
    page: int | None = None
    pagelen: int | None = None


class Link(Resource, frozen=True, kw_only=True):
    """An address given by Bitbucket."""

    href: str


class Links(Resource, frozen=True, kw_only=True):
    """The page for people, and the picture."""

    html: Link | None = None
    avatar: Link | None = None


class User(Resource, frozen=True, kw_only=True):
    """A person, a team of old, or an app (`type` is `user`, `team` or `app_user`)."""

    type: str | None = None
    uuid: str | None = None
    account_id: str | None = None
    display_name: str | None = None
    nickname: str | None = None
    username: str | None = None
    kind: str | None = None
    links: Links | None = None

    @property
    def is_person(self) -> bool:
        """False for app users, such as access tokens and Connect apps; the old answers without a type are people."""
        return self.type in {None, "user"}


class Workspace(Resource, frozen=True, kw_only=True):
    """A workspace, or what a repository says of its own."""

    uuid: str | None = None
    slug: str | None = None
    name: str | None = None
    is_private: bool | None = None
    created_on: Moment | None = None
    links: Links | None = None


class Project(Resource, frozen=True, kw_only=True):
    """A project, or what a repository says of its own."""

    key: str | None = None
    uuid: str | None = None
    name: str | None = None
    description: str | None = None
    is_private: bool | None = None
    links: Links | None = None


class BranchName(Resource, frozen=True, kw_only=True):
    """A branch where only its name is told."""

    name: str | None = None


class Repository(Resource, frozen=True, kw_only=True):
    """A repository. In other resources only its `uuid`, `name` and `full_name` are told."""

    uuid: str | None = None
    slug: str | None = None
    name: str | None = None
    full_name: str | None = None
    description: str | None = None
    is_private: bool | None = None
    has_issues: bool | None = None
    language: str | None = None
    size: int | None = None
    created_on: Moment | None = None
    updated_on: Moment | None = None
    mainbranch: BranchName | None = None
    workspace: Workspace | None = None
    project: Project | None = None
    owner: User | None = None
    links: Links | None = None


class Author(Resource, frozen=True, kw_only=True):
    """Who wrote a commit: what git says (`raw`, "Name <address>"), and the user whom Bitbucket knows by that address."""

    raw: str | None = None
    user: User | None = None


class Commit(Resource, frozen=True, kw_only=True):
    """A commit. `hash` has 40 characters, or 12 where a pull request tells it."""

    hash: str
    date: Moment | None = None
    message: str | None = None
    author: Author | None = None
    parents: "tuple[Commit, ...] | None" = None
    repository: Repository | None = None
    links: Links | None = None


class Branch(Resource, frozen=True, kw_only=True):
    """A branch or tag with the commit that it points to."""

    name: str
    type: str | None = None
    target: Commit | None = None
    message: str | None = None
    tagger: Author | None = None
    date: Moment | None = None
    links: Links | None = None


Tag = Branch


class BuildStatus(Resource, frozen=True, kw_only=True):
    """What a build says of a commit: `state` is SUCCESSFUL, FAILED, INPROGRESS or STOPPED. `url` may be anything."""

    key: str
    state: str
    name: str | None = None
    url: str | None = None
    description: str | None = None
    refname: str | None = None
    created_on: Moment | None = None
    updated_on: Moment | None = None
    commit: Commit | None = None
    links: Links | None = None


class Participant(Resource, frozen=True, kw_only=True):
    """Somebody who took part in a pull request.

    `role` is REVIEWER, PARTICIPANT or AUTHOR; `state` is approved, changes_requested or None.
    """

    user: User | None = None
    role: str | None = None
    approved: bool = False
    state: str | None = None
    participated_on: Moment | None = None


class PullRequestEnd(Resource, frozen=True, kw_only=True):
    """The source or the destination of a pull request. A deleted fork leaves no repository, an old commit may be gone."""

    branch: BranchName | None = None
    commit: Commit | None = None
    repository: Repository | None = None


class PullRequest(Resource, frozen=True, kw_only=True):
    """A pull request; `state` is OPEN, MERGED, DECLINED or SUPERSEDED.

    Lists leave out `reviewers` and `participants` unless they are asked for: None then, and not an empty tuple.
    """

    id: int
    title: str | None = None
    description: str | None = None
    state: str | None = None
    draft: bool | None = None
    queued: bool | None = None
    author: User | None = None
    source: PullRequestEnd | None = None
    destination: PullRequestEnd | None = None
    created_on: Moment | None = None
    updated_on: Moment | None = None
    comment_count: int | None = None
    task_count: int | None = None
    reviewers: tuple[User, ...] | None = None
    participants: tuple[Participant, ...] | None = None
    merge_commit: Commit | None = None
    close_source_branch: bool | None = None
    closed_by: User | None = None
    closed_on: Moment | None = None
    reason: str | None = None
    links: Links | None = None
