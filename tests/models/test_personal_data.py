"""What is held about a person, and that nothing is after it was erased: every column of every table is looked through."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from insights.settings import WorkspaceSettings
from models import audit, deletions, inbox, installations, personal_data, repositories, setup_audit, workspace_settings
from models.audit import LifecycleAudit
from models.history import measurements, pull_request_facts
from models.history.people import Person
from models.inbox import Delivery
from models.setup_audit import SetupAction
from models.tables import Base
from tests.sync.history.stories import Story
from tests.sync.history.telling import RECEIVED, tell
from tests.tenants import ALICE_KEY, ALICE_OTHER_REPOSITORY, ALICE_REPOSITORY, CHARLIE_KEY, NOON

DECADE = timedelta(days=3650)
NOBODY = "{00000000-0000-4000-8000-00000000dead}"
PERSON = {"uuid": NOBODY, "account_id": "557058:1", "display_name": "Ana"}


@pytest.fixture(scope="module")
def told():
    """What a team of four did for a while, as deliveries, and its members."""
    story = Story(seed=14).tell(50)
    try:
        return story.deliveries(), list(story.people)
    finally:
        story.close()


@pytest.fixture
def ana(session, alice, told):
    """A person of whom everything is held that can be: history, acts, settings, a delivery that waits."""
    deliveries, (person, *_) = told
    tell(session, alice, deliveries)
    session.flush()
    installations.by_id(session, alice.id).actor_uuid = person.uuid
    audit.add(session, audit.Entry(ALICE_KEY, "installed", "lifecycle.test", alice.id, person.uuid), now=NOON)
    workspace_settings.write(
        session, alice, WorkspaceSettings(bots=frozenset({person.uuid, NOBODY})), by_uuid=person.uuid, now=NOON
    )
    changes = (setup_audit.Change("bots", "", person.uuid),)
    entry = setup_audit.Entry(action=SetupAction.SETTINGS_CHANGED, actor_uuid=person.uuid, changes=changes)
    setup_audit.add(session, alice, entry, now=NOON)
    deletions.ask(session, alice, ALICE_OTHER_REPOSITORY, by_uuid=person.uuid, now=NOON)
    session.flush()
    return person


def everything_about(session, person):
    """The places, `table.column`, in which something that is theirs stands."""
    marks = (person.uuid, person.account_id, person.display_name)
    found = set()
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)).mappings():
            found |= {
                f"{table.name}.{name}" for name, value in row.items() if any(mark in str(value) for mark in marks)
            }
    return found


def erase(session, account):
    for holding in personal_data.holdings(session, account):
        personal_data.erase(session, holding, now=RECEIVED)
    session.flush()
    session.expire_all()


def test_it_names_the_person_and_counts_what_refers_to_them(session, alice, ana):
    (holding,) = personal_data.holdings(session, ana.uuid)

    assert (holding.client_key, holding.uuid, holding.account_id) == (ALICE_KEY, ana.uuid, ana.account_id)
    assert holding.display_name == ana.display_name
    person = session.scalar(select(Person).where(Person.uuid == ana.uuid))
    assert holding.mentions["pull_request_participants.person_id"] > 0
    assert holding.mentions["pull_requests.author_id"] == sum(
        facts.author == ana.uuid
        for facts in pull_request_facts.some(
            session, repositories.find(session, alice, ALICE_REPOSITORY), range(1, 200)
        )
    )
    assert holding.mentions["installations.actor_uuid"] == 1
    assert holding.seen_at == person.seen_at


@pytest.mark.parametrize("spelled", ["uuid", "account_id"])
def test_a_person_is_found_by_uuid_and_by_account_id(session, ana, spelled):
    (holding,) = personal_data.holdings(session, getattr(ana, spelled))
    assert holding.uuid == ana.uuid


def test_an_author_whom_git_alone_knows_is_found_by_address(session, alice, ana):
    session.add(Person(installation_id=alice.id, uuid="email:gil@example.com", kind="user", seen_at=NOON))
    session.flush()
    (holding,) = personal_data.holdings(session, "Gil@Example.com")
    assert holding.uuid == "email:gil@example.com"


def test_whoever_is_not_held_is_not_found(session, ana):
    assert personal_data.holdings(session, NOBODY[:-2] + "1}") == ()


def test_after_erasing_nothing_of_theirs_stands_anywhere(session, ana):
    before = everything_about(session, ana)
    assert before >= {
        "people.uuid",
        "people.account_id",
        "people.display_name",
        "installations.actor_uuid",
        "lifecycle_audit.actor_uuid",
        "measurements.body",
        "pull_request_events.subject",
        "pull_request_sightings.verdicts",
        "webhook_deliveries.payload",
        "workspace_settings.body",
        "workspace_settings.changed_by_uuid",
    }

    erase(session, ana.account_id)

    assert everything_about(session, ana) == set()
    assert personal_data.holdings(session, ana.uuid) == personal_data.holdings(session, ana.account_id) == ()


def test_what_they_did_stays_counted_and_belongs_to_nobody(session, alice, ana, told):
    repository = repositories.find(session, alice, ALICE_REPOSITORY)

    def shape():
        facts = pull_request_facts.some(session, repository, range(1, 200))
        return [
            (one.id, one.state, one.closed_at, len(one.participants), sorted((e.kind, e.at) for e in one.events))
            for one in facts
        ]

    before, version, measured = shape(), repository.version, measurements.since(session, repository, NOON - DECADE)
    others = personal_data.holdings(session, told[1][1].uuid)

    erase(session, ana.uuid)

    assert shape() == before
    assert repository.version == version + 1
    changed = measurements.changed_since(session, repository, version=version)
    assert [one.stages for one in changed] == [
        next(old.stages for old in measured if old.id == one.id) for one in changed
    ]
    assert changed
    (after,) = personal_data.holdings(session, told[1][1].uuid)
    # The deliveries that name both are counted for the others as before: what is theirs is left as it is.
    assert [replace(one, seen_at=None) for one in others] == [replace(after, seen_at=None)]


def test_one_row_of_people_is_left_without_any_name(session, ana):
    erase(session, ana.uuid)
    nameless = [row for row in session.scalars(select(Person)) if row.display_name is None]
    assert [(row.account_id, row.nickname, row.avatar_url) for row in nameless] == [(None, None, None)]


def test_erasing_reaches_every_installation(session, alice, charlie, ana):
    session.add(
        Person(
            installation_id=charlie.id,
            uuid=ana.uuid,
            account_id=ana.account_id,
            display_name="Ana elsewhere",
            kind="user",
            seen_at=NOON,
        )
    )
    session.flush()
    assert {one.client_key for one in personal_data.holdings(session, ana.uuid)} == {ALICE_KEY, CHARLIE_KEY}

    erase(session, ana.uuid)

    assert everything_about(session, ana) == set()


def test_other_bots_and_settings_stay(session, alice, ana):
    erase(session, ana.uuid)
    assert workspace_settings.read(session, alice).settings == WorkspaceSettings(bots=frozenset({NOBODY}))


def test_a_delivery_that_waits_can_still_be_applied(session, alice, ana, told):
    erase(session, ana.uuid)
    payloads = [json.loads(row) for row in session.scalars(select(Delivery.payload))]
    assert payloads
    assert all(payload["repository"]["uuid"] == ALICE_REPOSITORY for payload in payloads if "repository" in payload)
    assert inbox.backlog(session).pending == len(told[0])


def test_a_trail_of_an_installation_that_is_gone_forgets_them_too(session, alice, ana):
    entry = audit.Entry("gone", "installed", "lifecycle.test", None, ana.uuid)
    audit.add(session, entry, now=NOON)
    session.flush()

    erase(session, ana.uuid)

    assert set(session.scalars(select(LifecycleAudit.actor_uuid))) == {None}


class TestWithout:
    def clean(self, told):
        return personal_data.without(told, {NOBODY, "557058:1"})

    def test_objects_that_are_theirs_become_null(self):
        assert self.clean({"actor": PERSON, "n": 1}) == {"actor": None, "n": 1}
        assert self.clean({"a": [{"b": PERSON}, 2]}) == {"a": [{"b": None}, 2]}

    def test_what_they_take_part_in_goes_with_them(self):
        assert self.clean({"author": {"raw": "Ana <ana@example.com>", "user": PERSON}}) == {"author": None}

    def test_either_id_is_enough(self):
        assert self.clean([{"uuid": NOBODY}, {"account_id": "557058:1"}]) == [None, None]

    def test_others_are_left_alone(self):
        other = {"uuid": f"{{{uuid4()}}}", "account_id": None, "user": {"uuid": "x"}}
        assert self.clean({"actor": other, "none": None}) == {"actor": other, "none": None}
