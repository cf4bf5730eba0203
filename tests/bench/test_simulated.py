"""The simulated Bitbucket that benchmarks ask: answers that are kept are the answers that a fresh question would get."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from werkzeug import Request as Asked
from werkzeug import Response as Answer

from bench.simulated import TOKEN_PATH, URL, Clock, CountedCalls
from bitbucket.messages import Request

PAGE = "/2.0/repositories/a/b/pullrequests"
GOOD = "Bearer good"


@Asked.application
def bitbucket(asked):
    """Answers those who have a good token."""
    if asked.path == TOKEN_PATH or asked.headers.get("Authorization") == GOOD:
        return Answer(f"{next(numbers)}")
    return Answer(status=401)


numbers = iter(range(100))


@pytest.fixture
def calls():
    made = CountedCalls(bitbucket, Clock(datetime(2026, 11, 24, tzinfo=UTC)), seconds=0.3)
    made.answers = {}
    return made


def ask(calls, path, authorization):
    request = Request("GET", URL + path, {"Authorization": authorization})
    return calls.send(request, deadline_seconds=1)


def test_what_was_answered_once_is_answered_the_same_again(calls):
    assert ask(calls, PAGE, GOOD).body == ask(calls, PAGE, GOOD).body


def test_a_token_is_given_anew_each_time(calls):
    assert ask(calls, TOKEN_PATH, "JWT").body != ask(calls, TOKEN_PATH, "JWT").body


def test_what_was_refused_for_its_token_is_asked_again_with_the_next_one(calls):
    assert ask(calls, PAGE, "Bearer over").status == 401
    assert ask(calls, PAGE, GOOD).status == 200
    assert len(calls.answers) == 1
