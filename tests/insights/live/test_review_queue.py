"""How much waits for a review, and what of it is the viewer's."""

from datetime import timedelta

from insights.live.attention import order_of_attention
from insights.live.review_queue import Yours, longest_wait, waiting_for_review, yours
from insights.live.turn import Stage
from insights.result import WhyNot
from tests.insights.live.cast import ALICE, BOB, CARLA, NOW, ago, approved, asked_for_changes, pull_request, reviewer


def waits():
    return order_of_attention(
        [
            pull_request(1, reviewer(BOB), opened=ago(hours=5)),
            pull_request(2, reviewer(ALICE), reviewer(CARLA), author=BOB, opened=ago(days=3)),
            pull_request(3, approved(CARLA, ago(hours=1)), opened=ago(days=8)),
            pull_request(4, asked_for_changes(ALICE, ago(hours=4)), author=BOB, opened=ago(days=9)),
        ],
        now=NOW,
    ).value


def test_it_counts_what_waits_for_a_reviewer_out_of_what_waits_for_anybody():
    result = waiting_for_review(waits())

    assert (result.value, result.n) == (2, 4)
    assert sorted(result.members) == [1, 2]


def test_the_longest_wait_is_that_of_the_stage_asked_for():
    assert longest_wait(waits()).value == timedelta(days=3)
    assert longest_wait(waits(), stage=Stage.MERGE).value == timedelta(hours=1)
    assert longest_wait(waits(), stage=Stage.AUTHOR).n == 1


def test_where_nothing_waits_the_longest_wait_says_why_it_has_no_value():
    result = longest_wait([])

    assert (result.value, result.n, result.why_not) == (None, 0, WhyNot.NO_DATA)


def test_a_viewer_sees_what_waits_for_them_and_what_is_theirs():
    share = yours(waits(), viewer_uuid=ALICE.uuid)

    assert [wait.pull_request.id for wait in share.to_review] == [2]
    assert [wait.pull_request.id for wait in share.to_finish] == [3]
    assert [wait.pull_request.id for wait in share.with_others] == [1]


def test_somebody_who_asked_for_changes_has_nothing_more_to_do_there():
    assert 4 not in [wait.pull_request.id for wait in yours(waits(), viewer_uuid=ALICE.uuid).to_review]


def test_a_viewer_who_is_not_signed_in_has_no_share():
    assert yours(waits(), viewer_uuid=None) == Yours()


def test_a_viewer_with_no_part_in_anything_has_an_empty_share():
    assert yours(waits(), viewer_uuid="{dddddddd-0000-4000-8000-0000000000d1}") == Yours()


def test_a_deleted_authors_pull_request_is_nobodys_own():
    orphan = order_of_attention([pull_request(1, approved(BOB), author=None)], now=NOW).value

    assert yours(orphan, viewer_uuid=ALICE.uuid) == Yours()
