"""A month as anybody may read it: first a summary, then each figure; and its rows as open data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from boards.models import ReportingPeriod
from core.calendar import Month, date_label
from core.files.tables import Row
from core.texts import count_of_noun
from indicators.disclosure import Audience, disclose
from indicators.figures import PROVISIONAL
from indicators.judgement.promises import Wrongly, promises
from indicators.kpis.aims import (
    A_MONTH,
    A_YEAR,
    YEAR,
    KpiState,
    describe_reach,
    find_sign,
    name_span,
    say_time,
    show_in,
)
from indicators.protection.rules import Round, Withhold, parse_token
from indicators.trend import IN_WORDS, SYMBOLS, CellState, Movement
from reporting.charts.bars import Bullet, bullet
from reporting.models.editions import PublicLine
from reporting.months.presenters import notes
from reporting.months.presenters.lines_over_time import LinesView
from reporting.months.presenters.month import month_view
from reporting.months.presenters.shapes import KEY, REVISED, Breakdown, LineView, MonthView
from reporting.months.presenters.words import (
    RATIO_COLUMNS,
    describe_columns,
    describe_withheld,
    exact_value,
    list_counts,
    listed,
    lower_first,
    number,
    ratio_columns,
    rounded_to,
    upper_first,
)
from reporting.open_editions import OpenMonth, PublicMonth
from reporting.public.abbreviations import spell_out
from reporting.public.cells import true_cells
from reporting.public.presenters.about import (
    About,
    Protected,
    about,
    only_in_files,
    protected,
    spelt_out,
    withheld_sentence,
)

OPENING = (
    "“County lines” is when a gang from somewhere else sells drugs in a town. The gang may be in a city, another "
    "town, or another place in the same county. Buyers ring its phone number, the “line”. The gang makes other "
    "people carry and sell the drugs. Often these are children, or adults who need help or live alone. It may take "
    "over someone’s home to sell drugs there. That is called “cuckooing”.",
    "Each month, the police, the council and other public services in {area} count what they see of this. They work "
    "together to stop it. These pages show their counts: how many, never who. We do not show some small numbers, "
    "because people could guess who they are about.",
)
MOST_NAMED = 4  # figures in a sentence
FIRST_SIGNS = 4  # of the warning signs, as the area orders them


@dataclass(frozen=True, slots=True)
class NotShown:
    """How many of the month's indicators aren't shown, and their names: the page shows them nowhere else."""

    sentence: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicView:
    """An edition in words."""

    month: MonthView
    number: int
    newest: int
    published_on: str
    opening: tuple[str, ...]
    headline: tuple[str, ...]
    signs: tuple[str, ...]  # the first of the area's warning signs; all of them are on a page of their own
    shown: tuple[tuple[LineView, str], ...]  # the indicators that aren't withheld, with their questions
    tables: tuple[Breakdown, ...]  # likewise
    not_shown: NotShown | None
    later: tuple[str, ...]  # the indicators that are public some months later, with the newest figure there is
    withheld: str
    protected: tuple[Protected, ...]
    about: tuple[About, ...]
    about_files: tuple[About, ...]  # the indicators that only the files have
    since: Month  # the first month with figures

    @property
    def earlier(self) -> range:
        """Return the numbers of the editions before."""
        return range(1, self.number)

    @property
    def by_chance(self) -> Wrongly:
        return promises().by_chance

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """The shorthand of the table. It spells out what isn't shown."""
        return tuple(entry for entry in self.month.key if entry[0] not in IN_WORDS)

    @property
    def has_rounded(self) -> bool:
        return any(line.rounded_to for line in self.month.lines)


class MadeOf(NamedTuple):
    """What the public may know of the version behind an edition. The rest is for partners."""

    version: int
    taken_at: datetime
    state: str = ""
    timeliness: None = None


