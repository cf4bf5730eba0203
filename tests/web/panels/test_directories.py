"""Who is a bot is known of everybody at once, also of who is met between two pages, and never of another tenant's people."""

from datetime import timedelta

import pytest

from insights.facts.accounts import AccountKind
from insights.settings import WorkspaceSettings
from models import repositories
from models.history import people
from models.history.people import Account
from models.repositories import RepositoryFacts
from models.workspace_settings import StoredSettings
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    CHARLIE_KEY,
    CHARLIE_REPOSITORY,
    CHARLIE_WORKSPACE,
    NOON,
    alice_offer,
    charlie_offer,
    install,
    new_box,
)
from web.panels.directories import SERVES_FOR, Directories

STORED = StoredSettings(0, WorkspaceSettings())


@pytest.fixture
def heron(session):
    alice = install(session, alice_offer(), box=new_box())
    facts = RepositoryFacts(ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE)
    return repositories.record(session, alice, facts, as_of=NOON, now=NOON)[0]


@pytest.fixture
def crane(session):
    charlie = install(session, charlie_offer(), box=new_box())
    facts = RepositoryFacts(CHARLIE_REPOSITORY, workspace_uuid=CHARLIE_WORKSPACE)
    return repositories.record(session, charlie, facts, as_of=NOON, now=NOON)[0]


def meet(session, repository, uuid, name, kind=AccountKind.USER, *, at=NOON):
    account = Account(uuid=uuid, display_name=name, nickname=name, kind=kind)
    people.record(session, repository, [account], as_of=at)


def test_who_is_met_is_known_at_once_and_nothing_is_judged_twice(session, heron):
    kept = Directories()
    meet(session, heron, "{p}", "Pia")
    first = kept.directory(session, heron, STORED, client_key=ALICE_KEY, now=NOON)
    again = kept.directory(session, heron, STORED, client_key=ALICE_KEY, now=NOON)
    meet(session, heron, "{r}", "renovate", AccountKind.APP)

    later = kept.directory(session, heron, STORED, client_key=ALICE_KEY, now=NOON)

    assert first is again
    assert not first.is_bot("{r}")
    assert later.is_bot("{r}")
    assert not later.is_bot("{p}")


def test_another_name_is_known_after_a_while(session, heron):
    kept = Directories()
    meet(session, heron, "{p}", "Pia")
    kept.directory(session, heron, STORED, client_key=ALICE_KEY, now=NOON)
    meet(session, heron, "{p}", "pia-bot", at=NOON + timedelta(minutes=1))

    assert kept.directory(session, heron, STORED, client_key=ALICE_KEY, now=NOON + SERVES_FOR).is_bot("{p}")


def test_settings_take_effect_at_once(session, heron):
    kept = Directories()
    meet(session, heron, "{p}", "Pia")
    kept.directory(session, heron, STORED, client_key=ALICE_KEY, now=NOON)
    named = StoredSettings(1, WorkspaceSettings(bots=frozenset({"{p}"})))

    assert kept.directory(session, heron, named, client_key=ALICE_KEY, now=NOON).is_bot("{p}")


def test_another_tenants_people_are_not_among_them(session, heron, crane):
    kept = Directories()
    meet(session, heron, "{r}", "renovate", AccountKind.APP)
    kept.directory(session, heron, STORED, client_key=ALICE_KEY, now=NOON)

    assert not kept.directory(session, crane, STORED, client_key=CHARLIE_KEY, now=NOON).accounts
