"""Whatever the order in which deliveries arrive, and however often: the rows end up the same.

The stories are made by chance from a seed; Hypothesis chooses the seeds and the orders, and prints those that fail.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from msgspec import structs

from connect.webhooks import KNOWN_EVENTS
from models import repositories
from models.history import follow_ups, pull_request_facts
from models.history.follow_ups import FollowUpKind
from sync import events
from tests.sync.history.rows_as_told import rows_as_told
from tests.sync.history.stories import Story
from tests.sync.history.telling import tell
from tests.tenants import ALICE_REPOSITORY, alice_offer, install, new_box

DEEDS = 60
# Other seeds in each run; a thousand whole lives are lived by tests/equality --long.
FEW = settings(max_examples=7, suppress_health_check=[HealthCheck.function_scoped_fixture])


def deliveries_of(seed):
    story = Story(seed=seed).tell(DEEDS)
    try:
        return story.deliveries()
    finally:
        story.close()


def told_to_nobody_before(session, deliveries):
    """The rows and facts after these deliveries to an installation that holds nothing yet."""
    alice = install(session, alice_offer(), box=new_box())
    said = tell(session, alice, deliveries)
    assert set(said) <= {None, events.OUTDATED}
    repository = repositories.find(session, alice, ALICE_REPOSITORY)
    numbers = range(1, len(deliveries))
    outcome = rows_as_told(session, alice), in_one_order(pull_request_facts.some(session, repository, numbers))
    session.rollback()
    return outcome


def in_one_order(facts):
    """Facts whose events and participants stand in one order: those may come in any."""
    return [
        structs.replace(
            one,
            events=tuple(sorted(one.events, key=repr)),
            participants=tuple(sorted(one.participants, key=lambda part: part.account)),
        )
        for one in facts
    ]


@FEW
@given(seed=st.integers(0, 10_000), chance=st.randoms(use_true_random=False))
def test_any_order_and_any_number_of_duplicates_give_the_same_rows(session, seed, chance):
    deliveries = deliveries_of(seed)
    again = chance.choices(deliveries, k=len(deliveries) // 3)
    shuffled = [*deliveries, *again]
    chance.shuffle(shuffled)
    note(f"story {seed}: {[(number, one.event_key) for number, one in enumerate(deliveries)]}")
    note(f"told as {[deliveries.index(one) for one in shuffled]}")
    in_order, facts = told_to_nobody_before(session, deliveries)
    in_any_order, facts_in_any_order = told_to_nobody_before(session, shuffled)
    for table, rows in in_order.items():
        assert (table, in_any_order[table] ^ rows) == (table, set())
    assert facts_in_any_order == facts


def test_the_stories_tell_of_everything():
    """Otherwise the test above would prove less than it says."""
    keys = {one.event_key for seed in range(12) for one in deliveries_of(seed)}
    never = {
        "repo:created",
        "repo:imported",
        "repo:transfer",
        "repo:deleted",
        "repo:fork",
        "repo:commit_comment_created",
    }
    handled = {key for key in KNOWN_EVENTS if events.ROUTER.route(key).handler is not None}
    assert handled - keys <= never


def test_told_again_nothing_changes(session):
    """Not even the version: a page that was made before is still true."""
    alice = install(session, alice_offer(), box=new_box())
    deliveries = deliveries_of(1)
    tell(session, alice, deliveries)
    repository = repositories.find(session, alice, ALICE_REPOSITORY)
    version, rows = repository.version, rows_as_told(session, alice)
    tell(session, alice, [replace(one, body_sha256="again") for one in deliveries])
    assert (repository.version, rows_as_told(session, alice)) == (version, rows)


@FEW
@given(seed=st.integers(0, 10_000), chance=st.randoms(use_true_random=False))
def test_in_any_order_what_it_is_called_is_right_or_asked_for(session, seed, chance):
    deliveries = deliveries_of(seed)
    truth = deliveries[-1].payload["repository"]
    alice = install(session, alice_offer(), box=new_box())
    tell(session, alice, chance.sample(deliveries, len(deliveries)))
    repository = repositories.find(session, alice, ALICE_REPOSITORY)
    asked = {kind for kind, _ in follow_ups.pending(session, repository)}
    is_right = (repository.name, repository.full_name) == (truth["name"], truth["full_name"])
    session.rollback()
    assert is_right or FollowUpKind.REPOSITORY in asked
