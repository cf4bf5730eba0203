"""What each webhook event does to our rows: whose it is, in what order it came, and what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from connect.webhooks import KNOWN_EVENTS
from models import repositories
from models.history import follow_ups
from models.history.follow_ups import FollowUp, FollowUpKind
from models.inbox import Delivery
from models.repositories import RepositoryFacts, RepositoryState
from sync import events, pull_request_events
from sync.errors import DeliveryUnusable
from sync.event import Event
from tests.sync.bodies import news
from tests.tenants import (
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    CHARLIE_REPOSITORY,
    CHARLIE_WORKSPACE,
    NOON,
    delivery_of,
    receive,
    repository_body,
)

ACTIVITY = sorted(
    key
    for key in KNOWN_EVENTS
    if key.startswith("pullrequest:")
    or key
    in {
        "repo:push",
        "repo:branch_created",
        "repo:branch_deleted",
        "repo:commit_status_created",
        "repo:commit_status_updated",
    }
)
FACTS = ["repo:created", "repo:imported", "repo:updated", "repo:transfer", "repo:fork", "repo:commit_comment_created"]
IGNORED = ["issue:comment_created", "issue:created", "issue:updated", "pipeline:span_created", "project:updated"]
# So that every event of a test is older than its arrival: a delivery from the future has a test of its own.
RECEIVED = NOON + timedelta(days=1)


@pytest.fixture
def session(services):
    with services.sessions() as session:
        yield session


@pytest.fixture
def apply(session, alice):
    """Applies an event of Alice's installation; `minutes` is when it happened, from noon.

    Where Bitbucket is to be asked how the repository is called, it says the same as the event, unless `is_forged`.
    """
    numbers = iter(range(1, 10_000))

    def apply(event_key="repo:push", *, minutes=0, installation=alice, now=RECEIVED, is_forged=False, **about):
        at = None if minutes is None else NOON + timedelta(minutes=minutes)
        delivery = delivery_of(event_key, number=next(numbers), at=at, **about)
        row = session.get(Delivery, receive(session, installation, delivery, now=now))
        because = events.apply(session, installation, row, now=now)
        if not is_forged and is_asked_for(session, installation):
            event = Event.from_delivery(row, now=now)
            repositories.record(session, installation, event.facts, as_of=event.as_of, now=now)
            session.execute(delete(FollowUp).where(FollowUp.kind == FollowUpKind.REPOSITORY))
        return because

    return apply


def is_asked_for(session, installation):
    """Whether Bitbucket is to be asked how Alice's repository is called."""
    row = repositories.find_any(session, installation, ALICE_REPOSITORY)
    return row is not None and (FollowUpKind.REPOSITORY, "") in follow_ups.pending(session, row)


@pytest.fixture
def heron(session, alice):
    """Alice's repository as the rows have it now, gone or not; None where there is no row."""
    return lambda installation=alice: repositories.find_any(session, installation, ALICE_REPOSITORY)


def test_every_event_is_handled_or_ignored_on_purpose():
    handled = {key for key in KNOWN_EVENTS if events.ROUTER.route(key).handler is not None}
    assert handled == {*ACTIVITY, *FACTS, "repo:deleted"}
    assert {*IGNORED} == KNOWN_EVENTS - handled


@pytest.mark.parametrize("event_key", ["repo:push", *FACTS])
def test_an_event_about_a_repository_that_is_new_brings_it_in(apply, heron, event_key):
    assert apply(event_key) is None
    row = heron()
    assert (row.state, row.version, row.name, row.slug, row.full_name, row.is_private) == (
        RepositoryState.HELD,
        1,
        "Heron",
        "heron",
        "alice/heron",
        True,
    )
    assert row.workspace_uuid == ALICE_WORKSPACE


def test_every_activity_moves_the_version_by_one(apply, heron):
    apply("repo:created")
    for place, event_key in enumerate(ACTIVITY, start=1):
        assert apply(event_key, minutes=place, **news(event_key, place)) is None
        assert (event_key, heron().version) == (event_key, 1 + place)


def test_an_activity_that_says_nothing_new_does_not_move_the_version(apply, heron):
    for event_key in ACTIVITY:
        apply(event_key, **news(event_key, 0))
        version = heron().version
        assert apply(event_key, **news(event_key, 0)) is None
        assert (event_key, heron().version) == (event_key, version)


