"""Clocks that do not agree: a token is taken within the leeway of a minute, before and after, and never beyond it."""

from __future__ import annotations

import pytest

from connect.errors import Reason
from connect.tokens import LEEWAY_SECONDS
from tests.connect.cast import NOW, claims_for, sign
from tests.connect.verifying import CANONICAL, refusal, verify

HOUR = 3600
SHORTEST_LIFE = 1

pytestmark = pytest.mark.fault("C1")


def just_signed():
    """As Bitbucket signs at this moment, for a moment."""
    return sign(claims_for(CANONICAL, exp=NOW + SHORTEST_LIFE))


@pytest.mark.parametrize("ahead_seconds", [29, 31, LEEWAY_SECONDS])
def test_a_clock_that_is_a_little_ahead_of_ours_is_no_reason_to_refuse(ahead_seconds):
    assert verify(just_signed(), now=NOW - ahead_seconds).issued_at == NOW


@pytest.mark.parametrize("behind_seconds", [29, 31, LEEWAY_SECONDS])
def test_nor_is_one_that_is_a_little_behind(behind_seconds):
    assert verify(just_signed(), now=NOW + behind_seconds).issued_at == NOW


@pytest.mark.parametrize("ahead_seconds", [LEEWAY_SECONDS + 1, HOUR])
def test_one_that_is_further_ahead_is(ahead_seconds):
    assert refusal(just_signed(), now=NOW - ahead_seconds) == Reason.AUTH_NOT_YET_VALID


@pytest.mark.parametrize("behind_seconds", [LEEWAY_SECONDS + SHORTEST_LIFE, HOUR])
def test_and_one_that_is_further_behind(behind_seconds):
    assert refusal(just_signed(), now=NOW + behind_seconds) == Reason.AUTH_EXPIRED


def test_after_our_clock_was_put_back_what_is_signed_now_is_from_the_future():
    """Until the clock is right again; nothing is kept that would be wrong then."""
    token = just_signed()
    assert refusal(token, now=NOW - HOUR) == Reason.AUTH_NOT_YET_VALID
    assert verify(token, now=NOW).issued_at == NOW


def test_a_smeared_leap_second_is_never_seen():
    """Over a day a clock differs from another by up to a second."""
    token = just_signed()
    assert all(verify(token, now=NOW + smear) for smear in (-1, 0, 1))
