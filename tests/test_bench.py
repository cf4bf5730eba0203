"""What the benchmarks rest on: copies of a history that are as good as lived ones, and a page that is written from results."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.history import Shape, fill
from bench.suite import document, results
from bench.suite.parts import PARTS, chosen
from bench.suite.results import Outcome
from models import repositories
from models.history import commits, measurements, pull_request_facts, pull_requests
from models.repositories import RepositoryFacts
from sync.history import measuring
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, NOON, alice_offer, install, new_box

SHAPE = Shape(pull_requests=80, open=5, span=timedelta(weeks=4 * 16), in_chapters=True)
PAGE = "Before.\n<!-- bench:steady_day -->\nold\n<!-- bench:end -->\nBetween.\n<!-- bench:targets -->\n<!-- bench:end -->\n"


@pytest.fixture
def heron(session):
    alice = install(session, alice_offer(), box=new_box())
    facts = RepositoryFacts(ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE, main_branch="main")
    row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
    fill(session, row, SHAPE, now=NOON)
    return row


def test_copied_chapters_are_measured_as_if_they_had_been_lived(session, heron):
    numbers = set(range(1, SHAPE.pull_requests + 1))
    copied = {one.id: one for one in measurements.some(session, heron, numbers)}
    measuring.measure_some(session, heron, sorted(numbers), measuring.yardstick_of(session, heron))

    assert copied.keys() == numbers
    assert copied == {one.id: one for one in measurements.some(session, heron, numbers)}


def test_a_copied_pull_request_has_commits_and_a_head_of_its_own(session, heron):
    lived, copy = pull_request_facts.some(
        session, heron, {SHAPE.chapter.first, SHAPE.chapter.first - SHAPE.chapter.size}
    )

    copy, lived = sorted((lived, copy), key=lambda one: one.id)
    assert lived.created_at - copy.created_at == timedelta(weeks=16)
    assert not set(copy.commits) & set(lived.commits)
    assert copy.head in copy.commits
    assert set(commits.held(session, heron, copy.commits)) == set(copy.commits)
    assert len(pull_requests.open_ones(session, heron)) == SHAPE.open


@pytest.mark.usefixtures("heron")
def test_a_copy_may_take_as_long_as_it_takes(session):
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has no limit to switch off")

    assert session.scalar(text("SHOW statement_timeout")) == "0"


def outcome(**figures):
    machine = {"commit": "abc", "is_changed": False, "cores": 2, "is_busy": False}
    return Outcome("python -m bench.steady_day --json", 3.0, "2026-11-24", False, machine, figures)


def test_the_page_is_written_between_its_marks_and_nowhere_else(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(PAGE)
    document.write({"steady_day": outcome(calls=99, webhooks=198)}, page=page)
    told = page.read_text()

    assert re.match(r"Before\.\n<!-- bench:steady_day -->\n\| what \| figure \|", told)
    assert "| calls | 99 |" in told
    assert "old" not in told
    assert "\nBetween.\n" in told
    assert "not measured yet" in told


def test_figures_of_a_busy_machine_are_marked(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(PAGE)
    busy = outcome(calls=99)
    busy.machine["is_busy"] = True
    document.write({"steady_day": busy}, page=page)

    assert "Not to be relied on: measured while the machine was busy" in page.read_text()


def test_what_a_part_found_is_read_as_it_was_written(tmp_path):
    results.write("steady_day", outcome(calls=99), folder=tmp_path)

    assert results.read(folder=tmp_path) == {"steady_day": outcome(calls=99)}


def test_a_part_that_nobody_knows_is_an_error_and_without_names_the_usual_ones_run():
    with pytest.raises(KeyError, match="panel_time"):
        chosen(["panel_time"])
    assert [part.name for part in chosen([])] == [part.name for part in PARTS if part.is_usual]


def test_the_page_has_a_place_for_every_part_and_the_results_name_no_machine():
    root = Path(__file__).parents[1]
    marks = set(re.findall(r"<!-- bench:(\w+) -->", (root / "docs/performance.md").read_text()))

    assert {part.name for part in PARTS} <= marks
    for path in (root / "bench/results").glob("*.json"):
        assert not re.search(r"/(tmp|home|root|work|opt)/|https?://(?!127\.0\.0\.1)", path.read_text()), path.name
    for outcome_of_part in results.read().values():
        assert outcome_of_part.machine.keys().isdisjoint({"host", "node", "user"})
