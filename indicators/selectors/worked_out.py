"""Which shares, rates and averages are worked out from a return's figures?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from core.months import Month
from indicators.ages import describe_ages
from indicators.models import Indicator, IndicatorDefinition, Observation
from indicators.ratios import Asked, Ratio, RatioKind
from indicators.selectors.populations import find_population
from indicators.selectors.returns import Box


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
    held: Held | None = None


def list_worked_out(boxes: Sequence[Box], month: Month) -> list[WorkedOut]:
    """List the ratios whose cases this return asks for. One query, and one more for each denominator from another month
    or agency."""
    return list_worked_out_by_return([boxes], month)[0]


def list_worked_out_by_return(returns: Sequence[Sequence[Box]], month: Month) -> list[list[WorkedOut]]:
    """List the same for several returns, in their order. One query for any number, and more for denominators from
    elsewhere."""
    wholes = [{box.indicator.pk: box.name for box in boxes if box.category is None} for boxes in returns]
    return_of = {key: place for place, whole in enumerate(wholes) for key in whole}
    found: list[list[WorkedOut]] = [[] for _ in returns]
    for indicator in _list_ratios(frozenset(return_of), month.first_day):
        place = return_of[indicator.numerator_id or 0]
        whole = wholes[place]
        found[place].append(
            WorkedOut(
                indicator.title,
                Ratio(RatioKind(indicator.ratio), indicator.per),
                whole[indicator.numerator_id or 0],
                whole.get(indicator.denominator_id or 0, ""),
                find_held(indicator, month) if indicator.denominator_id not in whole else None,
            )
        )
    return found


def _list_ratios(numerators: frozenset[int], day: date) -> QuerySet[Indicator]:
    # To join the definitions would take a DISTINCT of every column.
    defined = Exists(IndicatorDefinition.objects.filter(indicator=OuterRef("pk"), applies_from__lte=day))
    ratios = Indicator.objects.in_use_on(day).filter(defined, numerator__in=numerators)
    return ratios.select_related("area", "numerator", "denominator")


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
