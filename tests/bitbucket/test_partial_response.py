"""The three modes of `fields`, and page sizes."""

from __future__ import annotations

import pytest

from bitbucket.page_sizes import most_per_page
from bitbucket.partial_response import both, collection, minus, only, plus, under


def test_bare_names_ask_for_nothing_but_these():
    assert only("uuid", "links.html.href") == "uuid,links.html.href"


def test_plus_adds_to_the_default():
    assert plus("values.participants", "values.reviewers") == "+values.participants,+values.reviewers"


def test_minus_takes_away_from_it():
    assert minus("values.links", "values.*.links") == "-values.links,-values.*.links"


def test_the_modes_can_be_mixed():
    assert both(minus("*"), plus("id")) == "-*,+id"
    assert both("", plus("id")) == "+id"


def test_a_star_shows_everything():
    assert only("*") == "*"


def test_a_collection_keeps_what_paging_needs():
    assert collection("uuid") == "next,size,page,pagelen,values.uuid"


def test_paths_can_be_nested():
    assert under("author.user", "uuid", "links.avatar.href") == ("author.user.uuid", "author.user.links.avatar.href")


@pytest.mark.parametrize("path", ["", "a,b", "a b", "+a", "-a", "a..b", ".a", "a.", "a&q=x", "a**", "ä", "a\n"])
@pytest.mark.parametrize("mode", [only, plus, minus, collection])
def test_what_is_no_path_cannot_slip_in(path, mode):
    with pytest.raises(ValueError, match="path of members"):
        mode(path)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/2.0/repositories/a/b/pullrequests", 50),
        ("/2.0/repositories/a/b/pullrequests?state=OPEN", 50),
        ("/2.0/repositories/a/b/pullrequests/", 50),
        ("/2.0/pullrequests/%7Bx%7D", 50),
        ("/2.0/repositories/a/b/pullrequests/activity", 50),
        ("/2.0/repositories/a/b/pullrequests/7/activity", 50),
        ("/2.0/repositories/a/b/commit/abc/pullrequests", 50),
        ("/2.0/repositories/a/b/pullrequests/7/comments", 100),
        ("/2.0/repositories/a/b/refs/branches", 100),
        ("/2.0/repositories/a", 100),
    ],
)
def test_a_page_is_as_large_as_its_collection_allows(path, most):
    assert most_per_page(path) == most
