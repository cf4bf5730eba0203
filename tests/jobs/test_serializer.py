"""Queue messages: a name and row ids, as JSON, and nothing else gets in or out."""

from __future__ import annotations

import json
import pickle

import pytest
from huey.registry import Message
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import MessageUnreadable
from jobs.serializer import JsonSerializer

MESSAGE = Message(id="m1", name="jobs.tasks.apply_delivery", eta=None, retries=0, retry_delay=0, args=(7,), kwargs={})


@given(row_ids=st.lists(st.integers(), max_size=3), name=st.text())
def test_a_message_comes_back_with_its_name_and_row_ids(row_ids, name):
    sent = MESSAGE._replace(args=tuple(row_ids), name=name)
    back = JsonSerializer().deserialize(JsonSerializer().serialize(sent))
    assert (back.id, back.name, back.args, back.kwargs) == ("m1", name, tuple(row_ids), {})
    assert (back.retries, back.retry_delay, back.eta, back.on_complete) == (0, 0, None, None)


def test_a_message_is_json_that_anybody_can_read():
    assert json.loads(JsonSerializer().serialize(MESSAGE)) == {
        "id": "m1",
        "name": "jobs.tasks.apply_delivery",
        "args": [7],
    }


def test_what_a_database_gives_back_need_not_be_bytes():
    assert JsonSerializer().deserialize(memoryview(JsonSerializer().serialize(MESSAGE))).args == (7,)


def test_a_message_without_arguments_has_none():
    assert JsonSerializer().deserialize(JsonSerializer().serialize(MESSAGE._replace(args=None))).args == ()


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('code from a queue was run')",)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"gibberish",
        b"\xff\xfe",
        pickle.dumps(Bomb()),
        pickle.dumps(MESSAGE),
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"id": "m", "name": "n"}',
        b'{"id": "m", "name": "n", "args": [1], "kwargs": {}}',
        b'{"id": "m", "name": "n", "args": [1], "on_complete": {}}',
        b'{"id": "m", "name": "n", "args": "1"}',
        b'{"id": "m", "name": "n", "args": {"0": 1}}',
        b'{"id": "m", "name": "n", "args": ["1"]}',
        b'{"id": "m", "name": "n", "args": [1.0]}',
        b'{"id": "m", "name": "n", "args": [true]}',
        b'{"id": "m", "name": "n", "args": [null]}',
        b'{"id": "m", "name": "n", "args": [[1]]}',
    ],
)
def test_whatever_else_stands_in_a_queue_is_refused(text):
    with pytest.raises(MessageUnreadable):
        JsonSerializer().deserialize(text)
