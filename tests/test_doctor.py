"""The doctor: each thing that can be wrong is found, named and given a remedy."""

import json
from datetime import timedelta
from email.utils import format_datetime

import pytest
from click.testing import CliRunner

import cli
import doctor
import services as services_module
from app import create_app
from bitbucket.errors import ConnectionFailed
from bitbucket.messages import Headers, Response
from connect.errors import DescriptorInvalid
from doctor import Verdict, examine, worst
from models.inbox import Delivery, DeliveryState
from models.schema import upgrade
from settings import load_settings
from tests.tenants import NOON, Clock, alice_offer, install, receive
from tests.web.conftest import KEY, Doorbell
from tests.web.fake_bitbucket import FakeBitbucket

OTHER_KEY = "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktb3RoZXIta2V5LW8"
ADDRESS = "https://bittern.example.com/atlassian-connect.json"


class Outside:
    """What answers at our public address and at Bitbucket's."""

    def __init__(self):
        self.answers = {"/2.0/user": Response(401, Headers({"Date": format_datetime(NOON, usegmt=True)}), b"")}

    def send(self, request, **_):
        path = "/" + request.url.split("/", 3)[3]
        answer = self.answers.get(path, Response(404))
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def outside():
    return Outside()


@pytest.fixture
def findings(monkeypatch, tmp_path, outside):
    """A well configured service; returns what the doctor finds there. Settings given here come on top."""
    url = f"sqlite:///{tmp_path / 'bittern.db'}"
    healthy = {
        "BITTERN_BASE_URL": "https://bittern.example.com",
        "BITTERN_SECRET_KEYS": KEY,
        "BITTERN_DATABASE_URL": url,
    }
    for name, value in healthy.items():
        monkeypatch.setenv(name, value)
    upgrade(url)
    made = []

    def create_services(settings):
        made.append(services_module.create_services(settings, transport=FakeBitbucket(), now=Clock(), wake=Doorbell()))
        return made[-1]

    monkeypatch.setattr(doctor, "create_services", create_services)
    monkeypatch.setattr("logs.configure", lambda **_: None)
    outside.answers["/atlassian-connect.json"] = descriptor_answer()

    def look(**changes):
        for name, value in changes.items():
            monkeypatch.setenv(name, value)
        return list(examine(create_app, reach=outside))

    yield look
    for one in made:
        one.engine.dispose()


@pytest.fixture
def patient(findings):
    """The same by name, where each name is found once."""
    return lambda **changes: {finding.name: finding for finding in findings(**changes)}


def descriptor_answer(**headers):
    from web.descriptor import served

    with create_app().app_context():
        body = served().body
    return Response(200, Headers({"Content-Type": "application/json"} | headers), body)


@pytest.fixture
def store(patient):
    patient()
    made = services_module.create_services(load_settings(), transport=FakeBitbucket(), now=Clock(), wake=Doorbell())
    yield made
    made.engine.dispose()


@pytest.fixture
def alice(store):
    with store.sessions.begin() as session:
        return install(session, alice_offer(), box=store.secret_box)


def test_a_healthy_service_is_found_healthy(patient):
    findings = patient()

    assert {finding.verdict for finding in findings.values()} == {Verdict.OK}
    assert list(findings) == [
        "settings",
        "database",
        "sqlite",
        "keys",
        "descriptor",
        "public address",
        "bitbucket",
        "clock",
        "queue",
        "deliveries",
        "installations",
    ]


def test_wrong_settings_are_all_found_and_nothing_else_is_tried(findings):
    found = findings(BITTERN_BASE_URL="http://x/", BITTERN_RETENTION_DAYS="no")

    assert worst(found) is Verdict.FAIL
    assert [finding.name for finding in found] == ["settings", "settings"]


def test_an_empty_database_is_found_and_the_command_named(patient, tmp_path):
    found = patient(BITTERN_DATABASE_URL=f"sqlite:///{tmp_path / 'other.db'}")

    assert (found["database"].verdict, found["database"].mend) == (Verdict.FAIL, "Run `flask bittern migrate`.")
    assert "keys" not in found


