"""The counts: who may read them, what is in them, and what never is."""

import os
import re
import subprocess
import sys

import pytest
import requests
from sqlalchemy.exc import OperationalError

from demo.ports import any_free_port
from models import inbox
from models.inbox import Delivery, DeliveryState
from tests.house_figures import ROOT
from tests.tenants import ALICE_REPOSITORY, delivery_of, receive
from web.depth import KEPT_SECONDS, InboxDepth
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


def test_what_waits_is_told_without_a_name(client, services, alice, clock):
    with services.sessions.begin() as session:
        receive(session, alice)
        dead = session.get(Delivery, receive(session, alice, delivery_of(number=2)))
        dead.state = DeliveryState.DEAD
    clock.advance(seconds=90)

    assert read(client, "bittern_inbox_pending") == {"": 1}
    assert read(client, "bittern_inbox_dead") == {"": 1}
    assert read(client, "bittern_inbox_oldest_seconds") == {"": 90}


def test_what_waits_is_read_once_in_some_seconds(services, alice):
    seconds = [0.0]
    depth = InboxDepth(services, clock=lambda: seconds[0])

    def pending():
        return next(iter(depth.collect())).samples[0].value

    assert pending() == 0
    with services.sessions.begin() as session:
        receive(session, alice)
    assert pending() == 0
    seconds[0] = KEPT_SECONDS
    assert pending() == 1


def test_without_a_database_the_counts_are_told_all_the_same(client, monkeypatch):
    def away(*_):
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(inbox, "backlog", away)
    body = client.get("/metrics", headers=TOKEN).get_data(as_text=True)
    assert "bittern_http_requests_total" in body
    assert "bittern_inbox" not in body


def test_a_port_of_their_own_is_on_this_machine_and_shared_by_all_workers(services):
    port = any_free_port()

    serve_on_own_port(port, InboxDepth(services))
    serve_on_own_port(port, InboxDepth(services))
    answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5)

    assert answer.status_code == 200
    assert "bittern_http_requests_total" in answer.text
    assert "bittern_inbox_pending" in answer.text


# Counts in a process and in one that began as a copy of it, and says what each has in the books and what they have together.
TWO_PROCESSES = """
import os
from pathlib import Path
from web import metrics

counted = metrics.of_request("/", "GET", 200)[0]
counted.inc()
child = os.fork()
for _ in range(1 if child else 2):
    counted.inc()
if not child:
    os._exit(0)
os.waitpid(child, 0)
names = sorted(path.name for path in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("counter_*.db"))
assert names == sorted(f"counter_{pid}.db" for pid in (os.getpid(), child)), names
[value] = [
    sample.value
    for metric in metrics.registry().collect()
    for sample in metric.samples
    if sample.name == "bittern_http_requests_total"
]
print(value)
"""


def test_each_process_keeps_its_own_books_also_one_that_began_as_a_copy(tmp_path):
    said = subprocess.run(
        [sys.executable, "-c", TWO_PROCESSES],
        cwd=ROOT,
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["4.0"]
