"""The queue: order, retries, mischief, and how it ends. No sockets: what would be sent is noted down."""

from __future__ import annotations

import threading

import pytest

from simulator.connect.deliveries import Deliveries, Delivery, Mischief
from simulator.connect.errors import Unanswered, UnsignableAddress
from simulator.connect.outgoing import Answer
from simulator.connect.settings import ConnectSettings

PATIENCE_SECONDS = 10


class Receiver:
    """Stands in for Outgoing: answers from a script, then 200. `gate` closed: answers wait until it opens."""

    def __init__(self):
        self.sent = []
        self.script = []
        self.gate = threading.Event()
        self.gate.set()

    def send(self, method, url, *, headers, timeout_seconds, body):
        self.sent.append((url, body.decode(), dict(headers)))
        assert method == "POST"
        self.gate.wait(PATIENCE_SECONDS)
        answer = self.script.pop(0) if self.script else 200
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer, "", b"", 0.0)

    @property
    def bodies(self):
        return [body for _, body, _ in self.sent]


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.gate.set()


@pytest.fixture
def settings():
    return ConnectSettings()


@pytest.fixture
def deliveries(receiver, settings):
    made = Deliveries(receiver, settings=settings, seed=7)
    yield made
    receiver.gate.set()
    made.close(wait_seconds=PATIENCE_SECONDS)


def delivery(deliveries, body, *, lane="one", is_wanted=lambda: True):
    return Delivery(
        id=deliveries.next_id(),
        lane=lane,
        event_key="repo:push",
        request_uuid=f"request-{body}",
        url="http://127.0.0.1/hook",
        body=str(body).encode(),
        headers=lambda one, number: {"X-Request-UUID": one.request_uuid, "X-Attempt-Number": str(number)},
        is_wanted=is_wanted,
    )


def send(deliveries, *bodies, **more):
    found = [delivery(deliveries, body, **more) for body in bodies]
    for one in found:
        deliveries.submit(one)
    assert deliveries.wait_until_idle(PATIENCE_SECONDS)
    return found


def test_a_delivery_arrives_once_and_is_logged(deliveries, receiver):
    (one,) = send(deliveries, "a")
    assert receiver.bodies == ["a"]
    assert one.state == "delivered"
    assert [(attempt.number, attempt.status) for attempt in one.attempts] == [(1, 200)]
    assert deliveries.log() == [one]


def test_one_receiver_gets_them_in_order(deliveries, receiver):
    send(deliveries, *range(50))
    assert receiver.bodies == [str(number) for number in range(50)]


def test_a_slow_receiver_does_not_hold_up_another(deliveries, receiver):
    receiver.gate.clear()
    deliveries.submit(delivery(deliveries, "slow", lane="slow"))
    deliveries.submit(delivery(deliveries, "slower", lane="slow"))
    deliveries.submit(delivery(deliveries, "quick", lane="quick"))
    wait_for(lambda: sorted(receiver.bodies) == ["quick", "slow"])
    receiver.gate.set()
    assert deliveries.wait_until_idle(PATIENCE_SECONDS)
    assert sorted(receiver.bodies) == ["quick", "slow", "slower"]


def wait_for(condition):
    done = threading.Event()
    for _ in range(1000):
        if condition():
            return
        done.wait(0.01)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("status", [500, 503, 599])
def test_a_server_fault_is_tried_two_more_times(deliveries, receiver, status):
    receiver.script = [status, status, status]
    (one,) = send(deliveries, "a")
    assert one.state == "failed"
    assert [attempt.status for attempt in one.attempts] == [status] * 3
    assert [headers["X-Attempt-Number"] for _, _, headers in receiver.sent] == ["1", "2", "3"]


def test_a_timeout_is_tried_again_and_may_then_arrive(deliveries, receiver):
    receiver.script = [Unanswered("too slow", timed_out=True), 204]
    (one,) = send(deliveries, "a")
    assert one.state == "delivered"
    assert [(attempt.status, attempt.error) for attempt in one.attempts] == [(None, "too slow"), (204, "")]


@pytest.mark.parametrize("status", [301, 400, 401, 404, 413, 429])
def test_any_other_refusal_is_final(deliveries, receiver, status):
    receiver.script = [status]
    (one,) = send(deliveries, "a")
    assert (one.state, len(one.attempts)) == ("failed", 1)


def test_how_often_is_tried_can_be_changed(deliveries, receiver, settings):
    settings.webhook_attempts = 1
    receiver.script = [500]
    (one,) = send(deliveries, "a")
    assert (one.state, len(one.attempts)) == ("failed", 1)


def test_an_address_that_cannot_be_signed_fails_once_and_says_why(deliveries, receiver):
    receiver.script = [UnsignableAddress("misread")]
    (one,) = send(deliveries, "a")
    assert (one.state, one.attempts[0].error, len(one.attempts)) == ("failed", "misread", 1)