def test_an_activity_that_brings_news_of_the_repository_too_has_it_asked_for(apply, heron):
    apply("repo:created")
    for place, event_key in enumerate(ACTIVITY, start=1):
        renamed = repository_body(name=event_key, full_name=f"alice/egret-{place}")
        apply(event_key, minutes=place, repository=renamed, **news(event_key, place))
        # One for the activity, and one for what Bitbucket said of the name when it was asked.
        assert (heron().version, heron().name, heron().slug) == (1 + 2 * place, event_key, f"egret-{place}")


def test_facts_that_say_nothing_new_do_not_move_the_version(apply, heron):
    apply()
    for place, event_key in enumerate(FACTS, start=1):
        assert apply(event_key, minutes=place) is None
        assert (event_key, heron().version) == (event_key, 1)


def test_what_is_ignored_on_purpose_says_so(apply, heron):
    for event_key in IGNORED:
        assert (event_key, apply(event_key)) == (event_key, "webhook.ignored_event")
    assert heron() is None


def test_an_event_that_nobody_has_heard_of_is_ignored(apply, heron):
    assert apply("repo:exploded") == "webhook.unknown_event"
    assert heron() is None


@pytest.mark.parametrize("event_key", ["repo:push", "repo:updated", "repo:fork"])
def test_a_body_alone_changes_no_name_and_opens_nothing(session, alice, apply, heron, event_key):
    """Anybody who has caught a token can send one for an hour; Bitbucket itself is asked, once."""
    apply(repository=repository_body(mainbranch={"name": "main"}))
    forged = repository_body(name="Forged", full_name="alice/forged", is_private=False, mainbranch={"name": "forged"})
    for minutes in (1, 2, 3):
        apply(event_key, minutes=minutes, repository=forged, is_forged=True)
    row = heron()
    assert (row.name, row.slug, row.is_private, row.main_branch) == ("Heron", "heron", True, "main")
    assert [one for one in follow_ups.pending(session, row) if one[0] is FollowUpKind.REPOSITORY] == [
        ("repository", "")
    ]


def test_that_it_is_private_now_is_believed_at_once(apply, heron):
    apply(repository=repository_body(is_private=False))
    apply("repo:updated", minutes=1, repository=repository_body(is_private=True), is_forged=True)
    assert heron().is_private is True


def test_a_body_that_says_what_is_known_asks_nothing(session, alice, apply):
    apply()
    apply(minutes=1, is_forged=True)
    assert not is_asked_for(session, alice)


def test_a_rename_and_a_change_of_privacy_and_main_branch_are_taken_over(apply, heron):
    apply()
    renamed = repository_body(name="Egret", full_name="alice/egret", is_private=False, mainbranch={"name": "trunk"})
    apply("repo:updated", minutes=1, repository=renamed)
    row = heron()
    assert (row.name, row.slug, row.is_private, row.main_branch) == ("Egret", "egret", False, "trunk")


@pytest.mark.parametrize(
    ("change", "branch"),
    [
        ({"new": "trunk", "old": "main"}, "trunk"),
        ({"new": {"name": "trunk", "type": "branch"}, "old": {"name": "main"}}, "trunk"),
        ({"new": None, "old": "main"}, "main"),
        ({"new": {"type": "branch"}}, "main"),
        ({"new": 7}, "main"),
        ("trunk", "main"),
        (None, "main"),
    ],
)
def test_a_changed_main_branch_is_read_in_every_way_that_it_may_be_told(apply, heron, change, branch):
    apply(repository=repository_body(mainbranch={"name": "main"}))
    apply("repo:updated", minutes=1, changes={"mainbranch": change})
    assert heron().main_branch == branch


def test_changes_may_be_missing_or_odd(apply, heron):
    apply(repository=repository_body(mainbranch={"name": "main"}))
    apply("repo:updated", minutes=1, changes=[1])
    assert heron().main_branch == "main"


def test_a_slug_that_is_told_counts_more_than_the_full_name(apply, heron):
    apply(repository=repository_body(slug="heron-2"))
    assert heron().slug == "heron-2"


@pytest.mark.parametrize("full_name", [None, "heron", "alice/", ""])
def test_a_name_without_a_slug_leaves_the_slug_alone(apply, heron, full_name):
    apply(repository=repository_body(full_name=full_name))
    assert heron().slug is None


