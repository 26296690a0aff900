"""Which wholes does a return share with others? It may count parts of another's whole, or the whole of their parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from boards.models import Agency
from core.months import Month
from indicators.models import Indicator, Observation
from indicators.selectors.returns import Box


@dataclass(frozen=True, slots=True)
class Shared:
    """A whole that several agencies count: the names of this return's boxes, and the signed-off figures of the rest.

    `others` count the rest: the whole, unless `whole_boxes` do, and parts that add up to `held_parts`.
    """

    whole: Indicator
    whole_boxes: tuple[str, ...]
    held_whole: int | None  # None where this return has it
    part_boxes: tuple[str, ...]
    held_parts: int
    others: tuple[Indicator, ...]  # parts


def list_shared(agency: Agency, month: Month, boxes: Sequence[Box]) -> list[Shared]:
    """Return the shared wholes for which enough of the others' figures are signed off to compare. One query."""
    return list_shared_by_agency({agency: boxes}, month)[agency.pk]


def list_shared_by_agency(boxes_of: Mapping[Agency, Sequence[Box]], month: Month) -> dict[int, list[Shared]]:
    """Return them by the agency's key. One query for any number of agencies."""
    own = {box.indicator.pk: box.indicator for boxes in boxes_of.values() for box in boxes}
    wholes = {each.part_of_id for each in own.values() if each.part_of_id is not None}
    areas = frozenset(agency.area_id for agency in boxes_of)
    figures = _list_signed_off(frozenset(wholes), frozenset(wholes | own.keys()), areas, month.first_day)
    held: dict[int, list[int | None]] = {}
    found: dict[int, Indicator] = {}
    for figure in figures:
        found[figure.indicator_id] = figure.indicator
        held.setdefault(figure.indicator_id, []).append(figure.value)
    return {agency.pk: _list_of_one(boxes, found, held) for agency, boxes in boxes_of.items()}


def _list_signed_off(
    wholes: frozenset[int], part_of: frozenset[int], areas: frozenset[int], day: date
) -> QuerySet[Observation]:
    """Only signed-off figures: an agency may see nothing of what others are typing."""
    figures = Observation.objects.signed_off().filter(Q(indicator__in=wholes) | Q(indicator__part_of__in=part_of))
    then = figures.filter(period__area__in=areas, period__starts_on=day)
    return then.select_related("indicator__owner").order_by("indicator__title")


def _list_of_one(
    boxes: Sequence[Box], found: Mapping[int, Indicator], held: Mapping[int, Sequence[int | None]]
) -> list[Shared]:
    own = {box.indicator.pk: box.indicator for box in boxes}
    wholes = {each.part_of_id for each in own.values()}
    elsewhere = {key: each for key, each in found.items() if key not in own}

    def names(indicators: Sequence[int]) -> tuple[str, ...]:
        return tuple(box.name for box in boxes if box.indicator.pk in indicators)

    shared = []
    for whole in [*own.values(), *(each for key, each in elsewhere.items() if key in wholes)]:
        others = tuple(each for each in elsewhere.values() if each.part_of_id == whole.pk)
        of_whole = held.get(whole.pk, []) if whole.pk in elsewhere else []
        # A whole without a figure is unknown: nothing can be above it.
        if None in of_whole or (whole.pk in own and not others):
            continue
        shared.append(
            Shared(
                whole,
                names([whole.pk]),
                None if whole.pk in own else sum(filter(None, of_whole)),
                names([each.pk for each in own.values() if each.part_of_id == whole.pk]),
                sum(value or 0 for each in others for value in held[each.pk]),
                others,
            )
        )
    return shared
