"""Services beside a simulated Bitbucket in which something happened before the app was installed, on both databases."""

import pytest
import structlog

from models import backfills
from models.backfill_stages import Stage
from sync.backfill.advancing import advance_next
from sync.backfill.beginning import begin_missing
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.sync.history.stories import Story
from tests.sync.simulated import Simulated


class Backfilled(Simulated):
    """What a backfill has to do with: nothing that happened before was delivered."""

    def __init__(self, database_url, *, deeds=60, seed=20):
        super().__init__(database_url, story=Story(seed=seed).tell(deeds))
        begin_missing(self.services)

    def advance(self, *, at_most=1):
        """Do so many pages, or as many as are due. Returns how many."""
        return sum(1 for _ in range(at_most) if advance_next(self.services))

    def advance_to(self, stage, *, at_most=2000):
        """Do pages until the repository is at a stage, or past it."""
        for _ in range(at_most):
            row = self.row()
            if row is not None and row.stage.rank >= stage.rank:
                return row
            if not self.advance():
                self.wait(minutes=5)
        raise AssertionError(f"it never comes to {stage}")

    def finish(self):
        return self.advance_to(Stage.DONE)

    def row(self):
        with self.services.readers() as session:
            repository = self.held(session)
            return None if repository is None else backfills.of_repository(session, repository)

    def listing(self):
        with self.services.readers() as session:
            return backfills.listing_of(session, self.alice)


@pytest.fixture
def lived(database_url):
    made = Backfilled(database_url)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def log_entries():
    """What is logged while the test runs, as entries."""
    with structlog.testing.capture_logs() as entries:
        yield entries
