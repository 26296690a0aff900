"""What does a return ask for, and which figures have arrived?"""

from collections import defaultdict
from collections.abc import Collection as Several
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import FETCH_PEERS, F, Min, Q, QuerySet

from boards.models import Agency, ReportingPeriod
from core.months import Month
from indicators.models import (
    Category,
    Collection,
    Indicator,
    IndicatorQuerySet,
    Observation,
    Submission,
)
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
    return _with_definitions(month.first_day).distinct()


def _with_definitions(day: date) -> IndicatorQuerySet:
    """Return the indicators that are asked for on a day, each as often as it had a definition by then."""
    return Indicator.objects.in_use_on(day).filter(definitions__applies_from__lte=day)


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


def list_boxes(agency: Agency, month: Month) -> list[Box]:
    """List every box of an agency's return for a month, in the order of the form. Two queries."""
    return list_boxes_by_agency([agency], month)[agency.pk]


def list_boxes_by_agency(agencies: Several[Agency], month: Month) -> dict[int, list[Box]]:
    """Return the same for several agencies, by the agency's key. Two queries, however many."""
    definitions_of: dict[int, list[tuple[date, str]]] = defaultdict(list)
    by_key: dict[int, Indicator] = {}
    for each in _asked_of(frozenset(agency.pk for agency in agencies), month.first_day):
        definitions_of[each.pk].append((each.defined_from, each.defined_as))  # type: ignore[attr-defined]  # annotated
        by_key.setdefault(each.pk, each)
    indicators = by_key.values()
    dimensions = frozenset(indicator.dimension_id for indicator in indicators if indicator.dimension_id is not None)
    categories_of: dict[int, list[Category]] = defaultdict(list)
    for category in _list_categories(dimensions):
        categories_of[category.dimension_id].append(category)
    found: dict[int, list[Box]] = {agency.pk: [] for agency in agencies}
    for indicator in indicators:
        boxes, definitions = found[indicator.owner_id], definitions_of[indicator.pk]
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
    return found


def _asked_of(agencies: frozenset[int], day: date) -> QuerySet[Indicator]:
    """Return what these agencies supply by return, in the order of the form, with each of its definitions."""
    asked = _with_definitions(day).filter(owner__in=agencies, collection=Collection.RETURN.value)
    defined = asked.annotate(defined_from=F("definitions__applies_from"), defined_as=F("definitions__text"))
    return defined.select_related("dimension").order_by(*(Indicator._meta.ordering or ()), "defined_from")


def _list_categories(dimensions: frozenset[int]) -> QuerySet[Category]:
    return Category.objects.in_use().filter(dimension__in=dimensions)


class SignedOff(NamedTuple):
    """A box's signed-off figure of a month, or the reason for none."""

    value: int | None
    state: str
    note: str


type Figures = dict[str, SignedOff]  # by the name of their box


def get_figures(agency: Agency, month: Month) -> Figures:
    """Return the signed-off figures of an agency's indicators in a month. One query."""
    return get_figures_by_agency([agency], month)[agency.pk]


def get_figures_by_agency(agencies: Several[Agency], month: Month) -> dict[int, Figures]:
    """Return the same for several agencies, by the agency's key. One query, however many."""
    return get_figures_of_two(agencies, month, month)[0]


def get_figures_of_two(agencies: Several[Agency], month: Month, other: Month) -> list[dict[int, Figures]]:
    """Return the same for each of two months. One query."""
    areas = frozenset(agency.area_id for agency in agencies)
    found: dict[date, dict[int, Figures]] = {
        each.first_day: {agency.pk: {} for agency in agencies} for each in (month, other)
    }
    keys = frozenset(agency.pk for agency in agencies)
    for day, owner, code, category, *figure in _signed_off_by(keys, areas, month.first_day, other.first_day):
        found[day][owner][f"{code}.{category}" if category else code] = SignedOff._make(figure)
    return [found[month.first_day], found[other.first_day]]


def _signed_off_by(agencies: frozenset[int], areas: frozenset[int], day: date, other: date) -> QuerySet[Any, Any]:
    figures = Observation.objects.signed_off().filter(indicator__owner__in=agencies, period__area__in=areas)
    # The model's own ordering would join and sort three tables, and a dictionary needs none.
    then = figures.filter(Q(period__starts_on=day) | Q(period__starts_on=other)).order_by()
    of_box = ("period__starts_on", "indicator__owner_id", "indicator__code", "category__code")
    return then.values_list(*of_box, "value", "state", "note")


def box_name(observation: Observation) -> str:
    category = observation.category
    return f"{observation.indicator.code}.{category.code}" if category else observation.indicator.code


def shown(figure: Observation | SignedOff | None) -> str:
    """Return a figure in a few characters, for the column of the last month."""
    if figure is None:
        return "not received"
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


def list_missing(period: ReportingPeriod) -> list[str]:
    """List the names of the agencies whose return for a month isn't accepted. Three queries."""
    return name_missing(list_returns(period))


