"""Rows of open pull requests say for whom they wait, why, how long, and whether that is usual; names only of those waited for."""

import pytest

from insights.pull_requests.pace import Pace
from insights.pull_requests.size import SizeBucket
from insights.pull_requests.turn import Cause
from tests.web.fake_bitbucket import ANA, TOM, days_ago, participant, pull_request
from tests.web.panels.asking import panel, text
from tests.web.panels.held import hold
from web.panels.standing_rows import cause_words, pace_lozenge, size_words

EVE = {"type": "user", "uuid": "{aaaaaaaa-0000-4000-8000-0000000000f5}", "display_name": "Eve Moss", "nickname": "eve"}
KIM = {"type": "user", "uuid": "{aaaaaaaa-0000-4000-8000-0000000000f6}", "display_name": "Kim Lund", "nickname": "kim"}


@pytest.mark.parametrize(
    ("parts", "members", "words"),
    [
        ((participant(TOM),), {}, "#1 · waiting for Tom Okafor · by you"),
        ((participant(EVE), participant(TOM)), {}, "#1 · waiting for Tom Okafor or Eve Moss"),
        ((participant(EVE), participant(TOM), participant(KIM)), {}, "#1 · waiting for Tom Okafor, Eve Moss or 1 more"),
        ((), {}, "#1 · no reviewer is asked"),
        ((participant(TOM, state="approved", on=days_ago(0)),), {}, "#1 · ready to merge by you"),
        ((participant(TOM, state="changes_requested", on=days_ago(0)),), {}, "#1 · back with you: changes requested"),
        ((participant(TOM),), {"author": KIM}, "#1 · waiting for Tom Okafor"),
    ],
)
def test_it_says_for_whom_it_waits(client, alice, services, parts, members, words):
    hold(services, alice, pull_request(1, *parts, **members))

    shown = text(client.get(panel(user=ANA["uuid"])))

    assert words in shown


def test_nobody_is_named_for_whom_nothing_waits(client, alice, services):
    hold(services, alice, pull_request(1, participant(TOM), author=KIM))

    assert "Kim Lund" not in client.get(panel(user=ANA["uuid"])).get_data(as_text=True)


def test_every_cause_and_every_pace_has_a_word_of_its_own():
    words = [cause_words(cause) for cause in Cause] + [pace_lozenge(pace).text for pace in Pace]

    assert all(words)
    assert len(set(words)) == len(words)
    assert pace_lozenge(None) is None


def test_a_size_is_a_letter_with_its_lines_behind_it():
    assert size_words(SizeBucket.M, 120) == ("M", "120 changed lines")
    assert size_words(SizeBucket.XS, 1) == ("XS", "1 changed line")
    assert size_words(None, None) == ("", "")
