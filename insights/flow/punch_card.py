"""When in the week people commit and answer: it shows why pickups are slow across time zones.

Source: panels.md 5.3, section 9: commits in the author's own local time as git recorded it, answers in the workspace's. Unit: counts by
weekday (Monday first) and hour.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import BASELINE_DAYS
from insights.facts.pull_requests import PullRequestFacts
from insights.facts.repository import CommitFacts
from insights.people.bots import Directory
from insights.pull_requests.events import ANSWERS, ordered_events
from insights.result import Definition, Exclusion, Result, Unit, WhyNot, Window

COMMITS = Definition(
    name="punch_card_commits",
    version=1,
    title="When people commit",
    text=(
        "Commits by weekday and hour of the author's own clock, as git recorded it. Commits by bots, merge commits, "
        "and commits whose author's time zone Bitbucket does not tell are left out."
    ),
    unit=Unit.COUNT,
    source="GitHub's punch card; panels.md 5.3",
)
RESPONSES = Definition(
    name="punch_card_answers",
    version=1,
    title="When people answer",
    text="Comments, approvals and requests for changes by people other than the author, in the workspace's time zone.",
    unit=Unit.COUNT,
    source="panels.md 5.3",
)


class PunchCard(Struct, frozen=True):
    """Seven days of 24 hours, Monday first."""

    hours: tuple[tuple[int, ...], ...]


def commit_card(
    commits: Iterable[CommitFacts], look: Look, directory: Directory, *, window: Window | None = None
) -> Result[PunchCard]:
    """Punch the commits authored in the window, by default the last 90 days."""
    span = window or look.last_days(BASELINE_DAYS)
    exclusions: Counter[Exclusion] = Counter()
    moments = []
    for commit in commits:
        if not span.holds(commit.authored_at):
            continue
        if reason := _why_left_out(commit, directory):
            exclusions[reason] += 1
        else:
            moments.append(commit.authored_at.astimezone(timezone(timedelta(minutes=commit.offset_minutes or 0))))
    return _result(COMMITS, moments, span, exclusions)


def answer_card(answers: Iterable[datetime], look: Look, *, window: Window | None = None) -> Result[PunchCard]:
    """Punch the moments of answers (``answer_times``) in the window, by default the last 90 days."""
    span = window or look.last_days(BASELINE_DAYS)
    moments = [look.clock.local(at) for at in answers if span.holds(at)]
    return _result(RESPONSES, moments, span, Counter())


def answer_times(facts: PullRequestFacts, directory: Directory) -> Iterator[datetime]:
    """Yield when people other than the author answered a pull request."""
    for event in ordered_events(facts):
        if event.kind in ANSWERS and directory.is_other_person(event.actor, author=facts.author):
            yield event.at


def _why_left_out(commit: CommitFacts, directory: Directory) -> Exclusion | None:
    if directory.is_bot(commit.author):
        return Exclusion.BOT_AUTHOR
    if commit.is_merge:
        return Exclusion.MERGE_COMMIT
    return Exclusion.OFFSET_UNKNOWN if commit.offset_minutes is None else None


def _result(
    definition: Definition, moments: list[datetime], window: Window, exclusions: Counter[Exclusion]
) -> Result[PunchCard]:
    counts = Counter((moment.weekday(), moment.hour) for moment in moments)
    hours = tuple(tuple(counts[day, hour] for hour in range(24)) for day in range(7))
    return Result(
        definition=definition.id,
        n=len(moments),
        value=PunchCard(hours) if moments else None,
        why_not=None if moments else WhyNot.NO_DATA,
        window=window,
        exclusions=dict(sorted(exclusions.items())),
    )
