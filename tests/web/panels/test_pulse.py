"""Pulse: who sees which repository, what the page says, what it says when Bitbucket does not answer, and its refresh."""

import re
from urllib.parse import quote

import pytest

from bitbucket.errors import CircuitOpen, ConnectionFailed, NotJson, TimedOut
from bitbucket.messages import Headers, Response
from models import installations, repositories
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    BOB,
    CHARLIE_KEY,
    CHARLIE_REPOSITORY,
    CHARLIE_SECRET,
    CHARLIE_WORKSPACE,
    alice_offer,
    quarantine,
    uninstall,
)
from tests.web.fake_bitbucket import (
    ANA,
    REPOSITORY,
    TOKEN_PATH,
    TOM,
    branch,
    days_ago,
    participant,
    pull_request,
    repository,
)
from tests.web.signing import signed_headers, signed_url

REFRESH = "/panels/repository/refresh"


def panel(repository_uuid=ALICE_REPOSITORY, user=BOB, *, extra="", **signing):
    target = f"/panels/repository?repository={quote(repository_uuid)}"
    if user is not None:
        target += f"&user={quote(user)}"
    return signed_url(target + extra, **signing)


def page_token(answer):
    found = re.search(r'name="bittern-page-token" content="([^"]+)"', answer.get_data(as_text=True))
    return found and found[1]


def text(answer):
    """What a reader sees, in one line."""
    body = answer.get_data(as_text=True).partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.fixture
def token(client, alice):
    return page_token(client.get(panel()))


def bearer(token, **headers):
    return {"Authorization": f"Bearer {token}", "HX-Request": "true", **headers}


# What the page says ---------------------------------------------------------------------------------------------------


def test_the_first_answer_holds_the_figures(client, alice, bitbucket):
    bitbucket.show(
        pull_request(7, participant(TOM), opened=3, title="Teach the heron to stand still"),
        pull_request(8, participant(TOM, state="approved", on=days_ago(1)), opened=5),
        pull_request(9, participant(TOM, state="changes_requested", on=days_ago(2)), opened=6),
        pull_request(10, opened=9, draft=True),
        branches=[branch("feature/7", age=0.125), branch("main")],
    )

    answer = client.get(panel())

    shown = text(answer)
    assert answer.status_code == 200
    assert "1 pull request waits for a review, for 3 d now." in shown
    assert "Waiting for review 1 of 4 open" in shown
    assert "Longest wait 3 d #7" in shown
    assert "Ready to merge 1 1 with its author" in shown
    assert "Branches 2 newest 3 h ago" in shown
    assert "without 1 draft" in shown
    assert "Passed 1 build" in shown


def test_what_waits_longest_comes_first_and_at_most_five_rows_are_shown(client, alice, bitbucket):
    bitbucket.show(*(pull_request(number, opened=number) for number in range(1, 8)))

    answer = client.get(panel())

    numbers = re.findall(r'<p class="about">#(\d+)', answer.get_data(as_text=True))
    assert numbers == ["7", "6", "5", "4", "3"]
    assert "5 of 7" in text(answer)


def test_the_viewer_is_told_what_is_theirs(client, alice, bitbucket):
    bitbucket.show(
        pull_request(1, participant(TOM)), pull_request(2, author=TOM), pull_request(3, participant(ANA), author=TOM)
    )

    answer = client.get(panel())

    assert "1 waits for you. 2 of yours wait for others." in text(answer)
    assert answer.get_data(as_text=True).count("is-yours") == 1
    assert "waiting for you" in text(answer)


def test_another_viewer_of_the_same_repository_is_told_something_else(client, alice, bitbucket):
    bitbucket.show(pull_request(1, participant(TOM)))
    client.get(panel())

    assert "waits for you" not in text(client.get(panel(user=ANA["uuid"])))
    assert "waiting for Tom Okafor" in text(client.get(panel(user=ANA["uuid"])))


def test_an_empty_repository_says_so(client, alice, bitbucket):
    bitbucket.show(branches=[], mainbranch=None)
    del bitbucket.paths[f"{REPOSITORY}/refs/branches/main"]

    assert "This repository has no commits yet." in text(client.get(panel()))


