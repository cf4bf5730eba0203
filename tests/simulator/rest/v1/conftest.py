"""Calls of REST 1.0 in the tidepool: Alice administers the workspace, Bob may write in it, Charlie is a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from simulator.world import groups

if TYPE_CHECKING:
    from simulator.world.groups import Group
    from simulator.world.model import User
    from tests.simulator.tidepool import Client, Tidepool


@dataclass
class Old:
    """Calls addresses that begin after /1.0, as Alice unless said."""

    client: Client

    @property
    def pool(self) -> Tidepool:
        return self.client.pool

    def call(self, method: str, path: str, *, who: User | str | None = "alice", expect: int = 200, **sent: Any) -> Any:
        if method in {"POST", "PUT"} and not sent:
            sent["environ_overrides"] = {"CONTENT_LENGTH": "0"}
        caller = self.pool.alice if who == "alice" else who
        answer = self.client.http.open(f"/1.0{path}", method=method, headers=self.client.headers(caller), **sent)
        assert answer.status_code == expect, answer.get_data(as_text=True)
        return answer.get_json() if answer.is_json else answer.get_data(as_text=True)


@pytest.fixture
def old(client: Client) -> Old:
    return Old(client)


@pytest.fixture
def divers(client: Client) -> Group:
    """A group of the tidepool that Erin is in, and that may read shells."""
    pool = client.pool
    made = groups.create_group(pool.workspace, "The Divers")
    groups.join(pool.workspace, made, pool.erin)
    pool.shells.group_privileges[made] = "read"
    return made
