"""Lives worked out by hand for each convention about who counts: bot, self-merge, declined, sync, unanswered, too few.

Every expected number is worked out in the comment above it, from the times in the life, and not by the code. The week is
that of Monday 2 March 2026, in UTC; Saturday and Sunday do not count on the working clock.
"""

from insights.clock.look import look
from insights.facts.pull_requests import PullRequestState
from insights.flow.headline import unreviewed_merges
from insights.flow.outcomes import outcomes
from insights.pull_requests.cohorts import Filter, merged_in
from insights.pull_requests.population import Series
from insights.pull_requests.stamps import Flag
from insights.pulse.open_to_merge import open_to_merge
from insights.pulse.pickup import Estimate, pickup
from insights.result import Exclusion, WhyNot, Window
from tests.insights.conventions.hours import hours
from tests.insights.lives import (
    ALICE,
    HOUR,
    RABBIT,
    RENOVATE,
    SETTINGS,
    approved,
    at,
    commented,
    measured,
    merged_after,
    pull_request,
    readied,
)

MONTH = Window(at("Mon 00:00"), at("4 Mon 00:00"))
LOOK = look(SETTINGS, now=at("4 Mon 00:00"))


def test_draft_whose_ready_time_is_unknown_starts_at_its_opening_and_is_counted_in_a_footnote():
    lives = [
        measured(
            pull_request(
                approved("Mon 12:00"),
                opened="Mon 09:00",
                merged="Mon 13:00",
                number=number,
                is_draft_history_known=number > 2,
            )
        )
        for number in range(1, 8)
    ]

    answer = open_to_merge(lives, LOOK, window=MONTH)

    # All seven took Mon 09 - Mon 13 = 4 hours; of two of them nobody knows when they became ready.
    assert (answer.value.p50, answer.n) == (4 * HOUR, 7)
    assert answer.flags == {"ready_assumed": 2}


def test_bot_nothing_it_says_stops_a_clock_and_its_pull_requests_are_a_series_of_their_own():
    by_person = measured(
        pull_request(
            commented("Mon 09:05", by=RABBIT),
            approved("Mon 09:06", by=RABBIT),
            commented("Mon 13:00"),
            approved("Mon 15:00"),
            opened="Mon 09:00",
            merged="Mon 16:00",
        )
    )
    by_bot = measured(
        pull_request(approved("Tue 11:00"), opened="Tue 09:00", merged="Tue 12:00", author=RENOVATE, number=2)
    )

    # pickup: Mon 09 - 13 = 4 (Bob's comment, not the machine's of 09:05). review: 13 - 15 = 2. merge wait: 1.
    assert by_person.stages.work == hours(pickup=4, review=2, merge_wait=1)
    assert by_person.stamps.first_ai_response == at("Mon 09:05")
    people = merged_in([by_person, by_bot], MONTH)
    bots = merged_in([by_person, by_bot], MONTH, chosen=Filter(series=Series.BOT))
    assert ([item.id for item in people], people.exclusions) == ([1], {Exclusion.BOT_AUTHOR: 1})
    assert ([item.id for item in bots], bots.exclusions) == ([2], {Exclusion.HUMAN_AUTHOR: 1})


def test_late_comment_does_not_make_an_unreviewed_merge_reviewed():
    life = measured(pull_request(commented("Tue 10:00"), opened="Mon 09:00", merged="Mon 12:00"))

    # Nobody but the author had said anything by Mon 12: all 3 hours are pickup.
    assert life.stages.work == hours(pickup=3)
    assert life.has(Flag.UNREVIEWED)


def test_self_merge_is_only_informational_and_the_authors_own_approval_reviews_nothing():
    reviewed = measured(
        pull_request(approved("Mon 10:00"), opened="Mon 09:00", merged="Mon 11:00", closed_by=ALICE, number=1)
    )
    alone = measured(
        pull_request(
            approved("Mon 10:00", by=ALICE),
            commented("Mon 10:00", by=ALICE),
            opened="Mon 09:00",
            merged="Mon 11:00",
            closed_by=ALICE,
            number=2,
        )
    )
    cohort = merged_in([reviewed, alone], MONTH)

    # Two were merged by their author; one of the two was never looked at: 1 of 2.
    assert outcomes([reviewed, alone], LOOK, window=MONTH).value.self_merged == 2
    answer = unreviewed_merges(cohort)
    assert (answer.value.count, answer.value.share, answer.n) == (1, 0.5, 2)
    # It stays in the durations: Mon 09 - Mon 11 = 2 hours, all pickup.
    assert alone.stages.work == hours(pickup=2)


def test_declined_is_never_in_a_duration_and_always_in_the_outcome_mix():
    merged = [merged_after(2 * HOUR, number=number) for number in range(1, 7)]
    declined = measured(pull_request(opened="Mon 09:00", declined="Fri 09:00", number=7))
    superseded = measured(
        pull_request(opened="Mon 09:00", declined="Fri 09:00", number=8, state=PullRequestState.SUPERSEDED)
    )
    everything = [*merged, declined, superseded]

    # The six merged took 2 + 1 + 1 = 4 hours each.
    durations = open_to_merge(everything, LOOK, window=MONTH)
    assert (durations.value.p50, durations.n) == (4 * HOUR, 6)
    assert durations.exclusions == {Exclusion.DECLINED: 1, Exclusion.SUPERSEDED: 1}
    # Of 8 closed, 6 were merged, 1 declined, 1 superseded.
    mix = outcomes(everything, LOOK, window=MONTH).value
    assert list(mix.shares.values()) == [0.75, 0.125, 0.125]


