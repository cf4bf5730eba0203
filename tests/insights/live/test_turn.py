"""Whose turn it is, and since when: each rule, and the order of the rules."""

import pytest

from insights.live.facts import Participant, ReviewState
from insights.live.turn import Stage, approvals, objections, outstanding_reviewers, turn_of
from tests.insights.live.cast import (
    ALICE,
    BOB,
    CARLA,
    PIPELINE,
    ago,
    approved,
    asked_for_changes,
    pull_request,
    reviewer,
)


def test_a_draft_is_its_authors_even_when_it_is_approved():
    turn = turn_of(pull_request(1, approved(BOB), draft=True, opened=ago(days=3)))

    assert (turn.stage, turn.since, turn.waits_for) == (Stage.DRAFT, ago(days=3), (ALICE,))


def test_a_request_for_changes_makes_it_the_authors_turn_even_beside_an_approval():
    turn = turn_of(pull_request(1, approved(CARLA, ago(hours=1)), asked_for_changes(BOB, ago(hours=5))))

    assert (turn.stage, turn.since, turn.waits_for) == (Stage.AUTHOR, ago(hours=5), (ALICE,))


def test_the_latest_objection_says_since_when_it_is_the_authors_turn():
    turn = turn_of(pull_request(1, asked_for_changes(BOB, ago(hours=9)), asked_for_changes(CARLA, ago(hours=2))))

    assert turn.since == ago(hours=2)


def test_without_an_approval_it_waits_for_the_reviewers_who_said_nothing_since_it_was_opened():
    turn = turn_of(pull_request(1, reviewer(BOB), reviewer(CARLA), opened=ago(days=4)))

    assert (turn.stage, turn.since, turn.waits_for) == (Stage.REVIEWER, ago(days=4), (BOB, CARLA))


def test_without_any_reviewer_it_waits_for_a_reviewer_and_names_nobody():
    turn = turn_of(pull_request(1))

    assert (turn.stage, turn.waits_for) == (Stage.REVIEWER, ())


def test_an_approved_pull_request_waits_to_be_merged_since_its_approval():
    turn = turn_of(pull_request(1, approved(BOB, ago(hours=3)), reviewer(CARLA)))

    assert (turn.stage, turn.since, turn.waits_for) == (Stage.MERGE, ago(hours=3), (ALICE,))


def test_two_required_approvals_are_reached_with_the_second():
    waiting = pull_request(1, approved(BOB, ago(hours=9)), reviewer(CARLA))
    ready = pull_request(1, approved(BOB, ago(hours=9)), approved(CARLA, ago(hours=2)))

    assert turn_of(waiting, required_approvals=2).stage is Stage.REVIEWER
    assert turn_of(waiting, required_approvals=2).waits_for == (CARLA,)
    assert turn_of(ready, required_approvals=2).since == ago(hours=2)


def test_the_wait_for_a_merge_starts_with_the_approval_that_completed_the_number_not_with_a_later_one():
    turn = turn_of(pull_request(1, approved(CARLA, ago(hours=1)), approved(BOB, ago(hours=8))))

    assert turn.since == ago(hours=8)


def test_where_no_approval_is_required_it_waits_to_be_merged_since_it_was_opened():
    turn = turn_of(pull_request(1, opened=ago(days=1)), required_approvals=0)

    assert (turn.stage, turn.since) == (Stage.MERGE, ago(days=1))


@pytest.mark.parametrize("account", [ALICE, PIPELINE])
def test_the_approval_of_the_author_or_of_a_bot_does_not_count(account):
    candidate = pull_request(1, approved(account, ago(hours=1)), reviewer(BOB))

    assert turn_of(candidate).stage is Stage.REVIEWER
    assert approvals(candidate) == ()


def test_the_objection_of_a_bot_does_not_hand_it_back_to_the_author():
    candidate = pull_request(1, asked_for_changes(PIPELINE))

    assert turn_of(candidate).stage is Stage.REVIEWER
    assert objections(candidate) == ()


def test_somebody_who_only_commented_is_not_asked_for_a_review():
    commenter = Participant(account=BOB, is_reviewer=False, participated_at=ago(hours=1))

    assert outstanding_reviewers(pull_request(1, commenter, reviewer(CARLA))) == (CARLA,)


def test_an_approval_by_somebody_who_was_not_asked_counts():
    volunteer = Participant(account=BOB, is_reviewer=False, state=ReviewState.APPROVED, participated_at=ago(hours=1))

    assert turn_of(pull_request(1, volunteer, reviewer(CARLA))).stage is Stage.MERGE


def test_an_approval_whose_time_is_not_known_counts_from_the_opening():
    assert turn_of(pull_request(1, approved(BOB), opened=ago(days=6))).since == ago(days=6)


def test_the_pull_request_of_a_deleted_account_waits_for_its_reviewers_and_then_for_nobody_by_name():
    orphan = pull_request(1, reviewer(BOB), author=None)
    ready = pull_request(1, approved(BOB), author=None)

    assert turn_of(orphan).waits_for == (BOB,)
    assert turn_of(ready).waits_for == ()
