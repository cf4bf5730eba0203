"""Stage times in hours, as the comments work them out."""

from insights.pull_requests.stages import StageTimes
from tests.insights.lives import HOUR


def hours(coding=0, draft=0, pickup=0, review=0, merge_wait=0):
    return StageTimes(*(number * HOUR for number in (coding, draft, pickup, review, merge_wait)))
