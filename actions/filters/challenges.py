"""Which challenges and offers does somebody want to see?"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import QueryDict

from actions.models import Challenge, Support
from actions.presenters.challenges import KINDS_OF_THINGS
from actions.workflow import CLOSED, UNANSWERED, ChallengeState, SupportState
from boards.models import Board
from core.filters import ChoiceFilters, Choices

OPEN = "open"
KINDS_OF_ABOUT = list(KINDS_OF_THINGS.items())


class ThreadFilter(ChoiceFilters):
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

    def about_a(self, asked: Any, name: str, kind: str) -> Any:
        return asked.filter(**{f"{kind}__isnull": False})

    def to_board(self, asked: Any, name: str, code: str) -> Any:
        return asked.filter(board__code=code)

    def in_state(self, asked: Any, name: str, state: str) -> Any:
        return asked.filter(state=state)

    @property
    def count(self) -> str:
        """Return "5 of 16 challenges"."""
        noun = self.nouns[self.total != 1]
        return f"{self.qs.count()} of {self.total} {noun}" if self.chosen else f"{self.total} {noun}"


class ChallengeFilter(ThreadFilter):
    """Filters of challenges. An escalated challenge also belongs to the chair's board."""

    answerer = django_filters.ChoiceFilter(label="Answerer", field_name="answerer", empty_label="Everybody")
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

    def to_board(self, asked: Any, name: str, code: str) -> Any:
        return asked.filter(Q(board__code=code) | Q(escalated_to__code=code))

    def in_state(self, asked: Any, name: str, state: str) -> Any:
        if state == OPEN:
            return asked.exclude(state__in=[closed.value for closed in CLOSED])
        return asked.filter(state=state)

    def is_overdue(self, asked: Any, name: str, yes: str) -> Any:
        owed = [state.value for state in UNANSWERED]
        return asked.filter(state__in=owed, due_on__lt=self.today)


class SupportFilter(ThreadFilter):
    """Filters of offers of support."""

    nouns = ("offer", "offers")

    class Meta:
        model = Support
        fields: Sequence[str] = ()

    def more_choices(self, plain: Any) -> dict[str, Choices]:
        return {"state": SupportState.choices()}
