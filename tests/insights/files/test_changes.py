"""Files keep their history through renames."""

import subprocess

from insights.facts.pull_requests import FileChange
from insights.facts.repository import CommitFacts
from insights.files.changes import (
    changes_of_commits,
    changes_of_pull_requests,
    touches_by_file,
    with_present_names,
    within,
)
from insights.result import Window
from tests.insights.files.cast import ANA, BEN, CEM, added, change, modified, removed, renamed
from tests.insights.lives import at, pull_request


def history(*changes):
    touches = touches_by_file(with_present_names(changes))
    return {path: [(touch.author, touch.is_creation) for touch in found] for path, found in touches.items()}


def test_a_renamed_file_keeps_what_happened_to_it():
    found = history(
        change("Mon 09:00", ANA, added("old.py")),
        change("Tue 09:00", BEN, "old.py"),
        change("Wed 09:00", CEM, renamed("old.py", "new.py")),
        change("Thu 09:00", ANA, "new.py"),
    )

    assert found == {"new.py": [(ANA, False), (CEM, False), (BEN, False), (ANA, True)]}


def test_a_file_renamed_twice_keeps_all_of_it():
    found = history(
        change("Mon 09:00", ANA, added("a")),
        change("Tue 09:00", ANA, renamed("a", "b")),
        change("Wed 09:00", ANA, renamed("b", "c")),
    )

    assert list(found) == ["c"]
    assert len(found["c"]) == 3


def test_a_new_file_under_an_old_name_is_another_file():
    found = history(
        change("Mon 09:00", ANA, added("a")),
        change("Tue 09:00", BEN, renamed("a", "b")),
        change("Wed 09:00", CEM, added("a")),
        change("Thu 09:00", CEM, "a"),
    )

    assert found == {"a": [(CEM, False), (CEM, True)], "b": [(BEN, False), (ANA, True)]}


def test_a_file_that_took_the_name_of_a_renamed_one_by_a_rename_is_another_file():
    found = history(
        change("Mon 09:00", ANA, added("a"), added("x")),
        change("Tue 09:00", BEN, renamed("a", "b")),
        change("Wed 09:00", CEM, renamed("x", "a")),
    )

    assert found == {"a": [(CEM, False), (ANA, True)], "b": [(BEN, False), (ANA, True)]}


def test_two_files_may_swap_names_in_one_change():
    found = history(
        change("Mon 09:00", ANA, added("a")),
        change("Tue 09:00", BEN, added("b")),
        change("Wed 09:00", CEM, renamed("a", "b"), renamed("b", "a")),
    )

    assert found == {"b": [(CEM, False), (ANA, True)], "a": [(CEM, False), (BEN, True)]}


def test_the_order_in_which_changes_are_told_does_not_matter():
    changes = [
        change("Mon 09:00", ANA, added("a")),
        change("Tue 09:00", BEN, renamed("a", "b")),
        change("Wed 09:00", CEM, "b", removed("c")),
    ]

    assert history(*changes) == history(*reversed(changes)) == history(changes[1], changes[2], changes[0])


def commit(number, when, *files, parents=("p",)):
    return CommitFacts(
        hash=str(number) * 40,
        author=ANA,
        authored_at=at(when),
        committed_at=at(when),
        parents=parents,
        files=files or None,
    )


def test_merge_commits_and_commits_whose_files_are_not_known_are_no_changes():
    found = changes_of_commits(
        [
            commit(1, "Mon 09:00", modified("a")),
            commit(2, "Mon 10:00", modified("a"), parents=("p", "q")),
            commit(3, "Mon 11:00"),
        ]
    )

    assert [one.key for one in found] == ["1" * 40]


def test_without_commits_a_merged_pull_request_is_a_change_at_its_merge():
    files = (FileChange(path="a"),)
    found = list(
        changes_of_pull_requests(
            [
                pull_request(opened="Mon 09:00", merged="Tue 09:00", number=1, files=files),
                pull_request(opened="Mon 09:00", declined="Tue 09:00", number=2, files=files),
                pull_request(opened="Mon 09:00", number=3, files=files),
                pull_request(opened="Mon 09:00", merged="Tue 09:00", number=4, files=None),
            ]
        )
    )

    assert [(one.key, one.at, one.files) for one in found] == [("1", at("Tue 09:00"), files)]


def test_changes_can_be_cut_to_a_window():
    changes = [change("Mon 09:00", ANA, "a"), change("Tue 09:00", ANA, "a")]

    assert list(within(changes, Window(at("Mon 00:00"), at("Tue 09:00")))) == changes[:1]


def test_renames_agree_with_git_log_follow(tmp_path):
    """A real repository, told commit by commit as a diffstat tells it, and ``git log --follow`` as the judge."""

    def git(*arguments):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        return subprocess.run(
            ["git", "-C", tmp_path, *identity, *arguments], check=True, capture_output=True, text=True
        ).stdout

    git("init", "-q")
    body = "".join(f"line {number}\n" for number in range(40))
    steps = [("one.py", None), ("two.py", "one.py"), ("pkg/two.py", "two.py"), ("pkg/three.py", "pkg/two.py")]
    changes = []
    for number, (path, before) in enumerate(steps):
        if before is None:
            (tmp_path / path).write_text(body)
        else:
            (tmp_path / path).parent.mkdir(exist_ok=True)
            git("mv", before, path)
            (tmp_path / path).write_text(body + f"edit {number}\n")
        git("add", "-A")
        git("commit", "-q", "-m", str(number))
        changes.append(change(f"Mon {9 + number:02}:00", ANA, renamed(before, path) if before else added(path)))

    followed = git("log", "--follow", "--format=%s", "--", "pkg/three.py").split()
    assert len(history(*changes)["pkg/three.py"]) == len(followed) == 4
