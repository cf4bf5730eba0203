"""Addresses of resources: nothing that a name may hold can change which resource is meant."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitbucket.paths import ANY_WORKSPACE, Exact, FilePath, canonical_uuid, is_other_uuid, path

UUID = "21fa9bf8-b5b2-4891-97ed-d590bad0f871"
ENCODED = "%7B21fa9bf8-b5b2-4891-97ed-d590bad0f871%7D"
SPELLINGS = [UUID, f"{{{UUID}}}", UUID.upper(), f"{{{UUID.upper()}}}", ENCODED, ENCODED.lower(), f"%7b{UUID}%7d"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_uuid_is_always_sent_in_encoded_braces_and_lower_case(spelling):
    assert path("repositories", "1team", spelling) == f"/2.0/repositories/1team/{ENCODED}"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_uuid_is_the_same_uuid(spelling):
    assert canonical_uuid(spelling) == f"{{{UUID}}}"
    assert not is_other_uuid(spelling, UUID)


@pytest.mark.parametrize(
    "text", ["", "{}", "moxie", UUID[:-1], UUID + "0", f"{UUID}\n", f" {UUID}", UUID.replace("2", "g")]
)
def test_what_is_no_uuid_is_refused_as_one(text):
    with pytest.raises(ValueError, match="not a UUID"):
        canonical_uuid(text)


def test_another_uuid_is_another_object():
    assert is_other_uuid("{00000000-b5b2-4891-97ed-d590bad0f871}", UUID)
    assert is_other_uuid("{RepoUUID}", UUID)
    assert not is_other_uuid(None, UUID)


def test_the_empty_workspace_is_sent_as_empty_braces():
    assert path("repositories", ANY_WORKSPACE, UUID) == f"/2.0/repositories/%7B%7D/{ENCODED}"


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("feature/one", "feature%2Fone"),
        ("fix#1", "fix%231"),
        ("100%", "100%25"),
        ("a%2Fb", "a%252Fb"),
        ("with space", "with%20space"),
        ("a+b", "a%2Bb"),
        ("grün", "gr%C3%BCn"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("what?", "what%3F"),
        ("a;b=c", "a%3Bb%3Dc"),
        ("a:b@c", "a%3Ab%40c"),
        ("v1.0-rc_1~2", "v1.0-rc_1~2"),
        ("...", "..."),
    ],
)
def test_a_name_is_one_segment(name, encoded):
    assert path("x", name) == f"/2.0/x/{encoded}"


def test_a_branch_that_looks_like_a_uuid_is_sent_as_it_is_spelled():
    assert path("branches", Exact(UUID.upper())) == f"/2.0/branches/{UUID.upper()}"
    assert path("branches", Exact(f"{{{UUID}}}")) == f"/2.0/branches/{ENCODED}"


def test_a_file_path_keeps_its_slashes():
    encoded = "/2.0/src/master/docs/a%20b%23/%C3%BC.txt"
    assert path("src", "master", FilePath("docs/a b#/ü.txt")) == encoded
    assert path("src", "master", FilePath("/docs/a b#/ü.txt")) == encoded


def test_numbers_are_segments_too():
    assert path("pullrequests", 42, "comments") == "/2.0/pullrequests/42/comments"


def test_rest_1_0_has_its_own_root_and_a_last_slash():
    assert path("groups", "alice", root="/1.0", trailing_slash=True) == "/1.0/groups/alice/"


@pytest.mark.parametrize(
    "segment", ["", ".", "..", FilePath("a/../b"), FilePath("a//b"), FilePath(""), FilePath("./a")]
)
def test_a_segment_that_leads_elsewhere_is_refused(segment):
    with pytest.raises(ValueError, match="segment"):
        path("repositories", segment)


@given(st.lists(st.text(min_size=1).filter(lambda text: text not in {".", ".."}), min_size=1))
def test_whatever_names_hold_they_stay_segments(names):
    try:
        address = path(*map(Exact, names))
    except UnicodeEncodeError:  # a lone surrogate is no text that could be sent
        return
    parts = urlsplit(f"https://api.bitbucket.org{address}")
    assert parts.query == parts.fragment == ""
    assert [unquote(segment) for segment in parts.path.split("/")[2:]] == names
