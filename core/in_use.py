"""What is used no more is retired: it stays for the months that it was used in, and is left out of what is to come."""

from collections.abc import Iterable
from typing import Self

from django.db.models import Model, Q, QuerySet


def is_in_use(relation: str = "") -> Q:
    """As a condition: on a row itself, or on what a relation of it leads to ("board")."""
    return Q((f"{relation}__retired" if relation else "retired", False))


class RetirableQuerySet[Row: Model](QuerySet[Row]):
    """Of a model with a column `retired`."""

    def in_use(self, *, or_held: Iterable[int | None] = ()) -> Self:
        """What can be chosen; with what somebody has chosen already, by id, though it may be retired by now."""
        return self.filter(is_in_use() | Q(pk__in=list(or_held)))
