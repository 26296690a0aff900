"""Recorded crime of six London boroughs, April 2010 to July 2021: tests/data/london."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.calendar import Month

FILE = Path(__file__).resolve().parent / "data" / "london" / "six-boroughs-2010-2021.csv"
FIRST, LAST = Month(2010, 4), Month(2021, 7)
VIOLENCE, HOMICIDE, ROBBERY = "Violence with Injury", "Homicide", "Robbery of Personal Property"
LOCKDOWN = (Month(2020, 4), Month(2020, 5))


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of one type of crime in one borough, a month each from FIRST on. `code` names the row of the file."""

    code: str
    crime: str
    borough: str
    values: list[int | None]


def series(*crimes: str) -> Iterator[Series]:
    """Those of these types; of all, where none is named."""
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    for number, (_, crime, borough, *cells) in enumerate(rows, 1):
        if not crimes or crime in crimes:
            yield Series(f"row-{number}", crime, borough, [int(float(cell or 0)) for cell in cells])
