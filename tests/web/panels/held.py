"""A repository whose history we hold: recorded as sync records it, with no call to anybody."""

from datetime import timedelta

import msgspec

from bench.history import Shape, fill
from bitbucket.resources import PullRequest
from insights.settings import WorkspaceSettings
from models import backfills, repositories, workspace_settings
from models.backfill_stages import Stage
from models.repositories import RepositoryFacts
from sync.history.pull_requests import record_pull_requests
from sync.history.writing import writing
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, BOB

FACTS = RepositoryFacts(
    uuid=ALICE_REPOSITORY,
    workspace_uuid=ALICE_WORKSPACE,
    slug="heron",
    name="Heron",
    full_name="alice/heron",
    is_private=True,
    main_branch="main",
)


class Refusing:
    """A way to Bitbucket that nobody may take."""

    def send(self, request, **_):
        raise AssertionError(f"a view called Bitbucket: {request.url}")


def hold(services, installation, *bodies, record=lambda projection: None):
    """Hold a repository with these pull requests, whose history was read to its end."""
    now = services.now()
    with services.sessions.begin() as session:
        row, _ = repositories.record(session, installation, FACTS, as_of=now, now=now)
        say_read(session, row, now=now)
    tell(services, installation, *bodies, record=record)


def tell(services, installation, *bodies, record=lambda projection: None):
    """Have something told of the repository, as by a webhook: its version moves."""
    now = services.now()
    with services.sessions.begin() as session:
        row = repositories.locked(session, installation, ALICE_REPOSITORY)
        with writing(session, row, now=now, asks=False) as projection:
            told = [msgspec.convert(body, PullRequest) for body in bodies]
            record_pull_requests(projection, told, observed_at=now)
            record(projection)


def show_names(services, installation):
    """Have the workspace show names."""
    settings = WorkspaceSettings(are_names_shown=True)
    with services.sessions.begin() as session:
        workspace_settings.write(session, installation, settings, by_uuid=BOB, now=services.now())


SOME = Shape(pull_requests=300, open=20, span=timedelta(days=200))


def hold_much(services, installation, shape=SOME):
    """Hold a repository with a plausible history."""
    now = services.now()
    with services.sessions.begin() as session:
        row, _ = repositories.record(session, installation, FACTS, as_of=now, now=now)
        fill(session, row, shape, now=now)


def say_read(session, row, *, now, stage=Stage.DONE, **values):
    """Say how far the history of a repository was read."""
    backfills.ensure(session, row, since=now - timedelta(days=365), now=now)
    read = backfills.of_repository(session, row)
    read.stage, read.next_attempt_at = stage, None if stage is Stage.DONE else now
    for name, value in values.items():
        setattr(read, name, value)
    session.flush()
