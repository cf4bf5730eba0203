"""The team's own target."""

import pytest

from insights.clock.look import look
from insights.flow.targets import HitRate, pickup_target
from insights.result import Exclusion, WhyNot
from insights.settings import Target
from tests.insights.lives import HOUR, SETTINGS, at, commented, measured, merged_after, pull_request

NOW = look(SETTINGS, now=at("2 Wed 09:00"))
TARGET = Target(share=0.75, within=4 * HOUR)


def test_the_hit_rate_is_the_share_answered_in_time():
    rows = [merged_after(hours * HOUR, number=number) for number, hours in enumerate((1, 4, 5, 2), start=1)]

    # 1, 4 and 2 hours are in time: three of four, which is what the team wanted.
    assert pickup_target(rows, NOW, TARGET).value == HitRate(3, 0.75, is_met=True)
    assert not pickup_target(rows, NOW, Target(share=0.8, within=4 * HOUR)).value.is_met


def test_one_that_waits_is_missed_once_the_time_is_over_and_undecided_before():
    late = measured(pull_request(opened="2 Tue 09:00", number=1))
    just_late = measured(pull_request(opened="2 Wed 05:00", number=2))
    young = measured(pull_request(opened="2 Wed 05:01", number=3))
    answer = pickup_target([late, just_late, young, merged_after(HOUR, number=4)], NOW, TARGET)

    assert answer.value == HitRate(1, pytest.approx(1 / 3), is_met=False)
    assert (answer.n, answer.exclusions) == (3, {Exclusion.TOO_YOUNG: 1})


def test_the_target_is_in_working_time():
    # Friday 22:00 to Monday 01:00: three working hours.
    row = measured(pull_request(commented("2 Mon 01:00"), opened="Fri 22:00"))

    assert pickup_target([row], NOW, TARGET).value.hits == 1


def test_without_anything_to_judge_it_is_silent():
    assert pickup_target([], NOW, TARGET).why_not is WhyNot.NO_DATA
