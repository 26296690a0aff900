"""Which of a month's indicators does somebody want to see, which of the issued packs, which challenges and offers?"""

from collections.abc import Iterable, Sequence
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
from core.months import Month
from indicators.signals import Method
from indicators.spc import Judgement
from indicators.trend import CellState
from reporting.models.packs import IssuedPack
from reporting.presenters.sentences import NO_JUDGEMENT
from reporting.presenters.series import UNCHARTED

FIGURE = Q(state=CellState.FIGURE.value)
CHARTED = FIGURE & Q(method=Method.CHART.value)
COMMON = Q(judgement=Judgement.COMMON_CAUSE.value)
# Where the figures have hardly varied there is no usual range, and so nothing is within it.
RANGED = Q(lower__isnull=False, upper__isnull=False)
# The judgement of a line: its code in an address, the words that its verdict on the page begins with,
# and which lines have it. Every line has one of them.
JUDGEMENTS = (
    ("better", Judgement.IMPROVEMENT.label, Q(judgement=Judgement.IMPROVEMENT.value)),
    ("worse", Judgement.CONCERN.label, Q(judgement=Judgement.CONCERN.value)),
    ("usual", Judgement.COMMON_CAUSE.label, COMMON & RANGED),
    (
        "unjudged",
        NO_JUDGEMENT,
        Q(judgement__in=[Judgement.HIGH.value, Judgement.LOW.value]) | (CHARTED & COMMON & ~RANGED),
    ),
    ("too-early", Method.TOO_EARLY.label, FIGURE & Q(method=Method.TOO_EARLY.value)),
    ("rare", UNCHARTED[Method.RARE], FIGURE & Q(method=Method.RARE.value)),
    ("no-figure", "No figure", ~FIGURE),
)


class IndicatorFilter(ChoiceFilters):
    """The whole lines of a snapshot, by what they are. What can be chosen is what the snapshot holds."""

    section = django_filters.ChoiceFilter(label="Section", field_name="section_code", empty_label="All sections")
    board = django_filters.ChoiceFilter(label="Board", method="for_board", empty_label="All boards")
    agency = django_filters.ChoiceFilter(label="Agency", field_name="owner_code", empty_label="All agencies")
    dimension = django_filters.ChoiceFilter(label="Split by", field_name="dimension_code", empty_label="Split or not")
    judgement = django_filters.ChoiceFilter(
        label="Judgement",
        method="judged",
        empty_label="Any judgement",
        choices=[(code, label) for code, label, _ in JUDGEMENTS],
    )

    def __init__(self, data: QueryDict, *, wholes: QuerySet[Any], boards: Iterable[Board]) -> None:
        super().__init__(data, queryset=wholes)
        found = list(
            wholes.values_list(
                "section_code",
                "section_title",
                "owner_code",
                "owner_name",
                "dimension_code",
                "dimension_name",
                "boards",
            )
        )
        self.total = len(found)
        used = {code for row in found for code in row[6]}
        choices: dict[str, Choices] = {
            "section": list({row[0]: row[1] for row in found}.items()),
            "board": [(board.code, board.name) for board in boards if board.code in used],
            "agency": sorted({row[2]: row[3] for row in found}.items(), key=lambda choice: choice[1]),
            "dimension": sorted({row[4]: row[5] for row in found if row[4]}.items(), key=lambda choice: choice[1]),
        }
        self.offer(choices)

    def for_board(self, lines: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        return lines.filter(boards__has_key=code)

    def judged(self, lines: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        return lines.filter(next(which for known, _, which in JUDGEMENTS if known == code))

    @property
    def count(self) -> str:
        """ "5 of 16 indicators"."""
        found, noun = len(self.qs), "indicator" if self.total == 1 else "indicators"
        return f"{found} of {self.total} {noun}" if self.chosen else f"{self.total} {noun}"


class PackFilter(ChoiceFilters):
    """Issued packs, by their board and month: those that there are packs of."""

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


# --- What was asked and offered --------------------------------------------------------------------

OPEN = "open"
KINDS_OF_ABOUT = list(KINDS_OF_THINGS.items())


class AskedFilter(ChoiceFilters):
    """By where it stands, to whom it goes and what it is about. What can be chosen is what there is."""

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
        """ "5 of 16 challenges"."""
        noun = self.nouns[self.total != 1]
        return f"{self.qs.count()} of {self.total} {noun}" if self.chosen else f"{self.total} {noun}"


class ChallengeFilter(AskedFilter):
    """Challenges. One that was escalated is its chair's board's too."""

    answerer = django_filters.ChoiceFilter(label="Answerer", field_name="answerer", empty_label="Everybody")
    overdue = django_filters.ChoiceFilter(
        label="Answer", method="is_overdue", empty_label="Due at any time", choices=[("yes", "Overdue")]
    )

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Challenge], today: date) -> None:
        super().__init__(data, queryset=queryset)
        self.today = today

    def more_choices(self, plain: Any) -> dict[str, Choices]:
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


class SupportFilter(AskedFilter):
    """Offers of support."""

    nouns = ("offer", "offers")

    class Meta:
        model = Support
        fields: Sequence[str] = ()

    def more_choices(self, plain: Any) -> dict[str, Choices]:
        return {"state": SupportState.choices()}
