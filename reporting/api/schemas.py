"""The shapes of the API's answers, for its document.

The fields of a row are made from the presenters' own columns, with their own words, so that they can't differ. A column
without a type here is an error when the API is first asked.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, create_model

from actions.presenters.files import CHALLENGE_COLUMNS
from actions.presenters.plan import PLAN_COLUMNS
from core.calendar import PATTERN
from indicators.imports.figures import COLUMNS as HISTORY_COLUMNS
from indicators.judgement.judge import Signal
from indicators.trend import CellState, Movement
from reporting.exports.presenters.months import MONTH_COLUMNS
from reporting.kpis.presenters import KPI_COLUMNS
from reporting.months.presenters.notes import MEANINGS
from reporting.months.presenters.series import SERIES_COLUMNS
from reporting.public.presenters.month import PUBLIC_COLUMNS, YEAR_COLUMNS, YEAR_MEANINGS
from reporting.public.presenters.table import GONE, TABLE_COLUMNS

TEXT, MAYBE, WHOLE = str, str | None, int | None
NUMBER = int | float | None
TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("agency", "area", "indicator", "title", "category", "category_name", "month", "unit"), TEXT),
    **dict.fromkeys(("first_month", "last_month"), TEXT),
    **dict.fromkeys(("state", "note", "polarity", "symbol", "symbol_meaning", "definition_from"), TEXT),
    **dict.fromkeys(("value", "previous", "change", "usual", "lower", "upper", "level", "target"), NUMBER),
    **dict.fromkeys(("range_lower", "range_upper"), NUMBER),
    **dict.fromkeys(("movement", "no_arrow_reason", "signal", "tier", "judgement", "level_since", "ratio"), MAYBE),
    **dict.fromkeys(("target_month", "kpi_state"), MAYBE),
    **dict.fromkeys(("window", "per", "numerator", "denominator", "rounded_to"), WHOLE),
}
NUMBERS_OF_A_KPI = ("value", "lower", "upper", "due_baseline", "due_trajectory", "due_target")


class Data(Schema):
    """An answer. It may gain fields, so it doesn't forbid others."""


class Sent(Schema):
    """What a system sends. A field that we don't know is refused: its sender meant something by it."""

    model_config = ConfigDict(extra="forbid")


def make_row(name: str, columns: Iterable[str], types: Mapping[str, Any], meanings: Mapping[str, str]) -> type[Data]:
    fields = {column: (types[column], Field(description=meanings[column])) for column in columns}
    return cast("type[Data]", create_model(name, __base__=Data, **cast("Any", fields)))


Line = make_row("Line", MONTH_COLUMNS, TYPES, MEANINGS)
PublicLine = make_row("PublicLine", PUBLIC_COLUMNS, TYPES, MEANINGS)
PublicYear = make_row("PublicYear", YEAR_COLUMNS, TYPES, YEAR_MEANINGS)
SeriesMonth = make_row("SeriesMonth", SERIES_COLUMNS, TYPES, MEANINGS)
Figure = make_row("Figure", HISTORY_COLUMNS, TYPES, MEANINGS)
TableRow = make_row(
    "TableRow",
    TABLE_COLUMNS,
    {
        **TYPES,
        **dict.fromkeys(("area_code", "part_of"), TEXT),
        "month": Annotated[str, Field(pattern=rf"^{PATTERN.pattern}$", examples=["2026-10"])],
        "state": Literal[*(state.value for state in CellState), GONE],
        "is_provisional": bool,
        "movement": Literal[*(movement.value for movement in Movement)] | None,
        "signal": Literal[*(signal.value for signal in Signal)] | None,
        "version": int,
        "published_at": datetime,
    },
    MEANINGS,
)
Action = make_row(
    "Action",
    PLAN_COLUMNS,
    {**dict.fromkeys(PLAN_COLUMNS, MAYBE), "milestones": int, "milestones_done": int},
    PLAN_COLUMNS,
)
Challenge = make_row("Challenge", CHALLENGE_COLUMNS, dict.fromkeys(CHALLENGE_COLUMNS, MAYBE), CHALLENGE_COLUMNS)
Kpi = make_row(
    "Kpi",
    KPI_COLUMNS,
    {**dict.fromkeys(KPI_COLUMNS, MAYBE), **dict.fromkeys(NUMBERS_OF_A_KPI, NUMBER), "months": int}
    | dict.fromkeys(("baseline", "target"), NUMBER),
    KPI_COLUMNS,
)


class Paged(Data):
    total: int = Field(description="How many entries there are on all pages.")
    page: int
    size: int


class Problem(Schema):
    """A problem of RFC 9457."""

    type: str = Field(description="The kind of problem, as an address on our page about the API.")
    title: str
    status: int
    detail: str = Field(description="A sentence for people.")
    instance: str = Field(description="The path that was asked for.")
    errors: list["Fault"] = Field([], description="What is wrong, and where.")


class Fault(Schema):
    pointer: str = Field(description="Where: a JSON pointer in the body, or “?page” in the address.")
    detail: str


class AreaRef(Data):
    slug: str
    name: str
    area_code: str = Field(description="The area’s code from the Office for National Statistics; empty if it has none.")
    url: str


class Areas(Data):
    areas: list[AreaRef]


class Area(Data):
    slug: str
    name: str
    ons_code: str
    newest: str | None = Field(description="The newest published month.")
    agency: str | None = Field(description="The code of the agency that owns the key.")
    scopes: list[str] = Field(description="What the key opens.")


