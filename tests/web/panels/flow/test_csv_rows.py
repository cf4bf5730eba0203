"""Cells: what a spreadsheet would run is made text, what RFC 4180 wants quoted is quoted."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insights.lives import HOUR, merged_after
from web.panels.flow import csv_rows
from web.panels.flow.parts import Cell, Table
from web.panels.links import Links

LINKS = Links("https://bitbucket.org", "alice/heron")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_would_be_a_formula_is_text(start):
    assert csv_rows.harmless(f"{start}1+1") == f"'{start}1+1"


def test_a_number_and_a_word_stay_as_they_are():
    assert [csv_rows.harmless(cell) for cell in ("12", "a=b", "")] == ["12", "a=b", ""]


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), min_size=1), min_size=1))
def test_a_reader_gets_back_what_was_written_less_the_formulas(table):
    read = list(csv.reader(io.StringIO(csv_rows.written(table), newline="")))

    assert read == [[csv_rows.harmless(cell) for cell in row] for row in table]


def test_a_title_that_is_a_formula_is_text_in_the_row():
    item = merged_after(HOUR, title='=HYPERLINK("x")')
    read = next(
        csv.DictReader(
            io.StringIO(csv_rows.written([csv_rows.HEAD, csv_rows.line(item, LINKS, are_names_shown=False)]))
        )
    )

    assert read["title"] == '\'=HYPERLINK("x")'


def test_a_row_has_a_cell_for_each_name_with_people_and_without():
    item = merged_after(HOUR)
    for are_names_shown in (False, True):
        line = csv_rows.line(item, LINKS, are_names_shown=are_names_shown)
        assert len(line) == len(csv_rows.head(are_names_shown=are_names_shown))


def test_the_times_of_a_row_are_those_of_its_life():
    item = merged_after(HOUR)
    row = dict(zip(csv_rows.HEAD, csv_rows.line(item, LINKS, are_names_shown=False), strict=True))

    assert (row["opened_at"], row["closed_at"]) == ("2026-03-02T00:00:00Z", "2026-03-02T03:00:00Z")
    assert (row["pickup_wall_seconds"], row["merge_wait_wall_seconds"]) == ("3600", "3600")
    assert row["url"] == f"https://bitbucket.org/alice/heron/pull-requests/{item.id}"


def test_a_table_is_written_as_it_is_shown():
    table = Table(("Week of", "Opened"), ((Cell("5 Oct"), Cell("3")),))

    assert csv_rows.written(csv_rows.of_table(table)) == "Week of,Opened\r\n5 Oct,3\r\n"
