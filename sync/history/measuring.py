"""Measuring: what follows from the facts of pull requests for the figures, worked out as they are written."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.orm import Session

from insights.facts.pull_requests import PullRequestFacts
from insights.pull_requests.context import context_of
from insights.pull_requests.measurement import measure
from insights.settings import WorkspaceSettings
from models import workspace_settings
from models.history import measurements, measurings, people, pull_request_facts
from models.installations import Installation
from models.repositories import Repository
from sync.history.projection import Projection

AT_ONCE: Final = 200


class Yardstick(Struct, frozen=True):
    """What a repository's pull requests are measured with, and the names of that."""

    settings: WorkspaceSettings
    settings_version: int

    @property
    def basis(self) -> str:
        """Names the way of measuring: the same for settings that differ in nothing that is measured."""
        return measurements.basis_of(self.settings)


def yardstick_of(session: Session, repository: Repository) -> Yardstick:
    """What the pull requests of a repository have to be measured with now."""
    installation = session.get_one(Installation, repository.installation_id)
    stored = workspace_settings.read(session, installation)
    return Yardstick(settings_for(stored.settings, repository), stored.version)


def settings_for(settings: WorkspaceSettings, repository: Repository) -> WorkspaceSettings:
    """The settings of a workspace as they hold for one of its repositories, which has a main branch of its own."""
    return replace(settings, main_branch=settings.main_branch or repository.main_branch)


def measure_changed(projection: Projection) -> None:
    """Measure anew the pull requests that this transaction has changed. The repository has its new version already."""
    numbers = sorted(projection.changed_pull_requests)
    if not numbers:
        return
    session, repository = projection.session, projection.repository
    yardstick = yardstick_of(session, repository)
    note_yardstick(session, repository, yardstick)
    for start in range(0, len(numbers), AT_ONCE):
        measure_some(session, repository, numbers[start : start + AT_ONCE], yardstick)


def note_yardstick(session: Session, repository: Repository, yardstick: Yardstick) -> None:
    """Note what the first pull requests of a repository are measured with; where that is noted, it stays."""
    measurings.ensure(session, repository, basis=yardstick.basis, settings_version=yardstick.settings_version)


def measure_some(session: Session, repository: Repository, numbers: Sequence[int], yardstick: Yardstick) -> None:
    """Measure some pull requests as of the repository's version."""
    found = pull_request_facts.some(session, repository, numbers)
    accounts = people.some_facts(session, repository, mentioned(found))
    context = context_of(yardstick.settings, accounts)
    measured = [measure(facts, context) for facts in found]
    measurements.store(session, repository, measured, basis=yardstick.basis, version=repository.version)
    measurements.drop(session, repository, set(numbers) - {facts.id for facts in found})


def mentioned(found: Iterable[PullRequestFacts]) -> frozenset[str]:
    """Everybody who is named in what is known of some pull requests."""
    names = {
        name
        for facts in found
        for name in (
            facts.author,
            facts.closed_by,
            *(event.actor for event in facts.events),
            *(part.account for part in facts.participants),
        )
    }
    return frozenset(name for name in names if name is not None)
