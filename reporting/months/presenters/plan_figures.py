"""Which monthly figures do the plan and its meetings use? Every figure passes the disclosure gate here."""

from collections.abc import Sequence

from django.db.models import Q

from actions.models import Meeting
from actions.month_figures import Question, Version
from actions.selectors.agenda import find_board, sees_all
from boards.models import PartnershipArea
from boards.permissions import Access
from core.months import Month
from core.not_held import NotHeld
from indicators.disclosure import Audience, disclose
from reporting.models import Snapshot
from reporting.models.line_fields import Line
from reporting.months.presenters.as_asked import AsAsked, list_as_asked
from reporting.months.presenters.month import line_view
from reporting.months.presenters.series import Series, series_of_lines
from reporting.months.presenters.shapes import LineView
from reporting.months.selectors.lines import list_lines, list_series
from reporting.months.selectors.versions import find_version, list_versions, newest_snapshot


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
        found = Snapshot.objects.standing().filter(
            Q(period=meeting.period) | Q(period__starts_on__gt=meeting.period.starts_on, period__starts_on__lt=over),
            period__area=meeting.area_id,
        )
        newest = found.select_related("period").order_by("-period__starts_on", "-version").first()
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
                said.setdefault(view.code, []).append(f"{view.label}: {signal_alone(view)}")
        return said


def signal_alone(view: LineView) -> str:
    """Return what stands out, without the judgement before it and the usual range after it."""
    return view.verdict.partition(": ")[2].partition(". ")[0]


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
