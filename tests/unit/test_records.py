"""A file of records: how many of each kind in each month, and no word of a record anywhere else."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Month
from indicators.imports.records import (
    MOST_KINDS,
    MOST_ROWS,
    ColumnsMissing,
    RecordFile,
    RecordsFailed,
    RecordsRefused,
    count_records,
    find_month_in,
    keeps_records_out,
    read_headings,
    read_record_file,
)
from indicators.imports.xlsx import Cell
from indicators.lines import Columns
from tests.factories.spreadsheets import spreadsheet
from tests.factories.workbooks import workbook

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
BY_OFFENCE = Columns("Date", "Offence")


def csv_file(*lines: str) -> RecordFile:
    return read_record_file("\n".join(lines).encode())


def table(rows: Sequence[Sequence[Cell]]) -> RecordFile:
    return RecordFile(lambda: iter(list(enumerate(rows, 1))))


CRIMES = (
    "Ref,Date,Town,Offence,Victims",
    "1,03/10/2026,Anytown,Wounding,2",
    "2,31/10/2026 23:59,Anytown,wounding ,1",
    "3,2026-09-30,Anytown,Arson,3",
    "4,1 Oct 2026,Elsewhere,Wounding,1",
    "5,,Anytown,Wounding,1",
)


def test_rows_are_counted_by_month_and_kind():
    tally = count_records(csv_file(*CRIMES), BY_OFFENCE)
    assert dict(tally.rows) == {(OCTOBER, "Wounding"): 3, (SEPTEMBER, "Arson"): 1}
    assert tally.kinds == {"Arson": 1, "Wounding": 3}
    assert tally.months == [SEPTEMBER, OCTOBER]
    assert (tally.read, tally.undated, tally.undated_lines) == (5, 1, [6])


def test_a_column_is_summed():
    tally = count_records(csv_file(*CRIMES), Columns("date", "OFFENCE", summed="victims"))
    assert tally.count(OCTOBER, "Wounding") == 4
    assert tally.count(SEPTEMBER, "Arson") == 3


def test_only_some_rows_count():
    columns = Columns("Date", only="Town", only_values=("anytown", "Anyham"))
    tally = count_records(csv_file(*CRIMES), columns)
    assert dict(tally.rows) == {(OCTOBER, ""): 2, (SEPTEMBER, ""): 1}
    assert (tally.outside, tally.undated, tally.read) == (1, 1, 5)


@pytest.mark.parametrize(
    "text",
    [
        "31/10/2026",
        "1/10/26",
        "31/10/26 14:22",
        "2026-10-31T14:22:00Z",
        "2026-10-31 14:22:01.5+01:00",
        "31 October 2026, 2:20 pm",
        "3-Oct-26",
        "Oct-26",
        "October 2026",
        "2026-10",
        "20261031",
        "10/2026",
    ],
)
def test_a_day_is_read_as_systems_write_it(text: str):
    assert find_month_in(text) == OCTOBER


@pytest.mark.parametrize("text", ["", "12", "46326", "31/02/2026", "soon", "99999999", "00/00/0000", "2026"])
def test_what_is_no_day_has_no_month(text: str):
    assert find_month_in(text) is None


def test_days_after_their_months_are_refused():
    with pytest.raises(
        RecordsRefused, match=r"^Row 3: the date under “Date” puts the month first\. Write the day first"
    ):
        count_records(csv_file("Date", "10/09/2026", "10/31/2026"), Columns("Date"))


def dates(*days: int, month: int = 3) -> RecordFile:
    return csv_file("Date", *(f"{day:02}/{month:02}/2026" for day in days))


@pytest.mark.parametrize(
    ("file", "is_doubtful"),
    [
        (dates(*range(1, 13)), True),  # each may be a month
        (dates(*range(1, 12), 13), False),
        (dates(*[1] * 40), False),  # the first of a month stands for the month
        (dates(1, 2, 3), False),  # too few to tell
        (csv_file("Date", *(f"2026-03-{day:02}" for day in range(1, 13))), False),
    ],
)
def test_dates_that_may_have_their_month_first_are_doubtful(file: RecordFile, is_doubtful: bool):
    assert count_records(file, Columns("Date")).is_doubtful is is_doubtful


def test_values_that_stand_for_one_row_each_are_no_kinds():
    rows = [f"03/10/2026,kind {n}" for n in range(12)]
    with pytest.raises(RecordsRefused, match=r"^Nearly every row has a different value under “Offence”\."):
        count_records(csv_file("Date,Offence", *rows), BY_OFFENCE)
    assert len(count_records(csv_file("Date,Offence", *rows * 3), BY_OFFENCE).kinds) == 12


@pytest.mark.parametrize(
    "heading", ["Offence", "Offence name", "Town", "School name", "Type of person", "Source", "Status"]
)
def test_a_column_of_kinds_may_be_called_so(heading: str):
    assert count_records(csv_file(f"Date,{heading}", "03/10/2026,A"), Columns("Date", heading)).kinds == {"A": 1}


def test_dates_of_a_workbook():
    rows: list[list[Cell]] = [["Opened"], [date(2026, 10, 3)], [datetime(2026, 10, 31, 23, 59)], ["01/09/2026"]]  # noqa: DTZ001  # as a workbook has it
    tally = count_records(table(rows), Columns("Opened"))
    assert dict(tally.rows) == {(OCTOBER, ""): 2, (SEPTEMBER, ""): 1}


def test_headings_are_found_below_a_title():
    file = csv_file("OFFICIAL,,", "Crimes of October,,", "Ref,Opened on,Offence", "1,03/10/2026,Arson")
    headings = read_headings(file)
    assert headings.names == ["Ref", "Opened on", "Offence"]
    assert headings.month == "Opened on"
    assert count_records(file, Columns("Opened on")).read == 1


@pytest.mark.parametrize(
    ("lines", "columns", "sentence"),
    [
        (("Ref,Date", "1,03/10/2026"), BY_OFFENCE, "The file has no column “Offence”. It has: Ref; Date."),
        (("Date,Date", "03/10/2026,1"), Columns("Date"), "Two columns of the file are called “Date”."),
        (("Date",), Columns("Date"), "There is a row of headings but no row below it."),
        (("Date", "soon"), Columns("Date"), "No row has a date that we can read under “Date”."),
        (
            ("Date,Town", "03/10/2026,Elsewhere"),
            Columns("Date", only="Town", only_values=("Anytown",)),
            "No row has one of the values that you entered for “Town”",
        ),
        (("Date,N", "03/10/2026,Jo"), Columns("Date", summed="N"), "Row 2: the entry under “N” isn’t a whole number."),
        (("Date,N", "03/10/2026,1.5"), Columns("Date", summed="N"), "Row 2: the entry under “N” isn’t a whole number."),
        (("Date,Offence", f"03/10/2026,{'x' * 121}"), BY_OFFENCE, "Row 2: the entry under “Offence” has more than 120"),
        (("Date,Offence", "03/10/2026,jo@mail.example"), BY_OFFENCE, "Row 2: the entry under “Offence” looks like"),
        (
            ("Date,Offence", *(f"03/10/2026,{n}" for n in range(MOST_KINDS + 1))),
            BY_OFFENCE,
            "“Offence” has more than 60 different",
        ),
        (("Date,Offence", '03/10/2026,"Jo', "1"), BY_OFFENCE, "Line 2: This isn’t proper CSV"),
        (("Date", *["03/10/2026"] * (MOST_ROWS + 1)), Columns("Date"), "The file has more than 100,000 rows."),
    ],
)
def test_what_cant_be_counted_is_said_without_a_word_of_a_record(lines: Sequence[str], columns: Columns, sentence: str):
    with pytest.raises(RecordsRefused) as refused:
        count_records(csv_file(*lines), columns)
    assert str(refused.value).startswith(sentence)
    assert "Jo" not in str(refused.value)
    assert "jo@" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b" \n", "The file is empty."),
        (b"%PDF-1.7", "This file is a PDF, whatever its name says."),
        (b"PK\x03\x04 no zip", "This workbook is damaged or cut short."),
        (b"a\x00b", "This isn’t text, so it isn’t CSV."),
    ],
)
def test_what_is_no_file_of_records(content: bytes, sentence: str):
    with pytest.raises(RecordsRefused) as refused:
        read_record_file(content)
    assert str(refused.value).startswith(sentence)


def test_a_formula_is_refused_in_a_column_that_counts():
    rows: list[list[Cell]] = [["Date", "Offence", "Days"], ["03/10/2026", "Arson", 1]]
    beside = read_record_file(workbook(rows, formulas={"C2": "=1+1"}))
    assert count_records(beside, BY_OFFENCE).kinds == {"Arson": 1}
    within = read_record_file(workbook(rows, formulas={"B2": "=C2"}))
    with pytest.raises(RecordsRefused, match=r"^B2, under “Offence”, is a formula\. Replace it with its value\."):
        count_records(within, BY_OFFENCE)


def test_a_missing_column_is_told_apart():
    with pytest.raises(ColumnsMissing):
        count_records(csv_file("Ref,Offence", "1,Arson"), BY_OFFENCE)


def test_a_fault_of_ours_says_where_and_not_what():
    with pytest.raises(RecordsFailed) as failed, keeps_records_out():
        int("Jo Bloggs")
    assert str(failed.value).startswith("ValueError in test_records.py, line ")
    assert "Jo" not in str(failed.value)
    assert failed.value.__suppress_context__


MONTHS = st.builds(Month, st.integers(2015, 2026), st.integers(1, 12))
RECORDS = st.lists(st.tuples(MONTHS, st.integers(1, 28), st.sampled_from(["A", "b", "C d", ""]), st.integers(0, 50)))


@given(RECORDS.filter(bool))
def test_no_record_is_lost_or_counted_twice(records: list[tuple[Month, int, str, int]]):
    rows = [f"{day:02}/{month.number:02}/{month.year},{kind},{number}" for month, day, kind, number in records]
    tally = count_records(csv_file("Date,Offence,N", *rows), Columns("Date", "Offence", "N"))
    assert tally.rows == Counter((month, kind) for month, _, kind, _ in records)
    assert tally.sums is not None
    assert tally.sums.total() == sum(number for *_, number in records)
    assert sum(tally.kinds.values()) == tally.read == len(records)


def test_a_column_that_isnt_counted_may_tell_a_long_story():
    """As long as a cell of Excel. No file of figures may have one as long."""
    rows = [["Date", "Offence", "Story"], ["03/10/2026", "Arson", "x" * 32_767]]
    assert count_records(read_record_file(spreadsheet(rows)), BY_OFFENCE).kinds == {"Arson": 1}
    with pytest.raises(RecordsRefused, match=r"^C2 of the sheet “Sheet1” has too much text: more than 32,767 char"):
        read_record_file(spreadsheet([rows[0], [*rows[1][:2], "x" * 32_768]]))


@pytest.mark.parametrize("make", [workbook, spreadsheet])
def test_a_workbook_of_many_rows_and_columns_is_counted(make: Callable[[list[list[Cell]]], bytes]):
    """More than a file of figures may have: 25,000 rows, or a column after the 26th."""
    head: list[Cell] = ["Date", "Offence", *(f"Column {n}" for n in range(30))]
    wide: list[Cell] = ["03/10/2026", "Arson", *([""] * 29), "end"]
    narrow: list[Cell] = ["04/10/2026", "Fraud"]
    content = make([head, *[wide] * 100, *[narrow] * 25_000])
    assert count_records(read_record_file(content), BY_OFFENCE).kinds == {"Arson": 100, "Fraud": 25_000}
