"""What was taken back, as git says it."""

import subprocess

from insights.commits.reverts import reverted_by, reverted_hashes
from insights.facts.repository import CommitFacts
from tests.insights.lives import at

A, B, C = "a" * 40, "b" * 40, "c" * 40


def commit(name, message="", when="Mon 09:00"):
    return CommitFacts(hash=name, author=None, authored_at=at(when), committed_at=at(when), message=message)


def test_git_itself_writes_what_is_read(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        return subprocess.run(
            ["git", "-C", tmp_path, *identity, *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "start")
    (tmp_path / "file").write_text("x")
    git("add", "-A")
    git("commit", "-q", "-m", "change")
    changed = git("rev-parse", "HEAD")
    git("revert", "--no-edit", "HEAD")

    assert reverted_hashes(git("log", "-1", "--format=%B")) == (changed,)


def test_the_first_commit_that_reverts_another_is_named():
    found = reverted_by(
        [
            commit(A),
            commit(C, f"Again\n\nThis reverts commit {A}.", "Wed 09:00"),
            commit(B, f'Revert "x"\n\nThis reverts commit {A}, reversing\nchanges made to {C}.', "Tue 09:00"),
        ]
    )

    assert found == {A: B}


def test_a_shortened_hash_counts_where_it_is_unambiguous():
    twin = "a" * 7 + "b" * 33

    assert reverted_by([commit(A), commit(B, "This reverts commit aaaaaaa.")]) == {A: B}
    assert reverted_by([commit(A), commit(twin), commit(B, "This reverts commit aaaaaaa.")]) == {}


def test_talk_of_reverting_is_no_revert():
    messages = [
        "Revert the thing",
        "see This reverts commit " + A,
        "This reverts commit of Monday",
        "This reverts commit abc",
    ]

    assert reverted_by([commit(A), *(commit(f"{n}" * 40, message) for n, message in enumerate(messages))]) == {}


def test_a_commit_does_not_revert_itself_nor_one_that_is_not_known():
    assert reverted_by([commit(A, f"This reverts commit {A}."), commit(B, f"This reverts commit {C}.")]) == {}


def test_one_commit_may_revert_several():
    both = f"Two\n\nThis reverts commit {A}.\nThis reverts commit {B}."

    assert reverted_by([commit(A), commit(B), commit(C, both)]) == {A: C, B: C}
