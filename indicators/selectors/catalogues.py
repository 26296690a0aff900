"""What is an area's set-up as a catalogue? Retired entries are left out."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from django.db.models import Prefetch, Q

from boards.models import Agency, Board, PartnershipArea, Strand
from indicators.catalogues.entries import (
    AgencyEntry,
    BoardEntry,
    Catalogue,
    CategoryEntry,
    DimensionEntry,
    IndicatorEntry,
    SectionEntry,
    Settings,
    StrandEntry,
)
from indicators.models import Category, Dimension, Indicator, IndicatorBoard, Section


def get_catalogue(area: PartnershipArea) -> Catalogue:
    """Return an area's catalogue. Nine queries."""
    boards = Board.objects.in_use().filter(area=area).prefetch_related("responsibilities")
    categories = Prefetch("categories", Category.objects.in_use())
    dimensions = Dimension.objects.filter(area=area).prefetch_related(categories).order_by("pk")
    indicators = list_indicators(area)
    return Catalogue(
        name=area.name,
        settings=entry(Settings, area),
        board=tuple(
            entry(
                BoardEntry,
                board,
                responsibilities=tuple(row.text for row in board.responsibilities.all()),
                order=own_order(board, indicators),
            )
            for board in boards
        ),
        strand=entries(StrandEntry, Strand.objects.filter(area=area)),
        agency=entries(AgencyEntry, Agency.objects.in_use().filter(area=area)),
        section=entries(SectionEntry, Section.objects.in_use().filter(area=area)),
        dimension=tuple(
            entry(DimensionEntry, dimension, category=entries(CategoryEntry, dimension.categories.all()))
            for dimension in dimensions
        ),
        indicator=tuple(indicator_entry(indicator) for indicator in indicators),
    )


def own_order(board: Board, indicators: list[Indicator]) -> tuple[str, ...]:
    """Return the order of indicators on a board's page; empty where it is the same as the month's."""
    places = [
        (place.position, indicator.code)
        for indicator in indicators
        for place in indicator.board_places.all()
        if place.board_id == board.pk
    ]
    usual = [code for _, code in places]
    ordered = [code for _, code in sorted(places, key=lambda place: place[0])]
    return () if ordered == usual else tuple(ordered)


def list_indicators(area: PartnershipArea) -> list[Indicator]:
    """List the indicators that can be made again: in use and defined, with a section and an agency in use."""
    used = Indicator.objects.in_use().filter(area=area)
    places = IndicatorBoard.objects.filter(board__in=Board.objects.in_use()).select_related("board")
    found = (
        used.filter(Q(part_of=None) | Q(part_of__in=used), definitions__isnull=False)
        .filter(section__in=Section.objects.in_use(), owner__in=Agency.objects.in_use())
        # The join has a row for each definition.
        .distinct()
        .select_related("section", "owner", "dimension", "part_of", "numerator", "denominator")
        .prefetch_related("definitions", Prefetch("board_places", places.order_by("board__position", "board__name")))
    )
    return list(found)


def indicator_entry(indicator: Indicator) -> IndicatorEntry:
    linked = ("section", "owner", "dimension", "part_of", "numerator", "denominator")
    held = {name: getattr(indicator, name) for name in linked}
    return entry(
        IndicatorEntry,
        indicator,
        optional=False,
        boards=tuple(place.board.code for place in indicator.board_places.all()),
        # Not latest(), which would be a query for each indicator.
        definition=max(indicator.definitions.all(), key=lambda definition: definition.applies_from).text,
        **{name: row.code if row else "" for name, row in held.items()},
    )


def entries[Entry](kind: type[Entry], rows: Iterable[Any]) -> tuple[Entry, ...]:
    return tuple(entry(kind, row) for row in rows)


def entry[Entry](kind: type[Entry], row: Any, **given: Any) -> Entry:
    """Make an entry of this kind from a row. Fields that aren't given come from the row."""
    values: Mapping[str, Any] = given
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: values[name] if name in values else getattr(row, name) for name in names})


def list_retired(area: PartnershipArea) -> set[tuple[str, str]]:
    """Return the kind and code of everything that the area has retired. Five queries."""
    retired: set[tuple[str, str]] = set()
    for kind, model in (("board", Board), ("agency", Agency), ("section", Section)):
        rows = model._default_manager.filter(area=area, retired=True)
        retired |= {(kind, code) for code in rows.values_list("code", flat=True)}
    categories = Category.objects.filter(dimension__area=area, retired=True).select_related("dimension")
    retired |= {("category", f"{row.dimension.code}.{row.code}") for row in categories}
    indicators = Indicator.objects.filter(area=area, retired_from__isnull=False)
    return retired | {("indicator", code) for code in indicators.values_list("code", flat=True)}