def test_a_database_that_does_not_answer_is_found(patient):
    found = patient(BITTERN_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")

    assert found["database"].verdict is Verdict.FAIL
    assert "does not answer" in found["database"].found
    assert "sqlite" not in found


@pytest.mark.fault("D3")
def test_an_unsafe_sqlite_is_named(patient, monkeypatch):
    from models.sqlite import SqliteLibrary, sqlite_library

    old = SqliteLibrary(sqlite_library().module, (3, 40, 1))
    monkeypatch.setattr(doctor, "sqlite_library", lambda: old)

    assert patient()["sqlite"].verdict is Verdict.WARN


def test_secrets_under_an_older_key_are_counted(patient, alice):
    found = patient(BITTERN_SECRET_KEYS=f"{OTHER_KEY},{KEY}")["keys"]

    assert (found.verdict, found.found) == (Verdict.WARN, "1 of 1 secrets are sealed with an older key")


def test_secrets_under_a_lost_key_are_a_failure(patient, alice):
    found = patient(BITTERN_SECRET_KEYS=OTHER_KEY)["keys"]

    assert found.verdict is Verdict.FAIL
    assert alice.client_key in found.found


def test_a_descriptor_that_bitbucket_would_refuse_is_told_problem_by_problem(patient, outside):
    def refuse(**_):
        raise DescriptorInvalid(("Change this.", "And that."))

    findings = [finding for finding in examine(refuse, reach=outside) if finding.name == "descriptor"]

    assert [(finding.verdict, finding.mend) for finding in findings] == [
        (Verdict.FAIL, "Change this."),
        (Verdict.FAIL, "And that."),
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (ConnectionFailed("The connection could not be made."), "cannot be reached"),
        (Response(404), "answers 404"),
        (Response(200, Headers({"Content-Type": "application/json"}), b"{}"), "another descriptor"),
        (Response(200, Headers({"Content-Type": "text/html"}), b"<html>"), "another descriptor"),
    ],
)
def test_a_public_address_that_bitbucket_could_not_use_is_found(patient, outside, answer, words):
    outside.answers["/atlassian-connect.json"] = answer

    found = patient()["public address"]

    assert found.verdict is Verdict.FAIL
    assert words in found.found
    assert found.mend


def test_a_descriptor_that_does_not_arrive_as_json_is_found(patient, outside):
    outside.answers["/atlassian-connect.json"] = descriptor_answer(**{"Content-Type": "text/plain"})

    assert "does not arrive as JSON" in patient()["public address"].found


def test_an_api_host_that_cannot_be_reached_is_found(patient, outside):
    outside.answers["/2.0/user"] = ConnectionFailed("refused")

    found = patient()

    assert found["bitbucket"].verdict is Verdict.FAIL
    assert "clock" not in found


@pytest.mark.parametrize(("apart", "verdict"), [(29, Verdict.OK), (31, Verdict.FAIL), (-31, Verdict.FAIL)])
def test_a_clock_that_would_spoil_signatures_is_found(patient, outside, apart, verdict):
    date = format_datetime(NOON + timedelta(seconds=apart), usegmt=True)
    outside.answers["/2.0/user"] = Response(401, Headers({"Date": date}), b"")

    assert patient()["clock"].verdict is verdict


def test_without_a_date_the_clock_is_not_judged(patient, outside):
    outside.answers["/2.0/user"] = Response(401)

    assert "clock" not in patient()


def test_a_queue_that_cannot_be_opened_costs_seconds_and_no_work(patient):
    found = patient(BITTERN_QUEUE_URL="redis://127.0.0.1:9/0")["queue"]

    assert found.verdict is Verdict.WARN


def test_deliveries_that_nobody_applies_are_found(patient, alice, store):
    with store.sessions.begin() as session:
        receive(session, alice, now=NOON - timedelta(minutes=6))

    found = patient()["deliveries"]

    assert found.verdict is Verdict.WARN
    assert "python worker.py" in found.mend


def test_deliveries_that_were_given_up_are_found(patient, alice, store):
    with store.sessions.begin() as session:
        row = session.get(Delivery, receive(session, alice))
        row.state, row.processed_at = DeliveryState.DEAD, NOON

    assert "1 deliveries could not be applied" in patient()["deliveries"].found


def test_a_secret_that_bitbucket_refuses_and_an_older_descriptor_are_found(findings, alice, store):
    from models import installations

    with store.sessions.begin() as session:
        installations.mark_credentials_refused(session, alice, now=NOON)

    refused, older = (finding for finding in findings() if finding.name == "installations")
    assert alice.client_key in refused.found
    assert older.found == "1 of 1 have an older descriptor"
    assert "flask bittern installations update" in older.mend


def test_every_finding_that_is_not_well_says_what_to_do(patient, outside):
    outside.answers.clear()

    assert all(finding.mend for finding in patient().values() if finding.verdict is not Verdict.OK)


def test_the_command_prints_a_line_each_and_ends_with_the_verdict(patient, outside, monkeypatch):
    monkeypatch.setattr(doctor, "_transport", lambda _: outside)

    healthy = CliRunner().invoke(cli.group_for(create_app), ["doctor"])
    outside.answers["/atlassian-connect.json"] = Response(404)
    ill = CliRunner().invoke(cli.group_for(create_app), ["doctor"])
    read = json.loads(CliRunner().invoke(cli.group_for(create_app), ["doctor", "--json"]).output)

    assert healthy.exit_code == 0
    assert healthy.output.count("OK ") == 11
    assert ill.exit_code == 1
    assert "→ Another service answers there" in ill.output
    assert {"check": "database", "verdict": "OK"}.items() <= read[1].items()


def test_the_verdict_is_the_worst_of_all():
    from doctor import Finding

    def found(*verdicts):
        return [Finding("x", verdict, "y") for verdict in verdicts]

    assert worst(found(Verdict.OK)) is Verdict.OK
    assert worst(found(Verdict.OK, Verdict.WARN)) is Verdict.WARN
    assert worst(found(Verdict.WARN, Verdict.FAIL, Verdict.OK)) is Verdict.FAIL
