"""Finds what a return asks for, which figures have arrived, and whose turn it is."""

from collections import defaultdict
from collections.abc import Collection as Several
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from typing import NamedTuple

from django.db.models import FETCH_PEERS, F, Min, QuerySet
from django.utils import timezone

from boards.models import Agency, Membership, PartnershipArea, ReportingPeriod
from boards.rules import MonthStatus, Role
from core.calendar import (
    ONE_DAY,
    Month,
    add_working_days,
    date_label,
    describe_days_left,
    working_days_between,
)
from core.models import User
from core.texts import count_of_noun
from indicators.models import Category, Collection, Indicator, IndicatorQuerySet, Observation, Submission
from indicators.ratios import Asked, is_asked
from indicators.trend import CellState
from indicators.workflow import HANDED_IN, SubmissionState

# What was typed into a return, and what a paste replaced: its figures, all of them.
TYPED = ("draft", "before_paste")
# What a task says of a return.
HANDLED = (
    "agency",
    "period",
    "state",
    "submitted_at",
    "submitted_by",
    "handed_in_on",
    "released_at",
    "accepted_at",
    "returned_at",
    "returned_by",
    "comment",
)


def asked_for_in(month: Month) -> IndicatorQuerySet:
    """Return the indicators that a month asks for: defined by then and not retired yet."""
    day = month.first_day
    return Indicator.objects.in_use_on(day).filter(definitions__applies_from__lte=day).distinct()


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a return: an indicator, or one category of it. `name` is its name in the form and in the draft:
    "lines.birmingham", "pwits". `definition` is the one in force. `defined_from` has the first days of all definitions
    up to it, oldest first."""

    name: str
    indicator: Indicator
    category: Category | None
    definition: str
    defined_from: tuple[date, ...]

    @property
    def label(self) -> str:
        return f"{self.indicator.title}, {self.category.name}" if self.category else self.indicator.title

    @property
    def counts(self) -> tuple[str, str]:
        """Return the codes of its indicator and of its category, empty for none."""
        return self.indicator.code, self.category.code if self.category else ""


def list_boxes(agency: Agency, month: Month) -> list[Box]:
    """List every box of an agency's return for a month, in the order of the form. Two queries."""
    return list_boxes_by_agency([agency], month)[agency.pk]


def list_boxes_by_agency(agencies: Several[Agency], month: Month) -> dict[int, list[Box]]:
    """Return the same for several agencies, by the agency's key. Two queries, however many."""
    day = month.first_day
    # Each indicator once for each of its definitions by then.
    supplied = Indicator.objects.in_use_on(day).filter(
        definitions__applies_from__lte=day, owner__in=agencies, collection=Collection.RETURN.value
    )
    defined = supplied.annotate(defined_from=F("definitions__applies_from"), defined_as=F("definitions__text"))
    in_order = defined.select_related("dimension").order_by(*(Indicator._meta.ordering or ()), "defined_from")
    definitions_of: dict[int, list[tuple[date, str]]] = defaultdict(list)
    by_key: dict[int, Indicator] = {}
    for indicator in in_order:
        definitions_of[indicator.pk].append((indicator.defined_from, indicator.defined_as))  # type: ignore[attr-defined]  # annotated
        by_key.setdefault(indicator.pk, indicator)
    indicators = list(put_under_wholes(by_key.values()))
    dimensions = {indicator.dimension_id for indicator in indicators if indicator.dimension_id is not None}
    categories_of: dict[int, list[Category]] = defaultdict(list)
    for category in Category.objects.in_use().filter(dimension__in=dimensions):
        categories_of[category.dimension_id].append(category)
    boxes_of: dict[int, list[Box]] = {agency.pk: [] for agency in agencies}
    for indicator in indicators:
        boxes, definitions = boxes_of[indicator.owner_id], definitions_of[indicator.pk]
        if not is_asked(indicator.asked, month, Month.of(definitions[0][0])):
            continue
        definition, since = definitions[-1][1], tuple(day for day, _ in definitions)
        if indicator.dimension_id is None:
            boxes.append(Box(indicator.code, indicator, None, definition, since))
        else:
            boxes += [
                Box(f"{indicator.code}.{category.code}", indicator, category, definition, since)
                for category in categories_of[indicator.dimension_id]
            ]
    return boxes_of


def put_under_wholes(indicators: Iterable[Indicator]) -> Iterator[Indicator]:
    """Yield each indicator with its breakdowns right after it, otherwise in the same order."""
    of_whole: dict[int | None, list[Indicator]] = defaultdict(list)
    ordered = list(indicators)
    keys = {indicator.pk for indicator in ordered}
    for indicator in ordered:
        of_whole[indicator.breaks_down_id if indicator.breaks_down_id in keys else None].append(indicator)
    for whole in of_whole[None]:
        yield whole
        yield from of_whole[whole.pk]


