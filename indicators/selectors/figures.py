"""One figure of one month, with its parts and its history, and the ratios that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from boards.models import PartnershipArea, ReportingPeriod
from core.calendar import Month
from core.pages import link_to
from indicators.figures import PROVISIONAL
from indicators.lines import describe_ages
from indicators.models import (
    Category,
    Correction,
    FigureChange,
    Indicator,
    IndicatorDefinition,
    Observation,
    Submission,
)
from indicators.ratios import Asked, Ratio, RatioKind, is_asked
from indicators.selectors.open_data import find_population
from indicators.selectors.returns import Box, asked_for_in
from indicators.trend import CellState
from indicators.workflow import CorrectionState


class NoSuchFigure(LookupError):
    """Raised where nothing with that name is counted in that month. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class FigurePlace:
    """What a figure counts and in which month, with its observation, if there is one, and the owner's return for the
    month, if it was started."""

    indicator: Indicator
    category: Category | None
    period: ReportingPeriod
    observation: Observation | None
    submission: Submission | None

    @property
    def counted(self) -> Observation | None:
        """Return the signed-off figure that the month counts, or none."""
        return self.observation if self.observation is not None and self.observation.signed_off_at else None

    @property
    def is_split_whole(self) -> bool:
        """Return whether it is the sum of its categories, so nobody enters it."""
        return self.category is None and self.indicator.dimension_id is not None

    @property
    def label(self) -> str:
        return f"{self.indicator.title}, {self.category.name}" if self.category else self.indicator.title

    @property
    def url(self) -> str:
        return figure_url(self.indicator, self.category, self.period)


def figure_url(indicator: Indicator, category: Category | None, period: ReportingPeriod) -> str:
    place = [period.area.slug, period.month, indicator.code]
    if category is None:
        return link_to("indicators:figure-view", *place)
    return link_to("indicators:figure-part-view", *place, category.code)


def figure_text(state: str, value: int | None, *, is_provisional: bool = False) -> str:
    """Return a figure as text: "1,200", "1,200 [p]", "Not available"; "No figure" for an empty state."""
    if value is not None:
        return f"{value:,} {PROVISIONAL}" if is_provisional else f"{value:,}"
    return CellState(state).label if state else "No figure"


def find_indicator(area: PartnershipArea, code: str) -> Indicator:
    """Raises NoSuchFigure."""
    indicator = (
        Indicator.objects.filter(area=area, code=code)
        .select_related("owner__area", "dimension", "part_of", "numerator")
        .first()
    )
    if indicator is None:
        raise NoSuchFigure(f"{area.name} has no indicator “{code}”.")
    if not indicator.takes_figures:
        raise NoSuchFigure(f"{indicator.title} is worked out from {indicator.numerator}, so no one enters it.")
    return indicator


def find_figure(indicator: Indicator, month: Month, category: str = "") -> FigurePlace:
    """Find the figure of an indicator, or of its category with that code, in a month of its area.

    Raises NoSuchFigure.
    """
    area = indicator.owner.area
    period = ReportingPeriod.objects.filter(area=area, starts_on=month.first_day).first()
    if period is None:
        raise NoSuchFigure(f"{area.name} has not opened {month.label}.")
    period.area = area
    if not category:
        return figure_at(indicator, None, period)
    part = Category.objects.filter(dimension=indicator.dimension_id, code=category).first()
    if part is None:
        raise NoSuchFigure(f"{indicator.title} has no category “{category}”.")
    return figure_at(indicator, part, period)


def figure_at(indicator: Indicator, category: Category | None, period: ReportingPeriod) -> FigurePlace:
    """Return the figure with its place. Two queries."""
    observation = (
        Observation.objects.filter(indicator=indicator, category=category, period=period)
        .select_related("submission__submitted_by", "signed_off_by", "correction")
        .first()
    )
    submission = observation.submission if observation is not None else None
    if submission is None:
        submission = Submission.objects.filter(agency=indicator.owner_id, period=period).first()
    return FigurePlace(indicator, category, period, observation, submission)


def is_asked_for(indicator: Indicator, month: Month) -> bool:
    if not asked_for_in(month).filter(pk=indicator.pk).exists():
        return False
    first = indicator.definitions.earliest("applies_from")
    return is_asked(indicator.asked, month, Month.of(first.applies_from))


def list_changes(figure: FigurePlace) -> list[FigureChange]:
    """List everything that happened to a figure, newest first. One query."""
    return list(
        FigureChange.objects.filter(indicator=figure.indicator, category=figure.category, period=figure.period)
        .select_related("made_by")
        .order_by("-made_at", "-id")
    )


def list_corrections(figure: FigurePlace) -> list[Correction]:
    """List every requested correction, newest first. One query."""
    return list(
        Correction.objects.filter(
            indicator=figure.indicator, category=figure.category, period=figure.period
        ).select_related("asked_by", "decided_by")
    )


