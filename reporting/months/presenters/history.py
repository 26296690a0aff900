"""Files of past months, in words: what one would change, who has to confirm it, and what publishing together does."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from boards.models import Membership, PartnershipArea, ReportingPeriod, RequestOutcome
from boards.permissions import Access, list_holders
from boards.rules import CONFIRMED_ROLES, PUBLISHERS, Role
from boards.ties import Ties, read_ties
from boards.todo import Task
from core.calendar import Month, date_label
from core.models import User
from indicators.imports.history import History
from indicators.models import FigureImport
from indicators.permissions import list_confirming
from indicators.selectors.series import Past
from indicators.services.entries import what_is_unusual
from indicators.services.figure_imports import Preview, Taken
from indicators.services.past_figures import Become, FigureTaken, SeriesReport
from reporting.models import Snapshot
from reporting.months.presenters.words import listed
from reporting.months.selectors import titles_standing_out

MOST_FAULTS = 50  # that a page lists
MOST_CHANGED = 200


@dataclass(frozen=True, slots=True)
class Counts:
    """How many figures of an indicator, or of a month, are new, differ, and are already here."""

    label: str
    new: int
    replaced: int
    held: int
    span: str = ""
    is_opened: bool = False


@dataclass(frozen=True, slots=True)
class HistoryView:
    """`faults` are sentences, each with its place in the file."""

    name: str
    lead: str
    faults: list[str]
    more_faults: int
    sentences: list[str]
    elsewhere: list[str]
    series: list[Counts]
    months: list[Counts]
    replaced: list[FigureTaken]
    more_replaced: int
    reaches: list[str]
    opened: str
    skipped: int
    can_be_taken: bool


def make_history_view(preview: Preview, so_far: str = "Nothing has been saved yet.") -> HistoryView:
    """`so_far` says what became of the figures until now."""
    history, taken = preview.history, preview.taken
    places = [history.figures.place(fault) for fault in preview.faults] if history.figures is not None else []
    faults = [f"{place}: {fault.sentence}" for place, fault in zip(places, preview.faults, strict=True)]
    figures = taken.report.figures if taken else []
    replaced = [figure for figure in figures if figure.became is Become.REPLACED]
    return HistoryView(
        name=history.name,
        lead=describe_preview(taken, so_far),
        faults=faults[:MOST_FAULTS],
        more_faults=max(0, len(faults) - MOST_FAULTS),
        sentences=[*history.told, *([describe_police(history)] if history.months else [])],
        elsewhere=history.elsewhere,
        series=[count_series(series) for series in taken.report.series if series.figures] if taken else [],
        months=count_months(figures, taken.opened) if taken else [],
        replaced=replaced[:MOST_CHANGED],
        more_replaced=max(0, len(replaced) - MOST_CHANGED),
        reaches=[
            f"{reach.indicator.title}: from {reach.first.label}, not from {reach.since.label}"
            for reach in (taken.reaches if taken else ())
        ],
        opened=describe_opened(taken.opened) if taken else "",
        skipped=taken.report.skipped if taken else 0,
        can_be_taken=any(figure.became is not Become.HELD for figure in figures),
    )


def describe_preview(taken: Taken | None, so_far: str) -> str:
    if taken is None:
        return "Nothing has been saved. Correct the file, then send it again."
    if not taken.report.new and not taken.report.replaced:
        return "All these figures are already here, so there is nothing to save."
    return f"{describe_counts(taken)}. {so_far}"


def describe_counts(taken: Taken) -> str:
    """ "1,200 figures are new, 34 differ from the figures here, and 5 are already here"."""
    report = taken.report
    said = [f"{report.new:,} {'figure is' if report.new == 1 else 'figures are'} new"]
    if report.replaced:
        said.append(f"{report.replaced:,} {'differs' if report.replaced == 1 else 'differ'} from the figures here")
    if report.held:
        said.append(f"{report.held:,} {'is' if report.held == 1 else 'are'} already here")
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]


def describe_police(history: History) -> str:
    rows, inside = sum(month.rows_read for month in history.months), sum(month.rows_matched for month in history.months)
    lost = sum(month.rows_without_lsoa for month in history.months)
    return (
        f"{rows:,} crimes are in the files, {inside:,} of them in the place. {lost:,} have no LSOA (small area), so "
        "they aren’t counted."
    )


def describe_opened(opened: Sequence[Month]) -> str:
    """ "118 months are opened for it, January 2017 to October 2026"; empty for none."""
    if not opened:
        return ""
    return f"{describe_months(len(opened))} opened for it: {describe_span(opened)}"


def describe_months(number: int) -> str:
    return "1 month is" if number == 1 else f"{number:,} months are"


def describe_span(months: Sequence[Month]) -> str:
    first, last = min(months), max(months)
    return first.label if first == last else f"{first.label} to {last.label}"


def count_series(series: SeriesReport) -> Counts:
    span = describe_span([figure.month for figure in series.figures])
    return Counts(series.title, series.new, series.replaced, series.held, span)


def count_months(figures: Sequence[FigureTaken], opened: Sequence[Month]) -> list[Counts]:
    """Count month by month, the oldest first, also months opened in between."""
    counted = Counter((figure.month, figure.became) for figure in figures)
    every = sorted({figure.month for figure in figures}.union(opened))
    return [
        Counts(
            month.label,
            counted[month, Become.NEW],
            counted[month, Become.REPLACED],
            counted[month, Become.HELD],
            is_opened=month in opened,
        )
        for month in every
    ]


def describe_taken(taken: Taken) -> str:
    """ "Imported: 1,200 figures are new. 118 months are opened for it: January 2017 to October 2026."."""
    opened = describe_opened(taken.opened)
    return f"Imported: {describe_counts(taken)}.{f' {opened}.' if opened else ''}"


def describe_published(last: Month, waiting: Sequence[Month], until: str) -> str:
    published = [month for month in waiting if month <= last]
    more = f" You can take them back together until {until}." if until else ""
    return f"{describe_months(len(published))} published: {describe_span(published)}.{more}"


MOST_UNUSUAL = 50  # that a page lists
TAGS = {RequestOutcome.CONFIRMED: "accepted", RequestOutcome.DECLINED: "returned"}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import with its state in a few words, its tag and the tag's class, and its page's address."""

    figure_import: FigureImport
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


