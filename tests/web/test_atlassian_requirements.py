"""Atlassian's requirements for cloud apps, asked of every route that there is: a new one is asked from its first day.

What the requirements say of other things than routes is proved elsewhere; SECURITY.md names the test of each.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest

from connect.tokens import PageClaims
from models import repositories
from models.repositories import RepositoryFacts
from tests.house_figures import ROOT, tracked_files
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_WORKSPACE, BOB, CHARLIE_SECRET, NOON
from tests.web.panels.setup.asking import make_administrator
from tests.web.signing import signed_url, token
from web import page_tokens

# What anybody may see: it is the same for everybody and holds nothing of anybody. `/metrics` is not among them.
FOR_EVERYBODY = {
    "assets.static_file",
    "descriptor.descriptor_document",
    "front.front",
    "health.healthz",
    "health.readyz",
}
# Bitbucket may send somebody who has just installed the app here without a token; then the page names nobody.
WITHOUT_A_TOKEN = {"panels.welcome"}
ADMINISTRATION = "/pages/configure"
ONE_YEAR_SECONDS = 31_536_000
CREDENTIALS = re.compile(r"passw|secret|token|credential|api.?key|one.?time|otp", re.IGNORECASE)


@pytest.fixture
def heron(services, alice):
    """A repository of Alice's, so that pages have something to show."""
    facts = RepositoryFacts(ALICE_REPOSITORY, ALICE_WORKSPACE, "heron", "Heron", "alice/heron", True, "main")
    with services.sessions.begin() as session:
        repositories.record(session, alice, facts, as_of=NOON, now=NOON)


