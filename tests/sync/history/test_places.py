"""What views of single places read and keep: branches, commits, files; the same on both databases."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import event

from bitbucket.diffs import FileChange
from bitbucket.resources import Branch, Commit, PullRequest
from models.history import (
    branch_comparisons,
    code_owner_files,
    commit_walks,
    file_histories,
    merged_changes,
    source_branches,
)
from models.history.branch_comparisons import BranchComparisonRow
from models.history.code_owner_files import CodeOwnerFileRow
from models.history.file_histories import FileHistoryRow
from models.history.refs import RefKind
from sync.history.commits import record_commits
from sync.history.contents import record_files
from sync.history.pull_requests import record_pull_requests
from sync.history.refs import record_listing
from tests.tenants import NOON
from tests.web.panels.places.heron import changed, commit, pull_request, sha


def told(kind, *bodies):
    return [msgspec.convert(body, kind) for body in bodies]


@pytest.fixture
def history(write, session):
    with write() as projection:
        record_commits(
            projection,
            told(
                Commit,
                commit("a", age=9),
                commit("b", "a", age=8),
                commit("c", "b", age=7, message=f"Undo\n\nThis reverts commit {sha('a')}."),
                commit("d", "c", age=6),
            ),
            as_of=NOON,
        )
        branches = [
            {"name": name, "type": "branch", "target": commit(tip, age=age)}
            for name, tip, age in [("main", "d", 6), ("done", "b", 8), ("work", "c", 7)]
        ]
        record_listing(projection, RefKind.BRANCH, told(Branch, *branches), observed_at=NOON, is_complete=True)
        record_pull_requests(
            projection,
            told(
                PullRequest,
                pull_request(1, "done", head="b", state="MERGED", closed=5),
                pull_request(2, "work", head="c"),
                pull_request(3, "gone", head="x", state="MERGED", closed=4),
                pull_request(4, "work", head="y", state="DECLINED"),
                pull_request(5, "done", head="z", state="MERGED", closed=3, to="release"),
            ),
            observed_at=NOON,
        )
        for number, path in ((1, "one.py"), (3, "three.py")):
            record_files(projection, number, told(FileChange, changed(path)), head="h", observed_at=NOON)


def plans_of(session, read):
    """How the database goes about every statement of a function, as text: where a table is small, as if it were large."""
    connection, asked = session.connection(), []
    listener = (connection, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    event.listen(*listener)
    read()
    event.remove(*listener)
    prefix = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return "\n".join(str(row) for sql, values in asked for row in connection.exec_driver_sql(f"{prefix} {sql}", values))


class TestPullRequestsOfBranches:
    def test_open_and_merged_ones_of_branches_that_are_there_are_told(self, session, heron, history):
        found = source_branches.of_existing(session, heron)
        assert [(one.id, one.source_branch, one.state.value) for one in found] == [
            (1, "done", "MERGED"),
            (2, "work", "OPEN"),
            (5, "done", "MERGED"),
        ]

    def test_a_head_that_is_the_branchs_tip_is_made_whole(self, session, heron, history):
        heads = {one.id: one.head for one in source_branches.of_existing(session, heron)}
        assert heads == {1: sha("b"), 2: sha("c"), 5: sha("z")[:12]}

    def test_open_ones_say_where_they_lead(self, session, heron, history):
        assert source_branches.open_from(session, heron, {"work", "done"}) == {"work": "main"}

    def test_they_are_found_by_their_branches_and_not_among_all(self, session, heron, history):
        assert "ix_pull_requests_repository_id_source_branch" in plans_of(
            session, lambda: source_branches.of_existing(session, heron)
        )

    def test_another_repositorys_are_none_of_its(self, session, crane, history):
        assert source_branches.of_existing(session, crane) == ()


class TestWalks:
    def test_the_newest_are_taken_where_there_are_too_many(self, session, heron, history):
        found = commit_walks.newest(session, heron, since=NOON - timedelta(days=30), at_most=2)
        assert found.parents == {sha("d"): (sha("c"),), sha("c"): (sha("b"),)}
        assert found.reaches_to == NOON - timedelta(days=7)

    def test_the_following_are_those_that_come_first(self, session, heron, history):
        found = commit_walks.following(session, heron, since=NOON - timedelta(days=8), at_most=2)
        assert list(found.parents) == [sha("b"), sha("c")]

    def test_where_all_are_taken_nothing_is_missing(self, session, heron, history):
        assert commit_walks.newest(session, heron, since=NOON - timedelta(days=30), at_most=5).reaches_to is None

    def test_commits_that_revert_one_are_found_by_what_they_say(self, session, heron, history):
        start = NOON - timedelta(days=30)
        assert [one for one, _ in commit_walks.reverting(session, heron, sha("a"), since=start)] == [sha("c")]
        assert commit_walks.reverting(session, heron, sha("b"), since=start) == []
        assert commit_walks.reverting(session, heron, sha("a"), since=NOON) == []

    def test_hashes_are_found_by_their_first_digits(self, session, heron, history):
        assert commit_walks.matching(session, heron, sha("a")[:7], at_most=2) == [sha("a")]
        assert commit_walks.matching(session, heron, "%", at_most=2) == []

    def test_the_latest_come_first(self, session, heron, crane, history):
        assert commit_walks.latest(session, heron, at_most=2) == [sha("d"), sha("c")]
        assert commit_walks.latest(session, crane, at_most=2) == []


class TestMergedChanges:
    def test_the_last_merged_come_first_with_their_files(self, session, heron, history):
        found = merged_changes.newest(session, heron, at_most=10)
        assert [(one.key, [file.path for file in one.files]) for one in found] == [
            ("3", ["three.py"]),
            ("1", ["one.py"]),
        ]
        assert found[0].at == NOON - timedelta(days=4)
        assert [one.key for one in merged_changes.newest(session, heron, at_most=1)] == ["3"]

    def test_some_can_be_chosen(self, session, heron, history):
        assert [one.key for one in merged_changes.of(session, heron, {1, 2, 5})] == ["1"]
        assert merged_changes.of(session, heron, set()) == ()

    def test_another_repositorys_are_none_of_its(self, session, crane, history):
        assert merged_changes.newest(session, crane, at_most=10) == ()


def comparison(heron, **changes):
    row = BranchComparisonRow(
        repository_id=heron.id,
        branch="work",
        tip=sha("c"),
        base="main",
        base_tip=sha("d"),
        ahead=sha("c"),
        behind="",
        compared_at=NOON,
    )
    return msgspec.structs.replace(row, **changes)


class TestComparisons:
    def test_the_last_one_of_a_branch_is_kept(self, session, heron, crane):
        branch_comparisons.store(session, comparison(heron))
        later = comparison(heron, tip=sha("e"), compared_at=NOON + timedelta(hours=1))
        branch_comparisons.store(session, later)
        assert branch_comparisons.every(session, heron) == {"work": later}
        assert branch_comparisons.held(session, heron, {"work", "main"}) == {"work": later}
        assert branch_comparisons.every(session, crane) == {}

    def test_it_holds_for_these_tips_alone(self, heron):
        row = comparison(heron)
        assert row.is_of(tip=sha("c"), base="main", base_tip=sha("d"))
        assert not row.is_of(tip=sha("x"), base="main", base_tip=sha("d"))
        assert not row.is_of(tip=sha("c"), base="main", base_tip=sha("x"))
        assert not row.is_of(tip=sha("c"), base="release", base_tip=sha("d"))

    def test_a_hundred_commits_fit_on_each_side(self, session, heron):
        full = " ".join(sha(str(number)) for number in range(branch_comparisons.MOST_COMMITS))
        branch_comparisons.store(session, comparison(heron, ahead=full, behind=full))
        [kept] = branch_comparisons.every(session, heron).values()
        assert kept.ahead == kept.behind == full


class TestFileHistories:
    def test_the_last_one_of_a_file_is_kept(self, session, heron, crane):
        row = FileHistoryRow(repository_id=heron.id, path="a.py", commits=sha("a"), is_whole=False, read_at=NOON)
        file_histories.store(session, row)
        later = msgspec.structs.replace(row, commits="", is_whole=True)
        file_histories.store(session, later)
        assert file_histories.held(session, heron, "a.py") == later
        assert file_histories.held(session, heron, "b.py") is None
        assert file_histories.held(session, crane, "a.py") is None


class TestCodeOwnerFiles:
    def test_the_last_one_of_a_repository_is_kept(self, session, heron, crane):
        row = CodeOwnerFileRow(repository_id=heron.id, text="* @tom", read_at=NOON)
        code_owner_files.store(session, row)
        later = msgspec.structs.replace(row, text="", read_at=NOON + timedelta(days=1))
        code_owner_files.store(session, later)
        assert code_owner_files.held(session, heron) == later
        assert code_owner_files.held(session, crane) is None

    def test_a_very_long_one_is_cut(self, session, heron):
        row = CodeOwnerFileRow(repository_id=heron.id, text="#" * 70_000, read_at=NOON)
        code_owner_files.store(session, row)
        assert len(code_owner_files.held(session, heron).text) == code_owner_files.TEXT_LENGTH