class SignedOff(NamedTuple):
    """A box's signed-off figure of a month, or the reason for none."""

    value: int | None
    state: str
    note: str


type Figures = dict[str, SignedOff]  # by the name of their box


def get_figures(agency: Agency, month: Month) -> Figures:
    """Return the signed-off figures of an agency's indicators in a month. One query."""
    (figures,) = get_figures_of([agency], month)
    return figures[agency.pk]


def get_figures_of(agencies: Several[Agency], *months: Month) -> list[dict[int, Figures]]:
    """Return, for each of these months, the same of several agencies, by the agency's key. One query."""
    days = [month.first_day for month in months]
    figures_of: dict[date, dict[int, Figures]] = {day: {agency.pk: {} for agency in agencies} for day in days}
    signed_off = Observation.objects.signed_off().filter(
        indicator__owner__in=agencies,
        period__area__in={agency.area_id for agency in agencies},
        period__starts_on__in=days,
    )
    of_box = ("period__starts_on", "indicator__owner_id", "indicator__code", "category__code")
    # The model's own ordering would join and sort three tables, and a dictionary needs none.
    for day, owner, code, category, *figure in signed_off.order_by().values_list(*of_box, "value", "state", "note"):
        figures_of[day][owner][f"{code}.{category}" if category else code] = SignedOff._make(figure)
    return [figures_of[day] for day in days]


def box_name(observation: Observation) -> str:
    category = observation.category
    return f"{observation.indicator.code}.{category.code}" if category else observation.indicator.code


def shown(figure: Observation | SignedOff | None) -> str:
    """Return a figure in a few characters, for the column of the last month."""
    if figure is None:
        return CellState.AWAITED.label.lower()
    if figure.value is not None:
        return f"{figure.value:,}"
    return CellState(figure.state).label.lower()


@dataclass(frozen=True, slots=True)
class ReturnStatus:
    """An agency's return for a month, which may not have been started. If its figures `came_from_file` and no return
    was started, none is due, though one may still be started."""

    agency: Agency
    period: ReportingPeriod
    submission: Submission | None
    came_from_file: bool = False

    @property
    def state(self) -> str:
        if self.submission is not None:
            return self.submission.state
        return "from-file" if self.came_from_file else "not-started"

    @property
    def label(self) -> str:
        if self.submission is not None:
            return self.submission.get_state_display()
        return "From a file" if self.came_from_file else "Not started"

    @property
    def is_late(self) -> bool:
        """Return whether its month was closed without it. It may still arrive."""
        return not self.period.is_open and not self.came_from_file and self.state != SubmissionState.ACCEPTED

    @property
    def is_in(self) -> bool:
        """Return whether nothing is due from the agency: it handed the return in, or a file supplied its figures."""
        return self.came_from_file or self.state in HANDED_IN


def list_returns(period: ReportingPeriod) -> list[ReturnStatus]:
    """Return the return of each agency that has one due for a month or started one. Three queries."""
    return returns_in([period])[period.pk]


def name_missing(statuses: Iterable[ReturnStatus]) -> list[str]:
    """Return the names of the agencies whose return isn't accepted."""
    return [status.agency.name for status in statuses if status.state not in ("accepted", "from-file")]


def is_from_file(agency: Agency, period: ReportingPeriod) -> bool:
    """Return whether a file supplied figures that this return normally has. One query."""
    return (agency.pk, period.pk) in came_in_files([period])


def returns_in(periods: Several[ReportingPeriod], *, with_people: bool = True) -> dict[int, list[ReturnStatus]]:
    """Return the same for several months, by the month's key. Three queries for any number of months.

    A retired agency has none due, and nobody has one due for a month that was opened for past figures. A return that
    was started is included, and so is an agency whose figures came from a file. Without people, whoever handled the
    returns and what they typed are read when somebody asks, for all of them together.
    """
    if not periods:
        return {}
    handed = Submission.objects.filter(period__in=periods)
    if with_people:
        handed = handed.select_related("agency", "submitted_by", "accepted_by", "returned_by", "saved_by")
    else:
        handed = handed.only(*HANDLED).order_by().fetch_mode(FETCH_PEERS)
    submissions = {(submission.agency_id, submission.period_id): submission for submission in handed}
    owed = owed_in({period.area_id for period in periods})
    owing = {agency.pk for agency in owed}
    agencies = {*owed, *(submission.agency for (key, _), submission in submissions.items() if key not in owing)}
    of_area: dict[int, list[Agency]] = defaultdict(list)
    for agency in sorted(agencies, key=lambda agency: (agency.position, agency.name)):
        of_area[agency.area_id].append(agency)
    # A file matters only where there is no return: mostly in the newest months.
    from_files = came_in_files(
        period
        for period in periods
        if any((agency.pk, period.pk) not in submissions for agency in of_area[period.area_id])
    )

    def find_status(agency: Agency, period: ReportingPeriod) -> ReturnStatus | None:
        place = (agency.pk, period.pk)
        submission, in_file = submissions.get(place), place in from_files
        if submission is None and not in_file:
            is_owed = any(duty.is_live(period.month) for duty in owed.get(agency, ()))
            if agency.retired or period.for_history or not is_owed:
                return None
        return ReturnStatus(agency, period, submission, submission is None and in_file)

    return {
        period.pk: [status for agency in of_area[period.area_id] if (status := find_status(agency, period))]
        for period in periods
    }


