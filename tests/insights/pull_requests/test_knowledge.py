"""Who knows the folders that are touched."""

from insights.facts.pull_requests import FileChange, ParticipantFacts
from insights.files.changes import Touch
from insights.pull_requests.knowledge import knowledge
from insights.result import WhyNot
from tests.insights.lives import ALICE, BOB, CARLA, CONTEXT, HOUR, RENOVATE, at, pull_request

MONDAY = at("Mon 00:00")


def touched(*authors):
    return tuple(
        Touch(author, MONDAY + number * HOUR, is_creation=number == 0) for number, author in enumerate(authors)
    )


def asked(*reviewers):
    return tuple(ParticipantFacts(account=who, is_reviewer=True) for who in reviewers)


FILES = tuple(FileChange(path=path) for path in ("src/a.py", "src/b.py", "docs/x.md", "yarn.lock"))


def test_each_touched_folder_names_those_who_know_it_best_but_the_author():
    touches = {"src": touched(ALICE, BOB, BOB, CARLA, "{d}", "{e}", RENOVATE), "docs": touched(CARLA)}
    facts = pull_request(opened="Mon 09:00", files=FILES, participants=asked(BOB, CARLA))

    answer = knowledge(facts, touches, CONTEXT)

    # Two files in src, one in docs; the lock file is generated. In src, Ben changed twice, the three others once each.
    assert [(one.folder, one.files) for one in answer.value.folders] == [("src", 2), ("docs", 1)]
    assert [author.account for author in answer.value.folders[0].people] == [BOB, CARLA, "{d}"]
    assert [author.account for author in answer.value.folders[1].people] == [CARLA]
    assert answer.n == 2


def test_reviewers_who_count_as_authors_of_a_folder_know_the_code():
    touches = {"src": touched(CARLA, CARLA, CARLA, BOB), "docs": touched(ALICE)}
    facts = pull_request(opened="Mon 09:00", files=FILES, participants=asked(BOB, CARLA, ALICE))

    # src: Carla 3.293 + 1.098 + 2 * 0.164 - 0.321 ln 2 = 4.50; Bob 3.293 + 0.164 - 0.321 ln 4 = 3.01, a share of 0.67.
    assert knowledge(facts, touches, CONTEXT).value.knowing_reviewers == (CARLA,)


def test_a_folder_that_nobody_has_touched_before_is_known_by_nobody():
    answer = knowledge(pull_request(opened="Mon 09:00", files=FILES), {}, CONTEXT)

    assert [one.people for one in answer.value.folders] == [(), ()]


def test_it_is_silent_until_the_files_are_known():
    assert knowledge(pull_request(opened="Mon 09:00", files=None), {}, CONTEXT).why_not is WhyNot.NOT_KNOWN
