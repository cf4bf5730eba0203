"""How evenly the first answers are spread."""

import pytest

from insights.clock.look import look
from insights.facts.pull_requests import ParticipantFacts
from insights.flow.review_load import Audience, Load, review_load
from insights.result import WhyNot
from tests.insights.lives import ALICE, BOB, CARLA, DAY, SETTINGS, at, commented, measured, pull_request

NOW = look(SETTINGS, now=at("3 Mon 00:00"))
DAN = "{d}"


def answered(number, by, *, reviewers=(), when="Mon 10:00"):
    participants = tuple(ParticipantFacts(account=who, is_reviewer=True) for who in reviewers)
    return measured(
        pull_request(
            commented(when, by=by), opened="Mon 09:00", first="Mon 09:00", number=number, participants=participants
        )
    )


# Bob answered first 5 times, Carla 3, a gone account once; Dan was asked and never first. Alice wrote them all.
ROWS = [
    *(answered(number, BOB) for number in range(1, 6)),
    *(answered(number, CARLA, reviewers=(DAN, BOB)) for number in range(6, 9)),
    answered(9, None),
]


def test_the_shares_of_the_busiest_and_the_gini_of_all_who_were_asked_or_answered():
    answer = review_load(ROWS, NOW)

    # 5, 8 and 9 of 9. Gini of 0, 1, 3, 5: (2 * (1*0 + 2*1 + 3*3 + 4*5)) / (4 * 9) - 5/4 = 62/36 - 45/36 = 17/36.
    assert answer.value.shares == pytest.approx((5 / 9, 8 / 9, 1))
    assert answer.value.gini == pytest.approx(17 / 36)
    assert (answer.value.people, answer.n) == (4, 9)


def test_names_are_hidden_unless_the_workspace_shows_them():
    assert review_load(ROWS, NOW).value.named == ()
    shown = review_load(ROWS, NOW, Audience(are_names_shown=True)).value.named
    # By account and not by number: no leaderboard.
    assert shown == (Load("", 1), Load(BOB, 5), Load(CARLA, 3), Load(DAN, 0))


@pytest.mark.parametrize(("viewer", "own"), [(BOB, 5), (DAN, 0), (ALICE, 0), (None, None)])
def test_the_viewer_sees_the_own_number(viewer, own):
    assert review_load(ROWS, NOW, Audience(viewer=viewer)).value.yours == own


def test_only_answers_of_the_window_count():
    early = look(SETTINGS, now=at("Mon 09:00") + 40 * DAY)

    assert review_load(ROWS, early).why_not is WhyNot.NO_DATA
    assert review_load([], NOW).why_not is WhyNot.NO_DATA
