"""Which of the issued packs does somebody want to see?"""

from collections.abc import Iterable, Sequence

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict

from boards.models import Board
from core.filters import ChoiceFilters
from core.months import Month
from reporting.models.packs import IssuedPack


class PackFilter(ChoiceFilters):
    """Filters for issued packs: the boards and months that have packs."""

    board = django_filters.ChoiceFilter(label="Board", field_name="board__code", empty_label="All boards")
    month = django_filters.ChoiceFilter(label="Month", method="of_month", empty_label="All months")

    class Meta:
        model = IssuedPack
        fields: Sequence[str] = ()

    def __init__(self, data: QueryDict, *, queryset: QuerySet[IssuedPack], boards: Iterable[Board]) -> None:
        super().__init__(data, queryset=queryset)
        found = list(queryset.order_by("-period__starts_on").values_list("board_id", "period__starts_on").distinct())
        self.has_any = bool(found)
        issued = {board for board, _ in found}
        months = dict.fromkeys(Month.of(day) for _, day in found)
        self.offer(
            {
                "board": [(board.code, board.name) for board in boards if board.pk in issued],
                "month": [(str(month), month.label) for month in months],
            }
        )

    def of_month(self, packs: QuerySet[IssuedPack], name: str, month: str) -> QuerySet[IssuedPack]:
        return packs.filter(period__starts_on=Month.parse(month).first_day)
