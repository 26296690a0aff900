"""Finds sessions with the community, what they give in a month, and the answers that are due."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from actions.models import CountedIndicator, EngagementSession, SessionCount, Voice
from boards.models import Agency, Membership, PartnershipArea, ReportingPeriod
from boards.permissions import Access
from boards.rules import Role
from core.calendar import Month
from indicators.figures import REASONS, NotAFigure, read_figure, shorten
from indicators.models import Collection as Collected
from indicators.models import Observation, Submission
from indicators.selectors.returns import Owed
from indicators.trend import CellState
from indicators.workflow import EDITABLE

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

OPEN = Q(closed_at=None, session__archived_at=None)


class Answers(TypedDict):
    """How many answers of a session are due, and how many it has in all."""

    waiting: int
    total: int


type AnsweredSession = WithAnnotations[EngagementSession, Answers]


def list_sessions(area: PartnershipArea) -> QuerySet[AnsweredSession]:
    """Return an area's sessions, including archived ones, newest first, each with its agency and answers."""
    return (
        EngagementSession.objects.filter(area=area)
        .select_related("agency")
        .annotate(waiting=Count("voices", filter=Q(voices__closed_at=None)), total=Count("voices"))
        .order_by("-held_on", "-id")
    )


def list_voices(area: PartnershipArea) -> QuerySet[Voice]:
    """Return what people said in an area's sessions, without archived ones. Those without an answer are first, by due
    date; then the newest answers."""
    voices = Voice.objects.filter(session__area=area, session__archived_at=None)
    return voices.select_related("session__agency", "session__area", "closed_by").order_by(
        F("closed_at").desc(nulls_first=True), "due_on", "id"
    )


def list_owed_voices(access: Access, *, today: date) -> list[Voice]:
    """Return what people said in the sessions of a lead's own agencies, if the answer is due by the end of this month
    and not given. Nothing to ask for people who lead none."""
    if not access.led:
        return []
    voices = Voice.objects.filter(OPEN, session__agency__in=access.led, due_on__lte=Month.of(today).last_day)
    return list(voices.select_related("session__agency").order_by("due_on", "id"))


class Unled(NamedTuple):
    """An agency that promised answers and has nobody to give them: how many are due, and when the first is."""

    code: str
    name: str
    waiting: int
    first_due_on: date


def unled_in(area: PartnershipArea) -> list[Unled]:
    """Return the agencies with open answers and no lead who can sign in, earliest due date first."""
    lead = Membership.objects.filter(
        agency=OuterRef("session__agency"), role=Role.AGENCY_LEAD.value, user__is_active=True
    )
    # order_by() clears the order: its columns would join the GROUP BY.
    waiting = Voice.objects.filter(OPEN, ~Exists(lead), session__area=area).order_by()
    by_agency = waiting.values_list("session__agency__code", "session__agency__name")
    rows = by_agency.annotate(waiting=Count("id"), first=Min("due_on")).order_by("first", "session__agency__name")
    return [Unled._make(row) for row in rows]


# --- What they make in a month ----------------------------------------------------------------------


class Made(NamedTuple):
    """The totals of an agency's sessions in a month. A group that took part in two of them counts twice."""

    sessions: int = 0
    groups: int = 0
    people: int = 0

    def of(self, counts: SessionCount) -> int:
        return int(getattr(self, counts.value))


def count_sessions(sessions: QuerySet[EngagementSession]) -> dict[tuple[int, Month], Made]:
    """Return the totals by the agency's key and the month. Archived sessions don't count, but their month is there. One
    query."""
    kept = Q(archived_at=None)
    rows = (
        # Clear the order: its columns would join the GROUP BY and split each month.
        sessions.order_by()
        .annotate(month=TruncMonth("held_on"))
        .values("agency", "month")
        .annotate(
            held=Count("id", filter=kept, distinct=True),
            heard=Sum("groups", filter=kept),
            reached=Sum("people", filter=kept),
        )
    )
    return {
        (row["agency"], Month.of(row["month"])): Made(row["held"], row["heard"] or 0, row["reached"] or 0)
        for row in rows
    }