def test_a_deleted_repository_is_gone(apply, heron):
    apply()
    assert apply("repo:deleted", minutes=1) is None
    assert (heron().state, heron().version) == (RepositoryState.GONE, 2)


def test_what_comes_after_the_deletion_but_happened_before_changes_nothing(apply, heron):
    apply()
    apply("repo:deleted", minutes=5)
    for event_key in (*ACTIVITY, *FACTS):
        assert apply(event_key, minutes=4) == events.OUTDATED
    assert (heron().state, heron().version) == (RepositoryState.GONE, 2)


def test_a_repository_that_was_deleted_before_it_was_seen_stays_gone(apply, heron):
    assert apply("repo:deleted", minutes=5) is None
    assert apply("repo:created", minutes=4) == events.OUTDATED
    assert (heron().state, heron().version) == (RepositoryState.GONE, 0)


def test_a_repository_that_is_made_anew_under_the_same_id_is_held_again(apply, heron):
    apply()
    apply("repo:deleted", minutes=1)
    assert apply("repo:transfer", minutes=2) is None
    assert (heron().state, heron().version) == (RepositoryState.HELD, 3)


def test_an_older_change_never_overwrites_a_newer_one(apply, heron):
    apply("repo:updated", minutes=2, repository=repository_body(name="New"))
    assert apply("repo:updated", minutes=1, repository=repository_body(name="Old")) == events.OUTDATED
    assert (heron().name, heron().version) == ("New", 1)


def test_an_older_activity_counts_and_its_older_facts_do_not(apply, heron):
    """Something has happened that a page does not show yet, so the version moves; what the repository is called stays."""
    apply(minutes=2, repository=repository_body(name="New"))
    old = repository_body(name="Old")
    assert apply("pullrequest:created", minutes=1, repository=old, **news("pullrequest:created", 1)) is None
    assert (heron().name, heron().version) == ("New", 2)


def test_of_two_changes_in_one_second_the_one_that_comes_later_counts(apply, heron):
    apply("repo:updated", repository=repository_body(name="First"))
    apply("repo:updated", repository=repository_body(name="Second"))
    assert heron().name == "Second"


def test_an_event_is_not_older_than_a_read_of_the_same_second(session, alice, apply, heron):
    """The time of an event is cut to seconds: what happened after the read must not look older than it."""
    facts = RepositoryFacts(ALICE_REPOSITORY, name="Read")
    repositories.record(session, alice, facts, as_of=NOON + timedelta(milliseconds=500), now=NOON)
    apply("repo:updated", repository=repository_body(name="Event"))
    assert heron().name == "Event"


def test_an_event_is_older_than_a_read_of_the_next_second(session, alice, apply, heron):
    facts = RepositoryFacts(ALICE_REPOSITORY, name="Read")
    repositories.record(session, alice, facts, as_of=NOON + timedelta(seconds=1), now=NOON)
    assert apply("repo:updated", repository=repository_body(name="Event")) == events.OUTDATED
    assert heron().name == "Read"


def test_without_a_time_of_its_own_an_event_is_as_old_as_its_arrival(apply, heron):
    apply("repo:updated", minutes=None, now=NOON, repository=repository_body(name="First"))
    assert heron().facts_at == NOON
    apply("repo:updated", minutes=None, now=NOON + timedelta(minutes=1), repository=repository_body(name="Second"))
    assert (heron().name, heron().facts_at) == ("Second", NOON + timedelta(minutes=1))


def test_an_event_from_the_future_shuts_nobody_out(apply, heron):
    """Their clock may be ahead of ours, and a time may be forged."""
    apply("repo:updated", minutes=60 * 24 * 365, now=NOON, repository=repository_body(name="Ahead"))
    assert heron().facts_at == NOON
    apply("repo:updated", minutes=1, now=NOON + timedelta(minutes=2), repository=repository_body(name="Next"))
    assert heron().name == "Next"


@pytest.mark.parametrize("event_key", ["repo:transfer", "repo:push", "pullrequest:created", "repo:updated"])
def test_a_repository_that_is_in_another_workspace_now_is_let_go(apply, heron, event_key):
    apply()
    moved = repository_body(workspace_uuid=CHARLIE_WORKSPACE, full_name="charlie/heron")
    assert apply(event_key, minutes=1, repository=moved) is None
    row = heron()
    assert (row.state, row.version) == (RepositoryState.GONE, 2)
    # Where it went is nobody's business here.
    assert (row.full_name, row.workspace_uuid) == ("alice/heron", ALICE_WORKSPACE)