def test_a_main_branch_that_does_not_exist_yet_is_no_failure(client, alice, bitbucket):
    bitbucket.show(branches=[])
    del bitbucket.paths[f"{REPOSITORY}/refs/branches/main"]

    answer = client.get(panel())

    assert answer.status_code == 200
    assert 'class="tip"' not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("builds", "words"),
    [
        (("SUCCESSFUL", "FAILED"), "Failed 1 failed, 1 passed"),
        (("INPROGRESS",), "Running 1 running"),
        (("SUCCESSFUL", "SUCCESSFUL"), "Passed all 2 builds"),
        ((), "No builds"),
        (("PAUSED",), "No builds"),
    ],
)
def test_the_main_branch_says_what_its_builds_say(client, alice, bitbucket, builds, words):
    bitbucket.show(builds=builds)

    assert words in text(client.get(panel()))


def test_links_lead_to_bitbucket_and_leave_the_frame(client, alice, bitbucket):
    bitbucket.show(pull_request(7))

    page = client.get(panel()).get_data(as_text=True)

    links = re.findall(r'<a [^>]*href="([^"]+)"([^>]*)>', page)
    assert links
    assert all(address.startswith("https://bitbucket.org/alice/heron") for address, _ in links)
    assert all('target="_top"' in rest for _, rest in links)
    assert ("https://bitbucket.org/alice/heron/pull-requests/7", ' target="_top"') in links


NASTY = '"><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}${7*7}</script><!--'


def test_names_and_titles_are_never_markup(client, alice, bitbucket):
    somebody = ANA | {"display_name": NASTY}
    bitbucket.show(
        pull_request(
            1, participant(somebody | {"uuid": "{aaaaaaaa-0000-4000-8000-0000000000f9}"}), author=somebody, title=NASTY
        ),
        branches=[branch(NASTY, message=NASTY)],
        name=NASTY,
        full_name=f"alice/{NASTY}",
    )

    page = client.get(panel()).get_data(as_text=True)

    assert "<img src=x" not in page
    assert "<script>" not in page
    assert page.count("<script") == page.count("</script>") == 3
    assert "{{7*7}}${7*7}" in page


def test_a_picture_is_shown_from_where_the_policy_allows_and_nowhere_else(client, alice, bitbucket):
    ours = "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/initials/AS-1.png"
    theirs = "https://secure.gravatar.com/avatar/0123"
    bitbucket.show(
        pull_request(1, author=ANA | {"links": {"avatar": {"href": ours}}}),
        pull_request(2, author=TOM | {"links": {"avatar": {"href": theirs}}}),
    )

    answer = client.get(panel())

    page = answer.get_data(as_text=True)
    assert ours in page
    assert "gravatar" not in page
    assert ">TO<" in page
    assert ours.rpartition("/initials")[0] in answer.headers["Content-Security-Policy"]


def test_parameters_of_the_host_appear_nowhere(client, alice):
    answer = client.get(panel(extra="&xdm_e=https%3A%2F%2Fevil.test&cp=%2F..%2F"))

    assert answer.status_code == 200
    assert "evil.test" not in answer.get_data(as_text=True) + str(answer.headers)


# Who sees what --------------------------------------------------------------------------------------------------------


def test_it_refuses_an_address_that_bitbucket_did_not_sign_so(client, alice, refusals):
    tampered = panel().replace("a1", "a2", 1)
    unsigned = f"/panels/repository?repository={quote(ALICE_REPOSITORY)}&user={quote(BOB)}"

    answers = [
        client.get(tampered),
        client.get(unsigned),
        client.get(panel() + "&admin=1"),
        client.get(panel(secret=CHARLIE_SECRET)),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401]
    assert len({answer.data for answer in answers}) == 1
    assert refusals() == ["auth.qsh_mismatch", "auth.missing", "auth.qsh_mismatch", "auth.signature"]


@pytest.mark.parametrize("repeated", ["&repository=x", "&user=x", "&Repository=x", "&jwt=x"])
def test_it_refuses_a_security_parameter_given_twice_even_where_it_is_signed(client, alice, refusals, repeated):
    assert client.get(panel(extra=repeated)).status_code == 401
    assert refusals() == ["auth.ambiguous"]


def test_it_refuses_a_token_in_the_header_beside_one_in_the_query_and_one_in_the_header_alone(client, alice, refusals):
    target = f"/panels/repository?repository={quote(ALICE_REPOSITORY)}&user={quote(BOB)}"
    headers = signed_headers(target, method="GET")

    assert client.get(panel(), headers=headers).status_code == 401
    assert client.get(target, headers=headers).status_code == 401
    assert client.get(target, headers={"Cookie": f"jwt={headers['Authorization'][4:]}"}).status_code == 401
    assert refusals() == ["auth.ambiguous", "auth.missing", "auth.missing"]


