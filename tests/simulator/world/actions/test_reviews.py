"""Verdicts: given, repeated, withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.world import actions
from simulator.world.errors import Invalid

if TYPE_CHECKING:
    from tests.simulator.tidepool import Tidepool


def kinds(pull_request) -> list[str]:
    return [entry.kind for entry in pull_request.activity]


def test_an_approval_stands_with_its_time_and_is_announced(pool: Tidepool):
    pull_request = pool.open()
    at = pool.clock.advance(hours=2)
    part = actions.approve(pool.world, pull_request, actor=pool.alice)
    assert (part.role, part.approved, part.state, part.participated_on) == ("REVIEWER", True, "approved", at)
    assert pull_request.updated_on == at
    body = pool.of("pullrequest:approved")
    assert body["approval"]["user"]["uuid"] == pool.alice.uuid
    assert body["approval"]["date"] == "2026-10-15T10:00:00.000000+00:00"
    assert body["pullrequest"]["participants"][0]["approved"] is True


def test_somebody_who_was_not_asked_approves_as_a_participant(pool: Tidepool):
    pull_request = pool.open()
    assert actions.approve(pool.world, pull_request, actor=pool.erin).role == "PARTICIPANT"
    assert pull_request.reviewers == [pool.alice]


def test_approving_twice_is_one_approval(pool: Tidepool):
    pull_request = pool.open()
    actions.approve(pool.world, pull_request, actor=pool.alice)
    actions.approve(pool.world, pull_request, actor=pool.alice)
    assert pool.keys == ["pullrequest:approved"]
    assert kinds(pull_request) == ["update", "approval"]


def test_a_withdrawn_approval_leaves_the_log(pool: Tidepool):
    pull_request = pool.open()
    actions.approve(pool.world, pull_request, actor=pool.alice)
    actions.unapprove(pool.world, pull_request, actor=pool.alice)
    assert pull_request.participant(pool.alice).state is None
    assert kinds(pull_request) == ["update"]
    assert pool.keys == ["pullrequest:approved", "pullrequest:unapproved"]


def test_a_withdrawal_leaves_the_approvals_of_others(pool: Tidepool):
    pull_request = pool.open()
    actions.approve(pool.world, pull_request, actor=pool.alice)
    actions.approve(pool.world, pull_request, actor=pool.erin)
    actions.unapprove(pool.world, pull_request, actor=pool.alice)
    assert [entry.user for entry in pull_request.activity if entry.kind == "approval"] == [pool.erin]


def test_requested_changes_take_the_place_of_an_approval(pool: Tidepool):
    pull_request = pool.open()
    actions.approve(pool.world, pull_request, actor=pool.alice)
    part = actions.request_changes(pool.world, pull_request, actor=pool.alice)
    assert (part.approved, part.state) == (False, "changes_requested")
    assert pool.of("pullrequest:changes_request_created")["changes_request"]["user"]["uuid"] == pool.alice.uuid


def test_requesting_changes_twice_is_one_request(pool: Tidepool):
    pull_request = pool.open()
    actions.request_changes(pool.world, pull_request, actor=pool.alice)
    actions.request_changes(pool.world, pull_request, actor=pool.alice)
    assert pool.keys == ["pullrequest:changes_request_created"]


def test_a_withdrawn_request_leaves_the_log(pool: Tidepool):
    pull_request = pool.open()
    actions.request_changes(pool.world, pull_request, actor=pool.alice)
    actions.withdraw_changes_request(pool.world, pull_request, actor=pool.alice)
    assert kinds(pull_request) == ["update"]
    assert pool.keys[-1] == "pullrequest:changes_request_removed"


@pytest.mark.parametrize("withdraw", [actions.unapprove, actions.withdraw_changes_request])
def test_what_was_not_given_cannot_be_withdrawn(pool: Tidepool, withdraw):
    with pytest.raises(Invalid, match="You haven't"):
        withdraw(pool.world, pool.open(), actor=pool.alice)
