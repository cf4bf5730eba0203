"""Deployments and environments."""

from __future__ import annotations

from datetime import UTC, datetime

from bitbucket import deployments
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)
PRODUCTION = "{aaaaaaaa-0000-4000-8000-0000000000d1}"
DEPLOYMENT = {
    "type": "deployment",
    "uuid": "{aaaaaaaa-0000-4000-8000-0000000000d2}",
    "state": {
        "type": "deployment_state_completed",
        "name": "COMPLETED",
        "start_date": "2026-11-20T10:00:00Z",
        "completion_date": "2026-11-20T10:05:00Z",
        "status": {"name": "SUCCESSFUL"},
    },
    "environment": {"uuid": PRODUCTION},
    "release": {"name": "v3", "commit": {"hash": "a" * 40}},
}


def test_a_page_tells_what_was_brought_where_and_how_it_ended(client_over):
    transport = FakeTransport(json_answer({"values": [DEPLOYMENT], "page": 1, "size": 1}))
    (found,) = deployments.page_of_deployments(client_over(transport), *WHERE).values
    assert (found.environment.uuid, found.release.commit.hash, found.state.status.name) == (
        PRODUCTION,
        "a" * 40,
        "SUCCESSFUL",
    )
    assert found.completed_at == datetime(2026, 11, 20, 10, 5, tzinfo=UTC)
    assert transport.paths == [f"{REPOSITORY_PATH}/deployments"]
    assert transport.query()["pagelen"] == "100"


def test_what_has_not_ended_has_no_time_of_its_end(client_over):
    under_way = {**DEPLOYMENT, "state": {"name": "IN_PROGRESS", "start_date": "2026-11-20T10:00:00Z"}}
    bare = {"uuid": DEPLOYMENT["uuid"]}
    transport = FakeTransport(json_answer({"values": [under_way, bare]}))
    found = deployments.page_of_deployments(client_over(transport), *WHERE).values
    assert [one.completed_at for one in found] == [None, None]


def test_environments_say_what_they_are_for(client_over):
    told = {"uuid": PRODUCTION, "name": "Live", "environment_type": {"name": "Production", "rank": 2}}
    transport = FakeTransport(json_answer({"values": [told, {"uuid": None}]}))
    first, second = deployments.environments(client_over(transport), *WHERE)
    assert (first.name, first.environment_type.name, second.environment_type) == ("Live", "Production", None)
    assert transport.paths == [f"{REPOSITORY_PATH}/environments"]
