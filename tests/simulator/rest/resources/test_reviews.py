"""Approvals and requests for changes over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

ONE = "/repositories/tidepool/shells/pullrequests/1"


@pytest.fixture
def opened(client: Client) -> Client:
    client.pool.open()
    return client


@pytest.mark.parametrize(("name", "state"), [("approve", "approved"), ("request-changes", "changes_requested")])
def test_a_verdict_is_given_and_withdrawn(opened: Client, name: str, state: str):
    part = opened.send("POST", f"{ONE}/{name}")
    assert (part["type"], part["state"], part["approved"], part["role"]) == (
        "participant",
        state,
        state == "approved",
        "REVIEWER",
    )
    opened.send("DELETE", f"{ONE}/{name}", expect=204)
    opened.send("DELETE", f"{ONE}/{name}", expect=400)
    assert len(opened.pool.keys) == 2


@pytest.mark.parametrize("name", ["approve", "request-changes"])
def test_readers_may_judge_and_strangers_and_nobody_may_not(opened: Client, name: str):
    opened.send("POST", f"{ONE}/{name}", who=opened.pool.erin)
    opened.send("POST", f"{ONE}/{name}", who=opened.pool.charlie, expect=404)
    opened.pool.shells.is_private = False
    opened.send("POST", f"{ONE}/{name}", who=None, expect=401)


def test_a_body_is_neither_needed_nor_minded(opened: Client):
    assert opened.send("POST", f"{ONE}/approve", {"approved": True})["approved"] is True


def test_it_needs_the_scope_to_write(opened: Client):
    opened.send("POST", f"{ONE}/approve", who=opened.app_token("pullrequest"), expect=403)
    assert (
        opened.send("POST", f"{ONE}/approve", who=opened.app_token("pullrequest:write"))["user"]["type"] == "app_user"
    )
