"""How histories fill, in words: no more exactly than anybody can know, and never a promise past a quota that is used up."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from models.backfill_stages import Stage
from models.quota import Hindrance
from sync.progress import InstallationProgress, Progress
from tests.tenants import NOON
from web.panels.filling import filling_view, time_left

SPACE = "\N{NO-BREAK SPACE}"


def progress(done, total, *, stage=Stage.CLOSED_ACTIVITY, minutes=25, **members):
    eta = None if minutes is None else timedelta(minutes=minutes)
    return Progress(
        stage=stage, done=done, total=total, calls_to_make=10, calls_used=1, calls_left=9, eta=eta, **members
    )


def installation(*named, is_listed=True, minutes=25, resumes_at=None, hindrance=None):
    rows = [
        (SimpleNamespace(id=number, uuid=f"{{{name}}}", full_name=name, name=name), one)
        for number, (name, one) in enumerate(named)
    ]
    eta = None if minutes is None else timedelta(minutes=minutes)
    return InstallationProgress(
        is_listed=is_listed, repositories=rows, usage=None, eta=eta, resumes_at=resumes_at, hindrance=hindrance
    )


def view(filled, **options):
    return filling_view(filled, at_most=options.pop("at_most", 10), **options)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=25), f"about 25{SPACE}min"),
        (timedelta(hours=1, minutes=40), f"about 2{SPACE}h"),
        (timedelta(hours=30), f"about 1{SPACE}d{SPACE}6{SPACE}h"),
    ],
)
def test_a_time_is_told_as_exactly_as_it_is_known(span, words):
    assert time_left(span) == words


def test_a_history_under_way_says_how_far_it_is_and_how_long_it_takes():
    shown = view(installation(("alice/heron", progress(340, 1_214))))

    assert shown.headline == "History: 340 of 1,214 pull requests"
    assert shown.subline == f"About 25{SPACE}min to go"
    (row,) = shown.rows
    assert (row.name, row.percent, row.state.text) == ("alice/heron", 28, "Reading")
    assert row.text == "340 of 1,214 pull requests"


def test_a_complete_history_says_so():
    shown = view(installation(("alice/heron", progress(5, 5, stage=Stage.DONE)), minutes=0))

    assert (shown.headline, shown.subline) == ("The history is complete: 5 pull requests.", "")
    assert (shown.rows[0].percent, shown.rows[0].state.text, shown.rows[0].text) == (100, "Complete", "5 pull requests")


def test_nothing_is_complete_before_every_repository_is_known():
    shown = view(installation(("alice/heron", progress(5, 5, stage=Stage.DONE)), is_listed=False, minutes=None))

    assert shown.headline == "History: 5 of 5 pull requests"
    assert shown.subline == "The repositories of the workspace are being listed."


@pytest.mark.parametrize(
    ("hindrance", "words"),
    [
        (Hindrance.RATE_LIMIT, "Bitbucket's hourly limit is used up; reading goes on at 12:40 UTC."),
        (Hindrance.FAILURES, "Bitbucket has failed several times in a row; reading goes on at 12:40 UTC."),
        (Hindrance.BUDGET, "The calls set aside for this hour are used up; reading goes on at 12:40 UTC."),
    ],
)
def test_while_nothing_can_be_read_it_says_why_and_until_when(hindrance, words):
    until = NOON + timedelta(minutes=40)
    row = progress(1, 9, resumes_at=until, hindrance=hindrance, error="BudgetSpent: …")
    shown = view(installation(("alice/heron", row), resumes_at=until, hindrance=hindrance))

    assert shown.subline == words
    assert (shown.rows[0].state.text, shown.rows[0].error) == ("Waiting", "")


def test_what_goes_wrong_is_told():
    assert (
        view(installation(("alice/heron", progress(1, 9, error="No such commit.")))).rows[0].error == "No such commit."
    )


def test_what_has_not_begun_has_an_empty_bar():
    row = view(installation(("alice/heron", progress(0, 0, minutes=None)))).rows[0]

    assert (row.percent, row.text) == (0, "not begun")


def test_a_repository_that_is_read_has_no_time_to_go_whatever_the_others_need():
    done = progress(4, 4, stage=Stage.DONE, minutes=0)
    filled = installation(("alice/heron", progress(1, 2)), ("alice/egret", done))
    shown = view(filled, only=filled.repositories[1][0])

    assert (shown.headline, shown.subline) == ("The history is complete: 4 pull requests.", "")


def test_an_empty_workspace_waits_for_its_first_repository():
    assert view(installation(is_listed=False, minutes=None)).headline == "The history is about to be read."


def test_unfinished_ones_stand_first_and_the_rest_is_counted():
    done = [(f"alice/{number}", progress(1, 1, stage=Stage.DONE)) for number in range(3)]
    shown = view(installation(*done, ("alice/last", progress(0, 4))), at_most=2)

    assert [row.name for row in shown.rows] == ["alice/last", "alice/0"]
    assert shown.more == "and 2 more repositories"


def test_one_repository_alone_can_be_shown():
    filled = installation(("alice/heron", progress(1, 2)), ("alice/egret", progress(3, 4)))
    shown = view(filled, only=filled.repositories[1][0])

    assert (shown.headline, shown.subline) == ("History: 3 of 4 pull requests", f"About 25{SPACE}min to go")
    assert [row.name for row in shown.rows] == ["alice/egret"]