@pytest.fixture
def routes(app):
    """Every method and path with the endpoint behind it."""
    found = [
        (method, re.sub(r"<[^>]+>", "bittern.css", rule.rule), rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"})
    ]
    assert len(found) > 30, "the routes are not known, so this says nothing"
    return sorted(found)


def fake_tokens(method, path):
    """(address, headers, field of a form) of tokens that nobody signed for us, in every place where one is looked for."""
    forged = token(method, path, secret=CHARLIE_SECRET)
    for made_up in ("a.b.c", forged):
        yield f"{path}?jwt={made_up}", {}, None
        for scheme in ("JWT", "Bearer"):
            yield path, {"Authorization": f"{scheme} {made_up}"}, None
        yield path, {}, made_up


def ask(client, method, address, headers=None, field=None):
    """The request as a browser's form where a field is given, else as JSON."""
    if method == "GET":
        return client.get(address, headers=headers)
    if field is not None:
        return client.post(address, data={"page_token": field}, headers=headers)
    return client.post(address, data=b"{}", content_type="application/json", headers=headers)


def own_token(app, purpose, *, user=BOB):
    with app.test_request_context("/"):
        return page_tokens.issue(PageClaims(ALICE_KEY, ALICE_REPOSITORY, user, purpose))


def test_no_route_is_open_without_a_token_but_what_is_for_everybody(client, heron, routes):
    is_open = {endpoint for method, path, endpoint in routes if ask(client, method, path).status_code < 400}
    assert is_open == FOR_EVERYBODY | WITHOUT_A_TOKEN
    assert {
        endpoint for method, path, endpoint in routes if ask(client, method, path, field="").status_code < 400
    } == is_open


def test_no_route_is_open_with_a_fake_token(client, heron, routes):
    is_open = {
        (endpoint, address)
        for method, path, endpoint in routes
        for address, headers, field in fake_tokens(method, path)
        if endpoint not in FOR_EVERYBODY
        and not (endpoint in WITHOUT_A_TOKEN and field)  # a page is asked for without a form
        and ask(client, method, address, headers, field).status_code < 400
    }
    assert is_open == set()


@pytest.mark.parametrize("permission", ["member", "collaborator"])
def test_no_page_of_an_administrator_opens_for_a_user(app, client, heron, bitbucket, routes, permission):
    make_administrator(bitbucket, permission=permission)
    ours = own_token(app, "setup")
    asked = set()
    for method, path, endpoint in routes:
        if not path.startswith(ADMINISTRATION):
            continue
        about = f"{path}?repository={quote(ALICE_REPOSITORY)}&user={quote(BOB)}"
        answers = [
            ask(client, method, path, field=ours),
            ask(client, method, path, {"Authorization": f"Bearer {ours}"}),
        ]
        if method == "GET":
            answers = [client.get(signed_url(about))]
        assert [answer.status_code for answer in answers if answer.status_code < 400] == [], path
        asked.add(endpoint)
    assert len(asked) >= 10


def test_the_same_pages_open_for_an_administrator(client, heron, bitbucket):
    """Or the test above would pass with pages that open for nobody."""
    make_administrator(bitbucket)
    assert client.get(signed_url(f"{ADMINISTRATION}?user={quote(BOB)}")).status_code == 200


@pytest.fixture
def pages(client, heron, bitbucket, routes):
    """Every page as Bitbucket opens it for an administrator, with its endpoint."""
    make_administrator(bitbucket)
    about = f"?repository={quote(ALICE_REPOSITORY)}&user={quote(BOB)}"
    found = [(endpoint, client.get(signed_url(path + about))) for method, path, endpoint in routes if method == "GET"]
    assert len([answer for _, answer in found if answer.status_code == 200]) >= 10, "too few open, so this says nothing"
    return found


@pytest.fixture
def answers(app, client, pages, routes):
    """What every route answers: open, refused, asked for in a wrong way, and with tokens of our own."""
    own = [own_token(app, purpose) for purpose in ("setup", "repository", "pulse")]
    found = list(pages)
    for method, path, endpoint in routes:
        found += [(endpoint, ask(client, method, path)), (endpoint, client.open(path, method="DELETE"))]
        for ours in own:
            found.append((endpoint, ask(client, method, path, {"Authorization": f"Bearer {ours}"}, field=ours)))
    return found


def test_what_every_answer_says_to_browsers(answers):
    for endpoint, answer in answers:
        where = f"{endpoint}, {answer.status_code}"
        headers = answer.headers
        assert headers["Referrer-Policy"] not in {"no-referrer-when-downgrade", "unsafe-url", ""}, where
        assert int(headers["Strict-Transport-Security"].removeprefix("max-age=")) >= ONE_YEAR_SECONDS, where
        assert "Set-Cookie" not in headers, where
        if endpoint != "assets.static_file" or answer.status_code >= 400:
            assert {"no-cache", "no-store"} <= set(headers["Cache-Control"].replace(",", " ").split()), where


def test_no_page_asks_for_a_credential(pages):
    shown = [answer.get_data(as_text=True) for _, answer in pages if answer.mimetype == "text/html"]
    templates = [path.read_text(encoding="utf-8") for path in tracked_files("templates/*.html")]
    fields = [tag for text in (*shown, *templates) for tag in re.findall(r"<(?:input|textarea|select)\b[^>]*>", text)]
    asked = {tag for tag in fields if CREDENTIALS.search(tag)}
    assert len(fields) > 50
    # Our own, which the page holds already and nobody types in.
    assert {tag for tag in asked if not re.match(r'<input type="hidden" name="(?:page_token|link)"', tag)} == set()


def test_the_service_reads_no_field_that_is_a_credential():
    read = {
        name
        for path in tracked_files("web/*.py")
        for name in re.findall(r"request\.form(?:\.get(?:list)?\(|\[)\s*\"([^\"]+)\"", path.read_text(encoding="utf-8"))
    }
    assert read
    assert {name for name in read if CREDENTIALS.search(name)} == set()


def test_an_install_with_a_fake_token_fails(client, alice):
    """Requirement 1.4 in the form that holds for Bitbucket; the whole of it is `LIF-*`."""
    principal = {"uuid": ALICE_WORKSPACE, "type": "team", "username": "alice", "display_name": "Alice & Co"}
    body = {
        "key": "bittern",
        "productType": "bitbucket",
        "clientKey": ALICE_KEY,
        "sharedSecret": CHARLIE_SECRET,
        "baseUrl": "https://bitbucket.org",
        "baseApiUrl": "https://api.bitbucket.org",
        "principal": principal,
        "eventType": "installed",
    }
    for path in ("/connect/installed", "/connect/uninstalled"):
        for made_up in ("a.b.c", token("POST", path, secret=CHARLIE_SECRET)):
            answer = client.post(path, data=json.dumps(body), headers={"Authorization": f"JWT {made_up}"})
            assert answer.status_code >= 400


def test_the_times_in_which_flaws_are_mended_are_not_longer_than_atlassians():
    policy = " ".join((ROOT / "SECURITY.md").read_text(encoding="utf-8").split())
    promised = re.search(
        r"Critical findings are mended within (\d+) days, high ones within (\d+), others within (\d+)", policy
    )
    weeks = {"critical": 4, "high": 6, "medium": 8, "low": 25}
    assert promised is not None
    critical, high, others = (int(days) for days in promised.groups())
    assert critical <= weeks["critical"] * 7
    assert high <= weeks["high"] * 7
    assert others <= min(weeks["medium"], weeks["low"]) * 7
