"""Build statuses: first reported, reported again, refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.world import actions
from simulator.world.errors import Invalid, Missing

if TYPE_CHECKING:
    from tests.simulator.tidepool import Tidepool


def report(pool: Tidepool, **details):
    values = {"commit": "main", "key": "ci", "state": "INPROGRESS", "url": "https://ci.example/1"} | details
    return actions.set_build_status(pool.world, pool.shells, actor=pool.kelp, **values)


def test_the_first_report_of_a_key_is_created(pool: Tidepool):
    made = report(pool, name="Build #1", refname="main")
    body = pool.of("repo:commit_status_created")["commit_status"]
    assert (body["key"], body["state"], body["type"]) == ("ci", "INPROGRESS", "build")
    assert body["commit"]["hash"] == made.commit == pool.shells.git.branches()["main"]
    assert body["commit"]["message"] == "Finer sand\n"
    assert body["links"]["self"]["href"].endswith("/statuses/build/ci")


def test_the_next_one_overwrites_and_is_updated(pool: Tidepool):
    made = report(pool, name="Build #1")
    created = made.created_on
    at = pool.clock.advance(minutes=4)
    assert report(pool, state="SUCCESSFUL", url="") is made
    assert (made.state, made.created_on, made.updated_on) == ("SUCCESSFUL", created, at)
    assert (made.name, made.url) == ("Build #1", "https://ci.example/1")
    assert pool.keys == ["repo:commit_status_created", "repo:commit_status_updated"]


def test_another_key_is_another_build(pool: Tidepool):
    report(pool)
    report(pool, key="lint/css")
    tip = pool.shells.git.branches()["main"]
    assert set(pool.shells.build_statuses[tip]) == {"ci", "lint/css"}
    assert pool.events[-1].body["commit_status"]["links"]["self"]["href"].endswith("/statuses/build/lint%2Fcss")


def test_the_app_that_reports_is_the_actor(pool: Tidepool):
    report(pool)
    assert pool.of("repo:commit_status_created")["actor"]["type"] == "app_user"


@pytest.mark.parametrize(("details", "field"), [({"state": "GREEN"}, "state"), ({"key": ""}, "key")])
def test_an_unknown_state_and_an_empty_key_are_refused(pool: Tidepool, details, field):
    with pytest.raises(Invalid) as refusal:
        report(pool, **details)
    assert field in refusal.value.fields


def test_an_unknown_commit_is_missing(pool: Tidepool):
    with pytest.raises(Missing):
        report(pool, commit="0123456789")
