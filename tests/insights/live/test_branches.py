"""What kind of branch one is."""

from datetime import timedelta

import pytest

from insights.live.branches import BranchKind, kind_of
from insights.live.facts import BranchTip
from tests.insights.live.cast import NOW


def kind(name="feature/x", *, age=None, in_review=()):
    tip = BranchTip(name=name, commit_hash="a" * 40, committed_at=None if age is None else NOW - age)
    return kind_of(tip, main_branch="main", in_review=in_review, now=NOW)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), BranchKind.ACTIVE),
        (timedelta(days=7) - timedelta(seconds=1), BranchKind.ACTIVE),
        (timedelta(days=7), BranchKind.QUIET),
        (timedelta(days=30) - timedelta(seconds=1), BranchKind.QUIET),
        (timedelta(days=30), BranchKind.IDLE),
        (timedelta(days=90), BranchKind.IDLE),
        (timedelta(days=90, seconds=1), BranchKind.STALE),
        (timedelta(days=4000), BranchKind.STALE),
    ],
)
def test_the_age_of_the_newest_commit_decides(age, expected):
    assert kind(age=age) is expected


def test_the_main_branch_is_never_stale():
    assert kind("main", age=timedelta(days=4000)) is BranchKind.MAIN


def test_an_old_branch_with_an_open_pull_request_is_not_stale():
    assert kind(age=timedelta(days=200), in_review={"feature/x"}) is BranchKind.IDLE


def test_a_pull_request_from_another_branch_does_not_save_it():
    assert kind(age=timedelta(days=200), in_review={"feature/y"}) is BranchKind.STALE


def test_a_branch_whose_commit_has_no_date_is_not_judged():
    assert kind() is BranchKind.UNKNOWN
