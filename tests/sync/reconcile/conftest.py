"""A repository over there that we know, compared with it once."""

from __future__ import annotations

import pytest

from tests.sync.reconcile.comparing import open_one


@pytest.fixture
def heron(simulated):
    """The repository over there, with one open pull request that we know, compared with it once."""
    story = simulated.story
    open_one(simulated, "feature/first")
    simulated.deliver()
    simulated.answer_all()
    simulated.wait(hours=1)
    simulated.reconcile()
    simulated.wait(hours=1)
    return story.repository
