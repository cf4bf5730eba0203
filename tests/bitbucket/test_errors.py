"""The exception tree: every member tells what to do next."""

from __future__ import annotations

from datetime import timedelta

import pytest

import bitbucket.errors
from bitbucket.errors import (
    Answered,
    BitbucketError,
    Conflict,
    ForeignHost,
    NotFound,
    NotJson,
    RateLimited,
    Refused,
    ServerFault,
    TimedOut,
    TimedOutThere,
    Unauthorized,
    Unreachable,
    Unusable,
)
from tests.bitbucket.cast import NOW

EVERY_ERROR = [
    member
    for member in vars(bitbucket.errors).values()
    if isinstance(member, type) and issubclass(member, BitbucketError)
]


@pytest.mark.parametrize("error", EVERY_ERROR)
def test_each_has_a_constant_reason_for_logs(error):
    assert error.reason.startswith("out.")


@pytest.mark.parametrize("error", EVERY_ERROR)
def test_each_stands_in_the_drawing(error):
    drawn = bitbucket.errors.__doc__
    assert error.__name__ in drawn


@pytest.mark.parametrize("error", EVERY_ERROR)
def test_each_is_either_permanent_or_worth_another_try(error):
    passing = (Unreachable, Unusable, ServerFault, RateLimited, bitbucket.errors.NotYetReady)
    if issubclass(error, passing) or error in {BitbucketError, Answered}:
        assert not error.permanent
    else:
        assert error.permanent


def test_what_the_server_said_is_kept():
    error = NotFound(
        "Repository a/b not found",
        status=404,
        detail="more",
        fields={"name": ("too long",)},
        data={"announcement_url": "https://example.com"},
        retry_at=NOW + timedelta(seconds=1),
    )
    assert str(error) == "404 Repository a/b not found"
    assert (error.detail, error.fields, error.data) == (
        "more",
        {"name": ("too long",)},
        {"announcement_url": "https://example.com"},
    )
    assert error.retry_at == NOW + timedelta(seconds=1)


def test_a_foreign_host_says_which():
    assert ForeignHost("no", url="https://evil.example/").url == "https://evil.example/"


def test_the_tree_can_be_caught_by_its_branches():
    assert issubclass(TimedOut, Unreachable)
    assert issubclass(TimedOutThere, ServerFault)
    assert issubclass(ForeignHost, Refused)
    assert issubclass(Conflict, Answered)
    assert issubclass(bitbucket.errors.GrantRefused, Unauthorized)
    assert issubclass(NotJson, Unusable)
