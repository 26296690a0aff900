"""Which highlights did an indicator’s boards have, and when? actions.selectors.events has what may have changed it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from actions.models import Highlight
from boards.models import PartnershipArea


class ToldHighlight(NamedTuple):
    """A highlight, by its start date."""

    pk: int
    title: str
    starts_on: date


def list_board_highlights(
    area: PartnershipArea, boards: Sequence[str], *, first: date, last: date
) -> list[ToldHighlight]:
    """Return the highlights of any of these boards that started on these days, without archived ones. One query."""
    told = Highlight.objects.filter(
        area=area, archived_at=None, starts_on__range=(first, last), boards__code__in=boards
    )
    rows = told.distinct().order_by("starts_on", "pk").values_list("pk", "title", "starts_on")
    return [ToldHighlight._make(row) for row in rows]
