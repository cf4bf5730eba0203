"""What waits for you, and what of yours waits for others."""

from insights.clock.look import look
from insights.facts.pull_requests import ParticipantFacts
from insights.pull_requests.standing import standings
from insights.pulse.yours import yours
from insights.result import WhyNot
from tests.insights.lives import ALICE, BOB, CARLA, CONTEXT, RENOVATE, SETTINGS, at, commented, pull_request

NOW = look(SETTINGS, now=at("Fri 09:00"))
BOB_REVIEWS = (ParticipantFacts(account=BOB, is_reviewer=True),)
FACTS = [
    pull_request(opened="Tue 09:00", number=1, author=ALICE, participants=BOB_REVIEWS),
    pull_request(opened="Mon 09:00", number=2, author=RENOVATE, participants=BOB_REVIEWS),
    pull_request(commented("Mon 10:00"), opened="Mon 09:00", number=3, author=ALICE),
    pull_request(opened="Mon 09:00", number=4, author=CARLA),
    pull_request(opened="Mon 09:00", number=5, author=ALICE, is_draft=True),
]


def answer(viewer):
    return yours(standings(FACTS, NOW, CONTEXT, usual={}), viewer=viewer)


def ids(standings_):
    return [standing.id for standing in standings_]


def test_a_reviewer_sees_what_waits_for_them_the_longest_first():
    found = answer(BOB)

    # A bot's pull request waits for Bob all the same.
    assert (ids(found.value.waiting_for_you), ids(found.value.waiting_for_others)) == ([2, 1], [])
    assert found.members == (1, 2)


def test_an_author_sees_both_what_is_theirs_to_do_and_what_waits_for_others():
    found = answer(ALICE)

    assert ids(found.value.waiting_for_you) == [5, 3]
    assert ids(found.value.waiting_for_others) == [1]
    assert found.n == 3


def test_one_with_nothing_open_sees_nothing():
    assert (answer("{z}").value.waiting_for_you, answer("{z}").n) == ((), 0)


def test_nobody_in_particular_sees_nobodys():
    assert answer(None).why_not is WhyNot.NOT_KNOWN
