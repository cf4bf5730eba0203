"""Whose turn, since when and why: each rule, their order, and what starts a wait."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.facts.pull_requests import (
    BuildFacts,
    BuildState,
    EventFacts,
    EventKind,
    ParticipantFacts,
    ReviewState,
    TaskFacts,
)
from insights.pull_requests.turn import Cause, Turn, TurnKind, turn_of
from tests.insights.lives import (
    ALICE,
    BOB,
    CARLA,
    DIRECTORY,
    RABBIT,
    approvals_reset,
    approved,
    asked_for_changes,
    at,
    commented,
    drafted,
    event,
    pull_request,
    pushed,
    readied,
    unapproved,
    withdrew_request,
)
from tests.insights.pull_requests.strategies import FLIPS, KINDS, OPEN, START, lives

REVIEWERS = tuple(ParticipantFacts(account=who, is_reviewer=True) for who in (BOB, CARLA))


def turn(*events, required=1, now="Fri 18:00", **fields):
    facts = pull_request(*events, opened="Mon 09:00", **fields)
    return turn_of(facts, directory=DIRECTORY, required_approvals=required, now=at(now))


def build(state, created="Mon 10:00", said=None, key="ci", **fields):
    return BuildFacts(commit="c", key=key, state=state, created_at=at(created), at=at(said or created), **fields)


def brief(found):
    return found.kind, found.since


def test_a_draft_waits_for_its_author_since_it_became_one():
    opened_as_draft = turn(is_draft=True)
    drafted_later = turn(approved("Mon 11:00"), drafted("Tue 10:00"), is_draft=True)

    assert opened_as_draft == Turn(kind=TurnKind.DRAFT, since=at("Mon 09:00"), waits_for=(ALICE,))
    assert brief(drafted_later) == (TurnKind.DRAFT, at("Tue 10:00"))


def test_a_draft_comes_before_everything_else():
    found = turn(asked_for_changes("Mon 10:00"), is_draft=True, builds=(build(BuildState.FAILED),))

    assert (found.kind, found.causes) == (TurnKind.DRAFT, ())


def test_without_a_review_it_is_the_reviewers_turn_since_it_was_opened():
    found = turn(participants=REVIEWERS)

    assert found == Turn(kind=TurnKind.REVIEWER, since=at("Mon 09:00"), waits_for=(BOB, CARLA))


def test_it_is_the_reviewers_turn_from_when_a_draft_is_ready():
    assert brief(turn(readied("Tue 10:00"))) == (TurnKind.REVIEWER, at("Tue 10:00"))


def test_a_push_while_a_review_is_due_does_not_start_the_wait_again():
    assert brief(turn(pushed("Tue 10:00"), pushed("Wed 10:00"))) == (TurnKind.REVIEWER, at("Mon 09:00"))


def test_nobody_in_particular_is_waited_for_where_nobody_was_asked():
    assert turn().waits_for == ()


def test_who_has_approved_is_waited_for_no_more():
    found = turn(approved("Mon 10:00", by=BOB), required=2, participants=REVIEWERS)

    # The participants of Bitbucket's answer say nothing of Bob's approval: it is taken to be withdrawn.
    assert found.waits_for == (BOB, CARLA)
    said = (msgspec.structs.replace(REVIEWERS[0], state=ReviewState.APPROVED), REVIEWERS[1])
    assert turn(approved("Mon 10:00", by=BOB), required=2, participants=said).waits_for == (CARLA,)


def test_requested_changes_make_it_the_authors_turn_even_after_a_push_until_they_are_withdrawn():
    asked = asked_for_changes("Mon 11:00")

    assert turn(asked, pushed("Tue 10:00")) == Turn(
        kind=TurnKind.AUTHOR, since=at("Mon 11:00"), waits_for=(ALICE,), causes=(Cause.CHANGES_REQUESTED,)
    )
    assert brief(turn(asked, withdrew_request("Wed 10:00"))) == (TurnKind.REVIEWER, at("Wed 10:00"))
    assert brief(turn(asked, approved("Wed 11:00"))) == (TurnKind.READY_TO_MERGE, at("Wed 11:00"))


def test_any_reviewers_request_counts_also_a_machines():
    assert turn(asked_for_changes("Mon 11:00", by=RABBIT)).causes == (Cause.CHANGES_REQUESTED,)


def test_a_failed_build_on_the_head_makes_it_the_authors_turn_since_it_failed():
    found = turn(builds=(build(BuildState.FAILED, created="Mon 10:00", said="Mon 10:30", was_seen_running=True),))

    assert (found.kind, found.since, found.causes) == (TurnKind.AUTHOR, at("Mon 10:30"), (Cause.BUILD_FAILED,))


def test_a_build_that_was_run_again_and_passed_has_passed():
    runs = (build(BuildState.FAILED, said="Mon 10:30"), build(BuildState.SUCCESSFUL, said="Mon 12:00"))

    assert brief(turn(builds=runs)) == (TurnKind.REVIEWER, at("Mon 12:00"))
    assert turn(builds=runs[::-1]) == turn(builds=runs)


def test_one_failed_key_is_enough():
    runs = (build(BuildState.SUCCESSFUL, key="lint"), build(BuildState.FAILED, key="test"))

    assert turn(builds=runs).kind is TurnKind.AUTHOR


@pytest.mark.parametrize("state", [BuildState.STOPPED, BuildState.SUCCESSFUL])
def test_a_stopped_build_asks_nothing_of_anybody(state):
    assert turn(builds=(build(state),)).kind is TurnKind.REVIEWER


def test_an_unresolved_task_makes_it_the_authors_turn_until_it_is_resolved():
    task = TaskFacts(id=1, creator=BOB, created_at=at("Mon 12:00"))
    done = msgspec.structs.replace(task, resolved_at=at("Tue 08:00"))

    assert brief(turn(tasks=(task,))) == (TurnKind.AUTHOR, at("Mon 12:00"))
    assert turn(tasks=(task, done)).causes == (Cause.TASKS_UNRESOLVED,)
    assert brief(turn(tasks=(done,))) == (TurnKind.REVIEWER, at("Tue 08:00"))


def test_an_unanswered_comment_makes_it_the_authors_turn_until_the_author_pushes_or_answers():
    comment = commented("Mon 11:00")

    found = turn(comment)
    assert (found.kind, found.since, found.causes) == (
        TurnKind.AUTHOR,
        at("Mon 11:00"),
        (Cause.COMMENT_UNANSWERED,),
    )
    assert brief(turn(comment, pushed("Mon 15:00"))) == (TurnKind.REVIEWER, at("Mon 15:00"))
    assert brief(turn(comment, commented("Mon 16:00", by=ALICE))) == (TurnKind.REVIEWER, at("Mon 16:00"))
    assert brief(turn(comment, event(EventKind.THREAD_RESOLVED, ALICE, "Mon 17:00"))) == (
        TurnKind.REVIEWER,
        at("Mon 17:00"),
    )


def test_a_second_comment_does_not_start_the_authors_wait_again():
    assert turn(commented("Mon 11:00"), commented("Tue 11:00", by=CARLA)).since == at("Mon 11:00")


def test_an_approval_after_a_comment_answers_for_the_author():
    assert brief(turn(commented("Mon 11:00"), approved("Mon 11:05"))) == (TurnKind.READY_TO_MERGE, at("Mon 11:05"))


def test_a_machines_comment_asks_nothing_of_the_author_and_answers_nothing():
    assert turn(commented("Mon 11:00", by=RABBIT)).kind is TurnKind.REVIEWER
    assert turn(commented("Mon 11:00"), commented("Mon 12:00", by=RABBIT)).causes == (Cause.COMMENT_UNANSWERED,)


def test_a_reset_by_bitbucket_is_nobodys_answer():
    found = turn(commented("Mon 11:00"), approvals_reset("Mon 12:00"))

    assert found.causes == (Cause.COMMENT_UNANSWERED,)


def test_several_causes_hold_at_once_and_the_wait_counts_from_the_first():
    found = turn(
        asked_for_changes("Mon 12:00"),
        builds=(build(BuildState.FAILED, said="Mon 11:00"),),
        tasks=(TaskFacts(id=1, creator=BOB, created_at=at("Mon 13:00")),),
    )

    assert found.since == at("Mon 11:00")
    assert found.causes == (Cause.CHANGES_REQUESTED, Cause.BUILD_FAILED, Cause.TASKS_UNRESOLVED)


def test_a_cause_that_hands_over_to_another_keeps_the_wait():
    # The comment of 11:00 is answered at 13:00, but at 12:00 changes were requested: the author's turn since 11:00.
    found = turn(commented("Mon 11:00"), asked_for_changes("Mon 12:00", by=CARLA), pushed("Mon 13:00"))

    assert brief(found) == (TurnKind.AUTHOR, at("Mon 11:00"))


def test_enough_approvals_make_it_ready_to_merge_since_the_last_that_was_needed():
    found = turn(approved("Mon 10:00"), approved("Tue 10:00", by=CARLA), required=2)

    assert found == Turn(kind=TurnKind.READY_TO_MERGE, since=at("Tue 10:00"), waits_for=(ALICE,))
    assert turn(approved("Mon 10:00"), required=2).kind is TurnKind.REVIEWER


def test_an_approval_taken_back_hands_it_to_the_reviewers_again():
    assert brief(turn(approved("Mon 10:00"), unapproved("Wed 10:00"))) == (TurnKind.REVIEWER, at("Wed 10:00"))


@pytest.mark.parametrize("who", [ALICE, RABBIT])
def test_the_authors_approval_and_a_machines_do_not_count(who):
    assert turn(approved("Mon 10:00", by=who)).kind is TurnKind.REVIEWER


def test_where_no_approval_is_required_it_is_ready_at_once():
    assert brief(turn(required=0)) == (TurnKind.READY_TO_MERGE, at("Mon 09:00"))


def test_a_running_build_is_waited_for_only_where_nothing_else_is_missing():
    running = (build(BuildState.INPROGRESS, created="Mon 12:00"),)

    assert turn(builds=running).kind is TurnKind.REVIEWER
    found = turn(approved("Mon 10:00"), builds=running)
    assert found == Turn(kind=TurnKind.BUILD, since=at("Mon 12:00"))
    passed = (build(BuildState.SUCCESSFUL, created="Mon 12:00", said="Mon 12:20", was_seen_running=True),)
    assert brief(turn(approved("Mon 10:00"), builds=passed)) == (TurnKind.READY_TO_MERGE, at("Mon 12:20"))


def test_a_build_that_ran_before_the_opening_belongs_to_the_opening():
    early = (build(BuildState.FAILED, created="Mon 07:00"),)

    assert brief(turn(builds=early)) == (TurnKind.AUTHOR, at("Mon 09:00"))


def test_an_author_whose_account_is_gone_is_not_named():
    assert turn(asked_for_changes("Mon 10:00"), author=None).waits_for == ()


def test_what_happens_later_is_not_looked_at():
    events = commented("Mon 11:00"), pushed("Mon 15:00")

    assert turn(*events, now="Mon 12:00").kind is TurnKind.AUTHOR
    assert turn(*events, now="Mon 10:00").kind is TurnKind.REVIEWER


@given(facts=lives(closed=OPEN), data=st.data())
def test_the_order_of_telling_changes_nothing(facts, data):
    now = START + timedelta(days=70)
    shuffled = msgspec.structs.replace(facts, events=tuple(data.draw(st.permutations(facts.events))))

    assert turn_of(shuffled, directory=DIRECTORY, now=now) == turn_of(facts, directory=DIRECTORY, now=now)


@given(facts=lives(closed=OPEN, kinds=[kind for kind in KINDS if kind not in FLIPS]))
def test_just_before_since_it_was_not_yet_so(facts):
    # Without words of drafts: a first "ready" tells something of the time before it that was not known then.
    now = START + timedelta(days=70)
    found = turn_of(facts, directory=DIRECTORY, now=now)
    as_of = turn_of(facts, directory=DIRECTORY, now=found.since)

    assert facts.created_at <= found.since <= now
    assert (as_of.kind, as_of.since) == (found.kind, found.since)
    if found.since > facts.created_at:
        before = turn_of(facts, directory=DIRECTORY, now=found.since - timedelta(microseconds=1))
        assert before.kind is not found.kind


def test_an_event_of_an_unknown_kind_of_person_is_still_judged():
    # A comment by somebody whose account is gone: another person, as the author is known.
    assert turn(EventFacts(EventKind.COMMENTED, at("Mon 10:00"))).kind is TurnKind.AUTHOR
