"""Pages: numbered, opaque, and asked for wrongly."""

from __future__ import annotations

import pytest

from simulator.rest.errors import ApiError
from simulator.rest.paging import Cursors, iterated, numbered, page_length, page_number, with_page

KEYS = [f"k{n}" for n in range(25)]
URL = "https://api.bitbucket.org/2.0/x?q=a%3D%22b%22"


def number(items: list[int], **arguments: str) -> dict:
    return numbered(items, represent=lambda one: {"n": one}, arguments=arguments, url=URL)


def iterate(keys: list[str], cursors: Cursors, **arguments: str) -> dict:
    return iterated(keys, represent=lambda key: {"k": key}, cursors=cursors, arguments=arguments, url=URL)


class TestNumbered:
    def test_the_envelope_has_the_recorded_keys_in_the_recorded_order(self):
        body = number(list(range(25)))
        assert list(body) == ["values", "pagelen", "size", "page", "next"]
        assert (body["pagelen"], body["size"], body["page"]) == (10, 25, 1)
        assert body["values"] == [{"n": n} for n in range(10)]

    def test_the_next_link_keeps_the_query(self):
        assert number(list(range(25)))["next"] == f"{URL}&page=2"

    def test_a_middle_page_has_both_neighbours(self):
        body = number(list(range(25)), page="2")
        assert (body["next"], body["previous"]) == (f"{URL}&page=3", f"{URL}&page=1")

    def test_the_last_page_has_no_next(self):
        body = number(list(range(25)), page="3")
        assert "next" not in body
        assert len(body["values"]) == 5

    def test_a_full_last_page_has_no_next(self):
        assert "next" not in number(list(range(20)), page="2")

    def test_an_empty_collection_is_one_empty_page(self):
        assert number([]) == {"values": [], "pagelen": 10, "size": 0, "page": 1}

    def test_a_page_beyond_the_end_is_empty(self):
        assert number([1], page="9")["values"] == []

    def test_only_the_pages_items_are_represented(self):
        seen: list[int] = []
        numbered(
            list(range(1000)),
            represent=lambda one: {"n": seen.append(one)},
            arguments={"page": "3", "pagelen": "5"},
            url=URL,
        )
        assert seen == [10, 11, 12, 13, 14]


class TestSizes:
    def test_the_default_is_ten_or_what_the_resource_says(self):
        assert page_length({}) == 10
        assert page_length({}, default=30) == 30

    @pytest.mark.parametrize("text", ["0", "-1", "101", "ten", "", "1.5", "٣٣٣"])
    def test_other_sizes_are_invalid(self, text):
        with pytest.raises(ApiError) as refusal:
            page_length({"pagelen": text})
        assert (refusal.value.status, refusal.value.message) == (400, "Invalid pagelen")

    @pytest.mark.parametrize(("text", "largest"), [("1", 100), ("100", 100), ("50", 50)])
    def test_one_to_the_largest_will_do(self, text, largest):
        assert page_length({"pagelen": text}, largest=largest) == int(text)

    @pytest.mark.parametrize("text", ["0", "2/", "-1", "x"])
    def test_a_page_that_is_no_number_is_invalid(self, text):
        with pytest.raises(ApiError) as refusal:
            page_number({"page": text})
        assert refusal.value.status == 400


class TestIterated:
    def test_there_is_no_size_and_no_way_back(self):
        assert list(iterate(KEYS, Cursors())) == ["values", "pagelen", "next"]

    def test_following_next_sees_everything_once(self):
        cursors, seen, arguments = Cursors(), [], {}
        while True:
            body = iterate(KEYS, cursors, **arguments)
            seen += [one["k"] for one in body["values"]]
            if "next" not in body:
                break
            arguments = {"page": body["next"].rpartition("page=")[2]}
            assert not arguments["page"].isdecimal()
        assert seen == KEYS

    def test_what_is_new_meanwhile_does_not_shift_the_rest(self):
        cursors = Cursors()
        token = iterate(KEYS, cursors)["next"].rpartition("page=")[2]
        body = iterate(["new", *KEYS], cursors, page=token)
        assert body["values"][0] == {"k": "k10"}

    def test_a_number_works_too(self):
        assert iterate(KEYS, Cursors(), page="2")["values"][0] == {"k": "k10"}

    def test_a_token_of_nobody_is_invalid(self):
        with pytest.raises(ApiError) as refusal:
            iterate(KEYS, Cursors(), page="np0000")
        assert refusal.value.status == 400

    def test_tokens_of_different_lists_and_places_differ(self):
        cursors = Cursors()
        tokens = {cursors.token(("a", "b"), 1), cursors.token(("a", "b"), 2), cursors.token(("a", "c"), 1)}
        assert len(tokens) == 3

    def test_old_places_are_forgotten(self):
        cursors = Cursors()
        first = cursors.token(("a",), 0)
        for number_of in range(2001):
            cursors.token(("b",), number_of)
        with pytest.raises(ApiError):
            cursors.place(first)


def test_another_page_replaces_the_one_in_the_link():
    assert with_page("https://x.example/y?page=2&q=1", "3") == "https://x.example/y?q=1&page=3"
