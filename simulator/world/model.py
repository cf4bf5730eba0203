"""The records of the simulated Bitbucket: plain data, changed only under `World.lock`.

What git knows (commits, branches, tags, files) is not here but in `simulator.world.git`. Field names follow the
REST description (../shared/bitbucket/openapi.json); UUIDs are kept as they travel, in braces and lower case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from simulator.world.issues import IssueTracker

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.world.git import GitRepository
    from simulator.world.groups import Group, GroupInvitation, RepositoryInvitation

UserKind = Literal["user", "app_user", "team"]
WorkspacePermission = Literal["owner", "collaborator", "member"]
RepositoryPermission = Literal["read", "write", "admin"]
PullRequestState = Literal["OPEN", "MERGED", "DECLINED", "SUPERSEDED"]
ReviewState = Literal["approved", "changes_requested"]
ParticipantRole = Literal["REVIEWER", "PARTICIPANT"]
BuildState = Literal["SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED"]
MergeStrategy = Literal["merge_commit", "squash", "fast_forward"]
ActivityKind = Literal["update", "approval", "changes_requested", "comment"]


@dataclass(slots=True, eq=False)
class User:
    """An account: a person, an app's own user (`app_user`), or the account behind a team workspace."""

    uuid: str
    account_id: str
    nickname: str
    display_name: str
    created_on: datetime
    kind: UserKind = "user"
    email: str = ""
    time_zone: str = "UTC"
    api_tokens: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Project:
    """A project of a workspace; `key` is unique within it."""

    uuid: str
    key: str
    name: str
    created_on: datetime
    updated_on: datetime
    description: str = ""
    is_private: bool = True


@dataclass(slots=True, eq=False)
class Workspace:
    """A workspace. `personal_of` is set where it is one user's own: its uuid is then that user's."""

    uuid: str
    slug: str
    name: str
    created_on: datetime
    is_private: bool = True
    personal_of: User | None = None
    members: dict[str, WorkspacePermission] = field(default_factory=dict)
    """user uuid -> permission in the workspace"""
    projects: dict[str, Project] = field(default_factory=dict)
    """project key -> project"""
    hooks: dict[str, Hook] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    """slug -> group"""
    group_invitations: dict[str, GroupInvitation] = field(default_factory=dict)
    """e-mail -> pending invitation"""


@dataclass(slots=True, eq=False)
class Participant:
    """Somebody's part in a pull request. `state` is None until they approve or request changes."""

    user: User
    role: ParticipantRole = "PARTICIPANT"
    state: ReviewState | None = None
    participated_on: datetime | None = None

    @property
    def approved(self) -> bool:
        """Whether the approval stands."""
        return self.state == "approved"


@dataclass(slots=True, frozen=True)
class Inline:
    """Where in a file a comment stands; `from_line` counts in the old file, `to_line` in the new one."""

    path: str
    from_line: int | None = None
    to_line: int | None = None


@dataclass(slots=True, eq=False)
class Comment:
    """A comment on a pull request or on a commit. A deleted one keeps its place while it has replies."""

    id: int
    user: User
    raw: str
    created_on: datetime
    updated_on: datetime
    parent_id: int | None = None
    inline: Inline | None = None
    deleted: bool = False
    pending: bool = False
    resolved_by: User | None = None
    resolved_on: datetime | None = None


@dataclass(slots=True, eq=False)
class Task:
    """A task on a pull request, perhaps hung on a comment."""

    id: int
    creator: User
    raw: str
    created_on: datetime
    updated_on: datetime
    state: Literal["UNRESOLVED", "RESOLVED"] = "UNRESOLVED"
    comment_id: int | None = None
    pending: bool = False
    resolved_by: User | None = None
    resolved_on: datetime | None = None


@dataclass(slots=True, frozen=True)
class Update:
    """What an `update` entry of the activity log saw: the pull request as it was just after the change."""

    state: PullRequestState
    title: str
    description: str
    draft: bool
    source_branch: str
    source_hash: str
    destination_branch: str
    destination_hash: str
    reviewers: tuple[User, ...] = ()
    reason: str = ""
    changes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, pull_request: PullRequest, *, changes: dict[str, Any]) -> Update:
        """How `pull_request` stands now, and what led here."""
        return cls(
            state=pull_request.state,
            title=pull_request.title,
            description=pull_request.description,
            draft=pull_request.draft,
            source_branch=pull_request.source_branch,
            source_hash=pull_request.source_hash,
            destination_branch=pull_request.destination_branch,
            destination_hash=pull_request.destination_hash,
            reviewers=tuple(pull_request.reviewers),
            reason=pull_request.reason,
            changes=changes,
        )


@dataclass(slots=True, frozen=True)
class Activity:
    """One entry of a pull request's activity log."""

    kind: ActivityKind
    at: datetime
    user: User
    update: Update | None = None
    comment_id: int | None = None


