"""How far apart."""

from datetime import timedelta

import pytest

from insights.branches.divergence import Capped, divergence
from insights.facts.pull_requests import FileChange
from insights.facts.repository import CommitFacts
from insights.files.generated import GeneratedFiles
from insights.result import WhyNot
from tests.insights.lives import DAY, MONDAY

GENERATED = GeneratedFiles()


def commits(count, *paths, start=0, known=True):
    return [
        CommitFacts(
            hash=f"{start + number:040}",
            author=None,
            authored_at=MONDAY + number * DAY,
            committed_at=MONDAY + number * DAY,
            files=tuple(FileChange(path=path) for path in paths) if known else None,
        )
        for number in range(count)
    ]


def test_both_directions_are_counted_and_shared_files_named():
    answer = divergence(
        commits(2, "a.py", "b.py", "yarn.lock"),
        commits(3, "b.py", "c.py", "yarn.lock"),
        parted_at=MONDAY - DAY,
        generated=GENERATED,
    )

    # The base's newest commit is of Wednesday: three days after the Sunday on which they parted.
    assert (answer.value.ahead, answer.value.behind) == (Capped(2), Capped(3))
    assert (answer.value.behind_for, answer.value.shared_paths, answer.n) == (3 * DAY, ("b.py",), 5)


@pytest.mark.parametrize(("count", "capped"), [(99, Capped(99)), (100, Capped(100, is_at_least=True))])
def test_a_full_page_may_not_be_all(count, capped):
    answer = divergence(commits(count), [], parted_at=MONDAY, generated=GENERATED)

    assert answer.value.ahead == capped


def test_a_branch_that_lacks_nothing_is_not_behind():
    answer = divergence(commits(2, "a"), [], parted_at=MONDAY, generated=GENERATED)

    assert (answer.value.behind, answer.value.behind_for) == (Capped(0), timedelta(0))
    assert divergence([], commits(2), parted_at=None, generated=GENERATED).value.behind_for == timedelta(0)


def test_files_that_are_not_all_known_are_not_compared():
    answer = divergence(commits(1, "a"), commits(1, known=False), parted_at=MONDAY, generated=GENERATED)

    assert answer.value.shared_paths is None


@pytest.mark.parametrize(("ahead", "behind"), [(None, []), ([], None)])
def test_it_is_silent_until_both_sides_have_been_read(ahead, behind):
    assert divergence(ahead, behind, parted_at=MONDAY, generated=GENERATED).why_not is WhyNot.NOT_KNOWN
