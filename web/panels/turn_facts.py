"""What Turn shows of one pull request, as Results: read from our own copy, judged by insights."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from insights.clock.look import Look
from insights.clock.windows import YEAR_DAYS
from insights.facts.pull_requests import PullRequestFacts
from insights.facts.repository import CommitFacts
from insights.files.authorship import folder_touches
from insights.files.changes import Touch, with_present_names
from insights.pull_requests import figures
from insights.pull_requests.cohorts import population
from insights.pull_requests.collisions import Collisions, collisions
from insights.pull_requests.events import ordered_events
from insights.pull_requests.figures import Life, Size
from insights.pull_requests.knowledge import Knowledge, knowledge
from insights.pull_requests.measurement import Measurement, measure
from insights.pull_requests.merge_window import Course, MergeWindow, courses, merge_window_among
from insights.pull_requests.review_depth import ReviewDepth
from insights.pull_requests.size import SizeBucket
from insights.pull_requests.stages import OPEN_STAGES, Stage, stage_now
from insights.pull_requests.standing import Standing
from insights.pull_requests.timeline import Timeline, timeline
from insights.pull_requests.unfinished import Unfinished, unfinished
from insights.result import Result
from models.history import main_line, merged_changes, repository_facts
from web.panels.past import Past

MOST_TARGET_COMMITS: Final = 200
MOST_CHANGES: Final = 1_000
"""Merged pull requests, the newest: who knows a folder is asked of those."""
LONGEST_PARTED: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFacts:
    """Everything about one pull request. ``standing`` and ``likely`` are there while it is open."""

    facts: PullRequestFacts
    item: Measurement
    standing: Standing | None
    line: Timeline
    life: Result[Life]
    size: Result[Size]
    rounds: Result[int]
    depth: Result[ReviewDepth]
    unfinished: Result[Unfinished]
    likely: Result[MergeWindow] | None
    collisions: Result[Collisions] | None
    knowledge: Result[Knowledge]


def turn_facts(past: Past, facts: PullRequestFacts) -> TurnFacts:
    """Judge one pull request from what is held."""
    look, is_open = past.look(), facts.is_open
    standing = past.standing(facts) if is_open else None
    item = standing.measurement if standing else measure(facts, past.context)
    until = look.now if is_open else (item.stamps.closed or facts.created_at)
    lines = past.yardstick_of_year("lines", lambda: figures.merged_lines(past.closed_in_year, look))
    return TurnFacts(
        facts=facts,
        item=item,
        standing=standing,
        line=timeline(
            item.stamps,
            ordered_events(facts),
            author=facts.author,
            directory=past.directory,
            until=max(until, item.stamps.first),
        ),
        life=figures.life(item, look),
        size=figures.size_among(item, lines, look, is_among_them=_is_among_merged(item, look)),
        rounds=figures.rounds(item),
        depth=figures.depth(item),
        unfinished=unfinished(facts),
        likely=merge_window_among(item, _courses(past, item), look) if is_open else None,
        collisions=_collisions(past, facts) if is_open else None,
        knowledge=knowledge(facts, _touches(past), past.context),
    )


def _is_among_merged(item: Measurement, look: Look) -> bool:
    return item.exclusion is None and look.last_days(YEAR_DAYS).holds(item.merged_at)


def _courses(past: Past, item: Measurement) -> tuple[Course, ...]:
    """Return how those of its size went on from where it is: what else there is tells nothing of it."""
    stage, look = stage_now(item.stamps), past.look()
    if stage not in OPEN_STAGES or item.bucket is None:
        return ()
    opened = population(one for one in past.open_measurements if one.bucket is item.bucket)
    closed = past.yardstick_of_year(
        ("courses", stage, item.bucket), lambda: _courses_of_closed(past, item.bucket, stage)
    )
    return (*closed, *courses(opened, stage, look))


def _courses_of_closed(past: Past, bucket: SizeBucket | None, stage: Stage) -> tuple[Course, ...]:
    return courses(population(one for one in past.closed_in_year if one.bucket is bucket), stage, past.look())


def _collisions(past: Past, facts: PullRequestFacts) -> Result[Collisions]:
    return collisions(
        facts, others=past.open_facts(), target_commits=_target_commits(past, facts), generated=past.context.generated
    )


def _target_commits(past: Past, facts: PullRequestFacts) -> tuple[CommitFacts, ...]:
    """Return the commits on the target since the pull request began, as far as their files are known."""
    repository = past.repository
    if facts.destination_branch != repository.main_branch:
        return ()
    start = max(facts.first_commit_at or facts.created_at, past.now - LONGEST_PARTED)
    tip = main_line.tip(past.session, repository)
    found = past.hint(("target", tip, start), lambda: _main_commits(past, tip, start))
    own = set(facts.commits)
    return tuple(commit for commit in found if commit.hash not in own)


def _main_commits(past: Past, tip: str | None, start: datetime) -> tuple[CommitFacts, ...]:
    line = main_line.commits_since(past.session, past.repository, tip, start)
    found = repository_facts.some_commits(past.session, past.repository, line[-MOST_TARGET_COMMITS:])
    return tuple(commit for commit in found if commit.files is not None and commit.committed_at >= start)


def _touches(past: Past) -> Mapping[str, tuple[Touch, ...]]:
    """Return what happened in each folder of late: worked out now and then, as it is a hint and no figure."""
    return past.hint("folders", lambda: _folder_touches(past))


def _folder_touches(past: Past) -> Mapping[str, tuple[Touch, ...]]:
    told = merged_changes.newest(past.session, past.repository, at_most=MOST_CHANGES)
    return folder_touches(with_present_names(told))
