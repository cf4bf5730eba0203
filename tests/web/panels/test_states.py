"""What a page says when Bitbucket does not answer, or answers something else."""

import pytest

from bitbucket.errors import CircuitOpen, ConnectionFailed, NotJson, TimedOut
from bitbucket.messages import Headers, Response
from models import installations
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    CHARLIE_WORKSPACE,
)
from tests.web.fake_bitbucket import REPOSITORY, TOKEN_PATH, pull_request
from tests.web.panels.asking import page_token, panel, text
from web.panels.snapshot_cache import Key


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
def test_each_kind_of_trouble_has_its_own_words(client, alice, bitbucket, error, status, words):
    client.get(panel())
    bitbucket.fails(error)
    client.application.extensions["bittern.snapshots"].forget(key_of(alice))

    answer = client.get(panel())

    assert answer.status_code == status
    assert words in text(answer)
    assert "Request id" in text(answer)


def key_of(installation):
    return Key(installation.id, ALICE_REPOSITORY)


def test_a_repository_never_seen_gives_its_state_too_when_bitbucket_is_slow(client, alice, bitbucket):
    bitbucket.fails(TimedOut("slow"))

    answer = client.get(panel())

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert page_token(answer) is None


def test_a_missing_scope_is_named(client, alice, bitbucket):
    client.get(panel())
    detail = {"required": ["pullrequest"], "granted": ["repository"]}
    error = {"type": "error", "error": {"message": "Your credentials lack privileges.", "detail": detail}}
    bitbucket.answers(f"{REPOSITORY}/pullrequests", error, status=403)
    client.application.extensions["bittern.snapshots"].forget(key_of(alice))

    answer = client.get(panel())

    assert answer.status_code == 403
    assert "The installation lacks a permission: pullrequest." in text(answer)


def test_a_repository_that_was_deleted_says_so(client, alice, bitbucket, clock):
    client.get(panel())
    clock.advance(minutes=1)
    bitbucket.answers(REPOSITORY, {"type": "error", "error": {"message": "Repository not found"}}, status=404)

    answer = client.get(panel())

    assert answer.status_code == 404
    assert "not here any more" in text(answer)


def test_a_repository_that_moved_to_another_workspace_says_so_and_shows_nothing(client, alice, bitbucket, clock):
    client.get(panel())
    clock.advance(minutes=1)
    bitbucket.show(pull_request(77, title="Somebody else's"), workspace={"uuid": CHARLIE_WORKSPACE})

    answer = client.get(panel())

    assert answer.status_code == 404
    assert "Somebody else" not in answer.get_data(as_text=True)


def test_older_figures_stand_in_with_their_age_while_bitbucket_is_down(client, alice, bitbucket, clock):
    bitbucket.show(pull_request(7))
    client.get(panel())
    clock.advance(minutes=4)
    bitbucket.fails(ConnectionFailed("refused"))

    answer = client.get(panel())

    assert answer.status_code == 200
    assert "Bitbucket does not answer. These figures are 4 min old." in text(answer)
    assert "#7" in text(answer)


def test_figures_that_are_too_old_do_not_stand_in(client, alice, bitbucket, clock):
    client.get(panel())
    clock.advance(minutes=11)
    bitbucket.fails(ConnectionFailed("refused"))

    assert client.get(panel()).status_code == 503


def test_a_refused_secret_is_remembered_for_the_operator(client, alice, services, bitbucket, clock):
    bitbucket.answers(TOKEN_PATH, {"error": "invalid_grant"}, status=401)

    client.get(panel())

    with services.readers() as session:
        assert installations.by_client_key(session, ALICE_KEY).credentials_refused_at == clock()


def test_bitbuckets_own_words_never_reach_the_page(client, alice, bitbucket):
    bitbucket.answers(REPOSITORY, {"type": "error", "error": {"message": "<b>internal-host-17</b>"}}, status=500)

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
