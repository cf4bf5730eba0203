"""Security headers: on every answer, whatever it is; framing by Bitbucket's panels alone."""

import pytest

from tests.web.signing import signed_url
from web.security_headers import policies

EVERYWHERE = [
    ("GET", "/", 200),
    ("GET", "/atlassian-connect.json", 200),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/metrics", 401),
    ("GET", "/panels/repository", 401),
    ("GET", "/panels/repository/refresh", 401),
    ("GET", "/pages/repository", 401),
    ("GET", "/connect/welcome", 200),
    ("POST", "/connect/installed", 400),
    ("POST", "/connect/uninstalled", 400),
    ("POST", "/connect/webhook", 401),
    ("GET", "/connect/webhook", 405),
    ("GET", "/static/bittern.css", 200),
    ("GET", "/static/nothing.css", 404),
    ("GET", "/nothing", 404),
    ("DELETE", "/", 405),
]


@pytest.fixture(params=EVERYWHERE, ids=lambda one: f"{one[0]} {one[1]}")
def answer(request, client):
    method, path, status = request.param
    answer = client.open(path, method=method, data=b"", headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    return answer


def directives(answer):
    parts = (part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    return dict(parts)


def test_the_headers_that_never_change(answer):
    headers = answer.headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert int(headers["Strict-Transport-Security"].removeprefix("max-age=")) >= 31_536_000
    assert "X-Frame-Options" not in headers
    assert "X-Powered-By" not in headers
    assert "Set-Cookie" not in headers


def test_nothing_but_static_files_is_ever_stored(answer):
    stored = answer.request.path.startswith("/static/") and answer.status_code == 200
    kept = set(answer.headers["Cache-Control"].replace(",", " ").split())

    assert stored or {"no-cache", "no-store"} <= kept


def test_only_what_bitbucket_frames_may_be_framed_and_by_bitbucket_alone(answer):
    framed = answer.request.path.startswith(("/panels/", "/pages/", "/connect/welcome"))

    assert directives(answer)["frame-ancestors"] == ("https://bitbucket.org" if framed else "'none'")


def test_nothing_runs_inline(answer):
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert directives(answer)["default-src"] == "'none'"
    assert directives(answer)["base-uri"] == "'none'"
    body = answer.get_data(as_text=True)
    if answer.mimetype == "text/html":
        assert " style=" not in body
        assert "<style" not in body
        assert " onclick" not in body


def test_the_policy_of_a_panel_is_the_one_that_is_written_down(client):
    found = directives(client.get("/panels/repository"))

    assert found == {
        "default-src": "'none'",
        "script-src": "'self' https://bitbucket.org https://connect-cdn.atl-paas.net",
        "style-src": "'self' https://connect-cdn.atl-paas.net",
        "img-src": "'self' data: https://bitbucket.org https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net",
        "connect-src": "'self'",
        "frame-ancestors": "https://bitbucket.org",
        "base-uri": "'none'",
        "form-action": "'self'",
    }


def test_a_simulator_takes_the_place_of_bitbucket_in_every_directive(make_app):
    app = make_app(
        demo=True, base_url="http://127.0.0.1:8080", site_url="http://127.0.0.1:7990", api_url="http://127.0.0.1:7990"
    )

    found = directives(app.test_client().get("/panels/repository"))

    assert found["frame-ancestors"] == "http://127.0.0.1:7990"
    assert found["script-src"] == "'self' http://127.0.0.1:7990"
    assert found["style-src"] == "'self' http://127.0.0.1:7990"


def test_a_page_of_our_own_has_no_script_at_all():
    assert "script-src" not in policies(site_origin="https://bitbucket.org").page


def test_every_address_of_a_panel_is_allowed_by_its_policy(client, alice):
    page = client.get(signed_url("/connect/welcome")).get_data(as_text=True)

    assert 'src="https://bitbucket.org/atlassian-connect/all.js"' in page
    assert page.count("https://") == page.count("https://bitbucket.org")
