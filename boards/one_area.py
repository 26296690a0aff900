"""No row links two areas, in the database too. This finds the rows that could, by their foreign keys, and makes
triggers that refuse them.

A model may lead to an area by two keys or more: a figure has its indicator, its month, and so on. All of them must lead
to the same area. A row on such a path never changes its area, so what belonged to one area stays there. Everything is
derived from the models.
"""

from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ForeignKey, Model

from boards.models import PartnershipArea
from core.triggers import AREA, Condition, Trigger, list_triggers, statement, trigger_for, trigger_name

# Foreign keys from a row to its area, in order: for example to a category's dimension, then to the dimension's area.
type Key = ForeignKey[Any, Any]
type Way = tuple[Key, ...]

CROSSES = "No {words} can link two areas, but this one does."
MOVES = "No {words} can change its area or its id."


def list_keys(model: type[Model]) -> list[Key]:
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


@cache
def way_from(model: type[Model]) -> Way | None:
    """Return the shortest path to the area by keys that are never empty: () for an area itself, None if there is
    none."""
    ways: deque[tuple[type[Model], Way]] = deque([(model, ())])
    seen = {model}
    while ways:
        here, way = ways.popleft()
        if here is PartnershipArea:
            return way
        for key in list_keys(here):
            if not key.null and key.related_model not in seen:
                seen.add(key.related_model)
                ways.append((key.related_model, (*way, key)))
    return None


@cache
def list_ways(model: type[Model]) -> list[Way]:
    """Return all paths from a row to an area, one for each of its keys. The first is the one that is never empty."""
    ways = [(key, *way) for key in list_keys(model) if (way := way_from(key.related_model)) is not None]
    shortest = way_from(model)
    if ways and not shortest:
        raise ImproperlyConfigured(
            f"{model._meta.label} may belong to no area: each key that leads to one may be empty."
        )
    return sorted(ways, key=lambda way: way != shortest)


def models_that_could_cross() -> list[type[Model]]:
    """Return the models with two paths or more to an area, including those that Django makes for many-to-many
    relations."""
    return [model for model in apps.get_models(include_auto_created=True) if len(list_ways(model)) > 1]


def models_passed() -> list[type[Model]]:
    """Return the models whose rows lead another model's row to its area."""
    ways = [way for model in models_that_could_cross() for way in list_ways(model)]
    passed = dict.fromkeys(key.related_model for way in ways for key in way)
    return [model for model in passed if model is not PartnershipArea]


def triggers(vendor: str) -> Iterator[Trigger]:
    def trigger(model: type[Model], act: str, *, before: str, when: list[Condition], refusal: str) -> Trigger:
        table = model._meta.db_table
        reads = frozenset((key.model._meta.db_table, key.column) for way in list_ways(model) for key in way)
        refusal = refusal.format(words=model._meta.verbose_name)
        name = trigger_name(table, AREA, act)
        return trigger_for(vendor, name, table, before=before, when=when, refusal=refusal, columns=reads)

    for model in models_that_could_cross():
        columns, when = ", ".join(way[0].column for way in list_ways(model)), crosses("NEW", model)
        yield trigger(model, "insert", before="INSERT", when=when, refusal=CROSSES)
        # Only on these columns: an UPDATE of any other costs nothing.
        yield trigger(model, "update", before=f"UPDATE OF {columns}", when=when, refusal=CROSSES)
    for model in models_passed():
        way = list_ways(model)[0]
        when = [Condition("OLD.id <> NEW.id"), _differ("OLD", way, "NEW", way)]
        yield trigger(model, "move", before=f"UPDATE OF id, {way[0].column}", when=when, refusal=MOVES)
        if vendor == "sqlite":  # a REPLACE replaces a row without an UPDATE
            same = f"held.id = NEW.id AND {_differ('held', way, 'NEW', way)}"
            when = [Condition(f"EXISTS (SELECT 1 FROM {model._meta.db_table} held WHERE {same})")]  # noqa: S608
            yield trigger(model, "replace", before="INSERT", when=when, refusal=MOVES)


def crosses(row: str, model: type[Model]) -> list[Condition]:
    """Return the SQL condition under which a row names rows from two areas."""
    first, *others = list_ways(model)
    return [_differ(row, way, row, first) for way in others]


def crossing(connection: BaseDatabaseWrapper) -> dict[type[Model], int]:
    """Count the rows that link two areas, for each model with such rows. They are older than the triggers."""
    # By name: a frozen table has triggers of another kind, also in a database that lacks the newest of its keys.
    guarded, counts = {trigger.name for trigger in list_triggers(connection)}, {}
    with connection.cursor() as cursor:
        for model in models_that_could_cross():
            if trigger_name(model._meta.db_table, AREA, "insert") not in guarded:
                continue  # the database is older than the model
            either = " OR ".join(map(str, crosses("held", model)))
            cursor.execute(f"SELECT COUNT(*) FROM {model._meta.db_table} held WHERE {either}")  # noqa: S608
            counts[model] = cursor.fetchone()[0]
    return {model: number for model, number in counts.items() if number}


def _area(row: str, way: Way) -> str:
    """Return SQL for the area that a path from the row leads to."""
    first, *rest = way
    reached = statement("{key}", key=f"{row}.{first.column}")
    for key in rest:
        reached = statement(
            "(SELECT {column} FROM {table} WHERE id = {reached})", column=key.column, table=key.model, reached=reached
        )
    return reached


def _differ(row: str, way: Way, other_row: str, other_way: Way) -> Condition:
    """A row that doesn't exist counts as another area's: it could appear later, in one."""
    holds = f"COALESCE({_area(row, way)} <> {_area(other_row, other_way)}, TRUE)"
    return Condition(holds, only_if=f"{row}.{way[0].column} IS NOT NULL")
