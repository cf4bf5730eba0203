"""Calls per rolling hour."""

from datetime import UTC, datetime, timedelta

from simulator.rest.quotas import MESSAGE, Quotas
from tests.simulator.tidepool import Client

AT = datetime(2026, 1, 1, tzinfo=UTC)


def admitted(quotas: Quotas, at: datetime, key: str = "a", *, is_anonymous: bool = False) -> bool:
    return quotas.admit(key, now=at, is_anonymous=is_anonymous)


def test_there_is_no_limit_until_one_is_set():
    quotas = Quotas()
    assert all(admitted(quotas, AT) for _ in range(5000))


def test_the_call_beyond_the_limit_is_refused_and_not_counted():
    quotas = Quotas()
    quotas.limit = 3
    assert [admitted(quotas, AT) for _ in range(5)] == [True, True, True, False, False]
    assert quotas.used("a", now=AT) == 3


def test_the_hour_rolls():
    quotas = Quotas()
    quotas.limit = 2
    admitted(quotas, AT)
    admitted(quotas, AT + timedelta(minutes=30))
    assert not admitted(quotas, AT + timedelta(minutes=59, seconds=59))
    assert admitted(quotas, AT + timedelta(minutes=60))
    assert not admitted(quotas, AT + timedelta(minutes=61))


def test_callers_are_counted_apart_and_the_anonymous_by_their_own_limit():
    quotas = Quotas()
    quotas.limit, quotas.anonymous_limit = 1, 2
    assert admitted(quotas, AT, "a")
    assert admitted(quotas, AT, "b")
    assert not admitted(quotas, AT, "a")
    assert [admitted(quotas, AT, "address", is_anonymous=True) for _ in range(3)] == [True, True, False]


def test_a_quota_can_be_used_up_at_once_and_forgotten():
    quotas = Quotas()
    quotas.limit = 10
    admitted(quotas, AT)
    quotas.exhaust("a", now=AT)
    assert quotas.used("a", now=AT) == 10
    quotas.clear()
    assert admitted(quotas, AT)


def test_rest_answers_a_429_in_plain_text_without_any_header_that_helps(client: Client):
    client.api.quotas.limit = 2
    for _ in range(2):
        client.get("/user")
    answer = client.call("GET", "/user")
    assert (answer.status_code, answer.get_data(as_text=True)) == (429, MESSAGE)
    assert answer.content_type.startswith("text/plain")
    assert not [name for name in dict(answer.headers) if name.lower().startswith(("x-ratelimit", "retry"))]
    client.pool.clock.advance(hours=1)
    client.get("/user")


def test_a_token_and_the_jwt_that_it_was_swapped_for_share_one_quota(client: Client):
    client.api.quotas.limit = 2
    for _ in range(2):
        client.get("/repositories/tidepool/shells", who=client.app_token("repository"))
    assert client.call("GET", "/repositories/tidepool/shells", who=client.app_token("repository")).status_code == 429
    assert client.call("GET", "/user").status_code == 200
