"""The filter of a month’s indicators."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import QueryDict

from boards.models import Board
from core.forms.fields import NOTHING, Choices, CountedFilters
from indicators.judgement.judge import Judgement, Method, Tier
from indicators.trend import CellState
from indicators.trend import Judgement as OldJudgement
from reporting.months.presenters import older_rules

FIGURE = Q(state=CellState.FIGURE.value)
WATCHED = Q(tier=Tier.WATCH.value)
# What was published under the rules until November 2026.
OLDER = FIGURE & Q(method=Method.CHART.value)
UNRANGED = Q(judgement=OldJudgement.COMMON_CAUSE.value) & (Q(lower__isnull=True) | Q(upper__isnull=True))


def judged(judgement: Judgement) -> Q:
    """Return the lines that have it, whatever rules they were published under."""
    tokens = [judgement.value, *(old.value for old, new in older_rules.JUDGEMENTS.items() if new is judgement)]
    return Q(judgement__in=tokens) & ~WATCHED


# The judgement of a line: its code in an address, the words that start its verdict on the page,
# and which lines have it. Every line has one of them.
JUDGEMENTS = (
    ("better", Judgement.BETTER.label, judged(Judgement.BETTER)),
    ("worse", Judgement.WORSE.label, judged(Judgement.WORSE)),
    ("high", Judgement.HIGH.label, judged(Judgement.HIGH) & ~OLDER),
    ("low", Judgement.LOW.label, judged(Judgement.LOW) & ~OLDER),
    ("watch", Tier.WATCH.label, WATCHED),
    ("usual", Judgement.USUAL.label, judged(Judgement.USUAL) & ~UNRANGED),
    (
        "unjudged",
        older_rules.NO_JUDGEMENT,
        OLDER & (judged(Judgement.HIGH) | judged(Judgement.LOW) | UNRANGED),
    ),
    ("too-early", Method.TOO_EARLY.label, FIGURE & Q(method=Method.TOO_EARLY.value)),
    ("counted", Method.CENSUS.label, FIGURE & Q(method=Method.CENSUS.value)),
    ("rare", older_rules.TOO_RARE, FIGURE & Q(method=Method.RARE.value)),
    ("no-figure", "No figure", ~FIGURE),
)


class IndicatorFilter(CountedFilters):
    """Filters for the whole lines of a snapshot. The choices are what the snapshot has."""

    section = django_filters.ChoiceFilter(label="Section", field_name="section_code", empty_label="All sections")
    board = django_filters.ChoiceFilter(label="Board", method="for_board", empty_label="All boards")
    agency = django_filters.ChoiceFilter(label="Agency", field_name="owner_code", empty_label="All agencies")
    dimension = django_filters.ChoiceFilter(label="Split by", field_name="dimension_code", empty_label="Split or not")
    nouns = ("indicator", "indicators")
    judgement = django_filters.ChoiceFilter(
        label="Judgement",
        method="judged",
        empty_label="Any judgement",
        choices=[(code, label) for code, label, _ in JUDGEMENTS],
    )

    def __init__(
        self, data: QueryDict, *, wholes: QuerySet[Any], boards: Iterable[Board], kept: Mapping[str, str] = NOTHING
    ) -> None:
        super().__init__(data, queryset=wholes)
        self.kept = kept
        rows = list(
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
        self.total = len(rows)
        used = {code for row in rows for code in row[6]}
        choices: dict[str, Choices] = {
            "section": list({row[0]: row[1] for row in rows}.items()),
            "board": [(board.code, board.name) for board in boards if board.code in used],
            "agency": sorted({row[2]: row[3] for row in rows}.items(), key=lambda choice: choice[1]),
            "dimension": sorted({row[4]: row[5] for row in rows if row[4]}.items(), key=lambda choice: choice[1]),
        }
        self.offer(choices)

    def for_board(self, lines: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        return lines.filter(boards__has_key=code)

    def judged(self, lines: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        return lines.filter(next(which for token, _, which in JUDGEMENTS if token == code))
