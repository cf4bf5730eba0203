"""Pages as a query describes them."""

from __future__ import annotations

import pytest

from simulator.panels import page_of, viewer_of
from simulator.world.errors import Missing


def test_a_page_is_put_together_from_names(cast):
    page = page_of(
        cast.world,
        {
            "workspace": "acme",
            "repository": cast.paint.uuid,
            "pull_request": "1",
            "branch": "main",
            "commit": "abc",
            "file": "a/b",
            "user": "bob",
            "target_user": "alice",
        },
    )
    assert (page.workspace, page.repository, page.pull_request) == (cast.acme, cast.paint, cast.pull_request)
    assert (page.branch, page.commit, page.file) == ("main", "abc", "a/b")
    assert (page.viewer, page.target_user) == (cast.bob, cast.alice)


def test_a_page_can_be_about_a_workspace_alone(cast):
    page = page_of(cast.world, {"workspace": "acme"})
    assert (page.repository, page.pull_request, page.target_user) == (None, None, None)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"workspace": "nobody"},
        {"workspace": "acme", "repository": "nothing"},
        {"workspace": "acme", "repository": "paint", "pull_request": "9"},
        {"workspace": "acme", "repository": "paint", "pull_request": "one"},
        {"workspace": "acme", "pull_request": "1"},
        {"workspace": "acme", "user": "zoe"},
        {"workspace": "acme", "repository": "paint", "user": "charlie"},
        {"workspace": "acme", "repository": "paint", "user": "anonymous"},
    ],
)
def test_what_is_not_there_or_not_for_this_viewer_is_missing(cast, query):
    with pytest.raises(Missing):
        page_of(cast.world, query)


def test_everybody_sees_what_is_public(cast):
    cast.paint.is_private = False
    for user in ("charlie", "anonymous"):
        assert page_of(cast.world, {"workspace": "acme", "repository": "paint", "user": user}).repository is cast.paint


def test_who_looks_is_named_or_nobody_or_an_owner(cast):
    assert viewer_of(cast.world, cast.acme, "bob") is cast.bob
    assert viewer_of(cast.world, cast.acme, "anonymous") is None
    assert viewer_of(cast.world, cast.acme, None) is cast.alice
    assert viewer_of(cast.world, cast.acme, "") is cast.alice
