"""Pages that are answered before Flask unpacks the request: the same answers, and Flask's for all that is not plain."""

import pytest
from flask import Flask
from sqlalchemy import select

from models.repositories import Repository
from tests.tenants import ALICE_KEY, uninstall
from tests.web.signing import signed_url
from web import at_hand, quick_pages
from web.quick_pages import QuickPage, QuickPages

ALICE_PAGE = (
    "/panels/repository?repository=%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D"
    "&user=%7Baaaaaaaa-0000-4000-8000-0000000000e1%7D"
)


def small_app(find):
    """An application with one address that is looked for first."""
    app = Flask("small")
    quick_pages.install(app)
    app.add_url_rule("/page", endpoint="page", view_func=lambda: "by Flask", methods=["GET", "POST"])
    quick_pages.add(app, "page", find)
    inner = QuickPages(app.wsgi_app, app)

    def surrounded(environ, start_response):
        token = at_hand.take(at_hand.AtHand(environ, app.extensions))
        try:
            return inner(environ, start_response)
        finally:
            at_hand.lay_down(token)

    app.wsgi_app = surrounded
    return app.test_client()


def test_what_is_found_is_answered_without_flask():
    answer = small_app(lambda: QuickPage(b"found")).get("/page")
    assert (answer.status_code, answer.data, answer.content_length) == (200, b"found", 5)
    assert answer.mimetype == "text/html"


def test_an_answer_without_a_body_has_no_length():
    answer = small_app(lambda: QuickPage(b"", (("ETag", 'W/"x"'),), "304 NOT MODIFIED")).get("/page")
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", 'W/"x"')
    assert "Content-Length" not in answer.headers


def broken():
    raise ValueError("whatever")


@pytest.mark.parametrize("find", [lambda: None, broken], ids=["nothing found", "something raised"])
def test_all_else_is_flasks(find):
    assert small_app(find).get("/page").data == b"by Flask"


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "PUT"])
def test_nothing_is_found_for_another_method(method):
    found = []
    small_app(lambda: found.append(1)).open("/page", method=method)
    assert not found


def test_nothing_is_found_at_another_address():
    assert small_app(lambda: QuickPage(b"found")).get("/page/").status_code == 404


@pytest.fixture
def kept(client, alice, monkeypatch):
    """A page that has been opened once, and a count of the requests that came to Flask since."""
    assert client.get(signed_url(ALICE_PAGE)).status_code == 200
    to_flask = []
    dispatch = client.application.full_dispatch_request
    monkeypatch.setattr(
        client.application, "full_dispatch_request", lambda *given: to_flask.append(1) or dispatch(*given)
    )
    return to_flask


def test_a_kept_page_comes_without_flask_and_looks_the_same(client, kept, monkeypatch):
    quick = client.get(signed_url(ALICE_PAGE))
    assert (quick.status_code, len(kept)) == (200, 0)
    monkeypatch.setattr(QuickPages, "__call__", lambda self, *given: self._application(*given))
    plain = client.get(signed_url(ALICE_PAGE))
    assert len(kept) == 1

    def told(answer):
        return {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}

    assert told(quick) == told(plain)
    assert len(quick.data) == len(plain.data)


def test_a_kept_page_is_logged_and_counted_as_any_other(client, kept, log_entries):
    client.get(signed_url(ALICE_PAGE))
    *_, entry = [entry for entry in log_entries if entry["event"] == "request.finished"]
    assert (entry["path"], entry["status"], entry["method"]) == ("/panels/repository", 200, "GET")
    assert entry["installation"]
    assert not kept


def test_a_refresh_that_would_say_the_same_comes_without_flask(client, kept):
    page = client.get(signed_url(ALICE_PAGE)).get_data(as_text=True)
    token = page.split('name="bittern-page-token" content="')[1].split('"')[0]
    headers = {"Authorization": f"Bearer {token}", "HX-Request": "true"}
    first = client.get("/panels/repository/refresh", headers=headers)
    assert (first.status_code, len(kept)) == (200, 1)
    again = client.get("/panels/repository/refresh", headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, len(kept)) == (304, 1)
    for name in ("ETag", "X-As-Of"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["X-Page-Token"]


@pytest.mark.parametrize("change", ["uninstalled", "forged", "expired"])
def test_whoever_may_not_see_it_any_more_does_not_see_what_is_kept(client, services, alice, kept, clock, change):
    url = signed_url(ALICE_PAGE)
    if change == "uninstalled":
        with services.sessions.begin() as session:
            uninstall(session, ALICE_KEY)
    elif change == "forged":
        url = url[:-3] + ("AAA" if url[-3:] != "AAA" else "BBB")
    else:
        clock.time = clock.time.replace(year=clock.time.year + 1)
    assert client.get(url).status_code == 401
    assert len(kept) == 1


def test_what_is_kept_for_one_is_not_found_for_another(client, kept):
    other = ALICE_PAGE.replace("e1%7D", "e2%7D")
    assert client.get(signed_url(other)).status_code == 200
    assert len(kept) == 1


def test_what_has_changed_since_is_not_found(client, services, alice, kept):
    with services.sessions.begin() as session:
        repository = session.scalars(select(Repository).where(Repository.installation_id == alice.id)).one()
        repository.version += 1
    assert client.get(signed_url(ALICE_PAGE)).status_code == 200
    assert len(kept) == 1