def public_view(month: PublicMonth, lines: Sequence[PublicLine]) -> PublicView:
    """Return an edition in words. Raises AudienceRefused if a line says more than it may."""
    view = month_view(
        MadeOf(month.version, month.taken_at),
        lines,
        area=month.area,
        # This row is never saved. The public may know only these fields of the real one.
        period=ReportingPeriod(area=month.area, starts_on=month.month.first_day, due_on=month.due_on),
        audience=Audience.PUBLIC,
        marking=month.marking.value,
        is_public=True,
    )
    # Abbreviations that the reader knows: NHS, and those spelt out higher up, each page by itself.
    known_abbreviations, beside = {"NHS"}, {"NHS"}  # of this page, and of the page about the figures
    # In the order of the page, because both grow with each part.
    return PublicView(
        month=view,
        number=month.number,
        newest=month.newest,
        published_on=published_on(month),
        opening=opening(month.area.name),
        headline=tuple(spell_out(text, known_abbreviations) for text in headline(view)),
        signs=tuple(month.signs.splitlines()[:FIRST_SIGNS]),
        shown=tuple(
            (line, spell_out(line.question, known_abbreviations))
            for section in view.sections
            for line in section.lines
            if is_told(line)
        ),
        tables=tuple(filter(None, (without_withheld(table) for one in view.sections for table in one.breakdowns))),
        not_shown=list_not_shown(view, known_abbreviations),
        later=tuple(spell_out(text, known_abbreviations) for text in list_later(view, lines)),
        withheld=withheld_sentence(view),
        protected=tuple(protected(view.every, beside)),
        about=tuple(spelt_out(one, beside) for one in about(view.wholes, lines)),
        about_files=tuple(spelt_out(one, beside) for one in about(only_in_files(view), lines)),
        since=month.month + -(max((len(line.history) for line in lines), default=1) - 1),
    )


def opening(area: str) -> tuple[str, ...]:
    """Introduce an area's pages to somebody who has never seen them."""
    return tuple(text.format(area=area) for text in OPENING)


def published_on(month: OpenMonth) -> str:
    """ "24 November 2026"."""
    return date_label(timezone.localdate(month.published_at))


def describe_newest(newest: PublicMonth) -> str:
    """ "edition 2 on 3 December 2026"."""
    return f"edition {newest.number} on {published_on(newest)}"


def is_told(line: LineView | None) -> bool:
    return line is not None and line.state not in (CellState.WITHHELD, CellState.LATER)


def without_withheld(table: Breakdown) -> Breakdown | None:
    """Return the table without columns or a map that have only withheld figures; None if nothing is left."""
    columns = [
        place
        for place, whole in enumerate(table.wholes)
        if is_told(whole) or any(is_told(row.cells[place]) for row in table.rows)
    ]
    if not columns:
        return None
    wholes = tuple(table.wholes[place] for place in columns)
    return replace(
        without_map_of_nothing(table),
        caption=describe_columns(wholes),
        wholes=wholes,
        rows=tuple(replace(row, cells=tuple(row.cells[place] for place in columns)) for row in table.rows),
    )


def without_map_of_nothing[View: (Breakdown, LinesView)](view: View) -> View:
    """Remove a map that has only withheld figures, because it shows nothing."""
    is_empty = view.map is not None and all(line.origin.count is None for line in view.map.lines)
    return replace(view, map=None) if is_empty else view


# --- In a few sentences ---------------------------------------------------------------------------


def headline(view: MonthView) -> Iterator[str]:
    """Yield sentences on what rose, what fell, and what stands out from chance."""
    shown = [line for line in view.wholes if line.is_figure]
    said = [clause for movement in MOVED if (clause := moved(shown, movement))]
    if said:
        yield f"Since {view.month.previous.name}, {said[0]}."
        yield from (f"{upper_first(clause)}." for clause in said[1:])
    yield from (f"{line.label}. {line.verdict}." for line in view.changed)
    if not view.changed:
        yield say_nothing_stands_out(shown)
    awaited = [f"{line.title} (from {line.owner})" for line in view.wholes if line.state.is_owed]
    if awaited:
        yield f"Awaited: {lower_first(listed(awaited))}."


# How a figure changed, with its numbers, in the order of the sentences.
MOVED = {
    Movement.UP: ("rose from {before} to {now}", "from {before} to {now}"),
    Movement.DOWN: ("fell from {before} to {now}", "from {before} to {now}"),
    Movement.LEVEL: ("stayed at {now}", "at {now}"),
}


def moved(shown: Iterable[LineView], movement: Movement) -> str:
    """ "lines rose from 18 to 21, and drug arrests from 9 to 12"; empty for none."""
    first, other = MOVED[movement]
    clauses: list[str] = []
    lines = [line for line in shown if line.movement is movement]
    for line in lines[:MOST_NAMED]:
        said = (other if clauses else first).format(
            before=line.show(line.previous or 0), now=line.show(line.value or 0)
        )
        clauses.append(f"{lower_first(line.title)} {said}")
    if not clauses:
        return ""
    if len(lines) > MOST_NAMED:
        clauses.append(f"{number(len(lines) - MOST_NAMED)} more did the same")
    *before, last = clauses
    return f"{', '.join(before)}{', and ' if before else ''}{last}"


def say_nothing_stands_out(shown: Sequence[LineView]) -> str:
    """Say that no figure stands out from chance."""
    judged = sum(line.is_judged for line in shown)
    if not judged:
        return "No figure here has a usual range, so we cannot say what stands out."
    which = "The one figure" if judged == 1 else f"Each of the {number(judged)} figures"
    return f"{which} with a usual range is within it. Numbers like these go up and down by chance every month."


