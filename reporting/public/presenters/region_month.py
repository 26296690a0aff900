"""What anybody may read about a region's month. Everything here is worked out from what regional editions show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.urls import reverse

from core.calendar import Month
from indicators.ratios import show_number
from indicators.selectors.open_data import Residents
from indicators.trend import IN_WORDS, CellState, Movement
from reporting.months.presenters.shapes import KEY
from reporting.public.presenters.month import published_on
from reporting.public.region_selectors import RegionMonth
from reporting.regions.cells import UNSAID
from reporting.regions.presenters.rows import ADDED_UP, RATE
from reporting.regions.presenters.states import describe_residents

RATE_UNDECIDED = "No one has said whether these cases are residents only, so there is no rate."


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
    return {True: "", False: f"There is no rate. {line['residents_why'] or UNSAID}", None: RATE_UNDECIDED}[
        line["counts_residents"]
    ]


SERIES = 12  # months of a region's totals
NOT_SHOWN = CellState.WITHHELD.label.lower()
WITHHELD = "The total is not shown. From it, someone might work out a small number for one area."
UNDECIDED = "We decide whether to show this total when someone asks for approval."
LATER = "The total is not shown yet. We wait for the areas whose figures are missing."
NO_RATIO = "We cannot add up the shares, rates or averages of several areas."
ROUNDED = " Some areas round their numbers."
DIFFERS = "This area counts something else, so its figure is not in the total"


@dataclass(frozen=True, slots=True)
class Cell:
    """An area's figure, or what replaces it, and how it changed."""

    area: str
    url: str
    text: str
    rate: str  # for each 10,000 residents; empty without one
    movement: Movement
    words: str
    is_figure: bool


