"""Borrowing a repository: everything is there, and the lender is never touched."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from simulator.world.errors import GitFailed
from simulator.world.git import GitRepository, Signature
from simulator.world.git.process import run

if TYPE_CHECKING:
    from pathlib import Path

ANN = Signature("Ann", "ann@x.example", datetime(2026, 2, 3, tzinfo=UTC))


def git(directory: Path, *arguments: str) -> str:
    return run(directory, *arguments).decode()


@pytest.fixture
def lender(tmp_path) -> Path:
    """An ordinary repository with a working tree, on a branch that is not the main one."""
    path = tmp_path / "lender"
    path.mkdir()
    git(path, "init", "--quiet", "--initial-branch=trunk", ".")
    (path / "a.txt").write_text("a\n")
    git(path, "add", ".")
    git(path, "commit", "--quiet", "-m", "One")
    git(path, "tag", "-a", "v1", "-m", "First")
    git(path, "checkout", "--quiet", "-b", "work/x")
    (path / "a.txt").write_text("b\n")
    git(path, "commit", "--quiet", "-am", "Two")
    return path


def fingerprint(path: Path) -> dict[str, str]:
    """Every file's content and time of change."""
    files = [one for one in path.rglob("*") if one.is_file()]
    return {str(one): f"{hashlib.sha256(one.read_bytes()).hexdigest()}{one.stat().st_mtime_ns}" for one in files}


def test_branches_tags_and_commits_are_all_there(lender: Path, tmp_path):
    borrowed, main = GitRepository.borrow(lender, tmp_path / "copy.git")
    assert set(borrowed.branches()) == {"trunk", "work/x"}
    assert set(borrowed.tags()) == {"v1"}
    assert len(borrowed.history) == 2
    assert main == "trunk"
    assert borrowed.file_content("work/x", "a.txt") == b"b\n"


def test_whatever_is_done_to_the_copy_the_lender_stays_as_it_is(lender: Path, tmp_path):
    before = fingerprint(lender)
    borrowed, _ = GitRepository.borrow(lender, tmp_path / "copy.git")
    borrowed.commit_files("trunk", files={"b": b"b"}, message="Three", author=ANN)
    borrowed.merge(
        source=borrowed.commit("work/x").hash, destination="trunk", message="m", author=ANN, strategy="merge_commit"
    )
    borrowed.set_branch("work/x", None)
    borrowed.set_tag("v2", borrowed.commit("trunk").hash, message="x", tagger=ANN)
    borrowed.diffstat(borrowed.commit("v1").hash, borrowed.commit("trunk").hash)
    assert fingerprint(lender) == before


def test_a_bare_lender_and_a_subdirectory_will_do(lender: Path, tmp_path):
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(lender), str(bare))
    assert set(GitRepository.borrow(bare, tmp_path / "one.git")[0].branches()) == {"trunk", "work/x"}
    inner = lender / "inner"
    inner.mkdir()
    assert set(GitRepository.borrow(inner, tmp_path / "two.git")[0].branches()) == {"trunk", "work/x"}


def test_a_linked_worktree_will_do(lender: Path, tmp_path):
    git(lender, "worktree", "add", "--quiet", str(tmp_path / "linked"), "trunk")
    borrowed, _ = GitRepository.borrow(tmp_path / "linked", tmp_path / "copy.git")
    assert len(borrowed.history) == 2


def test_a_fresh_clones_remote_branches_are_branches(lender: Path, tmp_path):
    git(lender, "checkout", "--quiet", "trunk")
    git(tmp_path, "clone", "--quiet", str(lender), "clone")
    borrowed, main = GitRepository.borrow(tmp_path / "clone", tmp_path / "copy.git")
    assert set(borrowed.branches()) == {"trunk", "work/x"}
    assert main == "trunk"


def test_a_clone_of_a_clone_borrows_through_both(lender: Path, tmp_path):
    git(tmp_path, "clone", "--quiet", "--shared", str(lender), "clone")
    borrowed, _ = GitRepository.borrow(tmp_path / "clone", tmp_path / "copy.git")
    assert borrowed.commit("work/x").message == "Two\n"


def test_a_shallow_clone_shows_what_it_has(lender: Path, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{lender}", "shallow")
    borrowed, main = GitRepository.borrow(tmp_path / "shallow", tmp_path / "copy.git")
    assert main == "work/x"
    assert [borrowed.history[one].message for one in borrowed.history] == ["Two\n"]
    only = borrowed.commit("work/x")
    assert borrowed.diffstat(borrowed.parent_or_empty(only), only.hash)[0].kind == "added"


def test_the_main_branch_is_main_where_there_is_one(lender: Path, tmp_path):
    git(lender, "branch", "main", "trunk")
    assert GitRepository.borrow(lender, tmp_path / "copy.git")[1] == "main"


def test_else_it_is_what_is_checked_out(tmp_path):
    path = tmp_path / "odd"
    path.mkdir()
    git(path, "init", "--quiet", "--initial-branch=zebra", ".")
    git(path, "commit", "--quiet", "--allow-empty", "-m", "One")
    git(path, "branch", "alpha")
    assert GitRepository.borrow(path, tmp_path / "copy.git")[1] == "zebra"


def test_no_repository_is_an_error_that_says_so(tmp_path):
    with pytest.raises(GitFailed, match="not a git repository"):
        GitRepository.borrow(tmp_path, tmp_path / "copy.git")


def test_a_repository_without_a_commit_is_an_error_that_says_so(tmp_path):
    path = tmp_path / "empty"
    path.mkdir()
    git(path, "init", "--quiet", ".")
    with pytest.raises(GitFailed, match="no branch with a commit"):
        GitRepository.borrow(path, tmp_path / "copy.git")


def test_another_object_format_will_do(tmp_path):
    path = tmp_path / "long"
    path.mkdir()
    made = subprocess.run(["git", "init", "--quiet", "--object-format=sha256", "."], cwd=path, capture_output=True)
    assert made.returncode == 0
    git(path, "commit", "--quiet", "--allow-empty", "-m", "One")
    borrowed, main = GitRepository.borrow(path, tmp_path / "copy.git")
    assert len(borrowed.commit(main).hash) == 64
