"""Saves how an agency's files of records are counted, and makes figures from the counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from boards.models import Agency
from boards.permissions import access_to
from boards.services.area import lock_area
from core import audit
from core.calendar import Month
from core.models import User
from indicators.imports.figures import FigureFile, FigureRow
from indicators.imports.records import NOT_COUNTED, Counting, Tally
from indicators.lines import same
from indicators.models import Category, Collection, ColumnMapping, Indicator
from indicators.permissions import can_enter, can_import
from indicators.trend import CellState


@dataclass(frozen=True, slots=True)
class Target:
    """What a record may count as: an indicator, or one of its categories. `name` is the name of its box in a return."""

    indicator: Indicator
    category: Category | None

    @property
    def name(self) -> str:
        return f"{self.indicator.code}.{self.category.code}" if self.category else self.indicator.code

    @property
    def label(self) -> str:
        return f"{self.indicator.title}, {self.category.name}" if self.category else self.indicator.title


def list_targets(agency: Agency) -> list[Target]:
    """List everything that the agency supplies figures for, in the order of its return. Three queries."""
    indicators = (
        Indicator.objects.in_use()
        .filter(owner=agency, collection=Collection.RETURN.value)
        .select_related("section")
        .prefetch_related("dimension__categories")
    )
    targets = []
    for indicator in indicators:
        if not indicator.takes_figures:
            continue
        if indicator.dimension is None:
            targets.append(Target(indicator, None))
        else:
            targets += [
                Target(indicator, category) for category in indicator.dimension.categories.all() if not category.retired
            ]
    return targets


def check_can_map(agency: Agency, *, by: User) -> None:
    access = access_to(agency.area, by=by)
    if not can_enter(access, agency) and not can_import(access):
        raise PermissionDenied(
            f"Only a lead of {agency.name}, a coordinator or an analyst can say how the agency’s records are counted."
        )


def hash_kind(agency: Agency, kind: str) -> str:
    """Return a keyed hash that recognises a kind without storing its words. Without a key, words about people could
    be guessed."""
    # The key is Django's SECRET_KEY. Once that changes, ignored kinds are asked about again.
    # 64 bits are enough to tell one agency's kinds apart.
    return salted_hmac("indicators.column_mappings", f"{agency.pk} {same(kind)}", algorithm="sha256").hexdigest()[:16]


def list_decided(mapping: ColumnMapping, tally: Tally) -> dict[str, str]:
    """Return what each decided kind counts as: those that count, and those of this file that don't."""
    ignored = {kind: NOT_COUNTED for kind in tally.kinds if hash_kind(mapping.agency, kind) in mapping.ignored}
    return {**ignored, **mapping.kinds}


@transaction.atomic
def save_mapping(agency: Agency, counting: Counting, *, by: User) -> ColumnMapping:
    """Save how a file was counted, in place of the earlier way with this name. Raises PermissionDenied; or
    ValidationError, where a kind counts as something that the agency supplies no figures for."""
    check_can_map(agency, by=by)
    # Otherwise a category could be retired, or this name saved by somebody else, after the check.
    lock_area(agency.area)
    if not counting.is_decided(target.name for target in list_targets(agency)):
        raise ValidationError("Choose what each kind of record counts as.")
    columns = counting.columns
    existing = ColumnMapping.objects.filter(agency=agency, name=counting.name).first()
    counted = {kind: name for kind, name in counting.kinds.items() if name}
    # Save words only of kinds that count. Other words of the file may be about people, so they are hashed.
    ignored = {hash_kind(agency, kind) for kind in counting.kinds.keys() - counted.keys()}
    before = set(existing.ignored) if existing else set()
    # Kinds of earlier files stay ignored, unless they now count.
    ignored |= before - {hash_kind(agency, kind) for kind in counted}
    mapping, is_new = ColumnMapping.objects.update_or_create(
        agency=agency,
        name=counting.name,
        defaults={
            "month_column": columns.month,
            "kind_column": columns.kind,
            "summed_column": columns.summed,
            "only_column": columns.only,
            "only_values": list(columns.only_values),
            "kinds": counted,
            "ignored": sorted(ignored),
            "saved_at": timezone.now(),
            "saved_by": by,
        },
    )
    audit.record("column_mapping.added" if is_new else "column_mapping.changed", mapping, by=by, area=agency.area.slug)
    return mapping


@transaction.atomic
def remove_mapping(mapping: ColumnMapping, *, by: User) -> None:
    """Remove a saved way of counting. No figures change. Raises PermissionDenied."""
    check_can_map(mapping.agency, by=by)
    # Before the delete, which empties the key that the record needs.
    audit.record("column_mapping.removed", mapping, by=by, area=mapping.agency.area.slug)
    mapping.delete()


def make_figures(agency: Agency, counting: Counting, targets: Sequence[Target], months: Sequence[Month]) -> FigureFile:
    """Make a figure for each month of everything that the file counts. If it counts one category of an indicator, it
    counts all of them: a category without a record gets 0."""
    counts: dict[tuple[str, Month], int] = {}
    for kind in counting.tally.kinds:
        name = counting.find_target(kind)
        for month in months if name else ():
            counts[str(name), month] = counts.get((str(name), month), 0) + counting.tally.count(month, kind)
    counted = {name for name, _ in counts} | set(counting.kinds.values())
    indicators = {target.indicator.pk for target in targets if target.name in counted}
    figures = [
        (target, month, counts.get((target.name, month), 0))
        for target in targets
        if target.indicator.pk in indicators
        for month in months
    ]
    rows = [
        FigureRow(
            line,
            agency.code,
            target.indicator.code,
            target.category.code if target.category else "",
            str(month),
            str(count),
            CellState.FIGURE.value,
            "",
        )
        for line, (target, month, count) in enumerate(figures, 1)
    ]
    return FigureFile(rows, is_counted=True)
