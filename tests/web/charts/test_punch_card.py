"""The punch card: the area of a square is its count, and the smallest can be seen."""

import pytest

from web.charts import punch_card

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def card(**counts):
    hours = [[0] * 24 for _day in DAYS]
    for place, count in counts.items():
        day, hour = place.strip("_").split("_")
        hours[int(day)][int(hour)] = count
    return hours


def test_the_area_of_a_square_is_its_count():
    full, quarter = punch_card.squares(card(_0_9=16, _4_17=4), DAYS, "commits")

    assert quarter.width * quarter.height == pytest.approx(full.width * full.height / 4, rel=0.01)


def test_a_square_says_its_day_hour_and_count():
    assert [bar.tip for bar in punch_card.squares(card(_4_7=3), DAYS, "commits")] == ["Fri 07:00: 3"]


def test_an_hour_in_which_nothing_happened_has_no_square():
    assert punch_card.squares(card(), DAYS, "commits") == ()


def test_one_of_a_thousand_can_still_be_seen():
    small = min(punch_card.squares(card(_0_9=1000, _6_23=1), DAYS, "commits"), key=lambda bar: bar.height)

    assert small.height >= 3


def test_every_square_lies_in_its_own_cell():
    hours = [[hour + day for hour in range(24)] for day in range(7)]
    for bar in punch_card.squares(hours, DAYS, "answers"):
        assert int(bar.y // punch_card.ROW) == int((bar.y + bar.height) // punch_card.ROW)
        assert 0 <= bar.x < bar.x + bar.width <= 100


def test_the_axes_name_the_days_and_every_sixth_hour():
    assert [tick.label for tick in punch_card.hour_ticks()] == ["00", "06", "12", "18"]
    assert [tick.label for tick in punch_card.day_ticks(DAYS)] == list(DAYS)
