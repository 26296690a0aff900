"""Which of a month's indicators does somebody want to see, and which of the issued packs?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from boards.models import Board
from core.months import Month
from indicators.signals import Method
from indicators.spc import Judgement
from indicators.trend import CellState
from reporting.models import IndicatorLine, IssuedPack, Snapshot
from reporting.presenters.sentences import NO_JUDGEMENT
from reporting.presenters.series import UNCHARTED

type Choices = list[tuple[str, str]]

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
    ("rare", UNCHARTED[Method.RARE.value], FIGURE & Q(method=Method.RARE.value)),
    ("no-figure", "No figure", ~FIGURE),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is set: how the page says it, and the address without it."""

    words: str
    without: str


class ChoiceFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Filters that are each chosen from a list. Anything else in the address is no filter, and `refusals` says so."""

    def offer(self, choices: Mapping[str, Choices]) -> None:
        """What can be chosen under each name."""
        for name, offered in choices.items():
            self.filters[name].extra["choices"] = offered
        for each in self.filters.values():
            each.extra["widget"] = forms.Select(attrs={"class": "govuk-select"})

    @property
    def chosen(self) -> list[Chosen]:
        self.errors  # noqa: B018  # which cleans the form
        data: Mapping[str, Any] = self.form.cleaned_data
        return [
            Chosen(f"{field.label}: {dict(options_of(field))[data[name]]}", self.address(without=name))
            for name, field in self.form.fields.items()
            if data.get(name)
        ]

    def address(self, *, without: str) -> str:
        others = self.data.copy()
        others.pop(without, None)
        return f"?{others.urlencode()}"

    @property
    def refusals(self) -> list[str]:
        """A sentence for each filter of the address that isn't one."""
        return [
            f"“{self.data.get(name, '')[:40]}” isn’t something to choose under “{self.form.fields[name].label}”, "
            "so that filter is left out."
            for name in self.errors
        ]


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

    class Meta:
        model = IndicatorLine
        fields: Sequence[str] = ()

    def __init__(self, data: QueryDict, *, snapshot: Snapshot, boards: Iterable[Board]) -> None:
        wholes = IndicatorLine.objects.filter(snapshot=snapshot, category_code="")
        super().__init__(data, queryset=wholes.order_by("position"))
        found = list(
            wholes.order_by("position").values_list(
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

    def for_board(self, lines: QuerySet[IndicatorLine], name: str, code: str) -> QuerySet[IndicatorLine]:
        return lines.filter(boards__has_key=code)

    def judged(self, lines: QuerySet[IndicatorLine], name: str, code: str) -> QuerySet[IndicatorLine]:
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


def options_of(field: forms.Field) -> Choices:
    return [(str(value), str(label)) for value, label in field.choices if value]  # type: ignore[attr-defined]
