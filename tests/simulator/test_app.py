"""The application as a whole: what is served where, and with which options."""

from __future__ import annotations

import pytest
from flask import Flask

from simulator.app import create_app, simulator_of
from simulator.assembly import EXTENSION, epoch_now
from simulator.connect.installations import RegisteredApp
from simulator.connect.settings import ConnectSettings


@pytest.fixture
def app(cast):
    made = create_app(
        cast.world,
        settings=ConnectSettings(checks_qsh_on_rest=False),
        registered=[RegisteredApp(key="bittern", secret="s" * 40)],
        quota=3,
    )
    yield made
    simulator_of(made).close()


@pytest.mark.parametrize(
    ("path", "status", "content_type"),
    [
        ("/", 200, "text/html"),
        ("/acme/paint/", 200, "text/html"),
        ("/acme/paint", 200, "text/html"),
        ("/2.0/repositories/acme/paint", 404, "application/json"),
        ("/2.0/nothing/here", 404, "application/json"),
        ("/2.0", 404, "application/json"),
        ("/_simulator/", 200, "application/json"),
        ("/atlassian-connect/all.js", 200, "text/javascript"),
        ("/atlassian-connect/all-debug.js", 200, "text/javascript"),
    ],
)
def test_each_part_is_where_bitbucket_has_it(app, path, status, content_type):
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (status, content_type)


def test_the_token_endpoint_answers(app):
    answer = app.test_client().post("/site/oauth2/access_token", data={"grant_type": "client_credentials"})
    assert answer.json["error"] == "invalid_client"


def test_options_reach_their_parts(app):
    simulator = simulator_of(app)
    assert simulator.settings.checks_qsh_on_rest is False
    assert simulator.api.quotas.limit == 3
    assert simulator.installations.registered("bittern").secret == "s" * 40


def test_the_clock_of_tokens_is_the_real_one_unless_given(cast):
    assert abs(epoch_now() - 1_700_000_000) < 10**9
    made = create_app(cast.world, clock=lambda: 42)
    assert simulator_of(made).modules._clock() == 42
    simulator_of(made).close()


def test_another_app_is_no_simulator():
    other = Flask("other")
    other.extensions[EXTENSION] = object()
    with pytest.raises(TypeError):
        simulator_of(other)