def test_the_next_one_is_sent_after_one_that_failed(deliveries, receiver):
    receiver.script = [500, 500, 500, 200]
    first, second = send(deliveries, "a", "b")
    assert (first.state, second.state) == ("failed", "delivered")


def test_what_is_no_longer_wanted_is_dropped(deliveries, receiver):
    (one,) = send(deliveries, "a", is_wanted=lambda: False)
    assert (one.state, receiver.sent) == ("dropped", [])


def test_all_can_be_lost(deliveries, receiver):
    deliveries.behave(Mischief(lose=1.0))
    found = send(deliveries, "a", "b")
    assert {one.state for one in found} == {"lost"}
    assert receiver.sent == []


def test_some_can_be_lost_and_the_same_ones_for_the_same_seed(settings):
    def lost():
        receiver = Receiver()
        deliveries = Deliveries(receiver, settings=settings, seed=3)
        deliveries.behave(Mischief(lose=0.3))
        found = send(deliveries, *range(40))
        deliveries.close(wait_seconds=PATIENCE_SECONDS)
        return [one.state == "lost" for one in found]

    first = lost()
    assert 4 <= sum(first) <= 22
    assert lost() == first


def test_each_can_come_twice_with_the_same_request_uuid(deliveries, receiver):
    deliveries.behave(Mischief(duplicate=1.0))
    send(deliveries, "a", "b")
    assert receiver.bodies == ["a", "a", "b", "b"]
    uuids = [headers["X-Request-UUID"] for _, _, headers in receiver.sent]
    assert uuids == ["request-a", "request-a", "request-b", "request-b"]
    assert [one.is_duplicate for one in deliveries.log()] == [False, True, False, True]
    assert len({one.id for one in deliveries.log()}) == 4


def test_they_can_come_in_another_order(deliveries, receiver):
    deliveries.behave(Mischief(reorder=5, is_paused=True))
    for body in range(20):
        deliveries.submit(delivery(deliveries, body))
    deliveries.behave(Mischief(reorder=5))
    assert deliveries.wait_until_idle(PATIENCE_SECONDS)
    assert sorted(receiver.bodies, key=int) == [str(number) for number in range(20)]
    assert receiver.bodies != [str(number) for number in range(20)]


def test_a_delay_waits_before_each(deliveries, receiver):
    deliveries.behave(Mischief(delay_seconds=0.05))
    (one,) = send(deliveries, "a")
    assert one.state == "delivered"


def test_a_pause_holds_all_until_it_ends(deliveries, receiver):
    deliveries.behave(Mischief(is_paused=True))
    deliveries.submit(delivery(deliveries, "a"))
    assert not deliveries.wait_until_idle(0.1)
    assert receiver.sent == []
    deliveries.behave(Mischief())
    assert deliveries.wait_until_idle(PATIENCE_SECONDS)
    assert receiver.bodies == ["a"]


def test_one_of_the_log_can_be_sent_again(deliveries, receiver):
    (one,) = send(deliveries, "a")
    twin = deliveries.again(one.id)
    assert deliveries.wait_until_idle(PATIENCE_SECONDS)
    assert receiver.bodies == ["a", "a"]
    assert (twin.state, twin.is_duplicate, twin.request_uuid) == ("delivered", True, one.request_uuid)
    assert deliveries.again(999) is None


def test_one_that_is_never_sent_is_only_logged(deliveries, receiver):
    one = delivery(deliveries, "a")
    one.state = "too_large"
    deliveries.note(one)
    assert deliveries.wait_until_idle(PATIENCE_SECONDS)
    assert (receiver.sent, deliveries.log()) == ([], [one])


def test_clearing_the_log_keeps_what_is_on_its_way(deliveries, receiver):
    send(deliveries, "done")
    deliveries.behave(Mischief(is_paused=True))
    waiting = delivery(deliveries, "waiting")
    deliveries.submit(waiting)
    deliveries.clear_log()
    assert deliveries.log() == [waiting]
    deliveries.behave(Mischief())
    assert deliveries.wait_until_idle(PATIENCE_SECONDS)


def test_closing_drops_what_waits_and_takes_nothing_more(receiver, settings):
    deliveries = Deliveries(receiver, settings=settings)
    deliveries.behave(Mischief(is_paused=True))
    waiting, late = delivery(deliveries, "waiting"), delivery(deliveries, "late")
    deliveries.submit(waiting)
    deliveries.close(wait_seconds=PATIENCE_SECONDS)
    deliveries.submit(late)
    assert (waiting.state, receiver.sent) == ("dropped", [])
    assert late not in deliveries.log()


def test_closing_does_not_wait_for_a_receiver_that_hangs(receiver, settings):
    deliveries = Deliveries(receiver, settings=settings)
    receiver.gate.clear()
    deliveries.submit(delivery(deliveries, "a"))
    wait_for(lambda: receiver.sent)
    deliveries.close(wait_seconds=0.05)
    receiver.gate.set()
