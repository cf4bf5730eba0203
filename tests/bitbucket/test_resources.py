"""The structs: what is unknown is ignored, what is missing is None, what is wrong is refused."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

import bitbucket.resources
from bitbucket.answers import decode
from bitbucket.comments import Comment
from bitbucket.errors import UnexpectedShape
from bitbucket.resources import Branch, Commit, Page, PullRequest, Repository, Resource, User, Workspace

EVERY_STRUCT = [
    member
    for _, member in inspect.getmembers(bitbucket.resources, inspect.isclass)
    if issubclass(member, Resource) and member not in {Resource, Page}
]
NEEDED = {
    "Commit": b'{"hash": "a"}',
    "Branch": b'{"name": "main"}',
    "PullRequest": b'{"id": 1}',
    "Link": b'{"href": "x"}',
}
NEEDED["BuildStatus"] = b'{"key": "ci", "state": "FAILED"}'


@pytest.mark.parametrize("struct", EVERY_STRUCT)
def test_what_may_be_missing_is_none(struct):
    made = decode(NEEDED.get(struct.__name__, b"{}"), struct)
    told = set(msgspec.json.decode(NEEDED.get(struct.__name__, b"{}")))
    assert {getattr(made, name) for name in struct.__struct_fields__ if name not in told} <= {None, False}


@pytest.mark.parametrize("struct", EVERY_STRUCT)
def test_what_may_be_missing_may_be_null(struct):
    needed = msgspec.json.decode(NEEDED.get(struct.__name__, b"{}"))
    nulls = {field.name: None for field in msgspec.structs.fields(struct) if field.default is None}
    made = decode(msgspec.json.encode({**nulls, **needed}), struct)
    assert all(getattr(made, name) is None for name in nulls.keys() - needed.keys())


@pytest.mark.parametrize("struct", EVERY_STRUCT)
def test_what_is_unknown_is_ignored(struct):
    needed = msgspec.json.decode(NEEDED.get(struct.__name__, b"{}"))
    assert decode(msgspec.json.encode({**needed, "brand_new": {"a": [1]}}), struct) == decode(
        msgspec.json.encode(needed), struct
    )


@pytest.mark.parametrize("struct", EVERY_STRUCT)
def test_nothing_can_be_changed(struct):
    made = decode(NEEDED.get(struct.__name__, b"{}"), struct)
    with pytest.raises(AttributeError):
        setattr(made, struct.__struct_fields__[0], "other")


@pytest.mark.parametrize("struct", EVERY_STRUCT)
def test_each_has_a_sentence(struct):
    assert struct.__doc__.strip().endswith((".", ")"))


@pytest.mark.parametrize(
    ("struct", "body"), [(Commit, b"{}"), (Branch, b"{}"), (PullRequest, b"{}"), (Page[User], b"{}")]
)
def test_what_makes_a_thing_what_it_is_is_needed(struct, body):
    with pytest.raises(UnexpectedShape):
        decode(body, struct)


class TestMoments:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-11-23T09:30:00+00:00", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
            ("2026-11-23T09:30:00.123456+00:00", datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=UTC)),
            ("2026-11-23T09:30:00Z", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
            ("2026-01-03T07:36:40.109572944Z", datetime(2026, 1, 3, 7, 36, 40, 109573, tzinfo=UTC)),
            ("2015-10-04T14:00:00-07:00", datetime(2015, 10, 4, 14, tzinfo=timezone(timedelta(hours=-7)))),
        ],
    )
    def test_every_form_that_was_seen_is_read(self, text, moment):
        assert decode(msgspec.json.encode({"created_on": text}), Repository).created_on == moment

    @pytest.mark.parametrize("text", ["2026-11-23T09:30:00", "2026-11-23", "yesterday", "", 1764000000])
    def test_one_that_could_be_anybodys_is_refused(self, text):
        with pytest.raises(UnexpectedShape):
            decode(msgspec.json.encode({"created_on": text}), Repository)


@pytest.mark.parametrize(
    ("kind", "is_person"), [("user", True), (None, True), ("app_user", False), ("team", False), ("AppUser", False)]
)
def test_people_and_apps_are_told_apart(kind, is_person):
    assert User(type=kind).is_person is is_person


def test_not_asked_for_and_nobody_are_two_things():
    assert decode(b'{"id": 1}', PullRequest).reviewers is None
    assert decode(b'{"id": 1, "reviewers": []}', PullRequest).reviewers == ()


def test_a_page_knows_what_it_holds():
    page = decode(b'{"values": [{"name": "main"}], "next": "https://x", "size": 7}', Page[Branch])
    assert page == Page(values=(Branch(name="main"),), next="https://x", size=7)


def test_words_that_python_keeps_for_itself_are_renamed():
    comment = decode(b'{"id": 1, "inline": {"path": "a", "from": 3, "to": null}}', Comment)
    assert (comment.inline.from_line, comment.inline.to_line) == (3, None)


def test_structs_are_equal_by_what_they_hold():
    assert Workspace(slug="alice") == Workspace(slug="alice") != Workspace(slug="bob")
    assert len({Workspace(slug="alice"), Workspace(slug="alice")}) == 1
