"""The areas that differ from the region by more than chance: a funnel with words for each area, and never a ranking."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from core.calendar import Month
from core.files.sheets import Sheet
from indicators.disclosure import Disclosed
from indicators.judgement.judge import Counted
from indicators.ratios import (
    FAR,
    LEAST_AREAS,
    RATIO_KINDS,
    TENTHS,
    USUAL,
    Curve,
    Funnel,
    Part,
    Place,
    RatioKind,
    find_at,
    list_curves,
    make_funnel,
    show_number,
)
from indicators.selectors.open_data import Residents
from reporting.charts.funnel import Entry, FunnelChart, draw_funnel
from reporting.models.line_fields import Line
from reporting.months.presenters.words import listed, upper_first
from reporting.regions.cells import Indicator
from reporting.regions.presenters.rows import PER

YEAR = 12
LOOKS = {
    Place.FAR_HIGHER: "far",
    Place.HIGHER: "out",
    Place.WITHIN: "within",
    Place.LOWER: "out",
    Place.FAR_LOWER: "far",
}
NUMBERS = {2: "two", 3: "three"}
# From this factor on, a sentence says that the areas differ by more than chance, and from the next by far more: there
# the limits are twice as wide.
DIFFER, DIFFER_FAR = 2.0, 4.0
LIMITS = {
    Place.FAR_HIGHER: "99.8%",
    Place.HIGHER: "95%",
    Place.LOWER: "95%",
    Place.FAR_LOWER: "99.8%",
}


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """An area's row beside the funnel. Its number is its place by name, and means nothing else."""

    number: int
    name: str
    events: str
    exposure: str
    value: str
    words: str
    look: str


@dataclass(frozen=True, slots=True)
class FunnelView:
    """A funnel of an indicator: `sentences` say how it is drawn and who is left out. `title` states the finding."""

    chart: FunnelChart
    rows: tuple[FunnelRow, ...]
    title: str
    average: str
    of: str  # what a value is out of
    span: str
    sentences: tuple[str, ...]
    impossible: str  # who is left out because its cases are more than all; empty if nobody is
    limits: tuple[str, ...]  # how the limits were widened, and how often chance crosses them
    funnel: Funnel
    parts: tuple[Part, ...]  # of each row
    per: int  # what a value is multiplied by
    exposure_name: str
    value_name: str
    together: str  # the link to all months together; empty if there is only this one, or their sum says nothing


@dataclass(frozen=True, slots=True)
class NoFunnel:
    why: str
    impossible: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """An area's events and what they are out of, over the months of the funnel."""

    area_id: int
    part: Part


def view_funnel(
    indicator: Indicator,
    lines: Mapping[int, Disclosed[Line]],
    names: Mapping[int, str],
    residents: Mapping[int, Residents],
    month: Month,
    *,
    over_a_year: bool = False,
    least: int = 2,
) -> FunnelView | NoFunnel:
    """Draw the funnel of a month, or of the last twelve together, if it has at least so many areas. It knows only the
    figures shown: its average, its factor and its limits come from them."""
    if why := find_reason(indicator):
        return NoFunnel(why)
    exact = indicator.counted
    counted = {area: lines[area].line for area in names if area in exact and area in lines}
    every = count_months(counted.values()) if not Counted(indicator.lead.counts_as).is_on_a_day else 1
    months = every if over_a_year else 1
    counted_areas = [
        area_counts
        for area, line in counted.items()
        if (area_counts := count(area, line, residents, months)) is not None
    ]
    kind = RatioKind(indicator.lead.ratio or RatioKind.RATE)  # a count's is of residents
    is_share = RATIO_KINDS[kind].is_part
    # Each month's own share may be missing for that reason, and this month's not.
    possible = [counts for counts in counted_areas if not is_share or counts.part.events <= counts.part.exposure]
    impossible = describe_impossible([names[counts.area_id] for counts in counted_areas if counts not in possible])
    if len(possible) < least:
        few = f"A funnel needs figures from at least {NUMBERS[least]} areas, and the total that each figure is out of."
        return NoFunnel(few, impossible)
    parts = tuple(counts.part for counts in possible)
    funnel = make_funnel(parts, is_share=is_share)
    multiplier = indicator.lead.per if indicator.lead.ratio else PER
    size_name = "Out of" if indicator.lead.ratio else "Residents"
    left_out = [
        names[area]
        for area in names
        if area in indicator.cells and area not in {counts.area_id for counts in counted_areas}
    ]
    return FunnelView(
        chart=draw(funnel, parts, multiplier, size_name),
        rows=tuple(list_rows(possible, funnel, names, multiplier, kind)),
        title=describe_finding(funnel, [names[counts.area_id] for counts in possible]),
        average=show(funnel.average, multiplier, kind),
        of=f"{describe_whole(indicator)}{f' over {months} months' if months > 1 else ''}",
        span=f"{(month + -(months - 1)).label} to {month.label}" if months > 1 else month.label,
        sentences=tuple(filter(None, (*describe_left_out(left_out), impossible))),
        impossible=impossible,
        limits=tuple(describe_limits(funnel)),
        funnel=funnel,
        parts=parts,
        per=multiplier,
        exposure_name=size_name,
        value_name=kind.label,
        together=name_together(every),
    )


