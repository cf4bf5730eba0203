"""Filters: every operator and literal, and quoting that nothing breaks out of."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitbucket.query_language import Condition, ascending, descending, field, literal


class TestOperators:
    @pytest.mark.parametrize(
        ("condition", "text"),
        [
            (field("nickname").equals("evzijst"), 'nickname = "evzijst"'),
            (field("is_private").differs_from(True), "is_private != true"),
            (field("description").contains("beef"), 'description ~ "beef"'),
            (field("description").lacks("fubar"), 'description !~ "fubar"'),
            (field("priority").is_over("major"), 'priority > "major"'),
            (field("priority").is_at_least("trivial"), 'priority >= "trivial"'),
            (field("id").is_under(1234), "id < 1234"),
            (field("updated_on").is_at_most(date(2015, 3, 4)), "updated_on <= 2015-03-04"),
            (field("state").is_in("OPEN", "MERGED"), 'state IN ("OPEN", "MERGED")'),
            (field("id").is_in(1, 2), "id IN (1, 2)"),
            (field("state").is_not_in("DECLINED"), 'state NOT IN ("DECLINED")'),
            (field("assignee").equals(None), "assignee = null"),
            (field("source.repository.full_name").equals("main/repo"), 'source.repository.full_name = "main/repo"'),
        ],
    )
    def test_each_is_written_as_atlassian_writes_it(self, condition, text):
        assert str(condition) == text

    @pytest.mark.parametrize("listed", [field("state").is_in, field("state").is_not_in])
    def test_an_empty_list_cannot_be_said(self, listed):
        with pytest.raises(ValueError, match="at least one"):
            listed()


class TestJoining:
    def test_two_conditions_are_joined(self):
        one, other = field("a").equals(1), field("b").equals(2)
        assert str(one & other) == "a = 1 AND b = 2"
        assert str(one | other) == "a = 1 OR b = 2"

    def test_parentheses_keep_what_was_meant(self):
        state = field("state").equals("open") | field("state").equals("new")
        assert str(state & field("assignee").equals(None)) == '(state = "open" OR state = "new") AND assignee = null'
        assert str(field("assignee").equals(None) & state) == 'assignee = null AND (state = "open" OR state = "new")'
        assert str((state & state) | state).count("(") == 4

    def test_a_condition_is_not_changed_by_being_joined(self):
        one = field("a").equals(1)
        _ = one & one
        assert one == Condition("a = 1")


class TestLiterals:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (None, "null"),
            (True, "true"),
            (False, "false"),
            (0, "0"),
            (-10, "-10"),
            (10**40, "1" + "0" * 40),
            (-10.302, "-10.302"),
            (1e-7, "0.0000001"),
            (Decimal("1.50"), "1.50"),
            (date(2026, 11, 23), "2026-11-23"),
            (datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "2026-11-23T09:30:00+00:00"),
            (
                datetime(2026, 11, 23, 9, 30, 0, 5000, tzinfo=timezone(timedelta(hours=-7))),
                "2026-11-23T16:30:00.005000+00:00",
            ),
            ("", '""'),
            ("foo", '"foo"'),
            ('say "hi"', r'"say \"hi\""'),
            ("back\\slash", r'"back\\slash"'),
            ('\\" OR state != "', r'"\\\" OR state != \""'),
            ("naïve 日本 👩‍🚀\u00a0", '"naïve 日本 👩‍🚀\u00a0"'),
            ("it's (a) list, = ~ AND", '"it\'s (a) list, = ~ AND"'),
        ],
    )
    def test_each_kind_has_its_own_form(self, value, text):
        assert literal(value) == text

    @pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\x00b", "\x1b", "\x7f", "\x85", "\ud800"])
    def test_a_string_with_control_characters_cannot_be_said(self, value):
        with pytest.raises(ValueError, match="control"):
            literal(value)

    @pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), Decimal("NaN")])
    def test_a_number_that_is_none_cannot_be_said(self, value):
        with pytest.raises(ValueError, match="finite"):
            literal(value)

    def test_a_moment_without_an_offset_cannot_be_said(self):
        with pytest.raises(ValueError, match="offset"):
            literal(datetime(2026, 11, 23, 9, 30))  # noqa: DTZ001 - that is the point

    @pytest.mark.parametrize("value", [b"bytes", [1], {"a": 1}, object()])
    def test_other_types_have_none(self, value):
        with pytest.raises(TypeError):
            literal(value)


def read_string(text):
    """Reads one string literal as a server would: returns its value and what comes after it."""
    assert text[0] == '"'
    value, position = [], 1
    while text[position] != '"':
        position += text[position] == "\\"
        value.append(text[position])
        position += 1
    return "".join(value), text[position + 1 :]


@given(st.text().filter(lambda text: all(unicodedata.category(one) not in {"Cc", "Cs"} for one in text)))
def test_no_text_breaks_out_of_its_quotes(text):
    assert read_string(literal(text)) == (text, "")


@given(st.lists(st.text(alphabet='"\\(), OR'), min_size=1, max_size=4))
def test_no_text_breaks_out_of_its_list(texts):
    rest = str(field("state").is_in(*texts)).removeprefix("state IN (")
    for text in texts:
        value, rest = read_string(rest)
        assert value == text
        rest = rest.removeprefix(", ")
    assert rest == ")"


class TestNames:
    @pytest.mark.parametrize(
        "name", ["", "a b", "a=1", 'a"', "a)", "values..x", ".a", "a.", "1a", "a-b", "ä", "a\n", "a OR b"]
    )
    @pytest.mark.parametrize("use", [field, ascending, descending])
    def test_what_is_no_name_is_refused(self, use, name):
        with pytest.raises(ValueError, match="path of a field"):
            use(name)

    def test_sorting_goes_one_way_or_the_other(self):
        assert (ascending("updated_on"), descending("target.date")) == ("updated_on", "-target.date")
