"""Which first definitions would have to apply earlier, to cover figures of months before them?"""

from collections.abc import Mapping
from dataclasses import dataclass

from boards.models import PartnershipArea
from core.months import Month
from indicators.models import Collection, Indicator, IndicatorDefinition


@dataclass(frozen=True, slots=True)
class Reach:
    """An indicator's first definition, the month it applies from, and the month of its first figure."""

    definition: IndicatorDefinition
    since: Month
    first: Month

    @property
    def indicator(self) -> Indicator:
        return self.definition.indicator


def list_reaches(area: PartnershipArea, firsts: Mapping[str, Month]) -> list[Reach]:
    """List the first definitions to move, in the order of the set-up. `firsts` are months by an indicator's code. Two
    queries.

    A ratio reaches as far back as both of its counts.
    """
    held = Indicator.objects.filter(area=area).select_related("section").prefetch_related("definitions")
    definitions = {
        indicator: min(indicator.definitions.all(), key=get_since) for indicator in held if indicator.definitions.all()
    }
    months = {
        indicator.pk: min(get_since(definition), firsts.get(indicator.code, get_since(definition)))
        for indicator, definition in definitions.items()
    }
    for indicator in definitions:
        counts = [key for key in (indicator.numerator_id, indicator.denominator_id) if key is not None]
        if indicator.collection == Collection.RATIO and any(each.code in firsts for each in held if each.pk in counts):
            months[indicator.pk] = min(
                months[indicator.pk], max(months.get(key, months[indicator.pk]) for key in counts)
            )
    return [
        Reach(definition, get_since(definition), months[indicator.pk])
        for indicator, definition in definitions.items()
        if months[indicator.pk] < get_since(definition)
    ]


def get_since(definition: IndicatorDefinition) -> Month:
    return Month.of(definition.applies_from)