# --- What is withheld -----------------------------------------------------------------------------


def list_not_shown(view: MonthView, known_abbreviations: set[str]) -> NotShown | None:
    """Return the month's indicators that aren't shown; None if all are."""
    titles = [line.title for line in view.wholes if line.state is CellState.WITHHELD]
    if not titles:
        return None
    which = f"{len(titles)} of the {len(view.wholes)} figures for {view.month.name}"
    sentence = f"To protect people, we do not show {which}"
    return NotShown(sentence, tuple(spell_out(title, known_abbreviations) for title in titles))


def list_later(view: MonthView, lines: Iterable[PublicLine]) -> Iterator[str]:
    """Yield "NRM referrals: 7 in July 2026. We show each month 3 months later."."""
    delayed = {line.code: line for line in view.wholes if line.state is CellState.LATER}
    for line in lines:
        if line.category_code or line.indicator_code not in delayed:
            continue
        cells, name = true_cells(line, view.month), delayed[line.indicator_code]
        delay = sum(state is CellState.LATER for state, _ in cells.values())
        newest = view.month + -delay
        state, value = cells.get(newest, (CellState.NOT_AVAILABLE, None))
        figure = f" {name.show(value)} in {newest.label}." if state is CellState.FIGURE and value is not None else ""
        yield f"{name.title}:{figure} We show each month {count_of_noun(delay, 'month')} later."


# --- As open data ---------------------------------------------------------------------------------

PUBLIC_COLUMNS = (
    "month",
    "area",
    "indicator",
    "title",
    "category",
    "category_name",
    "unit",
    "value",
    "symbol",
    "symbol_meaning",
    "rounded_to",
    "definition_from",
    *RATIO_COLUMNS,
)
MEANINGS = dict(KEY)


def public_rows(month: PublicMonth, lines: Iterable[PublicLine]) -> list[Row]:
    """Return a row for each figure of each month in an edition, with a value or a symbol. Raises AudienceRefused if a
    line says more than it may.
    """
    rows: list[Row] = []
    for disclosed in disclose(lines, audience=Audience.PUBLIC):
        line = disclosed.line
        cells = true_cells(line, month.month)
        first = min(cells)
        provisional = {first + place for step in line.steps for place in step.get("provisional", ())}
        # Both go through the history in order.
        counts = dict(zip(cells, list_counts(line), strict=True))
        for past, (state, value) in cells.items():
            is_revised = past == month.month and bool(line.revised_state)
            symbols = list(list_symbols(line, state, is_revised=is_revised, is_provisional=past in provisional))
            rows.append(
                {
                    "month": str(past),
                    "area": month.area.name,
                    "indicator": line.indicator_code,
                    "title": line.title,
                    "category": line.category_code,
                    "category_name": line.category_name,
                    "unit": line.unit_many,
                    "value": exact_value(line, value, *counts[past]),
                    "symbol": " ".join(symbol for symbol, _ in symbols),
                    "symbol_meaning": "; ".join(meaning for _, meaning in symbols),
                    "rounded_to": (rounded_to(line.protected_by) or None) if value is not None else None,
                    # Days are ISO text here, which sorts like days.
                    "definition_from": max(step["from"] for step in line.steps if first + step["at"] <= past),
                    **ratio_columns(line, value, *counts[past]),
                }
            )
    return rows


def list_symbols(
    line: PublicLine, state: CellState, *, is_revised: bool, is_provisional: bool
) -> Iterator[tuple[str, str]]:
    """Yield the symbols beside a value or in its place, with their meanings. An awaited figure has the symbol for “not
    available”.
    """
    if state.is_owed:
        yield SYMBOLS[CellState.NOT_AVAILABLE], state.shown.in_files
    elif state is CellState.WITHHELD and isinstance(parse_token(line.protected_by), Withhold):
        yield SYMBOLS[state], describe_withheld(line.protected_by)
    elif state is not CellState.FIGURE:
        yield SYMBOLS[state], state.shown.means
    if is_revised:
        yield REVISED, MEANINGS[REVISED]
    if is_provisional:
        yield PROVISIONAL, MEANINGS[PROVISIONAL]


def public_stem(month: PublicMonth) -> str:
    """ "anytown-2026-10", a file's name without its ending; of an earlier edition "anytown-2026-10-edition-1"."""
    edition = "" if month.number == month.newest else f"-edition-{month.number}"
    return f"{month.area.slug}-{month.month}{edition}"


