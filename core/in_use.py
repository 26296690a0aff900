"""What isn't used any longer is retired. It stays in the months that used it, and nothing new can use it."""

from collections.abc import Iterable
from typing import Self

from django.db.models import Model, Q, QuerySet


def is_in_use(relation: str = "") -> Q:
    """Return the condition for rows in use: for the row itself, or for a relation of it ("board")."""
    return Q((f"{relation}__retired" if relation else "retired", False))


class RetirableQuerySet[Row: Model](QuerySet[Row]):
    """The rows of a model with a column `retired`."""

    def in_use(self, *, or_held: Iterable[int | None] = ()) -> Self:
        """Return the rows that people can choose, plus those already chosen (by id), even if they are retired."""
        return self.filter(is_in_use() | Q(pk__in=list(or_held)))
