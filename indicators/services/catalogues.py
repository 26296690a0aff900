"""Brings an area up to a newer catalogue: new entries are added, changed ones are changed, and nothing is removed.

Each change goes through the service behind the coordinator's own form, so the same rules apply.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from boards.models import Agency, Board, PartnershipArea, Strand
from boards.permissions import check_can_coordinate
from boards.services.responsibilities import Rewording, save_board
from boards.services.setup import lock_area, save_part
from core.models import User
from core.months import Month
from indicators.catalogues.comparing import Difference, compare, fingerprint, list_entries
from indicators.catalogues.entries import OWN_FIELDS, REFERENCES, Catalogue, IndicatorEntry
from indicators.catalogues.needs import complete
from indicators.models import Category, Dimension, Indicator, Section
from indicators.selectors.catalogues import get_catalogue, list_retired
from indicators.services.setup import define, reword_definition, save_category, save_indicator

# The order in which kinds are taken: each after those that it names.
KINDS = ("board", "strand", "agency", "section", "dimension", "category", "indicator")
MODELS: dict[str, type[models.Model]] = {
    "strand": Strand,
    "agency": Agency,
    "section": Section,
    "dimension": Dimension,
    "indicator": Indicator,
}


CHANGED = "The set-up has changed since you opened this page. Check the differences again."
WORDING = "Say whether the definitions that change mean the same in other words"


def find_differences(area: PartnershipArea, newer: Catalogue) -> list[Difference]:
    """Return what taking the catalogue would do."""
    retired = list_retired(area)
    return compare(get_catalogue(area), without_boards(newer, retired), retired=retired)


def without_boards(newer: Catalogue, retired: Collection[tuple[str, str]]) -> Catalogue:
    """Return its indicators without boards that the area has retired."""
    indicators = [
        replace(entry, boards=tuple(code for code in entry.boards if ("board", code) not in retired))
        for entry in newer.indicator
    ]
    return replace(newer, indicator=tuple(indicators))


@transaction.atomic
def take_catalogue(
    area: PartnershipArea,
    newer: Catalogue,
    *,
    month: Month,
    by: User,
    only: Collection[tuple[str, str]] | None = None,
    is_same: bool | None = None,
    seen: str = "",
) -> list[Difference]:
    """Add what is new and change what differs: everything, or `only` the entries with these keys and those that they
    need.

    New indicators are counted from `month`. For definitions that differ, `is_same` says whether they mean the same in
    other words. Otherwise new ones apply from that month. `seen` is the fingerprint of the differences that somebody
    looked at. Returns what was done. Raises PermissionDenied, or ValidationError with a sentence; then nothing is
    changed.
    """
    check_can_coordinate(area, by=by)
    lock_area(area)
    # Compare under the lock: what is done below is then what somebody saw.
    differences = find_differences(area, newer)
    if seen and seen != fingerprint(differences):
        raise ValidationError(CHANGED)
    wanted = None if only is None else complete(only, differences, newer)
    taken = [found for found in differences if found.is_taken and (wanted is None or found.key in wanted)]
    if is_same is None and any(found.is_redefined for found in taken):
        raise ValidationError({"meaning": WORDING})
    taker = Taker(area, newer, month=month, is_same=bool(is_same), by=by)
    for difference in in_order(taken, newer):
        with about(difference):
            taker.take(difference)
    return taken


def in_order(differences: Any, newer: Catalogue) -> list[Difference]:
    """Sort the differences, each after those that it needs."""
    places = {("indicator", entry.code): place for place, (_, entry) in enumerate(newer.in_making_order())}
    return sorted(differences, key=lambda found: (KINDS.index(found.kind), places.get(found.key, 0)))


@contextmanager
def about(difference: Difference) -> Iterator[None]:
    """Add to a refusal the entry that it is about."""
    try:
        yield
    except ValidationError as fault:
        what = f"The {difference.kind} “{difference.code}”"
        raise ValidationError([f"{what}: {sentence}" for sentence in fault.messages]) from None


class Taker:
    def __init__(self, area: PartnershipArea, newer: Catalogue, *, month: Month, is_same: bool, by: User) -> None:
        self.area, self.month, self.is_same, self.by = area, month, is_same, by
        self.entries: dict[tuple[str, str], Any] = dict(list_entries(newer))

    def take(self, difference: Difference) -> None:
        kinds: dict[str, Callable[[Difference], None]] = {
            "board": self.take_board,
            "category": self.take_category,
            "indicator": self.take_indicator,
        }
        kinds.get(difference.kind, self.take_part)(difference)

    def take_part(self, difference: Difference) -> None:
        model: Any = MODELS[difference.kind]
        entry = self.entries[difference.key]
        values = {name: value for name, value in plain(entry).items() if name != "category"}
        rows = model.objects.filter(area=self.area)
        part = self.row(rows, difference.code) or self.new(model, rows, area=self.area)
        save_part(given(part, values), area=self.area, by=self.by)

    def take_board(self, difference: Difference) -> None:
        values = plain(self.entries[difference.key])
        texts = list(values.pop("responsibilities"))
        del values["order"]  # each area has its own
        rows = Board.objects.filter(area=self.area)
        board = self.row(rows, difference.code) or self.new(Board, rows, area=self.area)
        # Nobody has said that a changed responsibility means the same, so each is a new one.
        same: list[Rewording] = []
        save_board(given(board, values), responsibilities=texts, same=same, area=self.area, by=self.by)

    def take_category(self, difference: Difference) -> None:
        dimension, _, code = difference.code.partition(".")
        rows = Category.objects.filter(dimension__area=self.area, dimension__code=dimension)
        held = self.row(rows, code)
        parent = Dimension.objects.filter(area=self.area, code=dimension).first()
        if parent is None:
            raise ValidationError(f"It needs the dimension “{dimension}”: tick that too.")
        category = held or self.new(Category, rows, dimension=parent)
        save_category(given(category, plain(self.entries[difference.key])), area=self.area, by=self.by)

    def take_indicator(self, difference: Difference) -> None:
        entry: IndicatorEntry = self.entries[difference.key]
        rows = Indicator.objects.filter(area=self.area)
        held = self.row(rows, entry.code)
        indicator = held or self.new(Indicator, rows, area=self.area)
        linked = {name: self.named(entry, name) for name in REFERENCES}
        given(indicator, {name: getattr(entry, name) for name in OWN_FIELDS} | linked)
        boards = list(Board.objects.in_use().filter(area=self.area, code__in=entry.boards))
        save_indicator(
            indicator,
            boards=boards,
            definition=entry.definition,
            applies_from=self.month,
            owner_why="It is so in the catalogue that was taken over",
            by=self.by,
        )
        # save_indicator defines only a new indicator.
        if held is not None:
            self.take_definition(held, entry.definition)

    def named(self, entry: IndicatorEntry, field: str) -> Any:
        """Return the row that a field names; None for no name. Raises ValidationError if the area doesn’t have it."""
        code = getattr(entry, field)
        if not code:
            return None
        kind = REFERENCES[field]
        found = self.row(MODELS[kind]._default_manager.filter(area=self.area), code)
        if found is None:
            raise ValidationError(f"It needs the {kind} “{code}”, which {self.area.name} doesn’t have: tick that too.")
        return found

    def take_definition(self, indicator: Indicator, text: str) -> None:
        newest = indicator.definitions.latest("applies_from")
        if newest.text == text:
            return
        if self.is_same:
            reword_definition(newest, text=text, by=self.by)
        else:
            define(indicator, text=text, applies_from=self.month, by=self.by)

    def row(self, rows: models.QuerySet[Any], code: str) -> Any:
        return rows.filter(code=code).first()

    def new(self, model: type[models.Model], rows: models.QuerySet[Any], **holder: Any) -> Any:
        """Return a new row, placed after the existing ones."""
        names = {field.name for field in model._meta.fields}
        # Retired rows count too: they still have their positions.
        place = {"position": rows.count()} if "position" in names else {}
        return model(**holder, **place)


def plain(entry: Any) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(entry)}


def given(row: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return row
