"""Placeholders in module addresses."""

from __future__ import annotations

import pytest

from simulator.connect.context_parameters import SCOPE_OF_OBJECT, fill, look_up, text_of
from simulator.rest.scopes import ALL

REPOSITORY = {
    "uuid": "{0f5c0000-0000-4000-8000-000000000001}",
    "full_name": "acme/paint",
    "is_private": True,
    "size": 12,
    "website": None,
    "owner": {"uuid": "{1}"},
    "links": {"html": {"href": "https://bitbucket.org/acme/paint?a=b&c"}},
}
PULL_REQUEST = {
    "id": 7,
    "title": "Grün & blau",
    "source": {"branch": {"name": "feature/a b"}, "commit": {"hash": "ab"}},
}
CONTEXT = {
    "repository": lambda: REPOSITORY,
    "pullrequest": lambda: PULL_REQUEST,
    "user": lambda: None,
}


def filled(template, scopes=frozenset(ALL)):
    return fill(template, context=CONTEXT, scopes=scopes)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/p?r={repository.uuid}", "/p?r=%7B0f5c0000-0000-4000-8000-000000000001%7D"),
        ("/p?r={repository.full_name}", "/p?r=acme%2Fpaint"),
        ("/p?o={repository.owner.uuid}", "/p?o=%7B1%7D"),
        ("/p?h={repository.links.html.href}", "/p?h=https%3A%2F%2Fbitbucket.org%2Facme%2Fpaint%3Fa%3Db%26c"),
        ("/p?n={pullrequest.id}&s={pullrequest.source.commit.hash}", "/p?n=7&s=ab"),
        ("/p?t={pullrequest.title}", "/p?t=Gr%C3%BCn%20%26%20blau"),
        ("/p?b={pullrequest.source.branch.name}", "/p?b=feature%2Fa%20b"),
        ("/p/{repository.uuid}/x", "/p/%7B0f5c0000-0000-4000-8000-000000000001%7D/x"),
        ("/p?b={repository.is_private}&n={repository.size}", "/p?b=true&n=12"),
        ("/p?plain=1&q=a%20b", "/p?plain=1&q=a%20b"),
        ("/p?q=a b", "/p?q=a%20b"),
    ],
)
def test_a_scalar_at_a_path_takes_the_placeholders_place_encoded(template, expected):
    assert filled(template) == expected


@pytest.mark.parametrize(
    "path",
    [
        "repository.owner",
        "repository.website",
        "repository.nothing.deeper",
        "repository.full_name.deeper",
        "user.uuid",
        "branch.name",
    ],
)
def test_what_is_no_scalar_or_not_there_becomes_nothing(path):
    assert filled(f"/p?x={{{path}}}&y=1") == "/p?x=&y=1"


@pytest.mark.parametrize("name", sorted(SCOPE_OF_OBJECT))
def test_without_the_objects_scope_the_placeholder_stays(name):
    others = ALL - {SCOPE_OF_OBJECT[name]}
    assert filled(f"/p?x={{{name}.uuid}}", scopes=others) == f"/p?x=%7B{name}.uuid%7D"


@pytest.mark.parametrize("name", ["repo_path", "user_username", "app.key", "localBaseUrl"])
def test_names_that_are_no_object_stay(name):
    assert filled(f"/p?x={{{name}}}") == f"/p?x=%7B{name}%7D"


def test_an_object_is_made_only_where_it_is_asked_for():
    asked = []
    context = {"repository": lambda: asked.append("repository") or REPOSITORY, "user": lambda: asked.append("user")}
    fill("/p?r={repository.uuid}", context=context, scopes=ALL)
    assert asked == ["repository"]


def test_a_whole_object_can_be_looked_up():
    assert look_up("repository", context=CONTEXT) is REPOSITORY
    assert look_up("nobody", context=CONTEXT) is None


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (0, "0"), (1.5, "1.5"), ("", ""), (None, ""), ([1], "")]
)
def test_only_scalars_have_a_text(value, text):
    assert text_of(value) == text
