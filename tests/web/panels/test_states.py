"""What a page says when Bitbucket does not answer, or answers something else."""

import pytest

from bitbucket.errors import CircuitOpen, ConnectionFailed, NotJson, TimedOut
from bitbucket.messages import Headers, Response
from models import installations
from tests.tenants import (
    ALICE_KEY,
    CHARLIE_REPOSITORY,
)
from tests.web.fake_bitbucket import REPOSITORY, TOKEN_PATH, pull_request
from tests.web.panels.asking import page_token, panel, text


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (TimedOut("slow"), 503, "taking too long"),
        (ConnectionFailed("refused"), 503, "cannot be reached"),
        (CircuitOpen("resting"), 503, "cannot be reached"),
        (Response(429, Headers({}), b"Rate limit for this resource has been exceeded"), 503, "hourly limit is used up"),
        (Response(401, Headers({}), b""), 503, "no longer takes our credentials"),
        (Response(500, Headers({}), b"oops"), 503, "trouble of its own"),
        (Response(555, Headers({}), b""), 503, "trouble of its own"),
        (NotJson("a page"), 503, "could not be used"),
        (Response(200, Headers({"Content-Type": "text/html"}), b"<html>log in</html>"), 503, "could not be used"),
    ],
)
def test_each_kind_of_trouble_has_its_own_words(client, alice, bitbucket, clock, error, status, words):
    client.get(panel())
    bitbucket.fails(error)
    clock.advance(minutes=2)

    answer = client.get(panel())

    assert answer.status_code == status
    assert words in text(answer)
    assert "Request id" in text(answer)


def test_a_repository_never_seen_gives_its_state_too_when_bitbucket_is_slow(client, alice, bitbucket):
    bitbucket.fails(TimedOut("slow"))

    answer = client.get(panel())

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert page_token(answer) is None


def test_a_missing_scope_is_named(client, alice, bitbucket, clock):
    client.get(panel())
    detail = {"required": ["pullrequest"], "granted": ["repository"]}
    error = {"type": "error", "error": {"message": "Your credentials lack privileges.", "detail": detail}}
    bitbucket.answers(f"{REPOSITORY}/pullrequests", error, status=403)
    clock.advance(minutes=2)

    answer = client.get(panel())

    assert answer.status_code == 403
    assert "The installation lacks a permission: pullrequest." in text(answer)


def test_a_repository_that_was_deleted_says_so(client, alice, bitbucket, clock):
    client.get(panel())
    clock.advance(minutes=1)
    missing = {"type": "error", "error": {"message": "Repository not found"}}
    bitbucket.answers(f"{REPOSITORY}/pullrequests", missing, status=404)

    answer = client.get(panel())

    assert answer.status_code == 404
    assert "not here any more" in text(answer)


def test_what_another_repository_was_asked_to_merge_is_not_shown(client, alice, bitbucket):
    foreign = pull_request(77, title="Somebody else's") | {"destination": {"repository": {"uuid": CHARLIE_REPOSITORY}}}
    bitbucket.show(foreign)

    assert "Somebody else" not in client.get(panel()).get_data(as_text=True)


def test_what_is_held_stands_in_with_its_age_while_bitbucket_is_down(client, alice, bitbucket, clock):
    bitbucket.show(pull_request(7))
    client.get(panel())
    clock.advance(minutes=4)
    bitbucket.fails(ConnectionFailed("refused"))

    answer = client.get(panel())

    assert answer.status_code == 200
    assert "Bitbucket does not answer. These figures are 4 min old." in text(answer)
    assert "#7" in text(answer)


def test_a_refused_secret_is_remembered_for_the_operator(client, alice, services, bitbucket, clock):
    bitbucket.answers(TOKEN_PATH, {"error": "invalid_grant"}, status=401)

    client.get(panel())

    with services.readers() as session:
        assert installations.by_client_key(session, ALICE_KEY).credentials_refused_at == clock()


def test_bitbuckets_own_words_never_reach_the_page(client, alice, bitbucket):
    bitbucket.answers(
        f"{REPOSITORY}/pullrequests", {"type": "error", "error": {"message": "<b>internal-host-17</b>"}}, status=500
    )

    assert "internal-host-17" not in client.get(panel()).get_data(as_text=True)


def test_the_calls_of_one_page_share_one_deadline_under_three_seconds(client, alice, bitbucket, monkeypatch):
    seen = []
    send = bitbucket.send

    def watch(request, *, deadline_seconds, **rest):
        seen.append(deadline_seconds)
        return send(request, deadline_seconds=deadline_seconds, **rest)

    monkeypatch.setattr(bitbucket, "send", watch)
    client.get(panel())

    assert seen
    assert max(seen) < 3.0
