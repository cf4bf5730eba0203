"""The figures of one pull request as Results."""

import pytest

from insights.clock.look import look
from insights.facts.pull_requests import FileChange
from insights.pull_requests.figures import Size, depth, life, rounds, size
from insights.result import WhyNot
from tests.insights.lives import (
    HOUR,
    SETTINGS,
    approved,
    at,
    commented,
    measured,
    pull_request,
    pushed,
)

NOW = look(SETTINGS, now=at("Wed 09:00"))
LIFE = (commented("Mon 10:00"), pushed("Mon 11:00"), approved("Mon 13:00"))


def sized(number, lines, **fields):
    files = None if lines is None else (FileChange(path="a", lines_added=lines),)
    return measured(pull_request(opened="Mon 09:00", merged="Mon 12:00", number=number, files=files, **fields))


def test_a_life_is_told_with_its_deployment_where_that_is_known():
    item = measured(pull_request(*LIFE, opened="Mon 09:00", first="Mon 06:00", merged="Mon 14:00"))

    answer = life(item, NOW, deployed=at("Mon 18:00")).value
    # 3 coding, 1 pickup, 3 review, 1 merge wait; deployed 4 hours after the merge.
    assert (answer.cycle, answer.open_to_merge, answer.deploy) == (8 * HOUR, 5 * HOUR, 4 * HOUR)
    assert life(item, NOW).value.deploy is None


def test_a_life_that_goes_on_is_told_up_to_now():
    answer = life(measured(pull_request(commented("Mon 10:00"), opened="Mon 09:00")), NOW, deployed=at("Mon 18:00"))

    # Pickup 1, review Mon 10 - Wed 09 = 47.
    assert (answer.value.stages.review, answer.value.cycle, answer.value.deploy) == (47 * HOUR, 48 * HOUR, None)
    assert answer.flags == {"never_approved": 1}


def test_a_life_whose_times_contradict_each_other_is_not_told():
    answer = life(measured(pull_request(opened="Tue 09:00", merged="Mon 09:00")), NOW)

    assert (answer.why_not, answer.n) == (WhyNot.NOT_KNOWN, 0)


def test_a_size_is_ranked_among_those_merged():
    past = [sized(number, lines) for number, lines in enumerate((5, 30, 30, 400), start=2)]

    # Of 5, 30, 30, 400: one below 30 and two equal: (1 + 1) / 4.
    assert size(sized(1, 30), past, NOW).value == Size(lines=30, files=1, bucket="S", rank=0.5)
    assert size(sized(1, 30), past, NOW).n == 4


def test_the_first_of_a_repository_is_compared_with_nothing():
    own = sized(1, 30)

    assert size(own, [own, sized(2, None)], NOW).value.rank is None


def test_a_size_is_silent_until_the_files_are_known():
    answer = size(sized(1, None), [sized(2, 30)], NOW)

    assert (answer.why_not, answer.n) == (WhyNot.NOT_KNOWN, 0)


def test_rounds_and_depth_rest_on_the_log():
    known = measured(pull_request(*LIFE, opened="Mon 09:00", merged="Mon 14:00"))
    unread = measured(pull_request(*LIFE, opened="Mon 09:00", merged="Mon 14:00", is_activity_known=False))

    assert (rounds(known).value, depth(known).value.comments) == (1, 1)
    # 1 comment on 30 lines.
    assert depth(known).value.per_hundred_lines == pytest.approx(100 / 30)
    assert rounds(unread).why_not is depth(unread).why_not is WhyNot.NOT_KNOWN
