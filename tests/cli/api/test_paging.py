"""A whole collection as one document, and what is said meanwhile."""

import io
import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from bitbucket.errors import RateLimited
from bitbucket.resources import Page
from cli.api.output import Output
from cli.api.paging import Progress, write_collection

BEGAN = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    def __init__(self, step):
        self.moment, self.step = BEGAN, step

    def __call__(self):
        self.moment += self.step
        return self.moment


def page(*values, following=None, size=None):
    raw = tuple(msgspec.Raw(json.dumps(value).encode()) for value in values)
    return Page(values=raw, next=following, size=size)


def written(*pages, is_terminal=False, progress=None):
    stream = io.BytesIO()
    write_collection(iter(pages), Output(stream, is_terminal=is_terminal, has_colours=False), progress)
    return stream.getvalue().decode()


@pytest.mark.parametrize("is_terminal", [False, True])
def test_every_page_becomes_one_that_holds_everything(is_terminal):
    pages = [page({"id": 1}, {"id": 2}, following="x"), page(following="y"), page({"id": 3})]
    assert json.loads(written(*pages, is_terminal=is_terminal)) == {
        "values": [{"id": 1}, {"id": 2}, {"id": 3}],
        "size": 3,
    }


def test_a_pipe_gets_an_item_a_line():
    assert written(page({"id": 1}, {"id": 2})) == '{"values": [\n{"id": 1},\n{"id": 2}\n], "size": 2}\n'


def test_a_person_gets_it_laid_out():
    expected = {"values": [{"id": 1, "tags": ["a"]}, {"id": 2}], "size": 2}
    shown = written(page({"id": 1, "tags": ["a"]}, {"id": 2}), is_terminal=True)
    assert shown == json.dumps(expected, indent=2) + "\n"


@pytest.mark.parametrize("is_terminal", [False, True])
def test_nothing_is_a_collection_too(is_terminal):
    assert json.loads(written(page(), is_terminal=is_terminal)) == {"values": [], "size": 0}
    assert json.loads(written(page(following="x"), page(), is_terminal=is_terminal)) == {"values": [], "size": 0}


def test_what_breaks_off_stays_unclosed():
    def breaking():
        yield page({"id": 1}, following="x")
        raise RateLimited("Enough", status=429)

    stream = io.BytesIO()
    with pytest.raises(RateLimited):
        write_collection(breaking(), Output(stream, is_terminal=False), None)
    with pytest.raises(json.JSONDecodeError):
        json.loads(stream.getvalue())


def test_items_are_written_before_the_next_page_is_asked_for():
    stream = io.BytesIO()

    def pages():
        yield page({"id": 1}, following="x")
        assert b'{"id": 1}' in stream.getvalue()
        yield page({"id": 2})

    write_collection(pages(), Output(stream, is_terminal=False), None)


def test_a_terminal_sees_each_page_in_one_line():
    told = io.StringIO()
    written(
        page(1, 2, following="x", size=3),
        page(3, size=3),
        progress=Progress(told, is_terminal=True, now=Clock(timedelta(0))),
    )
    assert told.getvalue().split("\r\x1b[K")[1:] == ["1 page, 2 of 3 items", "2 pages, 3 items", "2 pages, 3 items\n"]


def test_a_log_gets_a_line_now_and_then():
    told = io.StringIO()
    pages = [page(*range(100), following="x", size=1000) for _ in range(9)] + [page(*range(100), size=1000)]
    written(*pages, progress=Progress(told, is_terminal=False, now=Clock(timedelta(seconds=0.3))))
    assert told.getvalue().splitlines() == [
        "1 page, 100 of 1,000 items",
        "5 pages, 500 of 1,000 items",
        "9 pages, 900 of 1,000 items",
        "10 pages, 1,000 items",
    ]


def test_a_collection_that_does_not_say_its_size_is_counted():
    told = io.StringIO()
    written(page(1, following="x"), page(2), progress=Progress(told, is_terminal=False, now=Clock(timedelta(0))))
    assert told.getvalue() == "1 page, 1 item\n2 pages, 2 items\n"


def test_progress_does_not_write_over_the_items():
    told = io.StringIO()
    progress = Progress(told, is_terminal=True, now=Clock(timedelta(0)), shares_terminal=True)
    written(page(1, following="x"), page(2), is_terminal=True, progress=progress)
    assert told.getvalue() == "2 pages, 2 items\n"
