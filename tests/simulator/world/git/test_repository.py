"""Reading and writing a repository through git."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

import pytest

from simulator.world.errors import Conflict, GitFailed, Invalid, Missing
from simulator.world.git import FileChange, GitRepository, Signature
from simulator.world.git.process import attempt, run, text
from tests.simulator.tidepool import SPIRAL

ANN = Signature("Ann <x>\n", "ann@x.example", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC))


@pytest.fixture
def git(tmp_path, shells_template) -> GitRepository:
    return GitRepository.fork(GitRepository(shells_template), tmp_path / "copies" / "shells.git")


class TestNames:
    def test_branches_and_tags_have_their_hashes(self, git: GitRepository):
        assert set(git.branches()) == {"main", SPIRAL, "conflict", "docs/shell-names"}
        tag = git.tags()["v1.0"]
        assert (tag.target, tag.message) == (git.branches()["docs/shell-names"], "First\n")
        assert tag.tagger.name == "Alice Example"

    def test_what_is_handed_out_is_a_copy(self, git: GitRepository):
        git.branches().clear()
        git.tags().clear()
        assert git.branches()
        assert git.tags()

    @pytest.mark.parametrize("name", ["main", "v1.0"])
    def test_a_commit_is_found_by_branch_and_tag(self, git: GitRepository, name: str):
        assert git.commit(name).message

    def test_a_commit_is_found_by_hash_short_or_whole_in_any_case(self, git: GitRepository):
        tip = git.branches()["main"]
        assert git.commit(tip) == git.commit(tip[:7].upper()) == git.commit("main")

    @pytest.mark.parametrize("name", ["nope", "abc", "0123456789abcdef", ""])
    def test_a_name_of_nothing_is_missing(self, git: GitRepository, name: str):
        assert git.find(name) is None
        with pytest.raises(Missing):
            git.commit(name)


class TestFiles:
    def test_a_file_is_read_at_a_commit(self, git: GitRepository):
        assert git.file_content("v1.0", "src/sand.py") == b"grains = 1\n" * 20
        assert git.file_content("main", "/src/sand.py") == b"grains = 3\n" * 20

    @pytest.mark.parametrize("path", ["nope.py", "src", "src/nope/x"])
    def test_what_is_no_file_is_missing(self, git: GitRepository, path: str):
        with pytest.raises(Missing, match="No such file or directory"):
            git.file_content("main", path)

    def test_a_directory_lists_its_own_entries(self, git: GitRepository):
        assert [(one.path, one.kind) for one in git.tree("main")] == [("README.md", "blob"), ("src", "tree")]
        assert [one.path for one in git.tree("main", "src/")] == ["src/sand.py", "src/shell.py"]

    def test_or_everything_below(self, git: GitRepository):
        paths = [one.path for one in git.tree("main", recursive=True)]
        assert paths == ["README.md", "src", "src/sand.py", "src/shell.py"]
        assert [one.path for one in git.tree("main", "src", recursive=True)] == ["src/sand.py", "src/shell.py"]

    def test_an_entry_knows_its_size_and_mode(self, git: GitRepository):
        entry = git.entry("main", "README.md")
        assert (entry.size_bytes, entry.mode, entry.kind) == (9, "100644", "blob")
        assert git.entry("main", "").kind == "tree"
        assert git.entry("main", "src").size_bytes is None

    @pytest.mark.parametrize("path", ["nope", "README.md/x"])
    def test_an_entry_that_is_not_there_is_missing(self, git: GitRepository, path: str):
        with pytest.raises(Missing):
            git.entry("main", path)

    def test_a_file_has_no_entries(self, git: GitRepository):
        with pytest.raises(Missing):
            git.tree("main", "README.md")

    def test_the_history_of_a_file_follows_its_renames(self, git: GitRepository):
        content = git.file_content("main", "src/shell.py")
        moved = git.commit_files(
            "main", files={"src/shell.py": None, "src/house.py": content}, message="Rename", author=ANN
        )
        versions = git.file_history("main", "src/house.py")
        assert [name for _, name in versions] == ["src/house.py", "src/shell.py"]
        assert versions[0][0] == moved.hash
        assert len(git.file_history("main", "src/house.py", follow=False)) == 1

    def test_a_file_that_never_was_has_no_history(self, git: GitRepository):
        assert git.file_history("main", "nope") == []


class TestDifferences:
    def test_added_removed_modified_and_renamed_are_told_apart(self, git: GitRepository):
        before = git.branches()["main"]
        long = "".join(f"line {number}\n" for number in range(30)).encode()
        git.commit_files("main", files={"long.txt": long, "b.bin": b"\0\1"}, message="1", author=ANN)
        middle = git.branches()["main"]
        after = git.commit_files(
            "main",
            files={
                "long.txt": None,
                "moved/long.txt": long + b"one more\n",
                "README.md": None,
                "src/shell.py": b"x\n",
                "b.bin": b"\0\2",
            },
            message="2",
            author=ANN,
        )
        assert git.diffstat(before, middle) == [
            FileChange("added", None, "b.bin", None, None),
            FileChange("added", None, "long.txt", 30, 0),
        ]
        assert git.diffstat(middle, after.hash) == [
            FileChange("removed", "README.md", None, 0, 1),
            FileChange("modified", "b.bin", "b.bin", None, None),
            FileChange("renamed", "long.txt", "moved/long.txt", 1, 0),
            FileChange("modified", "src/shell.py", "src/shell.py", 1, 2),
        ]

    def test_names_with_spaces_and_letters_come_out_as_they_are(self, git: GitRepository):
        made = git.commit_files("main", files={'grün und "so".txt': b"x\n"}, message="x", author=ANN)
        (change,) = git.diffstat(made.parents[0], made.hash)
        assert change.new_path == 'grün und "so".txt'
        assert git.file_content("main", 'grün und "so".txt') == b"x\n"

    def test_a_diff_is_unified_and_can_be_narrowed(self, git: GitRepository):
        base, tip = git.commit("v1.0").hash, git.commit(SPIRAL).hash
        whole = git.diff(base, tip).decode()
        assert "diff --git a/src/spiral.py b/src/spiral.py" in whole
        assert "+turns = 4" in whole
        assert git.diff(base, tip, paths=("README.md",)) == b""

    def test_the_first_commit_is_compared_with_nothing(self, git: GitRepository):
        first = git.history[git.history.listing([git.branches()["main"]])[-1]]
        empty = git.parent_or_empty(first)
        assert [one.kind for one in git.diffstat(empty, first.hash)] == ["added", "added"]
        assert git.parent_or_empty(git.commit("main")) == git.commit("main").parents[0]

    def test_the_common_ancestor(self, git: GitRepository):
        base = git.commit("v1.0").hash
        assert git.merge_base(git.commit("main").hash, git.commit(SPIRAL).hash) == base
        assert git.merge_base(base, git.commit("main").hash) == base

    def test_strangers_have_none(self, git: GitRepository):
        orphan = text(git.path, "commit-tree", git.commit("main").tree, "-m", "orphan")
        git.history.learn(orphan)
        assert git.merge_base(orphan, git.commit("main").hash) is None

    def test_which_of_a_list_touch_a_path(self, git: GitRepository):
        listing = git.history.listing([git.branches()["main"]])
        assert [git.history[one].message for one in git.touching(listing, ["src/sand.py"])] == [
            "Finer sand\n",
            "Add the sand\n",
        ]
        assert git.touching([], ["src"]) == []


class TestWriting:
    def test_a_commit_changes_only_what_it_names(self, git: GitRepository):
        made = git.commit_files("main", files={"src/sand.py": None, "new/x": b"\xff\0"}, message="x\n", author=ANN)
        assert [one.path for one in git.tree("main", recursive=True)] == [
            "README.md",
            "new",
            "new/x",
            "src",
            "src/shell.py",
        ]
        assert git.file_content("main", "new/x") == b"\xff\0"
        assert (made.author.name, made.author.email) == ("Ann x", "ann@x.example")
        assert made.author.at == ANN.at

    def test_git_agrees_with_what_is_kept_in_memory(self, git: GitRepository):
        git.commit_files("fresh", files={"a": b"a"}, message="x", author=ANN, parent=git.commit("v1.0").hash)
        git.set_branch("gone", git.commit("main").hash)
        git.set_branch("gone", None)
        git.set_tag("light", git.commit("main").hash)
        git.set_tag("heavy", git.commit("main").hash, message="Big", tagger=ANN)
        again = GitRepository(git.path)
        assert again.branches() == git.branches()
        assert again.tags()["light"] == git.tags()["light"]
        assert again.tags()["heavy"].target == git.tags()["heavy"].target
        assert again.tags()["heavy"].message == "Big\n"

    def test_it_is_sound(self, git: GitRepository):
        git.commit_files("main", files={"a": b"a"}, message="x", author=ANN)
        git.merge(source=git.commit(SPIRAL).hash, destination="main", message="m", author=ANN, strategy="merge_commit")
        git.set_tag("heavy", git.commit("main").hash, message="Big", tagger=ANN)
        assert attempt(git.path, "fsck", "--strict").returncode == 0

    def test_a_squash_brings_the_files_and_not_the_commits(self, git: GitRepository):
        before = git.commit("main").hash
        made = git.merge(source=git.commit(SPIRAL).hash, destination="main", message="m", author=ANN, strategy="squash")
        assert made.parents == (before,)
        assert git.file_content("main", "src/spiral.py")

    def test_conflicts_are_named(self, git: GitRepository):
        main, other = git.commit("main").hash, git.commit("conflict").hash
        assert git.conflicts(other, main) == ["src/sand.py"]
        assert git.conflicts(git.commit(SPIRAL).hash, main) == []
        with pytest.raises(Conflict, match=r"src/sand\.py"):
            git.merge(source=other, destination="main", message="m", author=ANN, strategy="merge_commit")

    def test_a_merge_with_what_is_no_commit_is_gits_own_error(self, git: GitRepository):
        with pytest.raises(GitFailed):
            git.conflicts("0" * 40, git.commit("main").hash)

    @pytest.mark.parametrize("name", ["a..b", "x.lock", "-x/", "with space"])
    def test_a_name_that_git_refuses_is_invalid(self, git: GitRepository, name: str):
        with pytest.raises(Invalid):
            git.set_branch(name, git.commit("main").hash)

    def test_a_rewritten_commit_has_the_same_tree_and_parents(self, git: GitRepository):
        old = git.commit(SPIRAL)
        made = git.rewrite(old, author=ANN, message="Other words")
        assert (made.tree, made.parents, made.message) == (old.tree, old.parents, "Other words")
        assert made.author == old.author
        assert made.committer.at == ANN.at

    def test_a_fork_shares_the_objects_and_not_the_branches(self, git: GitRepository, tmp_path):
        fork = GitRepository.fork(git, tmp_path / "fork.git")
        made = fork.commit_files("main", files={"a": b"a"}, message="x", author=ANN)
        assert git.find(made.hash) is None
        git.fetch(fork, made.hash)
        assert git.commit(made.hash) == made
        git.fetch(fork, made.hash)
        assert git.branches()["main"] != made.hash

    def test_the_size_is_that_of_its_own_objects(self, git: GitRepository):
        before = git.size_bytes()
        git.commit_files("main", files={"a": bytes(range(256))}, message="x", author=ANN)
        assert git.size_bytes() == before
        assert GitRepository(git.path).size_bytes() > before


class TestRunningGit:
    def test_a_failure_carries_what_git_said(self, git: GitRepository):
        with pytest.raises(GitFailed, match="not-a-command"):
            run(git.path, "not-a-command")

    def test_a_silent_failure_says_its_status(self, git: GitRepository):
        with pytest.raises(GitFailed, match="ended with 1"):
            run(git.path, "merge-base", "--is-ancestor", "main", "v1.0")

    def test_the_users_own_configuration_is_not_read(self, git: GitRepository, tmp_path, monkeypatch):
        (tmp_path / ".gitconfig").write_text("[user]\n\tname = Somebody\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
        assert text(git.path, "config", "user.name") == "Bitbucket"

    def test_hooks_do_not_run(self, git: GitRepository):
        hook = git.path / "hooks" / "reference-transaction"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        git.set_branch("unhooked", git.commit("main").hash)
        real = subprocess.run(["git", "rev-parse", "unhooked"], cwd=git.path, capture_output=True, text=True)
        assert real.stdout.strip() == git.branches()["unhooked"]
