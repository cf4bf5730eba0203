"""What is kept of each day gives the figures of one pass over all, and a change makes anew what its own day gives, no more."""

from datetime import timedelta
from random import Random

import pytest
from msgspec.structs import replace

from insights.clock.look import look
from insights.facts.pull_requests import PullRequestState
from insights.pull_requests.tally import Tally
from insights.pulse.open_to_merge import open_to_merge, open_to_merge_of, open_to_merge_tally
from insights.pulse.pickup import pickup, pickup_of, pickup_tally, settled_at
from insights.result import Exclusion, Window
from tests.insights.lives import DAY, HOUR, SETTINGS, at, commented, measured, pull_request, readied
from web.panels.closed import MANY_CHANGES, Closed, closing

START = at("Mon 00:00")
NOW = look(SETTINGS, now=START + 40 * DAY)
WINDOW = Window(START + 10 * DAY + 7 * HOUR, START + 38 * DAY + 7 * HOUR)


def closed_one(number, chance):
    """Return one that was opened at some time, perhaps as a draft, answered or not, and merged or declined."""
    opened = START + chance.randrange(35 * 24 * 60) * timedelta(minutes=1)
    events = [commented(opened + chance.randrange(1, 90) * HOUR)] if chance.random() < 0.8 else []
    if is_draft := chance.random() < 0.2:
        events.append(readied(opened + chance.randrange(1, 30) * HOUR))
    end = "merged" if chance.random() < 0.8 else "declined"
    told = {end: opened + chance.randrange(1, 120) * HOUR, "is_draft_history_known": True, "number": number}
    if chance.random() < 0.1:
        told["destination_branch"] = "elsewhere"
    found = measured(pull_request(*events, opened=opened, **told))
    return without_its_end(found) if chance.random() < 0.05 and not is_draft else found


def without_its_end(item):
    """Return one whose closing time is lost."""
    reason = Exclusion.MERGE_TIME_UNKNOWN if item.state is PullRequestState.MERGED else None
    return replace(item, stages=None, exclusion=reason, stamps=replace(item.stamps, closed=None))


def some(count, chance, *, start=1):
    return [closed_one(number, chance) for number in range(start, start + count)]


def merged_within(closed, window, *, take=open_to_merge_tally):
    tally = closed.by_day(closing).tally("merged", window, lambda items, within: take(items, NOW, within))
    return open_to_merge_of(tally, window)


def ready_within(closed, window):
    days = closed.by_day(settled_at)
    take = lambda items, within: pickup_tally(items, NOW, within)  # noqa: E731 - as short as it is used
    unsettled = take(days.days.get(None, ()), window)
    return pickup_of(Tally.together([days.tally("pickup", window, take), unsettled]), window)


def assert_as_in_one_pass(closed, window):
    assert merged_within(closed, window) == open_to_merge(closed.items, NOW, window=window)
    assert ready_within(closed, window) == pickup(closed.items, NOW, window=window)


@pytest.mark.parametrize("seed", range(6))
def test_figures_by_day_are_those_of_one_pass_whatever_was_closed_reopened_or_told_anew(seed):
    chance = Random(seed)
    closed, number, window = Closed.of(some(300, chance)), 301, WINDOW
    assert_as_in_one_pass(closed, window)

    for _ in range(25):
        gone = {one.id for one in chance.sample(closed.items, chance.randrange(3))}
        told_anew = [closed_one(number, chance) for number in gone if chance.random() < 0.7]
        ended = [*told_anew, *some(chance.randrange(3), chance, start=number)]
        number += 3
        closed = closed.with_ended(ended, without={*gone, *(one.id for one in ended)})
        if chance.random() < 0.5:
            window = Window(window.start + 3 * HOUR, window.end + 3 * HOUR)

        assert_as_in_one_pass(closed, window)
        anew = Closed.of(closed.items)
        assert (closed.items, closed.by_number) == (anew.items, anew.by_number)


def test_a_merge_goes_through_its_own_day_and_the_two_that_the_window_cuts():
    closed = Closed.of(some(400, Random(7)))
    merged_within(closed, WINDOW)
    seen = []

    def take(items, look, window):
        seen.extend(items)
        return open_to_merge_tally(items, look, window)

    moment = START + 20 * DAY + 5 * HOUR
    one = measured(pull_request(opened=moment - HOUR, merged=moment, number=401))
    after = closed.with_ended([one], without={401})
    merged_within(after, WINDOW, take=take)

    cut = {WINDOW.start.date(), moment.date(), WINDOW.end.date()}
    assert one in seen
    assert {closing(item).date() for item in seen} == cut
    assert len(seen) == sum(closing(item).date() in cut for item in after.items)


def test_a_figure_of_past_days_stands_until_one_of_them_changes():
    closed, made = Closed.of(some(100, Random(3))), []
    figure = lambda: made.append(1) or len(made)  # noqa: E731 - as short as it is used
    week = Window(START + 7 * DAY, START + 14 * DAY)

    def ending(day, number):
        moment = START + day * DAY + HOUR
        return [measured(pull_request(opened=moment - HOUR, merged=moment, number=number))]

    assert closed.by_day(closing).figure("week", week, figure) == 1
    closed = closed.with_ended(ending(14, 201), without={201})
    assert closed.by_day(closing).figure("week", week, figure) == 1
    closed = closed.with_ended(ending(13, 202), without={202})
    assert closed.by_day(closing).figure("week", week, figure) == 2
    closed = closed.with_ended([], without={202})
    assert closed.by_day(closing).figure("week", week, figure) == 3


def test_very_many_changes_are_put_in_order_at_once():
    chance = Random(5)
    closed = Closed.of(some(200, chance))
    ended = some(MANY_CHANGES, chance, start=190)

    changed = closed.with_ended(ended, without={one.id for one in ended})

    assert changed.items == Closed.of([*(one for one in closed.items if one.id < 190), *ended]).items
    assert_as_in_one_pass(changed, WINDOW)


def test_what_is_kept_has_an_end(monkeypatch):
    monkeypatch.setattr("web.panels.closed.MOST_KEPT", 40)
    closed = Closed.of(some(200, Random(9)))
    for hours in range(0, 24 * 12, 12):
        window = Window(WINDOW.start + hours * HOUR, WINDOW.end + hours * HOUR)
        assert_as_in_one_pass(closed, window)
        assert len(closed.by_day(closing).kept) <= 40
