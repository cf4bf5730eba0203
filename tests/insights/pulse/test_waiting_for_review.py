"""How many wait for a reviewer."""

from insights.clock.look import look
from insights.pull_requests.pace import Yardstick
from insights.pull_requests.stages import Stage
from insights.pull_requests.standing import standings
from insights.pulse.waiting_for_review import WaitingForReview, waiting_for_review
from insights.result import Exclusion
from tests.insights.lives import CONTEXT, HOUR, RENOVATE, SETTINGS, approved, at, commented, pull_request

NOW = look(SETTINGS, now=at("Wed 09:00"))
USUAL = {Stage.PICKUP: Yardstick(n=30, p50=6 * HOUR, p85=24 * HOUR)}
FACTS = [
    pull_request(opened="Mon 09:00", number=1),  # 48 hours
    pull_request(opened="Tue 09:00", number=2),  # 24 hours: not longer than usual
    pull_request(commented("Mon 10:00"), opened="Mon 09:00", number=3),  # the author's turn
    pull_request(approved("Mon 10:00"), opened="Mon 09:00", number=4),  # ready to merge
    pull_request(opened="Mon 09:00", number=5, is_draft=True),
    pull_request(opened="Mon 09:00", number=6, author=RENOVATE),
    pull_request(opened="Mon 09:00", number=7, destination_branch="feature/base"),
]


def answer(facts=FACTS, usual=USUAL):
    return waiting_for_review(standings(facts, NOW, CONTEXT, usual=usual), usual)


def test_open_ones_of_people_with_the_reviewers_turn_are_counted():
    found = answer()

    assert found.value == WaitingForReview(waiting=2, longer_than_usual=1)
    assert (found.n, found.members) == (4, (1, 2))
    assert found.exclusions == {Exclusion.BOT_AUTHOR: 1, Exclusion.DRAFT: 1, Exclusion.OTHER_DESTINATION: 1}


def test_without_a_past_nobody_knows_what_is_longer_than_usual():
    assert answer(usual={}).value == WaitingForReview(waiting=2, longer_than_usual=None)


def test_where_nothing_is_open_none_waits():
    assert answer([]).value == WaitingForReview(waiting=0, longer_than_usual=0)
