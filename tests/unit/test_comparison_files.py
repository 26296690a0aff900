"""A file of comparison series: what it says, and everything that is wrong with it."""

import pytest

from core.calendar import Month
from indicators.imports.open_data import read_comparison_file

HEADER = "indicator,area,month,count"


def read(*rows: str, header: str = HEADER):
    return read_comparison_file("\n".join([header, *rows]).encode(), name_of_file="towns.csv")


def test_series_by_indicator_and_area():
    file = read("arrests, Elsewhere ,2026-09,12", "", "arrests,Elsewhere,2026-10,0", "charges,Elsewhere,2026-09,3")
    assert file.faults == []
    assert file.series == {
        ("arrests", "Elsewhere"): {Month(2026, 9): 12, Month(2026, 10): 0},
        ("charges", "Elsewhere"): {Month(2026, 9): 3},
    }


def test_semicolons_and_capitals_of_a_spreadsheet_are_read():
    assert read("arrests;Elsewhere;2026-09;12", header="Indicator;Area;Month;Count").series


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ("arrests,Elsewhere,2026-09", "", "The row has 3 columns, but the header has 4."),
        (",Elsewhere,2026-09,1", "indicator", "Enter the code of the indicator to compare this series with."),
        ("arrests,,2026-09,1", "area", "Enter the name of the area."),
        (f"arrests,{'x' * 81},2026-09,1", "area", "Shorten the name to 80 characters; it has 81."),
        ("arrests,Elsewhere,09/2026,1", "month", "“09/2026” isn’t a month, such as 2026-10."),
        ("arrests,Elsewhere,2026-08,9", "month", "August 2026 for Elsewhere appears twice. Keep one of the two."),
        ("arrests,Elsewhere,2099-08,9", "month", "Elsewhere spans more than 50 years. Leave out the oldest years."),
    ],
)
def test_each_fault_is_a_sentence(row, column, sentence):
    file = read("arrests,Elsewhere,2026-08,9", row)
    assert [(fault.column, fault.sentence) for fault in file.faults] == [(column, sentence)]


@pytest.mark.parametrize("count", ["", "-1", "1.5", "twelve"])
def test_a_count_is_a_whole_number(count):
    [fault] = read(f"arrests,Elsewhere,2026-09,{count}").faults
    assert (fault.line, fault.column) == (2, "count")
    assert fault.sentence.endswith("If there is no count, leave the row out.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"month,count\n2026-09,1", "The first row must be the header: indicator,area,month,count."),
        (HEADER.encode(), "There is a header but no row below it."),
        (b"\x00", "This isn’t text, so it isn’t CSV."),
        (b"x" * (5 * 1024 * 1024 + 1), "The file is larger than 5 MB"),
    ],
)
def test_what_cant_be_read_at_all_is_refused(content, sentence):
    with pytest.raises(match=sentence.replace("(", r"\(")):
        read_comparison_file(content, name_of_file="towns.csv")
