"""What a repository holds besides pull requests, as the figures read it: branches, tags, commits, builds, deployments."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from insights.facts.pull_requests import BuildFacts, FileChange
from insights.facts.repository import BranchFacts, CommitFacts, DeploymentFacts, TagFacts
from models.history import build_reports, commit_files, commits, deployments, people, refs
from models.history.commits import CommitRow
from models.history.refs import RefKind
from models.repositories import Repository

_AT_ONCE: Final = 1000
"""Commits whose files one statement asks for."""


def branches(session: Session, repository: Repository) -> tuple[BranchFacts, ...]:
    """Every branch, by name."""
    rows = refs.existing(session, repository, RefKind.BRANCH)
    uuids = people.uuids(session, repository, {row.tip_author_id for row in rows if row.tip_author_id is not None})
    return tuple(
        BranchFacts(
            name=row.name,
            tip=row.tip,
            tip_author=None if row.tip_author_id is None else uuids.get(row.tip_author_id),
            tip_at=row.tip_at or row.as_of,
            first_seen_at=row.first_seen_at,
        )
        for row in rows
        if row.tip is not None
    )


def tags(session: Session, repository: Repository) -> tuple[TagFacts, ...]:
    """Every tag, by name."""
    rows = refs.existing(session, repository, RefKind.TAG)
    return tuple(
        TagFacts(name=row.name, commit=row.tip, at=row.tip_at or row.as_of) for row in rows if row.tip is not None
    )


def commits_since(session: Session, repository: Repository, start: datetime) -> tuple[CommitFacts, ...]:
    """Every commit from a moment on, the oldest first."""
    return _commits(session, repository, commits.since(session, repository, start))


def some_commits(session: Session, repository: Repository, hashes: Collection[str]) -> tuple[CommitFacts, ...]:
    """Those of some commits that are known, by hash."""
    rows = commits.held(session, repository, hashes)
    return _commits(session, repository, [rows[one] for one in sorted(rows)])


def builds_since(session: Session, repository: Repository, start: datetime) -> tuple[BuildFacts, ...]:
    """Every run on those commits that anything was said of from a moment on."""
    return build_reports.runs(build_reports.since(session, repository, start))


def builds_of(session: Session, repository: Repository, hashes: Collection[str]) -> tuple[BuildFacts, ...]:
    """The runs on some commits."""
    found = build_reports.held(session, repository, hashes)
    return build_reports.runs(report for reports in found.values() for report in reports)


def deployments_since(session: Session, repository: Repository, start: datetime) -> tuple[DeploymentFacts, ...]:
    """Every deployment that ended from a moment on, the oldest first."""
    return tuple(
        DeploymentFacts(
            uuid=row.uuid,
            environment=row.environment,
            environment_type=row.environment_type,
            commit=row.commit,
            completed_at=row.completed_at,
            was_successful=row.was_successful,
        )
        for row in deployments.since(session, repository, start)
    )


def _commits(session: Session, repository: Repository, rows: Sequence[CommitRow]) -> tuple[CommitFacts, ...]:
    uuids = people.uuids(session, repository, {row.author_id for row in rows if row.author_id is not None})
    files = _files(session, repository, [row.hash for row in rows if row.files_known])
    return tuple(
        CommitFacts(
            hash=row.hash,
            author=None if row.author_id is None else uuids.get(row.author_id),
            # Bitbucket tells one time of a commit, in UTC.
            authored_at=row.committed_at,
            committed_at=row.committed_at,
            parents=tuple((row.parents or "").split()),
            message=row.message or "",
            files=files[row.hash] if row.files_known else None,
        )
        for row in rows
        if row.committed_at is not None
    )


def _files(session: Session, repository: Repository, hashes: Sequence[str]) -> Mapping[str, tuple[FileChange, ...]]:
    found: dict[str, tuple[FileChange, ...]] = dict.fromkeys(hashes, ())
    for start in range(0, len(hashes), _AT_ONCE):
        for commit, rows in commit_files.held(session, repository, hashes[start : start + _AT_ONCE]).items():
            found[commit] = tuple(
                FileChange(
                    path=row.path,
                    old_path=row.old_path,
                    status=row.status,
                    lines_added=row.lines_added,
                    lines_removed=row.lines_removed,
                )
                for row in rows
            )
    return found
