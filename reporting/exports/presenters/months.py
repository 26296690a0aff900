"""The files of a month and of an indicator. Each has what its view has, which passed the gate."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime

from boards.models import PartnershipArea, ReportingPeriod
from core.calendar import Month
from core.files.sheets import NoteSection
from core.files.tables import DataFile, Row, make_file_stem
from core.pages import NotHeld
from indicators.disclosure import Audience
from indicators.figures import PROVISIONAL
from indicators.kpis.aims import count_months
from indicators.selectors.disclosure import get_marking
from reporting.models import PublicLine, Snapshot, SnapshotState
from reporting.months.presenters import notes
from reporting.months.presenters.month import month_view
from reporting.months.presenters.sentences import describe_level
from reporting.months.presenters.series import SERIES_COLUMNS, SeriesView, series_rows, series_view
from reporting.months.presenters.shapes import REVISED, MonthView, find_marks
from reporting.months.presenters.words import RATIO_COLUMNS, count_completeness, exact_value, lower_first, ratio_columns
from reporting.months.selectors import (
    KpiMark,
    VersionShown,
    find_month,
    find_shown,
    list_kpi_marks,
    list_lines_of_file,
)
from reporting.open_editions import PublicMonth
from reporting.public.editions import lines_for_the_public, published_edition
from reporting.public.presenters.files import cut_to_day
from reporting.public.presenters.month import public_view
from reporting.public.selectors import edition_lines, find_public

MONTH_COLUMNS = (
    "indicator",
    "title",
    "category",
    "value",
    "state",
    "previous",
    "change",
    "movement",
    "no_arrow_reason",
    "polarity",
    "usual",
    "lower",
    "upper",
    "signal",
    "tier",
    "judgement",
    "window",
    "level",
    "level_since",
    *RATIO_COLUMNS,
    "target",
    "target_month",
    "kpi_state",
)


def export_rows(view: MonthView) -> list[Row]:
    """Return each line as `export_month` prints it."""
    kpis = {kpi.indicator_code: kpi for kpi in view.kpis}  # the newest, if an indicator has several
    return [
        {
            "indicator": line.code,
            "title": line.title,
            "category": line.category_code,
            "value": exact_value(line, line.value, line.numerator, line.denominator),
            "state": line.state.value,
            "previous": line.as_shown(line.previous),
            "change": line.as_shown(line.change),
            "movement": line.movement.value,
            "no_arrow_reason": line.no_arrow_reason,
            "polarity": line.polarity.value,
            "usual": line.as_shown(line.usual if line.usual is not None else line.mean),
            "lower": line.as_shown(whole(line.lower)),
            "upper": line.as_shown(whole(line.upper)),
            "signal": line.signal or None,
            "tier": line.tier or None,
            "judgement": line.judgement or None,
            "window": line.window_months,
            "level": line.as_shown(line.level),
            "level_since": line.level_since.isoformat()[:7] if line.level_since else None,
            **ratio_columns(line, line.value, line.numerator, line.denominator),
            **kpi_cells(None if line.category_code else kpis.get(line.code)),
        }
        for line in view.every
    ]


def kpi_cells(kpi: KpiMark | None) -> Row:
    if kpi is None:
        return {"target": None, "target_month": None, "kpi_state": None}
    # A month's, as the other cells of the row are. 2.4 a year is 0.2, not 0.19999999999999998.
    target = round(kpi.target / count_months(kpi.aim_unit), 6)
    return {"target": target, "target_month": str(kpi.target_month), "kpi_state": kpi.state}


def whole(limit: float | None) -> float | None:
    """Return a limit as files have it: whole, except under the rules until November 2026."""
    return int(limit) if limit is not None and limit.is_integer() else limit


def make_month_file(view: MonthView) -> DataFile:
    """Return a month's file, line by line."""
    title = f"{view.area}, {view.month.label}"

    def say() -> list[NoteSection]:
        return [
            notes.about(
                ("Figures", f"{title}: each indicator, and the categories that split it up."),
                ("Version", version_note(view, superseded=view.superseded)),
                ("Figures as at", f"{view.taken_on}."),
                ("Figures in", f"{count_completeness(view.every).sentence}."),
                audience=view.audience,
            ),
            notes.remarks(
                (line.label for line in view.provisional), ((line.label, line.revised) for line in view.revised)
            ),
            notes.columns_section(MONTH_COLUMNS),
            *notes.reading_sections(MONTH_COLUMNS, audience=view.audience),
            notes.kpis_section((kpi.indicator_code, f"K{kpi.number}", kpi.title, kpi.said) for kpi in view.kpis),
            notes.sources(view.indicators),
        ]

    return DataFile(
        stem=make_file_stem(view.marking, view.area_slug, str(view.month), *version_stem(view)),
        title=title,
        marking=view.marking,
        columns=MONTH_COLUMNS,
        rows=export_rows(view),
        rows_are="lines",
        about={
            "area": view.area_slug,
            "month": str(view.month),
            "audience": view.audience.value,
            "version": view.version,
            "state": view.state,
        },
        notes=say,
        made_at=worked_out_at(view),
    )


