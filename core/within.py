"""How do we look at some areas only?"""

from collections.abc import Collection

from django.db.models import Q

type Areas = Collection[int] | None  # their keys; None for all


def within(areas: Areas, relation: str = "area") -> Q:
    """Return the condition for rows of these areas; `relation` leads from a row to its area."""
    return Q() if areas is None else Q((f"{relation}__in", areas))