class Since(TypedDict):
    """The first month for which an indicator is defined."""

    since: date


type DefinedIndicator = WithAnnotations[CountedIndicator, Since]


def list_counted_indicators(agencies: Collection[int], *, or_supplied: bool = False) -> list[DefinedIndicator]:
    """Return the counted indicators that these agencies supply by return; with `or_supplied`, also those of which a
    return of theirs had a figure. Each has one box. One query."""
    whose = Q(indicator__owner__in=agencies)
    if or_supplied:
        figures = Observation.objects.filter(submission__agency__in=agencies)
        whose |= Q(indicator__in=figures.values("indicator"))
    counted = CountedIndicator.objects.filter(
        whose, indicator__collection=Collected.RETURN.value, indicator__dimension=None
    )
    counted = counted.annotate(since=Min("indicator__definitions__applies_from")).filter(since__isnull=False)
    return list(counted.select_related("indicator__owner").order_by("indicator__position", "indicator_id"))


def is_asked(counted: DefinedIndicator, month: Month) -> bool:
    """Return whether a month's return asks for it."""
    return Owed(counted.since, counted.indicator.retired_from).is_live(month)


# --- What the returns say ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compared:
    """A counted indicator in an agency's month: what the return says (may be empty), and what the sessions give.

    If the month no longer `takes_figures`, only a figure counts as said.
    """

    counted: CountedIndicator
    said: str
    from_sessions: int
    takes_figures: bool = True

    @property
    def is_same(self) -> bool:
        return self.said == f"{self.from_sessions:,}"

    @property
    def differs(self) -> bool:
        return bool(self.said) and not self.is_same

    @property
    def is_missing(self) -> bool:
        """Return whether sessions were held but there is no figure."""
        return not (self.takes_figures or self.said) and self.from_sessions > 0


@dataclass(frozen=True, slots=True)
class CountedMonth:
    """An agency's month, with its return and the totals of its sessions."""

    agency: Agency
    period: ReportingPeriod
    submission: Submission | None
    totals: Made
    rows: tuple[Compared, ...]

    @property
    def differing(self) -> list[Compared]:
        return [row for row in self.rows if row.differs]

    @property
    def off(self) -> list[Compared]:
        """Return the ones to correct: those that differ, or have no figure."""
        return [row for row in self.rows if row.differs or row.is_missing]

    @property
    def is_same(self) -> bool:
        return all(row.is_same for row in self.rows)

    @property
    def can_carry(self) -> bool:
        """Return whether the return accepts the totals, even late. Nobody can start a late return beside figures from a
        file."""
        if self.submission is None:
            return not self.agency.retired and (self.period.is_open or not any(row.said for row in self.rows))
        return self.submission.state in EDITABLE


def counted_months(area: PartnershipArea, agencies: Collection[int]) -> list[CountedMonth]:
    """Return the months of these agencies that count sessions, newest first.

    They are the open months, those with a session (even an archived one), and those with a figure from since the
    counting started. Five queries; one if nothing is counted. A figure is compared with the sessions of the agency
    whose return it was in, even if another agency supplies the indicator now.
    """
    counted = list_counted_indicators(agencies, or_supplied=True)
    if not counted:
        return []
    counts = count_sessions(EngagementSession.objects.filter(agency__in=agencies))
    periods = list(ReportingPeriod.objects.filter(area=area).order_by("-starts_on"))
    says = ReturnedFigures(counted, periods, agencies)
    months = []
    for period in periods:
        period.area = area
        rows: dict[Agency, list[Compared]] = defaultdict(list)
        for counted_indicator, agency in says.asked_in(period):
            month_count = counts.get((agency.pk, period.month))
            if period.is_open or month_count is not None or says.is_since(counted_indicator, period):
                number = (month_count or Made()).of(SessionCount(counted_indicator.counts))
                rows[agency].append(
                    Compared(counted_indicator, says.of(counted_indicator, period, agency), number, period.is_open)
                )
        for agency, compared in rows.items():
            agency.area = area
            submission = says.submissions.get((agency.pk, period.pk))
            month_count = counts.get((agency.pk, period.month), Made())
            months.append(CountedMonth(agency, period, submission, month_count, tuple(compared)))
    return months


