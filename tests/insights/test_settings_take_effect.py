"""A setting changes the figures that depend on it at once, and leaves the others alone: the same facts, measured again."""

from datetime import date

from insights.clock.look import look
from insights.facts.pull_requests import FileChange
from insights.flow.review_load import Audience, review_load
from insights.pull_requests.cohorts import Filter, merged_in
from insights.pull_requests.context import context_of
from insights.pull_requests.measurement import measure
from insights.pull_requests.population import Series
from insights.pull_requests.turn import TurnKind, turn_of
from insights.pulse.open_to_merge import open_to_merge
from insights.result import Exclusion, Window
from insights.settings import ClockKind, WorkspaceSettings
from tests.insights.lives import (
    ACCOUNTS,
    BOB,
    CARLA,
    HOUR,
    RENOVATE,
    approved,
    at,
    commented,
    pull_request,
)

BEFORE = WorkspaceSettings(main_branch="main")
MONTH = Window(at("Mon 00:00"), at("4 Mon 00:00"))
FACTS = pull_request(
    commented("Thu 20:00"),
    approved("2 Mon 10:00"),
    approved("2 Mon 15:00", by=CARLA),
    first="Thu 08:00",
    opened="Thu 10:00",
    merged="2 Mon 20:00",
    files=(
        FileChange(path="src/app.py", lines_added=40),
        FileChange(path="api/schema.json", lines_added=4_000),
    ),
)


def with_(facts=FACTS, *, gitattributes="", **settings):
    changed = WorkspaceSettings(**{"main_branch": "main", **settings})
    return measure(facts, context_of(changed, ACCOUNTS, gitattributes=gitattributes))


def review_of(measurement):
    return measurement.stages.work.review


def test_by_default_the_review_rests_at_the_weekend_and_ends_with_one_approval():
    # Thu 20 - Mon 10: 4 of Thursday, 24 of Friday, 10 of Monday.
    assert review_of(with_()) == 38 * HOUR


def test_the_time_zone_moves_the_weekend():
    facts = pull_request(commented("Sat 08:00"), approved("2 Mon 10:00"), opened="Fri 09:00", merged="2 Mon 12:00")

    # In UTC only Monday's 10 hours count. In Tokyo the weekend ends on Sunday 15:00 UTC: 9 hours more. In Honolulu it starts
    # on Saturday 10:00 UTC and ends on Monday 10:00: only the two hours before it.
    zones = {zone: review_of(with_(facts, time_zone=zone)) for zone in ("UTC", "Asia/Tokyo", "Pacific/Honolulu")}
    assert zones == {"UTC": 10 * HOUR, "Asia/Tokyo": 19 * HOUR, "Pacific/Honolulu": 2 * HOUR}


def test_other_weekend_days_count_other_hours():
    # Friday off as well: 4 of Thursday, 10 of Monday. Only Sunday off: Friday and Saturday count. None off: all of it.
    assert review_of(with_(weekend=frozenset({4, 5, 6}))) == 14 * HOUR
    assert review_of(with_(weekend=frozenset({6}))) == 62 * HOUR
    assert review_of(with_(weekend=frozenset())) == with_(weekend=frozenset()).stages.wall.review == 86 * HOUR


def test_a_holiday_takes_its_day_out():
    assert review_of(with_(holidays=frozenset({date(2026, 3, 6)}))) == 14 * HOUR


def test_more_required_approvals_end_the_review_later():
    # The second approval came at 15:00, five hours after the first.
    assert review_of(with_(required_approvals=2)) == 43 * HOUR
    # Three were never there: the review runs to the merge at 20:00.
    assert review_of(with_(required_approvals=3)) == 48 * HOUR
    # None asked for: over with the first answer.
    assert review_of(with_(required_approvals=0)) == 0 * HOUR


def test_the_required_approvals_decide_whose_turn_it_is():
    facts = pull_request(approved("Mon 10:00"), opened="Mon 09:00")

    def turn(required):
        directory = context_of(BEFORE, ACCOUNTS).directory
        return turn_of(facts, directory=directory, required_approvals=required, now=at("Tue 09:00")).kind

    assert [turn(1), turn(2)] == [TurnKind.READY_TO_MERGE, TurnKind.REVIEWER]


def test_generated_globs_and_gitattributes_make_a_pull_request_smaller():
    sizes = [
        (one.lines, one.bucket)
        for one in (with_(), with_(generated_globs=("api/*.json",)), with_(gitattributes="*.json linguist-generated"))
    ]

    assert sizes == [(4_040, "XL"), (40, "S"), (40, "S")]


def test_size_limits_move_the_buckets_and_not_the_lines():
    found = with_(generated_globs=("api/",), size_limits=(40, 60, 80, 100))

    assert (found.lines, found.bucket) == (40, "XS")


def test_a_long_lived_branch_widens_the_population():
    facts = pull_request(approved("Mon 10:00"), opened="Mon 09:00", merged="Mon 12:00", destination_branch="support/4")

    assert with_(facts).exclusion is Exclusion.OTHER_DESTINATION
    assert with_(facts, long_lived_branches=("support/*",)).exclusion is None


def test_naming_a_bot_moves_its_pull_requests_and_restarts_the_clock_that_it_stopped():
    rows = [with_(bots=frozenset({BOB}))]

    # Without Bob's comment and approval the first answer is Carla's approval on Monday 15:00.
    assert rows[0].stamps.responded == at("2 Mon 15:00")
    own = with_(pull_request(opened="Mon 09:00", merged="Mon 12:00", author=BOB), bots=frozenset({BOB}))
    assert [item.id for item in merged_in([own], MONTH, chosen=Filter(series=Series.BOT))] == [1]


def test_clearing_a_suspect_makes_a_person_of_them():
    facts = pull_request(opened="Mon 09:00", merged="Mon 12:00", author=RENOVATE)

    assert with_(facts).exclusion is Exclusion.BOT_AUTHOR
    assert with_(facts, humans=frozenset({RENOVATE})).exclusion is None


def test_the_toggle_of_the_clock_needs_no_new_measurement():
    rows = [
        with_(pull_request(approved("2 Mon 02:00"), opened="Fri 22:00", merged="2 Mon 02:00", number=number))
        for number in range(1, 6)
    ]
    now = at("2 Tue 00:00")

    times = [
        open_to_merge(rows, look(BEFORE, now=now, kind=kind)).value.p50 for kind in (ClockKind.WORK, ClockKind.WALL)
    ]
    assert times == [4 * HOUR, 52 * HOUR]


def test_names_are_shown_or_not_without_any_other_change():
    rows = [with_()]
    one = look(BEFORE, now=at("2 Tue 00:00"))
    hidden, shown = (review_load(rows, one, Audience(are_names_shown=is_shown)).value for is_shown in (False, True))

    assert (hidden.named, len(shown.named)) == ((), 1)
    assert (hidden.shares, hidden.gini, hidden.people) == (shown.shares, shown.gini, shown.people)
