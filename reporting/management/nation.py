"""Makes a nation of areas, each with years of made-up figures, to measure with.

The first area is made from the starter catalogue as any other. The others are copies of its rows. A service would write
each figure with its history and its event, which takes a day for 400 areas.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from boards.models import Agency, Board, Membership, PartnershipArea, ReportingPeriod
from boards.rules import MonthStatus, Role
from boards.selectors import get_due_day
from core.calendar import Month, months_between
from core.models import User
from indicators.catalogues.entries import Catalogue, choose_usual
from indicators.catalogues.files import read_starter
from indicators.models import (
    Category,
    Collection,
    Dimension,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    Observation,
    Section,
)
from indicators.services.catalogues import AreaDraft, make_area
from indicators.trend import CellState

SLUG = "nation-"
MADE_UP = "made-up-figures.csv"
AT_ONCE = 2_000  # rows in one statement
# In this order: each has rows of those before it.
COPIED: tuple[type[models.Model], ...] = (
    Agency,
    Board,
    Section,
    Dimension,
    Category,
    Indicator,
    IndicatorDefinition,
    IndicatorBoard,
)

type Copies = dict[tuple[type[models.Model], int], int]  # a row of the first area → its copy


@transaction.atomic
def make_nation(*, areas: int, months: int, seed: int, today: Month) -> int:
    """Make so many areas with so many months, the newest of them open and without figures. The same seed makes the same
    figures. Return how many figures there are.
    """
    first = today + -(months - 1)
    source = make_area(AreaDraft(slug=f"{SLUG}1", name="Area 1"), pick(), first_month=None, defined_from=first, by=None)
    others = PartnershipArea.objects.bulk_create(
        PartnershipArea(slug=f"{SLUG}{number}", name=f"Area {number}") for number in range(2, areas + 1)
    )
    copy_rows(source, others)
    every = [source, *others]
    add_people(every)
    random, figures = Random(seed), 0  # noqa: S311  # figures to measure with
    for area in every:
        periods = add_months(area, list(months_between(first, today)))
        rows = list(make_figures(area, periods[:-1], random))
        Observation.objects.bulk_create(rows, batch_size=AT_ONCE)
        figures += len(rows)
    return figures


def pick() -> Catalogue:
    """Return the usual parts of the starter catalogue, which have categories."""
    return choose_usual(read_starter())


def copy_rows(source: PartnershipArea, others: Sequence[PartnershipArea]) -> None:
    """Copy an area's set-up to the others."""
    copies: dict[int, Copies] = {area.pk: {} for area in others}
    for model in COPIED:
        path = next(path for path in ("area", "dimension__area", "indicator__area") if has_path(model, path))
        for rows in in_waves(list(model._default_manager.filter(**{path: source}))):
            copied = [(area, row, copy_row(row, area, copies[area.pk])) for area in others for row in rows]
            model._default_manager.bulk_create([copy for _, _, copy in copied], batch_size=AT_ONCE)
            for area, row, copy in copied:
                copies[area.pk][model, row.pk] = copy.pk


def has_path(model: type[models.Model], path: str) -> bool:
    return path.partition("__")[0] in {field.name for field in model._meta.concrete_fields}


def in_waves(rows: list[models.Model]) -> Iterator[list[models.Model]]:
    """Yield the rows in such an order that each wave needs only those before it: a ratio needs its counts."""
    done: set[int] = set()
    while rows:
        wave = [row for row in rows if {key for key in own_keys(row) if key is not None} <= done]
        yield wave
        done |= {row.pk for row in wave}
        rows = [row for row in rows if row.pk not in done]


def own_keys(row: models.Model) -> Iterable[int | None]:
    """Return the keys of rows of the same model that it points at."""
    return [getattr(row, field.attname) for field in row._meta.concrete_fields if field.related_model is type(row)]


def copy_row(row: models.Model, area: PartnershipArea, copies: Copies) -> models.Model:
    """Return an unsaved copy of a row that points at the area's own rows."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    for field in row._meta.concrete_fields:
        related: Any = field.related_model
        if related is PartnershipArea:
            values[field.attname] = area.pk
        elif related is not None and (related, values[field.attname]) in copies:
            values[field.attname] = copies[related, values[field.attname]]
    del values[row._meta.pk.attname]
    return type(row)(**values)


def add_people(areas: Sequence[PartnershipArea]) -> None:
    """Give each area a coordinator, and each agency a lead. Nobody has a password."""
    roles: list[tuple[PartnershipArea, Agency | None, Role]] = [(area, None, Role.COORDINATOR) for area in areas]
    roles += [(agency.area, agency, Role.AGENCY_LEAD) for agency in Agency.objects.filter(area__in=areas)]
    users = [User(email=address(area, agency), name=f"{agency or 'Coordinator'}, {area}") for area, agency, _ in roles]
    people = User.objects.bulk_create(users, batch_size=AT_ONCE)
    Membership.objects.bulk_create(
        [
            Membership(user=person, area=area, agency=agency, role=role.value)
            for person, (area, agency, role) in zip(people, roles, strict=True)
        ],
        batch_size=AT_ONCE,
    )


def address(area: PartnershipArea, agency: Agency | None) -> str:
    return f"{agency.code if agency else 'coordinator'}@{area.slug}.example"


def add_months(area: PartnershipArea, months: Sequence[Month]) -> list[ReportingPeriod]:
    """Add the months, all closed but the newest."""
    coordinator, now = Membership.objects.get(area=area, role=Role.COORDINATOR.value).user_id, timezone.now()
    closed = {
        "status": MonthStatus.CLOSED.value,
        "closed_at": now,
        "closed_by_id": coordinator,
        "closed_why": "Made up",
    }
    return ReportingPeriod.objects.bulk_create(
        ReportingPeriod(
            area=area,
            starts_on=month.first_day,
            opened_on=month.first_day,
            due_on=max(get_due_day(area, month), month.first_day + timedelta(days=1)),
            stale_since=now,
            **({} if month == months[-1] else closed),
        )
        for month in months
    )


def make_figures(area: PartnershipArea, periods: Sequence[ReportingPeriod], random: Random) -> Iterator[Observation]:
    """Yield a figure for each count and category of each month."""
    counts = Indicator.objects.filter(area=area).exclude(collection=Collection.RATIO.value)
    parts: dict[int, list[int]] = {}
    for category in Category.objects.in_use().filter(dimension__area=area):
        parts.setdefault(category.dimension_id, []).append(category.pk)
    now = timezone.now()
    for indicator in counts.order_by("code"):
        level = random.randrange(5, 60)
        for period in periods:
            for part in parts[indicator.dimension_id] if indicator.dimension_id else [None]:
                yield Observation(
                    indicator=indicator,
                    category_id=part,
                    period=period,
                    imported_from=MADE_UP,
                    state=CellState.FIGURE.value,
                    value=max(0, round(random.gauss(level, level**0.5))),
                    signed_off_at=now,
                )
