"""Which of the plan's actions does somebody want to see?"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Self

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict

from actions.models import Action
from actions.presenters.plan import count_of_noun
from actions.selectors.plan import Asked, PlanRow, list_rows, list_strands, match
from actions.workflow import ActionState, Rag
from boards.models import Board, PartnershipArea, Strand
from core.filters import ChoiceFilters, Choices
from core.months import Month


class PlanFilter(ChoiceFilters):
    """Filters of an area's actions. Archived ones appear only if somebody asks for them."""

    strand = django_filters.ChoiceFilter(label="Strand", empty_label="All strands")
    board = django_filters.ChoiceFilter(label="Board", empty_label="All boards")
    agency = django_filters.ChoiceFilter(label="Lead agency", empty_label="All agencies")
    owner = django_filters.ChoiceFilter(label="Owner", empty_label="Everybody")
    rag = django_filters.ChoiceFilter(label="RAG", empty_label="Any RAG", choices=Rag.choices())
    due = django_filters.ChoiceFilter(
        label="Due",
        empty_label="At any time",
        choices=[("overdue", "Overdue"), ("month", "Due this month"), ("later", "Due later")],
    )
    measure = django_filters.ChoiceFilter(
        label="Measure",
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
        strands: list[Strand],
        today: date,
    ) -> None:
        """Set the options. `rows` are all actions of the area: each option matches one of them."""
        super().__init__(data, queryset=queryset)
        self.rows, self.strands, self.today = rows, strands, today
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
        return cls(data, queryset=actions, rows=list_rows(area), strands=list(list_strands(area)), today=today)

    def filter_queryset(self, queryset: QuerySet[Action]) -> QuerySet[Action]:
        return match(queryset, self.asked, self.today, Month.of(self.today).next.first_day)

    @property
    def asked(self) -> Asked:
        """Return the chosen options."""
        self.errors  # noqa: B018  # which cleans the form: it has refused whatever isn't an option
        return tuple((name, value) for name, value in self.form.cleaned_data.items() if value)

    @property
    def asked_state(self) -> str:
        """Return the chosen state; empty for all that aren't archived."""
        return dict(self.asked).get("state", "")

    def board_in(self, boards: Iterable[Board]) -> Board | None:
        """Return the board whose work plan somebody chose."""
        code = dict(self.asked).get("board")
        return next((board for board in boards if board.code == code), None)

    def keep(self, url: str) -> str:
        """Return another address for the same actions."""
        return f"{url}{self.address(without='')}" if self.chosen else url

    def count(self, found: int) -> str:
        """Return "5 of 16 actions" or "3 archived actions"."""
        if self.asked_state == ActionState.ARCHIVED:
            return count_of_noun(found, "archived action")
        return f"{found:,} of {count_of_noun(self.total, 'action')}" if self.chosen else count_of_noun(found, "action")


def named(choices: dict[str, str]) -> Choices:
    return sorted(choices.items(), key=lambda choice: (choice[1].casefold(), choice[0]))