@dataclass(frozen=True, slots=True)
class Past:
    """The region's total in an earlier month: `text` is empty if it isn't shown, and `note` says what differs."""

    month: Month
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator in all areas. `url` is its own page's address; empty before the edition is public."""

    code: str
    url: str
    title: str
    question: str
    definition: str
    source: str
    cells: tuple[Cell, ...]
    total: str  # "1,204", or why there is none
    total_words: str
    total_rate: str
    movement: Movement
    is_shown: bool
    no_rate: str  # why it has no rates
    past: tuple[Past, ...]

    @property
    def has_rates(self) -> bool:
        return any(cell.rate for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class RegionView:
    """A regional edition in words."""

    name: str
    month: Month
    number: int
    published_on: str
    areas: int
    missing: str
    residents_note: str
    sections: tuple[Section, ...]

    @property
    def added_up(self) -> str:
        return ADDED_UP

    @property
    def has_total_rates(self) -> bool:
        return any(line.total_rate for section in self.sections for line in section.lines)

    @property
    def key(self) -> list[tuple[str, str]]:
        """Return the marks beside figures, with their meanings. What isn't shown is spelt out."""
        cells = [cell.text for section in self.sections for line in section.lines for cell in line.cells]
        return [(mark, meaning) for mark, meaning in KEY if any(mark in text for text in cells)]

    @property
    def is_any_withheld(self) -> bool:
        return any(line.total == NOT_SHOWN for section in self.sections for line in section.lines)


def region_view(month: RegionMonth, series: Sequence[RegionMonth]) -> RegionView:
    """Return an edition in words. `series` are the months that anybody may read, this one among them, the newest
    first.
    """
    return make_view(
        month.content,
        slug=month.slug,
        name=month.name,
        month=month.month,
        number=month.number,
        published_on=published_on(month),
        before={one.month: one.content for one in series if one.month < month.month},
    )


def make_view(
    content: Mapping[str, Any],
    *,
    name: str,
    month: Month,
    slug: str = "",
    number: int = 0,
    published_on: str = "",
    before: Mapping[Month, Mapping[str, Any]],
) -> RegionView:
    """Return the content of an edition in words, published or not yet. `before` has the content of earlier months, and
    `slug` is the region's if there are pages to lead to."""
    sections: dict[str, list[Line]] = {}
    totals = {
        past: {line["code"]: line["total"] for line in content_before["lines"]}
        for past, content_before in before.items()
    }
    for line in content["lines"]:
        past_totals = {past: of_month.get(line["code"]) for past, of_month in totals.items()}
        url = reverse("region-public:indicator", args=[slug, month, line["code"]]) if slug else ""
        sections.setdefault(line["section"], []).append(make_line(line, content, month, past_totals, url))
    has_rates = any(line.has_rates or line.total_rate for lines in sections.values() for line in lines)
    names = {area["slug"]: area["name"] for area in content["areas"]}
    return RegionView(
        name=name,
        month=month,
        number=number,
        published_on=published_on,
        areas=len(content["areas"]),
        missing=", ".join(content["missing"]),
        residents_note=describe_residents(names, read_residents(content), month) if has_rates else "",
        sections=tuple(Section(title, tuple(lines)) for title, lines in sections.items()),
    )


def make_line(
    line: Mapping[str, Any],
    content: Mapping[str, Any],
    month: Month,
    totals: Mapping[Month, Mapping[str, Any] | None],
    url: str = "",
) -> Line:
    """Return one indicator of an edition in words. `totals` are those of earlier months."""
    total, residents = line["total"], read_residents(content)
    movement, words = compare(total, totals.get(month.previous), month)
    cells = tuple(
        make_cell(line, area, cell, month, residents)
        for area, cell in zip(content["areas"], line["cells"], strict=True)
        if cell is not None
    )
    if total is None:
        text, words = "", NO_RATIO
    elif total["value"] is not None:
        text = f"{total['value']:,}"
        words = f"Total of {describe_areas(total, cells)}. {words}.{ROUNDED if is_rounded(line) else ''}"
    else:
        later = UNDECIDED if total.get("is_undecided") else LATER
        text, words = (NOT_SHOWN, WITHHELD) if total["is_withheld"] else ("", later)
    return Line(
        code=line["code"],
        url=url,
        title=line["title"],
        question=line["question"],
        definition=line["definition"],
        source=line["source"],
        cells=cells,
        total=text,
        total_words=words,
        total_rate=describe_total_rate(line, residents),
        movement=movement,
        is_shown=total is not None and total["value"] is not None,
        no_rate=describe_lack(line, residents),
        past=tuple(describe_past(past, totals[past], total) for past in sorted(totals, reverse=True)),
    )


def describe_total_rate(line: Mapping[str, Any], residents: Mapping[str, Residents]) -> str:
    total = line["total"]
    lived = find_lived(line, total["areas"], residents) if total and total["value"] is not None else None
    return lived.rate(total["value"]) if lived else ""


def make_cell(
    line: Mapping[str, Any],
    area: Mapping[str, Any],
    cell: Mapping[str, Any],
    month: Month,
    residents: Mapping[str, Residents],
) -> Cell:
    is_figure = cell["value"] is not None
    words = [cell["words"] if is_figure else cell["why"]]
    if cell["rounded_to"]:
        words.append(f"rounded to the nearest {cell['rounded_to']}")
    if cell["signal"]:
        words.append(cell["signal"])
    if not cell["is_alike"]:
        words.append(f"{DIFFERS}: {cell['definition']}" if cell["definition"] else DIFFERS)
    lived = find_cell_lived(line, cell, area["slug"], residents)
    return Cell(
        area=area["name"],
        url=reverse("reporting:public-month", args=[area["slug"], month]),
        text=IN_WORDS.get(cell["text"], cell["text"]),
        rate=lived.rate(cell["value"]) if lived else "",
        movement=Movement(cell["movement"]),
        words="; ".join(word for word in words if word),
        is_figure=is_figure,
    )


def is_rounded(line: Mapping[str, Any]) -> bool:
    return any(cell["rounded_to"] for cell in line["cells"] if cell is not None and cell["is_alike"])


def describe_areas(total: Mapping[str, Any], cells: Sequence[Cell]) -> str:
    """ "all 14 areas", or "13 of the 14 areas"."""
    counted = len(total["areas"])
    return f"all {counted} areas" if counted == len(cells) else f"{counted} of the {len(cells)} areas"


def compare(total: Mapping[str, Any] | None, before: Mapping[str, Any] | None, month: Month) -> tuple[Movement, str]:
    """Compare two totals that are shown, of the same areas."""
    name = month.previous.name
    if total is None or total["value"] is None or before is None or before["value"] is None:
        return Movement.NONE, f"{name}’s total is not shown, so there is no arrow"
    if total["areas"] != before["areas"]:
        return Movement.NONE, f"The total for {name} covers different areas, so there is no arrow"
    change = total["value"] - before["value"]
    if not change:
        return Movement.LEVEL, f"{Movement.LEVEL.label} with {name}"
    movement = Movement.UP if change > 0 else Movement.DOWN
    return movement, f"{movement.label} {abs(change):,} since {name}"


def describe_past(past: Month, total: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Past:
    if total is None or total["value"] is None:
        return Past(past, "", "not shown")
    is_same = now is not None and now["areas"] == total["areas"]
    return Past(past, f"{total['value']:,}", "" if is_same else "of other areas")
