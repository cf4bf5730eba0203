"""Edits as intentions: they find their place again on another version of the tree."""

from __future__ import annotations

import random

import pytest

from simulator.world.story.codebase import DIALECTS, Codebase
from simulator.world.story.edits import Insert, Remove, Rename, Replace, Write
from simulator.world.story.ground import touched

TREE = {"a.py": ("one", "two", "three"), "b.py": ("x",)}


def applied(edit, tree=None):
    after = dict(tree or TREE)
    edit.apply(after)
    return after


@pytest.mark.parametrize(
    ("edit", "path", "lines"),
    [
        (Insert("a.py", "one", ("new",)), "a.py", ("one", "new", "two", "three")),
        (Insert("a.py", "gone", ("new",)), "a.py", ("one", "two", "three", "new")),
        (Insert("c.py", "", ("new",)), "c.py", ("new",)),
        (Replace("a.py", "two", ("2", "2b")), "a.py", ("one", "2", "2b", "three")),
        (Replace("a.py", "gone", ("2",)), "a.py", ("one", "two", "three")),
        (Write("b.py", ("y",)), "b.py", ("y",)),
        (Rename("b.py", "d.py"), "d.py", ("x",)),
    ],
)
def test_an_edit_changes_its_file(edit, path, lines):
    assert applied(edit)[path] == lines


def test_a_removed_and_a_renamed_file_are_gone():
    assert "b.py" not in applied(Remove("b.py"))
    assert "b.py" not in applied(Rename("b.py", "d.py"))
    assert applied(Remove("nope")) == applied(Rename("nope", "d.py")) == TREE


def test_the_same_edit_works_on_a_newer_version():
    newer = TREE | {"a.py": ("zero", "one", "two", "three", "four")}
    assert applied(Insert("a.py", "one", ("new",)), newer)["a.py"] == ("zero", "one", "new", "two", "three", "four")


def test_only_what_differs_is_touched():
    edits = [Replace("a.py", "gone", ("x",)), Rename("b.py", "d.py"), Write("e.py", ("e",))]
    after = dict(TREE)
    for edit in edits:
        edit.apply(after)
    assert touched(edits, TREE, after) == {"b.py": None, "d.py": ("x",), "e.py": ("e",)}


class TestCodebase:
    @pytest.mark.parametrize("language", DIALECTS)
    def test_a_first_tree_has_sources_tests_and_a_lock_file(self, language: str):
        codebase = Codebase(language, random.Random(1))
        tree = codebase.first_tree(80)
        assert len(tree) >= 80
        assert DIALECTS[language].lock in tree
        assert any("test" in path or path.startswith("checks/") for path in tree)

    def test_the_same_numbers_make_the_same_code(self):
        one, other = (Codebase("python", random.Random(3)) for _ in range(2))
        tree = one.first_tree(40)
        assert tree == other.first_tree(40)
        assert one.work(tree, size=1.0) == other.work(tree, size=1.0)

    def test_a_years_work_adds_renames_and_removes_files(self):
        codebase = Codebase("typescript", random.Random(2))
        tree = codebase.first_tree(100)
        kinds = {type(edit).__name__ for _ in range(400) for edit in codebase.work(tree, size=1.5)}
        assert kinds == {"Insert", "Replace", "Write", "Rename", "Remove"}

    def test_hand_work_leaves_the_lock_file_alone(self):
        codebase = Codebase("python", random.Random(2))
        tree = codebase.first_tree(60)
        paths = {
            edit.path for _ in range(200) for edit in codebase.work(tree, size=2.0) if not isinstance(edit, Remove)
        }
        assert "requirements.lock" not in paths

    def test_a_dependency_update_rewrites_it(self):
        codebase = Codebase("python", random.Random(2))
        (edit,) = codebase.lock_update("redis", "9.9.9")
        assert edit.path == "requirements.lock"
        assert "redis 9.9.9" in edit.lines
