"""What does a return ask for, and what has come in?"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from boards.models import Agency, Board, Membership, PartnershipArea, ReportingPeriod
from boards.roles import Role
from core.months import Month
from indicators.models import Category, Collection, Indicator, IndicatorDefinition, Observation, Section, Submission
from indicators.trend import CellState


def live_in(month: Month) -> Q:
    """The indicators that are asked for in a month: defined by then, and not retired yet."""
    return Q(definitions__applies_from__lte=month.first_day) & (
        Q(retired_from__isnull=True) | Q(retired_from__gt=month.first_day)
    )


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a return: an indicator, or one category of it. `name` is its name in the form and
    in the draft: "lines.birmingham", "pwits"."""

    name: str
    indicator: Indicator
    category: Category | None
    definition: str

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
        definition = list(indicator.definitions.all())[-1].text
        if indicator.dimension is None:
            boxes.append(Box(indicator.code, indicator, None, definition))
        else:
            boxes += [
                Box(f"{indicator.code}.{category.code}", indicator, category, definition)
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
        return self.state in ("submitted", "accepted")


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


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that an area's set-up lacks: what, what to do, and on which page (the name of its
    address, with what that takes after the area)."""

    sentence: str
    act: str
    route: str
    keys: tuple[str, ...] = ()


def gaps_of(area: PartnershipArea) -> list[Gap]:
    """What keeps figures from coming in or from being seen. Six queries."""
    in_use = Prefetch("dimension__categories", Category.objects.filter(retired=False))
    indicators = list(
        Indicator.objects.filter(area=area, retired_from__isnull=True)
        .select_related("owner", "section", "dimension")
        .prefetch_related("definitions", "boards", in_use)
    )
    if not indicators:
        return [Gap("Nothing is measured yet.", "Add an indicator", "indicators:indicator-add")]
    return [*_gaps_of_agencies(area, indicators), *_gaps_of_indicators(indicators), *_gaps_of_pages(area, indicators)]


def _gaps_of_agencies(area: PartnershipArea, indicators: list[Indicator]) -> Iterator[Gap]:
    leads = Membership.objects.filter(area=area, role=Role.AGENCY_LEAD.value, user__is_active=True)
    led = set(leads.values_list("agency", flat=True))
    owed: dict[Agency, list[str]] = {}
    for indicator in indicators:
        if indicator.collection == Collection.RETURN and not indicator.owner.retired:
            owed.setdefault(indicator.owner, []).append(indicator.title)
    for agency, titles in owed.items():
        if agency.pk not in led:
            yield Gap(
                f"{agency} has no lead, so nobody can enter its figures: {listed(titles)}.",
                "Add its lead",
                "boards:person-add",
            )


def _gaps_of_indicators(indicators: list[Indicator]) -> Iterator[Gap]:
    for indicator in indicators:
        faults = {
            "has no definition, so it isn’t asked for": not indicator.definitions.all(),
            f"is supplied by {indicator.owner}, which is retired": indicator.owner.retired,
            f"stands in the section {indicator.section}, which is retired": indicator.section.retired,
            f"is split by {indicator.dimension}, which has no categories": (
                indicator.dimension is not None and not indicator.dimension.categories.all()
            ),
            "is for no board": not indicator.boards.all(),
        }
        for fault, is_so in faults.items():
            if is_so:
                yield Gap(f"{indicator} {fault}.", "Change it", "indicators:indicator-edit", (indicator.code,))


def _gaps_of_pages(area: PartnershipArea, indicators: list[Indicator]) -> Iterator[Gap]:
    filled = {indicator.section_id for indicator in indicators}
    for section in Section.objects.filter(area=area, retired=False).exclude(pk__in=filled):
        yield Gap(f"The section {section} has no indicators.", "Add an indicator", "indicators:indicator-add")
    seen = {board.pk for indicator in indicators for board in indicator.boards.all()}
    for board in Board.objects.filter(area=area, retired=False).exclude(pk__in=seen):
        sentence = f"{board} has no indicators, so its page is empty."
        yield Gap(sentence, "See the indicators", "indicators:indicator-list")


def listed(words: list[str], *, most: int = 3) -> str:
    """ "A, B, C and 2 more"."""
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")
