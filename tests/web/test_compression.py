"""Pages travel compressed where the browser takes that."""

import gzip

import pytest

from tests.web.signing import signed_url

LONG = "/panels/repository?repository=%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D&user=%7Baaaaaaaa-0000-4000-8000-0000000000e1%7D"


@pytest.fixture
def page(client, alice):
    return lambda **headers: client.get(signed_url(LONG), headers=headers)


def test_a_page_travels_compressed(page):
    answer = page(**{"Accept-Encoding": "gzip, br"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(answer.data)
    assert int(answer.headers["Content-Length"]) == len(answer.data) < 5_000


def test_a_browser_that_does_not_take_it_gets_it_plain(page):
    for accepted in ("", "gzip;q=0", "br"):
        answer = page(**{"Accept-Encoding": accepted})
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_what_is_small_or_no_page_is_left_as_it_is(client):
    for path in ("/healthz", "/atlassian-connect.json"):
        assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip"}).headers
