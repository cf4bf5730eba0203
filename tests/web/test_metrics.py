"""The counts: who may read them, what is in them, and what never is."""

import re

import pytest
import requests

from demo.ports import any_free_port
from tests.tenants import ALICE_REPOSITORY
from web.metrics import serve_on_own_port

TOKEN = {"Authorization": "Bearer metrics-token-0123456789"}


def read(client, name):
    """The value of each line of one metric, by its labels."""
    body = client.get("/metrics", headers=TOKEN).get_data(as_text=True)
    found = re.findall(rf"^{name}(\{{[^}}]*\}})? (\S+)$", body, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def test_whoever_has_the_token_reads_the_counts(client):
    answer = client.get("/metrics", headers=TOKEN)

    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert "bittern_http_requests_total" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "metrics-token-0123456789"},
        {"Authorization": "JWT metrics-token-0123456789"},
    ],
)
def test_nobody_else_does(client, headers):
    assert client.get("/metrics", headers=headers).status_code == 401


def test_without_a_token_in_the_settings_there_is_no_such_page(make_app):
    client = make_app(metrics_token=None).test_client()

    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_route_and_not_by_address(client):
    before = read(client, "bittern_http_requests_total")
    client.get("/static/bittern.css")
    client.get("/static/bittern.js")
    after = read(client, "bittern_http_requests_total")

    label = '{method="GET",route="/static/<path:name>",status="200"}'
    assert after[label] - before.get(label, 0) == 2


def test_an_address_or_a_method_that_nobody_serves_makes_no_label_of_its_own(client):
    client.get("/attacker/" + "x" * 50)
    client.open("/", method="BREW")

    body = client.get("/metrics", headers=TOKEN).get_data(as_text=True)
    assert "attacker" not in body
    assert "BREW" not in body


def test_refusals_are_counted_by_reason(client):
    before = read(client, "bittern_refusals_total").get('{reason="auth.missing"}', 0)
    client.get("/panels/repository")

    assert read(client, "bittern_refusals_total")['{reason="auth.missing"}'] == before + 1


def test_no_tenant_stands_in_a_label(client, alice):
    from tests.web.panels.asking import panel

    client.get(panel())

    body = client.get("/metrics", headers=TOKEN).get_data(as_text=True)
    assert 'bittern_panel_views_total{panel="pulse",state="shown"}' in body
    assert ALICE_REPOSITORY not in body
    assert alice.client_key not in body


def test_a_port_of_their_own_is_on_this_machine_and_shared_by_all_workers():
    port = any_free_port()

    serve_on_own_port(port)
    serve_on_own_port(port)
    answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5)

    assert answer.status_code == 200
    assert "bittern_http_requests_total" in answer.text
