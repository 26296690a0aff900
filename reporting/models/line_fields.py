"""The fields of a month's line. Each is declared once: its type and its column.

This declaration gives the models (LineFields, and so IndicatorLine and PublicLine), the columns and rows of a statement
by hand (Row), what a public line copies (LineSetUp), what a new version drops (LineRevision), and what a page reads
from a line (reporting.months.presenters.shapes.LineView).
"""

import json
from datetime import date
from typing import Annotated, Any, get_origin, get_type_hints

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from indicators import trend
from indicators.judgement.judge import Counted, Judgement, Method, Signal, Tier
from indicators.ratios import TENTHS, Asked, RatioKind, ShownOn, show_number
from indicators.trend import CellState, Movement, NoArrowReason, Polarity


class CompactField(models.JSONField):
    """JSON that is only read as a whole: no query looks into it.

    SQLite has it as any JSON: a text that it checks. PostgreSQL has it as text too, and makes the same check. Without
    blanks, it needs a byte for a digit. PostgreSQL's own JSON takes about 12 bytes for each number: docs/adr/0005.
    """

    description = "JSON as text"

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "text" if connection.vendor == "postgresql" else super().db_type(connection)

    def db_check(self, connection: BaseDatabaseWrapper) -> str | None:
        if connection.vendor != "postgresql":
            return super().db_check(connection)
        # The cast fails on anything else. PostgreSQL 15 has no IS JSON.
        return f"{connection.ops.quote_name(str(self.column))}::json IS NOT NULL"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> str:
        return json.dumps(value, separators=(",", ":"))


type Steps = list[dict[str, Any]]

# With those of the rules until November 2026, which published lines have.
SIGNALS = [*Signal.choices(), *(choice for choice in trend.Signal.choices() if choice[0] != Signal.NONE)]
JUDGEMENTS = [
    *Judgement.choices(),
    *(choice for choice in trend.Judgement.choices() if choice not in Judgement.choices()),
]


# Marks what a line copies from its indicator, where it has the same name.
AS_SET_UP = "as set up"


class LineSetUp:
    """What is counted, as it was set up: an indicator as a whole (`category_code` empty) or one category of it.

    `boards` maps a board's code to the indicator's place on that board's page. A ratio has its kind, what it is shown
    by, and the two counts that it is of; where those are residents, no code of the second. What comes to a stock, or
    goes from it, has the stock's code (`flow_of`), and the word for it on the stock's tile.
    """

    position: Annotated[int, models.PositiveSmallIntegerField()]
    section_code: Annotated[str, models.CharField(max_length=40)]
    section_title: Annotated[str, models.CharField(max_length=80)]
    indicator_code: Annotated[str, models.CharField(max_length=40)]
    part_of_code: Annotated[str, models.CharField(max_length=40, blank=True)]
    title: Annotated[str, models.CharField(max_length=80), AS_SET_UP]
    short_title: Annotated[str, models.CharField(max_length=34, blank=True, default=""), AS_SET_UP]
    question: Annotated[str, models.CharField(max_length=200), AS_SET_UP]
    unit_one: Annotated[str, models.CharField(max_length=60), AS_SET_UP]
    unit_many: Annotated[str, models.CharField(max_length=60), AS_SET_UP]
    polarity: Annotated[str, models.CharField(max_length=10, choices=Polarity.choices()), AS_SET_UP]
    polarity_reason: Annotated[str, models.CharField(max_length=300), AS_SET_UP]
    counts_as: Annotated[
        str, models.CharField(max_length=10, choices=Counted.choices(), default=Counted.FLOW.value), AS_SET_UP
    ]
    owner_code: Annotated[str, models.CharField(max_length=40)]
    owner_name: Annotated[str, models.CharField(max_length=80)]
    dimension_code: Annotated[str, models.CharField(max_length=40, blank=True)]
    dimension_name: Annotated[str, models.CharField(max_length=80, blank=True)]
    category_code: Annotated[str, models.CharField(max_length=40, blank=True)]
    category_name: Annotated[str, models.CharField(max_length=80, blank=True)]
    longitude: Annotated[float | None, models.FloatField(null=True)]
    latitude: Annotated[float | None, models.FloatField(null=True)]
    definition_from: Annotated[date, models.DateField()]
    boards: Annotated[dict[str, int], models.JSONField(default=dict)]
    shown_on: Annotated[
        str, models.CharField(max_length=10, choices=ShownOn.choices(), default=ShownOn.MONTH.value), AS_SET_UP
    ]
    asked: Annotated[
        str, models.CharField(max_length=10, choices=Asked.choices(), default=Asked.MONTHLY.value), AS_SET_UP
    ]
    ratio: Annotated[
        str, models.CharField(max_length=10, choices=RatioKind.choices(), blank=True, default=""), AS_SET_UP
    ]
    per: Annotated[int, models.PositiveIntegerField(default=1), AS_SET_UP]
    numerator_code: Annotated[str, models.CharField(max_length=40, blank=True, default="")]
    numerator_title: Annotated[str, models.CharField(max_length=80, blank=True, default="")]
    denominator_code: Annotated[str, models.CharField(max_length=40, blank=True, default="")]
    denominator_title: Annotated[str, models.CharField(max_length=80, blank=True, default="")]
    flow_of: Annotated[str, models.CharField(max_length=40, blank=True, default="")]
    is_coming: Annotated[bool, models.BooleanField(default=False)]
    flow_word: Annotated[str, models.CharField(max_length=10, blank=True, default=""), AS_SET_UP]


