"""What is asked for one tenant is about that tenant, whoever else is there with the same repository and the same people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import delete, select, update

from connect.lifecycle import InstallationState
from insights.settings import WorkspaceSettings
from models import (
    backfills,
    censuses,
    collecting,
    deletions,
    export,
    inbox,
    personal_data,
    purges,
    quota,
    reconciles,
    repositories,
    setup_audit,
    workspace_settings,
)
from models.deletions import Deletion
from models.history import follow_ups, people
from models.history.follow_ups import FollowUp
from models.history.people import Account, Person
from models.inbox import Delivery, DeliveryState
from models.installations import Installation
from models.repositories import Repository, RepositoryFacts
from models.tables import Base
from tests.models.rows_of_every_table import fill_every_table
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, NOON

MARK = "same"
PERSON = f"{{{MARK}}}"
LATER = NOON + timedelta(hours=1)


def own_repository(session, installation):
    return session.scalar(select(Repository).where(Repository.installation_id == installation.id))


# What somebody asks of storage for one installation, or for one of its repositories.
READS = {
    "repositories.find": lambda s, i: repositories.find(s, i, ALICE_REPOSITORY),
    "repositories.locked": lambda s, i: repositories.locked(s, i, ALICE_REPOSITORY),
    "repositories.held": repositories.held,
    "collecting.is_stopped": lambda s, i: collecting.is_stopped(s, i.id, ALICE_REPOSITORY),
    "collecting.stops": collecting.stops,
    "workspace_settings.read": workspace_settings.read,
    "deletions.newest": deletions.newest,
    "deletions.is_under_way": lambda s, i: deletions.is_under_way(s, i, ALICE_REPOSITORY),
    "setup_audit.newest": setup_audit.newest,
    "inbox.dead_letters": inbox.dead_letters,
    "inbox.count_dead": inbox.count_dead,
    "inbox.outcomes": lambda s, i: inbox.outcomes(s, i, since=NOON),
    "inbox.last_received_at": inbox.last_received_at,
    "people.of_installation": lambda s, i: people.of_installation(s, i, at_most=10),
    "people.ids": lambda s, i: people.ids(s, own_repository(s, i), {PERSON}),
    "people.uuids": lambda s, i: people.uuids(s, own_repository(s, i), s.scalars(select(Person.id)).all()),
    "people.facts": lambda s, i: people.facts(s, own_repository(s, i)),
    "people.some_facts": lambda s, i: people.some_facts(s, own_repository(s, i), {PERSON}),
    "people.newer_facts": lambda s, i: people.newer_facts(s, own_repository(s, i), after=0),
    "people.named": lambda s, i: people.named(s, own_repository(s, i), {PERSON}),
    "quota.usage": lambda s, i: quota.usage(s, i, limit=700, now=NOON),
    "censuses.of": censuses.of,
    "backfills.of_installation": backfills.of_installation,
    "backfills.unfinished_of": lambda s, i: backfills.unfinished_of(s, i.id),
    "backfills.listing_of": backfills.listing_of,
    "reconciles.of_installation": reconciles.of_installation,
    "follow_ups.due_of": lambda s, i: follow_ups.due_of(s, i, now=LATER, at_most=10),
    "follow_ups.count_of": follow_ups.count_of,
    "personal_data.holdings": lambda s, i: [
        replace(one, seen_at=None) for one in personal_data.holdings(s, PERSON) if one.installation_id == i.id
    ],
    **{
        f"export of {table.__tablename__}": lambda s, i, table=table: s.execute(
            export._page(table, i.id, after=0, at_most=10)
        ).all()
        for table in export.exported_tables()
    },
}


def delete_everything(session, installation, *, whole):
    claimed = session.scalar(select(Deletion).where(Deletion.installation_id == installation.id))
    claimed.repository_uuid = None if whole else ALICE_REPOSITORY
    session.flush()
    while deletions.delete_batch(session, claimed, owned=purges.OWNED_TABLES, at_most=10, lease_until=LATER):
        pass


def purge(session, installation):
    installation.lease_owner, installation.state = "owner", InstallationState.UNINSTALLED
    session.flush()
    while purges.delete_batch(session, installation, at_most=10, now=LATER, lease=timedelta(hours=1)):
        pass


def erase(session, installation):
    for holding in personal_data.holdings(session, PERSON):
        if holding.installation_id == installation.id:
            personal_data.erase(session, holding, now=LATER)


def replay_all(session, installation):
    for row_id in session.scalars(select(Delivery.id)).all():
        inbox.replay(session, installation, row_id, now=LATER)


FACTS = RepositoryFacts(ALICE_REPOSITORY, ALICE_WORKSPACE, "new", "New", "alice/new", True, "trunk")
WRITES = {
    "repositories.record": lambda s, i: repositories.record(s, i, FACTS, as_of=LATER, now=LATER),
    "repositories.let_go": lambda s, i: repositories.let_go(s, i, FACTS, as_of=LATER, now=LATER),
    "collecting.stop": lambda s, i: collecting.stop(s, i, None, by_uuid=PERSON, now=LATER),
    "collecting.resume": lambda s, i: collecting.resume(s, i, None),
    "workspace_settings.write": lambda s, i: workspace_settings.write(
        s, i, WorkspaceSettings(are_names_shown=False, bots=frozenset({PERSON, "{other}"})), by_uuid=PERSON, now=LATER
    ),
    "deletions.ask": lambda s, i: deletions.ask(s, i, ALICE_REPOSITORY, by_uuid=PERSON, now=LATER),
    "deletion of a repository": lambda s, i: delete_everything(s, i, whole=False),
    "deletion of a workspace": lambda s, i: delete_everything(s, i, whole=True),
    "purge": purge,
    "inbox.replay": replay_all,
    "people.record": lambda s, i: people.record(
        s, own_repository(s, i), [Account(uuid=PERSON, display_name="New")], as_of=LATER
    ),
    "quota.charge": lambda s, i: quota.charge(s, i.id, purpose=quota.Purpose.BACKFILL, limit=700, now=LATER),
    "quota.postpone_backfill": lambda s, i: quota.postpone_backfill(s, i.id, until=LATER, now=LATER),
    "censuses.hasten": lambda s, i: censuses.hasten(s, i, at=LATER),
    "censuses.end": lambda s, i: censuses.end(s, i, now=LATER),
    "reconciles.end_all": lambda s, i: reconciles.end_all(s, i, now=LATER),
    "follow_ups.release_all": follow_ups.release_all,
    "personal_data.erase": erase,
}


@pytest.fixture
def tenants(session, alice, charlie):
    """Two installations with a row in every table, each with a repository and a person of the same id."""
    for installation in (alice, charlie):
        fill(session, installation)
    return alice, charlie


def fill(session, installation):
    fill_every_table(session, installation, ALICE_REPOSITORY, ALICE_WORKSPACE, mark=MARK)
    theirs = update(Person).where(Person.installation_id == installation.id)
    session.execute(theirs.values(display_name=f"As {installation.id} calls them"))
    # The first of their kind are of a state that nobody asks about.
    session.execute(update(Delivery).values(state=DeliveryState.DEAD, next_attempt_at=None))
    session.execute(update(FollowUp).values(attempts=0))
    session.execute(update(Deletion).values(finished_at=None))
    body = '{"bots":["{same}"]}'
    session.execute(update(workspace_settings.SettingsOfWorkspace).values(body=body))
    changes = '[{"setting":"bots","before":"","after":"{same}"}]'
    session.execute(update(setup_audit.SetupAudit).values(changes=changes))
    session.execute(update(Delivery).values(payload='{"actor":{"uuid":"{same}"}}'))
    for column in personal_data.REPEATING_COLUMNS:
        session.execute(update(column.class_).values({column: PERSON}))
    session.flush()
    session.expire_all()


def plain(value):
    """Something to compare: rows by their columns."""
    if isinstance(value, Base):
        return (type(value).__name__, [getattr(value, column.key) for column in value.__table__.columns])
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return repr(value)


def answers(session, installation, names=READS):
    session.expire_all()
    return {name: plain(READS[name](session, installation)) for name in names}


def rows_of(session, installation):
    """Every row of an installation, by table."""
    session.flush()
    found = {}
    for table in Base.metadata.sorted_tables:
        if (mine := of_tenant(table, installation)) is not None:
            found[table.name] = session.execute(select(table).where(mine).order_by(table.c.id)).all()
    return found


def of_tenant(table, installation):
    if table.name == Installation.__tablename__:
        return table.c.id == installation.id
    if "installation_id" in table.c:
        return table.c.installation_id == installation.id
    ours = select(Repository.id).where(Repository.installation_id == installation.id)
    return table.c.repository_id.in_(ours) if "repository_id" in table.c else None


def test_no_answer_changes_with_what_others_have(session, alice, charlie):
    without_repository = [name for name in READS if "own_repository" not in READS[name].__code__.co_names]
    nothing = answers(session, charlie, without_repository)
    fill(session, alice)
    assert answers(session, charlie, without_repository) == nothing
    alone = answers(session, alice)
    assert {name for name, value in alone.items() if value in ([], {}, "None", "0", "False")} == set()

    fill(session, charlie)
    beside, charlies = answers(session, alice), answers(session, charlie)
    for table in reversed(Base.metadata.sorted_tables):
        if table.name != Installation.__tablename__ and (mine := of_tenant(table, alice)) is not None:
            session.execute(delete(table).where(mine))

    assert beside == alone
    assert answers(session, charlie) == charlies


def test_an_export_hands_out_each_row_of_the_tenant_and_no_other(session, tenants):
    """The installations themselves are there before anything is filled, so that only this tells whose are handed out."""
    for table in export.exported_tables():
        for tenant in tenants:
            handed_out = session.scalars(export._page(table, tenant.id, after=0, at_most=1_000)).all()
            own = select(table.id).where(of_tenant(table.__table__, tenant)).order_by(table.id)
            assert handed_out == session.scalars(own).all() != [], table.__tablename__


def test_no_change_reaches_what_others_have(session, tenants):
    for mine, other in (tenants, tenants[::-1]):
        own, others = rows_of(session, mine), rows_of(session, other)
        for name, write in WRITES.items():
            with session.begin_nested() as savepoint:
                write(session, mine)
                assert rows_of(session, other) == others, name
                assert rows_of(session, mine) != own, f"{name} has changed nothing, so this says nothing"
                savepoint.rollback()
            session.expire_all()