@dataclass(frozen=True, slots=True)
class YearTotal:
    """A total of a year, in words: "132 arrests"."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Years:
    """The totals of an edition, all of one year: "April 2025 to March 2026"."""

    span: str
    totals: tuple[YearTotal, ...]


def make_years(kept: Sequence[Mapping[str, Any]]) -> Years | None:
    """Return the totals in words; None for none."""
    if not kept:
        return None
    first = Month.parse(kept[0]["first"])
    totals = tuple(YearTotal(spell_out(total["title"], set()), describe_total(total)) for total in kept)
    return Years(f"{first.label} to {(first + (YEAR - 1)).label}", totals)


YEAR_COLUMNS = (
    *("first_month", "last_month", "indicator", "title", "unit", "value", "symbol", "symbol_meaning", "rounded_to"),
)
YEAR_MEANINGS = notes.MEANINGS | {
    "first_month": "The first month of the financial year.",
    "last_month": "The last month of the financial year.",
    "value": "The total for the year. The public doesn’t see the single months.",
}


def year_rows(editions: Iterable[PublicMonth]) -> list[Row]:
    """Return a row for each total of a year, from the first of the editions that has it."""
    rows: dict[tuple[str, str], Row] = {}
    for total in (total for edition in editions for total in edition.years):
        rule, first = parse_token(total["rule"]), Month.parse(total["first"])
        is_shown = total["value"] is not None
        row: Row = {
            "first_month": str(first),
            "last_month": str(first + (YEAR - 1)),
            "indicator": total["code"],
            "title": total["title"],
            "unit": total["unit_many"],
            "value": total["value"],
            "symbol": "" if is_shown else SYMBOLS[CellState.WITHHELD],
            "symbol_meaning": "" if is_shown else CellState.WITHHELD.shown.means,
            "rounded_to": rule.base if is_shown and isinstance(rule, Round) else None,
        }
        rows.setdefault((total["first"], total["code"]), row)
    return [rows[key] for key in sorted(rows, key=lambda key: key[0])]


def describe_total(total: Mapping[str, Any]) -> str:
    value, rule = total["value"], parse_token(total["rule"])
    if value is None:
        return "Not shown, to protect people"
    about = "About " if isinstance(rule, Round) and value else ""
    return f"{about}{value:,} {total['unit_one'] if value == 1 else total['unit_many']}"


@dataclass(frozen=True, slots=True)
class PublicKpi:
    """A KPI of an edition. `numbers` are those that the bar shows, as printed beside it. `reach` is the range of its
    value, in words. `over` names the months."""

    title: str
    state: str
    said: str
    aim: str
    numbers: dict[str, str]
    reach: str
    over: str
    bullet: Bullet | None


def make_kpis(kept: Iterable[dict[str, Any]]) -> tuple[PublicKpi, ...]:
    return tuple(map(make_kpi, kept))


def make_kpi(kept: dict[str, Any]) -> PublicKpi:
    due = Month.parse(kept["target_month"]).label
    has_bar = None not in (kept["value"], kept["lower"], kept["upper"])
    return PublicKpi(
        title=kept["title"],
        state=KpiState(kept["state"]).label,
        said=kept["said"],
        aim=f"The aim: {describe_aim(kept)} by {due}.",
        numbers=describe_numbers(kept) if has_bar else {},
        reach=find_reach(kept) if has_bar else "",
        over=name_span(kept["months"]),
        bullet=bullet(
            kept["value"],
            lower=kept["lower"],
            upper=kept["upper"],
            baseline=kept["due_baseline"],
            trajectory=kept["due_trajectory"],
            target=kept["due_target"],
            unit=find_sign(kept["unit"]),
        )
        if has_bar
        else None,
    )


def describe_aim(kept: dict[str, Any]) -> str:
    """ "from 61% to 80%". A count's numbers are for a year where its result is, so that they can be compared."""
    unit, names = say_time(kept["aim_unit"], months=kept["months"]), ("baseline", "target")
    if unit == A_MONTH and kept["months"] == YEAR and kept["due_baseline"] is not None:
        unit, names = A_YEAR, ("due_baseline", "due_target")
    baseline, target = (show_in(kept[name], unit) for name in names)
    return f"from {baseline} to {target}"


def find_reach(kept: dict[str, Any]) -> str:
    return describe_reach(kept["value"], kept["lower"], kept["upper"], is_count=kept["per"] is None, unit=kept["unit"])


def describe_numbers(kept: dict[str, Any]) -> dict[str, str]:
    numbers = {name: kept[f"due_{name}"] for name in ("baseline", "trajectory", "target")}
    sign = find_sign(kept["unit"])
    return {name: show_in(value, sign) for name, value in numbers.items()} | {
        "value": show_in(kept["value"], say_time(kept["unit"], months=kept["months"]))
    }
