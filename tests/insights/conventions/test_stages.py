"""One life worked out by hand for each convention about the stages: weekend, draft, force-push, squash, reset, late comment.

Every expected number is worked out in the comment above it, from the times in the life, and not by the code. The week is
that of Monday 2 March 2026, in UTC; Saturday and Sunday do not count on the working clock.
"""

from datetime import timedelta

from insights.clock.look import look
from insights.facts.pull_requests import FileChange
from insights.pull_requests.stamps import Flag
from insights.settings import ClockKind, WorkspaceSettings
from tests.insights.conventions.hours import hours
from tests.insights.lives import (
    ALICE,
    BOB,
    CARLA,
    HOUR,
    RABBIT,
    SETTINGS,
    approvals_reset,
    approved,
    asked_for_changes,
    at,
    commented,
    drafted,
    force_pushed,
    measured,
    pull_request,
    pushed,
    readied,
    unapproved,
)

LOOK = look(SETTINGS, now=at("4 Mon 00:00"))
WALL = look(SETTINGS, now=at("4 Mon 00:00"), kind=ClockKind.WALL)


def test_weekend_the_working_clock_stands_still_from_saturday_to_monday():
    life = measured(
        pull_request(
            commented("Sat 08:00"),
            approved("2 Mon 10:00"),
            first="Thu 20:00",
            opened="Fri 20:00",
            merged="2 Tue 12:00",
        )
    )

    # coding: Thu 20 - Fri 20 = 24.      pickup: Fri 20 - Sat 08 = 12 by the wall, 4 until Friday's end.
    # review: Sat 08 - Mon 10 = 16 + 24 + 10 = 50 by the wall, 10 of Monday at work.
    # merge wait: Mon 10 - Tue 12 = 26.  cycle: 24 + 12 + 50 + 26 = 112 by the wall, 24 + 4 + 10 + 26 = 64 at work.
    assert life.stages.wall == hours(coding=24, pickup=12, review=50, merge_wait=26)
    assert life.stages.work == hours(coding=24, pickup=4, review=10, merge_wait=26)
    assert (life.stages.wall.cycle, life.stages.work.cycle) == (112 * HOUR, 64 * HOUR)


def test_draft_its_time_is_a_stage_of_its_own_and_a_later_one_is_taken_out_of_the_others():
    life = measured(
        pull_request(
            commented("Mon 11:00"),  # to the draft: stops no clock
            readied("Mon 14:00"),
            drafted("Mon 20:00"),
            readied("Tue 08:00"),
            approved("Tue 10:00"),
            opened="Mon 09:00",
            merged="Tue 15:00",
        )
    )

    # draft: Mon 09 - Mon 14 = 5, and Mon 20 - Tue 08 = 12: together 17.
    # pickup: Mon 14 - Tue 10 = 20 less the 12 as a draft = 8. review: 0, the answer was the approval. merge wait: 5.
    # cycle: Mon 09 - Tue 15 = 30 = 17 + 8 + 0 + 5. open to merge: 13.
    assert life.stages.work == hours(draft=17, pickup=8, review=0, merge_wait=5)
    assert life.stages.work.cycle == 30 * HOUR
    assert life.stages.work.open_to_merge == 13 * HOUR


def test_force_push_keeps_the_author_date_and_the_clocks_going_and_is_counted_after_the_first_answer():
    life = measured(
        pull_request(
            commented("Tue 10:00"),
            force_pushed("Tue 12:00"),
            approved("Tue 16:00"),
            first="Mon 10:00",  # the author date survives the rebase of Tuesday
            opened="Tue 09:00",
            merged="Tue 17:00",
        )
    )

    # coding: Mon 10 - Tue 09 = 23. pickup: 1. review: 10 - 16 = 6, straight through the force-push. merge wait: 1.
    assert life.stages.work == hours(coding=23, pickup=1, review=6, merge_wait=1)
    assert life.has(Flag.REWRITTEN_AFTER_REVIEW)


def test_force_push_before_the_first_answer_rewrites_nothing_that_was_reviewed():
    life = measured(
        pull_request(force_pushed("Mon 10:00"), approved("Mon 12:00"), opened="Mon 09:00", merged="Mon 13:00")
    )

    assert not life.has(Flag.REWRITTEN_AFTER_REVIEW)


