"""Sets what an area measures: indicators with their dated definitions and boards, and the categories that split a
count.

Every change makes unpublished months stale. A published month stays as it was.
"""

from collections.abc import Callable, Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from boards.models import Board, PartnershipArea
from boards.permissions import check_can_coordinate
from boards.services.months import mark_unpublished_stale
from boards.services.setup import changes_between, check_fixed, lock_area, save_part, store, stored
from core import audit
from core.models import User
from core.months import Month
from indicators.models import Category, Indicator, IndicatorAct, IndicatorBoard, IndicatorDefinition
from indicators.services.history import note_set_up
from indicators.services.moves import move_or_ask


def save_category(category: Category, *, area: PartnershipArea, by: User) -> Category:
    """Save a category, new or changed. Raises as boards.services.setup.save_part does."""
    before = stored(category)
    if before and before.dimension_id != category.dimension_id:
        raise ValidationError(f"{category} belongs to another dimension.")
    return save_part(category, area=area, by=by)


@transaction.atomic
def save_indicator(
    indicator: Indicator,
    *,
    boards: Iterable[Board],
    definition: str = "",
    applies_from: Month | None = None,
    owner_why: str = "",
    by: User,
) -> Indicator:
    """Save an indicator, new or changed, and the boards that it is for.

    A new one comes with its first definition and the month from which that applies. `owner_why` says why another agency
    supplies it. If that agency's rule protects less, the indicator keeps its agency until a second person agrees
    (indicators.services.moves). Raises PermissionDenied, or ValidationError where it doesn't hold; then nothing is
    saved.
    """
    area, boards = indicator.area, list(boards)
    check_can_coordinate(area, by=by)
    lock_area(area)
    before = stored(indicator)
    # Here and not in the form: taking a catalogue changes indicators too.
    if before is not None:
        check_fixed(indicator, before=before)
        _check_asked(indicator, before=before)
        _check_ratio(indicator, before=before)
        move_or_ask(indicator, before=before, why=owner_why, by=by)
    if any(board.area_id != area.pk for board in boards):
        raise ValidationError({"boards": "Choose boards of this area"})
    store(indicator)
    changes: dict[str, object] = {**changes_between(before, indicator)} if before else {}
    changes |= _set_boards(indicator, boards)
    if before is None:
        note_set_up(IndicatorAct.ADDED, indicator, by=by)
        audit.record("indicator.added", indicator, by=by, area=area.slug, boards=[board.code for board in boards])
        if applies_from is None:
            # Rows are saved by now, but the transaction undoes them.
            raise ValidationError({"applies_from": "Choose the first month that it is counted for"})
        define(indicator, text=definition, applies_from=applies_from, by=by)
    elif changes:
        note_set_up(IndicatorAct.CHANGED, indicator, fields=changes, by=by)
        audit.record("indicator.changed", indicator, by=by, area=area.slug, changes=changes)
        mark_unpublished_stale(area)
    return indicator


def _check_asked(indicator: Indicator, *, before: Indicator) -> None:
    """Refuse changes to the question once there are figures. How it is split is fixed, because figures belong to one
    dimension's categories. How often it is asked is fixed, because that decides which months a figure applies to."""
    for name, words in (("dimension_id", "how it is split"), ("asked", "how often it is asked for")):
        if getattr(indicator, name) != getattr(before, name) and indicator.observations.exists():
            sentence = f"{before} has figures, so {words} can’t change. Retire it and add a new one."
            raise ValidationError({name.removesuffix("_id"): sentence})


def _check_ratio(indicator: Indicator, *, before: Indicator) -> None:
    """Refuse changes to a ratio's counts, or to whether it is a ratio: its months were worked out from them."""
    if any(getattr(indicator, name) != getattr(before, name) for name in RATIO_FIELDS):
        raise ValidationError(f"What {before} is worked out from can’t change. Retire it and add a new one.")


RATIO_FIELDS = ("ratio", "numerator_id", "denominator_id", "ages", "per")


def _set_boards(indicator: Indicator, boards: list[Board]) -> dict[str, object]:
    """Keep the existing places, and put a new one at the end of the board's page. Returns what changed."""
    places = {place.board_id: place for place in indicator.board_places.select_related("board")}
    before = sorted(place.board.code for place in places.values())
    after = sorted(board.code for board in boards)
    indicator.board_places.exclude(board__in=boards).delete()
    for board in boards:
        if board.pk not in places:
            last = board.indicator_places.order_by("-position").first()
            IndicatorBoard.objects.create(indicator=indicator, board=board, position=last.position + 1 if last else 1)
    return {"boards": [before, after]} if before != after else {}