def name_together(months: int) -> str:
    if months == YEAR:
        return "The last 12 months together"
    return f"All {months} months together" if months > 1 else ""


def find_reason(indicator: Indicator) -> str:
    """Say why an indicator has no funnel; empty if it has one."""
    lead = indicator.lead
    if lead.ratio:
        named = upper_first(RatioKind(lead.ratio).named)
        why = f"{named} has no funnel: it doesn’t show how much its cases vary."
        return "" if RATIO_KINDS[lead.ratio].shows_chance else why
    if indicator.counts_residents is False:
        return f"This indicator has no funnel and no rates. {indicator.residents_why.rstrip('.')}."
    if indicator.counts_residents is None:
        return (
            "This indicator has no funnel and no rates, because no one has decided whether its cases are the area’s "
            "residents."
        )
    return ""


def count_months(lines: Iterable[Line]) -> int:
    """Return how many months the areas have at most, up to twelve."""
    return max((min(YEAR, len(line.history)) for line in lines), default=1)


def count(area: int, line: Line, residents: Mapping[int, Residents], months: int) -> Counts | None:
    """Return an area's events over the last months; None if it lacks one of them, or what it is out of."""
    if line.ratio:
        events, wholes = line.numerators[-months:], line.denominators[-months:]
        if len(events) < months or None in events or None in wholes:
            return None
        exposure = sum(filter(None, wholes))
        return Counts(area, Part(sum(filter(None, events)), exposure)) if exposure else None
    values = line.history[-months:]
    if len(values) < months or None in values or area not in residents:
        return None
    return Counts(area, Part(sum(filter(None, values)), residents[area].number))


@lru_cache(maxsize=128)  # a month's figures rarely change, but people often open its page
def draw(funnel: Funnel, parts: tuple[Part, ...], multiplier: int, size_name: str) -> FunnelChart:
    curves = [("far" if curve.confidence == FAR else "usual", curve.points) for curve in list_curves(funnel, parts)]
    entries = [
        Entry(number, part.exposure, part.value, LOOKS[place])
        for number, (part, place) in enumerate(zip(parts, funnel.places, strict=True), 1)
    ]
    return draw_funnel(funnel.average, curves, entries, multiplier=multiplier, size_name=size_name)


def list_rows(
    counts: Sequence[Counts], funnel: Funnel, names: Mapping[int, str], multiplier: int, kind: RatioKind
) -> Iterable[FunnelRow]:
    for number, (area_counts, place) in enumerate(zip(counts, funnel.places, strict=True), 1):
        yield FunnelRow(
            number=number,
            name=names[area_counts.area_id],
            events=f"{area_counts.part.events:,.0f}",
            exposure=f"{area_counts.part.exposure:,.0f}",
            value=show(area_counts.part.value, multiplier, kind),
            words=place.label,
            look=LOOKS[place],
        )


def show(value: float, multiplier: int, kind: RatioKind) -> str:
    return show_number(value * multiplier * TENTHS, kind)


def describe_finding(funnel: Funnel, names: Sequence[str]) -> str:
    """ "Harlow is higher than the region (beyond the 99.8% limit), and Maldon is lower (beyond the 95% limit)"."""
    placed = list(zip(names, funnel.places, strict=True))
    said, ways = list[str](), set[str]()
    for place, limit in LIMITS.items():
        if some := [name for name, area_place in placed if area_place is place]:
            way = "higher" if place in (Place.FAR_HIGHER, Place.HIGHER) else "lower"
            than = "" if ways else " than the region"
            ways.add(way)
            verb = "is" if len(some) == 1 else "are"
            said.append(f"{listed(some, are_proper=True)} {verb} {way}{than} (beyond the {limit} limit)")
    if said:
        return ", and ".join(filter(None, (", ".join(said[:-1]), said[-1])))
    if funnel.factor < DIFFER:
        return "No area is unusual" if funnel.factor > 1 else "Every area is within what chance allows"
    far = "far " if funnel.factor >= DIFFER_FAR else ""
    return f"The areas differ by {far}more than chance alone. No area is unusual beyond that spread"