def test_a_repository_of_another_workspace_is_not_found(client, alice, charlie, bitbucket, refusals):
    elsewhere = f"/2.0/repositories/{ALICE_WORKSPACE}/{CHARLIE_REPOSITORY}"
    bitbucket.answers(elsewhere, repository(uuid=CHARLIE_REPOSITORY, workspace={"uuid": CHARLIE_WORKSPACE}))

    answer = client.get(panel(CHARLIE_REPOSITORY))

    assert answer.status_code == 404
    assert "Heron" not in answer.get_data(as_text=True)
    assert refusals() == ["tenant.foreign_repo"]


def test_a_repository_whose_workspace_bitbucket_does_not_name_is_not_found(client, alice, bitbucket):
    bitbucket.answers(REPOSITORY, repository(workspace=None))

    assert client.get(panel()).status_code == 404


def test_a_repository_that_another_tenant_holds_is_asked_for_as_ones_own(client, alice, charlie, services, bitbucket):
    with services.sessions.begin() as session:
        facts = repositories.RepositoryFacts(
            uuid=CHARLIE_REPOSITORY, workspace_uuid=CHARLIE_WORKSPACE, is_private=False
        )
        repositories.record(session, charlie, facts, as_of=services.now(), now=services.now())

    assert client.get(panel(CHARLIE_REPOSITORY)).status_code == 404
    assert bitbucket.read_paths == [f"/2.0/repositories/{ALICE_WORKSPACE}/{CHARLIE_REPOSITORY}"]


def test_a_repository_seen_for_the_first_time_is_recorded(client, alice, services):
    client.get(panel())

    with services.readers() as session:
        row = repositories.find(session, alice, ALICE_REPOSITORY)
    assert (row.full_name, row.is_private, row.main_branch) == ("alice/heron", True, "main")


def test_every_spelling_of_a_uuid_is_the_same_repository(client, alice):
    for spelling in (ALICE_REPOSITORY.upper(), ALICE_REPOSITORY.strip("{}")):
        assert client.get(panel(spelling)).status_code == 200


@pytest.mark.parametrize("repository_uuid", ["", "heron", "{repository.uuid}", "1 OR 1=1"])
def test_what_is_no_uuid_is_a_bad_request(client, alice, repository_uuid):
    assert client.get(panel(repository_uuid)).status_code == 400


@pytest.mark.parametrize("user", [None, "", "{user.uuid}", "nobody"])
def test_a_private_repository_is_not_shown_to_nobody(client, alice, refusals, user):
    assert client.get(panel(user=user)).status_code == 404
    assert refusals() == ["perm.denied"]


def test_a_public_repository_is_shown_to_everybody(client, alice, bitbucket):
    bitbucket.show(pull_request(1, participant(TOM)), is_private=False)

    answer = client.get(panel(user=None))

    assert answer.status_code == 200
    assert "for you" not in text(answer)


def test_a_repository_that_became_private_since_is_not_shown_to_nobody(client, alice, bitbucket, clock):
    bitbucket.show(is_private=False)
    assert client.get(panel(user=None)).status_code == 200
    bitbucket.show(is_private=True)
    clock.advance(seconds=60)

    assert client.get(panel(user=None)).status_code == 404


def test_a_tombstone_is_refused_like_any_token(client, alice, services, refusals):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    answer = client.get(panel())

    assert (answer.status_code, answer.data) == (401, client.get("/panels/repository").data)
    assert refusals()[0] == "auth.uninstalled"


def test_a_quarantined_installation_is_told_that_it_is_being_finished_and_gets_no_token(client, services, bitbucket):
    with services.sessions.begin() as session:
        quarantine(session, alice_offer(), box=services.secret_box)

    answer = client.get(panel())

    assert answer.status_code == 200
    assert "being finished" in text(answer)
    assert page_token(answer) is None
    assert bitbucket.requests == []


def test_it_sets_no_cookie_and_is_not_kept(client, alice):
    answer = client.get(panel())

    assert "Set-Cookie" not in answer.headers
    assert {"no-cache", "no-store"} <= set(answer.headers["Cache-Control"].replace(",", " ").split())


# When Bitbucket does not answer ---------------------------------------------------------------------------------------


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
    from web.panels.snapshot_cache import Key

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


# The refresh ----------------------------------------------------------------------------------------------------------