class ReturnedFigures:
    """What the returns of some agencies say about counted indicators. Two queries."""

    def __init__(
        self, counted: list[DefinedIndicator], periods: list[ReportingPeriod], agencies: Collection[int]
    ) -> None:
        self.counted, self.agencies = counted, agencies
        submissions = Submission.objects.filter(agency__in=agencies, period__in=periods)
        self.submissions = {(submission.agency_id, submission.period_id): submission for submission in submissions}
        figures = Observation.objects.filter(
            indicator__in=[counted_indicator.indicator_id for counted_indicator in counted],
            period__in=periods,
            category=None,
        ).select_related("submission__agency")
        self.figures = {(figure.indicator_id, figure.period_id): figure for figure in figures}

    def asked_in(self, period: ReportingPeriod) -> Iterator[tuple[DefinedIndicator, Agency]]:
        """Return what a month asks of these agencies, with the agency: the one whose return had the figure, otherwise
        the one that supplies it."""
        for counted in self.counted:
            figure = self.figures.get((counted.indicator_id, period.pk))
            submission = figure.submission if figure else None
            # Not simply the owner: another agency may have supplied the indicator at that time.
            agency = submission.agency if submission else counted.indicator.owner
            if agency.pk in self.agencies and is_asked(counted, period.month):
                yield counted, agency

    def is_since(self, counted: CountedIndicator, period: ReportingPeriod) -> bool:
        """Return whether the month's figure was received since the indicator counts sessions. One from a file never
        was."""
        figure = self.figures.get((counted.indicator_id, period.pk))
        # A file's figure never came from sessions: comparing them would show a difference that means nothing.
        if figure is None or figure.imported_from:
            return False
        came_at = figure.submission.submitted_at if figure.submission else figure.signed_off_at
        set_in = Month.of(timezone.localdate(counted.set_at))
        return period.month >= set_in or (came_at is not None and came_at >= counted.set_at)

    def of(self, counted: CountedIndicator, period: ReportingPeriod, agency: Agency) -> str:
        """Return the figure as text. For a return that isn't submitted, its draft is before older figures."""
        submission = self.submissions.get((agency.pk, period.pk))
        # What is typed goes before an older figure: the lead is about to replace that one.
        if submission is not None and submission.state in EDITABLE:
            typed = submission.draft.get(counted.indicator.code, {})
            if words := describe_typed(typed.get("value", ""), typed.get("reason", "")):
                return words
        figure = self.figures.get((counted.indicator_id, period.pk))
        if figure is None:
            return ""
        return CellState(figure.state).label if figure.value is None else f"{figure.value:,}"


def describe_typed(value: str, reason: str, *, longest: int = 30) -> str:
    """Return what is in a row of a return: "1,240", "Comes later", or both. Text that isn't a number is cut to the
    limit."""
    why = {state.value: words for state, words in REASONS.items()}.get(reason, shorten(reason, longest))
    try:
        number = f"{read_figure(value):,}"
    except NotAFigure:
        number = shorten(value.strip(), longest)
    return f"{number} and “{why}”" if number and why else number or why


def differences(access: Access) -> list[CountedMonth]:
    """Return the months of a lead's own agencies in which return and sessions differ, or there is no figure. Nothing to
    ask for people who lead none, and four queries if something is counted."""
    if not access.led:
        return []
    return [month for month in counted_months(access.area, access.led) if month.off]


def by_month(counts: dict[tuple[int, Month], Made]) -> dict[Month, Made]:
    """Return all agencies together, newest month first."""
    counts_by_month: dict[Month, list[Made]] = defaultdict(list)
    for (_, month), count in counts.items():
        counts_by_month[month].append(count)
    return {
        month: Made(*map(sum, zip(*counts_by_month[month], strict=True)))
        for month in sorted(counts_by_month, reverse=True)
    }
