"""Fields as a query, as JSON, as forms."""

import email
import json
import re

import pytest

from cli.api.bodies import form_of, json_of, query_of
from cli.api.errors import NotUnderstood
from cli.api.parameters import Field, File


def field(key, value, *subkeys):
    return Field(key, subkeys, value)


def test_fields_of_a_call_without_a_body_are_its_query():
    found = query_of([field("a", True), field("b", 3), field("c", "x"), field("s", "1", ""), field("s", "2", "")])
    assert found == {"a": ["true"], "b": ["3"], "c": ["x"], "s": ["1", "2"]}


@pytest.mark.parametrize(
    "one", [field("a", "x", "b"), field("a", None), field("a", []), field("a", File("f", b"")), field("a", 1, "", "b")]
)
def test_a_query_cannot_say_everything(one):
    with pytest.raises(NotUnderstood, match="query parameter"):
        query_of([one])


def test_json_is_the_default():
    payload = json_of([field("content", "é", "raw"), field("draft", False)])
    assert payload.content_type == "application/json"
    assert json.loads(payload.body) == {"content": {"raw": "é"}, "draft": False}


def test_a_form_without_files_is_a_plain_one():
    payload = form_of([field("name", "the designers & co"), field("a", 1), field("a", None), field("b", True, "")])
    assert payload.content_type == "application/x-www-form-urlencoded"
    assert payload.body == b"name=the%20designers%20%26%20co&a=1&a=&b%5B%5D=true"


def test_a_form_with_a_file_has_parts():
    payload = form_of([field("message", "zwölf"), field("files", File('a"b\r\n.bin', b"\0\r\n--x\xff"))])
    whole = b"Content-Type: " + payload.content_type.encode() + b"\r\n\r\n" + payload.body
    text, upload = email.message_from_bytes(whole).get_payload()
    assert text.get_param("name", header="Content-Disposition") == "message"
    assert text.get_payload(decode=True).decode() == "zwölf"
    assert upload.get_param("name", header="Content-Disposition") == "files"
    assert upload.get_filename() == "a%22b%0D%0A.bin"
    assert b"\0\r\n--x\xff" in payload.body


def test_the_line_between_parts_cannot_be_guessed():
    types = {form_of([field("f", File("f", b""))]).content_type for _ in range(3)}
    assert len(types) == 3
    assert all(re.fullmatch(r"multipart/form-data; boundary=[0-9a-f]{32}", one) for one in types)