def test_a_transfer_away_that_is_older_than_what_is_known_changes_nothing(apply, heron):
    apply(minutes=2)
    moved = repository_body(workspace_uuid=CHARLIE_WORKSPACE)
    assert apply("repo:transfer", minutes=1, repository=moved) == events.OUTDATED
    assert heron().state is RepositoryState.HELD


def test_a_transfer_to_us_brings_the_repository_in(apply, heron):
    assert apply("repo:transfer") is None
    assert heron().state is RepositoryState.HELD


def test_an_event_about_somebody_elses_repository_changes_nothing(session, apply, alice):
    theirs = repository_body(uuid=CHARLIE_REPOSITORY, workspace_uuid=CHARLIE_WORKSPACE)
    for event_key in (*ACTIVITY, *FACTS, "repo:deleted"):
        assert (event_key, apply(event_key, repository=theirs)) == (event_key, events.FOREIGN)
    assert repositories.find_any(session, alice, CHARLIE_REPOSITORY) is None


def test_an_event_cannot_reach_into_another_installation(session, apply, heron, alice, charlie):
    """Charlie's deliveries name Alice's repository and workspace: the rows of Alice do not move."""
    apply()
    for event_key in ("repo:deleted", "repo:updated", "repo:push"):
        assert apply(event_key, minutes=1, installation=charlie) == events.FOREIGN
    assert (heron().state, heron().version) == (RepositoryState.HELD, 1)
    assert heron(charlie) is None


def test_without_a_workspace_the_body_is_believed_about_a_repository_that_we_know(apply, heron):
    apply()
    assert apply(minutes=1, repository=repository_body(workspace_uuid=None), **news("repo:push", 1)) is None
    assert heron().version == 2


def test_without_a_workspace_a_repository_that_we_do_not_know_is_not_ours(apply, heron):
    assert apply(repository=repository_body(workspace_uuid=None)) == events.FOREIGN
    assert heron() is None


def test_older_payloads_name_the_workspace_as_the_owner(apply, heron):
    owned = repository_body(workspace_uuid=None, owner={"type": "team", "uuid": ALICE_WORKSPACE})
    assert apply(repository=owned) is None
    assert heron().state is RepositoryState.HELD


def test_an_event_about_no_repository_is_ignored(apply):
    assert apply("repo:push", repository={"name": "nameless"}) == events.NO_REPOSITORY


@pytest.mark.parametrize("event_key", [key for key in ACTIVITY if key.startswith("pullrequest:")])
def test_an_event_about_no_pull_request_is_ignored(apply, event_key):
    assert apply(event_key) == pull_request_events.NO_PULL_REQUEST


@pytest.mark.parametrize("event_key", [key for key in ACTIVITY if key.startswith("repo:")])
def test_an_event_that_tells_of_nothing_changes_nothing(apply, heron, event_key):
    apply("repo:created")
    assert apply(event_key, minutes=1) is None
    assert heron().version == 1


@pytest.mark.parametrize(
    "member",
    [{"name": 7}, {"is_private": "yes"}, {"mainbranch": "main"}, {"full_name": ["alice"]}, {"links": "none"}],
)
def test_a_repository_of_another_shape_is_no_event_to_apply(apply, heron, member):
    with pytest.raises(DeliveryUnusable, match=r"The repository of the payload cannot be read: .* at `\$"):
        apply(repository=repository_body(**member))
    assert heron() is None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(6)), again=st.lists(st.integers(0, 5), max_size=6))
def test_whatever_the_order_and_however_often_the_rows_end_up_the_same(session, apply, heron, order, again):
    story = [
        ("repo:created", repository_body(name="one")),
        ("repo:updated", repository_body(name="two", is_private=False)),
        ("repo:transfer", repository_body(name="two", workspace_uuid=CHARLIE_WORKSPACE)),
        ("repo:transfer", repository_body(name="three")),
        ("repo:updated", repository_body(name="four", is_private=True)),
        ("repo:push", repository_body(name="four")),
    ]
    for place in [*order, *again]:
        event_key, repository = story[place]
        apply(event_key, minutes=place, repository=repository)
    row = heron()
    end = (row.state, row.name, row.is_private, row.workspace_uuid)
    session.rollback()
    assert end == (RepositoryState.HELD, "four", True, ALICE_WORKSPACE)
