"""One look at a repository: which calls it takes, that they end in time, and which failure counts."""

import threading

import pytest

from bitbucket.errors import Forbidden, ForeignObject, TimedOut
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_SECRET, ALICE_WORKSPACE, CHARLIE_WORKSPACE, NOON
from tests.web.fake_bitbucket import HASH, REPOSITORY, branch, page, pull_request
from web.panels.snapshot import Place, read_snapshot


@pytest.fixture
def read(services):
    def read(*, main_branch="main", seconds=2.0):
        return read_snapshot(
            services.client(ALICE_KEY, ALICE_SECRET),
            Place(ALICE_WORKSPACE, ALICE_REPOSITORY, main_branch),
            deadline=services.deadline(seconds),
            now=services.now,
        )

    return read


def test_it_takes_five_calls_however_many_pull_requests_there_are(read, bitbucket):
    bitbucket.show(*(pull_request(number) for number in range(50)))

    snapshot = read()

    assert snapshot.read_at == NOON
    assert len(snapshot.pull_requests.items) == 50
    assert sorted(bitbucket.read_paths) == sorted(
        [
            REPOSITORY,
            f"{REPOSITORY}/pullrequests",
            f"{REPOSITORY}/refs/branches",
            f"{REPOSITORY}/refs/branches/main",
            f"{REPOSITORY}/commit/{HASH}/statuses",
        ]
    )


def test_a_main_branch_that_is_not_known_yet_is_read_after_the_repository(read):
    assert read(main_branch=None).main.tip.name == "main"


def test_a_main_branch_that_was_renamed_is_read_under_its_new_name(read, bitbucket):
    bitbucket.show(mainbranch={"name": "trunk"})
    bitbucket.answers(f"{REPOSITORY}/refs/branches/trunk", branch("trunk"))

    assert read(main_branch="main").main.tip.name == "trunk"


def test_a_repository_without_a_main_branch_has_no_newest_commit(read, bitbucket):
    bitbucket.show(mainbranch=None)

    assert read(main_branch=None).main is None


def test_a_collection_knows_how_much_of_it_was_read(read, bitbucket):
    bitbucket.answers(f"{REPOSITORY}/pullrequests", page(pull_request(1), size=340))
    bitbucket.answers(f"{REPOSITORY}/refs/branches", {"values": [branch("main")]})

    snapshot = read()

    assert (snapshot.pull_requests.total, snapshot.pull_requests.is_whole) == (340, False)
    assert (snapshot.branches.total, snapshot.branches.is_whole) == (1, True)


def test_a_repository_in_another_workspace_is_somebody_elses(read, bitbucket):
    bitbucket.show(workspace={"uuid": CHARLIE_WORKSPACE})

    with pytest.raises(ForeignObject):
        read()


def test_the_failure_of_one_call_is_the_failure_of_the_look(read, bitbucket):
    bitbucket.answers(f"{REPOSITORY}/pullrequests", {"error": {"message": "no"}}, status=403)

    with pytest.raises(Forbidden):
        read()


def test_calls_that_hang_do_not_hold_up_the_look(read, bitbucket, monkeypatch):
    release = threading.Event()
    send = bitbucket.send

    def hang(request, **rest):
        if request.url.endswith("access_token"):
            return send(request, **rest)
        release.wait(10)
        return send(request, **rest)

    monkeypatch.setattr(bitbucket, "send", hang)
    try:
        with pytest.raises(TimedOut):
            read(seconds=0.05)
    finally:
        release.set()
