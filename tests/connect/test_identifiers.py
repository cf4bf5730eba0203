"""UUIDs in one spelling, and the keys that name an installation."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect.errors import IdentifierInvalid, PayloadInvalid
from connect.identifiers import canonical_uuid, is_client_key, uuid_within_client_key

PLAIN = "0f5c0000-aaaa-4bbb-8ccc-dddddddddddd"
CANONICAL = "{0f5c0000-aaaa-4bbb-8ccc-dddddddddddd}"


@pytest.mark.parametrize(
    "text",
    [CANONICAL, PLAIN, PLAIN.upper(), CANONICAL.upper(), f"%7B{PLAIN}%7D", f"%7b{PLAIN}%7d", f"%7B{PLAIN.upper()}%7d"],
)
def test_every_spelling_of_bitbucket_s_is_one_uuid(text):
    assert canonical_uuid(text) == CANONICAL


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "{" + PLAIN,
        PLAIN + "}",
        "%7B" + PLAIN,
        "{" + PLAIN + "%7D",
        "%7B" + PLAIN + "}",
        "{{" + PLAIN + "}}",
        " " + PLAIN,
        PLAIN + "\n",
        CANONICAL + " ",
        PLAIN.replace("-", ""),
        PLAIN[:-1],
        PLAIN + "0",
        PLAIN.replace("0", "g"),
        PLAIN.replace("0", "\u0660"),
        "%257B" + PLAIN + "%257D",
        "urn:uuid:" + PLAIN,
        "../" + PLAIN,
        None,
        1,
        True,
        b"0f5c0000-aaaa-4bbb-8ccc-dddddddddddd",
        [CANONICAL],
        uuid.UUID(PLAIN),
    ],
)
def test_anything_else_is_no_uuid(text):
    with pytest.raises(IdentifierInvalid):
        canonical_uuid(text)


def test_the_refusal_is_a_payload_s_and_a_value_s():
    with pytest.raises(ValueError, match="UUID") as caught:
        canonical_uuid("alice")
    assert isinstance(caught.value, PayloadInvalid)
    assert caught.value.reason == "input.identifier"


@given(st.uuids())
def test_canonical_is_a_fixed_point(value):
    assert canonical_uuid(str(value)) == canonical_uuid(canonical_uuid(str(value))) == "{" + str(value) + "}"


@given(st.text() | st.none() | st.integers())
def test_no_value_raises_anything_else(value):
    try:
        assert canonical_uuid(value).startswith("{")
    except IdentifierInvalid as refused:
        assert refused.message  # noqa: PT017 - either outcome is right


def test_a_client_key_has_at_most_255_characters():
    assert is_client_key("a" * 255)
    assert not is_client_key("a" * 256)


@pytest.mark.parametrize(
    ("client_key", "expected"),
    [
        (f"ari:cloud:bitbucket::app/{CANONICAL}/bittern", CANONICAL),
        (f"ari:cloud:bitbucket::app/{PLAIN.upper()}/bittern", CANONICAL),
        (f"ari:cloud:bitbucket::app/%7B{PLAIN}%7D/bittern", CANONICAL),
        (f"ari:cloud:bitbucket::app/{CANONICAL}/a/b", CANONICAL),
        (f"ari:cloud:bitbucket::app/{CANONICAL}", None),
        (f"ari:cloud:bitbucket::app/{CANONICAL}/", None),
        ("ari:cloud:bitbucket::app/acme/bittern", None),
        (f"ari:cloud:jira::app/{CANONICAL}/bittern", None),
        ("connection:479", None),
        ("", None),
    ],
)
def test_an_app_s_client_key_may_embed_a_uuid(client_key, expected):
    assert uuid_within_client_key(client_key) == expected


@pytest.mark.parametrize(
    "key", ["../../x", "a..b", "a/../b", "x'", 'x"', "a b", "a\nb", "a\x00b", "<a>", "a;b", "", "-a", "\u00e9", None, 7]
)
def test_no_client_key_climbs_quotes_or_breaks_a_line(key):
    assert not is_client_key(key)


@pytest.mark.parametrize(
    "key", ["connection:123", "ari:cloud:bitbucket::app/{aaaaaaaa-0000-4000-8000-000000000001}/bittern", "a.b"]
)
def test_the_shapes_that_were_seen_are_client_keys(key):
    assert is_client_key(key)
