"""Counting the rows of a data.police.uk file."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Month
from indicators.imports.open_data import (
    HEADER,
    LONGEST_LINE,
    Place,
    PoliceFile,
    PoliceFileRefused,
    PoliceMonth,
    read_police_file,
)

DATA = Path(__file__).parent.parent / "data" / "police_uk"
TODAY = date(2026, 11, 24)


def read(content: bytes) -> PoliceFile:
    return read_police_file(io.BytesIO(content), name_of_file="essex.csv", today=TODAY)


def count(content: bytes, *places: str) -> PoliceMonth:
    return read(content).count(Place.of(places or ["Southend-on-Sea"]))


def row(lsoa: str = "Southend-on-Sea 001A", kind: str = "Drugs", month: str = "2018-02") -> str:
    return f",{month},Essex Police,Essex Police,0.1,51.5,On or near A Road,E01,{lsoa},{kind},,"


def file_of(*rows: str, end: str = "\n") -> bytes:
    return (end.join([",".join(HEADER), *rows]) + end).encode()


# Rows, of them in Southend, without an LSOA; then drugs, weapons, violence: counted with grep.
TRIMMED = {
    "2018-01": (67, 41, 2, 6, 1, 13),
    "2018-02": (60, 38, 0, 4, 2, 11),
    "2018-03": (73, 46, 5, 7, 3, 15),
    "2018-04": (70, 42, 6, 5, 2, 14),
    "2018-05": (67, 39, 6, 4, 0, 14),
    "2018-06": (74, 45, 7, 4, 3, 17),
    "2018-07": (73, 44, 7, 3, 1, 19),
}


@pytest.mark.parametrize("month", TRIMMED)
def test_real_rows_are_counted(month: str):
    name = f"{month}-essex-street.csv"
    with (DATA / name).open("rb") as stream:
        counted = read_police_file(stream, name_of_file=name, today=TODAY).count(Place.of(["Southend-on-Sea"]))
    rows, matched, without, drugs, weapons, violence = TRIMMED[month]
    assert counted == PoliceMonth(
        name_of_file=name,
        month=Month.parse(month),
        counts={"police-drugs": drugs, "police-weapons": weapons, "police-violence": violence},
        rows_read=rows,
        rows_matched=matched,
        rows_without_lsoa=without,
    )


def test_exact_repeats_are_separate_incidents():
    assert count(file_of(row(), row(), row())).counts["police-drugs"] == 3


def test_a_kind_that_does_not_occur_is_a_true_zero():
    assert count(file_of(row(kind="Burglary"))).counts == {
        "police-drugs": 0,
        "police-weapons": 0,
        "police-violence": 0,
    }


DERBY = ("Derby 001A", "Derby 012BC", "Derbyshire Dales 001A", "Derby", "South Derbyshire 003C", "")


@pytest.mark.parametrize(
    ("places", "matched"),
    [
        (["Derby"], 3),
        (["Derbyshire Dales"], 1),
        (["Derby", "South Derbyshire"], 4),
        (["E02"], 0),
        (["derby"], 0),  # letter for letter
        (["Derby 001A"], 0),
        (["Derby 001"], 0),
    ],
)
def test_a_row_counts_where_the_place_before_the_number_is_the_name(places: list[str], matched: int):
    content = file_of(*map(row, DERBY))
    if matched:
        counted = count(content, *places)
        assert (counted.rows_matched, counted.rows_without_lsoa) == (matched, 1)
    else:
        with pytest.raises(PoliceFileRefused, match=f"no place is called “{places[0]}”. It has: "):
            count(content, *places)


def test_a_place_may_be_a_list_of_codes():
    rows = [row(f"Derby 00{number}A").replace("E01", f"E0101234{number}") for number in range(4)]
    codes = "E01012341, E01012342,E01099999"  # a small area may have had no crime
    assert count(file_of(*rows), codes).rows_matched == 2
    assert count(file_of(*rows), codes, "E01012343").rows_matched == 3
    assert count(file_of(*rows), codes, "Derby").rows_matched == 4
    with pytest.raises(
        PoliceFileRefused, match=r"has no row for the LSOA E01099999. Is this file from the right force"
    ):
        count(file_of(*rows), "E01099999")


def test_a_place_with_a_comma_is_a_name():
    assert count(file_of(row('"Bristol, City of 001A"')), "Bristol, City of").rows_matched == 1


def test_a_place_that_is_not_there_says_which_are_the_nearest_first():
    names = ["Amber Valley 001A", "Derbyshire Dales 001A", "Derby 002B", "Bolsover 001A", "South Derbyshire 003C"]
    with pytest.raises(PoliceFileRefused) as refusal:
        count(file_of(*map(row, names)), "Derbyshire")
    assert str(refusal.value) == (
        "essex.csv: no place is called “Derbyshire”. "
        "It has: South Derbyshire; Derbyshire Dales; Derby; Amber Valley; Bolsover."
    )


def test_a_place_that_is_not_there_lists_no_more_than_twenty():
    with pytest.raises(PoliceFileRefused, match=r"It has: Place A;.* and 6 more\.$"):
        count(file_of(*[row(f"Place {letter} 001A") for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]), "Elsewhere")


def test_a_place_beyond_the_border_has_its_home_elsewhere():
    file = read(file_of(*[row()] * 999, row("Harlow 001A")))
    assert [file.is_own_place(Place.of([name])) for name in ("Southend-on-Sea", "Harlow", "Derby")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + file_of(row(), row()), id="a byte order mark"),
        pytest.param(file_of(row(), row(), end="\r\n"), id="CRLF"),
        pytest.param(file_of(row(), row()).removesuffix(b"\n"), id="no line break at the end"),
        pytest.param(file_of(row(), "", row(), "", ""), id="empty lines"),
        pytest.param(file_of(row().replace("On or near A Road", '"On or near A, Road"'), row()), id="quoted comma"),
        pytest.param(file_of(row().replace("A Road", "Ffordd Tŷ"), row()), id="letters beyond ASCII"),
    ],
)
def test_harmless_differences_are_accepted(content: bytes):
    counted = count(content)
    assert (counted.rows_read, counted.counts["police-drugs"]) == (2, 2)


GOOD = file_of(row(), row())
REFUSED = {
    "an empty file": (b"", "essex.csv: the file is empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", "essex.csv, line 1: this isn't a street-level crime file"),
    "a header and no rows": (file_of(), "essex.csv: there is a header but no row"),
    "no header": (GOOD.split(b"\n", 1)[1], "essex.csv, line 1: this isn't a street-level crime file"),
    "an outcomes file": (
        GOOD.replace(b"Crime type,Last outcome category,Context", b"Outcome type"),
        "essex.csv, line 1: this isn't a street-level crime file",
    ),
    "columns in another order": (
        GOOD.replace(b"LSOA code,LSOA name", b"LSOA name,LSOA code"),
        "essex.csv, line 1: this isn't a street-level crime file",
    ),
    "a web page": (b"<!doctype html>\n<title>Sorry</title>\n", "essex.csv, line 1: this isn't a street-level"),
    "a file cut short": (GOOD[: -len("a Road,E01,Southend-on-Sea 001A,Drugs,,\n")], "essex.csv, line 3: the row has 7"),
    "a row too short": (file_of(row(), "x,2018-02", row()), "essex.csv, line 3: the row has 2 columns, not 12"),
    "a row too long": (file_of(row() + ",more", row()), "essex.csv, line 2: the row has 13 columns, not 12"),
    "a huge line": (file_of(row(), "x" * LONGEST_LINE), "essex.csv, line 3: the line is longer than 64 KiB"),
    "Latin-1": (file_of(row(), row().replace("A Road", "Café")).decode().encode("latin-1"), "line 3: this isn't text"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "essex.csv, line 1: this isn't text in UTF-8"),
    "a ZIP archive": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00\xf3\xa9", "essex.csv, line 1: this isn't text in UTF-8"),
    "an open quotation mark": (file_of(row(), '"' + row(), row()), "essex.csv, line 3: this isn't proper CSV"),
    "a line break in a cell": (
        file_of(row(), row().replace("A Road", '"A\nRoad"').replace("On or near ", ""), row()),
        "essex.csv, line 3: a quotation mark isn't closed",
    ),
    "a stray quotation mark": (file_of(row(), '"x"y' + row()), "essex.csv, line 3: this isn't proper CSV"),
    "line breaks of the old Mac": (file_of(row(), end="\r"), "essex.csv, line 1: this isn't proper CSV"),
    "a month that isn't one": (file_of(row(month="2018-13")), "essex.csv, line 2: “2018-13” is not a month"),
    "no month": (file_of(row(month="")), "essex.csv, line 2: “” is not a month"),
    "the year 0": (file_of(row(month="0000-01")), "essex.csv, line 2: “0000-01” is not a month"),
    "a month in the future": (file_of(row(month="2026-12")), "essex.csv, line 2: December 2026 has not started yet"),
    "a month before there was data": (file_of(row(month="1918-11")), "has nothing before December 2010"),
    "two months": (
        file_of(row(), row(), row(month="2018-03")),
        "essex.csv, line 4: the month is “2018-03”, but 2018-02 in the lines above",
    ),
    "a month missing below": (file_of(row(), row(month="")), "essex.csv, line 3: the month is “”, but 2018-02"),
    "kinds of an older time": (
        file_of(row(kind="Violent crime")),
        "its crime type “Violent crime” has since been split",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_with_a_sentence(case: str):
    content, beginning = REFUSED[case]
    with pytest.raises(PoliceFileRefused) as refusal:
        count(content)
    sentence = str(refusal.value)
    assert beginning in sentence
    assert sentence.startswith("essex.csv")
    assert "\n" not in sentence
    assert len(sentence) < 300


@pytest.mark.parametrize("month", ["2010-12", "2026-11"])
def test_the_first_month_with_data_and_the_current_one_are_accepted(month: str):
    assert count(file_of(row(month=month))).month == Month.parse(month)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Southend-on-Sea 001A", "Southend-on-Sea", "Southend", "Harlow 002B", ""]) | TEXT,
            st.sampled_from(["Drugs", "Possession of weapons", "Violence and sexual offences", "drugs", ""]) | TEXT,
            TEXT,
        )
    )
)
def test_the_counts_are_those_of_a_plain_count(rows: list[tuple[str, str, str]]):
    rows = [("Southend-on-Sea 001A", "Burglary", ""), *rows]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(["", "2018-02", "", "", "", "", where, "", name, kind, "", ""] for name, kind, where in rows)
    counted = count(text.getvalue().encode())
    kinds = [kind for name, kind, _ in rows if name in ("Southend-on-Sea 001A", "Southend-on-Sea")]
    assert counted.counts == {
        "police-drugs": kinds.count("Drugs"),
        "police-weapons": kinds.count("Possession of weapons"),
        "police-violence": kinds.count("Violence and sexual offences"),
    }
    assert counted.rows_read == len(rows)
    assert counted.rows_without_lsoa == len([name for name, _, _ in rows if name == ""])


class Generated(io.RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.rest = b""
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        piece = self.rest or next(self.pieces, b"")
        taken, self.rest = piece[: len(buffer)], piece[len(buffer) :]
        buffer[: len(taken)] = taken
        self.given += len(taken)
        return len(taken)


def test_a_long_file_takes_little_memory():
    rows = 200_000

    def pieces() -> Iterator[bytes]:
        yield file_of()
        thousand = (row() + "\r\n").encode() * 1000
        for _ in range(rows // 1000):
            yield thousand

    stream = io.BufferedReader(Generated(pieces()))
    tracemalloc.start()
    try:
        counted = read_police_file(stream, name_of_file="essex.csv", today=TODAY).count(Place.of(["Southend-on-Sea"]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert counted.counts["police-drugs"] == rows
    assert peak < 2_000_000


def test_an_endless_line_is_not_read_to_its_end():
    def pieces() -> Iterator[bytes]:
        while True:
            yield b"x" * 8192

    endless = Generated(pieces())
    with pytest.raises(PoliceFileRefused, match="line 1: the line is longer than 64 KiB"):
        read_police_file(io.BufferedReader(endless), name_of_file="essex.csv", today=TODAY)
    assert endless.given <= LONGEST_LINE + 16 * 1024


def test_an_open_quotation_mark_does_not_swallow_the_file():
    rows = 20_000

    def pieces() -> Iterator[bytes]:
        yield file_of(row(), '"' + row())
        for _ in range(rows):
            yield (row() + "\n").encode()

    stream = Generated(pieces())
    with pytest.raises(PoliceFileRefused, match="line 3: this isn't proper CSV"):
        read_police_file(io.BufferedReader(stream), name_of_file="essex.csv", today=TODAY)
    assert stream.given < rows * len(row()) / 5
