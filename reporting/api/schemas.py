"""The shapes of the API's answers, for its document.

The fields of a row are made from the presenters' own columns, with their own words, so that they can't differ. A column
without a type here is an error when the API is first asked.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, cast

from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictStr, create_model
from pydantic_core import PydanticCustomError

from actions.presenters.challenges import KINDS_OF_THINGS
from actions.presenters.files import CHALLENGE_COLUMNS
from actions.presenters.plan import PLAN_COLUMNS
from actions.workflow import ActionState, ChallengeState, Rag
from boards.key_secrets import Scope
from core.calendar import PATTERN
from indicators.disclosure import Audience, Marking
from indicators.figures import LARGEST, PARTS, REASONS, shorten
from indicators.judgement.judge import Judgement, Signal, Tier
from indicators.kpis.aims import KpiState
from indicators.ratios import RatioKind
from indicators.trend import CellState, Movement, NoArrowReason, Polarity
from indicators.workflow import SubmissionState
from reporting.exports.presenters.months import MONTH_COLUMNS
from reporting.kpis.presenters import KPI_COLUMNS
from reporting.models.snapshots import SnapshotState
from reporting.months.presenters.notes import MEANINGS
from reporting.months.presenters.series import SERIES_COLUMNS
from reporting.public.presenters.month import PUBLIC_COLUMNS, YEAR_COLUMNS, YEAR_MEANINGS
from reporting.public.presenters.table import GONE, TABLE_COLUMNS


def one_of(values: Iterable[str]) -> Any:
    """Say which texts there are: the codes of a table of ours."""
    return Field(json_schema_extra={"enum": [str(value) for value in values]})


TEXT, MAYBE, WHOLE = str, str | None, int | None
NUMBER = int | float | None
MonthText = Annotated[str, Field(pattern=rf"^{PATTERN.pattern}$", examples=["2026-10"])]
StateOfVersion = Annotated[str, one_of(SnapshotState)]
For = Annotated[str, one_of(Audience)]
Mark = Annotated[str, one_of(Marking)]
TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("agency", "area", "area_code", "indicator", "title", "category", "category_name", "unit"), TEXT),
    **dict.fromkeys(("part_of", "symbol", "symbol_meaning"), TEXT),
    **dict.fromkeys(("month", "first_month", "last_month"), MonthText),
    **dict.fromkeys(("level_since", "target_month"), MonthText | None),
    **dict.fromkeys(("value", "previous", "change", "usual", "lower", "upper", "level", "target"), NUMBER),
    **dict.fromkeys(("range_lower", "range_upper"), NUMBER),
    **dict.fromkeys(("window", "per", "numerator", "denominator", "rounded_to"), WHOLE),
    "state": Annotated[str, one_of(CellState)],
    "movement": Annotated[str, one_of(Movement)] | None,
    "no_arrow_reason": Annotated[str, one_of(("", *NoArrowReason))] | None,
    "polarity": Annotated[str, one_of(Polarity)],
    "signal": Annotated[str, one_of(Signal)] | None,
    "tier": Annotated[str, one_of(Tier)] | None,
    "judgement": Annotated[str, one_of(Judgement)] | None,
    "ratio": Annotated[str, one_of(RatioKind)] | None,
    "kpi_state": Annotated[str, one_of(KpiState)] | None,
    "definition_from": date,
    "is_provisional": bool,
}
YES_NO = Annotated[str, one_of(("Yes", "No"))]
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
TableRow = make_row(
    "TableRow",
    TABLE_COLUMNS,
    {
        **TYPES,
        "state": Annotated[str, one_of((*CellState, GONE))],
        "version": int,
        "published_at": datetime,
    },
    MEANINGS,
)
Action = make_row(
    "Action",
    PLAN_COLUMNS,
    {
        **dict.fromkeys(PLAN_COLUMNS, MAYBE),
        **dict.fromkeys(("number", "title", "strand", "strand_code", "board", "board_code"), TEXT),
        **dict.fromkeys(("agency", "agency_code", "owner", "rag_why"), TEXT),
        "state": Annotated[str, one_of(ActionState)],
        "rag": Annotated[str, one_of(Rag)],
        "due_on": date,
        "overdue": YES_NO,
        "is_overdue": bool,
        "completed_on": date | None,
        "milestones": int,
        "milestones_done": int,
    },
    PLAN_COLUMNS,
)
# Beside what the file of challenges has in words.
CODES_OF_A_CHALLENGE = {
    "state_code": "The code of its state.",
    "about_kind_code": "The code of that kind of thing.",
    "is_overdue": "Whether the answer is missing and its due date has passed.",
}
Challenge = make_row(
    "Challenge",
    [*CHALLENGE_COLUMNS, *CODES_OF_A_CHALLENGE],
    {
        **dict.fromkeys(CHALLENGE_COLUMNS, MAYBE),
        **dict.fromkeys(("number", "about", "to", "answerer", "question", "raised_by", "thread"), TEXT),
        **dict.fromkeys(("raised_on", "due_on"), date),
        **dict.fromkeys(("turn_since", "last_answer_on", "closed_on"), date | None),
        "state": Annotated[str, one_of(state.label for state in ChallengeState)],
        "state_code": Annotated[str, one_of(ChallengeState)],
        "about_kind": Annotated[str, one_of(KINDS_OF_THINGS.values())],
        "about_kind_code": Annotated[str, one_of(KINDS_OF_THINGS)],
        "overdue": YES_NO,
        "is_overdue": bool,
    },
    CHALLENGE_COLUMNS | CODES_OF_A_CHALLENGE,
)
Kpi = make_row(
    "Kpi",
    KPI_COLUMNS,
    {
        **dict.fromkeys(KPI_COLUMNS, TEXT),
        **dict.fromkeys((*NUMBERS_OF_A_KPI, "baseline", "target"), NUMBER),
        "owner": MAYBE,
        "state": Annotated[str, one_of(KpiState)],
        "months": int,
        "target_month": MonthText,
    },
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
    newest: MonthText | None = Field(description="The newest published month.")
    agency: str | None = Field(description="The code of the agency that owns the key.")
    scopes: list[Annotated[str, one_of(Scope)]] = Field(description="What the key opens.")


class Version(Data):
    month: MonthText
    version: int
    state: StateOfVersion
    taken_at: datetime
    published_at: datetime | None


class Versions(Data):
    area: str
    month: MonthText
    versions: list[Version] = Field(description="The newest first.")


class Months(Paged):
    area: str
    months: list[Version] = Field(description="Each published month in its newest version, the newest month first.")


class Month(Data):
    area: str
    month: MonthText
    version: int
    state: StateOfVersion
    marking: Mark
    position: str
    completeness: str
    timeliness: str
    superseded: str
    taken_at: datetime
    due_on: date
    lines: str = Field(description="The address of the month’s lines.")


class Lines(Paged):
    area: str
    month: MonthText
    audience: For
    version: int
    state: StateOfVersion
    marking: Mark
    lines: list[Line]  # type: ignore[valid-type]


class IndicatorRef(Data):
    code: str
    title: str
    question: str
    unit: str
    owner: str
    section: str
    polarity: Annotated[str, one_of(Polarity)]
    url: str


class Indicators(Paged):
    area: str
    month: MonthText
    indicators: list[IndicatorRef]


class Dated(Data):
    month: MonthText
    text: str


class Passport(Data):
    """An indicator’s set-up, with its line’s own words as of the month."""

    area: str
    code: str
    title: str
    month: MonthText
    definitions: list[Dated]
    recordings: list[Dated]
    level: str
    why: str
    source: str
    counts: list[str] = Field(description="For a ratio: the titles of its two counts.")
    count_codes: list[str] = Field(description="The codes of those counts; empty for one that is no indicator.")
    collected: str
    owner: str
    owner_code: str = Field(description="The code of the agency that supplies it.")
    boards: list[str]
    board_codes: list[str]
    polarity: Annotated[str, one_of(way.label for way in Polarity)]
    polarity_code: Annotated[str, one_of(Polarity)]
    polarity_reason: str
    rule: str
    retired_from: MonthText | None


class Series(Paged):
    area: str
    indicator: str
    title: str
    unit: str
    month: MonthText
    audience: For
    version: int
    state: StateOfVersion
    marking: Mark
    figures: list[SeriesMonth]  # type: ignore[valid-type]


class Plan(Paged):
    area: str
    actions: list[Action]  # type: ignore[valid-type]


class Challenges(Paged):
    area: str
    challenges: list[Challenge]  # type: ignore[valid-type]


class Kpis(Paged):
    area: str
    month: MonthText | None
    kpis: list[Kpi]  # type: ignore[valid-type]


class Edition(Data):
    month: MonthText
    edition: int
    published_on: date
    url: str


class PublicMonths(Paged):
    area: str
    months: list[Edition] = Field(description="The newest month first.")


OF_YEARS = "Totals for the financial year, of indicators that the public sees only by year. Each page has them all."
LICENCE = "How the figures can be reused, as the area’s public pages say."


class Table(Paged):
    marking: Mark
    figures: list[TableRow]  # type: ignore[valid-type]


class PublicLines(Paged):
    area: str
    month: MonthText
    audience: For
    edition: int
    licence: str = Field(description=LICENCE)
    marking: Mark
    figures: list[PublicLine] = Field(description="Every month that the edition shows.")  # type: ignore[valid-type]
    years: list[PublicYear] = Field(description=OF_YEARS)  # type: ignore[valid-type]


class PublicHistory(Paged):
    area: str
    audience: For
    marking: Mark
    editions: list[dict[str, Any]]
    licence: str = Field(description=LICENCE)
    figures: list[PublicLine]  # type: ignore[valid-type]
    years: list[PublicYear] = Field(description=OF_YEARS)  # type: ignore[valid-type]


# --- An agency's return -----------------------------------------------------------------------------


def tidy(text: str) -> str:
    """Remove what no database holds: NULs, and halves of characters."""
    return text.replace("\x00", "").encode(errors="ignore").decode()


def write_number(value: object) -> object:
    """Return a program's number as somebody would type it: 12, and 12 for 12.0. Text and null stay as they are.

    Raises PydanticCustomError for a number that is no count, such as 12.5, NaN, Infinity or true.
    """
    if not isinstance(value, int | float):
        return value
    if isinstance(value, bool) or not (0 <= value <= LARGEST and value == int(value)):
        sentence = "Send a whole number from 0 to {most}, or null for an empty box. You sent {sent}."
        raise PydanticCustomError("count", sentence, {"most": f"{LARGEST:,}", "sent": shorten(json.dumps(value))})
    return str(int(value))


Short = Annotated[str, Field(max_length=40), AfterValidator(tidy)]
Count = Annotated[
    StrictStr | None,
    Field(
        max_length=100,
        json_schema_extra={
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": LARGEST},
                {"type": "string", "maxLength": 100},
                {"type": "null"},
            ]
        },
    ),
    AfterValidator(lambda text: text and tidy(text)),
    BeforeValidator(write_number),
]


class SentFigure(Sent):
    indicator: Short = Field(description="The indicator’s code.")
    category: Short = Field("", description="The category’s code, where the return splits the indicator.")
    value: Count = Field(
        None,
        description="The count; null leaves the box empty. 12.0 is 12. Text is saved as typed, and `errors` says so if "
        "it isn’t a count.",
    )
    reason: Short = Field("", description="Why there is no figure: not-available, or awaited.")
    note: Annotated[str, Field(max_length=2000), AfterValidator(tidy)] = Field(
        "", description="A note on the figure, never about a person."
    )


class SentFigures(Sent):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"figures": [{"indicator": "pwits", "value": 12}]}]}
    )
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
    reason: Annotated[str, one_of(("", *REASONS))]
    note: str


class Said(Data):
    indicator: str
    category: str
    part: Annotated[str, one_of(PARTS)] = Field(description="value, reason or note")
    is_empty: bool = Field(description="Whether nothing is in the box yet, so that what was sent isn’t at fault.")
    detail: str


class Return(Data):
    area: str
    agency: str
    month: MonthText
    state: Annotated[str, one_of(("not-started", "from-file", *SubmissionState))]
    accepts_figures: bool
    revision: int = Field(description="Send it in If-Match, and nothing is saved if someone saved first.")
    saved_by: str
    due_on: date
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
