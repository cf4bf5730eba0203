"""A repository's history, opened for writing. `writing.writing` opens one, and closes it again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from models.history import people
from models.history.follow_ups import FollowUpKind
from models.history.people import Account
from models.repositories import Repository


@dataclass
class Projection:
    """One repository while one transaction writes its history, and what is to be done before that ends.

    The repository's row is locked, so nothing changes meanwhile but what is recorded. `now` is for notes on our own rows.
    """

    session: Session
    repository: Repository
    now: datetime
    has_changed: bool = False
    changed_pull_requests: set[int] = field(default_factory=set)
    """Those whose facts have changed: they get the repository's new version."""
    told_pull_requests: set[int] = field(default_factory=set)
    """Those that something was told of: what follows from it is worked out anew."""
    questions: dict[FollowUpKind, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What the tellings leave open, by kind: the subjects."""

    def people(self, accounts: Iterable[Account | None], *, as_of: datetime) -> Mapping[str, int]:
        """Keep what is told of some accounts. Returns their row ids by uuid."""
        told = [account for account in accounts if account is not None]
        return people.record(self.session, self.repository, told, as_of=as_of)

    def note_change(self, *numbers: int) -> None:
        """Something has changed, in the facts of these pull requests or elsewhere."""
        self.has_changed = True
        self.changed_pull_requests.update(numbers)

    def ask(self, kind: FollowUpKind, subject: str) -> None:
        """Have something asked for later."""
        self.questions[kind].add(subject)
