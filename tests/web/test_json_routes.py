"""Requests drawn from the description of our JSON routes, good ones and bad ones: no error of ours, and no answer that it does not name."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.tenants import ALICE_KEY, ALICE_SECRET, alice_offer, install
from tests.web.json_routes import DESCRIPTION
from tests.web.signing import signed_headers
from tests.web.test_fuzzed_routes import routes_of

SHORT_CASES, LONG_CASES = 10, 5_000
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
NOT_JSON = ("/panels", "/pages", "/static", "/metrics", "/connect/welcome")


@pytest.fixture
def operations():
    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    return [one.ok() for one in schema.get_all_operations()]


def modes_of(operation):
    """As described, and not: where nothing is taken there is nothing to get wrong."""
    return list(GenerationMode) if operation.method == "post" else [GenerationMode.POSITIVE]


def probe(app, operation, *, cases, first_seed):
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
    @given(
        case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes_of(operation))),
        is_signed=st.booleans(),
        is_alices=st.booleans(),
    )
    def every_case(case, is_signed, is_alices):
        if is_alices and isinstance(case.body, dict):
            case.body["clientKey"] = ALICE_KEY
        headers = signed_headers(operation.path, secret=ALICE_SECRET) if is_signed else {}
        response = case.call(app=app, headers=headers)
        statuses.append(response.status_code)
        assert ALICE_SECRET not in response.text
        case.validate_response(response, checks=CHECKS)

    every_case()
    return statuses


def test_every_json_route_is_described(app):
    routes = {rule for _, rule in routes_of(app) if rule != "/" and not rule.startswith(NOT_JSON)}
    assert routes == set(DESCRIPTION["paths"])


@pytest.mark.fault("S3")
def test_no_request_gets_an_answer_that_is_not_described(make_app, operations, request, record_property):
    cases = request.config.getoption("--fuzz-examples") or (LONG_CASES if request.config.option.long else SHORT_CASES)
    app = make_app()
    services = app.extensions["bittern.services"]
    with services.sessions.begin() as session:
        install(session, alice_offer(), box=services.secret_box)
    # There is one way to ask for the others, and the chances are in what takes a body.
    taking = sum(operation.method == "post" for operation in operations)
    each, tried = -(-cases // taking), list[int]()
    for number, operation in enumerate(operations):
        tried += probe(app, operation, cases=each, first_seed=request.config.option.seed * 100 + number)
    counted = {status: tried.count(status) for status in sorted(set(tried))}
    row = {"cases": str(len(tried)), "answers": str(counted), "not described": "0", "errors of ours": "0"}
    record_property("figures", (__doc__.partition(":")[0], row))
    assert len(tried) >= cases
