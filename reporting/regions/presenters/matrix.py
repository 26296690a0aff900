"""A region's month as a table of areas and indicators, and what stands out in it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from boards.models import Shows
from boards.permissions import Place
from indicators.figures import PROVISIONAL
from indicators.judgement.judge import LEAST_FIGURES, Judgement, Tier
from indicators.ratios import RATIO_KINDS, USUAL, Funnel, make_funnel
from indicators.ratios import Part as RatioPart
from indicators.ratios import Place as Position
from indicators.trend import CellState
from reporting.charts.control_chart import MEANINGS
from reporting.months.presenters.sentences import LOOKS, WATCHED
from reporting.months.presenters.shapes import KEY
from reporting.months.presenters.words import describe_often, listed, lower_first
from reporting.regions.cells import Cell, Indicator, Part, RegionFigures, is_rounded
from reporting.regions.presenters.funnel import DIFFER_FAR, describe_finding, find_reason
from reporting.regions.presenters.rows import (
    ADDED_UP,
    NOT_COLLECTED,
    NOTES,
    ODD,
    ROUNDED,
    MatrixRow,
    StandOut,
    list_stand_outs,
    make_rows,
)

MOST_STAND_OUTS = 8  # that have a sentence each


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: tuple[MatrixRow, ...]


class Column(NamedTuple):
    """An area's column. `note` says what is special about its month."""

    name: str
    note: str


@dataclass(frozen=True)
class Matrix:
    """A region's month: the columns, the rows by section, and what stands out in all of it, whatever is filtered."""

    columns: tuple[Column, ...]
    published: tuple[bool, ...]
    sections: tuple[Section, ...]
    stand_outs: tuple[StandOut, ...]
    judged: int  # figures of areas that are judged this month
    all_sections: tuple[tuple[str, str], ...]
    shown: int
    every: int
    notes: tuple[str, ...]  # why some indicators have no rates
    key: tuple[tuple[str, str], ...]
    signals: tuple[tuple[str, str], ...]  # what the marks in it mean

    @property
    def added_up(self) -> str:
        return ADDED_UP

    @property
    def width(self) -> int:
        return len(self.columns) + 2

    @property
    def stand_out_title(self) -> str:
        if not self.judged:
            return f"It is too early to compare areas with their own past: each needs {LEAST_FIGURES} earlier figures."
        count = len(self.stand_outs)
        return f"What stands out: {count or 'none'} of the {self.judged:,} figures that we judge."

    @property
    def by_town(self) -> str:
        """Say in which towns it stands out: "Anytown (3), Southend (1)". Never by size: no page ranks towns."""
        return ", ".join(f"{name} ({number})" for name, number in Counter(one.area for one in self.stand_outs).items())

    @property
    def first_stand_outs(self) -> tuple[StandOut, ...]:
        return self.stand_outs[:MOST_STAND_OUTS]

    @property
    def more_stand_outs(self) -> int:
        return max(0, len(self.stand_outs) - MOST_STAND_OUTS)

    @property
    def chance(self) -> str:
        return f"By chance alone, something stands out {describe_often(self.judged)}." if self.judged else ""


def make_matrix(
    figures: RegionFigures,
    *,
    area: str = "",
    section: str = "",
    only_signals: bool = False,
    is_by_name: bool = False,
    as_rates: bool = False,
) -> Matrix:
    """Return the table. `area` is a slug and `section` a code; empty for all. An area that the region doesn't have
    counts as none."""
    rows = make_rows(figures, with_rates=as_rates)
    every_row = [
        row for row in rows if (not section or row.section_code == section) and (row.has_signal or not only_signals)
    ]
    places, cut = figures.places, every_row
    if area in {place.slug for place in places}:
        column = [place.slug for place in places].index(area)
        places, cut = (places[column],), [replace(row, cells=(row.cells[column],)) for row in every_row]
    cells = [cell for row in rows for cell in row.cells if cell is not None]
    looks = {
        WATCHED if cell.tier == Tier.WATCH else LOOKS[Judgement(cell.judgement)]
        for cell in cells
        if cell.tier in (Tier.WATCH, Tier.STANDS_OUT)
    }
    stand_outs = list_stand_outs(rows, figures)
    return Matrix(
        columns=tuple(Column(place.name, note_of(place, figures.parts)) for place in places),
        published=tuple(
            (part := figures.parts.get(place.area_id)) is not None and part.key is not None for place in places
        ),
        sections=tuple(make_sections(cut, is_by_name=is_by_name)),
        stand_outs=tuple(stand_outs),
        judged=sum(bool(cell.signal) for cell in cells) + sum(bool(row.own and row.own["signal"]) for row in rows),
        all_sections=tuple(dict.fromkeys((row.section_code, row.section) for row in rows)),
        shown=len(every_row),
        every=len(rows),
        notes=tuple(list_notes(rows)) if as_rates else (),
        key=tuple(list_key(rows, cells)),
        signals=tuple(
            (look, words) for look, words in MEANINGS.items() if look in looks | {s.look for s in stand_outs}
        ),
    )


def note_of(place: Place, parts: Mapping[int, Part]) -> str:
    part = parts.get(place.area_id)
    if part is None or part.key is None:
        return "awaited" if place.shows is Shows.PARTNERS else "not public"
    return "public figures" if part.is_public else ""


