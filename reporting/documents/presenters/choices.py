"""What somebody can take into a chapter: what usually serves it first, and then everything of each kind."""

from collections.abc import Iterable, Iterator

from django.utils import timezone

from actions.selectors.events import list_happenings
from boards.models import PartnershipArea
from core.calendar import Month
from indicators.selectors.pathways import list_pathways
from reporting.documents.catalogue import list_chapters
from reporting.documents.figures import FigureKind
from reporting.documents.selectors import list_codes_broken_down, list_codes_with_places
from reporting.kpis.selectors import list_kpi_lines
from reporting.models import DocumentChapter
from reporting.months.selectors import newest_snapshot, whole_lines
from reporting.workflow import DocumentKind

USUAL = "Usual for this chapter"

type Option = tuple[str, str]
type Group = tuple[str, list[Option]]


def list_choices(chapter: DocumentChapter, newest: Month) -> list[Group]:
    """Return what there is in the newest published month. Eight queries."""
    area = chapter.document.area
    snapshot = newest_snapshot(area, include_drafts=False, month=newest)
    titles = {line.indicator_code: line.title for line in whole_lines(snapshot).only("indicator_code", "title")}
    wanted = [code for code in find_usual(chapter) if code in titles]
    placed, broken = list_codes_with_places(area), list_codes_broken_down(area)
    groups = [
        (USUAL, list(name_all(FigureKind.INDICATOR, {code: titles[code] for code in wanted}.items()))),
        (FigureKind.INDICATOR.label, list(name_all(FigureKind.INDICATOR, titles.items()))),
        (FigureKind.MAP.label, list(name_all(FigureKind.MAP, pick(titles, placed)))),
        (FigureKind.BREAKDOWN.label, list(name_all(FigureKind.BREAKDOWN, pick(titles, broken)))),
        (FigureKind.KPI.label, [name_kpi(line.number, line.title) for line in list_kpi_lines(snapshot)]),
        (FigureKind.PATHWAY.label, list(name_all(FigureKind.PATHWAY, list_titles(area)))),
        (FigureKind.IMPACT.label, list(list_events(area))),
    ]
    return [group for group in groups if group[1]]


def find_usual(chapter: DocumentChapter) -> tuple[str, ...]:
    """Return the indicators that usually serve a chapter of the catalogue."""
    entries = list_chapters(DocumentKind(chapter.document.kind))
    return next((entry.figures for entry in entries if entry.key == chapter.key), ())


def name_all(kind: FigureKind, things: Iterable[Option]) -> Iterator[Option]:
    yield from ((f"{kind}:{code}:", title) for code, title in things)


def pick(titles: dict[str, str], codes: set[str]) -> Iterator[Option]:
    yield from ((code, title) for code, title in titles.items() if code in codes)


def name_kpi(number: int, title: str) -> Option:
    return f"{FigureKind.KPI}:{number}:", f"K{number} {title}"


def list_titles(area: PartnershipArea) -> list[Option]:
    return [(pathway.code, pathway.title) for pathway in list_pathways(area)]


def list_events(area: PartnershipArea) -> Iterator[Option]:
    """Yield what has happened with each indicator that it may have moved, the newest first."""
    today = timezone.localdate()
    for happening in reversed(list_happenings(area)):
        if happening.day <= today:
            for aim in happening.aims:
                words = f"{aim.title}: {happening.label} {happening.title}"
                yield f"{FigureKind.IMPACT}:{aim.code}:{happening.reference}", words
