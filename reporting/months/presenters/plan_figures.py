"""The monthly figures that the plan and its meetings use. Every figure passes the disclosure gate here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from actions.models import Meeting
from actions.month_figures import Question, Version
from actions.selectors.meetings import find_board, sees_all
from boards.models import PartnershipArea
from boards.permissions import Access
from boards.presenters.nav import indicators_url, month_query
from core.calendar import Month
from core.pages import NotHeld
from indicators.disclosure import Audience, disclose
from reporting.models import IndicatorLine, Snapshot
from reporting.models.line_fields import Line
from reporting.months.presenters.month import line_view
from reporting.months.presenters.series import Series, SeriesPoint, series_of_lines
from reporting.months.selectors import find_version, list_lines, list_series, list_versions, newest_snapshot

HISTORY_SHOWN = 12  # months beside a question
type Key = tuple[int, str]  # a version, and an indicator's code


@dataclass(frozen=True, slots=True)
class AsAsked:
    """What a challenge asked about, as it was then."""

    series: Series
    version: int
    since: str
    indicators_url: str  # the address of an indicator's page as of that month and version, with {} for its code

    @property
    def cards(self) -> Sequence[Series]:
        return [self.series]

    @property
    def points(self) -> Sequence[SeriesPoint]:
        """Return the last months, the newest first."""
        return self.series.points[: -HISTORY_SHOWN - 1 : -1]


def list_as_asked(area: PartnershipArea, questions: Sequence[Question]) -> list[AsAsked | None]:
    """Return what each question was about. Two queries, however many there are; none without questions."""
    if not questions:
        return []
    versions = list_published(area, {question.period.pk for question in questions})
    shown = [find_shown(question, versions[question.period.pk]) for question in questions]
    wanted = [
        (version, question.code)
        for question, first in zip(questions, shown, strict=True)
        for version in (first, *versions[question.period.pk][:1])
        if version is not None
    ]
    wholes = list_wholes(wanted)
    return [
        make_as_asked(area, question, version, versions[question.period.pk], wholes) if version else None
        for question, version in zip(questions, shown, strict=True)
    ]


def make_as_asked(
    area: PartnershipArea,
    question: Question,
    version: Snapshot,
    versions: Sequence[Snapshot],
    wholes: Mapping[Key, Series],
) -> AsAsked | None:
    then, now = wholes.get((version.pk, question.code)), wholes.get((versions[0].pk, question.code))
    if then is None:
        return None
    query = month_query(version.period.month, version.version if version is not versions[0] else "")
    since = describe_since(then, now, versions[0].version)
    return AsAsked(then, version.version, since, indicators_url(area.slug, query))


def list_published(area: PartnershipArea, periods: Iterable[int]) -> dict[int, list[Snapshot]]:
    """Return the published versions of these months, the newest first. One query."""
    by_period: dict[int, list[Snapshot]] = {pk: [] for pk in periods}
    published = (
        Snapshot.objects.standing().filter(period__in=list(by_period), period__area=area).select_related("period")
    )
    for snapshot in published.order_by("-version"):
        by_period[snapshot.period_id].append(snapshot)
    return by_period


def find_shown(question: Question, versions: Sequence[Snapshot]) -> Snapshot | None:
    """Return the version that people read at that moment; the first if none was published yet."""
    read = (version for version in versions if version.published_at is not None and version.published_at <= question.at)
    return next(read, versions[-1] if versions else None)


def list_wholes(wanted: Sequence[tuple[Snapshot, str]]) -> dict[Key, Series]:
    """Return each of these indicators as a whole, as its version has it, for partners. One query."""
    versions = {version.pk: version for version, _ in wanted}
    codes = {code for _, code in wanted}
    wholes = {}
    for line in IndicatorLine.objects.filter(snapshot__in=versions, indicator_code__in=codes, category_code=""):
        period = versions[line.snapshot_id].period
        for series in series_of_lines([line], period.month, period.due_on, audience=Audience.PARTNERS):
            wholes[line.snapshot_id, line.indicator_code] = series
    return wholes


def describe_since(then: Series, now: Series | None, version: int) -> str:
    """ "Version 2, published since, shows 13."; empty if no later version differs."""
    if now is None or now.line.short_text == then.line.short_text:
        return ""
    return f"Version {version}, published since, shows {now.line.short_text}."


class MonthFigures:
    """Implements actions.month_figures.Figures from the snapshots."""

    def list_series(self, access: Access, code: str) -> list[Series]:
        try:
            snapshot = newest_snapshot(access.area, include_drafts=access.can_see_drafts, holding=code)
        except NotHeld:
            return []
        lines = [line for line in list_series(snapshot, code) if not line.category_code]
        month, due_on = snapshot.period.month, snapshot.period.due_on
        return series_of_lines(lines, month, due_on, audience=Audience.PARTNERS)

    def as_asked(self, area: PartnershipArea, questions: Sequence[Question]) -> list[AsAsked | None]:
        return list_as_asked(area, questions)

    def published_versions(self, area: PartnershipArea) -> list[Version]:
        published = Snapshot.objects.standing().filter(period__area=area)
        versions = published.select_related("period").order_by("-period__starts_on", "-version")
        return [(snapshot.period, snapshot.version) for snapshot in versions]

    def newer_than(self, meeting: Meeting) -> Version | None:
        if meeting.period is None:
            return None
        over = Month.of(meeting.held_on).first_day  # months that start before its own
        versions = Snapshot.objects.standing().filter(
            Q(period=meeting.period) | Q(period__starts_on__gt=meeting.period.starts_on, period__starts_on__lt=over),
            period__area=meeting.area_id,
        )
        newest = versions.select_related("period").order_by("-period__starts_on", "-version").first()
        if newest is None or (newest.period_id == meeting.period_id and newest.version <= (meeting.version or 0)):
            return None
        return newest.period, newest.version

    def standing_out(self, meeting: Meeting) -> dict[str, list[str]]:
        period = meeting.period
        if period is None:
            return {}
        said: dict[str, list[str]] = {}
        for line in disclose(lines_before(meeting), audience=Audience.PARTNERS):
            view = line_view(line, period.month, period.due_on)
            if view.has_signal:
                said.setdefault(view.code, []).append(f"{view.label}. {view.verdict}")
        return said


def lines_before(meeting: Meeting) -> list[Line]:
    """Return the lines of the version that the meeting looks at; for a board's meeting, only the board's own
    indicators.
    """
    period = meeting.period
    if period is None:
        return []
    versions = list_versions(period, include_drafts=False)
    # The version may have been taken back since.
    try:
        snapshot = find_version(versions, str(meeting.version), month=period.month)
    except NotHeld:
        return []
    lines = list_lines(snapshot)
    return lines if sees_all(meeting) else [line for line in lines if find_board(meeting).code in line.boards]
