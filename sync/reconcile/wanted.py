"""What has to be asked after a repository's lists were read: what they do not show, and what may have happened unseen.

Reads our own rows only, and marks routine follow-ups. What was asked since it last changed is not asked again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from insights.facts.pull_requests import BuildState
from models import backfills
from models.backfill_stages import Stage
from models.history import (
    build_reports,
    commits,
    deployments,
    follow_ups,
    pull_request_commits,
    pull_requests,
    refs,
    sightings,
    tasks,
)
from models.history.build_reports import BuildReportRow
from models.history.commits import CommitRow
from models.history.follow_ups import FollowUpKind
from models.history.pull_requests import PullRequestRow
from models.history.refs import RefKind
from sync.history.follow_up_marks import missing
from sync.history.refs import subject_of
from sync.questions import GRACE
from sync.whereabouts import facts_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bitbucket.resources import Branch
    from models.history.refs import RefRow
    from models.history.tasks import TaskRow
    from models.repositories import Repository

BUILDS_WATCHED: Final = timedelta(days=28)
"""Of older commits, builds are no longer looked at; the figures do not look further either."""
SETTLED_AFTER: Final = timedelta(days=2)
"""So long after a commit, or after the last word of its builds, nothing more is expected of them."""
GIVEN_UP_AFTER: Final = timedelta(days=14)
"""A build that has been running for so long will not end."""
AT_ONCE: Final = 1000
"""Commits that one statement asks about."""
MOST_HOLES: Final = 20
"""Gaps in the history that one night fills."""

Wanted = tuple[FollowUpKind, str]

_BRING_COMMITS: Final = frozenset(
    {FollowUpKind.PUSHED_COMMITS, FollowUpKind.PULL_REQUEST_COMMITS, FollowUpKind.COMMIT, FollowUpKind.REF}
)


def mark(session: "Session", repository: "Repository", wanted: Iterable[Wanted], *, now: datetime) -> None:
    """Have these asked, as routine."""
    by_kind: defaultdict[FollowUpKind, set[str]] = defaultdict(set)
    for kind, subject in wanted:
        by_kind[kind].add(subject)
    for kind, subjects in by_kind.items():
        follow_ups.mark(session, repository, kind, subjects, now=now, delay=timedelta(), is_routine=True)


def of_pull_requests(
    session: "Session", repository: "Repository", numbers: Collection[int], *, watched_since: datetime
) -> Iterator[Wanted]:
    """What a list of pull requests does not show of these."""
    known = tasks.held(session, repository, numbers)
    for number, row in pull_requests.held(session, repository, numbers).items():
        for kind in of_pull_request(row, known[number], watched_since=watched_since):
            yield kind, str(number)
            if kind is FollowUpKind.ACTIVITY:
                yield from of_heads(session, repository, number)


def of_heads(session: "Session", repository: "Repository", number: int) -> Iterator[Wanted]:
    """The heads that a pull request has had and of which only the beginning is known: they were rewritten unseen."""
    seen = {one.head for one in sightings.held(session, repository, {number})[number] if one.head}
    for head in sorted(seen - commits.full_hashes(session, repository, seen).keys()):
        yield FollowUpKind.COMMIT, head


def of_pull_request(row: PullRequestRow, known: "list[TaskRow]", *, watched_since: datetime) -> set[FollowUpKind]:
    """What has to be asked of one. Pure.

    Its log and its tasks wherever they may have changed since they were read; before we watched, the backfill reads them.
    """
    wanted = set(missing(row, known))
    if row.updated_at >= watched_since:
        wanted |= {
            kind for kind, read_at in _read_at(row).items() if read_at is None or row.updated_at >= read_at - GRACE
        }
    return wanted


def _read_at(row: PullRequestRow) -> Mapping[FollowUpKind, datetime | None]:
    return {FollowUpKind.ACTIVITY: row.activity_as_of, FollowUpKind.TASKS: row.tasks_as_of}


def of_unlisted_pull_requests(session: "Session", repository: "Repository", *, since: datetime) -> Iterator[Wanted]:
    """Those that we hold for open and that no list has shown since a moment."""
    for row in pull_requests.open_ones(session, repository):
        if row.as_of < since:
            yield FollowUpKind.PULL_REQUEST, str(row.number)


def of_unlisted_refs(rows: "Iterable[RefRow]") -> Iterator[Wanted]:
    """Refs that a list of several pages did not show: they may have slipped from one page to another meanwhile."""
    for row in rows:
        yield FollowUpKind.REF, subject_of(row)


def of_its_name(repository: "Repository", told: "Iterable[Branch]") -> Iterator[Wanted]:
    """The repository itself, where its branches and tags tell that it is called otherwise. The census would find it at its own hour."""
    named = (one.target.repository for one in told if one.target is not None and one.target.repository is not None)
    if any(facts_of(one, workspace_uuid=repository.workspace_uuid).differ_from(repository) for one in named):
        yield FollowUpKind.REPOSITORY, ""


def of_history(session: "Session", repository: "Repository") -> Iterator[Wanted]:
    """The commits that a branch or a tag reaches and that we do not hold, the first on each way down."""
    if not is_read(session, repository):
        return
    told = commits.parents(session, repository)
    tips = [row.tip for kind in RefKind for row in refs.existing(session, repository, kind) if row.tip is not None]
    for hole in sorted(holes(told, tips))[:MOST_HOLES]:
        yield FollowUpKind.PUSHED_COMMITS, f"..{hole}"


def is_read(session: "Session", repository: "Repository") -> bool:
    """Whether the backfill has read the history: until then it has gaps, and the backfill fills them."""
    backfill = backfills.of_repository(session, repository)
    return backfill is None or backfill.stage is Stage.DONE


def holes(parents: Mapping[str, Sequence[str]], tips: Iterable[str]) -> set[str]:
    """The commits that some tips reach and whose parents are not known. Pure."""
    to_visit, seen, found = list(tips), set[str](), set[str]()
    while to_visit:
        commit = to_visit.pop()
        if commit in seen:
            continue
        seen.add(commit)
        if commit in parents:
            to_visit += parents[commit]
        else:
            found.add(commit)
    return found


def of_stacked(session: "Session", repository: "Repository") -> Iterator[Wanted]:
    """Open pull requests some of whose commits have reached their destination on another way: they bring less than before."""
    rows = pull_requests.open_ones(session, repository)
    brought = pull_request_commits.held(session, repository, [row.number for row in rows])
    told = commits.parents(session, repository) if any(brought.values()) else {}
    tips = {row.name: row.tip for row in refs.existing(session, repository, RefKind.BRANCH)}
    reached: dict[str, set[str]] = {}
    for row in rows:
        tip = tips.get(row.destination_branch)
        if tip is None or not brought.get(row.number):
            continue
        if tip not in reached:
            reached[tip] = reachable(told, tip)
        if reached[tip] & set(brought[row.number]):
            yield FollowUpKind.PULL_REQUEST_COMMITS, str(row.number)
            yield FollowUpKind.DIFFSTAT, str(row.number)


def reachable(parents: Mapping[str, Sequence[str]], tip: str) -> set[str]:
    """A commit and all before it, as far as they are held. Pure."""
    to_visit, seen = [tip], set[str]()
    while to_visit:
        commit = to_visit.pop()
        if commit not in seen:
            seen.add(commit)
            to_visit += parents.get(commit, ())
    return seen


def of_builds(session: "Session", repository: "Repository", *, now: datetime, is_whole: bool) -> Iterator[Wanted]:
    """What builds say of commits that they may still say something of; by pull request where one call does for several."""
    rows = {row.hash: row for row in commits.since(session, repository, now - BUILDS_WATCHED)}
    tips = {row.tip for row in refs.existing(session, repository, RefKind.BRANCH) if row.tip is not None}
    unsettled, brought = set[str](), dict[int, frozenset[str]]()
    for some in _batches({**rows, **commits.held(session, repository, tips - rows.keys())}):
        reports = build_reports.held(session, repository, some)
        found = {one for one, row in some.items() if is_whole or not is_settled(row, reports[one], now=now)}
        for number, hashes in pull_request_commits.by_pull_request(session, repository, found).items():
            brought[number] = brought.get(number, frozenset()) | hashes
        unsettled |= found
    for number, hashes in sorted(brought.items()):
        if len(hashes & unsettled) > 1:
            unsettled -= hashes
            yield FollowUpKind.PULL_REQUEST_BUILDS, str(number)
    for one in sorted(unsettled):
        yield FollowUpKind.BUILDS, one


def _batches(rows: Mapping[str, CommitRow]) -> Iterator[Mapping[str, CommitRow]]:
    """So many as one statement may name."""
    hashes = sorted(rows)
    for start in range(0, len(hashes), AT_ONCE):
        yield {one: rows[one] for one in hashes[start : start + AT_ONCE]}


def after(
    session: "Session", repository: "Repository", kind: FollowUpKind, subject: str, *, now: datetime
) -> Iterator[Wanted]:
    """What has to be asked once a routine question was answered: commits that it brought may have builds."""
    if kind in _BRING_COMMITS:
        yield from of_builds(session, repository, now=now, is_whole=False)
    if kind is FollowUpKind.ACTIVITY and subject.isdecimal():
        yield from of_heads(session, repository, int(subject))


def is_settled(row: CommitRow, reports: Sequence[BuildReportRow], *, now: datetime) -> bool:
    """Whether nothing more is expected of the builds of a commit than was read. Pure."""
    if row.builds_as_of is None:
        return False
    times = [row.committed_at, *(report.at for report in reports)]
    last_word = max((time for time in times if time is not None), default=row.builds_as_of)
    latest = {report.key: report.state for report in reports}
    if BuildState.INPROGRESS in latest.values() and now < last_word + GIVEN_UP_AFTER:
        return False
    return row.builds_as_of >= min(last_word, now) + SETTLED_AFTER


def of_deployments(session: "Session", repository: "Repository", *, since: datetime) -> Iterator[Wanted]:
    """Deployments, of which no event tells: where there are any, and where something was built or pushed since."""
    rows = refs.existing(session, repository, RefKind.BRANCH)
    is_moving = any(row.tip_at is not None and row.tip_at >= since for row in rows)
    if is_moving or deployments.any_known(session, repository) or build_reports.any_since(session, repository, since):
        yield FollowUpKind.DEPLOYMENTS, ""
