"""The size of files as their known changes tell it."""

from datetime import UTC, datetime, timedelta

from insights.facts.pull_requests import FileChange, FileStatus
from insights.files.changes import Change, with_present_names
from insights.files.sizes import known_sizes

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def change(age, *files):
    return Change(str(age), None, NOON - timedelta(days=age), files)


def file(path, added=0, removed=0, status=FileStatus.MODIFIED, old=None):
    return FileChange(path=path, old_path=old, status=status, lines_added=added, lines_removed=removed)


def sizes(*changes):
    return known_sizes(with_present_names(changes))


def test_it_is_what_was_added_less_what_was_removed():
    made = change(3, file("a.py", 100, status=FileStatus.ADDED))
    assert sizes(made, change(2, file("a.py", 10, 30)), change(1, file("b.py", 5))) == {"a.py": 80, "b.py": 5}


def test_a_file_whose_beginning_is_not_known_has_one_line_at_least():
    assert sizes(change(1, file("a.py", 1, 50))) == {"a.py": 1}


def test_a_file_that_was_removed_has_none():
    gone = change(1, file("a.py", 0, 100, FileStatus.REMOVED))
    assert sizes(change(2, file("a.py", 100, status=FileStatus.ADDED)), gone) == {}


def test_one_that_was_made_again_has_one():
    gone = change(2, file("a.py", 0, 100, FileStatus.REMOVED))
    again = change(1, file("a.py", 40, status=FileStatus.ADDED))
    assert sizes(change(3, file("a.py", 100, status=FileStatus.ADDED)), gone, again) == {"a.py": 40}


def test_a_renamed_file_keeps_its_lines():
    moved = change(1, file("b.py", 2, 0, FileStatus.RENAMED, old="a.py"))
    assert sizes(change(2, file("a.py", 100, status=FileStatus.ADDED)), moved) == {"b.py": 102}
