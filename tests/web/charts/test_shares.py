"""Bars that lie: as wide as their share, with the word where there is room for it."""

from web.charts import shares


def test_a_bar_is_as_wide_as_its_share():
    assert [bar.width for bar in shares.lying([0.25, 1.0], ["a", "b"], "plain")] == [25, 100]


def test_bars_lie_below_each_other_beside_their_names():
    bars = shares.lying([0.1, 0.2, 0.3], ["a", "b", "c"], "plain")
    ticks = shares.row_ticks(["a", "b", "c"])

    assert [tick.at for tick in ticks] == [bar.y + bar.height / 2 for bar in bars]


def test_a_word_stands_behind_a_short_bar_and_inside_a_long_one():
    short, long = shares.beside([0.2, 0.95], ["20 %", "95 %"])

    assert (short.anchor, short.x) == ("start", 21)
    assert (long.anchor, long.x) == ("end inside", 94)
