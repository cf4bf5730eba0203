"""What holds of the queue under any mischief and any answers of the receivers."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.connect.deliveries import Deliveries, Delivery, Mischief
from simulator.connect.errors import Unanswered
from simulator.connect.outgoing import Answer
from simulator.connect.settings import ConnectSettings

PATIENCE_SECONDS = 20
LANES = ("one", "two", "three")
SHARES = st.sampled_from([0.0, 0.0, 0.3, 1.0])


class Receiver:
    """Notes what arrives; the answers come from a script, in the order in which they are asked for."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.arrived = []

    def send(self, _method, _url, *, headers, body, timeout_seconds):
        self.arrived.append((headers["lane"], body.decode(), int(headers["number"])))
        answer = self.answers.pop() if self.answers else 200
        if answer is None:
            raise Unanswered(f"nothing within {timeout_seconds}", timed_out=True)
        return Answer(answer, "", b"", 0.0)


def delivery(deliveries, lane, name):
    return Delivery(
        id=deliveries.next_id(),
        lane=lane,
        event_key="repo:push",
        request_uuid=f"{lane}-{name}",
        url="http://127.0.0.1/hook",
        body=str(name).encode(),
        headers=lambda one, number: {"lane": one.lane, "number": str(number)},
        is_wanted=lambda: True,
    )


def run(lanes, answers, mischief, seed):
    """Send one delivery for each name in `lanes`; the receiver, and the log."""
    receiver = Receiver(answers)
    deliveries = Deliveries(receiver, settings=ConnectSettings(), seed=seed)
    deliveries.behave(mischief)
    for name, lane in enumerate(lanes):
        deliveries.submit(delivery(deliveries, lane, name))
    assert deliveries.wait_until_idle(PATIENCE_SECONDS)
    log = deliveries.log()
    deliveries.close(wait_seconds=PATIENCE_SECONDS)
    return receiver, log


def arrivals_by_lane(receiver):
    """What each lane got, attempts of one delivery counted once."""
    found = defaultdict(list)
    for lane, name, number in receiver.arrived:
        if number == 1:
            found[lane].append(int(name))
    return found


@settings(max_examples=60)
@given(
    lanes=st.lists(st.sampled_from(LANES), max_size=15),
    answers=st.lists(st.sampled_from([200, 404, 500, None]), max_size=20),
    duplicate=SHARES,
    lose=SHARES,
    seed=st.integers(0, 9),
)
def test_every_delivery_ends_and_is_either_sent_or_lost(lanes, answers, duplicate, lose, seed):
    receiver, log = run(lanes, answers, Mischief(duplicate=duplicate, lose=lose), seed)
    assert {one.state for one in log} <= {"delivered", "failed", "lost"}
    assert len([one for one in log if not one.is_duplicate]) == len(lanes)
    for one in log:
        assert (one.state == "lost") == (not one.attempts)
        assert len(one.attempts) <= 3
        assert [attempt.number for attempt in one.attempts] == list(range(1, len(one.attempts) + 1))
        if one.state == "delivered":
            assert one.attempts[-1].status == 200
    assert len(receiver.arrived) == sum(len(one.attempts) for one in log)


@settings(max_examples=60)
@given(
    lanes=st.lists(st.sampled_from(LANES), max_size=15),
    answers=st.lists(st.sampled_from([200, 500]), max_size=20),
    duplicate=SHARES,
    lose=SHARES,
    seed=st.integers(0, 9),
)
def test_a_lane_keeps_its_order_where_no_other_is_asked_for(lanes, answers, duplicate, lose, seed):
    receiver, _ = run(lanes, answers, Mischief(duplicate=duplicate, lose=lose), seed)
    for names in arrivals_by_lane(receiver).values():
        assert names == sorted(names)


@settings(max_examples=20)
@given(lanes=st.lists(st.sampled_from(LANES), max_size=10), reorder=st.integers(2, 4), seed=st.integers(0, 9))
def test_in_another_order_still_each_arrives_once(lanes, reorder, seed):
    receiver, _ = run(lanes, [], Mischief(reorder=reorder), seed)
    expected = defaultdict(list)
    for name, lane in enumerate(lanes):
        expected[lane].append(name)
    assert {lane: sorted(names) for lane, names in arrivals_by_lane(receiver).items()} == expected


@settings(max_examples=30)
@given(lanes=st.lists(st.sampled_from(LANES), min_size=1, max_size=10), seed=st.integers(0, 9))
def test_with_every_delivery_doubled_each_arrives_twice(lanes, seed):
    receiver, log = run(lanes, [], Mischief(duplicate=1.0), seed)
    assert len(receiver.arrived) == 2 * len(lanes)
    assert sum(one.is_duplicate for one in log) == len(lanes)
