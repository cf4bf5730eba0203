"""Every route of ours, with whatever a sender can put into a request: never an answer of 5xx, never a secret.

The routes are read from the application, so a new one is fuzzed from its first day. A third of the requests is signed by
Bitbucket and a third carries a token of our own pages, since most code stands behind those. `--fuzz-examples` asks for more
examples than the few that a usual run has.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connect.tokens import PageClaims
from models import repositories
from models.repositories import RepositoryFacts
from tests.house_figures import ROOT
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_SECRET, ALICE_WORKSPACE, BOB, CHARLIE_REPOSITORY, NOON
from tests.web.signing import token
from web import page_tokens

FEW_EXAMPLES = 60
TEMPLATES = ROOT / "templates"
PURPOSES = ("pulse", "turn", "repository", "repository-link", "setup", "welcome")
# Names that some page reads, beside those that it is given: filters, choices, forms.
NAMES = (
    "repository", "user", "jwt", "tab", "link", "page_token", "window", "branch", "size", "series", "clock", "path", "show",
    "figure", "class", "commit", "revision", "pull_request", "search", "do", "delivery",
    *sorted({name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'name="([a-z_]+)"', path.read_text())}),
)  # fmt: skip
VALUES = (
    "", "0", "-1", "1", "7", "9" * 40, "1e309", "NaN", "true", "null", "[]", "{}", "main", "feature/*", "**", "[", "(?P<", "\x00",
    "\ud800", "\u202e", "é", "a" * 5_000, "../../etc/passwd", "' OR 1=1 --", "<script>", "%00", "%ff", "=1+1", "2026-02-30",
    "2026-11-23", "2026-11-01..2026-11-23", "Europe/Zurich", "Mars/Olympus", "BEGIN:VCALENDAR\r\nEND:VCALENDAR",
    ALICE_REPOSITORY, CHARLIE_REPOSITORY, ALICE_WORKSPACE, BOB, ALICE_KEY, "deadbeef" * 5,
)  # fmt: skip

texts = st.one_of(st.sampled_from(VALUES), st.text(max_size=20))
pairs = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), texts), max_size=5)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.one_of(st.sampled_from(NAMES), texts), inner, max_size=4)
    ),
    max_leaves=8,
)
bodies = st.one_of(
    st.binary(max_size=60).map(lambda raw: (raw, "application/json")),
    documents.map(lambda value: (json.dumps(value).encode(), "application/json")),
    pairs.map(lambda form: (urlencode(form, errors="surrogatepass").encode(), "application/x-www-form-urlencoded")),
    st.tuples(st.binary(max_size=60), st.sampled_from(["text/plain", "multipart/form-data; boundary=x", "", "x/y"])),
)
headers = st.dictionaries(
    st.sampled_from(
        [
            "X-Event-Key",
            "X-Request-UUID",
            "X-Event-Time",
            "If-None-Match",
            "HX-Request",
            "X-Refresh",
            "Accept",
            "Accept-Encoding",
            "Accept-Language",
            "Content-Encoding",
            "Sec-Fetch-Site",
            "Origin",
            "Range",
            "X-Forwarded-For",
            "X-Request-Id",
        ]
    ),
    st.text(alphabet=st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=30),
    max_size=4,
)


@pytest.fixture
def fuzzed(make_app):
    """The application with a workspace, a repository in it, and a Bitbucket that knows nothing."""
    from tests.tenants import alice_offer, install

    app = make_app()
    services = app.extensions["bittern.services"]
    with services.sessions.begin() as session:
        installation = install(session, alice_offer(), box=services.secret_box)
        facts = RepositoryFacts(ALICE_REPOSITORY, ALICE_WORKSPACE, "heron", "Heron", "alice/heron", True, "main")
        repositories.record(session, installation, facts, as_of=NOON, now=NOON)
    return app


def routes_of(app):
    return sorted(
        {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods - {"OPTIONS", "HEAD"}}
    )


def own_token(app, purpose):
    with app.test_request_context("/"):
        return page_tokens.issue(PageClaims(ALICE_KEY, ALICE_REPOSITORY, BOB, purpose))


def signed(target, method, *, is_page):
    """The request as Bitbucket would sign it, whatever is in it."""
    if is_page:
        return f"{target}{'&' if '?' in target else '?'}jwt={token(method, target)}", {}
    return target, {"Authorization": f"JWT {token(method, target)}"}


@pytest.mark.fault("S2")
def test_no_route_fails_whatever_it_is_sent(fuzzed, request):
    examples = request.config.getoption("--fuzz-examples") or FEW_EXAMPLES
    client = fuzzed.test_client()
    routes = routes_of(fuzzed)
    own = {purpose: own_token(fuzzed, purpose) for purpose in PURPOSES}

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        route=st.sampled_from(routes),
        query=pairs,
        body=bodies,
        extra=headers,
        by=st.sampled_from(["nobody", "bitbucket", *PURPOSES]),
        about=st.booleans(),
        rest=texts,
    )
    def every_route(*, route, query, body, extra, by, about, rest):
        method, rule = route
        path = "/".join(
            quote(rest, safe="", errors="surrogatepass") if "<" in part else part for part in rule.split("/")
        )
        mine = [("repository", ALICE_REPOSITORY), ("user", BOB)] if about else []
        encoded = urlencode([*mine, *query], errors="surrogatepass")
        target = f"{path}?{encoded}" if encoded else path
        sent = dict(extra)
        content, content_type = body if method != "GET" else (b"", "")
        if by == "bitbucket":
            target, tokens = signed(target, method, is_page=method == "GET")
            sent |= tokens
        elif by in own:
            sent["Authorization"] = f"Bearer {own[by]}"
            if method == "POST" and "form" in content_type:
                content += b"&page_token=" + own[by].encode()
        answer = client.open(target, method=method, data=content, headers=sent, content_type=content_type or None)
        text = answer.get_data(as_text=True)
        # A Bitbucket that knows nothing may be told of: 503. A fault of ours may not.
        assert answer.status_code < 500 or answer.status_code == 503, f"{method} {target[:200]}: {answer.status_code}"
        assert ALICE_SECRET not in text
        assert "Traceback" not in text

    every_route()