def make_rows(imports: Sequence[FigureImport], *, today: date, is_operator: bool = False) -> list[ImportRow]:
    """Two queries if one of them waits."""
    seconds = name_confirming([one for one in imports if one.is_waiting(today)], today=today)
    return [make_row(one, seconds.get(one.pk, ""), today=today, is_operator=is_operator) for one in imports]


def make_row(figure_import: FigureImport, second: str, *, today: date, is_operator: bool) -> ImportRow:
    return ImportRow(
        figure_import,
        *_describe_state(figure_import, second, today),
        import_url(figure_import, is_operator=is_operator),
    )


def import_url(figure_import: FigureImport, *, is_operator: bool) -> str:
    if is_operator:
        return reverse("reporting:operator-import", args=[figure_import.pk])
    return reverse("reporting:history-import", args=[figure_import.area.slug, figure_import.pk])


def _describe_state(figure_import: FigureImport, second: str, today: date) -> tuple[str, str, str]:
    if figure_import.decided_at is not None:
        outcome = RequestOutcome(figure_import.outcome)
        day = date_label(timezone.localdate(figure_import.decided_at))
        return outcome.label, f"{outcome.label} by {figure_import.decided_by} on {day}", TAGS.get(outcome, "closed")
    if not figure_import.is_waiting(today):
        return "Ended", f"Ended on {date_label(figure_import.ends_on)}, because no one decided", "closed"
    until = date_label(figure_import.ends_on)
    return "Waiting", f"Waiting until {until} for a second person: {second}", "submitted"


