"""Recording what builds say of commits, and which commit was brought where."""

from collections.abc import Iterable
from datetime import datetime

from bitbucket.resources import BuildStatus, Commit
from insights.facts.pull_requests import BuildState
from insights.facts.repository import DeploymentFacts
from models.history import build_reports, deployments, pull_requests
from models.history.build_reports import KEY_LENGTH, NAME_LENGTH, BuildReportRow
from models.history.columns import HASH_LENGTH, kept
from models.history.deployments import ENVIRONMENT_LENGTH, DeploymentRow
from sync.history.commits import record_commits
from sync.history.moments import plausible
from sync.history.projection import Projection


def record_build_statuses(
    projection: Projection, told: Iterable[BuildStatus], *, as_of: datetime, commit: str | None = None
) -> None:
    """Record statuses, all of one commit where they do not say themselves of which. One in no known state says nothing."""
    told = list(told)
    rows = [row for one in told if (row := _report(projection, one, commit, as_of)) is not None]
    # Pull requests tell cut hashes only: so it becomes known which commit theirs is.
    record_commits(projection, [one.commit or Commit(hash=commit or "") for one in told], as_of=as_of)
    commits = {row.commit for row in rows}
    by_commit = build_reports.held(projection.session, projection.repository, commits)
    known = {row.key_of_row for one in commits for row in by_commit[one]}
    new = {row.key_of_row: row for row in rows if row.key_of_row not in known}
    build_reports.store(projection.session, list(new.values()))
    if new:
        heads = {row.commit for row in new.values()}
        projection.note_change(*pull_requests.with_heads(projection.session, projection.repository, heads))


def _report(projection: Projection, told: BuildStatus, commit: str | None, as_of: datetime) -> BuildReportRow | None:
    of = told.commit.hash if told.commit is not None else commit
    if of is None or told.state not in set(BuildState):
        return None
    at = plausible(told.updated_on or told.created_on or as_of, as_of=as_of)
    return BuildReportRow(
        repository_id=projection.repository.id,
        commit=kept(of, length=HASH_LENGTH),
        key=kept(told.key, length=KEY_LENGTH),
        at=at,
        state=BuildState(told.state),
        created_at=min(at, plausible(told.created_on or at, as_of=as_of)),
        name=None if told.name is None else kept(told.name, length=NAME_LENGTH),
    )


def record_deployments(projection: Projection, told: Iterable[DeploymentFacts], *, observed_at: datetime) -> None:
    """Record deployments that have ended, as they were read at a moment."""
    told = list(told)
    held = deployments.held(projection.session, projection.repository, {one.uuid for one in told})
    rows = {
        one.uuid: DeploymentRow(
            repository_id=projection.repository.id,
            uuid=one.uuid,
            environment=kept(one.environment, length=ENVIRONMENT_LENGTH),
            environment_type=one.environment_type,
            commit=kept(one.commit, length=HASH_LENGTH),
            completed_at=plausible(one.completed_at, as_of=observed_at),
            was_successful=one.was_successful,
            as_of=observed_at,
        )
        for one in told
    }
    new = [row for uuid, row in rows.items() if uuid not in held or row.is_news_after(held[uuid])]
    deployments.store(projection.session, new)
    if new:
        projection.note_change()