def test_sync_pull_request_is_left_out_and_counted_unless_it_comes_from_a_fork():
    def merged_from(branch, number, **fields):
        return measured(
            pull_request(
                approved("Mon 10:00"),
                opened="Mon 09:00",
                merged="Mon 11:00",
                source_branch=branch,
                number=number,
                **fields,
            )
        )

    lives = [
        merged_from("production", 1),
        merged_from("release/4.2", 2),
        merged_from("feature/x", 3),
        merged_from("production", 4, is_from_fork=True),  # somebody's work on their own copy
    ]
    cohort = merged_in(lives, MONTH)

    assert [item.id for item in cohort] == [3, 4]
    assert cohort.exclusions == {Exclusion.SYNC: 2}


def test_other_destination_is_left_out_and_counted():
    stacked = measured(
        pull_request(approved("Mon 10:00"), opened="Mon 09:00", merged="Mon 11:00", destination_branch="feature/base")
    )

    assert merged_in([stacked], MONTH).exclusions == {Exclusion.OTHER_DESTINATION: 1}


def test_unanswered_ones_count_as_at_least_as_long_as_they_have_waited():
    answered = [
        measured(pull_request(commented(f"Mon {9 + wait}:00"), opened="Mon 09:00", number=wait))
        for wait in (1, 2, 3, 4)
    ]
    declined = measured(pull_request(opened="Mon 09:00", declined="Mon 11:30", number=5))
    still_open = measured(pull_request(opened="Mon 09:00", number=6))
    unreviewed = measured(pull_request(opened="Mon 09:00", merged="Mon 09:10", number=7))
    now = look(SETTINGS, now=at("Tue 09:00"))

    answer = pickup([*answered, declined, still_open, unreviewed], now, window=MONTH)

    # Waits: 1, 2, 3, 4 hours ended; 2.5 h censored (declined), 24 h censored (open). The unreviewed merge is left out.
    # At 1 h: 6 waiting, 1 - 1/6 = 5/6. At 2 h: 5 waiting, 5/6 * 4/5 = 4/6. At 2.5 h one leaves the risk.
    # At 3 h: 3 waiting, 4/6 * 2/3 = 4/9 <= 1/2: the median is 3 hours. Leaving out the two unanswered would give 2.5.
    assert answer.value.p50 == Estimate(3 * HOUR)
    assert (answer.n, answer.exclusions) == (6, {Exclusion.UNREVIEWED: 1})


def test_unanswered_so_often_that_half_still_wait_gives_a_lower_bound():
    answered = [measured(pull_request(commented("Mon 10:00"), opened="Mon 09:00", number=number)) for number in (1, 2)]
    waiting = [measured(pull_request(opened="Mon 09:00", number=number)) for number in (3, 4, 5, 6)]

    answer = pickup([*answered, *waiting], look(SETTINGS, now=at("Tue 15:00")), window=MONTH)

    # 2 of 6 were answered: the curve stops at 4/6. All that is known of the median: longer than Mon 09 - Tue 15 = 30 h.
    assert answer.value.p50 == Estimate(30 * HOUR, is_lower_bound=True)


def test_answered_as_a_draft_only_is_no_unreviewed_merge_and_has_no_pickup():
    lives = [
        measured(
            pull_request(
                commented("Mon 10:00"), readied("Mon 12:00"), opened="Mon 09:00", merged="Mon 14:00", number=number
            )
        )
        for number in (1, 2)
    ]

    # Bob saw it before the merge, so it is not unreviewed; but nobody answered after it was ready.
    assert unreviewed_merges(merged_in(lives, MONTH)).value.count == 0
    answer = pickup(lives, LOOK, window=MONTH)
    assert (answer.value, answer.why_not, answer.exclusions) == (
        None,
        WhyNot.NO_DATA,
        {Exclusion.ANSWERED_AS_DRAFT: 2},
    )


def test_fewer_than_five_are_listed_and_have_no_percentile():
    lives = [merged_after(number * HOUR, number=number) for number in range(1, 5)]

    answer = open_to_merge(lives, LOOK, window=MONTH)

    assert (answer.value, answer.why_not, answer.n) == (None, WhyNot.TOO_FEW, 4)
    assert answer.members == (1, 2, 3, 4)


def test_fewer_than_twenty_have_a_median_and_no_85th_percentile():
    # Pickups of 1 to 19 hours, and 2 hours more to the merge: the tenth of 3 to 21 is 12.
    nineteen = [merged_after(number * HOUR, number=number) for number in range(1, 20)]
    twenty = [*nineteen, merged_after(20 * HOUR, number=20)]

    few, enough = (open_to_merge(lives, LOOK, window=MONTH).value for lives in (nineteen, twenty))

    assert (few.p50, few.p85) == (12 * HOUR, None)
    # 3 to 22 hours. The median lies between the 10th and 11th: 12.5. The 85th percentile at place 19 * 0.85 = 16.15, that is
    # between the 17th (19) and the 18th (20): 19.15 hours.
    assert (enough.p50, enough.p85) == (12.5 * HOUR, 19.15 * HOUR)


def test_merge_time_that_lies_before_the_opening_is_left_out_and_counted():
    # A fast-forward merge in the backfill: the "merge commit" is the author's own, dated before the opening.
    odd = measured(pull_request(opened="Tue 09:00", merged="Mon 09:00"))

    assert merged_in([odd], MONTH).exclusions == {Exclusion.MERGED_BEFORE_OPENED: 1}
