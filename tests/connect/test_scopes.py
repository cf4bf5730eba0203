"""Scopes: which imply which, and what of a descriptor needs which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect.scopes import KNOWN_SCOPES, SCOPE_OF_CONDITION, SCOPE_OF_CONTEXT, implied_by, scope_of_event
from connect.webhooks import KNOWN_EVENTS


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("account", {"account"}),
        ("account:write", {"account", "account:write"}),
        ("repository:write", {"repository", "repository:write"}),
        ("repository:admin", {"repository:admin"}),
        ("repository:delete", {"repository:delete"}),
        ("pullrequest", {"pullrequest", "repository"}),
        ("pullrequest:write", {"pullrequest:write", "pullrequest", "repository:write", "repository"}),
        ("project", {"project", "repository"}),
        ("project:write", {"project:write", "project", "repository"}),
        ("project:admin", {"project:admin"}),
        ("pipeline:variable", {"pipeline:variable"}),
        ("unknown", {"unknown"}),
    ],
)
def test_a_scope_grants_what_it_implies(scope, granted):
    assert implied_by([scope]) == granted


def test_no_scope_grants_nothing():
    assert implied_by([]) == frozenset()


@given(st.lists(st.sampled_from(sorted(KNOWN_SCOPES))), st.lists(st.sampled_from(sorted(KNOWN_SCOPES))))
def test_implication_is_a_closure(some, others):
    assert set(some) <= implied_by(some) <= KNOWN_SCOPES
    assert implied_by(implied_by(some)) == implied_by(some)
    assert implied_by(some + others) == implied_by(some) | implied_by(others)


@pytest.mark.parametrize("event", sorted(KNOWN_EVENTS))
def test_every_event_needs_a_known_scope(event):
    assert scope_of_event(event) in KNOWN_SCOPES


@pytest.mark.parametrize("event", ["*", "", "custom:event"])
def test_other_events_need_none(event):
    assert scope_of_event(event) is None


def test_context_objects_and_conditions_need_known_scopes():
    assert set(SCOPE_OF_CONTEXT.values()) <= KNOWN_SCOPES
    assert set(SCOPE_OF_CONDITION.values()) <= KNOWN_SCOPES | {None}
