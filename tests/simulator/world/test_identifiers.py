"""Identifiers: their shapes, and that the same parts give the same ones."""

import re

import pytest

from simulator.world.identifiers import account_id_for, braced, slug_of, uuid_for

UUID = re.compile(r"\{[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\}")


def test_the_same_parts_give_the_same_uuid_and_others_another():
    assert uuid_for(1, "user", "ada") == uuid_for(1, "user", "ada")
    assert len({uuid_for(1, "user", "ada"), uuid_for(2, "user", "ada"), uuid_for(1, "userada")}) == 3


def test_uuids_travel_in_braces_and_lower_case():
    assert UUID.fullmatch(uuid_for("x"))


def test_account_ids_have_a_number_and_a_uuid():
    number, _, uuid = account_id_for("x").partition(":")
    assert number.isdecimal()
    assert UUID.fullmatch("{" + uuid + "}")
    assert account_id_for("x") == account_id_for("x") != account_id_for("y")


@pytest.mark.parametrize(
    "text",
    [
        "21fa9bf8-b5b2-4891-97ed-d590bad0f871",
        "{21FA9BF8-b5b2-4891-97ed-d590bad0f871}",
        "21FA9BF8-B5B2-4891-97ED-D590BAD0F871",
    ],
)
def test_a_uuid_is_known_with_and_without_braces_in_either_case(text):
    assert braced(text) == "{21fa9bf8-b5b2-4891-97ed-d590bad0f871}"


@pytest.mark.parametrize("text", ["", "shells", "{}", "21fa9bf8b5b2489197edd590bad0f871", "{21fa9bf8-b5b2-4891-97ed}"])
def test_anything_else_is_no_uuid(text):
    assert braced(text) is None


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Sea Anemones", "sea-anemones"), ("a/b c", "a-b-c"), ("x.y_z", "x.y_z"), ("Ö!", "repository"), ("-x-", "x")],
)
def test_slugs_are_what_bitbucket_would_make(name, slug):
    assert slug_of(name) == slug
