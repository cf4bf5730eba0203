"""One pull request's life as a story: who opens it, who answers, how it ends, and the rows that tell of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import Final

from sqlalchemy.orm import Session

from insights.facts.accounts import AccountKind
from insights.facts.pull_requests import BuildState, EventKind, FileStatus, PullRequestState, ReviewState
from models.history import (
    build_reports,
    comments,
    commits,
    events,
    participants,
    people,
    pull_requests,
    refs,
)
from models.history.build_reports import BuildReportRow
from models.history.columns import SHORT_HASH_LENGTH
from models.history.comments import CommentRow
from models.history.commits import CommitRow
from models.history.events import EventRow
from models.history.files import FileRow, PullRequestFile
from models.history.participants import ParticipantRow
from models.history.people import Account
from models.history.pull_request_commits import PullRequestCommit, PullRequestCommitRow
from models.history.pull_requests import ClosingSource, PullRequestRow
from models.history.refs import RefKind, RefRow
from models.history.rows import write
from models.repositories import Repository

NAMES: Final = ("Ana", "Tom", "Eve", "Raj", "Mia", "Ole", "Zoe", "Kim", "Lee", "Ida", "Max", "Pia", "Jan", "Eli", "Noa")
FAMILY_NAMES: Final = ("Berg", "Silva", "Novak", "Khan", "Olsen", "Weiss", "Tanaka", "Moreau")
FOLDERS: Final = ("api", "billing", "core", "docs", "search", "ui", "worker", "tools")
VERBS: Final = ("Add", "Fix", "Move", "Speed up", "Rename", "Remove", "Document", "Test")
HOUR: Final = timedelta(hours=1)


@dataclass
class Rows:
    """Rows that wait to be written."""

    pull_requests: list[PullRequestRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    comments: list[CommentRow] = field(default_factory=list)
    participants: list[ParticipantRow] = field(default_factory=list)
    files: list[FileRow] = field(default_factory=list)
    commits: list[CommitRow] = field(default_factory=list)
    commits_of: list[PullRequestCommitRow] = field(default_factory=list)
    builds: list[BuildReportRow] = field(default_factory=list)
    branches: list[RefRow] = field(default_factory=list)

    def write(self, session: Session) -> None:
        """Write them all."""
        pull_requests.store(session, self.pull_requests)
        events.store(session, self.events)
        comments.store(session, self.comments)
        participants.store(session, self.participants)
        write(session, PullRequestFile, self.files, key=("repository_id", "pull_request", "path"))
        commits.store(session, self.commits)
        write(session, PullRequestCommit, self.commits_of, key=("repository_id", "pull_request", "position"))
        build_reports.store(session, self.builds)
        refs.store(session, self.branches)


@dataclass(frozen=True)
class Team:
    """Who acts: people, and two bots that open some of the pull requests."""

    random: Random
    people: Sequence[int]
    bots: Sequence[int]
    uuids: dict[int, str]

    @classmethod
    def of(cls, session: Session, repository: Repository, size: int, *, seed: int, now: datetime) -> "Team":
        accounts = [_person(number) for number in range(size)]
        bots = [
            Account(uuid=uuid_of("b0", number), display_name=name, nickname=name, kind=AccountKind.APP)
            for number, name in enumerate(("renovate", "pipelines"))
        ]
        ids = people.record(session, repository, [*accounts, *bots], as_of=now)
        return cls(
            Random(seed),
            [ids[one.uuid] for one in accounts],
            [ids[one.uuid] for one in bots],
            {ids[one.uuid]: one.uuid for one in (*accounts, *bots)},
        )

    def author(self) -> int:
        if self.random.random() < 0.06:
            return self.random.choice(self.bots)
        return self.random.choice(self.people)

    def others(self, author: int, count: int) -> list[int]:
        return self.random.sample([one for one in self.people if one != author], count)

    def span(self, median: timedelta, *, spread: float = 1.1) -> timedelta:
        """Return a time as people take them: many short, a few very long."""
        return median * exp(self.random.gauss(0, spread))

    def hash(self) -> str:
        # The first bit set: hashes with a lower one are left for copies (`bench.chapters`).
        return f"{self.random.getrandbits(160) | 1 << 159:040x}"


@dataclass
class Life:
    """One pull request from its first commit to its end, or to now."""

    team: Team
    rows: Rows
    repository: Repository
    number: int
    opened_at: datetime
    now: datetime
    is_open: bool

    def live(self) -> None:
        team, random = self.team, self.team.random
        author = team.author()
        reviewers = team.others(author, random.choice((1, 2, 2, 3)))
        head = team.hash()
        self._event(EventKind.OPENED, self.opened_at, author)
        last, is_approved = self._review(author, reviewers, head)
        closed_at = last + team.span(2 * HOUR) if not self.is_open else None
        closed_at = min(closed_at, self.now - HOUR) if closed_at else None
        state = self._end(closed_at, author, is_approved=is_approved)
        self._contents(author, head)
        self.rows.pull_requests.append(
            PullRequestRow(
                repository_id=self.repository.id,
                number=self.number,
                title=f"{random.choice(VERBS)} {random.choice(FOLDERS)} {self.number}",
                state=state,
                is_draft=self.is_open and random.random() < 0.1,
                author_id=author,
                created_at=self.opened_at,
                updated_at=closed_at or last,
                as_of=self.now,
                source_branch=f"feature/{self.number}",
                destination_branch=self.repository.main_branch or "main",
                head=head,
                merge_commit=team.hash() if state is PullRequestState.MERGED else None,
                closed_at=closed_at,
                closed_at_source=ClosingSource.EVENT if closed_at else None,
                closed_by_id=reviewers[0] if closed_at else None,
                comment_count=2,
                task_count=0,
                participants_updated_at=last,
                participants_as_of=self.now,
                is_watched=True,
                activity_as_of=self.now,
                files_head=head,
                files_as_of=self.now,
                commits_head=head,
                commits_as_of=self.now,
                first_commit_at=self.opened_at - team.span(6 * HOUR),
                tasks_as_of=self.now,
                version=self.repository.version,
            )
        )

    def _review(self, author: int, reviewers: Sequence[int], head: str) -> tuple[datetime, bool]:
        """Have it reviewed, or not. Returns when the last thing happened, and whether somebody approved."""
        team, random = self.team, self.team.random
        at, is_approved = self.opened_at, False
        answered_at = at + team.span(5 * HOUR)
        said: dict[int, ReviewState | None] = dict.fromkeys(reviewers)
        if random.random() > 0.07 and answered_at < self.now:
            at = answered_at
            self._comment(at, reviewers[0])
            if random.random() < 0.5 and (pushed_at := at + team.span(3 * HOUR)) < self.now:
                at = pushed_at
                kind = EventKind.FORCE_PUSHED if random.random() < 0.1 else EventKind.PUSHED
                self._event(kind, at, author, subject=head[:12])
            approved_at = at + team.span(2 * HOUR)
            if random.random() < (0.4 if self.is_open else 0.95) and approved_at < self.now:
                at, is_approved = approved_at, True
                said[reviewers[0]] = ReviewState.APPROVED
                self._event(EventKind.APPROVED, at, reviewers[0], subject=team.uuids[reviewers[0]])
        for person, state in said.items():
            self.rows.participants.append(
                ParticipantRow(
                    repository_id=self.repository.id,
                    pull_request=self.number,
                    person_id=person,
                    is_reviewer=True,
                    state=state,
                    participated_at=at if state else None,
                )
            )
        return min(at, self.now - HOUR), is_approved

    def _end(self, closed_at: datetime | None, author: int, *, is_approved: bool) -> PullRequestState:
        if closed_at is None:
            return PullRequestState.OPEN
        if not is_approved and self.team.random.random() < 0.5:
            self._event(EventKind.DECLINED, closed_at, author)
            return PullRequestState.DECLINED
        self._event(EventKind.MERGED, closed_at, author)
        return PullRequestState.MERGED

    def _contents(self, author: int, head: str) -> None:
        """Write its files, its commits, and for one that is open its branch and the builds of its head."""
        random = self.team.random
        folder = random.choice(FOLDERS)
        for file in random.sample(range(40), random.choice((1, 2, 3, 5))):
            self.rows.files.append(
                FileRow(
                    repository_id=self.repository.id,
                    pull_request=self.number,
                    path=f"src/{folder}/module_{file}.py",
                    status=FileStatus.MODIFIED,
                    lines_added=int(exp(random.gauss(2.5, 1.2))),
                    lines_removed=int(exp(random.gauss(1.5, 1.2))),
                )
            )
        hashes = [head, self.team.hash()]
        for position, commit in enumerate(hashes):
            self.rows.commits_of.append(
                PullRequestCommitRow(
                    repository_id=self.repository.id, pull_request=self.number, position=position, commit=commit
                )
            )
            self.rows.commits.append(self._commit(commit, author, parents=" ".join(hashes[position + 1 :]) or None))
        if self.is_open:
            self._branch(head, author)

    def _commit(self, commit: str, author: int, *, parents: str | None) -> CommitRow:
        return CommitRow(
            repository_id=self.repository.id,
            hash=commit,
            short_hash=commit[:SHORT_HASH_LENGTH],
            parents=parents,
            author_id=author,
            committed_at=self.opened_at - HOUR,
            message=f"Work on {self.number}",
        )

    def _branch(self, head: str, author: int) -> None:
        state = BuildState.FAILED if self.team.random.random() < 0.1 else BuildState.SUCCESSFUL
        self.rows.branches.append(
            RefRow(
                repository_id=self.repository.id,
                kind=RefKind.BRANCH,
                name=f"feature/{self.number}",
                tip=head,
                tip_at=self.opened_at,
                tip_author_id=author,
                as_of=self.now,
                first_seen_at=self.opened_at,
            )
        )
        self.rows.builds.append(
            BuildReportRow(
                repository_id=self.repository.id,
                commit=head,
                key="unit",
                at=self.opened_at + timedelta(minutes=9),
                state=state,
                created_at=self.opened_at,
                name="Unit tests",
            )
        )

    def _comment(self, at: datetime, author: int) -> None:
        number = self.number * 10
        self._event(EventKind.COMMENTED, at, author, subject=str(number))
        self.rows.comments.append(
            CommentRow(
                repository_id=self.repository.id,
                pull_request=self.number,
                comment=number,
                author_id=author,
                created_at=at,
                as_of=at,
            )
        )

    def _event(self, kind: EventKind, at: datetime, actor: int, *, subject: str = "") -> None:
        self.rows.events.append(
            EventRow(
                repository_id=self.repository.id,
                pull_request=self.number,
                kind=kind,
                at=at,
                subject=subject,
                actor_id=actor,
            )
        )


def _person(number: int) -> Account:
    name = NAMES[number % len(NAMES)]
    family_name = FAMILY_NAMES[number // len(NAMES) % len(FAMILY_NAMES)]
    return Account(
        uuid=uuid_of("a0", number), display_name=f"{name} {family_name}", nickname=name.lower(), kind=AccountKind.USER
    )


def uuid_of(prefix: str, number: int) -> str:
    return f"{{{prefix}000000-0000-4000-8000-{number:012x}}}"