def test_the_page_refreshes_itself_with_its_own_token(client, token, bitbucket, clock):
    bitbucket.show(pull_request(42, title="New since"))
    clock.advance(seconds=20)

    answer = client.get(REFRESH, headers=bearer(token))

    assert answer.status_code == 200
    assert "New since" in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)
    assert answer.headers["X-As-Of"] == "2026-11-23T12:00:20Z"
    assert answer.headers["X-Page-Token"]


def test_a_refresh_that_would_say_the_same_is_not_sent_again(client, token):
    first = client.get(REFRESH, headers=bearer(token))

    again = client.get(REFRESH, headers=bearer(token, **{"If-None-Match": first.headers["ETag"]}))

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["X-Page-Token"]


def test_the_token_lasts_a_quarter_of_an_hour_and_is_renewed_by_each_refresh(client, token, clock, refusals):
    clock.advance(minutes=14)
    renewed = client.get(REFRESH, headers=bearer(token)).headers["X-Page-Token"]
    clock.advance(minutes=14)

    assert client.get(REFRESH, headers=bearer(renewed)).status_code == 200
    assert client.get(REFRESH, headers=bearer(token)).status_code == 401
    assert refusals() == ["auth.expired"]


def test_a_token_of_bitbuckets_is_not_taken_for_ours_nor_ours_for_bitbuckets(client, token, refusals):
    inbound = signed_headers(REFRESH, method="GET")["Authorization"].removeprefix("JWT ")
    target = f"/panels/repository?repository={quote(ALICE_REPOSITORY)}&user={quote(BOB)}"

    answers = [
        client.get(REFRESH, headers=bearer(inbound)),
        client.get(REFRESH, headers={"Authorization": f"JWT {token}"}),
        client.get(f"{target}&jwt={token}"),
        client.get(f"{REFRESH}?jwt={token}"),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401]
    assert refusals() == ["auth.token_kind", "auth.missing", "auth.token_kind", "auth.missing"]


def test_a_token_for_one_page_is_not_taken_by_another(client, token, refusals):
    assert client.get("/pages/repository/refresh", headers=bearer(token)).status_code == 401
    assert refusals() == ["auth.token_kind"]


def test_a_token_of_an_uninstalled_workspace_is_refused_at_once(client, token, services):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    answer = client.get(REFRESH, headers=bearer(token))

    assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorized")


def test_a_failed_refresh_keeps_the_token_alive(client, token, bitbucket, clock):
    bitbucket.fails(ConnectionFailed("refused"))
    clock.advance(minutes=11)

    answer = client.get(REFRESH, headers=bearer(token))

    assert answer.status_code == 503
    assert answer.headers["X-Page-Token"]


def test_a_poll_reads_nothing_while_nothing_happens(client, token, bitbucket, clock):
    bitbucket.requests.clear()

    for _ in range(5):
        clock.advance(seconds=20)
        assert client.get(REFRESH, headers=bearer(token, **{"X-Refresh": "poll"})).status_code == 200

    assert bitbucket.requests == []


def test_a_poll_reads_again_once_an_event_has_come(client, token, alice, services, bitbucket, clock):
    with services.sessions.begin() as session:
        repositories.touch(repositories.locked(session, alice, ALICE_REPOSITORY), now=services.now())
    bitbucket.show(pull_request(42, title="Opened just now"))

    answer = client.get(REFRESH, headers=bearer(token, **{"X-Refresh": "poll"}))

    assert "Opened just now" in answer.get_data(as_text=True)


def test_the_figures_of_one_look_serve_every_viewer_for_a_moment(client, alice, bitbucket):
    client.get(panel())
    bitbucket.requests.clear()

    client.get(panel(user=ANA["uuid"]))

    assert bitbucket.requests == []


def test_the_log_names_the_installation_and_the_repository_and_no_token(client, alice, log_entries):
    client.get(panel())

    [entry] = [entry for entry in log_entries if entry["event"] == "request.finished"]
    assert (entry["installation"], entry["repository"], entry["path"]) == (
        alice.id,
        ALICE_REPOSITORY,
        "/panels/repository",
    )
    assert "eyJ" not in str(log_entries)


def test_one_tenants_token_cannot_be_spent_on_another(client, token, charlie, refusals):
    head, payload, signature = token.split(".")
    forged = ".".join([head, payload[:-4] + "AAAA", signature])

    assert client.get(REFRESH, headers=bearer(forged)).status_code == 401
    assert client.get(panel(client_key=CHARLIE_KEY)).status_code == 401
    assert refusals()[-1] == "auth.signature"
