"""Tests of whose request is next: each address in turn, and what Bitbucket sends in every second one."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.turns import Turns, is_from_bitbucket, sender_of

HEAD = b"GET /panels/repository HTTP/1.1\r\nHost: x\r\n%b\r\n"
requests = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30)


def turns_of(*waiting):
    turns = Turns()
    for number, (sender, is_bitbuckets) in enumerate(waiting):
        turns.add((sender, number), sender=sender, is_from_bitbucket=is_bitbuckets)
    return turns


def taken(turns):
    return [turns.take()[0] for _ in range(len(turns))]


def test_a_flood_waits_behind_itself():
    assert taken(turns_of(*[("flood", False)] * 5, ("ana", False), ("tom", False))) == [
        "flood", "ana", "tom", "flood", "flood", "flood", "flood",
    ]  # fmt: skip


def test_what_bitbucket_sends_has_every_second_turn():
    pages = [(sender, False) for sender in "abcdef"]
    assert taken(turns_of(*pages, *[("bitbucket", True)] * 3)) == [
        "a", "bitbucket", "b", "bitbucket", "c", "bitbucket", "d", "e", "f",
    ]  # fmt: skip


def test_forged_webhooks_do_not_keep_bitbuckets_own_from_their_turn():
    assert taken(turns_of(*[("flood", True)] * 4, ("bitbucket", True), ("bitbucket", True)))[:4] == [
        "flood", "bitbucket", "flood", "bitbucket",
    ]  # fmt: skip


@given(waiting=requests)
def test_everybody_has_a_turn_and_nobody_two_before_it(waiting):
    turns = turns_of(*waiting)
    order = [turns.take() for _ in range(len(waiting))]
    assert sorted(number for _, number in order) == list(range(len(waiting)))
    for sender, is_bitbuckets in set(waiting):
        mine = [number for who, number in order if who == sender and waiting[number][1] is is_bitbuckets]
        assert mine == sorted(mine), "of one sender, the first first"
    for is_bitbuckets in (True, False):
        lane = [who for who, number in order if waiting[number][1] is is_bitbuckets]
        rounds = [lane[: len(set(lane))]] if lane else []
        assert all(len(set(one)) == len(one) for one in rounds)
    with pytest.raises(KeyError):
        turns.take()


def test_where_bitbuckets_are_not_served_the_pages_are():
    turns = turns_of(("bitbucket", True), ("ana", False), ("bitbucket", True))
    assert turns.take(is_bitbucket_served=False) == ("ana", 1)
    with pytest.raises(KeyError):
        turns.take(is_bitbucket_served=False)
    assert [turns.take(), turns.take()] == [("bitbucket", 0), ("bitbucket", 2)]


@given(waiting=requests, late=st.integers(0, 30))
def test_of_bitbuckets_those_who_have_waited_too_long_are_taken_out_and_nobody_else(waiting, late):
    turns = turns_of(*waiting)
    taken_out = turns.take_late(lambda item: item[1] < late)
    assert {number for _, number in taken_out} == {
        number for number in range(min(late, len(waiting))) if waiting[number][1]
    }
    assert len(turns) == len(waiting) - len(taken_out)
    assert {turns.take()[1] for _ in range(len(turns))} | {number for _, number in taken_out} == set(
        range(len(waiting))
    )


@given(waiting=requests)
def test_whoever_has_most_waiting_gives_way_with_the_newest(waiting):
    turns = turns_of(*waiting)
    counts = Counter(waiting)
    assert turns.most_of_one() == max(counts.values(), default=0)
    if not waiting:
        with pytest.raises(ValueError, match="empty"):
            turns.give_way()
        return
    sender, number = turns.give_way()
    theirs = (sender, waiting[number][1])
    assert counts[theirs] == max(counts.values())
    assert number == max(place for place, one in enumerate(waiting) if one == theirs)
    assert len(turns) == len(list(turns.items())) == len(waiting) - 1


@pytest.mark.parametrize(
    ("line", "is_bitbuckets"),
    [
        (b"POST /connect/webhook HTTP/1.1\r\n", True),
        (b"POST /bittern/connect/installed HTTP/1.1\r\n", True),
        (b"GET /connect/welcome HTTP/1.1\r\n", False),
        (b"POST /pages/configure/export HTTP/1.1\r\n", False),
        (b"GET /?x=POST /connect/ HTTP/1.1\r\n", False),
        (b"POST /pages/configure?x=/connect/ HTTP/1.1\r\n", False),
        (b"", False),
    ],
)
def test_it_knows_what_bitbucket_sends_by_the_request_line(line, is_bitbuckets):
    assert is_from_bitbucket(line) is is_bitbuckets


@pytest.mark.parametrize(
    ("headers", "hops", "sender"),
    [
        (b"", 0, "10.0.0.1"),
        (b"X-Forwarded-For: 198.51.100.7\r\n", 0, "10.0.0.1"),
        (b"X-Forwarded-For: 198.51.100.7\r\n", 1, "198.51.100.7"),
        (b"X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n", 1, "198.51.100.7"),
        (b"x-forwarded-for: 203.0.113.9\r\nX-Forwarded-For: 198.51.100.7, 10.0.0.2\r\n", 2, "198.51.100.7"),
        (b"X-Forwarded-For: 198.51.100.7\r\n", 2, "10.0.0.1"),
        (b"X-Forwarded-For: made-up\r\n", 1, "10.0.0.1"),
        (b"X-Forwarded-For: 2001:db8:1:2:3:4:5:6\r\n", 1, "2001:db8:1:2::/64"),
        (b"", 1, "10.0.0.1"),
    ],
)
def test_a_sender_is_whom_our_outermost_proxy_saw(headers, hops, sender):
    assert sender_of(HEAD % headers, peer="10.0.0.1", proxy_hops=hops) == sender


def test_a_peer_without_an_address_is_one_sender():
    assert sender_of(HEAD % b"", peer="", proxy_hops=0) == ""
