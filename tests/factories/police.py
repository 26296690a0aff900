"""Months of police open data: real rows, trimmed (tests/data/police_uk)."""

from datetime import date
from pathlib import Path

from boards.models import Agency
from core.calendar import Month
from indicators.imports.open_data import PoliceMonth
from indicators.models import Indicator
from tests.factories import make_indicator

DATA = Path(__file__).parent.parent / "data" / "police_uk"
CODES = ("police-drugs", "police-weapons", "police-violence")


def make_police_indicators(owner: Agency) -> list[Indicator]:
    """What `import_police_uk` fills."""
    return [
        make_indicator(owner, code, collection="import", defined_from=date(2010, 12, 1), position=position)
        for position, code in enumerate(CODES)
    ]


def file_of(month: str) -> Path:
    """The trimmed file of one of the months 2018-01 to 2018-07."""
    return DATA / f"{month}-essex-street.csv"


def counted(month: str, drugs: int, weapons: int, violence: int, *, name_of_file: str = "") -> PoliceMonth:
    """A month as if it had been read from a file."""
    return PoliceMonth(
        name_of_file=name_of_file or f"{month}-essex-street.csv",
        month=Month.parse(month),
        counts=dict(zip(CODES, (drugs, weapons, violence), strict=True)),
        rows_read=1000,
        rows_matched=100,
        rows_without_lsoa=1,
    )
