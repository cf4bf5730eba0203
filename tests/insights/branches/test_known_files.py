"""The files of commits as pull requests tell them."""

from datetime import UTC, datetime

from insights.branches.known_files import with_known_files
from insights.facts.pull_requests import FileChange, PullRequestFacts, PullRequestState
from insights.facts.repository import CommitFacts

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILE, OTHER = FileChange(path="a.py"), FileChange(path="b.py")


def commit(name, files=None):
    return CommitFacts(hash=name, author=None, authored_at=NOON, committed_at=NOON, files=files)


def merged(*, files=(FILE,), merge_commit="m", head="h", commits=("h", "g")):
    return PullRequestFacts(
        id=1,
        author=None,
        created_at=NOON,
        state=PullRequestState.MERGED,
        merge_commit=merge_commit,
        head=head,
        commits=commits,
        files=files,
    )


def files_of(commits, *pull_requests):
    return {one.hash: one.files for one in with_known_files(commits, pull_requests)}


def test_a_merge_commit_has_the_files_of_its_pull_request_and_the_commits_that_it_brought_need_none():
    found = files_of([commit("m"), commit("h"), commit("g")], merged())
    assert found == {"m": (FILE,), "h": (), "g": ()}


def test_where_the_merge_is_elsewhere_the_newest_commit_carries_them():
    assert files_of([commit("h"), commit("g")], merged()) == {"h": (FILE,), "g": ()}


def test_what_a_commit_says_itself_counts():
    assert files_of([commit("m", (OTHER,))], merged()) == {"m": (OTHER,)}


def test_a_commit_that_nothing_is_known_of_stays_unknown():
    assert files_of([commit("x"), commit("m")], merged()) == {"x": None, "m": (FILE,)}


def test_a_pull_request_whose_files_were_not_read_tells_nothing():
    assert files_of([commit("m"), commit("h")], merged(files=None)) == {"m": None, "h": None}


def test_a_pull_request_that_is_not_among_the_commits_tells_nothing_of_them():
    assert files_of([commit("g")], merged()) == {"g": None}


def test_a_commit_of_two_pull_requests_keeps_the_files_of_the_one_that_it_carries():
    stacked = merged(files=(OTHER,), merge_commit="n", head="k", commits=("k", "m"))
    assert files_of([commit("n"), commit("m")], merged(), stacked) == {"n": (OTHER,), "m": (FILE,)}
