"""A sparkline is drawn from zero, leaves gaps where nothing is known, and says what it shows."""

from datetime import timedelta

from web.panels.sparkline import HEIGHT, WIDTH, sparkline

HOURS = [timedelta(hours=hours) for hours in (4, 8, 2)]


def drawn(values):
    return sparkline(values, [str(place) for place in range(len(values))], title="Open to merge")


def test_it_says_what_it_shows():
    assert drawn(HOURS).finding.replace("\N{NO-BREAK SPACE}", " ") == "From 4 h to 2 h in 3 weeks."


def test_the_highest_reaches_the_top_and_zero_is_the_bottom():
    # Two pixels are left on each side: 4 h of 8 h is half of the 20 between.
    assert drawn(HOURS).path == "M2 12L60 2L118 17"
    assert drawn(HOURS).dot == (118, 17)
    assert (WIDTH, HEIGHT) == (120, 24)


def test_a_week_without_a_value_leaves_a_gap_and_stands_in_the_table():
    found = drawn([HOURS[0], None, HOURS[1], HOURS[2]])

    assert found.path.count("M") == 2
    assert found.rows[1] == ("1", "fewer than 5")


def test_one_value_is_no_line():
    assert drawn([HOURS[0], None]) is None
    assert drawn([]) is None


def test_times_of_nothing_are_drawn_at_the_bottom():
    assert drawn([timedelta(0), timedelta(0)]).path == "M2 22L118 22"