def find_open_correction(figure: FigurePlace) -> Correction | None:
    return next(
        (correction for correction in list_corrections(figure) if correction.state == CorrectionState.ASKED), None
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A category of a whole, with its signed-off figure, if any."""

    category: Category
    text: str
    url: str
    observation: Observation | None


def list_parts(figure: FigurePlace) -> list[Part]:
    """List the categories of a split indicator: those in use, and those with a figure. Two queries."""
    observations = {
        observation.category_id: observation
        for observation in Observation.objects.signed_off().filter(
            indicator=figure.indicator, category__isnull=False, period=figure.period
        )
    }
    categories = Category.objects.in_use(or_held=observations).filter(dimension=figure.indicator.dimension_id)
    return [
        Part(
            category,
            describe_figure(observations.get(category.pk)),
            figure_url(figure.indicator, category, figure.period),
            observations.get(category.pk),
        )
        for category in categories
    ]


def describe_figure(observation: Observation | None) -> str:
    if observation is None:
        return figure_text("", None)
    return figure_text(observation.state, observation.value, is_provisional=observation.is_provisional)


def describe_total(parts: list[Part]) -> str:
    """Return the whole as text: the sum of its parts, and no figure while one part has none, as in the roll-up."""
    observations = [part.observation for part in parts if part.observation is not None]
    without = next((observation for observation in observations if observation.value is None), None)
    if without is not None or not observations:
        return describe_figure(without)
    return figure_text(
        CellState.FIGURE.value,
        sum(observation.value or 0 for observation in observations),
        is_provisional=any(observation.is_provisional for observation in observations),
    )


def open_corrections(area: PartnershipArea) -> QuerySet[Correction]:
    """List the corrections that the coordinator has to decide, oldest first. One query, with all that the list
    shows."""
    corrections = Correction.objects.filter(indicator__area=area, state=CorrectionState.ASKED.value)
    parts = ("indicator__owner", "category", "period__area", "asked_by")
    figures = ("was_state", "was_value", "new_state", "new_value", "reason", "asked_at")
    places = ("indicator__title", "indicator__code", "category__name", "category__code", "period__starts_on")
    names = ("indicator__owner__name", "period__area__slug", "asked_by__name", "asked_by__email")
    return corrections.select_related(*parts).only(*figures, *places, *names).order_by("asked_at", "id")


@dataclass(frozen=True, slots=True)
class Held:
    """A number from another return: its value and its description, such as "staff in post, July 2026". A number from an
    earlier month `may_have_grown` since."""

    value: int
    words: str
    may_have_grown: bool = False


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """A ratio, the box of its cases, and the box of its denominator; or else the denominator's number from elsewhere,
    if any."""

    title: str
    ratio: Ratio
    numerator: str
    denominator: str = ""
    whole: Held | None = None


def list_worked_out(boxes: Sequence[Box], month: Month) -> list[WorkedOut]:
    """List the ratios whose cases this return asks for. One query, and one more for each denominator from another month
    or agency."""
    return list_worked_out_by_return([boxes], month)[0]


def list_worked_out_by_return(returns: Sequence[Sequence[Box]], month: Month) -> list[list[WorkedOut]]:
    """List the same for several returns, in their order. One query for any number, and more for denominators from
    elsewhere."""
    wholes = [{box.indicator.pk: box.name for box in boxes if box.category is None} for boxes in returns]
    return_of = {key: place for place, whole in enumerate(wholes) for key in whole}
    worked_out: list[list[WorkedOut]] = [[] for _ in returns]
    # To join the definitions would take a DISTINCT of every column.
    defined = Exists(IndicatorDefinition.objects.filter(indicator=OuterRef("pk"), applies_from__lte=month.first_day))
    ratios = Indicator.objects.in_use_on(month.first_day).filter(defined, numerator__in=return_of)
    for indicator in ratios.select_related("area", "numerator", "denominator"):
        place = return_of[indicator.numerator_id or 0]
        whole = wholes[place]
        worked_out[place].append(
            WorkedOut(
                indicator.title,
                Ratio(RatioKind(indicator.ratio), indicator.per),
                whole[indicator.numerator_id or 0],
                whole.get(indicator.denominator_id or 0, ""),
                find_held(indicator, month) if indicator.denominator_id not in whole else None,
            )
        )
    return worked_out


def find_held(indicator: Indicator, month: Month) -> Held | None:
    """Find the number that applies for a ratio's denominator; None where it is split, or there is no figure. A monthly
    count applies only in its own month, as in the roll-up."""
    if indicator.denominator is None:
        residents = find_population(indicator.area, month.year, indicator.ages)
        if residents is None:
            return None
        return Held(residents.residents, f"{describe_ages(indicator.ages)} in {residents.year}")
    figures = Observation.objects.signed_off().filter(
        indicator=indicator.denominator,
        category=None,
        value__isnull=False,
        period__starts_on__lte=month.first_day,
    )
    if indicator.denominator.asked == Asked.MONTHLY:
        figures = figures.filter(period__starts_on=month.first_day)
    figure = figures.select_related("period").order_by("-period__starts_on").first()
    if figure is None or figure.value is None:
        return None
    of_when = figure.period.month
    return Held(figure.value, f"{indicator.denominator.title}, {of_when.label}", may_have_grown=of_when != month)
