"""What a repository holds besides pull requests: commits, branches, tags, deployments."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from insights.facts.pull_requests import FileChange


class CommitFacts(Struct, frozen=True, kw_only=True):
    """One commit. ``author`` is an account UUID, or ``email:…`` for an author whom Bitbucket does not know.

    ``offset_minutes`` is the author's distance from UTC as git recorded it, None where only a UTC time was told.
    ``files`` is None until its diffstat has been read. ``patch_id`` is git's, known only where there is a clone.
    """

    hash: str
    author: str | None
    authored_at: datetime
    committed_at: datetime
    parents: tuple[str, ...] = ()
    message: str = ""
    offset_minutes: int | None = None
    files: tuple[FileChange, ...] | None = None
    patch_id: str | None = None

    @property
    def is_merge(self) -> bool:
        """Whether it has more than one parent."""
        return len(self.parents) > 1


class BranchFacts(Struct, frozen=True, kw_only=True, gc=False):
    """One branch and the commit at its tip. ``first_seen_at`` is when ``repo:push`` told of it, if it did."""

    name: str
    tip: str
    tip_author: str | None
    tip_at: datetime
    first_seen_at: datetime | None = None


class TagFacts(Struct, frozen=True, kw_only=True, gc=False):
    """One tag; ``at`` is the tagger's time, or the commit's for a lightweight tag."""

    name: str
    commit: str
    at: datetime


class EnvironmentType(StrEnum):
    """``deployment_environment.environment_type.name``."""

    TEST = "Test"
    STAGING = "Staging"
    PRODUCTION = "Production"


class DeploymentFacts(Struct, frozen=True, kw_only=True, gc=False):
    """One deployment that ended. ``was_successful``: its state is COMPLETED with the status SUCCESSFUL."""

    uuid: str
    environment: str
    environment_type: EnvironmentType
    commit: str
    completed_at: datetime
    was_successful: bool
