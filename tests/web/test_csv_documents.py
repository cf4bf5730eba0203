"""CSV as spreadsheets read it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.csv_documents import FORMULA_STARTS, csv_document


def test_lines_end_as_the_standard_says_and_cells_are_quoted_where_they_must_be():
    document = csv_document(("a", "b"), [("x,y", 'say "hi"'), ("two\nlines", "plain")])
    assert document == b'a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",plain\r\n'


@pytest.mark.parametrize(
    ("cell", "text"), [(None, ""), (True, "true"), (False, "false"), (3, "3"), (-2, "-2"), (0.5, "0.5"), ("é", "é")]
)
def test_values_are_written_as_they_are(cell, text):
    assert csv_document(("a", "b"), [(cell, "end")]).decode() == f"a,b\r\n{text},end\r\n"


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_text_that_a_spreadsheet_would_calculate_stays_a_text(start):
    [_, [cell]] = csv.reader(io.StringIO(csv_document(("a",), [(f"{start}1+1",)]).decode(), newline=""))
    assert cell == f"'{start}1+1"


@given(rows=st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_a_reader_gets_back_every_text(rows):
    rows = [
        row for row in rows if "\x00" not in "".join(row) and not any(0xD800 <= ord(c) < 0xE000 for c in "".join(row))
    ]
    [_, *read] = csv.reader(io.StringIO(csv_document(("a", "b"), rows).decode(), newline=""))
    plain = [tuple(cell.removeprefix("'") if cell[1:2] in FORMULA_STARTS else cell for cell in row) for row in read]
    assert plain == [tuple(row) for row in rows if row]