@dataclass(slots=True, eq=False)
class PullRequest:
    """A pull request. `source_hash` is where its branch stands (stood, once closed); full 40-digit hashes."""

    id: int
    repository: Repository
    author: User
    title: str
    source_branch: str
    source_hash: str
    destination_branch: str
    destination_hash: str
    created_on: datetime
    updated_on: datetime
    description: str = ""
    state: PullRequestState = "OPEN"
    draft: bool = False
    close_source_branch: bool = False
    source_repository: Repository | None = None
    """None: the fork was deleted. Equal to `repository` for a branch of the same repository."""
    merge_commit: str | None = None
    closed_by: User | None = None
    closed_on: datetime | None = None
    reason: str = ""
    participants: list[Participant] = field(default_factory=list)
    comments: dict[int, Comment] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    activity: list[Activity] = field(default_factory=list)
    """oldest first; REST shows it newest first"""
    properties: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """(app key, property name) -> value"""

    @property
    def reviewers(self) -> list[User]:
        """Those who were asked, in the order in which they were asked."""
        return [participant.user for participant in self.participants if participant.role == "REVIEWER"]

    def participant(self, user: User) -> Participant | None:
        """The part that `user` has in this pull request, if any."""
        return next((one for one in self.participants if one.user is user), None)


@dataclass(slots=True, eq=False)
class MergeTask:
    """A merge that was asked for with `async`: answered as pending once, then with what came of it."""

    pull_request: PullRequest
    problem: Exception | None = None
    polls: int = 0


@dataclass(slots=True, eq=False)
class BuildStatus:
    """The state of one build (`key`) on one commit."""

    uuid: str
    key: str
    commit: str
    state: BuildState
    created_on: datetime
    updated_on: datetime
    url: str = ""
    name: str = ""
    description: str = ""
    refname: str | None = None


@dataclass(slots=True, eq=False)
class Hook:
    """A webhook made through the REST API (not one that a Connect descriptor declares)."""

    uuid: str
    url: str
    description: str
    events: list[str]
    created_on: datetime
    active: bool = True
    secret: str | None = None
    skip_cert_verification: bool = False


@dataclass(slots=True, eq=False)
class Environment:
    """A deployment environment of a repository."""

    uuid: str
    name: str
    slug: str
    kind: Literal["Test", "Staging", "Production"]
    rank: int


@dataclass(slots=True, eq=False)
class Deployment:
    """One commit brought to one environment."""

    uuid: str
    number: int
    environment: Environment
    commit: str
    state: Literal["IN_PROGRESS", "SUCCESSFUL", "FAILED", "STOPPED"]
    started_on: datetime
    completed_on: datetime | None
    release_name: str


@dataclass(slots=True, eq=False)
class BranchingModel:
    """Which branches mean what. A `development` or `production` of None stands for the main branch."""

    development: str | None = None
    production: str | None = None
    has_production: bool = False
    prefixes: dict[str, str] = field(
        default_factory=lambda: {kind: f"{kind}/" for kind in ("bugfix", "feature", "hotfix", "release")}
    )
    """kind -> prefix of the enabled branch types"""


@dataclass(slots=True, eq=False)
class Repository:
    """A repository and all that hangs on it but its git objects, which are in `git`."""

    uuid: str
    workspace: Workspace
    project: Project
    slug: str
    name: str
    git: GitRepository
    created_on: datetime
    updated_on: datetime
    is_private: bool = True
    description: str = ""
    language: str = ""
    website: str | None = None
    main_branch: str | None = "main"
    fork_policy: Literal["allow_forks", "no_public_forks", "no_forks"] = "no_public_forks"
    has_issues: bool = False
    issue_tracker: IssueTracker = field(default_factory=IssueTracker)
    has_wiki: bool = False
    parent: Repository | None = None
    default_merge_strategy: MergeStrategy = "merge_commit"
    reset_approvals_on_change: bool = False
    permissions: dict[str, RepositoryPermission] = field(default_factory=dict)
    """user uuid -> explicit permission; owners of the workspace are administrators anyway"""
    group_privileges: dict[Group, RepositoryPermission] = field(default_factory=dict)
    invitations: dict[str, RepositoryInvitation] = field(default_factory=dict)
    """e-mail -> pending invitation"""
    default_reviewers: list[User] = field(default_factory=list)
    branching_model: BranchingModel = field(default_factory=BranchingModel)
    pull_requests: dict[int, PullRequest] = field(default_factory=dict)
    build_statuses: dict[str, dict[str, BuildStatus]] = field(default_factory=dict)
    """commit hash -> key -> status"""
    commit_comments: dict[str, dict[int, Comment]] = field(default_factory=dict)
    commit_participants: dict[str, list[Participant]] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    properties: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    commit_properties: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`workspace/repository`, both as slugs; changes with a rename or a transfer."""
        return f"{self.workspace.slug}/{self.slug}"


@dataclass(slots=True, frozen=True)
class Event:
    """Something that Bitbucket would tell webhooks about, with the body as it was at that moment.

    `body` is the bare body (`actor`, `repository`, and `subject`'s keys); a webhook that a Connect descriptor declares
    gets it wrapped (connect-protocol.md 7.4).
    """

    key: str
    workspace: Workspace
    repository: Repository | None
    actor: User | None
    subject: dict[str, Any]
    body: dict[str, Any]
    occurred_at: datetime