@dataclass(frozen=True, slots=True)
class Owed:
    """The months in which an agency supplies an indicator by return, and how often."""

    since: date
    until: date | None  # the first month in which it is no longer asked for
    asked: str = Asked.MONTHLY.value

    def is_live(self, month: Month) -> bool:
        is_in_use = self.since <= month.first_day and (self.until is None or month.first_day < self.until)
        return is_in_use and is_asked(self.asked, month, Month.of(self.since))


def owed_in(areas: Several[int]) -> dict[Agency, list[Owed]]:
    """Return what each agency, retired or not, supplies by return. One query."""
    indicators = Indicator.objects.filter(area__in=areas, collection=Collection.RETURN.value)
    defined = indicators.annotate(since=Min("definitions__applies_from")).filter(since__isnull=False).order_by()
    owed: dict[Agency, list[Owed]] = {}
    for indicator in defined.select_related("owner"):
        since: date = indicator.since  # type: ignore[attr-defined]  # annotated
        owed.setdefault(indicator.owner, []).append(Owed(since, indicator.retired_from, indicator.asked))
    return owed


def list_earlier(agencies: Several[int], before: date) -> QuerySet[Submission]:
    """Return the returns of these agencies for the months before a day, the newest first, as far as a lead needs
    them."""
    earlier = Submission.objects.filter(agency__in=agencies, period__starts_on__lt=before)
    sent = earlier.exclude(state=SubmissionState.DRAFT.value).select_related("period").defer(*TYPED)
    return sent.order_by("-period__starts_on")[: len(agencies) * 24]


def came_in_files(periods: Iterable[ReportingPeriod]) -> set[tuple[int, int]]:
    """Return the agencies and months (both by key) for which a file supplied figures that normally come from a return.
    One query, or none."""
    periods = list(periods)
    came = Observation.objects.filter(
        period__in=periods,
        submission__isnull=True,
        # The indicators' area says nothing new, but otherwise PostgreSQL would read those of all areas.
        indicator__area__in={period.area_id for period in periods},
        indicator__collection=Collection.RETURN.value,
    ).exclude(imported_from="")
    # Without `order_by`, `distinct` would also compare what the model's ordering adds.
    return set(came.order_by().values_list("indicator__owner", "period").distinct())


def list_led(user: User) -> list[Agency]:
    """List the agencies whose returns a person enters, in any area, by the name of the area. Only the person's own
    memberships link them (ADR 0012). One query; none for somebody who can't sign in."""
    # Somebody who left still has memberships.
    if not user.is_active:
        return []
    memberships = Membership.objects.filter(user=user, role=Role.AGENCY_LEAD.value).select_related("agency__area")
    order = ("agency__area__name", "agency__area__slug", "agency__position", "agency__name")
    return [membership.agency for membership in memberships.order_by(*order) if membership.agency is not None]


def list_months_together(user: User, months: Iterable[Month] | None = None) -> list[Month]:
    """List the months, of those given or all open ones, for which this person enters returns in more than one area,
    newest first. Three queries at most; one for somebody with returns in one area."""
    led = [agency for agency in list_led(user) if not agency.retired]
    areas = {agency.area_id for agency in led}
    if len(areas) < 2:
        return []
    if months is None:
        opened = ReportingPeriod.objects.filter(area__in=areas, status=MonthStatus.OPEN.value)
        months = [period.month for period in opened]
    owed = owed_in(areas)

    def is_of_several(month: Month) -> bool:
        owing = {agency.area_id for agency in led if any(duty.is_live(month) for duty in owed.get(agency, []))}
        return len(owing) > 1

    return sorted(filter(is_of_several, set(months)), reverse=True)


