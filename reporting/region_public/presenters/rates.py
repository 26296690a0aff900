"""How many is that for each 10,000 residents? From the numbers of residents that an edition stores."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from indicators.ratios import show_number
from indicators.selectors.populations import Residents
from reporting.regions.cells import UNSAID
from reporting.regions.presenters.rows import RATE

UNDECIDED = "Nobody has decided whether the cases are residents, so there is no rate."


class Lived(NamedTuple):
    """The residents of one or more areas, and the year of that number; None if the areas' years differ."""

    number: int
    year: int | None

    def rate(self, value: int) -> str:
        """Return how many that is for each 10,000 residents."""
        return show_number(RATE.value(value, self.number) or 0, "rate")


def read_residents(content: Mapping[str, Any]) -> dict[str, Residents]:
    """Return each area's residents, by its slug."""
    return {slug: Residents(**of) for slug, of in content["residents"].items()}


def find_lived(line: Mapping[str, Any], areas: Collection[str], residents: Mapping[str, Residents]) -> Lived | None:
    """Return the residents behind a rate of these areas together; None if it has none."""
    if line["counts_residents"] is not True or line["is_ratio"] or not areas or not residents.keys() >= set(areas):
        return None
    years = {residents[slug].year for slug in areas}
    return Lived(sum(residents[slug].number for slug in areas), years.pop() if len(years) == 1 else None)


def find_cell_lived(
    line: Mapping[str, Any], cell: Mapping[str, Any], area: str, residents: Mapping[str, Residents]
) -> Lived | None:
    """Return the residents behind a cell's rate. A figure that isn't shown, is rounded or counts something else has
    none."""
    if cell["value"] is None or cell["rounded_to"] or not cell["is_alike"]:
        return None
    return find_lived(line, [area], residents)


def describe_lack(line: Mapping[str, Any], residents: Mapping[str, Residents]) -> str:
    """Say why an indicator has no rates; empty if it has them, or is a ratio itself."""
    if line["is_ratio"] or not residents:
        return ""
    return {True: "", False: f"There is no rate. {line['residents_why'] or UNSAID}", None: UNDECIDED}[
        line["counts_residents"]
    ]
