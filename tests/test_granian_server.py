"""The service under granian, as real processes: what gunicorn keeps, granian keeps, behind a proxy."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from demo.waiting import wait_until
from tests.faults.books import Books
from tests.faults.callers import Callers
from tests.faults.running import SQLITE, running, seconds_until
from tests.faults.senders import Sent
from tests.faults.workspaces import WEBHOOK, Post, Tenant, install, story
from tests.tenants import ALICE_REPOSITORY
from tests.web.signing import signed_headers, signed_url

TENANT = Tenant(1)
PROCESSES = 2
WAIT_SECONDS = 30
STOP_SECONDS = 30
STOPS = 2
TOKEN = "metrics-token-0123456789"
PANEL = "/panels/repository?repository={}&user=%7Baaaaaaaa-0000-4000-8000-0000000000e1%7D"
NO_VARIABLE = "not-from-the-environment"


@pytest.fixture(scope="module")
def house():
    with running(SQLITE, BITTERN_METRICS_TOKEN=TOKEN, HTTP_X_REQUEST_ID=NO_VARIABLE) as house:
        install(house, [TENANT])
        house.start_bitbucket("--small")
        start(house)
        yield house


def start(house, name="web", **settings):
    house.start(name, sys.executable, "granian_server.py", WEB_CONCURRENCY=str(PROCESSES), **settings)
    wait_until(house.is_ready, what="granian", timeout_seconds=WAIT_SECONDS)


@pytest.fixture
def told():
    return story(seed=7, events=10)


def ask(house, method, target, **request):
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, f"http://127.0.0.1:{house.port}{target}", timeout=20, **request)


def status_of(house, request):
    """The status of the answer to raw bytes; None where the connection is cut off, as it may be while too much is sent."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        try:
            connection.sendall(request)
            return int(connection.recv(65536).split(b" ", 2)[1])
        except ConnectionError:
            return None


def test_a_workspace_installs_the_app_and_every_panel_opens(house):
    page = house.bitbucket.main_page()
    house.bitbucket.install(
        descriptor_url=f"{house.addresses.bittern_url}/atlassian-connect.json", workspace=page.workspace
    )
    panels = house.bitbucket.panels(workspace=page.workspace, repository=page.repository)
    with requests.Session() as session:
        session.trust_env = False
        assert {panel.key: session.get(panel.url, timeout=20).status_code for panel in panels} == {
            panel.key: 200 for panel in panels
        }


def test_a_webhook_is_stored_before_it_is_acknowledged_and_known_when_it_comes_again(house, told):
    webhook = Post(house.port).webhook(TENANT, told[0])

    assert [status_of(house, webhook.request) for _ in range(2)] == [202, 202]
    assert not Books.of(house, [Sent(webhook.uuid, 202, 0.0, 0.0)]).lost


def test_it_answers_in_our_name_with_an_id_of_its_own_and_counts_for_all_processes(house):
    answers = [ask(house, "GET", "/healthz") for _ in range(8)]

    assert {answer.headers["Server"] for answer in answers} == {"bittern"}
    assert NO_VARIABLE not in {answer.headers["X-Request-Id"] for answer in answers}
    counts = ask(house, "GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    counted = re.search(r'bittern_http_requests_total\{method="GET",route="/healthz",status="200"\} (\S+)', counts)
    assert float(counted[1]) >= len(answers)


def test_no_token_and_no_message_of_another_form_is_in_its_log(house):
    page = signed_url(PANEL.format(ALICE_REPOSITORY), client_key=TENANT.client_key, secret=TENANT.secret)
    ask(house, "GET", page)

    lines = house.whole_log_of("web").splitlines()
    assert any(json.loads(line)["event"] == "request.finished" for line in lines)
    assert "eyJ" not in "".join(lines)


@pytest.mark.parametrize("target", ["/panels/repository", "/panels/%72epository", "/panels/pull-request"])
def test_a_signature_covers_the_path_that_is_served(house, target):
    at = datetime.now(UTC)
    signed = signed_url(PANEL.format("%7Bx%7D"), client_key=TENANT.client_key, secret=TENANT.secret, at=at)
    answer = ask(house, "GET", signed.replace("/panels/repository", target))
    assert (answer.status_code == 401) is (target == "/panels/pull-request")


HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n%b\r\n"
BODY = b"POST /connect/webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%b\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        (HEAD % b"".join(b"X-%d: y\r\n" % number for number in range(120)), (431,)),
        (HEAD % (b"X-Long: " + b"x" * 2_000_000 + b"\r\n"), (431, None)),
        (b"GET /healthz?" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (414, None)),
        (BODY % b"Content-Length: 2000000\r\n", (413,)),
        (BODY % b"Content-Length: 3\r\nContent-Length: 4\r\n", (400,)),
        (BODY % b"Content-Length: 2\r\nAuthorization: JWT a\r\nAuthorization: JWT b\r\n" + b"{}", (401,)),
        (b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", (400,)),
    ],
    ids=["headers", "header", "target", "body", "two lengths", "two tokens", "version"],
)
def test_it_refuses_what_is_too_long_or_ambiguous_and_goes_on(house, request_bytes, statuses):
    assert status_of(house, request_bytes) in statuses
    assert status_of(house, HEAD % b"") == 200


def test_a_body_without_a_length_is_counted_while_it_is_read(house):
    at = datetime.now(UTC)
    signed = signed_headers(WEBHOOK, client_key=TENANT.client_key, secret=TENANT.secret, at=at)
    pieces = (b" " * 65536 for _ in range(20))
    headers = {"Content-Type": "application/json", "X-Event-Key": "repo:push", **signed}
    assert ask(house, "POST", WEBHOOK, data=pieces, headers=headers).status_code == 413


def test_a_process_that_is_killed_is_replaced(house):
    before = set(house.web_workers())
    assert len(before) == PROCESSES
    os.kill(min(before), signal.SIGKILL)
    wait_until(
        lambda: len(set(house.web_workers()) - before) == 1 and house.is_ready(),
        what="another process",
        timeout_seconds=WAIT_SECONDS,
    )


def test_when_its_main_process_is_killed_the_others_leave_the_port(house):
    children = house.web_workers()
    os.kill(house.pid_of("web"), signal.SIGKILL)
    seconds_until(
        lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in children),
        what="the end of its processes",
        within=STOP_SECONDS,
    )
    house.stop("web")
    start(house)


def test_sigterm_costs_nobody_who_was_let_in_an_answer(house, told):
    post = Post(house.port)
    webhooks = (post.webhook(TENANT, told[number % len(told)]) for number in itertools.count())
    with Callers([house.port], webhooks) as callers:
        for _ in range(STOPS):
            before = len(callers.sent)
            wait_until(lambda: len(callers.sent) > before + 100, what="answers", timeout_seconds=60)  # noqa: B023 - ends here
            process = house.process_of("web")
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0
            house.stop("web")
            start(house)
    books = Books.of(house, callers.sent)
    assert books.lost == frozenset()
    assert callers.failed == []
    assert set(books.statuses) == {202}
