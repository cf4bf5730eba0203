"""What is printed, for programs and for people."""

import io
import json
import re

import pytest

from bitbucket.messages import Headers, Response
from cli.api.output import NotShown, Output, pretty, visible, wants_colours

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def printed(write, **options):
    stream = io.BytesIO()
    write(Output(stream, **{"is_terminal": True, "has_colours": False, **options}))
    return stream.getvalue()


def test_a_pipe_gets_every_byte_as_it_is():
    body = b'{"b": 1.10,   "a": "\x1b[31m"}\xff\0'
    assert printed(lambda output: output.write_body(body), is_terminal=False) == body


def test_a_person_gets_a_line_for_each_member():
    shown = printed(lambda output: output.write_body(b'{"b":{"c":[1,2]},"a":null}'))
    assert shown.decode() == '{\n  "b": {\n    "c": [\n      1,\n      2\n    ]\n  },\n  "a": null\n}\n'


def test_colours_change_no_character():
    body = b'{"name": "[bold]x[/bold]", "url": "https://example.com/a_b", "n": [1, true, null]}'
    coloured = printed(lambda output: output.write_body(body), has_colours=True).decode()
    assert COLOURS.search(coloured)
    assert json.loads(COLOURS.sub("", coloured)) == json.loads(body)


def test_nothing_in_an_answer_steers_the_terminal():
    name = "\x9b2Jé\u202egnp.exe\x1b]0;t\x07"
    shown = printed(lambda output: output.write_body(json.dumps({"name": name}, ensure_ascii=False).encode()))
    assert b"\x9b" not in shown
    assert b"\x1b" not in shown
    assert "\u202e" not in shown.decode()
    assert "é" in shown.decode()
    assert json.loads(shown) == {"name": name}

    text = printed(lambda output: output.write_body(b"diff\t--git\n\x1b[2J\r\x07done"))
    assert text == b"diff\t--git\n\\x1b[2J\\x0d\\x07done\n"


def test_what_is_no_text_is_not_shown():
    with pytest.raises(NotShown, match="4 bytes"):
        printed(lambda output: output.write_body(b"\x89P\0G"))


def test_no_body_is_no_line():
    assert printed(lambda output: output.write_body(b"")) == b""


def test_the_head_is_as_http_writes_it():
    response = Response(201, Headers({"Location": "https://x/1", "ETag": '"a"'}))
    assert printed(lambda output: output.write_head(response)) == (
        b'HTTP/1.1 201 Created\nLocation: https://x/1\nETag: "a"\n\n'
    )
    assert printed(lambda output: output.write_head(Response(555))) == b"HTTP/1.1 555\n\n"


def test_a_header_steers_no_terminal_either():
    hostile = Response(200, Headers({"X-Name": "a\x1b[2Jb"}))
    assert b"\x1b" not in printed(lambda output: output.write_head(hostile))


def test_json_that_is_none_is_said_to_be_none():
    for body in (b"", b"Not Found", b"{", b"[" * 100_000):
        with pytest.raises(ValueError, match="not JSON"):
            pretty(body)


def test_text_keeps_its_lines_and_tabs():
    assert visible("a\tb\nc\u200bd") == "a\tb\nc\\x200bd"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({}, False), ({"TERM": "xterm", "NO_COLOR": "1"}, False)],
)
def test_colours_are_for_terminals_that_want_them(monkeypatch, environment, expected):
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colours() is expected
