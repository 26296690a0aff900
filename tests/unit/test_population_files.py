"""What a file of populations says, and each thing that can be wrong with it."""

import pytest

from indicators.imports.open_data import LARGEST_POPULATION_FILE, read_population_file

HEADER = "ons_code,name,year,age,population"
GOOD = "E06000033,Southend-on-Sea,2021,all,186062"


def read(*rows: str, header: str = HEADER, encoding: str = "utf-8"):
    return read_population_file("\r\n".join([header, *rows, ""]).encode(encoding), name_of_file="populations.csv")


def faults(*rows: str) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.sentence) for fault in read(*rows).faults]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_row_is_read(separator):
    rows = ["E06000033,Southend-on-Sea,2021,10 – 14,11 863", "", GOOD]
    file = read(*(row.replace(",", separator) for row in rows), header=HEADER.replace(",", separator))
    assert [(row.line, row.ons_code, row.year, row.ages, row.residents) for row in file.rows] == [
        (2, "E06000033", 2021, "10-14", 11863),
        (4, "E06000033", 2021, "all", 186062),
    ]


def test_a_mark_of_utf_8_is_no_part_of_the_header():
    assert len(read(GOOD, encoding="utf-8-sig").rows) == 1


def test_all_that_is_wrong_is_told_at_once_by_line():
    assert faults(
        "Southend,Southend-on-Sea,21,10-12,many",
        "E06000033,Southend-on-Sea,2021,all",
        GOOD,
        "E06000033,Southend-on-Sea,2021,10-14,0",
        "E06000033,Southend-on-Sea,2021,15-19,12.5",
        GOOD,
        "E06000033,Southend-on-Sea,2021,20-24,186063",
    ) == [
        (2, "ons_code", "“Southend” isn’t an ONS code, such as E06000033."),
        (2, "year", "“21” isn’t a year, such as 2021."),
        (2, "age", "“10-12” isn’t an age band: write “all”, or a band of five years such as 10-14."),
        (2, "population", "Enter a whole number, such as 12. You entered “many”."),
        (3, "", "The row has 4 columns, but the header has 5."),
        (5, "population", "A rate can’t be worked out from 0 residents. Leave the row out."),
        (6, "population", "Enter a whole number, without a decimal point. You entered “12.5”."),
        (7, "age", "all for E06000033 in 2021 is already in line 4. Keep one of the two."),
        (8, "population", "This age band has 186,063 residents, but all ages together have 186,062."),
    ]


def test_a_quotation_mark_that_is_not_closed_is_told_with_its_line():
    assert [line for line, *_ in faults(GOOD, 'E06000033,"Southend,2021,0-4,5')] == [3]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The first row must be the header: ons_code,name,year,age,population."),
        (GOOD.encode(), "The first row must be the header: ons_code,name,year,age,population."),
        (HEADER.encode(), "There is a header but no row below it."),
        (b"PK\x03\x04\x00", "This isn’t text, so it isn’t CSV."),
        (b"x" * (LARGEST_POPULATION_FILE + 1), "The file is larger than 2 MB"),
    ],
)
def test_what_is_no_file_of_populations_is_refused(content, sentence):
    with pytest.raises(match=sentence):
        read_population_file(content, name_of_file="populations.csv")
