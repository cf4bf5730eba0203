"""Stages add up exactly, are never negative, and are the same whoever cuts them."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.clock.look import look
from insights.pull_requests.stages import (
    OPEN_STAGES,
    Stage,
    entered_at,
    pickup_so_far,
    segments_of,
    stage_now,
    stages_of,
    time_since,
)
from insights.pull_requests.stamps import stamps_of
from insights.settings import ClockKind, WorkspaceSettings
from tests.insights.lives import (
    CLOCK,
    DIRECTORY,
    HOUR,
    SETTINGS,
    approved,
    at,
    commented,
    drafted,
    pull_request,
    readied,
)
from tests.insights.pull_requests.strategies import START, lives

NOW = START + timedelta(days=70)


def stamps(facts):
    return stamps_of(facts, directory=DIRECTORY)


@given(facts=lives())
def test_on_both_clocks_the_stages_add_up_to_the_cycle_exactly(facts):
    moments = stamps(facts)
    end = moments.closed or NOW
    stages = stages_of(moments, until=end, clock=CLOCK)

    assert stages.wall.cycle == end - moments.first
    assert stages.work.cycle == CLOCK.work(moments.first, end)
    for times in (stages.wall, stages.work):
        assert sum((times.of(stage) for stage in Stage), timedelta(0)) == times.cycle
        assert times.open_to_merge == times.from_stage_on(Stage.PICKUP)


@given(facts=lives())
def test_no_stage_is_negative_and_work_is_never_longer_than_wall(facts):
    moments = stamps(facts)
    stages = stages_of(moments, until=moments.closed or NOW, clock=CLOCK)

    for stage in Stage:
        assert timedelta(0) <= stages.work.of(stage) <= stages.wall.of(stage)


@given(facts=lives())
def test_segments_follow_each_other_without_gaps(facts):
    moments = stamps(facts)
    end = moments.closed or NOW
    segments = segments_of(moments, until=end)

    assert all(one.end == other.start for one, other in pairwise(segments))
    assert all(segment.start < segment.end for segment in segments)
    assert not segments or (segments[0].start, segments[-1].end) == (moments.first, end)


@given(facts=lives())
def test_open_to_merge_is_the_time_since_ready_without_drafts(facts):
    moments = stamps(facts)
    end = moments.closed or NOW
    stages = stages_of(moments, until=end, clock=CLOCK)
    for kind in ClockKind:
        one = look(WorkspaceSettings(), now=NOW, kind=kind)
        expected = time_since(moments, moments.ready, until=end, look=one) if moments.ready else timedelta(0)
        assert stages.on(kind).open_to_merge == expected


def test_a_later_draft_cuts_a_stage_in_two():
    life = pull_request(
        drafted("Mon 12:00"), readied("Mon 14:00"), approved("Mon 17:00"), opened="Mon 09:00", merged="Mon 18:00"
    )
    segments = segments_of(stamps(life), until=at("Mon 18:00"))

    assert [(one.stage, one.start.hour, one.end.hour) for one in segments] == [
        (Stage.PICKUP, 9, 12),
        (Stage.DRAFT, 12, 14),
        (Stage.PICKUP, 14, 17),
        (Stage.MERGE_WAIT, 17, 18),
    ]


@pytest.mark.parametrize(
    ("events", "fields", "stage"),
    [
        ((), {}, Stage.PICKUP),
        ((), {"is_draft": True}, Stage.DRAFT),
        ((commented("Mon 10:00"),), {}, Stage.REVIEW),
        ((commented("Mon 10:00"), approved("Mon 11:00")), {}, Stage.MERGE_WAIT),
        ((approved("Mon 11:00"), drafted("Mon 12:00")), {"is_draft": True}, Stage.DRAFT),
    ],
)
def test_an_open_one_is_in_the_stage_that_has_not_ended(events, fields, stage):
    assert stage_now(stamps(pull_request(*events, opened="Mon 09:00", **fields))) is stage


def test_a_stage_is_entered_when_the_one_before_it_ends():
    moments = stamps(pull_request(commented("Mon 10:00"), approved("Mon 12:00"), opened="Mon 09:00"))

    assert [entered_at(moments, stage) for stage in OPEN_STAGES] == [at("Mon 09:00"), at("Mon 10:00"), at("Mon 12:00")]


def test_what_follows_a_stage_is_counted_with_it():
    life = pull_request(commented("Mon 10:00"), approved("Mon 12:00"), opened="Mon 09:00", merged="Mon 16:00")
    times = stages_of(stamps(life), until=at("Mon 16:00"), clock=CLOCK).wall

    assert [times.from_stage_on(stage) for stage in OPEN_STAGES] == [7 * HOUR, 6 * HOUR, 4 * HOUR]


@given(facts=lives(), kind=st.sampled_from(ClockKind), days=st.integers(0, 40))
def test_the_pickup_so_far_is_that_of_all_stages(facts, kind, days):
    moments, now = stamps(facts), look(SETTINGS, now=START + timedelta(days=days), kind=kind)
    stages = stages_of(moments, until=max(now.now, moments.opened), clock=now.clock)

    assert pickup_so_far(moments, look=now) == stages.on(kind).pickup
