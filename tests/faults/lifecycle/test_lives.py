"""Lives of three installations beside one another, any step in any order: none sees or changes anything of another's."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from sqlalchemy import select

from models import deletions, export, repositories
from models.repositories import Repository
from tests.faults.lifecycle.machine import Life
from web import webhooks

SHORT_STEPS, LONG_STEPS = 120, 20_000
STEPS_OF_A_LIFE = 100
LONGEST_SEARCH_STEPS = 3_000
OUTSIDE = {"own words shown", "own words exported"}


def live(open_database, *, steps, first_seed):
    """Lives until so many steps were taken. Returns how often each was; what fails says which life it was, and its last steps."""
    taken, seed = Counter(), first_seed
    while count(taken) < steps:
        with open_database() as url:
            life = Life(url, seed)
            try:
                life.begin()
                while count(life.steps) < min(STEPS_OF_A_LIFE, steps - count(taken)):
                    life.step()
            except BaseException as error:
                error.add_note(f"life {seed}, step {len(life.told) + 1}, after {', '.join(life.told[-12:])}")
                raise
            finally:
                life.close()
        taken.update(life.steps)
        seed += 1
    return taken


def count(steps):
    return sum(times for name, times in steps.items() if name not in OUTSIDE)


@pytest.mark.fault("S1")
def test_nobody_sees_or_changes_anything_of_anybody_elses(fresh_database, figures, is_long, seed):
    began = time.monotonic()
    taken = live(fresh_database, steps=LONG_STEPS if is_long else SHORT_STEPS, first_seed=seed * 1_000)
    figures.row(
        system=fresh_database.__name__,
        steps=count(taken),
        kinds_of_steps=len(taken.keys() - OUTSIDE),
        forged=sum(times for name, times in taken.items() if name.startswith("forge")),
        own_words_shown=taken["own words shown"],
        own_words_exported=taken["own words exported"],
        findings=0,
        seconds=f"{time.monotonic() - began:.0f}",
        seed=seed,
    )
    assert taken["own words shown"], "no page has shown anything that another could have been told"


def forget_the_installation(monkeypatch):
    """A repository is found whoever asks."""

    def find(session, installation, uuid):
        return session.scalar(select(Repository).where(Repository.uuid == uuid).limit(1))

    monkeypatch.setattr(repositories, "find", find)


def export_everything(monkeypatch):
    """The pages of an export are of all installations."""

    def page(table, installation_id, *, after, at_most):
        columns = table.__table__.c
        return select(*export.columns_of(table)).where(columns.id > after).order_by(columns.id).limit(at_most)

    monkeypatch.setattr(export, "_page", page)


def delete_of_everybody(monkeypatch):
    """A deletion takes the history of every installation."""
    monkeypatch.setattr(deletions, "_repositories", lambda claimed: select(Repository.id))


def bind_no_body(monkeypatch):
    """A webhook may be about anybody's repository."""
    monkeypatch.setattr(webhooks, "_bind", lambda *_: None)


def believe_any_signature(monkeypatch):
    """Whoever knows a client key can end the installation."""
    monkeypatch.setattr("connect.tokens._check_signature", lambda *_, **__: None, raising=True)


@pytest.mark.fault("S1")
@pytest.mark.parametrize(
    "mutate",
    [
        forget_the_installation,
        pytest.param(export_everything, marks=pytest.mark.only_in_faults),
        pytest.param(delete_of_everybody, marks=pytest.mark.only_in_faults),
        pytest.param(bind_no_body, marks=pytest.mark.only_in_faults),
        pytest.param(believe_any_signature, marks=pytest.mark.only_in_faults),
    ],
)
def test_a_check_that_is_missing_is_found(mutate, sqlite_database, monkeypatch, seed):
    """Otherwise the lives above would prove nothing."""
    mutate(monkeypatch)
    with pytest.raises(AssertionError):
        live(sqlite_database, steps=LONGEST_SEARCH_STEPS, first_seed=seed * 1_000)
