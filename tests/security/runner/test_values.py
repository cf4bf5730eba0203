"""Tests of the `$…` values."""

from __future__ import annotations

import base64
import uuid

import pytest

from tests.security.recipes.errors import NotUnderstood, RecipeError
from tests.security.recipes.values import call_in, expand, split_arguments
from tests.security.runner.conftest import NOW


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$now", NOW),
        ("$now+3600", NOW + 3600),
        ("$now-31536300", NOW - 31_536_300),
        ("$now+L", NOW + 60),
        ("$now-L-10", NOW - 70),
        ("$str($now+180)", str(NOW + 180)),
        ("$qsh", "a" * 64),
        ("$upper($qsh)", "A" * 64),
        ("$prefix($qsh,32)", "a" * 32),
        ("$repeat(ab,3)", "ababab"),
        ("$B.client_key", "connection:2002"),
        ("$B.pr_id", 77),
        ("$app.key", "example-addon"),
        ("$nobrace($B.workspace_uuid)", "bbbbbbbb-0000-4000-8000-000000000001"),
        ("$pct($B.workspace_uuid)", "%7Bbbbbbbbb-0000-4000-8000-000000000001%7D"),
        ("$upper($nobrace($B.workspace_uuid))", "BBBBBBBB-0000-4000-8000-000000000001"),
        ("JWT $token(B)", "JWT token-of-B"),
        ("$B.client_key ", "connection:2002 "),
        ("/api/repo/$nobrace($B.repo_open)/pr/$B.pr_id", "/api/repo/bbbbbbbb-0000-4000-8000-0000000000b1/pr/77"),
        ("' OR 1=1 --", "' OR 1=1 --"),
        ("${7*7}", "${7*7}"),
        ("", ""),
    ],
)
def test_it_expands(text, value, scope):
    assert expand(text, scope) == value


def test_it_expands_inside_objects_and_lists_and_leaves_their_keys_alone(scope):
    value = {"aud": ["$B.client_key"], "sub": {"$ne": 1}, "x": None, "y": 1e308}
    assert expand(value, scope) == {"aud": ["connection:2002"], "sub": {"$ne": 1}, "x": None, "y": 1e308}


def test_a_uuid_is_fresh_each_time(scope):
    first, second = expand("$uuid", scope), expand("$uuid", scope)
    assert uuid.UUID(str(first)) != uuid.UUID(str(second))


def test_a_secret_can_be_spelled_as_base64(scope):
    spelled = str(expand("$b64(attacker)", scope))
    assert base64.urlsafe_b64decode(spelled + "=" * (-len(spelled) % 4)).decode() == scope.cast.attacker_secret


@pytest.mark.parametrize("text", ["$nonsense", "$C.client_key", "$A.no_such_field", "$nonsense(1)"])
def test_a_word_that_it_does_not_know_is_an_error(text, scope):
    with pytest.raises(NotUnderstood):
        expand(text, scope)


def test_a_parenthesis_that_is_never_closed_is_an_error(scope):
    with pytest.raises(RecipeError):
        expand("$upper($qsh", scope)


def test_arguments_are_split_outside_of_inner_parentheses():
    assert split_arguments("A, new_secret=A.secret_new, x=$upper(a,b), y=[1,2]") == [
        "A",
        "new_secret=A.secret_new",
        "x=$upper(a,b)",
        "y=[1,2]",
    ]
    assert split_arguments("") == []


def test_a_call_is_read_only_where_nothing_else_stands():
    assert call_in("$install(A, key=x)") == ("install", ["A", "key=x"])
    assert call_in("$gzipbomb") == ("gzipbomb", [])
    assert call_in("$install(A) ") is None
    assert call_in("install(A)") is None