class LineFigures:
    """What its figures say.

    `method` to `is_back` are indicators.judgement.judge.Entry for the month, with `figures` the earlier ones that it
    is held against, `level_since` the first day of the level's first month, and `level_name` and `level_reason` as
    someone gave them. `year_value` and the two after it compare with the same month a year before.

    `history` is the last 36 months, oldest first, this one last: a list of values, None where there is no figure.
    `steps` cuts it where its definition, or the way in which it is recorded, changed: for each part {"at": its first
    place in the history, "from": the first day, "why": what is recorded differently, "method": "judged" or "withheld",
    "usual", "lower", "upper": one for each of its months, None while it was too early, "signals": {place: [signal,
    tier, window, sum, due]}, "levels": [{"at", "level", "before", "name"}] that start in it, "without": {place:
    why there is no figure, a CellState}, "provisional": [place], "held": [place of a figure of an earlier month],
    "revised": [place]}. Empty parts are left out, except "without" and "signals".

    A ratio's numbers are in tenths of what is shown (indicators.ratios). Each month of its history is worked out from
    `numerators` and `denominators`, and this month from `numerator` and `denominator`. If the denominator is from an
    earlier month or year of residents, `of_when` is its first day. For a count that isn't asked for each month,
    `of_when` is that of its figure.

    `mean`, `running`, `in_a_year` and `months_since` belong to the rules until November 2026. So do steps with their
    own "mean", "lower" and "upper" (reporting.months.older_rules).
    """

    state: Annotated[str, models.CharField(max_length=20, choices=CellState.choices())]
    value: Annotated[int | None, models.PositiveBigIntegerField(null=True)]
    note: Annotated[str, models.CharField(max_length=500, blank=True)]
    is_provisional: Annotated[bool, models.BooleanField(default=False)]
    previous_state: Annotated[str, models.CharField(max_length=20, choices=CellState.choices(), blank=True)]
    previous_value: Annotated[int | None, models.PositiveBigIntegerField(null=True)]
    movement: Annotated[str, models.CharField(max_length=10, choices=Movement.choices())]
    change: Annotated[int | None, models.BigIntegerField(null=True)]
    no_arrow_reason: Annotated[str, models.CharField(max_length=30, choices=NoArrowReason.choices(), blank=True)]
    year_value: Annotated[int | None, models.PositiveBigIntegerField(null=True)]
    year_change: Annotated[int | None, models.BigIntegerField(null=True)]
    year_no_arrow_reason: Annotated[str, models.CharField(max_length=30, choices=NoArrowReason.choices(), blank=True)]
    method: Annotated[str, models.CharField(max_length=10, choices=Method.choices())]
    figures: Annotated[int, models.PositiveIntegerField()]
    usual: Annotated[float | None, models.FloatField(null=True)]
    lower: Annotated[float | None, models.FloatField(null=True)]
    upper: Annotated[float | None, models.FloatField(null=True)]
    signal: Annotated[str, models.CharField(max_length=20, choices=SIGNALS, blank=True)]
    tier: Annotated[str, models.CharField(max_length=10, choices=Tier.choices(), blank=True)]
    judgement: Annotated[str, models.CharField(max_length=20, choices=JUDGEMENTS, blank=True)]
    window_months: Annotated[int | None, models.PositiveSmallIntegerField(null=True)]
    window_sum: Annotated[int | None, models.PositiveBigIntegerField(null=True)]
    window_due: Annotated[float | None, models.FloatField(null=True)]
    level: Annotated[float | None, models.FloatField(null=True)]
    level_since: Annotated[date | None, models.DateField(null=True)]
    level_before: Annotated[float | None, models.FloatField(null=True)]
    level_name: Annotated[str, models.CharField(max_length=80, blank=True)]
    level_reason: Annotated[str, models.CharField(max_length=300, blank=True)]
    is_back: Annotated[bool, models.BooleanField(default=False)]
    mean: Annotated[float | None, models.FloatField(null=True)]
    running: Annotated[int, models.PositiveIntegerField(default=0)]
    in_a_year: Annotated[int | None, models.PositiveBigIntegerField(null=True)]
    months_since: Annotated[int | None, models.PositiveIntegerField(null=True)]
    history: Annotated[list[int | None], CompactField(default=list)]
    steps: Annotated[Steps, CompactField(default=list)]
    numerator: Annotated[int | None, models.PositiveBigIntegerField(null=True)]
    denominator: Annotated[int | None, models.PositiveBigIntegerField(null=True)]
    numerators: Annotated[list[int | None], CompactField(default=list)]
    denominators: Annotated[list[int | None], CompactField(default=list)]
    of_when: Annotated[date | None, models.DateField(null=True)]