def name_confirming(imports: Sequence[FigureImport], *, today: date) -> dict[int, str]:
    """Say who can confirm these figures, by the import's key. Two queries, or none."""
    if not imports:
        return {}
    held = Membership.objects.filter(area__in={one.area_id for one in imports}, user__is_active=True)
    holders = list(held.filter(role__in=[role.value for role in CONFIRMED_ROLES]).select_related("user").order_by("pk"))
    ties = read_ties(holders, *(one.asked_by for one in imports))
    return {one.pk: ties.name_seconds(one.asked_by, list_confirming(one, holders, today=today)) for one in imports}


def list_totals(taken: Taken, names: Mapping[str, str]) -> tuple[list[int], list[YearTotals]]:
    """Return the years of the figures, and each indicator's sums. `names` are the agencies', by code."""
    years = sorted({figure.month.year for figure in taken.report.figures})
    totals = []
    for series in taken.report.series:
        sums: dict[int, int] = defaultdict(int)
        for figure in series.figures:
            if figure.value is not None:
                sums[figure.month.year] += figure.value
        cells = [(year, f"{sums[year]:,}" if year in sums else "–") for year in years]
        totals.append(YearTotals(series.title, names[series.agency], cells))
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
    holders = list_holders(access.area, *CONFIRMED_ROLES) if waiting else []
    ties = read_ties(holders, *(figure_import.asked_by for figure_import in waiting)) if waiting else Ties()
    return [
        Task(
            name=f"Confirm past figures: {figure_import}",
            url=import_url(figure_import, is_operator=False),
            hint=f"{figure_import.asker} imported {figure_import.figures:,} figures on "
            f"{date_label(timezone.localdate(figure_import.asked_at))}. They count once you confirm them.",
            status="submitted",
            status_label="To confirm",
            due_on=figure_import.ends_on,
        )
        for figure_import in waiting
        if access.user
        in ties.list_seconds(figure_import.asked_by, list_confirming(figure_import, holders, today=today))
    ]


def describe_import(figure_import: FigureImport) -> str:
    figures = "1 figure is waiting" if figure_import.figures == 1 else f"{figure_import.figures:,} figures are waiting"
    second = name_confirming([figure_import], today=timezone.localdate())[figure_import.pk]
    return (
        f"Imported: {figures} for a second person to confirm, {figure_import.span}. The second person can be {second}."
    )


def make_past_rows(
    periods: Sequence[ReportingPeriod],
    drafts: Sequence[Snapshot],
    missing: Mapping[int, list[str]],
    counts: Mapping[int, tuple[int, int]],
) -> Iterator[tuple[Month, str]]:
    """Yield each month to publish together with others, and what its draft lacks and what stands out in it. `missing`
    are the agencies whose return isn't accepted, by the month's key, and `counts` those of count_lacking. One query."""
    titles = titles_standing_out(drafts)
    by_period = {draft.period_id: draft.pk for draft in drafts}
    for period in periods:
        key = by_period.get(period.pk, 0)
        lacking, asked = counts.get(key, (0, 0))
        sentences = (
            f"No return from {listed(missing[period.pk], are_proper=True)}." if missing[period.pk] else "",
            f"{lacking} of {asked} figures are missing." if lacking else "No figure is missing.",
            f"Stands out: {', '.join(titles[key])}." if key in titles else "",
        )
        yield period.month, " ".join(filter(None, sentences))


def describe_agreement(area: PartnershipArea, by: User, *, today: date) -> str:
    """Say who has to agree before boards, and then the public, see what this coordinator publishes. Two queries."""
    officers = [one for one in list_holders(area, Role.INFORMATION) if one.acts_from and one.acts_from <= today]
    seconds = read_ties(officers, by).name_seconds(by, officers) if officers else ""
    public = f": {seconds}" if seconds else ", but no one can do so yet"
    return (
        "No one else has to approve what the boards see. An information officer has to approve what the public "
        f"sees{public}. The newest month’s edition shows the months before it too, so one approval is enough."
    )
