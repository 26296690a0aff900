"""What does a return ask for, and what has come in?"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q

from boards.models import Agency, ReportingPeriod
from core.months import Month
from indicators.models import Category, Collection, Indicator, IndicatorDefinition, Observation, Submission
from indicators.trend import CellState
from indicators.workflow import HANDED_IN


def live_in(month: Month) -> Q:
    """The indicators that are asked for in a month: defined by then, and not retired yet."""
    return Q(definitions__applies_from__lte=month.first_day) & (
        Q(retired_from__isnull=True) | Q(retired_from__gt=month.first_day)
    )


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a return: an indicator, or one category of it. `name` is its name in the form and
    in the draft: "lines.birmingham", "pwits". `definition` is the one in force, `defined_from` the
    first days of all up to it, oldest first."""

    name: str
    indicator: Indicator
    category: Category | None
    definition: str
    defined_from: tuple[date, ...]

    @property
    def label(self) -> str:
        return f"{self.indicator.title}, {self.category.name}" if self.category else self.indicator.title


def boxes_of(agency: Agency, month: Month) -> list[Box]:
    """Every box of an agency's return for a month, in the order of the form. Three queries."""
    indicators = (
        Indicator.objects.filter(live_in(month), owner=agency, collection=Collection.RETURN.value)
        .distinct()
        .select_related("section")
        .prefetch_related(
            Prefetch("dimension__categories", Category.objects.filter(retired=False)),
            Prefetch("definitions", IndicatorDefinition.objects.filter(applies_from__lte=month.first_day)),
        )
    )
    boxes = []
    for indicator in indicators:
        definitions = list(indicator.definitions.all())
        definition, since = definitions[-1].text, tuple(each.applies_from for each in definitions)
        if indicator.dimension is None:
            boxes.append(Box(indicator.code, indicator, None, definition, since))
        else:
            boxes += [
                Box(f"{indicator.code}.{category.code}", indicator, category, definition, since)
                for category in indicator.dimension.categories.all()
            ]
    return boxes


def figures_of(agency: Agency, month: Month) -> dict[str, Observation]:
    """The signed-off figures of an agency's indicators in a month, by the name of their box."""
    observations = (
        Observation.objects.signed_off()
        .filter(indicator__owner=agency, period__area=agency.area_id, period__starts_on=month.first_day)
        .select_related("indicator", "category")
    )
    return {box_name(observation): observation for observation in observations}


def box_name(observation: Observation) -> str:
    category = observation.category
    return f"{observation.indicator.code}.{category.code}" if category else observation.indicator.code


def shown(observation: Observation | None) -> str:
    """A figure in a few characters, for a column of last month's."""
    if observation is None:
        return "not received"
    if observation.value is not None:
        return f"{observation.value:,}"
    return CellState(observation.state).label.lower()


@dataclass(frozen=True, slots=True)
class ReturnStatus:
    """An agency's return for a month, which may not have been begun."""

    agency: Agency
    period: ReportingPeriod
    submission: Submission | None

    @property
    def state(self) -> str:
        return self.submission.state if self.submission else "not-started"

    @property
    def label(self) -> str:
        return self.submission.get_state_display() if self.submission else "Not started"

    @property
    def is_in(self) -> bool:
        return self.state in HANDED_IN


def returns_of(period: ReportingPeriod) -> list[ReturnStatus]:
    """The return of each agency that owes one for a month. Two queries."""
    owing = (
        Agency.objects.filter(
            area=period.area_id,
            retired=False,
            pk__in=Indicator.objects.filter(
                live_in(period.month), area=period.area_id, collection=Collection.RETURN.value
            ).values("owner"),
        )
    ).order_by("position", "name")
    submissions = {
        submission.agency_id: submission
        for submission in Submission.objects.filter(period=period).select_related(
            "submitted_by", "accepted_by", "returned_by", "saved_by"
        )
    }
    return [ReturnStatus(agency, period, submissions.get(agency.pk)) for agency in owing]