def name_missing(statuses: Iterable[ReturnStatus]) -> list[str]:
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
    areas, keys = {period.area_id for period in periods}, [period.pk for period in periods]
    sent = list(_submissions_in(frozenset(keys), with_people))
    owed = group_owed(_returned_in(frozenset(areas)))
    submissions = {(each.agency_id, each.period_id): each for each in sent}
    agencies = {agency.pk: agency for agency in owed}
    asked = {agency.pk: months for agency, months in owed.items()}  # a model as a key takes Django long
    for each in submissions.values():
        if each.agency_id not in agencies:
            agencies[each.agency_id] = each.agency
    of_area: dict[int, list[Agency]] = defaultdict(list)
    for agency in sorted(agencies.values(), key=lambda agency: (agency.position, agency.name)):
        of_area[agency.area_id].append(agency)
    # A model's key takes Django long, and each is used for each month.
    keyed = {area: [(agency.pk, agency) for agency in several] for area, several in of_area.items()}
    months = [(period.pk, period, keyed.get(period.area_id, [])) for period in periods]
    # A file matters only where there is no return: mostly in the newest months.
    unsent = {key for key, _, several in months for agency, _ in several if (agency, key) not in submissions}
    from_files = set(_came_in_files(frozenset(unsent), frozenset(areas))) if unsent else set()

    found: dict[int, list[ReturnStatus]] = {}
    for key, period, several in months:
        month, found[key] = period.month, []
        for agency_key, agency in several:
            place = (agency_key, key)
            submission, in_file = submissions.get(place), place in from_files
            if submission is None and not in_file:
                if agency.retired or period.for_history:
                    continue
                if not any(each.is_live(month) for each in asked.get(agency_key, ())):
                    continue
            found[key].append(ReturnStatus(agency, period, submission, submission is None and in_file))
    return found


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
    return group_owed(_returned_in(frozenset(areas)))


def group_owed(rows: Iterable[tuple[Any, ...]]) -> dict[Agency, list[Owed]]:
    owed: dict[int, list[Owed]] = {}
    agencies: dict[int, Agency] = {}
    for since, until, asked, *columns in rows:
        owner = columns[0]
        if owner not in agencies:  # it is in the row of each of its indicators
            agencies[owner] = Agency.from_db(DEFAULT_DB_ALIAS, OF_AGENCY, columns)
            owed[owner] = []
        owed[owner].append(Owed(since, until, asked))
    return {agencies[owner]: months for owner, months in owed.items()}


OF_AGENCY = [field.attname for field in Agency._meta.concrete_fields]  # its key first


def _returned_in(areas: frozenset[int]) -> QuerySet[Indicator, tuple[Any, ...]]:
    indicators = Indicator.objects.filter(area__in=areas, collection=Collection.RETURN.value)
    defined = indicators.annotate(since=Min("definitions__applies_from")).filter(since__isnull=False).order_by()
    columns = ("since", "retired_from", "asked", *(f"owner__{name}" for name in OF_AGENCY))
    # Most of an agency's indicators began together.
    return defined.values_list(*columns).distinct()


def list_earlier(agencies: frozenset[int], before: date) -> QuerySet[Submission]:
    """Return the returns of these agencies for the months before a day, the newest first, as far as a lead needs
    them."""
    earlier = Submission.objects.filter(agency__in=agencies, period__starts_on__lt=before)
    sent = earlier.exclude(state=SubmissionState.DRAFT.value).select_related("period").defer(*TYPED)
    return sent.order_by("-period__starts_on")[: len(agencies) * 24]


def list_submissions(agency: Agency, period: ReportingPeriod) -> QuerySet[Submission]:
    """Return the agency's return for a month, if it was started, with who saved and submitted it. Nobody else is on
    most of its pages: they are read when somebody asks."""
    # There is one at most, so no order: the model's would join two tables.
    return Submission.objects.filter(agency=agency, period=period).select_related("saved_by", "submitted_by").order_by()


def _submissions_in(periods: frozenset[int], with_people: bool) -> QuerySet[Submission]:
    if not with_people:
        return Submission.objects.filter(period__in=periods).only(*HANDLED).order_by().fetch_mode(FETCH_PEERS)
    people = ("submitted_by", "accepted_by", "returned_by", "saved_by")
    return Submission.objects.filter(period__in=periods).select_related("agency", *people)


def came_in_files(periods: Several[ReportingPeriod]) -> set[tuple[int, int]]:
    """Return the agencies and months (both by key) for which a file supplied figures that normally come from a return.
    One query."""
    keys, areas = frozenset(period.pk for period in periods), frozenset(period.area_id for period in periods)
    return set(_came_in_files(keys, areas))


def _came_in_files(periods: frozenset[int], areas: frozenset[int]) -> QuerySet[Observation, tuple[int, int]]:
    # The indicators' area says nothing new, but otherwise PostgreSQL would read those of all areas.
    came = Observation.objects.filter(
        period__in=periods,
        submission__isnull=True,
        indicator__area__in=areas,
        indicator__collection=Collection.RETURN.value,
    ).exclude(imported_from="")
    # Without `order_by`, `distinct` would also compare what the model's ordering adds.
    return came.order_by().values_list("indicator__owner", "period").distinct()
