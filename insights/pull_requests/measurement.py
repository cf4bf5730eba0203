"""Everything that cohorts need of one pull request, worked out once when it changes.

A measurement depends on the facts of one pull request and the settings, on nothing else and on no clock reading: it can be
stored beside the pull request, and a panel over ten thousand of them reads rows and does not read ten thousand logs.
"""

from datetime import datetime

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.working import clock_of
from insights.facts.pull_requests import PullRequestFacts, PullRequestState
from insights.people.bots import Directory
from insights.pull_requests.context import Context
from insights.pull_requests.events import ordered_events
from insights.pull_requests.population import exclusion_of
from insights.pull_requests.review_depth import comments_of_others
from insights.pull_requests.rounds import rounds
from insights.pull_requests.size import SizeBucket, bucket_of, changed_lines, handwritten
from insights.pull_requests.stages import Stages, StageTimes, stages_of
from insights.pull_requests.stamps import Flag, Stamps, stamps_of
from insights.result import Exclusion
from insights.settings import WorkspaceSettings

VERSION = 1
"""Moves when the same facts and settings would give another measurement: stored ones are then made again."""


class Measurement(Struct, frozen=True, kw_only=True):
    """One pull request in numbers.

    ``exclusion`` says why it belongs to no cohort of people's work. ``stages`` are there once it is closed. ``lines`` and
    ``bucket`` are None until the diffstat is known.
    """

    id: int
    title: str
    author: str | None
    is_bot: bool
    state: PullRequestState
    destination_branch: str
    exclusion: Exclusion | None
    stamps: Stamps
    stages: Stages | None
    closed_by: str | None
    reviewers: tuple[str, ...]
    lines: int | None
    files: int | None
    bucket: SizeBucket | None
    comments: int
    rounds: int

    def has(self, flag: Flag) -> bool:
        """Return whether a footnote applies."""
        return flag in self.stamps.flags

    @property
    def merged_at(self) -> datetime | None:
        """When it was merged, if it was."""
        return self.stamps.closed if self.state is PullRequestState.MERGED else None

    def times(self, look: Look) -> StageTimes:
        """Return how long each stage took on the clock that is asked for; for an open one, up to now."""
        stages = self.stages or stages_of(self.stamps, until=max(look.now, self.stamps.opened), clock=look.clock)
        return stages.on(look.kind)


def measure(facts: PullRequestFacts, context: Context) -> Measurement:
    """Measure one pull request."""
    settings, directory = context.settings, context.directory
    stamps = stamps_of(facts, directory=directory, required_approvals=settings.required_approvals)
    events = ordered_events(facts)
    files = None if facts.files is None else handwritten(facts.files, context.generated)
    lines = None if files is None else changed_lines(files)
    return Measurement(
        id=facts.id,
        title=facts.title,
        author=facts.author,
        is_bot=directory.is_bot(facts.author),
        state=facts.state,
        destination_branch=facts.destination_branch,
        exclusion=exclusion_of(facts, directory=directory, settings=settings),
        stamps=stamps,
        stages=_closed_stages(stamps, settings),
        closed_by=facts.closed_by,
        reviewers=_reviewers(facts, directory),
        lines=lines,
        files=None if files is None else len(files),
        bucket=None if lines is None else bucket_of(lines, settings.size_limits),
        comments=comments_of_others(events, author=facts.author, directory=directory),
        rounds=rounds(facts, events, stamps, directory),
    )


def _closed_stages(stamps: Stamps, settings: WorkspaceSettings) -> Stages | None:
    if stamps.closed is None or stamps.closed < stamps.opened:
        return None
    return stages_of(stamps, until=stamps.closed, clock=clock_of(settings))


def _reviewers(facts: PullRequestFacts, directory: Directory) -> tuple[str, ...]:
    """Return the people who were asked for a review, in the order of their accounts."""
    return tuple(
        sorted(
            participant.account
            for participant in facts.participants
            if participant.is_reviewer and directory.is_other_person(participant.account, author=facts.author)
        )
    )
