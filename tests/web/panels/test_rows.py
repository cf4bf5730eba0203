"""Rows of pull requests: whose turn, in whose words, and who has said what."""

from datetime import timedelta

import pytest

from insights.live.attention import wait_of
from insights.live.facts import Account, OpenPullRequest, Participant, ReviewState
from tests.tenants import NOON
from web.panels.links import Links
from web.panels.rows import rows

ANA = Account("{ana}", "Ana Silva")
TOM = Account("{tom}", "Tom Okafor")
MEI = Account("{mei}", "Mei Lin Zhang")
EVE = Account("{eve}", "Eve Adler")
APP = Account("{app}", "Pipelines", kind="AppUser")


def asked(account, state=None):
    return Participant(
        account, is_reviewer=True, state=state, participated_at=NOON - timedelta(hours=1) if state else None
    )


def row(*participants, author=ANA, viewer=None, draft=False):
    opened = NOON - timedelta(days=1, hours=4)
    pull_request = OpenPullRequest(7, "Heron", opened, opened, author=author, is_draft=draft, participants=participants)
    links = Links("https://bitbucket.org", "alice/heron")
    [only] = rows([wait_of(pull_request, now=NOON)], links=links, viewer_uuid=viewer, shows=lambda _: True)
    return only


@pytest.mark.parametrize(
    ("participants", "viewer", "whose"),
    [
        ((), None, "no reviewer is asked"),
        ((asked(TOM),), None, "waiting for Tom Okafor"),
        ((asked(TOM), asked(MEI)), None, "waiting for Tom Okafor or Mei Lin Zhang"),
        ((asked(TOM), asked(MEI), asked(EVE)), None, "waiting for Tom Okafor, Mei Lin Zhang or 1 more"),
        ((asked(TOM), asked(MEI)), "{mei}", "waiting for you"),
        ((asked(TOM, ReviewState.CHANGES_REQUESTED),), None, "back with the author"),
        ((asked(TOM, ReviewState.CHANGES_REQUESTED),), "{ana}", "back with you"),
        ((asked(TOM, ReviewState.APPROVED),), None, "for the author to merge"),
        ((asked(TOM, ReviewState.APPROVED),), "{ana}", "for you to merge"),
        ((asked(TOM, ReviewState.APPROVED),), "{tom}", "for the author to merge"),
    ],
)
def test_it_says_whose_turn_it_is_and_calls_the_viewer_you(participants, viewer, whose):
    assert row(*participants, viewer=viewer).whose == whose


def test_a_draft_is_up_for_nobody_yet():
    assert row(draft=True).whose == "not up for review yet"


def test_what_waits_for_the_viewer_is_marked():
    assert row(asked(TOM), viewer="{tom}").is_yours
    assert not row(asked(TOM), viewer="{ana}").is_yours
    assert not row(asked(TOM), viewer=None).is_yours


def test_those_who_have_judged_come_first_and_are_marked():
    shown = row(asked(TOM), asked(MEI, ReviewState.APPROVED), asked(EVE, ReviewState.CHANGES_REQUESTED))

    assert [(one.person.initials, one.mark) for one in shown.reviewers] == [
        ("MZ", "approved"),
        ("EA", "changes"),
        ("TO", ""),
    ]
    assert shown.reviews == "Mei Lin Zhang approved, Eve Adler asked for changes, Tom Okafor is asked"


def test_the_author_and_bots_are_no_reviewers():
    shown = row(asked(ANA, ReviewState.APPROVED), asked(APP, ReviewState.APPROVED), asked(TOM))

    assert [one.person.initials for one in shown.reviewers] == ["TO"]
    assert shown.approvals == ""


def test_only_the_first_four_are_pictured_and_all_are_named():
    people = [Account(f"{{p{number}}}", f"Person {number}") for number in range(6)]

    shown = row(*(asked(person) for person in people))

    assert (len(shown.reviewers), shown.more_reviewers) == (4, "+2")
    assert "Person 5 is asked" in shown.reviews


def test_somebody_who_only_commented_is_not_shown():
    assert row(Participant(TOM, is_reviewer=False)).reviewers == ()


def test_the_wait_is_told_for_people_and_for_machines():
    shown = row(asked(TOM))

    assert shown.wait.replace("\N{NO-BREAK SPACE}", " ") == "1 d 4 h"
    assert shown.wait_iso == "P1DT4H0M"
    assert shown.since == "since Sun 22 Nov 2026, 08:00 UTC"


def test_approvals_are_counted_with_the_right_word():
    assert row(asked(TOM, ReviewState.APPROVED)).approvals == "1 approval"
    assert row(asked(TOM, ReviewState.APPROVED), asked(MEI, ReviewState.APPROVED)).approvals == "2 approvals"


def test_a_former_users_pull_request_has_a_row_too():
    assert row(asked(TOM), author=None).author.name == "Former user"