def describe_factor(factor: float) -> str:
    """Say how much wider a factor makes the limits. It divides counts, so it is a ratio of variances, and the limits
    are about its root times as wide."""
    times = sqrt(factor)
    digits = 1 if times >= 2 else 2
    if f"{times:.2f}" == "1.00":
        return f"The limits are hardly wider than for chance alone (variance factor {factor:.3f})."
    return (
        f"The limits are about {times:.{digits}f} times as wide as for chance alone (variance factor "
        f"{factor:,.{digits}f})."
    )


def describe_many(funnel: Funnel) -> str:
    """Say how often at least one of so many areas is outside the 95% limits by chance; empty if none is between them
    and the outer ones."""
    if not {Place.HIGHER, Place.LOWER} & set(funnel.places):
        return ""
    many = len(funnel.places)
    often = round(10 * (1 - USUAL**many))
    return f"With {many} areas, chance alone puts one or more outside the 95% limits about {often} times in 10."


def describe_whole(indicator: Indicator) -> str:
    lead = indicator.lead
    if not lead.ratio:
        return f"for each {PER:,} residents"
    return RATIO_KINDS[lead.ratio].unit.format(unit=lead.unit_many)


def describe_impossible(names: Sequence[str]) -> str:
    """Say which areas count more cases than what they are out of; empty if none does."""
    if not names:
        return ""
    verb = "is not" if len(names) == 1 else "are not"
    return (
        f"{listed(names, are_proper=True)} {verb} in the funnel: these months have more cases than the total "
        "that they are out of, so one of the two counts must be wrong."
    )


def describe_limits(funnel: Funnel) -> Iterable[str]:
    if not funnel.is_estimated:
        yield f"With fewer than {LEAST_AREAS} areas, we cannot estimate whether they differ by more than chance."
    elif funnel.factor > 1:
        yield f"{describe_factor(funnel.factor)} The curves and the words allow for that."
    if often := describe_many(funnel):
        yield often


def describe_left_out(left_out: Sequence[str]) -> Iterable[str]:
    """Say who isn't in the funnel."""
    if left_out:
        verb = "is not" if len(left_out) == 1 else "are not"
        yield (
            f"{listed(left_out, are_proper=True)} {verb} in the funnel: a figure or the number of residents is "
            "missing, withheld, rounded or counted differently. So “the region” here means the areas that are "
            "left, and the average may differ."
        )


COLUMNS = (
    *("area", "months", "events", "out_of", "rate", "compared", "lower_far", "lower_usual", "upper_usual", "upper_far"),
    *("average", "variance_factor"),
)
MEANINGS = (
    ("months", "The months that are counted together."),
    ("events", "The count for these months."),
    ("out_of", "The number of residents, or the total that a ratio is out of."),
    ("rate", "The rate for each 10,000 residents, or the ratio as it is shown, before rounding."),
    (
        "compared",
        "“higher” or “lower” means outside the 95% limits, “far-higher” or “far-lower” means outside the 99.8% limits, "
        "and “within” means neither. This comes from the area’s own range, so it can differ from the chart.",
    ),
    ("lower_usual", "The lower 95% limit for an area of this size, as drawn. The others are upper_usual, and the 99.8% "
     "limits lower_far and upper_far. Empty where the curve isn’t drawn."),
    ("average", "The rate of all these areas together."),
    (
        "variance_factor",
        "How many times larger the squared differences between areas are than chance alone would make them, "
        "at least 1. The factor widens the limits by about its square root.",
    ),
)  # fmt: skip
NAMES = {
    "lower_far": (FAR, False),
    "lower_usual": (USUAL, False),
    "upper_usual": (USUAL, True),
    "upper_far": (FAR, True),
}


def make_funnel_sheets(view: FunnelView | NoFunnel) -> tuple[Sheet, ...]:
    """Return the sheet of a funnel; none without one."""
    return (Sheet("Funnel", COLUMNS, tuple(list_sheet_rows(view))),) if isinstance(view, FunnelView) else ()


def list_sheet_rows(view: FunnelView) -> Iterator[tuple[str | float | None, ...]]:
    funnel = view.funnel
    curves = list_curves(funnel, view.parts)
    for row, part, place in zip(view.rows, view.parts, funnel.places, strict=True):
        limits = [find_limit(curves, part.exposure, *which) for which in NAMES.values()]
        yield (
            *(row.name, view.span, part.events, part.exposure, part.value * view.per, place.value),
            *(None if limit is None else limit * view.per for limit in limits),
            *(funnel.average * view.per, funnel.factor),
        )


def find_limit(curves: list[Curve], exposure: float, confidence: float, is_upper: bool) -> float | None:
    for curve in curves:
        if curve.confidence == confidence and curve.is_upper is is_upper:
            return find_at(curve, exposure)
    return None
