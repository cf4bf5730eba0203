"""The exception tree: who descends from whom, what each carries, and that the tree in the docstring is the tree."""

from __future__ import annotations

import inspect

import pytest

from connect import errors
from connect.errors import (
    ConnectError,
    DescriptorInvalid,
    HandlersIncomplete,
    IdentifierInvalid,
    PayloadInvalid,
    Reason,
    TokenRefused,
)

EXCEPTIONS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_everything_descends_from_one_root_and_stands_in_the_picture(kind):
    assert issubclass(kind, ConnectError)
    assert kind.__name__ in errors.__doc__


def test_a_refused_token_carries_its_reason_alone():
    refused = TokenRefused(Reason.AUTH_EXPIRED)
    assert (refused.reason, str(refused)) == ("auth.expired", "auth.expired")


def test_an_invalid_payload_carries_a_reason_and_a_sentence():
    invalid = PayloadInvalid(Reason.LIFECYCLE_WRONG_APP, "key is not the key of this app")
    assert (invalid.reason, invalid.message) == ("lifecycle.wrong_app", "key is not the key of this app")
    assert str(invalid) == "lifecycle.wrong_app: key is not the key of this app"


def test_an_invalid_identifier_is_a_value_error_too():
    assert isinstance(IdentifierInvalid("x"), ValueError)


def test_incomplete_handlers_name_the_events():
    incomplete = HandlersIncomplete(undeclared=("repo:push",), unheard_of=("repo:psuh",))
    assert "repo:push" in str(incomplete)
    assert "repo:psuh" in str(incomplete)


def test_an_invalid_descriptor_says_every_problem():
    invalid = DescriptorInvalid(("Add `key`.", "Add `name`."))
    assert invalid.problems == ("Add `key`.", "Add `name`.")
    assert str(invalid) == "Add `key`. Add `name`."


def test_reason_codes_are_unique_constants_of_one_family():
    assert len({reason.value for reason in Reason}) == len(list(Reason))
    assert {reason.partition(".")[0] for reason in Reason} == {"auth", "input", "lifecycle", "webhook"}
    assert all(reason.value == reason.name.lower().replace("_", ".", 1) for reason in Reason)
