"""Events in one order, completed from what the participants say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.facts.pull_requests import EventFacts, EventKind, ParticipantFacts, ReviewState
from insights.pull_requests.events import Verdicts, ordered_events
from tests.insights.lives import (
    ALICE,
    BOB,
    CARLA,
    approvals_reset,
    approved,
    asked_for_changes,
    at,
    commented,
    pull_request,
    pushed,
    unapproved,
    withdrew_request,
)


def told(facts, **options):
    return [(event.kind, event.actor, event.at) for event in ordered_events(facts, **options)]


def participant(account, state=None, when=None, **fields):
    return ParticipantFacts(account=account, state=state, participated_at=when and at(when), **fields)


def standing_after(*events):
    verdicts = Verdicts()
    for event in events:
        verdicts.take(event)
    return verdicts.standing


@given(
    order=st.permutations(
        [commented("Mon 10:00"), approved("Mon 12:00"), pushed("Mon 11:00"), commented("Mon 10:00", by=CARLA)]
    )
)
def test_any_order_of_telling_gives_the_same_order(order):
    assert [event.at.hour for event in ordered_events(pull_request(*order, opened="Mon 09:00"))] == [10, 10, 11, 12]
    assert ordered_events(pull_request(*order, opened="Mon 09:00"))[0].actor == BOB


def test_at_one_time_a_push_resets_before_a_new_approval_is_given():
    facts = pull_request(approved("Mon 10:00"), approvals_reset("Mon 10:00"), pushed("Mon 10:00"), opened="Mon 09:00")

    assert [event.kind for event in ordered_events(facts)] == [
        EventKind.PUSHED,
        EventKind.APPROVALS_RESET,
        EventKind.APPROVED,
    ]


def test_what_came_after_the_closing_or_after_the_moment_asked_for_is_not_looked_at():
    events = commented("Mon 10:00"), commented("Mon 12:00"), commented("Mon 14:00")

    closed = pull_request(*events, opened="Mon 09:00", merged="Mon 12:00")
    assert [when.hour for _, _, when in told(closed)] == [10, 12]
    assert [when.hour for _, _, when in told(closed, until=at("Mon 11:00"))] == [10]
    assert [when.hour for _, _, when in told(pull_request(*events, opened="Mon 09:00"), until=at("Mon 13:00"))] == [
        10,
        12,
    ]


def test_before_the_log_is_read_approvals_come_from_the_participants():
    facts = pull_request(
        opened="Mon 09:00",
        is_activity_known=False,
        participants=(
            participant(BOB, ReviewState.APPROVED, "Mon 12:00"),
            participant(CARLA, ReviewState.CHANGES_REQUESTED, "Mon 11:00"),
            participant(ALICE),
        ),
    )

    assert told(facts) == [
        (EventKind.CHANGES_REQUESTED, CARLA, at("Mon 11:00")),
        (EventKind.APPROVED, BOB, at("Mon 12:00")),
    ]


def test_an_approval_whose_time_is_not_known_is_from_the_opening():
    facts = pull_request(opened="Mon 09:00", participants=(participant(BOB, ReviewState.APPROVED),))

    assert told(facts) == [(EventKind.APPROVED, BOB, at("Mon 09:00"))]


def test_an_approval_that_we_have_seen_is_not_told_twice():
    facts = pull_request(
        approved("Mon 12:00"), opened="Mon 09:00", participants=(participant(BOB, ReviewState.APPROVED, "Mon 12:00"),)
    )

    assert len(told(facts)) == 1


def test_an_approval_that_is_gone_without_a_word_went_with_the_last_push_after_it():
    facts = pull_request(
        pushed("Mon 09:30"),
        approved("Mon 12:00"),
        pushed("Mon 14:00"),
        opened="Mon 09:00",
        participants=(participant(BOB),),
    )

    assert told(facts)[-1] == (EventKind.UNAPPROVED, BOB, at("Mon 14:00"))


def test_an_approval_that_is_gone_without_a_push_never_stood():
    facts = pull_request(approved("Mon 12:00"), opened="Mon 09:00", participants=(participant(BOB),))

    assert [kind for kind, _, _ in told(facts)] == [EventKind.APPROVED, EventKind.UNAPPROVED]
    assert standing_after(*ordered_events(facts)) == {}


def test_a_request_for_changes_that_is_gone_is_withdrawn_the_same_way():
    facts = pull_request(asked_for_changes("Mon 12:00"), opened="Mon 09:00", participants=(participant(BOB),))

    assert told(facts)[-1][0] is EventKind.CHANGES_REQUEST_REMOVED


def test_what_stood_at_a_merge_is_not_undone_by_what_participants_say_now():
    facts = pull_request(
        approved("Mon 12:00"), opened="Mon 09:00", merged="Mon 13:00", participants=(participant(BOB),)
    )

    assert standing_after(*ordered_events(facts)) == {BOB: ReviewState.APPROVED}


def test_an_approval_after_the_merge_is_not_one_before_it():
    facts = pull_request(
        opened="Mon 09:00", merged="Mon 13:00", participants=(participant(BOB, ReviewState.APPROVED, "Mon 15:00"),)
    )

    assert told(facts) == []


@pytest.mark.parametrize(
    ("events", "standing"),
    [
        ([approved("Mon 10:00")], {BOB: "approved"}),
        ([approved("Mon 10:00"), unapproved("Mon 11:00")], {}),
        ([approved("Mon 10:00"), asked_for_changes("Mon 11:00")], {BOB: "changes_requested"}),
        ([approved("Mon 10:00"), asked_for_changes("Mon 11:00"), withdrew_request("Mon 12:00")], {}),
        ([asked_for_changes("Mon 10:00"), approved("Mon 11:00")], {BOB: "approved"}),
        ([approved("Mon 10:00"), withdrew_request("Mon 11:00")], {BOB: "approved"}),
        ([asked_for_changes("Mon 10:00"), unapproved("Mon 11:00")], {BOB: "changes_requested"}),
        ([unapproved("Mon 11:00")], {}),
        (
            [approved("Mon 10:00"), asked_for_changes("Mon 11:00", by=CARLA), approvals_reset("Mon 12:00")],
            {CARLA: "changes_requested"},
        ),
        (
            [
                approved("Mon 10:00"),
                asked_for_changes("Mon 11:00", by=CARLA),
                EventFacts(EventKind.CHANGES_REQUESTS_RESET, at("Mon 12:00")),
            ],
            {BOB: "approved"},
        ),
        ([commented("Mon 10:00"), pushed("Mon 11:00")], {}),
    ],
)
def test_the_last_word_of_each_account_stands(events, standing):
    assert standing_after(*events) == standing