class Version(Data):
    month: str
    version: int
    state: str
    taken_at: str
    published_at: str | None


class Versions(Data):
    area: str
    month: str
    versions: list[Version] = Field(description="The newest first.")


class Months(Paged):
    area: str
    months: list[Version] = Field(description="Each published month in its newest version, the newest month first.")


class Month(Data):
    area: str
    month: str
    version: int
    state: str
    marking: str
    position: str
    completeness: str
    timeliness: str
    superseded: str
    taken_at: str
    due_on: str
    lines: str = Field(description="The address of the month’s lines.")


class Lines(Paged):
    area: str
    month: str
    audience: str
    version: int
    state: str
    marking: str
    lines: list[Line]  # type: ignore[valid-type]


class IndicatorRef(Data):
    code: str
    title: str
    question: str
    unit: str
    owner: str
    section: str
    polarity: str
    url: str


class Indicators(Paged):
    area: str
    month: str
    indicators: list[IndicatorRef]


class Dated(Data):
    month: str
    text: str


class Passport(Data):
    """An indicator’s set-up, with its line’s own words as of the month."""

    area: str
    code: str
    title: str
    month: str
    definitions: list[Dated]
    recordings: list[Dated]
    level: str
    why: str
    source: str
    counts: list[str]
    collected: str
    owner: str
    boards: list[str]
    polarity: str
    polarity_reason: str
    rule: str
    retired_from: str | None


class Series(Paged):
    area: str
    indicator: str
    title: str
    unit: str
    month: str
    audience: str
    version: int
    state: str
    marking: str
    figures: list[SeriesMonth]  # type: ignore[valid-type]


class Plan(Paged):
    area: str
    actions: list[Action]  # type: ignore[valid-type]


class Challenges(Paged):
    area: str
    challenges: list[Challenge]  # type: ignore[valid-type]


class Kpis(Paged):
    area: str
    month: str | None
    kpis: list[Kpi]  # type: ignore[valid-type]


class Edition(Data):
    month: str
    edition: int
    published_on: str
    url: str


class PublicMonths(Paged):
    area: str
    months: list[Edition] = Field(description="The newest month first.")


OF_YEARS = "Totals for the financial year, of indicators that the public sees only by year. Each page has them all."
LICENCE = "How the figures can be reused, as the area’s public pages say."


class Table(Paged):
    marking: str
    figures: list[TableRow]  # type: ignore[valid-type]


class PublicLines(Paged):
    area: str
    month: str
    audience: str
    edition: int
    licence: str = Field(description=LICENCE)
    marking: str
    figures: list[PublicLine] = Field(description="Every month that the edition shows.")  # type: ignore[valid-type]
    years: list[PublicYear] = Field(description=OF_YEARS)  # type: ignore[valid-type]


class PublicHistory(Paged):
    area: str
    audience: str
    marking: str
    editions: list[dict[str, Any]]
    licence: str = Field(description=LICENCE)
    figures: list[PublicLine]  # type: ignore[valid-type]
    years: list[PublicYear] = Field(description=OF_YEARS)  # type: ignore[valid-type]


# --- An agency's return -----------------------------------------------------------------------------


def tidy(text: str) -> str:
    """Remove what no database holds: NULs, and halves of characters."""
    return text.replace("\x00", "").encode(errors="ignore").decode()


Short = Annotated[str, Field(max_length=40), AfterValidator(tidy)]


class SentFigure(Sent):
    indicator: Short = Field(description="The indicator’s code.")
    category: Short = Field("", description="The category’s code, where the return splits the indicator.")
    value: StrictInt | StrictFloat | Annotated[StrictStr, Field(max_length=100), AfterValidator(tidy)] | None = Field(
        None, description="The count. Text is saved as typed, and `errors` says so if it isn’t a count."
    )
    reason: Short = Field("", description="Why there is no figure: not-available, or awaited.")
    note: Annotated[str, Field(max_length=2000), AfterValidator(tidy)] = Field(
        "", description="A note on the figure, never about a person."
    )


class SentFigures(Sent):
    figures: list[SentFigure] = Field(
        min_length=1, max_length=500, description="The boxes to change; the others stay as they are."
    )


class Box(Data):
    indicator: str
    category: str
    title: str
    last: str = Field(description="The figure for the month before, or why there was none.")
    usual_lower: int | float | None = Field(description="The bottom of this month’s usual range.")
    usual_upper: int | float | None
    value: str = Field(description="The text that is typed in this box now.")
    reason: str
    note: str


class Said(Data):
    indicator: str
    category: str
    part: str = Field(description="value, reason or note")
    detail: str


class Return(Data):
    area: str
    agency: str
    month: str
    state: str
    accepts_figures: bool
    revision: int = Field(description="Send it in If-Match, and nothing is saved if someone saved first.")
    saved_by: str
    due_on: str
    boxes: list[Box]
    errors: list[Said] = Field(description="The faults that stop the lead from submitting the return.")
    questions: list[Said] = Field(description="Unusual figures that need a note.")


class Change(Data):
    title: str
    now: str
    new: str
    problems: list[str]


class Preview(Data):
    changes: list[Change] = Field(description="The rows that would change the return, or that have a problem.")
    problems: list[str] = Field(description="Every fault in the file, with its place.")
    is_saved: bool
    revision: int
