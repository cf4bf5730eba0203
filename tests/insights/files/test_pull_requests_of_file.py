"""Pull requests that touch a file."""

from insights.facts.pull_requests import FileChange
from insights.files.pull_requests_of_file import pull_requests_of_file
from tests.insights.lives import ALICE, BOB, CARLA, DIRECTORY, RABBIT, approved, at, commented, pull_request

FILES = (FileChange(path="a.py"),)


def test_open_ones_and_the_last_merged_ones_with_who_answered_them():
    facts = [
        pull_request(approved("Mon 10:00"), opened="Mon 09:00", merged="Mon 12:00", number=1, files=FILES),
        pull_request(
            commented("Tue 10:00", by=CARLA),
            commented("Tue 10:00", by=ALICE),
            commented("Tue 10:30", by=RABBIT),
            approved("Tue 11:00", by=BOB),
            opened="Tue 09:00",
            merged="Tue 12:00",
            number=2,
            files=FILES,
        ),
        pull_request(opened="Wed 09:00", number=3, files=FILES),
        pull_request(opened="Thu 09:00", number=4, files=FILES),
        pull_request(opened="Thu 09:00", declined="Fri 09:00", number=5, files=FILES),
        pull_request(opened="Thu 09:00", number=6, files=(FileChange(path="b.py"),)),
        pull_request(opened="Thu 09:00", number=7, files=None),
    ]

    answer = pull_requests_of_file("a.py", facts, DIRECTORY)

    assert [row.id for row in answer.value.open] == [4, 3]
    assert [(row.id, row.at, row.reviewers) for row in answer.value.merged] == [
        (2, at("Tue 12:00"), (BOB, CARLA)),
        (1, at("Mon 12:00"), (BOB,)),
    ]
    assert (answer.n, answer.members) == (4, (1, 2, 3, 4))


def test_a_rename_touches_both_names():
    facts = [pull_request(opened="Mon 09:00", files=(FileChange(path="new.py", old_path="a.py"),))]

    assert pull_requests_of_file("a.py", facts, DIRECTORY).n == 1
    assert pull_requests_of_file("new.py", facts, DIRECTORY).n == 1


def test_only_so_many_merged_ones_are_listed_and_all_are_counted():
    facts = [
        pull_request(opened="Mon 09:00", merged="Mon 12:00", number=number, files=FILES) for number in range(1, 13)
    ]
    answer = pull_requests_of_file("a.py", facts, DIRECTORY, rows=3)

    assert [row.id for row in answer.value.merged] == [12, 11, 10]
    assert answer.n == 12
