"""How many are open at a time."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from insights.clock.look import look
from insights.flow.work_in_progress import open_at, work_in_progress
from insights.result import Exclusion, WhyNot, Window
from tests.insights.lives import RENOVATE, SETTINGS, at, drafted, measured, pull_request, readied
from tests.insights.pull_requests.strategies import START, lives

NOW = look(SETTINGS, now=at("2 Mon 00:00"))
WEEK = Window(at("Mon 00:00"), at("2 Mon 00:00"))


def one(number, *events, opened="Mon 09:00", **fields):
    return measured(pull_request(*events, opened=opened, number=number, **fields))


def test_the_median_over_the_ends_of_the_days():
    rows = [
        one(1, merged="Tue 12:00"),  # open at the end of Mon
        one(2, opened="Tue 09:00", merged="Thu 12:00"),  # Tue, Wed
        one(3, opened="Wed 09:00"),  # Wed to Sun
        one(4, readied("Fri 09:00"), merged="Sun 09:00"),  # Fri, Sat
        one(5, opened="Mon 09:00", is_draft=True),  # never
        one(6, drafted("Thu 09:00"), readied("Sat 09:00"), opened="Wed 08:00", merged="Sun 10:00"),  # Wed, Sat
        one(7, author=RENOVATE),
    ]
    answer = work_in_progress(rows, NOW, window=WEEK)

    # Mon 1, Tue 1, Wed 3 (2, 3, 6), Thu 1, Fri 2, Sat 3, Sun 1: sorted 1 1 1 1 2 3 3.
    ends = [at(f"{day} 00:00") for day in ("Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "2 Mon")]
    people = [row for row in rows if not row.is_bot]
    assert open_at(people, ends) == [1, 1, 3, 1, 2, 3, 1]
    assert (answer.value, answer.n, answer.exclusions) == (1.0, 7, {Exclusion.BOT_AUTHOR: 1})


def test_with_drafts_all_that_are_open_count():
    rows = [one(1, is_draft=True), one(2, readied("Wed 09:00"), merged="Thu 09:00")]

    assert open_at(rows, [at("Tue 00:00"), at("Fri 00:00")], drafts=True) == [2, 1]


def test_what_happens_at_the_end_of_a_day_belongs_to_the_next():
    rows = [one(1, opened="Tue 00:00"), one(2, merged="Tue 00:00"), one(3, merged="Tue 00:00")]

    assert open_at(rows, [at("Tue 00:00"), at("Wed 00:00")]) == [2, 1]


def test_28_days_have_28_ends():
    assert work_in_progress([one(1)], NOW).n == 28
    assert work_in_progress([], NOW).value == 0.0


def test_a_window_without_the_end_of_a_day_has_no_median():
    answer = work_in_progress([one(1)], NOW, window=Window(at("Mon 09:00"), at("Mon 10:00")))

    assert answer.why_not is WhyNot.NO_DATA


@given(facts=st.lists(lives(), max_size=10), minutes=st.lists(st.integers(0, 60 * 24 * 60), min_size=1).map(sorted))
def test_it_agrees_with_looking_at_each_one(facts, minutes):
    rows = [measured(one_) for one_ in facts]
    moments = [START + timedelta(minutes=number) for number in minutes]

    def is_open(row, moment):
        stamps = row.stamps
        if stamps.ready is None or moment <= stamps.ready or (stamps.closed is not None and stamps.closed < moment):
            return False
        return not any(span.start < moment and (span.end is None or moment <= span.end) for span in stamps.later_drafts)

    assert open_at(rows, moments) == [sum(is_open(row, moment) for row in rows) for moment in moments]
