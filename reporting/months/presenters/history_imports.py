"""What did somebody bring in for past months: in which state is it, what does it hold, and what stands out?"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from boards.models import PartnershipArea, RequestOutcome
from boards.permissions import Access, list_holders
from boards.roles import CONFIRMED_ROLES, PUBLISHERS
from boards.ties import Ties, read_ties
from core.months import date_label
from core.todo import Task
from indicators.models import FigureImport
from indicators.permissions import list_confirming
from indicators.selectors.series import Past
from indicators.services.back_history import FigureTaken
from indicators.services.entries import what_is_unusual
from indicators.services.taking_history import Taken

MOST_UNUSUAL = 50  # that a page lists
TAGS = {RequestOutcome.CONFIRMED: "accepted", RequestOutcome.DECLINED: "returned"}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import with its state in a few words, its tag and the tag's class, and its page's address."""

    asked: FigureImport
    label: str
    state: str
    tag: str
    url: str


@dataclass(frozen=True, slots=True)
class YearTotals:
    """The sums of an indicator's months, with the year of each; "–" for a year without a count."""

    title: str
    agency: str
    cells: list[tuple[int, str]]


def make_row(asked: FigureImport, *, today: date, is_operator: bool = False) -> ImportRow:
    return ImportRow(asked, *_describe_state(asked, today), import_url(asked, is_operator=is_operator))


def import_url(asked: FigureImport, *, is_operator: bool) -> str:
    if is_operator:
        return reverse("reporting:operator-import", args=[asked.pk])
    return reverse("reporting:history-import", args=[asked.area.slug, asked.pk])


def _describe_state(asked: FigureImport, today: date) -> tuple[str, str, str]:
    if asked.decided_at is not None:
        outcome = RequestOutcome(asked.outcome)
        day = date_label(timezone.localdate(asked.decided_at))
        return outcome.label, f"{outcome.label} by {asked.decided_by} on {day}", TAGS.get(outcome, "closed")
    if not asked.is_waiting(today):
        return "Ended", f"Ended on {date_label(asked.ends_on)}, because nobody decided", "closed"
    return "Waiting", f"Waits for a second person until {date_label(asked.ends_on)}", "submitted"


def list_totals(taken: Taken) -> tuple[list[int], list[YearTotals]]:
    """Return the years of the figures, and each indicator's sums."""
    years = sorted({figure.month.year for figure in taken.report.figures})
    totals = []
    for series in taken.report.series:
        sums: dict[int, int] = defaultdict(int)
        for figure in series.figures:
            if figure.value is not None:
                sums[figure.month.year] += figure.value
        cells = [(year, f"{sums[year]:,}" if year in sums else "–") for year in years]
        totals.append(YearTotals(series.title, series.agency, cells))
    return years, totals


def list_unusual(taken: Taken) -> list[str]:
    """Return a sentence for each figure that is unusual after those before it in the same file."""
    return [sentence for series in _list_series(taken) for sentence in _find_unusual(series)]


def _list_series(taken: Taken) -> Iterator[list[FigureTaken]]:
    """Yield the figures of each indicator, or of each of its categories, in the order of their months."""
    series: dict[str, list[FigureTaken]] = defaultdict(list)
    for figure in taken.report.figures:
        series[figure.label].append(figure)
    for figures in series.values():
        yield sorted(figures, key=lambda figure: figure.month)


def _find_unusual(figures: list[FigureTaken]) -> Iterator[str]:
    earlier: list[int] = []
    for figure in figures:
        doubt = what_is_unusual(figure.value, Past(comparable=tuple(earlier)))
        if doubt and earlier:
            yield f"{figure.label}, {figure.month.label}: {doubt}."
        if figure.value is not None:
            earlier.append(figure.value)


def _list_waiting(area: PartnershipArea, today: date) -> QuerySet[FigureImport]:
    return FigureImport.objects.waiting(today).filter(area=area).select_related("asked_by", "area")


def import_tasks(access: Access, *, today: date) -> list[Task]:
    """Return the imports that this person can confirm. One query for publishers, and two more if some wait."""
    if not access.is_any(*PUBLISHERS):
        return []
    waiting = list(_list_waiting(access.area, today))
    held = list_holders(access.area, *CONFIRMED_ROLES) if waiting else []
    ties = read_ties(held, *(asked.asked_by for asked in waiting)) if waiting else Ties()
    return [
        Task(
            name=f"Confirm past figures: {asked}",
            url=import_url(asked, is_operator=False),
            hint=f"{asked.asker} brought in {asked.figures:,} figures on "
            f"{date_label(timezone.localdate(asked.asked_at))}. They count once you confirm them.",
            status="submitted",
            status_label="To confirm",
            due_on=asked.ends_on,
        )
        for asked in waiting
        if access.user in ties.list_seconds(asked.asked_by, list_confirming(asked, held, today=today))
    ]


def describe_asked(asked: FigureImport) -> str:
    figures = "1 figure waits" if asked.figures == 1 else f"{asked.figures:,} figures wait"
    return f"Brought in: {figures} for a second person to confirm, {asked.span}."