def test_coding_starts_no_later_than_the_opening_and_at_most_thirty_days_before_it():
    opened = at("4 Mon 09:00")
    old = measured(pull_request(opened=opened, first=opened - timedelta(days=45), merged="4 Mon 10:00"))
    future = measured(pull_request(opened=opened, first=opened + 2 * HOUR, merged="4 Mon 10:00"))

    # 45 days are cut to 30: 720 hours by the wall. A commit dated after the opening is taken to be from the opening.
    assert (old.stages.wall.coding, old.has(Flag.CODING_CAPPED)) == (720 * HOUR, True)
    assert (future.stages.wall.coding, future.has(Flag.CODING_CAPPED)) == (0 * HOUR, False)


def test_squash_the_first_commit_counts_although_the_merge_commit_is_a_new_one():
    life = measured(
        pull_request(
            approved("Tue 13:00"),
            first="Mon 12:00",
            opened="Tue 12:00",
            merged="Tue 14:00",
            head="a" * 40,
            merge_commit="b" * 40,
            commits=("a" * 40,),
        )
    )

    # coding: Mon 12 - Tue 12 = 24: from the branch's own commits, not from the squashed one, made at the merge.
    assert life.stages.work == hours(coding=24, pickup=1, review=0, merge_wait=1)


def test_reset_approvals_reopen_the_clock_and_the_last_time_they_rose_to_k_counts():
    life = measured(
        pull_request(
            approved("Mon 11:00"),
            pushed("Mon 15:00"),
            approvals_reset("Mon 15:00"),
            approved("Tue 10:00"),
            opened="Mon 09:00",
            merged="Tue 12:00",
        )
    )

    # pickup: 9 - 11 = 2. review: Mon 11 - Tue 10 = 23, as the approval of Monday did not last. merge wait: 2.
    assert life.stages.work == hours(pickup=2, review=23, merge_wait=2)


def test_reset_approvals_never_given_again_leave_it_not_approved_at_the_merge():
    life = measured(
        pull_request(approved("Mon 11:00"), unapproved("Mon 15:00"), opened="Mon 09:00", merged="Tue 12:00")
    )

    # pickup: 2. review runs from Mon 11 to the merge on Tue 12 = 25. merge wait: 0.
    assert life.stages.work == hours(pickup=2, review=25)
    assert life.has(Flag.NEVER_APPROVED)


def test_two_required_approvals_are_there_with_the_second_person_and_never_with_the_author():
    settings = WorkspaceSettings(main_branch="main", required_approvals=2)
    life = measured(
        pull_request(
            approved("Mon 10:00", by=ALICE),
            approved("Mon 11:00", by=BOB),
            approved("Mon 12:00", by=RABBIT),
            approved("Mon 16:00", by=CARLA),
            opened="Mon 09:00",
            merged="Mon 18:00",
        ),
        settings=settings,
    )

    # pickup: 9 - 11, Bob (Alice is the author) = 2. review: 11 - 16, Carla (the machine does not count) = 5. wait: 2.
    assert life.stages.work == hours(pickup=2, review=5, merge_wait=2)


def test_late_comment_after_the_merge_changes_nothing():
    events = approved("Mon 11:00"), asked_for_changes("Wed 10:00", by=CARLA), commented("Thu 10:00", by=CARLA)
    life = measured(pull_request(*events, opened="Mon 09:00", merged="Mon 12:00"))

    # pickup: 2. review: 0. merge wait: 11 - 12 = 1. Nobody commented before the merge.
    assert life.stages.work == hours(pickup=2, review=0, merge_wait=1)
    assert (life.comments, life.rounds) == (0, 0)


def test_the_example_that_others_publish_comes_out_the_same():
    # Opened Friday 20:00, answered Saturday 08:00: 4 hours, as in LinearB's published example; 12 by the wall.
    life = measured(pull_request(approved("Sat 08:00"), opened="Fri 20:00", merged="Sat 08:00"))

    assert (life.times(LOOK).pickup, life.times(WALL).pickup) == (4 * HOUR, 12 * HOUR)


def test_generated_files_do_not_make_a_pull_request_large():
    files = (
        FileChange(path="package-lock.json", lines_added=9_000, lines_removed=4_000),
        FileChange(path="src/app.py", lines_added=30, lines_removed=12),
    )
    life = measured(pull_request(opened="Mon 09:00", files=files))

    # 30 + 12 = 42 lines: at most 50, so S.
    assert (life.lines, life.files, life.bucket) == (42, 1, "S")
