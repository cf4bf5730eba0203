"""What to look at first."""

from insights.clock.look import look
from insights.pull_requests.pace import Yardstick
from insights.pull_requests.stages import Stage
from insights.pull_requests.standing import standings
from insights.pulse.attention import attention
from insights.result import Exclusion
from tests.insights.lives import CONTEXT, HOUR, RENOVATE, SETTINGS, approved, at, commented, pull_request

NOW = look(SETTINGS, now=at("Fri 09:00"))
USUAL = {
    Stage.PICKUP: Yardstick(n=30, p50=6 * HOUR, p85=24 * HOUR),
    Stage.MERGE_WAIT: Yardstick(n=30, p50=HOUR, p85=2 * HOUR),
}


def listed(*facts, usual=USUAL, **options):
    return attention(standings(facts, NOW, CONTEXT, usual=usual), **options)


def ids(answer):
    return [standing.id for standing in answer.value]


def test_the_most_overdue_by_its_own_stage_comes_first():
    slow_review = pull_request(opened="Mon 09:00", number=1)  # 96 h of 24: four times
    slow_merge = pull_request(approved("Thu 09:00"), opened="Thu 08:00", number=2)  # 24 h of 2: twelve times
    fresh = pull_request(opened="Fri 08:00", number=3)

    assert ids(listed(slow_review, fresh, slow_merge)) == [2, 1, 3]


def test_what_has_no_yardstick_comes_after_by_its_wait():
    in_review = pull_request(commented("Mon 10:00"), opened="Mon 09:00", number=1)
    longer = pull_request(commented("Mon 09:30"), opened="Mon 09:00", number=2)
    fresh = pull_request(opened="Fri 08:59", number=3)

    assert ids(listed(in_review, longer, fresh)) == [3, 2, 1]
    assert ids(listed(in_review, longer, fresh, usual={})) == [2, 1, 3]


def test_equal_waits_stand_in_the_order_of_their_ids():
    assert ids(listed(*(pull_request(opened="Mon 09:00", number=number) for number in (2, 1)))) == [1, 2]


def test_five_rows_are_shown_and_all_are_counted():
    answer = listed(*(pull_request(opened="Mon 09:00", number=number) for number in range(1, 8)))

    assert (len(answer.value), answer.n, len(answer.members)) == (5, 7, 7)
    assert len(listed(*(pull_request(opened="Mon 09:00", number=number) for number in range(1, 8)), rows=2).value) == 2


def test_drafts_and_bots_ask_nothing_but_any_branch_does():
    answer = listed(
        pull_request(opened="Mon 09:00", number=1, is_draft=True),
        pull_request(opened="Mon 09:00", number=2, author=RENOVATE),
        pull_request(opened="Mon 09:00", number=3, destination_branch="feature/base"),
    )

    assert ids(answer) == [3]
    assert answer.exclusions == {Exclusion.BOT_AUTHOR: 1, Exclusion.DRAFT: 1}


def test_where_nothing_is_open_the_list_is_empty():
    answer = listed()

    assert (answer.value, answer.n) == ((), 0)
