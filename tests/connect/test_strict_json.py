"""JSON from outside: one object in UTF-8, nothing that two consumers could read differently, nothing that could crash."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect.errors import PayloadInvalid
from connect.strict_json import read_object


def reason(body: bytes) -> str:
    with pytest.raises(PayloadInvalid) as caught:
        read_object(body)
    return caught.value.reason


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"[]",
        b'"x"',
        b"null",
        b"1",
        b"true",
        b"{",
        b"{}}",
        b"{}{}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": undefined}',
        b'{"a": 01}',
        b'{"a": "\x01"}',
        b'{"a": "\x00"}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ["\\udc00\\ud800"]}',
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": [{"b": 1, "\\u0062": 2}]}',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":' * 10_000,
    ],
)
def test_what_is_not_exactly_one_object_is_refused(body):
    assert reason(body) == "input.json"


@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400, "9223372036854775808", "-9223372036854775809"],
)
def test_a_number_that_not_everyone_can_hold_is_refused(number):
    assert reason(b'{"a": [{"b": %s}]}' % number.encode()) == "input.number"


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("1e308", 1e308),
        ("-0", 0),
        ("1e-999", 0.0),
        ("0.5", 0.5),
    ],
)
def test_other_numbers_are_read(number, value):
    assert read_object(b'{"a": %s}' % number.encode()) == {"a": value}


@pytest.mark.parametrize("body", [b'{"a": "x\\u0000"}', b'{"\\u0000": 1}', b'{"a": [[{"b": ["\\u0000"]}]]}'])
def test_a_nul_is_refused_wherever_it_stands(body):
    assert reason(body) == "input.nul"


@pytest.mark.parametrize("text", ["\\u0000", "\\ud83d\\ude00", "😀", "\\", "\u2028"])
def test_text_that_only_looks_like_trouble_is_read(text):
    assert read_object(json.dumps({"a": text}).encode()) == {"a": text}
    assert read_object(json.dumps({"a": text}, ensure_ascii=False).encode()) == {"a": text}


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


def test_it_reads_64_levels():
    assert read_object(nested(64))
    assert reason(nested(65)) == "input.json"
    assert reason(b'{"a":' + b"[" * 64 + b"]" * 64 + b"}") == "input.json"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))),
    lambda children: (
        st.lists(children)
        | st.dictionaries(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))), children)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "ü"]), json_values), st.booleans())
def test_every_ordinary_object_comes_back(value, ascii_only):
    assert read_object(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary() | st.text().map(lambda text: json.dumps({"a": text}).encode()))
def test_no_bytes_raise_anything_but_a_refusal(body):
    try:
        assert isinstance(read_object(body), dict)
    except PayloadInvalid as refused:
        assert refused.reason.startswith("input.")  # noqa: PT017 - either outcome is right
