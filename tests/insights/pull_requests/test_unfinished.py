"""Open threads and tasks."""

from insights.facts.pull_requests import TaskFacts, ThreadFacts
from insights.pull_requests.unfinished import Owned, unfinished
from tests.insights.lives import ALICE, BOB, CARLA, at, pull_request

MONDAY = at("Mon 10:00")


def task(number, creator, *, resolved=False):
    return TaskFacts(id=number, creator=creator, created_at=MONDAY, resolved_at=MONDAY if resolved else None)


def thread(number, *, resolved=False):
    return ThreadFacts(id=number, opened_by=BOB, opened_at=MONDAY, resolved_at=MONDAY if resolved else None)


def test_what_is_open_is_counted_by_who_set_it():
    facts = pull_request(
        opened="Mon 09:00",
        tasks=(task(1, BOB), task(2, CARLA), task(3, CARLA), task(4, ALICE, resolved=True), task(5, None)),
        threads=(thread(1), thread(2, resolved=True), thread(3)),
    )
    answer = unfinished(facts)

    assert (answer.value.threads, answer.value.tasks, answer.n) == (2, 4, 8)
    assert answer.value.tasks_by_owner == (Owned(CARLA, 2), Owned(None, 1), Owned(BOB, 1))


def test_a_pull_request_without_any_has_none_open():
    answer = unfinished(pull_request(opened="Mon 09:00"))

    assert (answer.value.threads, answer.value.tasks, answer.n) == (0, 0, 0)
