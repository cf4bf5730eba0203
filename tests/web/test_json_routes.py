"""Requests drawn from the description of our JSON routes, good ones and bad ones: no error of ours, and no answer that it does not name.

Most are as Bitbucket or a page of ours sends them, with a fault or none: those get past the door. The others are whatever the
description allows or forbids.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from sqlalchemy import select

from bench.history import Shape
from connect.tokens import PageClaims
from models.history.commits import Commit
from models.history.files import PullRequestFile
from tests.damaged_json import damaged, written
from tests.sync.bodies import news
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_SECRET,
    ALICE_WORKSPACE,
    BOB,
    alice_offer,
    install,
    repository_body,
)
from tests.web.json_routes import DESCRIPTION
from tests.web.panels.held import hold_much
from tests.web.signing import signed_headers
from tests.web.test_fuzzed_routes import routes_of
from web import page_tokens

SHORT_CASES, LONG_CASES = 80, 5_000
HISTORY = Shape(pull_requests=40, open=8, span=timedelta(days=120), delivery_days=20)
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
PAGES = ("/panels", "/pages", "/static", "/metrics", "/connect/welcome")
DONE_SHARE = 0.25
"""Of the requests of each route, so many get past the door at least. Of a lifecycle call one that repeats another is refused too."""

LIFECYCLE = {
    "productType": "bitbucket",
    "key": "bittern",
    "clientKey": ALICE_KEY,
    "sharedSecret": ALICE_SECRET,
    "baseUrl": "https://bitbucket.org",
    "baseApiUrl": "https://api.bitbucket.org",
    "principal": {"type": "workspace", "uuid": ALICE_WORKSPACE, "display_name": "Alice & Co", "username": "alice"},
    "actor": {"type": "user", "uuid": BOB},
}


def good_body(path, event):
    if path == "/connect/webhook":
        return {"event": event, "data": {"repository": repository_body(), **news(event, 1)}}
    return {**LIFECYCLE, "eventType": path.rpartition("/")[2]}


@st.composite
def calls(draw, operation):
    """A request of one operation, as its parts: what is sent, with which headers, as which body."""
    kind = draw(st.sampled_from(["good", "good", "good", "described", "other"]))
    mode = GenerationMode.NEGATIVE if kind == "other" and takes_anything(operation) else GenerationMode.POSITIVE
    case = draw(operation.as_strategy(generation_mode=mode))
    is_known = kind == "good" or draw(st.booleans())
    if operation.method != "post":
        return case, is_known, {}, None
    headers = signed_headers(operation.path) if is_known else {}
    if kind != "good":
        return case, is_known, headers, None
    event = draw(st.sampled_from(["repo:push", "repo:updated", "pullrequest:created", "repo:commit_status_created"]))
    case.headers = {"X-Event-Key": event, "X-Request-UUID": str(draw(st.uuids(version=4)))}
    case.media_type = "application/json"
    return case, is_known, headers, written(draw(damaged(good_body(operation.path, event), most=1)))


def takes_anything(operation):
    """Where nothing is taken there is nothing to get wrong."""
    return operation.method == "post" or len(list(operation.iter_parameters())) > 0


def with_whole_targets(serve):
    """What serves a request, told its whole target as a web server tells it; Werkzeug's client leaves the query out there."""

    def served(environ, start_response):
        if query := environ["QUERY_STRING"]:
            environ["RAW_URI"] = f"{environ['RAW_URI'].partition('?')[0]}?{query}"
        return serve(environ, start_response)

    return served


class Asked:
    """The application with a workspace and a history, and what its pages would ask for."""

    def __init__(self, app):
        self.app = app
        app.wsgi_app = with_whole_targets(app.wsgi_app)
        self._services = app.extensions["bittern.services"]
        hold_much(self._services, self.restore(), HISTORY)
        with self._services.readers() as session:
            commits, paths = (
                session.scalars(select(column).limit(5)).all() for column in (Commit.hash, PullRequestFile.path)
            )
        # What pages link to.
        self._asked = {
            "/pages/repository/flow.json": [{}, {"figure": "merged"}, {"window": "90", "clock": "wall"}],
            "/pages/repository/branches.json": [{}, {"branch": "main"}],
            "/pages/repository/files.json": [{}, {"pullrequest": "1"}, *({"path": path} for path in paths)],
            "/pages/repository/commit.json": [{"commit": commit} for commit in commits],
            "/panels/pull-request/figures.json": [{"pull_request": "1"}, {"pull_request": "39"}],
        }
        with app.test_request_context("/"):
            self._links = {
                path: page_tokens.issue(
                    PageClaims(ALICE_KEY, ALICE_REPOSITORY, BOB, "turn-link" if "pull" in path else "repository-link")
                )
                for path in DESCRIPTION["paths"]
            }

    def restore(self):
        """Alice's installation as it was, whatever a lifecycle call has made of it."""
        with self._services.sessions.begin() as session:
            return install(session, alice_offer(), box=self._services.secret_box)

    def send(self, call, *, which):
        """Send a call. One that is known has a link of its page and asks for what there is, with one member as drawn or none."""
        case, is_known, headers, body = call
        if case.method.lower() == "post":
            self.restore()
        elif is_known and case.path in self._asked:
            good = self._asked[case.path][which % len(self._asked[case.path])]
            drawn = sorted(case.query.items()) if isinstance(case.query, dict) else []
            case.query = {**good, **dict(drawn[: which % 2]), "link": self._links[case.path]}
        return case.call(app=self.app, headers=headers, **({} if body is None else {"data": body}))


def probe(asked, operation, *, cases, first_seed):
    """Send so many requests of one operation. Returns the statuses of the answers."""
    statuses = []

    @seed(first_seed)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(call=calls(operation), which=st.integers(0, 100))
    def every_call(call, which):
        response = asked.send(call, which=which)
        statuses.append(response.status_code)
        assert ALICE_SECRET not in response.text
        call[0].validate_response(response, checks=CHECKS)

    every_call()
    return statuses


@pytest.fixture
def operations():
    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    return [one.ok() for one in schema.get_all_operations()]


def test_every_json_route_is_described(app):
    routes = {
        rule for _, rule in routes_of(app) if rule != "/" and (rule.endswith(".json") or not rule.startswith(PAGES))
    }
    assert routes == set(DESCRIPTION["paths"])


@pytest.mark.fault("S3")
def test_no_request_gets_an_answer_that_is_not_described(make_app, operations, request, record_property):
    cases = request.config.getoption("--fuzz-examples") or (LONG_CASES if request.config.option.long else SHORT_CASES)
    asked = Asked(make_app())
    # There is one way to ask for the others, and the chances are in what takes something.
    each = -(-cases // sum(takes_anything(operation) for operation in operations))
    tried = {}
    for number, operation in enumerate(operations):
        wanted = each if takes_anything(operation) else 1
        first_seed = request.config.option.seed * 100 + number
        tried[operation.path] = probe(asked, operation, cases=wanted, first_seed=first_seed)
    statuses = [status for some in tried.values() for status in some]
    counted = {status: statuses.count(status) for status in sorted(set(statuses))}
    shares = {path: sum(status < 300 for status in some) / len(some) for path, some in tried.items()}
    row = {"cases": str(len(statuses)), "answers": str(counted), "not described": "0", "errors of ours": "0"}
    record_property("figures", (__doc__.partition(":")[0], row | {"least done": f"{min(shares.values()):.0%}"}))
    assert {path: share for path, share in shares.items() if share < DONE_SHARE} == {}
    assert len(statuses) >= cases
