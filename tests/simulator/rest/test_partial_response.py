"""The three modes of `fields`, wildcards, and condensed objects made whole."""

from __future__ import annotations

import pytest

from simulator.rest.partial_response import apply

BODY = {
    "type": "x",
    "owner": {"name": "o", "links": {"self": {"href": "s"}, "html": {"href": "h"}}},
    "links": {"self": {"href": "s"}, "html": {"href": "h"}},
    "values": [{"id": 1, "secret": {"a": 1}, "tags": ["x"]}, {"id": 2, "secret": None, "tags": []}],
}
HIDDEN = ("values.secret",)


@pytest.mark.parametrize("fields", [None, "", " , "])
def test_without_a_wish_all_but_the_hidden_is_there(fields):
    body = apply(BODY, fields, hidden=HIDDEN)
    assert body["values"] == [{"id": 1, "tags": ["x"]}, {"id": 2, "tags": []}]
    assert set(body) == set(BODY)


class TestRemoval:
    def test_a_field_goes(self):
        assert "links" not in apply(BODY, "-links")

    def test_a_deep_one_goes_and_its_neighbours_stay(self):
        assert apply(BODY, "-owner.links.html")["owner"] == {"name": "o", "links": {"self": {"href": "s"}}}

    def test_it_goes_from_every_element_of_a_list(self):
        assert apply(BODY, "-values.tags,-values.secret")["values"] == [{"id": 1}, {"id": 2}]

    def test_a_wildcard_empties_one_level(self):
        assert apply(BODY, "-links.*")["links"] == {}

    def test_a_wildcard_in_the_middle_reaches_below(self):
        assert apply(BODY, "-links.*.href")["links"] == {"self": {}, "html": {}}

    @pytest.mark.parametrize("fields", ["-nope", "-owner.nope.deeper", "-type.x"])
    def test_what_is_not_there_is_not_missed(self, fields):
        assert apply(BODY, fields) == BODY


class TestAddition:
    def test_the_hidden_comes_out_and_the_default_stays(self):
        body = apply(BODY, "+values.secret", hidden=HIDDEN)
        assert body["values"] == [
            {"id": 1, "tags": ["x"], "secret": {"a": 1}},
            {"id": 2, "tags": [], "secret": None},
        ]
        assert body["owner"] == BODY["owner"]

    def test_an_unescaped_plus_is_a_space_and_matches_nothing(self):
        assert apply(BODY, " nope", hidden=HIDDEN) == {}

    def test_removal_of_all_and_addition_of_some(self):
        assert apply(BODY, "-*,+type,+owner.name") == {"type": "x", "owner": {"name": "o"}}


class TestNaming:
    def test_only_what_is_named_is_there(self):
        assert apply(BODY, "type,owner.name") == {"type": "x", "owner": {"name": "o"}}

    def test_two_wishes_into_one_list_come_together(self):
        assert apply(BODY, "values.id,values.tags") == {"values": [{"id": 1, "tags": ["x"]}, {"id": 2, "tags": []}]}

    def test_the_hidden_may_be_named(self):
        assert apply(BODY, "values.secret.a", hidden=HIDDEN) == {"values": [{"secret": {"a": 1}}, {"secret": None}]}

    def test_a_wildcard_names_a_whole_level(self):
        assert apply(BODY, "links.*.href") == {"links": {"self": {"href": "s"}, "html": {"href": "h"}}}

    def test_everything_is_everything_hidden_or_not(self):
        assert apply(BODY, "*", hidden=HIDDEN) == BODY

    def test_a_removal_among_names_takes_away_from_them(self):
        assert apply(BODY, "owner,-owner.links") == {"owner": {"name": "o"}}

    def test_what_is_not_there_is_not_there(self):
        assert apply(BODY, "nope,type") == {"type": "x"}


class TestExpansion:
    @staticmethod
    def expand(value):
        return value | {"age": 7} if "name" in value else None

    def test_a_wish_into_a_condensed_object_makes_it_whole_first(self):
        body = apply(BODY, "+owner.age", expand=self.expand)
        assert body["owner"] == BODY["owner"] | {"age": 7}

    def test_a_name_too(self):
        assert apply(BODY, "owner.age", expand=self.expand) == {"owner": {"age": 7}}

    def test_what_is_there_is_taken_as_it_is(self):
        assert apply(BODY, "owner.name", expand=lambda _: {"name": "other"}) == {"owner": {"name": "o"}}


def test_the_body_itself_is_never_changed():
    before = repr(BODY)
    apply(BODY, "-values.id,+owner.name", hidden=HIDDEN)
    assert repr(BODY) == before
