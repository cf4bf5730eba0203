"""The strip adds up to the whole width, says its times in words, and has every tick in its table."""

from datetime import timedelta

from insights.clock.look import look
from insights.pull_requests.stages import Segment, Stage
from insights.pull_requests.timeline import Tick, TickKind, Timeline
from insights.settings import WorkspaceSettings
from tests.insights.lives import BOB, DAY, HOUR, at
from web.panels.strip import MOST_TICKS, stage_word, strip, tick_word

NOW = at("Fri 12:00")
LOOK = look(WorkspaceSettings(), now=NOW)


def drawn(*parts, ticks=()):
    segments, start = [], at("Mon 12:00")
    for stage, length in parts:
        segments.append(Segment(stage, start, start + length))
        start += length
    return strip(Timeline(tuple(segments), tuple(ticks)), LOOK)


def test_the_stages_fill_the_width_in_their_order():
    found = drawn((Stage.CODING, DAY), (Stage.PICKUP, 2 * DAY), (Stage.REVIEW, DAY))

    assert [(span.look, span.x, span.width) for span in found.spans] == [
        ("coding", 0, 25),
        ("pickup", 25, 50),
        ("review", 75, 25),
    ]
    assert found.finding.replace("\N{NO-BREAK SPACE}", " ") == "Coding 1 d, Pickup 2 d, Review 1 d"


def test_a_stage_that_took_no_time_to_speak_of_is_seen_all_the_same():
    found = drawn((Stage.PICKUP, 30 * DAY), (Stage.MERGE_WAIT, HOUR / 60))

    assert found.spans[-1].width == 1
    assert found.spans[-1].x <= 99


def test_a_weekend_is_no_wider_than_the_wait_that_it_was():
    # Monday noon to Saturday noon is four and a half days of work; the weekend after adds none, Monday morning half a day.
    found = drawn((Stage.PICKUP, 5 * DAY), (Stage.REVIEW, 2 * DAY))

    assert [span.width for span in found.spans] == [90, 10]


def test_a_life_of_one_weekend_is_drawn_by_the_wall_clock():
    segments = (
        Segment(Stage.PICKUP, at("Sat 08:00"), at("Sat 12:00")),
        Segment(Stage.REVIEW, at("Sat 12:00"), at("Sun 00:00")),
    )

    assert [span.width for span in strip(Timeline(segments, ()), LOOK).spans] == [25, 75]


def test_a_stage_that_came_twice_is_one_in_the_legend():
    found = drawn((Stage.PICKUP, DAY), (Stage.DRAFT, DAY), (Stage.PICKUP, DAY))

    assert [(key.look, key.time.replace("\N{NO-BREAK SPACE}", " ")) for key in found.keys] == [
        ("pickup", "2 d"),
        ("draft", "1 d"),
    ]


def test_ticks_stand_where_they_happened_and_in_the_table():
    ticks = [Tick(TickKind.PUSH, at("Tue 12:00"), BOB), Tick(TickKind.APPROVAL, at("Thu 12:00"), BOB)]

    found = drawn((Stage.PICKUP, 4 * DAY), ticks=ticks)

    assert [(mark.look, mark.x) for mark in found.marks] == [("push", 25), ("approval", 75)]
    assert [what for _at, what in found.ticks] == ["Pickup", "Push", "Approval"]
    assert found.ticks[1][0] == "Tue 03 Mar 2026, 12:00"


def test_no_more_ticks_than_can_be_told_apart():
    ticks = [Tick(TickKind.PUSH, at("Mon 12:00") + timedelta(minutes=number), BOB) for number in range(200)]

    assert len(drawn((Stage.PICKUP, DAY), ticks=ticks).marks) == MOST_TICKS


def test_a_life_without_length_has_no_strip():
    assert strip(Timeline((), ()), LOOK) is None


def test_every_stage_and_every_tick_has_a_word_of_its_own():
    words = [stage_word(stage) for stage in Stage] + [tick_word(kind) for kind in TickKind]

    assert all(words)
    assert len(set(words)) == len(words)