def make_series_file(view: SeriesView, *, definition: str = "", source: str = "") -> DataFile:
    """Return an indicator's file, month by month. The definition and the source are its owner's own words."""
    line = view.line
    title = f"{line.title}, {view.area}"

    def say() -> list[NoteSection]:
        return [
            notes.about(
                ("Figures", f"{title}: {view.span}, first as a whole, then by category where it is split up."),
                ("Version", f"{view.month.label}: {lower_first(version_note(view))}"),
                ("Figures as at", f"{view.taken_on}."),
                ("Question", line.question),
                ("Definition", definition),
                ("Supplied by", f"{line.owner}."),
                ("Source", source),
                *(
                    (f"Recorded differently from {Month.of(date.fromisoformat(step['from'])).label}", step["why"])
                    for step in line.steps
                    if step.get("why")
                ),
                ("Level", describe_level(line)),
                ("Which way is better", line.which_way),
                audience=view.audience,
            ),
            notes.remarks(months_with(view, PROVISIONAL), ((month, "Revised") for month in months_with(view, REVISED))),
            notes.columns_section(SERIES_COLUMNS),
            *notes.reading_sections(SERIES_COLUMNS, audience=view.audience),
        ]

    return DataFile(
        stem=make_file_stem(view.marking, view.area_slug, line.code, str(view.month), *version_stem(view)),
        title=title,
        marking=view.marking,
        columns=SERIES_COLUMNS,
        rows=series_rows(view),
        about={
            "area": view.area_slug,
            "indicator": line.code,
            "title": line.title,
            "unit": line.unit_many,
            "month": str(view.month),
            "audience": view.audience.value,
            "version": view.version,
            "state": view.state,
        },
        notes=say,
        made_at=worked_out_at(view),
    )


def make_public_series_file(month: PublicMonth, lines: Sequence[PublicLine]) -> DataFile:
    """Return an indicator's file as a public edition shows it, from its lines, the whole first."""
    period = ReportingPeriod(area=month.area, starts_on=month.month.first_day, due_on=month.due_on)
    view = series_view(
        Snapshot(period=period, version=month.version, state=SnapshotState.PUBLISHED.value, taken_at=month.taken_at),
        lines,
        area=month.area,
        audience=Audience.PUBLIC,
        marking=month.marking.value,
    )
    return make_series_file(view, definition=lines[0].definition, source=lines[0].source)


def version_stem(view: MonthView | SeriesView) -> Iterator[str]:
    """ "v2", "draft", "public"."""
    yield f"v{view.version}"
    if view.state != SnapshotState.PUBLISHED:
        yield "draft"
    if view.audience is Audience.PUBLIC:
        yield Audience.PUBLIC.value


def version_note(view: MonthView | SeriesView, *, superseded: str = "") -> str:
    is_draft = view.state != SnapshotState.PUBLISHED
    if view.audience is Audience.PUBLIC:
        how = "as an edition would show it. It isn’t public" if is_draft else "as a public edition shows it"
        return f"Version {view.version}, {how}."
    if superseded:
        return f"Version {view.version}, {superseded}."
    return f"Version {view.version}, {'a draft: boards don’t see it yet' if is_draft else 'published'}."


def months_with(view: SeriesView, mark: str) -> Iterator[str]:
    """ "October 2026", "October 2026, London": which figure has that mark."""
    for series in (view.whole, *view.parts):
        for point in series.points:
            if mark in find_marks(point.text):
                category = f", {series.line.category}" if series.line.category else ""
                yield f"{point.month.label}{category}"


def worked_out_at(view: MonthView | SeriesView) -> datetime:
    """Return when the figures were worked out; for the public only the day, like its pages."""
    return view.taken_at if view.audience is Audience.PARTNERS else cut_to_day(view.taken_at)


def view_for_partners(version: VersionShown) -> MonthView:
    """Return the view of all lines of a version, with its KPIs. Two queries."""
    view = month_view(
        version.snapshot,
        list_lines_of_file(version.snapshot),
        area=version.period.area,
        period=version.period,
        audience=Audience.PARTNERS,
        marking=version.marking,
        successor=version.successor,
    )
    return replace(view, kpis=tuple(list_kpi_marks(version.snapshot)))


def newest_view(
    area: PartnershipArea,
    month: Month,
    *,
    audience: Audience,
    include_drafts: bool,
    version: int | None = None,
) -> MonthView:
    """Return the newest version of a month that the reader may see, or the one with that number. Four queries. For the
    public, it is the newest with a public edition; if none has one, what an edition would show. Raises NotHeld, or
    AudienceRefused.
    """
    if audience is Audience.PARTNERS:
        return view_for_partners(find_shown(find_month(area, month).period, version, include_drafts=include_drafts))
    return view_for_the_public(area, month, include_drafts=include_drafts, version=version)


def view_for_the_public(area: PartnershipArea, month: Month, *, include_drafts: bool, version: int | None) -> MonthView:
    """Return what the public sees of a month; of a version, or without an edition, what it would see."""
    if version is None:
        with suppress(NotHeld):
            return view_of_edition(find_public(area.slug, month))
    period = find_month(area, month).period
    shown = find_shown(period, version, include_drafts=include_drafts)
    edition = published_edition(period, shown.snapshot)
    return month_view(
        shown.snapshot,
        lines_for_the_public(shown.snapshot, edition),
        area=area,
        period=period,
        audience=Audience.PUBLIC,
        marking=get_marking(period, audience=Audience.PUBLIC),
        successor=shown.successor,
        is_public=edition is not None,
    )


def view_of_edition(month: PublicMonth) -> MonthView:
    """Return the view of all lines of a public edition. One query."""
    return public_view(month, edition_lines(month)).month


def version_rows(versions: Iterable[Snapshot]) -> list[Row]:
    return [
        {
            "month": str(version.period.month),
            "version": version.version,
            "state": version.state,
            "taken_at": version.taken_at.isoformat(),
            "published_at": version.published_at.isoformat() if version.published_at else None,
        }
        for version in versions
    ]
