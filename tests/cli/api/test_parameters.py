"""KEY=VALUE in all its forms."""

import pytest

from cli.api.errors import NotUnderstood
from cli.api.parameters import File, nested, read_field, read_headers, read_pairs, read_raw_field


def file_named(name):
    return {"note.txt": b"from a file", "-": b"from stdin", "bytes": b"\xff\0"}[name]


def body(*typed, raw=()):
    return nested([read_field(one, read_file=file_named) for one in typed] + [read_raw_field(one) for one in raw])


def test_a_query_parameter_that_is_named_again_gets_another_value():
    assert read_pairs(["state=OPEN", 'q=a="b"', "state=MERGED", "empty="]) == {
        "state": ["OPEN", "MERGED"],
        "q": ['a="b"'],
        "empty": [""],
    }


@pytest.mark.parametrize("typed", ["state", "=OPEN", ""])
def test_a_pair_needs_a_key_and_an_equals_sign(typed):
    with pytest.raises(NotUnderstood, match="KEY=VALUE"):
        read_pairs([typed])


def test_headers_are_split_at_the_first_colon():
    assert read_headers(['If-None-Match: "x:y"', "X-A:1"]) == {"If-None-Match": '"x:y"', "X-A": "1"}


@pytest.mark.parametrize("typed", ["Accept", ": x", "X: a\r\nY: b", "X: ä"])
def test_a_header_that_is_none_is_refused(typed):
    with pytest.raises(NotUnderstood, match="NAME: VALUE"):
        read_headers([typed])


@pytest.mark.parametrize("name", ["Authorization", "host", "Content-Length", "Transfer-Encoding"])
def test_headers_that_are_not_the_callers_to_set_are_refused(name):
    with pytest.raises(NotUnderstood, match="not set by hand"):
        read_headers([f"{name}: x"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("007", "007"),
        ("1.5", "1.5"),
        ("1e3", "1e3"),
        ("True", "True"),
        ("", ""),
        ("a=b", "a=b"),
        ("@note.txt", "from a file"),
        ("@-", "from stdin"),
    ],
)
def test_a_typed_field_is_read_as_what_it_looks_like(text, value):
    assert body(f"k={text}") == {"k": value}


def test_a_raw_field_is_always_text():
    assert body(raw=["a=true", "b=12", "c=@note.txt"]) == {"a": "true", "b": "12", "c": "@note.txt"}


def test_subkeys_nest():
    assert body("content[raw]=hello", "inline[path]=a.py", "inline[to]=3") == {
        "content": {"raw": "hello"},
        "inline": {"path": "a.py", "to": 3},
    }


def test_brackets_make_lists():
    assert body("events[]=repo:push", "events[]=issue:created") == {"events": ["repo:push", "issue:created"]}
    assert body("reviewers[]") == {"reviewers": []}
    assert body("a[b][]") == {"a": {"b": []}}


def test_an_object_of_a_list_is_gone_on_with_until_a_key_comes_again():
    assert body("reviewers[][uuid]={1}", "reviewers[][type]=user", "reviewers[][uuid]={2}") == {
        "reviewers": [{"uuid": "{1}", "type": "user"}, {"uuid": "{2}"}]
    }
    assert body("a[][b][c]=1", "a[][b][d]=2", "a[][b][c]=3") == {"a": [{"b": {"c": 1, "d": 2}}, {"b": {"c": 3}}]}
    assert body("a[][b][]=1", "a[][b][]=2") == {"a": [{"b": [1, 2]}]}
    assert body("a[]=1", "a[][b]=2") == {"a": [1, {"b": 2}]}


@pytest.mark.parametrize(
    "typed",
    [
        ("a=1", "a=2"),
        ("a=1", "a[b]=2"),
        ("a[b]=1", "a[]=2"),
        ("a[]=1", "a[b]=2"),
        ("a[][]=1",),
        ("a[b]=1", "a[b]=2"),
        ("a[]", "a[]"),
    ],
)
def test_fields_that_cannot_both_be_are_refused(typed):
    with pytest.raises(NotUnderstood):
        body(*typed)


@pytest.mark.parametrize("typed", ["k", "=v", "[a]=v", "a]b=v", "a[b=v", "a[b]c=v", "a[b]"])
def test_a_key_that_cannot_be_read_is_refused(typed):
    with pytest.raises(NotUnderstood, match="KEY=VALUE"):
        read_field(typed, read_file=file_named)


def test_a_file_that_is_no_text_cannot_be_json():
    with pytest.raises(NotUnderstood, match="--form"):
        body("files=@bytes")
    assert read_field("files=@bytes", read_file=file_named).value == File("bytes", b"\xff\0")
