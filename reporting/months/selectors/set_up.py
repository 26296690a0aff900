"""What is set up for an indicator, and which of its figures were signed off? Statements by hand: see core.selectors."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from boards.models import Agency, PartnershipArea, ReportingPeriod
from core.models import User
from core.not_held import NotHeld
from core.selectors import as_day, as_moment, fetch_rows
from core.statements import statement
from indicators.models import Category, Indicator, Observation, Submission


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


def find_set_up(area: PartnershipArea, code: str) -> SetUp | None:
    """Return an indicator's set-up; None if there is no such indicator, or it isn't defined yet. Three queries."""
    indicator = Indicator.objects.filter(area=area, code=code).first()
    if indicator is None:
        return None
    definitions = list(indicator.definitions.order_by("applies_from").values_list("applies_from", "text"))
    if not definitions:
        return None
    changes = indicator.changes.order_by("-made_at", "-pk").values_list("made_at", "act", "month", "fields")
    return SetUp(
        indicator.pk,
        indicator.title,
        indicator.why_it_matters,
        indicator.source,
        indicator.collection,
        indicator.retired_from,
        definitions,
        [Change._make(change) for change in changes[:MOST_CHANGES]],
    )


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
