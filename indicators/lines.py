"""What figures are sorted by: origins of lines, ways of counting, bands of ages, and columns of a file. Pure.

Origins are from a catalogue of towns and cities with their places on the map. A lead can add one by name. Coordinates
are those of the centre in degrees (WGS 84), to two decimal places: about a kilometre, far finer than the map is drawn.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from indicators.figures import shorten
from indicators.judgement.judge import Counted


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    longitude: float
    latitude: float


def _place(name: str, longitude: float, latitude: float) -> Place:
    # Categories keep this code, so never rename a place.
    return Place(name.lower().replace(" ", "-"), name, longitude, latitude)


PLACES = (
    _place("Aberdeen", -2.10, 57.15),
    _place("Bath", -2.36, 51.38),
    _place("Bedford", -0.47, 52.14),
    _place("Belfast", -5.93, 54.60),
    _place("Birkenhead", -3.02, 53.39),
    _place("Birmingham", -1.90, 52.48),
    _place("Blackburn", -2.48, 53.75),
    _place("Blackpool", -3.05, 53.82),
    _place("Bolton", -2.43, 53.58),
    _place("Bournemouth", -1.88, 50.72),
    _place("Bradford", -1.75, 53.79),
    _place("Brighton", -0.14, 50.82),
    _place("Bristol", -2.59, 51.45),
    _place("Cambridge", 0.12, 52.21),
    _place("Cardiff", -3.18, 51.48),
    _place("Chelmsford", 0.47, 51.74),
    _place("Colchester", 0.90, 51.89),
    _place("Coventry", -1.51, 52.41),
    _place("Crawley", -0.19, 51.11),
    _place("Croydon", -0.10, 51.37),
    _place("Derby", -1.48, 52.92),
    _place("Doncaster", -1.13, 53.52),
    _place("Dundee", -2.97, 56.46),
    _place("Edinburgh", -3.19, 55.95),
    _place("Exeter", -3.53, 50.72),
    _place("Glasgow", -4.25, 55.86),
    _place("Gloucester", -2.24, 51.86),
    _place("Harlow", 0.10, 51.77),
    _place("Huddersfield", -1.78, 53.65),
    _place("Hull", -0.34, 53.74),
    _place("Ipswich", 1.16, 52.06),
    _place("Leeds", -1.55, 53.80),
    _place("Leicester", -1.13, 52.64),
    _place("Liverpool", -2.98, 53.41),
    _place("London", -0.13, 51.51),
    _place("Luton", -0.42, 51.88),
    _place("Manchester", -2.24, 53.48),
    _place("Medway", 0.53, 51.39),
    _place("Merseyside", -2.98, 53.41),
    _place("Middlesbrough", -1.23, 54.57),
    _place("Milton Keynes", -0.76, 52.04),
    _place("Newcastle upon Tyne", -1.61, 54.98),
    _place("Newport", -3.00, 51.59),
    _place("Northampton", -0.90, 52.24),
    _place("Norwich", 1.30, 52.63),
    _place("Nottingham", -1.15, 52.95),
    _place("Oldham", -2.11, 53.54),
    _place("Oxford", -1.26, 51.75),
    _place("Peterborough", -0.24, 52.57),
    _place("Plymouth", -4.14, 50.38),
    _place("Portsmouth", -1.09, 50.80),
    _place("Preston", -2.70, 53.76),
    _place("Reading", -0.97, 51.45),
    _place("Rochdale", -2.16, 53.61),
    _place("Romford", 0.18, 51.58),
    _place("Salford", -2.29, 53.49),
    _place("Sheffield", -1.47, 53.38),
    _place("Slough", -0.59, 51.51),
    _place("Southampton", -1.40, 50.91),
    _place("Southend-on-Sea", 0.71, 51.54),
    _place("Stockport", -2.16, 53.41),
    _place("Stoke-on-Trent", -2.18, 53.00),
    _place("Sunderland", -1.38, 54.91),
    _place("Swansea", -3.94, 51.62),
    _place("Swindon", -1.78, 51.56),
    _place("Walsall", -1.98, 52.59),
    _place("Warrington", -2.59, 53.39),
    _place("West Midlands", -1.97, 52.50),
    _place("Wigan", -2.63, 53.55),
    _place("Wolverhampton", -2.13, 52.59),
    _place("York", -1.08, 53.96),
)
BY_CODE = {place.code: place for place in PLACES}


BLANKS = re.compile(r"\s+")
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-"})


class Way(NamedTuple):
    """How an area counts: the definition in force, with whatever else makes figures comparable."""

    area: int
    code: str
    text: str
    unit: str
    counts_as: str
    asked: str
    ratio: str = ""
    per: int = 1


@lru_cache(maxsize=2048)
def simplify(text: str) -> str:
    """Return a text without what doesn't change its meaning: case, blanks, the kind of quotes, a last full stop."""
    return BLANKS.sub(" ", text.translate(PLAIN)).strip().rstrip(".").casefold()


def find_odd(ways: Iterable[Way], *, catalogue: Collection[str] = ()) -> dict[str, frozenset[int]]:
    """Return the areas that count differently from most, by the indicator's code. Codes that all areas count alike are
    left out.

    A code from the catalogue makes indicators comparable. An area may still count differently: another definition, unit
    or rhythm. What most areas do is the region's way, and the others aren't added to it. Where as many count in one way
    as in another, a definition of the `catalogue` wins, then the first by the alphabet.
    """
    by_code: dict[str, dict[int, tuple[object, ...]]] = {}
    for area, code, text, unit, counts_as, *rest in ways:
        added_as = Counted(counts_as).added_as
        by_code.setdefault(code, {})[area] = (simplify(text), simplify(unit), added_as, *rest)
    known = {simplify(text) for text in catalogue}
    odd = {}
    for code, by_area in by_code.items():
        if len(set(by_area.values())) > 1:
            counted = Counter(by_area.values())
            usual = min(counted, key=lambda way: (-counted[way], way[0] not in known, repr(way)))
            odd[code] = frozenset(area for area, way in by_area.items() if way != usual)
    return odd


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


LONGEST_COLUMN = 120  # characters of a heading


@dataclass(frozen=True, slots=True)
class Columns:
    """The meaning of a file's columns, by heading; empty where no column has that meaning. Rows are counted, unless a
    column is `summed`. If there is an `only` column, a row counts only if it has one of `only_values` there."""

    month: str
    kind: str = ""
    summed: str = ""
    only: str = ""
    only_values: tuple[str, ...] = ()

    @property
    def named(self) -> list[str]:
        return [name for name in (self.month, self.kind, self.summed, self.only) if name]


def same(text: str) -> str:
    """Return the text to compare: blanks and capitals make no difference."""
    # Ignored kinds are stored as hashes of this text. If it changes, agencies are asked about all of them again.
    return " ".join(text.split()).casefold()
