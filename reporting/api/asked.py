"""What somebody asks the long table for: which areas, indicators and months, and changed since when."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from django.utils.dateparse import parse_date, parse_datetime
from ninja import Query
from pydantic import WithJsonSchema

from core.calendar import PATTERN, Month
from core.pages import NotHeld
from reporting.api.door import Invalid
from reporting.public.presenters.table import Asked, Source

MOST_AREAS = 50  # at once
LONGEST_LIST = 2_000  # characters
SLUGS = r"^[a-z0-9-]+(,[a-z0-9-]+)*$|^$"
AreasAsked = Annotated[
    str,
    Query(
        "",
        pattern=SLUGS,
        max_length=LONGEST_LIST,
        description="Only these areas, by their short names, with commas.",
        example="anytown",
    ),
]
IndicatorsAsked = Annotated[
    str,
    Query(
        "",
        pattern=SLUGS,
        max_length=LONGEST_LIST,
        description="Only these indicators, by their codes, with commas: lines,pwits.",
    ),
]
FirstMonth = Annotated[
    str | None,
    Query(None, alias="from", pattern=rf"^{PATTERN.pattern}$", description="The first month.", example="2026-01"),
]
LastMonth = Annotated[
    str | None,
    Query(None, alias="to", pattern=rf"^{PATTERN.pattern}$", description="The last month.", example="2026-10"),
]
# A day or a moment, as the document says it and read_moment reads it.
DAY_OR_MOMENT = {
    "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, {"type": "null"}]
}
SinceAsked = Annotated[
    str | None,
    WithJsonSchema(DAY_OR_MOMENT),
    Query(
        None,
        description="Only rows that changed since that day, or that moment (2026-11-01T09:00:00Z), with those that "
        "were taken back or withdrawn.",
        example="2026-01-01",
    ),
]


def read_asked(indicators: str, first: str | None, last: str | None, since: str | None) -> Asked:
    """Raises Invalid."""
    start, end = Month.parse(first) if first else None, Month.parse(last) if last else None
    if start and end and end < start:
        raise Invalid(("?to", "The last month is before the first."))
    return Asked(
        frozenset(filter(None, indicators.split(","))), start, end, read_moment(since) if since is not None else None
    )


def read_moment(text: str) -> datetime:
    """Return the moment, in UTC unless it says otherwise. Raises Invalid."""
    try:
        day, moment = parse_date(text), parse_datetime(text)
    except ValueError:  # the 31st of February
        day = moment = None
    if day is not None:
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if moment is None:
        raise Invalid(("?changed_since", "Write a day or a moment: 2026-11-01 or 2026-11-01T09:00:00Z."))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def list_facts(sources: Sequence[Source], asked: Asked) -> tuple[object, ...]:
    return (repr(asked), [source.depends_on for source in sources])


def choose(areas: dict[str, int], asked: str, refusal: str) -> set[int]:
    """Return the keys of the areas that are asked for; all, if none is. Raises NotHeld, or Invalid for too many."""
    slugs = asked.split(",") if asked else list(areas)
    if unknown := [slug for slug in slugs if slug not in areas]:
        raise NotHeld(refusal.format(", ".join(unknown)))
    if len(slugs) > MOST_AREAS:
        raise Invalid(("?areas", f"Ask for at most {MOST_AREAS} areas at once."))
    return {areas[slug] for slug in slugs}
