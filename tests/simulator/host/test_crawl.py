"""Every link of every page leads somewhere, for whoever looks; and nobody is led to what they may not see."""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

LINK = re.compile(r'<(?:a|link|img|script)\b[^>]*?\s(?:href|src)="([^"]+)"')
MOST_PAGES = 400
ADMIN = {"key": "admin", "name": {"value": "Admin"}, "url": "/admin", "location": "org.bitbucket.repository.admin"}


def links_of(text, address):
    """The addresses of this site that a page names, fragments left out."""
    found = {urldefrag(urljoin(address, unescape(link)))[0] for link in LINK.findall(text)}
    return {link for link in found if not urlsplit(link).netloc}


def crawl(site, start="/"):
    """Address -> status and text of everything that can be reached by links."""
    seen, waiting = {}, deque([start])
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.popleft()
        if address in seen:
            continue
        answer = site.client.get(address, buffered=True)
        text = answer.text if answer.mimetype == "text/html" else ""
        seen[address] = (answer.status_code, text)
        waiting.extend(sorted(links_of(text, address) - seen.keys()))
    return seen


@pytest.fixture
def furnished(site):
    """An app with a page of every kind, and a public repository beside the private ones."""
    document = site.install().descriptor.document
    site.install(modules={**document["modules"], "adminPages": [ADMIN]})
    return site


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "dana", None])
def test_every_link_leads_somewhere(furnished, name):
    furnished.view_as(getattr(furnished.cast, name) if name else None)
    seen = crawl(furnished)
    assert {address: status for address, (status, _) in seen.items() if status >= 400} == {}
    assert len(seen) > 5


def test_an_owner_reaches_every_kind_of_page(furnished):
    furnished.view_as(furnished.cast.alice)
    reached = " ".join(crawl(furnished))
    for path in (
        "/acme/paint/pull-requests/1",
        "/acme/paint/pull-requests/new",
        "/acme/paint/src/main/src/walls.py",
        f"/acme/paint/commits/{furnished.cast.pull_request.source_hash}",
        "/acme/paint/addon/stand-in/whole",
        "/acme/paint/admin/addon/stand-in/admin",
        "/acme/workspace/settings/addon/stand-in/configure",
    ):
        assert path in reached


@pytest.mark.parametrize("name", ["charlie", "dana", None])
def test_nobody_is_led_to_what_they_may_not_see(furnished, name):
    furnished.view_as(getattr(furnished.cast, name) if name else None)
    for address, (_, text) in crawl(furnished).items():
        assert "/acme/paint" not in address
        assert "/acme/paint" not in text
        assert "Paint the doors" not in text
        assert furnished.cast.paint.uuid not in text


@pytest.mark.parametrize("name", ["charlie", None])
def test_a_page_that_may_not_be_seen_answers_as_one_that_is_not_there(furnished, name):
    furnished.view_as(furnished.cast.alice)
    pages = [address for address in crawl(furnished) if address.startswith("/acme/paint")]
    furnished.view_as(getattr(furnished.cast, name) if name else None)
    answers = {address: furnished.client.get(address, buffered=True).status_code for address in pages}
    assert set(answers.values()) == {404}, answers


def test_an_app_is_told_only_of_pages_that_the_viewer_may_see(furnished):
    """Signed addresses are proof that somebody may see a repository: none is made for somebody who may not."""
    furnished.view_as(furnished.cast.charlie)
    for _, text in crawl(furnished).values():
        assert "jwt=" not in text
