"""The commits in memory: order, ancestry, prefixes, mailmap, and keeping up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from simulator.world.errors import Missing
from simulator.world.git import GitRepository, Signature
from simulator.world.git.history import History

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def git(tmp_path) -> GitRepository:
    """main: a - b - e (merge of d); side: a - c - d."""
    made = GitRepository.create(tmp_path / "x.git")
    a = put(made, "main", "a", 0)
    b = put(made, "main", "b", 2)
    c = put(made, "side", "c", 1, parent=a)
    put(made, "side", "d", 3)
    made.merge(source=made.branches()["side"], destination="main", message="e", author=who(4), strategy="merge_commit")
    assert (a, b, c) != (b, c, a)
    return made


def who(hours: int) -> Signature:
    return Signature("Ann", "ann@x.example", AT + timedelta(hours=hours))


def put(git: GitRepository, branch: str, name: str, hours: int, parent: str | None = None) -> str:
    files = {f"{name}.txt": name.encode()}
    return git.commit_files(branch, files=files, message=name, author=who(hours), parent=parent).hash


def names(git: GitRepository, listing: list[str]) -> str:
    return "".join(git.history[one].message for one in listing)


def test_it_lists_children_before_parents_and_newest_first(git: GitRepository):
    assert names(git, git.history.listing([git.branches()["main"]])) == "edbca"


def test_what_is_excluded_takes_its_ancestors_along(git: GitRepository):
    branches = git.branches()
    assert names(git, git.history.listing([branches["main"]], [branches["side"]])) == "eb"
    assert git.history.listing([branches["side"]], [branches["main"]]) == []


def test_a_clock_that_went_backwards_does_not_put_a_parent_first(tmp_path):
    git = GitRepository.create(tmp_path / "x.git")
    put(git, "main", "a", 10)
    put(git, "main", "b", 1)
    assert names(git, git.history.listing([git.branches()["main"]])) == "ba"


def test_the_same_list_is_made_only_once(git: GitRepository):
    tip = git.branches()["main"]
    assert git.history.listing([tip]) is git.history.listing([tip])


def test_it_forgets_lists_that_nobody_asked_for_lately(git: GitRepository):
    tip = git.branches()["main"]
    first = git.history.listing([tip])
    for number in range(20):
        git.history.listing([tip], [f"{number:040x}"])
    assert git.history.listing([tip]) is not first


def test_ancestry(git: GitRepository):
    main, side = git.branches()["main"], git.branches()["side"]
    assert git.history.is_ancestor(side, main)
    assert not git.history.is_ancestor(main, side)
    assert git.history.is_ancestor(main, main)
    assert len(git.history.ancestors([side])) == 3


def test_a_short_hash_is_enough_and_an_ambiguous_one_is_not(git: GitRepository):
    tip = git.branches()["main"]
    assert git.history.by_prefix(tip[:12]).hash == tip
    assert git.history.by_prefix("0" * 40) is None
    with pytest.raises(Missing, match="ambiguous"):
        git.history.by_prefix("")


def test_a_commit_keeps_the_offset_that_its_author_had(git: GitRepository):
    east = datetime(2026, 1, 2, 9, 30, tzinfo=UTC).astimezone(
        tz=datetime.fromisoformat("2026-01-01T00:00+05:30").tzinfo
    )
    made = git.commit_files("main", files={}, message="x", author=Signature("A", "a@x.example", east))
    read = History(git.path)[made.hash]
    assert read.author.at == east
    assert read.author.at.utcoffset() == timedelta(hours=5, minutes=30)
    assert read.author.raw == "A <a@x.example>"


def test_what_it_learned_is_what_it_would_read_anew(git: GitRepository):
    made = put(git, "main", "f", 5)
    assert History(git.path)[made] == git.history[made]
    assert len(History(git.path)) == len(git.history) == 6


def test_the_mailmap_is_honoured(git: GitRepository):
    mailmap = b"Ann Proper <ann@proper.example> <ann@x.example>\n"
    git.commit_files("main", files={".mailmap": mailmap}, message="map", author=who(6))
    assert History(git.path).canonical["Ann", "ann@x.example"] == ("Ann Proper", "ann@proper.example")


def test_a_message_keeps_its_lines_and_strange_letters(git: GitRepository):
    made = git.commit_files("main", files={}, message="Größe\n\n- eins\n- zwei\n", author=who(7))
    assert History(git.path)[made.hash].message == "Größe\n\n- eins\n- zwei\n"


def test_an_empty_repository_has_an_empty_history(tmp_path):
    git = GitRepository.create(tmp_path / "x.git")
    assert (len(git.history), git.branches(), git.tags()) == (0, {}, {})
    assert "main" not in git.history
