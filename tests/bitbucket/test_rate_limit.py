"""What answers say about the quota, which is mostly nothing."""

from __future__ import annotations

import pytest

from bitbucket.messages import Headers
from bitbucket.rate_limit import RateLimit


def test_most_answers_say_nothing():
    assert RateLimit.from_http(Headers({"Content-Type": "application/json"})) is None


def test_scaled_limits_are_told():
    headers = Headers({"X-RateLimit-Limit": "4000", "x-ratelimit-resource": "api", "X-RateLimit-NearLimit": "True"})
    assert RateLimit.from_http(headers) == RateLimit(4000, "api", is_near=True)


def test_not_near_is_not_near():
    assert not RateLimit.from_http(Headers({"X-RateLimit-NearLimit": "false"})).is_near


@pytest.mark.parametrize("limit", ["many", "-1", "1.5", "٣", "9" * 10, ""])
def test_a_number_that_is_none_is_not_told(limit):
    told = RateLimit.from_http(Headers({"X-RateLimit-Limit": limit, "X-RateLimit-Resource": "api"}))
    assert told == RateLimit(None, "api", is_near=False)