@transaction.atomic
def define(indicator: Indicator, *, text: str, applies_from: Month, by: User) -> IndicatorDefinition:
    """Define what exactly is counted, from a month on. No arrow crosses the start of a definition.

    Raises PermissionDenied, or ValidationError for an empty text or a month that has one.
    """
    area = indicator.area
    check_can_coordinate(area, by=by)
    lock_area(area)
    if indicator.definitions.filter(applies_from=applies_from.first_day).exists():
        raise ValidationError(
            {"applies_from": f"There is already a definition from {applies_from.label}: correct its wording instead"}
        )
    definition = IndicatorDefinition(indicator=indicator, applies_from=applies_from.first_day, text=text)
    store(definition)
    note_set_up(IndicatorAct.DEFINED, indicator, month=applies_from, by=by)
    audit.record("indicator.defined", indicator, by=by, area=area.slug, applies_from=str(applies_from), text=text)
    mark_unpublished_stale(area)
    return definition


@transaction.atomic
def reword_definition(definition: IndicatorDefinition, *, text: str, by: User) -> IndicatorDefinition:
    """Correct the words of a definition that still means the same. No new series starts.

    Raises PermissionDenied, or ValidationError for an empty text.
    """
    area = definition.indicator.area
    check_can_coordinate(area, by=by)
    lock_area(area)
    before = IndicatorDefinition.objects.get(pk=definition.pk)
    definition.text = text
    store(definition)
    changes = changes_between(before, definition)
    if changes:
        note_set_up(IndicatorAct.REWORDED, definition.indicator, by=by)
        audit.record("definition.reworded", definition, by=by, area=area.slug, changes=changes)
    return definition


@transaction.atomic
def retire_indicator(indicator: Indicator, *, month: Month, by: User) -> Indicator:
    """Stop asking for an indicator, from a month on. Earlier months keep it.

    Raises PermissionDenied, or ValidationError for a month before it was counted, or in which a ratio is worked out
    from it.
    """

    def check() -> None:
        first = indicator.definitions.order_by("applies_from").first()
        if first and month.first_day <= first.applies_from:
            since = Month.of(first.applies_from)
            raise ValidationError({"month": f"It is counted from {since.label}: choose a later month"})
        ratios = Indicator.objects.filter(Q(numerator=indicator) | Q(denominator=indicator))
        for ratio in ratios.exclude(retired_from__lte=month.first_day):
            raise ValidationError(
                {"month": f"{ratio} is worked out from it: retire that first, from this month or earlier"}
            )

    return _set_retired_from(indicator, month, check, by=by)


@transaction.atomic
def bring_back_indicator(indicator: Indicator, *, by: User) -> Indicator:
    """Ask for a retired indicator again, including the months in between.

    Raises PermissionDenied, or ValidationError for a ratio of which one of the two counts is retired.
    """

    def check() -> None:
        # Its halves in memory are as old as the page too.
        halves = Indicator.objects.filter(Q(ratios_of=indicator) | Q(ratios_by=indicator))
        for count in halves.exclude(pk__in=Indicator.objects.in_use().values("pk")):
            raise ValidationError(f"It is worked out from {count}, which is retired: bring that back first")

    return _set_retired_from(indicator, None, check, by=by)


def _set_retired_from(indicator: Indicator, month: Month | None, check: Callable[[], None], *, by: User) -> Indicator:
    area = indicator.area
    check_can_coordinate(area, by=by)
    lock_area(area)
    # Read it again under the lock, and check only then: the argument is as old as the page, and another form may have
    # retired the other half of a ratio since.
    indicator.refresh_from_db()
    check()
    day = month.first_day if month else None
    if indicator.retired_from == day:
        return indicator  # a button that was pressed twice
    indicator.retired_from = day
    indicator.save(update_fields=["retired_from"])
    act, details = (IndicatorAct.RETIRED, {"month": str(month)}) if month else (IndicatorAct.BROUGHT_BACK, {})
    note_set_up(act, indicator, month=month, by=by)
    audit.record(f"indicator.{act.value}", indicator, by=by, area=area.slug, **details)
    mark_unpublished_stale(area)
    return indicator


@transaction.atomic
def order_board(board: Board, positions: Mapping[int, int], *, by: User) -> None:
    """Set the order of indicators on a board's page: {primary key of its place: position}.

    Other boards' places don't change. Raises PermissionDenied.
    """
    check_can_coordinate(board.area, by=by)
    lock_area(board.area)
    places = list(board.indicator_places.select_related("indicator"))
    # Keys that aren't this board's places are ignored: a form may send any number.
    moved = [place for place in places if positions.get(place.pk, place.position) != place.position]
    for place in moved:
        place.position = positions[place.pk]
    if moved:
        IndicatorBoard.objects.bulk_update(moved, ["position"])
        order = {place.indicator.code: place.position for place in places}
        audit.record("board.ordered", board, by=by, area=board.area.slug, order=order)
        mark_unpublished_stale(board.area)