class Holder(Enum):
    """Who has to act next on a return."""

    AGENCY = auto()
    APPROVER = auto()  # of the agency
    COORDINATOR = auto()
    NOBODY = auto()


@dataclass(frozen=True, slots=True)
class Turn:
    """Who has a return, since which day, and for how many working days; a negative number if that day is to come."""

    holder: Holder
    since: date
    working_days: int

    @property
    def since_text(self) -> str:
        """ "since 4 November 2026, 6 working days"; "from 1 December 2026" before it."""
        words = f"{'from' if self.working_days < 0 else 'since'} {date_label(self.since)}"
        return f"{words}, {count_of_noun(self.working_days, 'working day')}" if self.working_days > 0 else words


def find_turn(status: ReturnStatus, *, today: date) -> Turn:
    """Find whose turn it is. The agency has a month's return from the day after the month, even if the month was closed
    or published without it. Nobody has a return that is accepted, or whose figures came from a file."""
    submission, since = status.submission, status.period.month.next.first_day
    holder = Holder.AGENCY
    # The agency has the whole of its first day; whoever gets a return gets it in the course of one.
    counted_after = since - ONE_DAY if submission is None or status.state == SubmissionState.DRAFT else None
    if submission is not None:
        match status.state:
            case SubmissionState.SUBMITTED:
                since = _day(submission.submitted_at)
                holder = Holder.APPROVER if status.agency.needs_release else Holder.COORDINATOR
            case SubmissionState.RELEASED:
                since, holder = _day(submission.released_at), Holder.COORDINATOR
            case SubmissionState.RETURNED:
                since = _day(submission.returned_at)
            case SubmissionState.ACCEPTED:
                since, holder = _day(submission.accepted_at), Holder.NOBODY
    if status.came_from_file:
        holder = Holder.NOBODY
    return Turn(holder, since, -1 if today < since else working_days_between(counted_after or since, today))


@dataclass(frozen=True, slots=True)
class NextStep:
    """Who acts next on a return that was handed in. `names` are the people, and `by` is their deadline, None where it
    has passed."""

    holder: Holder
    names: list[str]
    by: date | None

    @property
    def is_release(self) -> bool:
        return self.holder is Holder.APPROVER


def next_step(submission: Submission, period: ReportingPeriod, *, today: date) -> NextStep | None:
    """Find who acts next; None where it is nobody's turn, or the lead's. One query."""
    turn = find_turn(ReturnStatus(submission.agency, period, submission), today=today)
    if turn.holder is Holder.APPROVER:
        names, by = name_approvers(submission.agency, submitted_by=submission.submitted_by), period.due_on
    elif turn.holder is Holder.COORDINATOR:
        names, by = name_coordinators(period.area), add_working_days(turn.since, period.area.check_days)
    else:
        return None
    return NextStep(turn.holder, names, by if by >= today else None)


def name_approvers(agency: Agency, *, submitted_by: User | None) -> list[str]:
    """Return the names of those who may release a return. The person who submitted it can't."""
    approvers = Membership.objects.filter(agency=agency, role=Role.AGENCY_APPROVER.value)
    return _names(approvers.exclude(user=submitted_by))


def name_leads(agency: Agency) -> list[str]:
    """Return the names of those who may enter an agency's figures."""
    return _names(Membership.objects.filter(agency=agency, role=Role.AGENCY_LEAD.value))


def name_coordinators(area: PartnershipArea) -> list[str]:
    return _names(Membership.objects.filter(area=area, role=Role.COORDINATOR.value))


def _names(people: QuerySet[Membership]) -> list[str]:
    return list(people.filter(user__is_active=True).order_by("user__name").values_list("user__name", flat=True))


def is_overdue(status: ReturnStatus, *, today: date) -> bool:
    """Return whether a return that was never handed in is late. A return that was given back has arrived, so it isn't
    late. Nor is one whose figures came from a file."""
    never_came = status.submission is None or status.submission.handed_in_on is None
    return never_came and not status.came_from_file and status.period.due_on < today


def describe_due(due_on: date, *, today: date) -> str:
    """ "Due 10 December 2026, 12 working days left", "Due today", "Due 10 November 2026, 3 working days overdue"."""
    left = describe_days_left(today, due_on)
    return "Due today" if due_on == today else f"Due {date_label(due_on)}, {left}"


def due_while_it_lasts(due_on: date, *, today: date) -> str:
    """Describe the due date, but don't mention that it is overdue."""
    return describe_due(due_on, today=today) if today <= due_on else f"Due {date_label(due_on)}"


def _day(moment: datetime | None) -> date:
    if moment is None:
        raise ValueError("The database requires the time at which a return reached this state.")
    return timezone.localdate(moment)
