"""SIGKILL between a call that changes something at Bitbucket and the note of it here: made once more at most, and the trail says so.

Bittern changes nothing in repositories: its scopes do not allow it. Two of an operator's commands change the installation itself,
`installations update` (PUT /2.0/addon) and `installations remove` (DELETE /2.0/addon). Bitbucket takes no key that would make a
second call harmless, and both are so by nature: a descriptor read twice is the same, and what is gone cannot be removed again.
"""

from __future__ import annotations

import inspect
import os
import re
import signal
from collections import Counter

import pytest

from bitbucket import addon
from bitbucket.installation_calls import ACCESS_OPERATIONS, INSTALLATION_OPERATIONS, scopes_used
from bitbucket.messages import Headers, Response
from models import audit, installations
from models.schema import upgrade
from services import create_services
from settings import load_settings
from tests.cli.conftest import *  # noqa: F403 -- fixtures are found by name in this module
from tests.faults.workspaces import Tenant
from tests.tenants import NOON, Clock
from tests.web.fake_bitbucket import FakeBitbucket

SHORT_KILLS, LONG_KILLS = 2, 20
ADDON = "/2.0/addon"


class Deadly:
    """A Bitbucket that does what it is asked, writes that down in a file, and takes the caller's life before it can go on."""

    def __init__(self, book):
        self.book = book
        self.is_deadly = False
        self._tame = FakeBitbucket()
        self._tame.answers(ADDON, Response(204, Headers({}), b""))

    def send(self, request, **limits):
        answer = self._tame.send(request, **limits)
        with self.book.open("a") as book:
            book.write(f"{request.method} {request.url.partition('.org')[2]}\n")
        if self.is_deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    def changes(self):
        """What was changed, and how often."""
        return Counter(self.book.read_text().splitlines() if self.book.exists() else ())


@pytest.fixture
def bitbucket(tmp_path):
    return Deadly(tmp_path / "book")


@pytest.fixture
def services(run, environment):
    upgrade(environment["BITTERN_DATABASE_URL"])
    made = create_services(load_settings(), transport=FakeBitbucket(), now=Clock(), wake=Doorbell())  # noqa: F405
    yield made
    made.engine.dispose()


def run_and_die(run, bitbucket, *arguments):
    """The command in a process of its own, which is killed when Bitbucket has done what it was asked."""
    child = os.fork()
    if child == 0:
        bitbucket.is_deadly = True
        try:
            run(*arguments)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def installed(services, tenant):
    with services.sessions.begin() as session:
        installations.accept(session, tenant.offer(), installation=None, box=services.secret_box, now=NOON)
    services.engine.dispose()


def trail_of(services, tenant):
    with services.readers() as session:
        actions = [entry.action for entry in audit.newest(session, tenant.client_key)]
    services.engine.dispose()
    return actions[::-1]


@pytest.mark.fault("K5")
@pytest.mark.only_in_faults
def test_a_call_whose_note_was_not_made_is_made_once_more_and_both_are_in_the_trail(
    run, services, bitbucket, figures, is_long
):
    kills = LONG_KILLS if is_long else SHORT_KILLS
    for number in range(1, kills + 1):
        tenant, before = Tenant(number), bitbucket.changes()
        installed(services, tenant)
        run_and_die(run, bitbucket, "installations", "update", tenant.client_key)
        assert trail_of(services, tenant) == ["update_asked"]
        assert run("installations", "update", tenant.client_key).exit_code == 0
        assert bitbucket.changes() - before == Counter({f"PUT {ADDON}": 2})
        assert trail_of(services, tenant) == ["update_asked", "update_asked", "updated"]
        assert "0 of 0 updated" in run("installations", "update").output

        run_and_die(run, bitbucket, "installations", "remove", "--yes", tenant.client_key)
        assert trail_of(services, tenant)[-1] == "removal_asked"
        assert bitbucket.changes() - before == Counter({f"PUT {ADDON}": 2, f"DELETE {ADDON}": 1})
    figures.row(kills=2 * kills, calls=bitbucket.changes().total(), made_twice=kills, made_more_often=0)


CHANGES = re.compile(r"\"(PUT|POST|DELETE|PATCH)\"|\.(put|post|delete)\(")


@pytest.mark.fault("K5")
def test_nothing_else_that_bittern_asks_as_an_installation_changes_anything():
    operations = {*INSTALLATION_OPERATIONS, *ACCESS_OPERATIONS}
    changing = {operation for operation in operations if CHANGES.search(inspect.getsource(operation))}
    assert changing == {addon.update_addon, addon.delete_addon}
    assert not {scope for scope in scopes_used() if scope.endswith((":write", ":delete"))}
