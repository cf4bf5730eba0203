"""The order of attention."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from insights.live.attention import order_of_attention, wait_of
from insights.result import Exclusion
from tests.insights.live.cast import BOB, NOW, RENOVATE, ago, approved, pull_request, reviewer


def test_the_longest_wait_comes_first_whatever_its_stage():
    fresh = pull_request(1, reviewer(BOB), opened=ago(hours=2))
    old = pull_request(2, reviewer(BOB), opened=ago(days=6))
    approved_long_ago = pull_request(3, approved(BOB, ago(days=3)), opened=ago(days=9))

    order = order_of_attention([fresh, old, approved_long_ago], now=NOW)

    assert [wait.pull_request.id for wait in order.value] == [2, 3, 1]
    assert [wait.waited for wait in order.value] == [timedelta(days=6), timedelta(days=3), timedelta(hours=2)]


def test_equal_waits_keep_the_order_of_their_numbers():
    order = order_of_attention([pull_request(number) for number in (9, 2, 5)], now=NOW)

    assert [wait.pull_request.id for wait in order.value] == [2, 5, 9]


def test_drafts_and_bots_are_left_out_and_counted_by_reason():
    order = order_of_attention(
        [
            pull_request(1),
            pull_request(2, draft=True),
            pull_request(3, draft=True),
            pull_request(4, author=RENOVATE),
            pull_request(5, author=RENOVATE, draft=True),
        ],
        now=NOW,
    )

    assert [wait.pull_request.id for wait in order.value] == [1]
    assert (order.n, order.exclusions) == (1, {Exclusion.BOT_AUTHOR: 2, Exclusion.DRAFT: 2})
    assert order.members == (1,)


def test_nothing_open_is_an_empty_order_and_not_a_missing_one():
    order = order_of_attention([], now=NOW)

    assert (order.value, order.n, order.exclusions, order.why_not) == ((), 0, {}, None)


def test_a_pull_request_from_a_clock_ahead_of_ours_has_waited_no_time():
    assert wait_of(pull_request(1, opened=NOW + timedelta(seconds=40)), now=NOW).waited == timedelta(0)


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 400), st.booleans()), max_size=40, unique_by=lambda row: row[0]
    )
)
def test_every_pull_request_is_either_in_the_order_or_counted_as_left_out(rows):
    pull_requests = [pull_request(number, opened=ago(hours=hours), draft=draft) for number, hours, draft in rows]

    order = order_of_attention(pull_requests, now=NOW)

    waited = [wait.waited for wait in order.value]
    assert waited == sorted(waited, reverse=True)
    assert order.n + sum(order.exclusions.values()) == len(pull_requests)
