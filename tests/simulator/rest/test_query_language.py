"""The language of `q`: every operator and literal, precedence, lists, faults; and `sort`."""

from __future__ import annotations

import pytest

from simulator.rest.errors import ApiError
from simulator.rest.query_language import in_json, names, ordered, parse

ITEM = {
    "id": 12,
    "title": 'Say "hi"',
    "state": "OPEN",
    "draft": False,
    "closed_by": None,
    "score": -10.5,
    "updated_on": "2026-03-04T14:08:59.123000+00:00",
    "author": {"nickname": "ada", "uuid": "{x}"},
    "reviewers": [{"nickname": "bob"}, {"nickname": "cy"}],
    "watchers": [],
    "source": {"branch": {"name": "feature/x"}},
}


UNSORTED = [{"n": 2, "s": "b"}, {"n": 10, "s": None}, {"n": 1, "s": "a"}, {"n": 2, "s": "A"}]


def lookup(item, path):
    return in_json(item, path, lambda _: None)


def matches(query: str) -> bool:
    return parse(query)(ITEM, lookup)


@pytest.mark.parametrize(
    "query",
    [
        'state = "OPEN"',
        'state="OPEN"',
        'state != "MERGED"',
        "id = 12",
        "id > 11",
        "id >= 12",
        "id < 12.5",
        "id <= 12",
        "score < -10",
        "score = -10.5",
        "draft = false",
        "draft != true",
        "closed_by = null",
        "author != null",
        'title ~ "HI"',
        'title !~ "bye"',
        'title = "Say \\"hi\\""',
        'author.nickname = "ada"',
        'source.branch.name = "feature/x"',
        'reviewers.nickname = "cy"',
        'reviewers.nickname != "ada"',
        'state IN ("OPEN", "MERGED")',
        "id IN (1, 12)",
        'state NOT IN ("DECLINED", "MERGED")',
        "updated_on > 2026-03-04",
        "updated_on > 2026-03-04T14:08:59",
        "updated_on < 2026-03-04T14:09:00Z",
        "updated_on > 2026-03-04T15:08:59.000+02:00",
        "updated_on = 2026-03-04T14:08:59.123+00:00",
        'state = "MERGED" OR id = 12',
        'state = "OPEN" AND id = 12',
        'state = "OPEN" and id = 12',
        'state = "OPEN" or id = 13',
        '(state = "MERGED" OR state = "OPEN") AND id = 12',
        'id = 12 OR state = "MERGED" AND id = 99',
        "nothing.at.all = null",
        "watchers.nickname = null",
    ],
)
def test_it_accepts(query):
    assert matches(query)


@pytest.mark.parametrize(
    "query",
    [
        'state = "open"',
        "id = 13",
        'id = "12"',
        "draft = 0",
        "draft = true",
        "closed_by != null",
        'closed_by = "x"',
        'title ~ "bye"',
        'title !~ "SAY"',
        "id > 12",
        "title > 5",
        'reviewers.nickname != "bob"',
        'state NOT IN ("OPEN")',
        "updated_on < 2026-03-04",
        "updated_on > 2026-03-05",
        'id = 12 AND (state = "MERGED" OR id = 99)',
        "nothing.at.all > 1",
        'nothing ~ ""',
        'id ~ "12"',
    ],
)
def test_it_rejects(query):
    assert not matches(query)


@pytest.mark.parametrize(
    "query",
    ["", "state", "state =", '= "x"', "state = OPEN", "state = 'OPEN'", '(state = "x"', 'state = "x")', "state IN ()",
     'state IN ("a"', 'state IN "a"', 'state = "x" AND', 'state = "x" state = "y"', 'state == "x"', "id = 12 NOT", "; drop",
     'state NOT "x"', 'state = "x'],
)  # fmt: skip
def test_what_is_no_query_is_a_400(query):
    with pytest.raises(ApiError) as refusal:
        parse(query)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ('state = "OPEN"', True),
        ('title = "state"', False),
        ('target.state = "x"', False),
        ('state.x = "x"', False),
        ('id = 1 AND state IN ("a")', True),
        ("", False),
    ],
)
def test_it_knows_whether_a_query_speaks_of_a_field(query, answer):
    assert names(query, "state") is answer


class TestPaths:
    def test_a_path_through_a_list_finds_each_elements_value(self):
        assert lookup(ITEM, "reviewers.nickname") == ["bob", "cy"]

    def test_a_list_at_the_end_is_its_elements(self):
        assert lookup({"tags": ["a", "b"]}, "tags") == ["a", "b"]

    def test_a_path_to_nowhere_finds_nothing(self):
        assert lookup(ITEM, "id.deeper") == []

    def test_a_condensed_object_is_made_whole(self):
        assert in_json(ITEM, "author.age", lambda value: value | {"age": 3} if "uuid" in value else None) == [3]


class TestSorting:
    def by(self, sort: str) -> list:
        return [(one["n"], one["s"]) for one in ordered(UNSORTED, sort, lookup)]

    def test_numbers_sort_as_numbers_and_equals_keep_their_order(self):
        assert self.by("n") == [(1, "a"), (2, "b"), (2, "A"), (10, None)]

    def test_a_hyphen_turns_it_round_and_equals_still_keep_their_order(self):
        assert self.by("-n") == [(10, None), (2, "b"), (2, "A"), (1, "a")]

    def test_nothing_sorts_first(self):
        assert self.by("s")[0] == (10, None)
        assert self.by("-s")[-1] == (10, None)

    def test_an_unknown_field_changes_nothing(self):
        assert self.by("nope") == [(one["n"], one["s"]) for one in UNSORTED]

    def test_mixed_kinds_do_not_break_it(self):
        assert len(ordered([{"x": 1}, {"x": "a"}, {"x": None}], "x", lookup)) == 3

    @pytest.mark.parametrize("sort", ["a,b", "n desc", "*", "-"])
    def test_more_than_one_field_is_a_400(self, sort):
        with pytest.raises(ApiError):
            self.by(sort)
