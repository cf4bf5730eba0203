"""The moments of a life, their order, and the footnotes."""

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from insights.facts.pull_requests import ParticipantFacts, ReviewState
from insights.pull_requests.stamps import Flag, stamps_of
from tests.insights.lives import (
    ALICE,
    BOB,
    CARLA,
    DIRECTORY,
    RABBIT,
    RENOVATE,
    approved,
    asked_for_changes,
    at,
    commented,
    pull_request,
    readied,
    unapproved,
)
from tests.insights.pull_requests.strategies import lives


def stamps(facts, **options):
    return stamps_of(facts, directory=DIRECTORY, **options)


def test_an_approval_of_the_draft_that_still_stands_answers_it_when_it_is_ready():
    found = stamps(pull_request(approved("Mon 10:00"), readied("Mon 12:00"), opened="Mon 09:00", merged="Mon 13:00"))

    assert (found.ready, found.responded, found.approved) == (at("Mon 12:00"), at("Mon 12:00"), at("Mon 12:00"))
    assert (found.responder, found.flags) == (BOB, frozenset())


def test_a_request_for_changes_to_the_draft_that_still_stands_answers_it_too():
    found = stamps(pull_request(asked_for_changes("Mon 10:00"), readied("Mon 12:00"), opened="Mon 09:00"))

    assert (found.responded, found.approved) == (at("Mon 12:00"), None)


def test_an_approval_of_the_draft_that_was_taken_back_answers_nothing():
    found = stamps(
        pull_request(approved("Mon 10:00"), unapproved("Mon 11:00"), readied("Mon 12:00"), opened="Mon 09:00")
    )

    assert found.responded is None


def test_a_comment_at_the_moment_of_getting_ready_answers_it():
    found = stamps(pull_request(readied("Mon 12:00"), commented("Mon 12:00"), opened="Mon 09:00"))

    assert found.responded == at("Mon 12:00")


def test_the_first_answer_is_anothers_and_a_persons():
    found = stamps(
        pull_request(
            commented("Mon 09:10", by=RABBIT),
            commented("Mon 09:20", by=ALICE),
            commented("Mon 09:30", by=RENOVATE),
            commented("Mon 09:40", by=CARLA),
            approved("Mon 09:50", by=BOB),
            opened="Mon 09:00",
        )
    )

    assert (found.responded, found.responder) == (at("Mon 09:40"), CARLA)
    assert found.first_ai_response == at("Mon 09:10")


def test_a_comment_of_somebody_whose_account_is_gone_is_an_answer():
    assert stamps(pull_request(commented("Mon 10:00", by=None), opened="Mon 09:00")).responded == at("Mon 10:00")


def test_without_required_approvals_the_first_answer_approves():
    found = stamps(pull_request(commented("Mon 10:00"), opened="Mon 09:00"), required_approvals=0)

    assert found.approved == at("Mon 10:00")


def test_a_draft_has_no_answer_however_much_is_said():
    found = stamps(pull_request(commented("Mon 10:00"), approved("Mon 11:00"), opened="Mon 09:00", is_draft=True))

    assert (found.ready, found.responded, found.approved) == (None, None, None)


def test_a_life_can_be_read_as_it_stood_at_an_earlier_moment():
    facts = pull_request(commented("Mon 10:00"), approved("Mon 12:00"), opened="Mon 09:00", merged="Mon 14:00")

    early, late = (stamps(facts, until=at(when)) for when in ("Mon 11:00", "Mon 14:00"))
    assert (early.responded, early.approved, early.closed) == (at("Mon 10:00"), None, None)
    assert (late.approved, late.closed) == (at("Mon 12:00"), at("Mon 14:00"))


def test_flags_tell_what_was_assumed():
    found = stamps(
        pull_request(
            opened="Mon 09:00",
            merged="Mon 12:00",
            first_commit_at=None,
            is_draft_history_known=False,
            is_activity_known=False,
        )
    )

    assert found.flags == {
        Flag.FIRST_COMMIT_ASSUMED,
        Flag.READY_ASSUMED,
        Flag.ACTIVITY_UNKNOWN,
        Flag.UNANSWERED,
        Flag.NEVER_APPROVED,
    }


def test_a_merge_is_called_unreviewed_only_where_the_log_is_known():
    known = stamps(pull_request(opened="Mon 09:00", merged="Mon 12:00"))
    unknown = stamps(pull_request(opened="Mon 09:00", merged="Mon 12:00", is_activity_known=False))

    assert Flag.UNREVIEWED in known.flags
    assert Flag.UNREVIEWED not in unknown.flags


def test_an_approval_known_from_a_participant_makes_an_answer():
    found = stamps(
        pull_request(
            opened="Mon 09:00",
            is_activity_known=False,
            participants=(ParticipantFacts(account=BOB, state=ReviewState.APPROVED, participated_at=at("Mon 11:00")),),
        )
    )

    assert (found.responded, found.approved) == (at("Mon 11:00"), at("Mon 11:00"))


def test_one_opened_and_merged_by_people_without_an_account_is_not_called_self_merged():
    facts = pull_request(opened="Mon 09:00", merged="Mon 12:00", author=None, closed_by=None)

    assert Flag.SELF_MERGED not in stamps(facts).flags


@given(facts=lives())
def test_the_moments_are_in_order(facts):
    found = stamps(facts)
    moments = [found.first, found.opened, found.ready, found.responded, found.approved, found.closed]
    known = [moment for moment in moments if moment is not None]

    assert known == sorted(known)
    assert found.opened - found.first <= timedelta(days=30)


@given(facts=lives(), data=st.data())
def test_the_order_in_which_events_are_told_changes_nothing(facts, data):
    shuffled = msgspec.structs.replace(facts, events=tuple(data.draw(st.permutations(facts.events))))

    assert stamps(shuffled) == stamps(facts)
