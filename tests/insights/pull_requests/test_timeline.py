"""The strip and its ticks."""

from insights.pull_requests.events import ordered_events
from insights.pull_requests.stages import Stage
from insights.pull_requests.stamps import stamps_of
from insights.pull_requests.timeline import TickKind, timeline
from tests.insights.lives import (
    ALICE,
    DIRECTORY,
    RABBIT,
    approved,
    asked_for_changes,
    at,
    commented,
    force_pushed,
    pull_request,
    pushed,
)


def drawn(*events, until="Tue 09:00", **fields):
    facts = pull_request(*events, opened="Mon 09:00", **fields)
    stamps = stamps_of(facts, directory=DIRECTORY)
    return timeline(stamps, ordered_events(facts), author=ALICE, directory=DIRECTORY, until=at(until))


def test_there_is_a_tick_for_each_push_and_each_word_of_another_person():
    strip = drawn(
        pushed("Mon 09:30"),
        commented("Mon 10:00"),
        commented("Mon 10:30", by=ALICE),
        commented("Mon 10:40", by=RABBIT),
        force_pushed("Mon 11:00"),
        asked_for_changes("Mon 12:00"),
        approved("Mon 13:00"),
        approved("Mon 13:10", by=ALICE),
    )

    assert [(tick.kind, tick.at.hour) for tick in strip.ticks] == [
        (TickKind.PUSH, 9),
        (TickKind.COMMENT, 10),
        (TickKind.FORCE_PUSH, 11),
        (TickKind.CHANGES_REQUEST, 12),
        (TickKind.APPROVAL, 13),
    ]


def test_the_strip_runs_from_the_first_commit_to_now():
    strip = drawn(commented("Mon 10:00"), first="Mon 07:00")

    assert [(one.stage, one.start, one.end) for one in strip.segments] == [
        (Stage.CODING, at("Mon 07:00"), at("Mon 09:00")),
        (Stage.PICKUP, at("Mon 09:00"), at("Mon 10:00")),
        (Stage.REVIEW, at("Mon 10:00"), at("Tue 09:00")),
    ]


def test_ticks_outside_the_strip_are_not_drawn():
    strip = drawn(pushed("Mon 06:00"), pushed("Mon 08:00"), pushed("Wed 09:00"), first="Mon 07:00")

    assert [tick.at for tick in strip.ticks] == [at("Mon 08:00")]
