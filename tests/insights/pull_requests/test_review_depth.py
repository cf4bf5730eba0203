"""How much was said."""

import pytest

from insights.pull_requests.review_depth import ReviewDepth, review_depth
from tests.insights.lives import ALICE, CARLA, RABBIT, approved, commented, measured, pull_request


def test_only_comments_of_other_people_before_the_closing_count():
    life = pull_request(
        commented("Mon 10:00"),
        commented("Mon 10:10", by=CARLA),
        commented("Mon 10:20", by=ALICE),
        commented("Mon 10:30", by=RABBIT),
        approved("Mon 11:00"),
        commented("Mon 13:00"),
        opened="Mon 09:00",
        merged="Mon 12:00",
    )

    assert measured(life).comments == 2


@pytest.mark.parametrize(
    ("comments", "lines", "expected"),
    [
        (3, 60, ReviewDepth(3, 5.0)),
        (0, 60, ReviewDepth(0, 0.0)),
        (3, 0, ReviewDepth(3, None)),
        (3, None, ReviewDepth(3, None)),
    ],
)
def test_depth_is_set_against_a_hundred_lines_where_there_are_any(comments, lines, expected):
    assert review_depth(comments, lines) == expected
