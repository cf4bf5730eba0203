"""Tests of the checks: each must be able to fail."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.security.effects import check_effect
from tests.security.expectations import check_answer, check_reason
from tests.security.invariants import check_no_server_fault, check_one_public_401, spellings
from tests.security.journal import Egress, Journal
from tests.security.pages import inline_scripts, page_token_in, shows_a_state, subresources
from tests.security.recipes.errors import NotUnderstood, RecipeError
from tests.security.states import prepare_state
from tests.security.wire import Answer


def answer(status=401, *, code="unauthorized", request_id="r1", content_type="application/json", seconds=0.1):
    headers = [("Content-Type", content_type)] + ([("X-Request-Id", request_id)] if request_id else [])
    return Answer(status, tuple(headers), json.dumps({"error": {"code": code}}).encode(), seconds)


def outcome(*answers, status=(401,), error="unauthorized", log_reason=None, logged=(), **entry):
    expect = {"status": list(status), "error": error, "log_reason": log_reason, "effects": []}
    journal = SimpleNamespace(reasons=lambda request_id: set(logged) if request_id == "r1" else set())
    return SimpleNamespace(
        answers=list(answers),
        answer=answers[-1],
        entry={"target": "panel", "expect": expect, **entry},
        laboratory=SimpleNamespace(journal=journal),
    )


def test_a_listed_status_with_its_public_error_is_accepted():
    check_answer(outcome(answer()))
    check_answer(outcome(answer(409, code="conflict"), status=(200, 409), error="*"))
    check_answer(outcome(answer(401, content_type="text/html")))


@pytest.mark.parametrize(
    "wrong",
    [
        outcome(answer(200)),
        outcome(answer(code="auth.signature")),
        outcome(answer(401, content_type="text/plain")),
        outcome(answer(403, code="forbidden"), status=(403,), error="unauthorized"),
        outcome(answer(418), status=(418,), error="*"),
        outcome(answer(401), status=(401,), error=None),
        outcome(answer(500), answer(401)),
        outcome(answer(401), answer(401), token={"replay": True}),
    ],
)
def test_any_other_answer_is_a_failure(wrong):
    with pytest.raises(AssertionError):
        check_answer(wrong)


def test_what_the_http_server_refuses_has_no_error_shape():
    check_answer(outcome(answer(400, request_id=None, content_type="text/html"), status=(400,), error="*"))


def test_the_reason_must_stand_in_the_security_log():
    check_reason(outcome(answer(), log_reason="auth.signature", logged=["auth.signature"]))
    with pytest.raises(AssertionError):
        check_reason(outcome(answer(), log_reason="auth.signature", logged=["auth.claims"]))
    with pytest.raises(AssertionError):
        check_reason(outcome(answer(request_id="r2"), log_reason="auth.signature", logged=["auth.signature"]))


def test_any_reason_will_do_where_the_service_may_also_accept():
    either = {"status": (200, 401), "log_reason": "auth.replayed"}
    check_reason(outcome(answer(), logged=["auth.signature"], **either))
    check_reason(outcome(answer(200), logged=[], **either))
    with pytest.raises(AssertionError):
        check_reason(outcome(answer(), logged=[], **either))


def test_what_was_accepted_in_spite_of_something_says_so():
    only = {"status": (200, 204), "log_reason": "lifecycle.unproven_replaced"}
    check_reason(outcome(answer(200), logged=["lifecycle.unproven_replaced"], **only))
    with pytest.raises(AssertionError):
        check_reason(outcome(answer(200), logged=["lifecycle.installed"], **only))


@pytest.mark.parametrize("text", ["", "the moon is green", "A is happy", "no_state_change; the moon is green"])
def test_an_effect_that_it_does_not_know_is_an_error(text):
    same = SimpleNamespace(fingerprints={}, secrets={})
    with pytest.raises(NotUnderstood):
        check_effect(text, SimpleNamespace(before=same, latest=same))


@pytest.mark.parametrize("state", ["the moon is green", "tombstone kept; the moon is green", {"moon.colour": "green"}])
def test_a_state_that_it_does_not_know_is_an_error(state, cast):
    laboratory = SimpleNamespace(cast=cast, system=SimpleNamespace(control=None))
    with pytest.raises(NotUnderstood):
        prepare_state({"title": "x", "state": state}, laboratory)


def test_changed_rows_are_a_state_change():
    before = SimpleNamespace(fingerprints={"a": "1"}, secrets={})
    with pytest.raises(AssertionError):
        check_effect(
            "no_state_change", SimpleNamespace(before=before, latest=SimpleNamespace(fingerprints={}, secrets={}))
        )


def test_a_tenant_that_appears_is_a_state_change():
    before = SimpleNamespace(fingerprints={}, secrets={})
    after = SimpleNamespace(fingerprints={"connection:999999": "1"}, secrets={})
    with pytest.raises(AssertionError):
        check_effect("no_state_change", SimpleNamespace(before=before, latest=after))


def test_slow_answers_and_api_calls_are_noticed():
    with pytest.raises(AssertionError):
        check_effect("answer < 3 s", outcome(answer(200, seconds=3.5)))
    calls = SimpleNamespace(api_calls=[{"path": "/2.0/user"}], laboratory=None)
    with pytest.raises(AssertionError):
        check_effect("no_outbound", calls)


def test_a_server_fault_and_two_kinds_of_401_are_noticed():
    with pytest.raises(AssertionError):
        check_no_server_fault([answer(500)], {"expect": {"status": [200, 503]}})
    check_no_server_fault([answer(503)], {"expect": {"status": [200, 503]}})
    with pytest.raises(AssertionError):
        check_one_public_401({"application/json": {b"one", b"other"}})


def test_the_journal_reads_from_its_mark_on(tmp_path):
    log = tmp_path / "web.log"
    log.write_text('{"event": "old", "reason": "x", "request_id": "r"}\n')
    journal = Journal((log, tmp_path / "not-there.log"))
    journal.mark()
    with log.open("a") as file:
        file.write('Traceback\n{"event": "security.refused", "reason": "auth.missing", "request_id": "r"}\n{broken\n')
    assert journal.reasons("r") == {"auth.missing"}
    assert journal.reasons("s") == set()
    assert "Traceback" in journal.text


def test_a_connection_elsewhere_is_foreign(tmp_path):
    path = tmp_path / "egress"
    assert Egress(path, frozenset()).foreign() == []
    path.write_text('["connect", "127.0.0.1", "80"]\n["look up", "evil.test", "443"]\n')
    assert Egress(path, frozenset({("127.0.0.1", "80")})).foreign() == [("look up", "evil.test", "443")]


def test_a_secret_is_also_looked_for_as_base64():
    assert spellings(["abc?"]) == {"abc?", "YWJjPw"}


def test_a_page_is_read_as_a_browser_would():
    page = '<meta name="bittern-page-token" content="a.b&amp;c"><script src="/x.js"></script><script>alert(1)</script>'
    assert page_token_in(page) == "a.b&c"
    assert inline_scripts(page) == ["alert(1)"]
    assert subresources(page) == ["/x.js"]
    assert shows_a_state('<div class="state">')
    with pytest.raises(RecipeError):
        page_token_in("<p>")
