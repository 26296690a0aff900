from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Self

import django_filters
from django.db.models import Q, QuerySet
from django.http import QueryDict

from actions.models import Action, Challenge, Support
from actions.presenters.challenges import KINDS_OF_THINGS
from actions.selectors.plan import PlanChoices, PlanRow, list_rows, match
from actions.workflow import CLOSED, UNANSWERED, ActionState, ChallengeState, Rag, SupportState
from boards.models import Board, PartnershipArea, Strand
from boards.selectors import list_strands
from core.forms.fields import ChoiceFilters, Choices, CountedFilters
from core.texts import count_of_noun

OPEN = "open"
KINDS_OF_ABOUT = list(KINDS_OF_THINGS.items())


class ArchivedFilters(CountedFilters):
    """Filters of what can be archived. Archived rows appear only if somebody asks for them."""

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("archived") else rows.filter(archived_at__isnull=True)

    def that_are_archived(self, rows: Any, name: str, which: str) -> Any:
        return rows.filter(archived_at__isnull=False)

    @property
    def count(self) -> str:
        return f"{self.qs.count():,} archived" if self.form.cleaned_data.get("archived") else super().count


def archived_filter() -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label="Archived", method="that_are_archived", empty_label="Not archived", choices=[("only", "Archived")]
    )


class ThreadFilter(CountedFilters):
    """Filters by state, addressee and subject. The options are the values that exist."""

    state = django_filters.ChoiceFilter(label="State", method="in_state", empty_label="Any state")
    board = django_filters.ChoiceFilter(label="Board", method="to_board", empty_label="All boards")
    agency = django_filters.ChoiceFilter(label="Agency", field_name="agency__code", empty_label="All agencies")
    about = django_filters.ChoiceFilter(label="About", method="about_a", empty_label="Anything", choices=KINDS_OF_ABOUT)
    nouns = ("challenge", "challenges")

    class Meta:
        model = Challenge
        fields: Sequence[str] = ()

    def __init__(self, data: QueryDict, *, queryset: Any) -> None:
        super().__init__(data, queryset=queryset)
        # For counts and options: what a row shows would be loaded for nothing.
        plain = queryset.select_related(None).prefetch_related(None).order_by()
        self.total = plain.count()
        self.offer(
            {
                "board": list(
                    plain.filter(board__isnull=False)
                    .order_by("board__position", "board__name")
                    .values_list("board__code", "board__name")
                    .distinct()
                ),
                "agency": list(
                    plain.filter(agency__isnull=False)
                    .order_by("agency__position", "agency__name")
                    .values_list("agency__code", "agency__name")
                    .distinct()
                ),
                **self.more_choices(plain),
            }
        )

    def more_choices(self, plain: Any) -> dict[str, Choices]:
        return {}

    def about_a(self, queryset: Any, name: str, kind: str) -> Any:
        return queryset.filter(**{f"{kind}__isnull": False})

    def to_board(self, queryset: Any, name: str, code: str) -> Any:
        return queryset.filter(board__code=code)

    def in_state(self, queryset: Any, name: str, state: str) -> Any:
        return queryset.filter(state=state)


class ChallengeFilter(ThreadFilter):
    """Filters of challenges. An escalated challenge also belongs to the chair's board."""

    answerer = django_filters.ChoiceFilter(label="Answerer", field_name="answerer", empty_label="Everyone")
    overdue = django_filters.ChoiceFilter(
        label="Answer", method="is_overdue", empty_label="Due at any time", choices=[("yes", "Overdue")]
    )

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Challenge], today: date) -> None:
        super().__init__(data, queryset=queryset)
        self.today = today

    def more_choices(self, plain: Any) -> dict[str, Choices]:
        # Only from what this person may read: an option must not give away a challenge.
        boards = Board.objects.filter(Q(challenges__in=plain) | Q(escalations__in=plain))
        people = plain.order_by("answerer__name").values_list("answerer", "answerer__name").distinct()
        return {
            "board": [(board.code, board.name) for board in boards.distinct()],
            "state": [(OPEN, "Open"), *ChallengeState.choices()],
            "answerer": [(str(pk), name) for pk, name in people],
        }

    def to_board(self, queryset: Any, name: str, code: str) -> Any:
        return queryset.filter(Q(board__code=code) | Q(escalated_to__code=code))

    def in_state(self, queryset: Any, name: str, state: str) -> Any:
        if state == OPEN:
            return queryset.exclude(state__in=[closed.value for closed in CLOSED])
        return queryset.filter(state=state)

    def is_overdue(self, queryset: Any, name: str, yes: str) -> Any:
        owed = [state.value for state in UNANSWERED]
        return queryset.filter(state__in=owed, due_on__lt=self.today)


class SupportFilter(ThreadFilter):
    """Filters of offers of support."""

    nouns = ("offer", "offers")

    class Meta:
        model = Support
        fields: Sequence[str] = ()

    def more_choices(self, plain: Any) -> dict[str, Choices]:
        return {"state": SupportState.choices()}


class PlanFilter(ChoiceFilters):
    """Filters of an area's actions. Archived ones appear only if somebody asks for them."""

    strand = django_filters.ChoiceFilter(label="Strand", empty_label="All strands")
    board = django_filters.ChoiceFilter(label="Board", empty_label="All boards")
    agency = django_filters.ChoiceFilter(label="Lead agency", empty_label="All agencies")
    owner = django_filters.ChoiceFilter(label="Owner", empty_label="Everyone")
    rag = django_filters.ChoiceFilter(label="RAG", empty_label="Any RAG", choices=Rag.choices())
    due = django_filters.ChoiceFilter(
        label="Due",
        empty_label="At any time",
        choices=[("overdue", "Overdue"), ("month", "Due this month"), ("later", "Due later")],
    )
    measure = django_filters.ChoiceFilter(
        label="Indicator",
        empty_label="Linked or not",
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
        return cls(data, queryset=actions, rows=list_rows(area), strands=list_strands(area), today=today)

    def filter_queryset(self, queryset: QuerySet[Action]) -> QuerySet[Action]:
        return match(queryset, self.choices, self.today)

    @property
    def choices(self) -> PlanChoices:
        """Return the chosen options."""
        self.errors  # noqa: B018  # which cleans the form: it has refused whatever isn't an option
        return tuple((name, value) for name, value in self.form.cleaned_data.items() if value)

    @property
    def asked_state(self) -> str:
        """Return the chosen state; empty for all that aren't archived."""
        return dict(self.choices).get("state", "")

    def board_in(self, boards: Iterable[Board]) -> Board | None:
        """Return the board whose work plan somebody chose."""
        code = dict(self.choices).get("board")
        return next((board for board in boards if board.code == code), None)

    def keep(self, url: str) -> str:
        """Return another address for the same actions."""
        return f"{url}{self.address(without='')}" if self.chosen else url

    def count(self, archived: int) -> str:
        """Return "5 of 16 actions" or "3 archived actions"."""
        if self.asked_state == ActionState.ARCHIVED:
            return count_of_noun(archived, "archived action")
        return (
            f"{archived:,} of {count_of_noun(self.total, 'action')}"
            if self.chosen
            else count_of_noun(archived, "action")
        )


def named(choices: dict[str, str]) -> Choices:
    return sorted(choices.items(), key=lambda choice: (choice[1].casefold(), choice[0]))
