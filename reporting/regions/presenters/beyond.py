"""Which areas of a region's month differ from the region, over all its indicators? One sentence, and who it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from indicators.funnels import Funnel, Part, Place, make_funnel
from indicators.ranges import USUAL
from indicators.ratios import RATIO_KINDS
from reporting.regions.cells import Indicator, RegionFigures
from reporting.regions.columns import Cell
from reporting.regions.presenters.funnel import describe_finding, find_reason

MOST = 8  # that have a sentence each
FAR = (Place.FAR_HIGHER, Place.FAR_LOWER)


@dataclass(frozen=True, slots=True)
class Finding:
    """Which areas differ on one indicator."""

    code: str
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Beyond:
    """What the funnels of a month say together: how many figures are outside the limits, and the first findings."""

    sentence: str
    findings: tuple[Finding, ...]


def find_beyond(figures: RegionFigures) -> Beyond | None:
    """Compare each indicator's areas with the region. None if no indicator has a funnel."""
    made = list(list_funnels(figures))
    if not made:
        return None
    named = [each for each in made if any(place is not Place.WITHIN for place in each[1].places)]
    # Among many, most are outside the 95% limits by chance: then only those outside the others have a sentence.
    if len(named) > MOST:
        named = [each for each in named if any(place in FAR for place in each[1].places)][:MOST]
    findings = (Finding(one.code, one.lead.name, describe_finding(funnel, names)) for one, funnel, names in named)
    return Beyond(describe_places([place for _, funnel, _ in made for place in funnel.places]), tuple(findings))


def describe_places(places: Sequence[Place]) -> str:
    """Say how many of all figures are outside the limits, and how many chance alone puts there."""
    many, far = len(places), sum(place in FAR for place in places)
    outside = sum(place is not Place.WITHIN for place in places)
    expected = (1 - USUAL) * many
    chance = f"about {expected:.0f}" if expected >= 1 else "fewer than 1"
    return (
        f"Compared with the region: {outside or 'none'} of {many:,} figures {'is' if outside < 2 else 'are'} outside "
        f"the 95% limits, and {far or 'none'} outside the 99.8% limits. Chance alone puts {chance} outside the 95% "
        "limits."
    )


def list_funnels(figures: RegionFigures) -> Iterator[tuple[Indicator, Funnel, list[str]]]:
    """Yield each indicator that has a funnel this month, with the names of the funnel's areas."""
    for one in figures.indicators:
        if find_reason(one):
            continue
        found = [
            (name, counts)
            for area, name in figures.names.items()
            if area in one.counted and (counts := find_counts(one.counted[area], figures)) is not None
        ]
        if len(found) > 1:
            is_share = bool(one.lead.ratio) and RATIO_KINDS[one.lead.ratio].is_part
            yield one, make(tuple(counts for _, counts in found), is_share), [name for name, _ in found]


def find_counts(cell: Cell, figures: RegionFigures) -> tuple[int, int] | None:
    """Return an area's events and what they are out of; None if one is missing, or a part is more than its whole."""
    if cell.ratio:
        events, whole = cell.numerator, cell.denominator
    else:
        residents = figures.residents.get(cell.area_id)
        events, whole = cell.value, residents.number if residents else None
    if events is None or not whole or (cell.ratio and RATIO_KINDS[cell.ratio].is_part and events > whole):
        return None
    return events, whole


@lru_cache(maxsize=512)  # a month's figures rarely change, but people often open its page
def make(counts: tuple[tuple[int, int], ...], is_share: bool) -> Funnel:
    return make_funnel([Part(events, whole) for events, whole in counts], is_share=is_share)
