"""A Result in words: every reason for silence and for leaving out has some, and numbers read as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from insights.clock.look import look
from insights.result import DefinitionId, Exclusion, Result, WhyNot, Window
from insights.settings import WorkspaceSettings
from web.panels import result_words

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LOOK = look(WorkspaceSettings(time_zone="Europe/Berlin"), now=NOW)
WINDOW = Window(NOW - timedelta(days=28), NOW)


def result(**members):
    values = {"definition": DefinitionId("merged", 1), "n": 41, "value": 41, "window": WINDOW}
    return Result(**(values | members))


@pytest.mark.parametrize("why_not", list(WhyNot))
def test_every_silence_has_a_reason_in_words(why_not):
    assert result_words.silence(result(value=None, why_not=why_not)).endswith(".")


def test_a_figure_that_speaks_has_none():
    assert result_words.silence(result()) == ""


@pytest.mark.parametrize("exclusion", list(Exclusion))
def test_every_reason_to_leave_out_has_words(exclusion):
    assert result_words.reason(exclusion)


def test_what_was_left_out_is_counted_by_reason():
    told = result_words.left_out({Exclusion.DECLINED: 3, Exclusion.BOT_AUTHOR: 12})

    assert told == "left out: 3 declined, 12 by bots"


def test_nothing_left_out_needs_no_words():
    assert result_words.left_out({}) == ""


def test_the_basis_names_the_number_and_the_local_days():
    assert result_words.basis(result(), LOOK) == "n = 41, 26 Oct to 23 Nov"
    late = Window(datetime(2026, 10, 31, 23, 30, tzinfo=UTC), NOW)
    assert result_words.days(late, LOOK) == "1 Nov to 23 Nov"


def test_a_window_over_new_year_says_which_year_it_began_in():
    assert result_words.days(Window(NOW - timedelta(days=364), NOW), LOOK) == "24 Nov 2025 to 23 Nov"


def test_assumptions_are_footnotes_out_of_all():
    told = result_words.footnotes(result(n=214, flags={"ready_assumed": 12, "never_approved": 3}))

    assert told == ("12 of 214 with assumed ready time", "3 of 214 never approved")


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.004, "0.4 %"), (0.0512, "5.1 %"), (0.05, "5 %"), (0.5, "50 %"), (0.9951, "100 %")],
)
def test_shares_read_as_per_cent(share, text):
    assert result_words.percent(share).replace("\N{NO-BREAK SPACE}", " ") == text
