"""Background calls within the quota: charged before they are made, held back after a 429, resting after failures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bitbucket import workspaces
from bitbucket.errors import RateLimited, ServerFault, TimedOut, TimedOutThere, Unauthorized
from bitbucket.messages import Headers, Response
from models import quota
from models.errors import LeaseLost
from models.quota import FAILURES_TO_REST, Hindrance
from sync.budget import FIRST_BLOCK, LONGEST_BLOCK, BudgetSpent, InstallationInactive, Purpose, client_for, growing
from tests.tenants import ALICE_KEY, ALICE_WORKSPACE, CHARLIE_WORKSPACE, NOON, uninstall
from tests.web.fake_bitbucket import answer

PATH = f"/2.0/workspaces/{ALICE_WORKSPACE}"
FOUND = {"type": "workspace", "uuid": ALICE_WORKSPACE, "slug": "alice"}
PLAIN_429 = Response(429, Headers({"Content-Type": "text/plain"}), b"Rate limit for this resource has been exceeded")


@pytest.fixture
def found(bitbucket):
    bitbucket.answers(PATH, FOUND)


def read(services, installation, *, purpose=Purpose.EVENTS, workspace=ALICE_WORKSPACE, **options):
    return workspaces.workspace(client_for(services, installation, purpose=purpose, **options), workspace)


def used(services, installation):
    with services.readers() as session:
        return quota.usage(session, installation, limit=700, now=services.now())


def fill(services, installation, calls):
    with services.sessions.begin() as session:
        for _ in range(calls):
            quota.charge(session, installation.id, purpose=Purpose.RECONCILE, limit=10_000, now=services.now())


def fail_until_it_rests(services, installation, bitbucket, error):
    bitbucket.answers(PATH, error)
    for _ in range(FAILURES_TO_REST):
        if used(services, installation).rests_until is None:
            with pytest.raises((ServerFault, TimedOut, Unauthorized, BudgetSpent)):
                read(services, installation)


def test_a_call_is_charged_for_what_it_is_made_for(services, alice, found):
    read(services, alice, purpose=Purpose.RECONCILE)
    assert used(services, alice).by_purpose == {Purpose.BACKFILL: 0, Purpose.EVENTS: 0, Purpose.RECONCILE: 1}


def test_a_call_past_the_budget_is_not_made_and_says_when_it_may_be(services, alice, found, bitbucket):
    fill(services, alice, 700)
    with pytest.raises(BudgetSpent) as spent:
        read(services, alice)
    assert (spent.value.retry_at, spent.value.hindrance) == (NOON + timedelta(minutes=61), Hindrance.BUDGET)
    assert not spent.value.permanent
    assert bitbucket.read_paths == []


def test_the_backfill_stops_at_its_share_and_the_others_go_on(services, alice, found):
    fill(services, alice, 525)
    with pytest.raises(BudgetSpent):
        read(services, alice, purpose=Purpose.BACKFILL)
    read(services, alice, purpose=Purpose.EVENTS)
    read(services, alice, purpose=Purpose.RECONCILE)


def test_what_the_transport_tried_again_is_charged_too(services, alice, bitbucket):
    bitbucket.answers(PATH, replace(answer(FOUND), answers=3))
    read(services, alice)
    assert used(services, alice).used == 3


def test_a_redirect_is_charged_as_the_call_that_it_is(services, alice, bitbucket):
    bitbucket.answers(PATH, Response(302, Headers({"Location": f"https://api.bitbucket.org{PATH}/moved"}), b""))
    bitbucket.answers(f"{PATH}/moved", FOUND)
    read(services, alice)
    assert used(services, alice).used == 2


def test_a_429_in_plain_text_and_without_headers_keeps_the_next_calls_back(services, alice, bitbucket, clock):
    bitbucket.answers(PATH, PLAIN_429)
    with pytest.raises(RateLimited):
        read(services, alice)
    with pytest.raises(BudgetSpent) as spent:
        read(services, alice)
    assert spent.value.hindrance is Hindrance.RATE_LIMIT
    assert NOON + FIRST_BLOCK <= spent.value.retry_at <= NOON + FIRST_BLOCK * 1.2
    bitbucket.answers(PATH, FOUND)
    clock.time = spent.value.retry_at
    assert read(services, alice).slug == "alice"


def test_a_429_that_names_a_longer_time_is_believed(services, alice, bitbucket):
    bitbucket.answers(PATH, answer({}, status=429, headers={"Retry-After": "600"}))
    with pytest.raises(RateLimited):
        read(services, alice)
    assert used(services, alice).blocked_until == NOON + timedelta(minutes=10)


def test_a_429_that_names_a_shorter_time_is_not_believed_again_and_again(services, alice, bitbucket, clock):
    bitbucket.answers(PATH, answer({}, status=429, headers={"Retry-After": "1"}))
    pauses = []
    for _ in range(3):
        with pytest.raises(RateLimited):
            read(services, alice)
        pauses.append(used(services, alice).blocked_until - clock())
        clock.time += pauses[-1]
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 4 * FIRST_BLOCK


def test_one_installation_s_429_is_no_other_s(services, alice, charlie, bitbucket):
    bitbucket.answers(PATH, PLAIN_429)
    other = {"type": "workspace", "uuid": CHARLIE_WORKSPACE, "slug": "charlie"}
    bitbucket.answers(f"/2.0/workspaces/{CHARLIE_WORKSPACE}", other)
    with pytest.raises(RateLimited):
        read(services, alice)
    assert read(services, charlie, workspace=CHARLIE_WORKSPACE).slug == "charlie"


@pytest.mark.parametrize(
    "error", [TimedOut("slow"), answer({}, status=503), answer({}, status=401)], ids=["slow", "503", "401"]
)
def test_after_several_failures_the_installation_s_work_rests_and_then_tries_once(
    services, alice, bitbucket, clock, error
):
    fail_until_it_rests(services, alice, bitbucket, error)
    with pytest.raises(BudgetSpent) as spent:
        read(services, alice)
    assert spent.value.hindrance is Hindrance.FAILURES
    clock.time = spent.value.retry_at
    bitbucket.answers(PATH, FOUND)
    assert read(services, alice).slug == "alice"
    assert used(services, alice).rests_until is None


def test_a_diff_that_took_too_long_over_there_is_no_failure_of_the_installation(services, alice, bitbucket):
    bitbucket.answers(PATH, answer({}, status=555))
    for _ in range(FAILURES_TO_REST + 1):
        with pytest.raises(TimedOutThere):
            read(services, alice)


def test_an_installation_that_was_removed_makes_no_more_calls(services, alice, found, bitbucket):
    client = client_for(services, alice, purpose=Purpose.EVENTS)
    workspaces.workspace(client, ALICE_WORKSPACE)
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    with pytest.raises(InstallationInactive) as ended:
        workspaces.workspace(client, ALICE_WORKSPACE)
    assert ended.value.permanent
    assert bitbucket.read_paths == [PATH]


def test_what_is_done_before_each_call_is_committed_with_its_charge(services, alice, found):
    seen = []
    read(services, alice, before_each_call=lambda session: seen.append(session.in_transaction()))
    assert seen == [True]


def test_a_lease_that_is_lost_before_a_call_ends_it_uncharged(services, alice, found, bitbucket):
    def lose(_session):
        raise LeaseLost("another worker has it")

    with pytest.raises(LeaseLost):
        read(services, alice, before_each_call=lose)
    assert (used(services, alice).used, bitbucket.read_paths) == (0, [])


def test_pauses_grow_to_a_limit_and_are_spread():
    pauses = [growing(FIRST_BLOCK, LONGEST_BLOCK, times=times, chance=lambda: 0.0) for times in (0, 1, 2, 3, 10, 99)]
    assert pauses == [FIRST_BLOCK, FIRST_BLOCK, 2 * FIRST_BLOCK, 4 * FIRST_BLOCK, LONGEST_BLOCK, LONGEST_BLOCK]
    assert growing(FIRST_BLOCK, LONGEST_BLOCK, times=1, chance=lambda: 1.0) == FIRST_BLOCK * 1.2
