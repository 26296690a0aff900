"""Which five-year bands make up a group of ages? Pure."""

import re
from collections.abc import Iterator

from indicators.figures import shorten

ALL_AGES = "all"
OPEN_ENDS = ("85+", "90+")  # sources end with one or the other
FIVE_YEARS = tuple(f"{first}-{first + 4}" for first in range(0, 90, 5))
GROUP = re.compile(r"([0-9]{1,2})(?:-([0-9]{1,2})|\+)", re.ASCII)
LABELS = {
    ALL_AGES: "All ages",
    **{band: band.replace("-", " to ") for band in FIVE_YEARS},
    **{band: f"{band.removesuffix('+')} and over" for band in OPEN_ENDS},
}


class AgesRefused(ValueError):
    """Raised for ages that no set of bands makes up. Its text is a sentence for the user."""


def read_band(typed: str) -> str:
    """Read one band, or all ages: "10-14", "10 – 14", "90+", "all", "All ages". Raises AgesRefused."""
    band = "".join(typed.lower().replace("–", "-").split()).removesuffix("ages")
    if band not in LABELS:
        raise AgesRefused(
            f"“{shorten(typed.strip())}” isn’t an age band: write “all”, or a band of five years such as 10-14."
        )
    return band


def tidy_ages(typed: str) -> str:
    """ "0 to 24" and "0 – 24" are 0-24."""
    return "-".join(part.strip() for part in re.split("-|–|to", typed.lower()))


def list_ways(ages: str) -> list[tuple[str, ...]]:
    """Return every set of bands that makes up these ages: "10-24" is 10-14, 15-19 and 20-24; "80+" is 80-84 and 85+, or
    80-84, 85-89 and 90+. Raises AgesRefused."""
    if ages == ALL_AGES:
        return [(ALL_AGES,)]
    ways = list(_list_ways(*read.groups())) if (read := GROUP.fullmatch(ages)) else []
    if not ways:
        raise AgesRefused(f"“{shorten(ages)}” can’t be made up of bands of five years: write “all”, 10-24 or 65+.")
    return ways


def _list_ways(first: str, last: str | None) -> Iterator[tuple[str, ...]]:
    if last is not None:
        if bands := _bands(int(first), int(last) + 1):
            yield bands
        return
    for end in OPEN_ENDS:
        start = int(end.removesuffix("+"))
        bands = _bands(int(first), start)
        if bands or int(first) == start:
            yield (*bands, end)


def _bands(first: int, end: int) -> tuple[str, ...]:
    """Return the bands from one age to just before another; none where a band would be cut."""
    if first % 5 or end % 5 or end > 90:
        return ()
    return FIVE_YEARS[first // 5 : end // 5]


def describe_ages(ages: str) -> str:
    """Return "residents", "residents aged 10 to 24" or "residents aged 65 and over"; empty for no ages."""
    if not ages:
        return ""
    if ages == ALL_AGES:
        return "residents"
    first, _, last = ages.partition("-")
    return f"residents aged {first} to {last}" if last else f"residents aged {ages.removesuffix('+')} and over"
