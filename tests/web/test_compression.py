"""Pages travel compressed where the browser takes that."""

import gzip

import pytest

from tests.web.signing import signed_url
from web.compression import SplicedPage

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


@pytest.mark.parametrize("middle", ["", "token", "x" * 65_535], ids=["nothing", "token", "longest"])
def test_a_spliced_page_is_the_page_with_something_in_its_places(middle):
    page = "<p>Whose turn</p>" * 100 + "A" + "<p>since noon ü</p>" * 100 + "BA" + "<p>and more</p>" * 100

    spliced = SplicedPage(page, ("A", "B")).compressed({"A": middle, "B": "other"})

    assert gzip.decompress(spliced).decode() == page.replace("B", "other").replace("A", middle)
    assert len(spliced) < 2 * len(middle) + 400


def test_a_page_without_places_is_spliced_of_nothing_else():
    assert gzip.decompress(SplicedPage("<p>as it is</p>", ("A",)).compressed({"A": "x"})) == b"<p>as it is</p>"


def test_what_is_too_long_for_its_place_is_refused():
    with pytest.raises(ValueError, match="65,535"):
        SplicedPage("aXb", ("X",)).compressed({"X": "x" * 65_536})
