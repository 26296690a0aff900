"""Which of the plan's actions does somebody want to see?"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Self

import django_filters
from django.db.models import Q, QuerySet
from django.http import QueryDict

from actions.models import Action
from actions.presenters.plan import count_of_noun
from actions.selectors.plan import PlanRow, list_rows
from actions.workflow import ActionState, Rag
from boards.models import Board, PartnershipArea, Strand
from core.filters import ChoiceFilters, Choices
from core.months import Month

OPEN = Q(state=ActionState.OPEN.value)
# Due dates: the code in an address, the label, and which actions match on a day. Every open action matches one.
DUE: tuple[tuple[str, str, Callable[[date], Q]], ...] = (
    ("overdue", "Overdue", lambda today: OPEN & Q(due_on__lt=today)),
    ("month", "Due this month", lambda today: OPEN & Q(due_on__gte=today, due_on__lt=Month.of(today).next.first_day)),
    ("later", "Due later", lambda today: OPEN & Q(due_on__gte=Month.of(today).next.first_day)),
)


class PlanFilter(ChoiceFilters):
    """Filters of an area's actions. Archived ones appear only if somebody asks for them."""

    strand = django_filters.ChoiceFilter(label="Strand", field_name="strand__code", empty_label="All strands")
    board = django_filters.ChoiceFilter(label="Board", field_name="board__code", empty_label="All boards")
    agency = django_filters.ChoiceFilter(label="Lead agency", field_name="agency__code", empty_label="All agencies")
    owner = django_filters.ChoiceFilter(label="Owner", field_name="owner_id", empty_label="Everybody")
    rag = django_filters.ChoiceFilter(label="RAG", empty_label="Any RAG", choices=Rag.choices())
    due = django_filters.ChoiceFilter(
        label="Due", method="due_by", empty_label="At any time", choices=[(code, label) for code, label, _ in DUE]
    )
    measure = django_filters.ChoiceFilter(
        label="Measure",
        method="measured",
        empty_label="With or without",
        choices=[("none", "Not linked to an indicator"), ("some", "Linked to an indicator")],
    )
    state = django_filters.ChoiceFilter(label="State", empty_label="Open and complete", choices=ActionState.choices())

    class Meta:
        model = Action
        fields: Sequence[str] = ()

    def __init__(
        self,
        data: QueryDict,
        *,
        queryset: QuerySet[Action],
        rows: Sequence[PlanRow],
        strands: Iterable[Strand],
        today: date,
    ) -> None:
        """Set the options. `rows` are all actions of the area: each option matches one of them."""
        super().__init__(data, queryset=queryset)
        self.rows, self.strands, self.today = rows, list(strands), today
        self.total = sum(row.number for row in rows if row.state != ActionState.ARCHIVED)
        self.has_any = bool(rows)
        choices: dict[str, Choices] = {
            "strand": [(strand.code, strand.name) for strand in self.strands],
            "board": named({row.board_code: row.board_name for row in rows}),
            "agency": named({row.agency_code: row.agency_name for row in rows}),
            "owner": named({str(row.owner_id): row.owner_name for row in rows}),
        }
        self.offer(choices)

    @classmethod
    def of(cls, area: PartnershipArea, data: QueryDict, *, today: date) -> Self:
        """Make the filters for an area's plan. Two queries."""
        actions = Action.objects.filter(area=area)
        strands = Strand.objects.in_use(or_held=actions.values_list("strand", flat=True)).filter(area=area)
        return cls(data, queryset=actions, rows=list_rows(area), strands=strands, today=today)

    def filter_queryset(self, queryset: QuerySet[Action]) -> QuerySet[Action]:
        found: QuerySet[Action] = super().filter_queryset(queryset)
        return found if self.asked_state else found.exclude(state=ActionState.ARCHIVED.value)

    def due_by(self, actions: QuerySet[Action], name: str, code: str) -> QuerySet[Action]:
        # The code is one of the options: the filter has refused any other.
        return actions.filter(next(which(self.today) for known, _, which in DUE if known == code))

    def measured(self, actions: QuerySet[Action], name: str, code: str) -> QuerySet[Action]:
        return actions.filter(measure__isnull=code == "none")

    @property
    def asked_state(self) -> str:
        """Return the chosen state; empty for all that aren't archived."""
        return str(self.form.cleaned_data.get("state") or "")

    def board_in(self, boards: Iterable[Board]) -> Board | None:
        """Return the board whose work plan somebody chose."""
        self.errors  # noqa: B018  # which cleans the form
        return next((board for board in boards if board.code == self.form.cleaned_data.get("board")), None)

    def keep(self, url: str) -> str:
        """Return another address for the same actions."""
        return f"{url}{self.address(without='')}" if self.chosen else url

    def count(self, found: int) -> str:
        """Return "5 of 16 actions" or "3 archived actions"."""
        if self.asked_state == ActionState.ARCHIVED:
            return count_of_noun(found, "archived action")
        return f"{found:,} of {count_of_noun(self.total, 'action')}" if self.chosen else count_of_noun(found, "action")


def named(choices: dict[str, str]) -> Choices:
    return sorted(choices.items(), key=lambda choice: choice[1].casefold())
