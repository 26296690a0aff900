"""What is set up for an indicator, and which of its figures were signed off? Statements by hand: see core.selectors."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from boards.models import Agency, PartnershipArea, ReportingPeriod
from core.models import User
from core.not_held import NotHeld
from core.selectors import as_day, as_list, as_moment, fetch_rows
from core.selectors.by_hand import Read, Rows, by_hand
from core.statements import statement
from indicators.models import Category, Indicator, IndicatorChange, IndicatorDefinition, Observation, Submission


class Change(NamedTuple):
    """One change of its set-up: see IndicatorChange."""

    made_at: datetime
    act: str
    month: date | None
    fields: list[str]


@dataclass(frozen=True, slots=True)
class SetUp:
    """An indicator's present set-up, with its changes, the newest first."""

    pk: int
    title: str
    why_it_matters: str
    source: str
    collection: str
    retired_from: date | None
    definitions: list[tuple[date, str]]
    changes: list[Change] = field(default_factory=list)


MOST_CHANGES = 20
SET_UP = statement(
    """
    SELECT indicator.id, indicator.title, indicator.why_it_matters, indicator.source, indicator.collection,
        indicator.retired_from, definition.applies_from, definition.text
    FROM {indicator} indicator
    JOIN {definition} definition ON definition.indicator_id = indicator.id
    WHERE indicator.area_id = %s AND indicator.code = %s ORDER BY definition.applies_from
""",
    indicator=Indicator,
    definition=IndicatorDefinition,
)
CHANGES = statement(
    """
    SELECT made_at, act, month, fields FROM {change}
    WHERE indicator_id = (SELECT id FROM {indicator} WHERE area_id = %s AND code = %s)
    ORDER BY made_at DESC, id DESC LIMIT %s
""",
    change=IndicatorChange,
    indicator=Indicator,
)


@by_hand
def find_set_up(area: PartnershipArea, code: str) -> Read[SetUp | None]:
    """Return an indicator's set-up without its changes; None if there is no such indicator, or it isn't defined yet."""
    return Read(SET_UP, [area.pk, code], _make_set_up)


def _make_set_up(rows: Rows) -> SetUp | None:
    if not rows:
        return None
    # Each row repeats the indicator beside one of its definitions.
    pk, title, why, source, collection, retired_from, *_ = rows[0]
    definitions = [(as_day(row[6]), row[7]) for row in rows]
    return SetUp(pk, title, why, source, collection, retired_from and as_day(retired_from), definitions)


@by_hand
def list_changes(area: PartnershipArea, code: str) -> Read[list[Change]]:
    """Return the newest changes of an indicator's set-up, the newest first."""
    return Read(CHANGES, [area.pk, code, MOST_CHANGES], _make_changes)


def _make_changes(rows: Rows) -> list[Change]:
    return [
        Change(as_moment(made_at), act, month and as_day(month), as_list(fields))
        for made_at, act, month, fields in rows
    ]


def check_set_up(area: PartnershipArea, code: str, found: SetUp | None) -> SetUp:
    """Return what was found. Raises NotHeld if it is nothing."""
    if found is None:
        raise NotHeld(f"{area.name} has no indicator “{code}”, or it isn’t defined yet.")
    return found


class Observed(NamedTuple):
    """A signed-off figure, with its origin (a file, an agency's return, or a correction) and who signed it off."""

    month: date
    category_code: str | None
    category: str | None
    state: str
    value: int | None
    note: str
    is_provisional: bool
    imported_from: str
    agency: str | None
    signed_off_at: datetime
    signed_off_by: str | None


OF_ONE = statement("observation.indicator_id = %s AND observation.signed_off_at IS NOT NULL")
SELECT_OBSERVED = statement(
    """
    SELECT period.starts_on, category.code, category.name, observation.state, observation.value, observation.note,
        observation.is_provisional, observation.imported_from, agency.name, observation.signed_off_at, person.name,
        COUNT(*) OVER ()
    FROM {observation} observation
    JOIN {period} period ON period.id = observation.period_id
    LEFT JOIN {category} category ON category.id = observation.category_id
    LEFT JOIN {submission} submission ON submission.id = observation.submission_id
    LEFT JOIN {agency} agency ON agency.id = submission.agency_id
    LEFT JOIN {person} person ON person.id = observation.signed_off_by_id
    WHERE {of_one}
    ORDER BY period.starts_on DESC, category.position, category.name LIMIT %s OFFSET %s
""",
    observation=Observation,
    of_one=OF_ONE,
    period=ReportingPeriod,
    category=Category,
    submission=Submission,
    agency=Agency,
    person=User,
)


class Observations:
    """The signed-off figures of an indicator, the newest month first, for a paginator with so many on a page. One query
    counts them and fetches the first page, and another one any other page.
    """

    def __init__(self, indicator: int, on_a_page: int) -> None:
        self.indicator, self.on_a_page = indicator, on_a_page

    @cached_property
    def first(self) -> list[tuple[Any, ...]]:
        return fetch_rows(SELECT_OBSERVED, [self.indicator, self.on_a_page, 0])

    def count(self) -> int:
        return self.first[0][-1] if self.first else 0

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, places: slice) -> list[Observed]:
        # A paginator asks with slices only.
        is_first = places.start == 0 and places.stop <= self.on_a_page
        number = places.stop - places.start
        rows = self.first[:number] if is_first else fetch_rows(SELECT_OBSERVED, [self.indicator, number, places.start])
        return [
            Observed._make([as_day(day), *plain, as_moment(moment), person]) for day, *plain, moment, person, _ in rows
        ]