class LineRevision:
    """What the version before had, in a version after the first.

    `revised_state` and `revised_value` are set if that version had another state or value (AWAITED if it had no such
    line). The others say why it was changed, who asked for that, and when. `is_previous_revised`: the month before has
    another figure here than in that version.
    """

    revised_state: Annotated[str, models.CharField(max_length=20, choices=CellState.choices(), blank=True)]
    revised_value: Annotated[int | None, models.PositiveBigIntegerField(null=True)]
    revised_why: Annotated[str, models.TextField(blank=True)]
    revised_by: Annotated[str, models.CharField(max_length=200, blank=True)]
    revised_on: Annotated[date | None, models.DateField(null=True)]
    is_previous_revised: Annotated[bool, models.BooleanField(default=False)]


class Line(LineSetUp, LineFigures, LineRevision):
    """What every line has, whether a model or a row of a statement by hand. `protected_by` is the rule that
    the line of a public edition was protected by, as a token; empty for a line that partners see."""

    protected_by: str

    @property
    def which_way(self) -> str:
        """Return which way is better, and why."""
        return f"{Polarity(self.polarity).label}: {self.polarity_reason}"

    @property
    def label(self) -> str:
        return f"{self.title}, {self.category_name}" if self.category_name else self.title

    def as_shown(self, value: float | None) -> float | None:
        """Return a number of this line as a file has it: a ratio's isn't in tenths."""
        return value / TENTHS if self.ratio and value is not None else value

    def show(self, value: float) -> str:
        """Return a number of this line as people read it."""
        return show_number(value, self.ratio)


def line_key(line: Line) -> tuple[str, str]:
    """Return what it is a line of: an indicator, and a category of it (empty: the whole)."""
    return line.indicator_code, line.category_code


class Row(Line):
    """A line as a hand-written statement finds it: with the fields that were asked for, and no others.

    To make a model of each would cost more than to find it (docs/adr/0101).
    """

    protected_by = ""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__ = values


def list_columns(fields: type) -> "dict[str, models.Field[Any, Any]]":
    """Return the columns by name, in the order in which they are declared."""
    hints = get_type_hints(fields, include_extras=True)
    columns = {name: hint.__metadata__[0] for name, hint in hints.items() if get_origin(hint) is Annotated}
    # get_type_hints starts with the last base class. The counter is the order in which columns were declared.
    return dict(sorted(columns.items(), key=lambda item: item[1].creation_counter))


def list_names(fields: type) -> tuple[str, ...]:
    return tuple(list_columns(fields))


def list_copied() -> tuple[str, ...]:
    """Return the fields that a line copies from its indicator."""
    hints = get_type_hints(LineSetUp, include_extras=True)
    return tuple(name for name, hint in hints.items() if AS_SET_UP in hint.__metadata__)


class LineFields(Line, models.Model):
    """A line in the database, with its columns."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"


for _name, _column in list_columns(Line).items():
    LineFields.add_to_class(_name, _column)
