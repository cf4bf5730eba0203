"""Sizes and their buckets."""

import pytest

from insights.facts.pull_requests import FileChange
from insights.files.generated import GeneratedFiles
from insights.pull_requests.size import bucket_of, changed_lines, handwritten

LIMITS = (10, 50, 200, 500)


@pytest.mark.parametrize(
    ("lines", "bucket"),
    [
        (0, "XS"),
        (10, "XS"),
        (11, "S"),
        (50, "S"),
        (51, "M"),
        (200, "M"),
        (201, "L"),
        (500, "L"),
        (501, "XL"),
        (10**6, "XL"),
    ],
)
def test_a_limit_belongs_to_the_bucket_below_it(lines, bucket):
    assert bucket_of(lines, LIMITS) == bucket


def test_lines_added_and_removed_count_alike():
    assert (
        changed_lines([FileChange(path="a", lines_added=3, lines_removed=4), FileChange(path="b", lines_added=5)]) == 12
    )


def test_generated_files_are_not_handwritten():
    files = [FileChange(path="a.py"), FileChange(path="a.min.js"), FileChange(path="vendor/x")]

    assert [file.path for file in handwritten(files, GeneratedFiles())] == ["a.py"]
