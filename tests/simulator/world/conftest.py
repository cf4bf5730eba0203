"""The tidepool for these tests."""

from tests.simulator.tidepool_fixtures import client, pool, shells_template

__all__ = ["client", "pool", "shells_template"]
