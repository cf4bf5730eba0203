"""When a pull request was a draft."""

import pytest

from insights.pull_requests.drafts import Drafts, DraftSpan, drafts_of
from insights.pull_requests.events import ordered_events
from tests.insights.lives import at, drafted, pull_request, readied


def drafts(*events, **fields):
    facts = pull_request(*events, opened="Mon 09:00", **fields)
    return drafts_of(facts, ordered_events(facts))


def test_without_a_word_of_drafts_it_was_ready_when_it_was_opened():
    assert drafts() == Drafts(at("Mon 09:00"))


def test_without_a_word_and_from_before_we_watched_that_is_assumed():
    assert drafts(is_draft_history_known=False) == Drafts(at("Mon 09:00"), is_assumed=True)


def test_a_draft_that_was_never_ready_has_no_ready_time():
    assert drafts(is_draft=True) == Drafts(None)
    assert drafts(is_draft=True, is_draft_history_known=False) == Drafts(None)


def test_a_first_ready_tells_of_one_opened_as_a_draft():
    assert drafts(readied("Mon 12:00"), is_draft_history_known=False) == Drafts(at("Mon 12:00"))


def test_a_first_draft_tells_of_one_opened_ready():
    found = drafts(drafted("Mon 10:00"), readied("Mon 12:00"))

    assert found == Drafts(at("Mon 09:00"), (DraftSpan(at("Mon 10:00"), at("Mon 12:00")),))


def test_one_that_is_a_draft_again_stays_one_until_it_is_ready():
    found = drafts(readied("Mon 10:00"), drafted("Mon 12:00"), is_draft=True)

    assert found == Drafts(at("Mon 10:00"), (DraftSpan(at("Mon 12:00"), None),))


def test_a_word_said_twice_changes_nothing():
    found = drafts(
        readied("Mon 10:00"), readied("Mon 11:00"), drafted("Mon 12:00"), drafted("Mon 13:00"), readied("Mon 14:00")
    )

    assert found.later == (DraftSpan(at("Mon 12:00"), at("Mon 14:00")),)


def test_words_from_before_the_opening_count_from_the_opening_and_take_no_time():
    assert drafts(drafted("Mon 07:00"), readied("Mon 08:00")) == Drafts(at("Mon 09:00"))
    assert drafts(drafted("Mon 07:00"), readied("Mon 10:00")).later == (DraftSpan(at("Mon 09:00"), at("Mon 10:00")),)


@pytest.mark.parametrize(
    ("when", "is_draft"),
    [("Mon 09:30", True), ("Mon 10:00", False), ("Mon 12:30", True), ("Mon 13:00", False), ("Mon 15:00", True)],
)
def test_it_is_a_draft_from_the_word_on_until_the_next(when, is_draft):
    found = drafts(readied("Mon 10:00"), drafted("Mon 12:00"), readied("Mon 13:00"), drafted("Mon 14:00"))

    assert found.is_draft_at(at(when)) is is_draft
