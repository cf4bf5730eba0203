"""What is kept in memory is what a fresh reading would give, whatever has happened, been measured anew, or been deleted."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bench.history import Shape, fill
from models import repositories
from models.history import deletion, measurements, pull_requests
from models.history.pull_requests import ClosingSource
from models.installations import Installation
from models.repositories import RepositoryFacts
from sync.history.writing import writing
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, NOON, alice_offer, install, new_box
from web.panels import shelves
from web.panels.closed import FIGURE_LASTS, Closed
from web.panels.shelves import Shelves

START = NOON - timedelta(days=98)
SHAPE = Shape(pull_requests=120, open=12, span=timedelta(days=150))


@pytest.fixture
def heron(session):
    alice = install(session, alice_offer(), box=new_box())
    facts = RepositoryFacts(ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE, main_branch="main")
    row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
    fill(session, row, SHAPE, now=NOON)
    return row


@pytest.fixture
def kept():
    return Shelves()


def shelf(kept, session, heron, *, start=START, now=NOON):
    return kept.shelf(session, heron, start=start, now=now)


def same(one, other):
    return (dict(one.open), set(one.closed.items)) == (dict(other.open), set(other.closed.items))


def change(session, heron, number, **values):
    with writing(session, heron, now=NOON, asks=False) as projection:
        row = pull_requests.held(session, heron, {number})[number]
        pull_requests.store(session, [replace(row, **values)])
        projection.note_change(number)


def test_nothing_is_read_again_while_the_version_stands_still(session, heron, kept):
    assert shelf(kept, session, heron) is shelf(kept, session, heron)


def test_what_has_changed_is_as_if_all_had_been_read_anew(session, heron, kept):
    shelf(kept, session, heron)
    change(session, heron, 120, title="Renamed")
    change(session, heron, 119, state="MERGED", closed_at=NOON, closed_at_source=ClosingSource.EVENT)

    brought_up = shelf(kept, session, heron)

    assert same(brought_up, shelf(Shelves(), session, heron))
    assert brought_up.open[120].title == "Renamed"
    assert 119 in brought_up.closed.by_number
    assert 119 not in brought_up.open


def test_figures_of_the_past_stand_while_only_open_ones_change_and_fall_with_a_closing(session, heron, kept):
    made = []
    figure = lambda: made.append(1) or len(made)  # noqa: E731 - as short as it is used

    assert shelf(kept, session, heron).closed.figure("median", figure, now=NOON) == 1
    change(session, heron, 120, title="Renamed")
    assert shelf(kept, session, heron).closed.figure("median", figure, now=NOON) == 1
    change(session, heron, 119, state="DECLINED", closed_at=NOON)
    assert shelf(kept, session, heron).closed.figure("median", figure, now=NOON) == 2


def test_a_figure_is_worked_out_again_after_a_while_since_its_window_moves():
    closed, made = Closed(), []
    figure = lambda: made.append(1) or len(made)  # noqa: E731

    assert closed.figure("median", figure, now=NOON) == 1
    assert closed.figure("median", figure, now=NOON + FIGURE_LASTS) == 2


def test_what_was_deleted_is_gone(session, heron, kept):
    shelf(kept, session, heron)
    measurements.drop(session, heron, {120, 119, 60})
    repositories.touch(heron, now=NOON)

    assert same(shelf(kept, session, heron), shelf(Shelves(), session, heron))
    while deletion.delete_batch(session, deletion.of_repository(heron), at_most=500):
        pass
    repositories.touch(heron, now=NOON)
    assert len(shelf(kept, session, heron)) == 0


def test_a_longer_window_is_read_when_it_is_asked_for(session, heron, kept):
    short = shelf(kept, session, heron)
    long = shelf(kept, session, heron, start=NOON - timedelta(days=400))

    assert len(long) == SHAPE.pull_requests > len(short)
    assert set(long.closed.since(START)) == set(short.closed.items)
    assert shelf(kept, session, heron) is long


def test_a_shelf_is_read_anew_after_a_day(session, heron, kept):
    first = shelf(kept, session, heron)

    assert shelf(kept, session, heron, now=NOON + shelves.SERVES_FOR) is not first


def test_all_that_is_known_of_open_ones_is_read_once_and_then_what_changed(session, heron, kept):
    known = kept.with_open_facts(session, heron, shelf(kept, session, heron))
    assert known.open_facts.keys() == known.open.keys()

    change(session, heron, 120, title="Renamed")
    brought_up = kept.with_open_facts(session, heron, shelf(kept, session, heron))

    assert brought_up.open_facts[120].title == "Renamed"
    assert brought_up.open_facts[118] is known.open_facts[118]


def test_a_repository_made_anew_with_the_same_row_id_finds_nothing_of_the_old_one(session, heron, kept):
    shelf(kept, session, heron)
    heron.first_seen_at = NOON + timedelta(days=1)
    measurements.drop(session, heron, range(1, 121))

    assert len(shelf(kept, session, heron)) == 0


def test_repositories_that_nobody_looks_at_make_room(session, heron):
    kept = Shelves(most_measurements=1)
    first = shelf(kept, session, heron)
    other, _ = repositories.record(
        session,
        session.get_one(Installation, heron.installation_id),
        RepositoryFacts("{aaaaaaaa-0000-4000-8000-0000000000a2}", workspace_uuid=ALICE_WORKSPACE, main_branch="main"),
        as_of=NOON,
        now=NOON,
    )
    session.flush()
    shelf(kept, session, other)

    assert shelf(kept, session, heron) is not first
