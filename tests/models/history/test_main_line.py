"""The main line is followed by first parents, as far back as is asked for."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from models import repositories
from models.history import build_reports, commits, main_line, refs
from models.history.build_reports import BuildReportRow
from models.history.commits import CommitRow
from models.history.refs import RefKind, RefRow
from models.repositories import RepositoryFacts
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, NOON, alice_offer, install, new_box

DAY = timedelta(days=1)


@pytest.fixture
def heron(session):
    alice = install(session, alice_offer(), box=new_box())
    facts = RepositoryFacts(ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE, main_branch="main")
    row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
    session.flush()
    return row


def commit(heron, letter, age, *parents):
    return CommitRow(
        repository_id=heron.id,
        hash=letter * 40,
        short_hash=letter * 12,
        committed_at=NOON - age * DAY,
        parents=" ".join(parent * 40 for parent in parents) or None,
    )


def at_tip(session, heron, letter):
    row = RefRow(repository_id=heron.id, kind=RefKind.BRANCH, name="main", tip=letter * 40, as_of=NOON)
    refs.store(session, [row])


def line(session, heron, *, since):
    found = main_line.commits_since(session, heron, main_line.tip(session, heron), NOON - since * DAY)
    return "".join(one[0] for one in found)


def test_it_is_followed_by_first_parents_to_the_last_one_before_the_start(session, heron):
    told = [
        commit(heron, "a", 9),
        commit(heron, "b", 7, "a"),
        commit(heron, "c", 5, "b", "x"),
        commit(heron, "x", 6, "b"),
        commit(heron, "d", 1, "c"),
    ]
    commits.store(session, told)
    at_tip(session, heron, "d")

    assert line(session, heron, since=30) == "abcd"
    assert line(session, heron, since=6) == "bcd"


def test_a_repository_without_a_main_branch_has_none(session, heron):
    assert line(session, heron, since=30) == ""
    heron.main_branch = None
    assert main_line.tip(session, heron) is None


def test_the_signature_moves_with_the_tip_and_with_every_word_of_a_build(session, heron):
    start, seen = NOON - 30 * DAY, set()
    seen.add(main_line.signature(session, heron, start))
    at_tip(session, heron, "d")
    seen.add(main_line.signature(session, heron, start))
    for state in ("INPROGRESS", "SUCCESSFUL"):
        row = BuildReportRow(repository_id=heron.id, commit="d" * 40, key="unit", at=NOON, state=state, created_at=NOON)
        build_reports.store(session, [row])
        seen.add(main_line.signature(session, heron, start))

    assert len(seen) == 4


def letters(found):
    return "".join(one[0] for one in found.line)


def test_a_later_walk_is_the_walk_of_somebody_who_has_read_nothing_before(session, heron, monkeypatch):
    commits.store(session, [commit(heron, "b", 7, "a"), commit(heron, "c", 5, "b"), commit(heron, "d", 3, "c")])
    start = NOON - 30 * DAY
    before = main_line.walk(session, heron, "d" * 40, start)
    assert letters(before) == "abcd"

    # Two are merged, the second of them as a merge; and what came before the first is told after all.
    told = [commit(heron, "a", 8, "z"), commit(heron, "e", 2, "d"), commit(heron, "f", 1, "e", "x")]
    commits.store(session, [*told, commit(heron, "x", 1, "d")])
    for most in (main_line.MOST_SINGLE_STEPS, 1):
        monkeypatch.setattr(main_line, "MOST_SINGLE_STEPS", most)
        later = main_line.walk(session, heron, "f" * 40, start, before=before)
        assert later == main_line.walk(session, heron, "f" * 40, start)
        assert letters(later) == "zabcdef"

    # The branch is set back, by force; and the window moves on.
    assert letters(main_line.walk(session, heron, "c" * 40, start, before=later)) == "zabc"
    assert letters(main_line.walk(session, heron, "f" * 40, NOON - 6 * DAY, before=later)) == "bcdef"
    assert letters(main_line.walk(session, heron, "f" * 40, start, before=before)) == "zabcdef"
    assert main_line.walk(session, heron, None, start, before=later) == main_line.Walk()


def test_a_later_walk_asks_for_what_is_new(session, heron):
    commits.store(session, [commit(heron, "b", 7, "a"), commit(heron, "c", 5, "b"), commit(heron, "d", 3, "c")])
    start, asked = NOON - 30 * DAY, []
    before = main_line.walk(session, heron, "d" * 40, start)
    commits.store(session, [commit(heron, "e", 2, "d")])

    def note(_connection, _cursor, statement, parameters, *_rest):
        asked.append((statement, parameters))

    event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        main_line.walk(session, heron, "e" * 40, start, before=before)
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", note)

    # The new tip, and whether what came before the line is told by now.
    assert [{one[0] for one in map(str, _values(told)) if len(one) == 40} for _, told in asked] == [{"e"}, {"a"}]


def _values(parameters):
    return parameters.values() if isinstance(parameters, dict) else parameters