def make_sections(rows: Sequence[MatrixRow], *, is_by_name: bool) -> Iterator[Section]:
    if is_by_name:
        yield Section("", tuple(sorted(rows, key=lambda row: row.indicator.lead.name.casefold())))
        return
    for title, some in groupby(rows, key=lambda row: row.section):
        yield Section(title, tuple(some))


def list_notes(rows: Iterable[MatrixRow]) -> Iterator[str]:
    """Say which indicators have no rates, and why."""
    rows = [row for row in rows if not row.indicator.lead.ratio]
    for row in rows:
        if row.indicator.counts_residents is False:
            yield f"{row.title} has no rate. {row.indicator.residents_why.rstrip('.')}."
    undecided = [row.title for row in rows if row.indicator.counts_residents is None]
    if undecided:
        yield (
            f"No one has decided whether the cases are residents: {listed(undecided)}. For these, we show only counts."
        )


def list_key(rows: Sequence[MatrixRow], cells: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    """Return the shorthand that the table may use. `cells` are those of all rows."""
    states = {cell.state for cell in cells}
    for symbol, means in KEY:
        if any(state.shown.symbol == symbol and state.value in states for state in CellState):
            yield symbol, means
    if any(cell.is_provisional for cell in cells):
        yield PROVISIONAL, dict(KEY)[PROVISIONAL]
    used = {
        ODD: any(row.indicator.odd for row in rows),
        ROUNDED: any(map(is_rounded, cells)),
        NOT_COLLECTED: any(cell is None for row in rows for cell in row.cells),
    }
    yield from ((mark, means) for mark, means in NOTES.items() if used[mark])


MOST = 8  # that have a sentence each
FAR = (Position.FAR_HIGHER, Position.FAR_LOWER)


@dataclass(frozen=True, slots=True)
class Finding:
    """Which areas differ on one indicator."""

    code: str
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Beyond:
    """What the funnels of a month say together: how many figures are outside the limits, and the first findings.
    `limits` say of which indicators differences don't count, and why."""

    sentence: str
    findings: tuple[Finding, ...]
    limits: str


def find_beyond(figures: RegionFigures) -> Beyond | None:
    """Compare each indicator's areas with the region. None if no indicator has a funnel."""
    funnels = list(list_funnels(figures))
    if not funnels:
        return None
    named = [entry for entry in funnels if not is_within(entry[1])]
    # Among many, most are outside the 95% limits by chance: then only those outside the others have a sentence.
    if len(named) > MOST:
        named = [entry for entry in named if any(place in FAR for place in entry[1].places)][:MOST]
    findings = (Finding(one.code, one.lead.name, describe_finding(funnel, names)) for one, funnel, names in named)
    apart = [one.lead.name for one, funnel, _ in funnels if funnel.factor >= DIFFER_FAR and is_within(funnel)]
    return Beyond(
        describe_places([place for _, funnel, _ in funnels for place in funnel.places]),
        tuple(findings),
        " ".join(describe_uncompared(apart, [one.lead.name for one in figures.indicators if find_reason(one)])),
    )


def is_within(funnel: Funnel) -> bool:
    return all(place is Position.WITHIN for place in funnel.places)


def describe_uncompared(apart: Sequence[str], without: Sequence[str]) -> Iterator[str]:
    """Say of which indicators the limits are at least twice as wide with no area outside them, and which have none."""
    if apart:
        yield (
            f"For {lower_first(listed(apart))}, areas differ by far more than chance. So the limits are wide, and no "
            "area is outside them."
        )
    if without:
        pages = "its page says why" if len(without) == 1 else "their pages say why"
        yield f"We don’t compare {lower_first(listed(without))}: {pages}."


def describe_places(places: Sequence[Position]) -> str:
    """Say how many of all figures are outside the limits, and how many chance alone puts there."""
    many, far = len(places), sum(place in FAR for place in places)
    outside = sum(place is not Position.WITHIN for place in places)
    expected = (1 - USUAL) * many
    chance = f"about {expected:.0f}" if expected >= 1 else "fewer than 1"
    verb = "is" if outside < 2 else "are"
    return (
        f"Compared with the region: {outside or 'none'} of {many:,} judged figures {verb} outside "
        f"the 95% limits, and {far or 'none'} outside the 99.8% limits. Chance alone puts {chance} outside the 95% "
        "limits."
    )


def list_funnels(figures: RegionFigures) -> Iterator[tuple[Indicator, Funnel, list[str]]]:
    """Yield each indicator that has a funnel this month, with the names of the funnel's areas."""
    for one in figures.indicators:
        if find_reason(one):
            continue
        counted = [
            (name, counts)
            for area, name in figures.names.items()
            if area in one.counted and (counts := find_counts(one.counted[area], figures)) is not None
        ]
        if len(counted) > 1:
            is_share = bool(one.lead.ratio) and RATIO_KINDS[one.lead.ratio].is_part
            yield one, make(tuple(counts for _, counts in counted), is_share), [name for name, _ in counted]


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
    return make_funnel([RatioPart(events, whole) for events, whole in counts], is_share=is_share)
