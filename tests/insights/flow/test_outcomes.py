"""What became of those that were closed."""

from insights.clock.look import look
from insights.facts.pull_requests import PullRequestState
from insights.flow.outcomes import outcomes
from insights.result import Exclusion, WhyNot
from tests.insights.lives import (
    ALICE,
    DAY,
    RENOVATE,
    SETTINGS,
    approved,
    at,
    commented,
    force_pushed,
    measured,
    pull_request,
)

NOW = look(SETTINGS, now=at("3 Mon 00:00"))


def one(number, *events, opened="Mon 09:00", **fields):
    return measured(pull_request(*events, opened=opened, number=number, **fields))


def test_each_outcome_is_a_share_of_all_that_were_closed():
    rows = [
        one(1, approved("Mon 10:00"), merged="Mon 12:00", closed_by=ALICE),
        one(2, commented("Mon 10:00"), force_pushed("Mon 11:00"), approved("Mon 11:30"), merged="Mon 12:00"),
        one(3, declined="Mon 12:00"),
        one(4, declined="Mon 12:00", state=PullRequestState.SUPERSEDED),
        one(5),
        one(6, merged="Mon 12:00", author=RENOVATE),
    ]
    answer = outcomes(rows, NOW)

    assert answer.value.counts == {"MERGED": 2, "DECLINED": 1, "SUPERSEDED": 1}
    assert answer.value.shares == {"MERGED": 0.5, "DECLINED": 0.25, "SUPERSEDED": 0.25}
    assert (answer.value.self_merged, answer.value.rewritten_after_review) == (1, 1)
    assert (answer.n, answer.exclusions) == (4, {Exclusion.BOT_AUTHOR: 1})


def test_an_outcome_that_did_not_happen_is_zero():
    assert outcomes([one(1, merged="Mon 12:00")], NOW).value.shares == {
        "MERGED": 1.0,
        "DECLINED": 0.0,
        "SUPERSEDED": 0.0,
    }


def test_a_window_without_a_closing_is_silent():
    late = look(SETTINGS, now=at("Mon 12:00") + 29 * DAY)

    assert outcomes([one(1, merged="Mon 11:00"), one(2)], late).why_not is WhyNot.NO_DATA
