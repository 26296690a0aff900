"""Which KPIs does somebody want to see, and grouped by what?"""

from collections.abc import Iterable, Sequence

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict

from actions.models import Kpi, KpiKind
from core.filters import ChoiceFilters, Choices
from indicators.kpis.state import KpiState

BY_STRAND = "strand"


class KpiFilter(ChoiceFilters):
    """Filters for KPIs by their fields. `state` belongs to a month, so the page looks at it."""

    board = django_filters.ChoiceFilter(label="Board", field_name="board__code", empty_label="All boards")
    strand = django_filters.ChoiceFilter(label="Strand", field_name="strand__code", empty_label="All strands")
    kind = django_filters.ChoiceFilter(label="Kind", empty_label="Any kind", choices=KpiKind.choices())
    state = django_filters.ChoiceFilter(
        label="State", method="all_of_them", empty_label="Any state", choices=KpiState.choices()
    )
    owner = django_filters.ChoiceFilter(label="Owner", method="owned_by", empty_label="Everybody")
    by = django_filters.ChoiceFilter(
        label="Grouped by", method="all_of_them", empty_label="Board", choices=[(BY_STRAND, "Strand")]
    )

    class Meta:
        model = Kpi
        fields: Sequence[str] = ()

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Kpi], kpis: Iterable[Kpi], kept: dict[str, str]) -> None:
        """`kpis` are all KPIs: the choices are values that one of them has."""
        super().__init__(data, queryset=queryset)
        self.kept = kept
        kpis = list(kpis)
        owners = {str(kpi.owner.pk): str(kpi.owner) for kpi in kpis if kpi.owner}
        choices: dict[str, Choices] = {
            "board": sorted({(kpi.board.code, kpi.board.short_name) for kpi in kpis}, key=lambda each: each[1]),
            "strand": sorted({(kpi.strand.code, kpi.strand.name) for kpi in kpis}, key=lambda each: each[1]),
            "owner": [*sorted(owners.items(), key=lambda each: each[1].casefold()), ("none", "Nobody")],
        }
        self.offer(choices)

    def all_of_them(self, kpis: QuerySet[Kpi], name: str, value: str) -> QuerySet[Kpi]:
        return kpis

    def owned_by(self, kpis: QuerySet[Kpi], name: str, value: str) -> QuerySet[Kpi]:
        return kpis.filter(owner=None) if value == "none" else kpis.filter(owner=int(value))

    @property
    def numbers(self) -> set[int]:
        """Return the KPIs that match. One query."""
        return set(self.qs.values_list("number", flat=True))

    @property
    def asked_state(self) -> str:
        self.errors  # noqa: B018  # which cleans the form
        return str(self.form.cleaned_data.get("state") or "")

    @property
    def is_by_strand(self) -> bool:
        self.errors  # noqa: B018
        return bool(self.form.cleaned_data.get("by") == BY_STRAND)
