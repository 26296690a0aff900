"""Sets what an area measures: indicators with their definitions and boards, and the categories that split a count.

Every change makes unpublished months stale. A published month stays as it was.
"""

from collections.abc import Callable, Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from boards.models import Agency, Board, PartnershipArea
from boards.permissions import access_to, check_can_coordinate
from boards.rules import MonthStatus
from boards.services.area import changes_between, check_fixed, lock_area, save_part, store, stored
from boards.services.months import mark_unpublished_stale
from core import audit
from core.calendar import Month
from core.labels import TransitionRefused
from core.models import User
from core.permissions import name_asker
from core.texts import read_reason, tidy_text
from indicators.models import (
    Category,
    DisclosureRule,
    Indicator,
    IndicatorAct,
    IndicatorBoard,
    IndicatorDefinition,
    IndicatorMove,
    LevelName,
    RecordingChange,
    RuleRequest,
)
from indicators.models.catalogue import ALIKE
from indicators.permissions import can_judge, check_can_confirm_recording, check_can_judge
from indicators.protection.rules import Show, make_token, protects_less
from indicators.selectors.disclosure import find_since
from indicators.services.disclosure import ask_second, find_held
from indicators.services.history import note_set_up
from indicators.workflow import RECORDING, RecordingState

NO_REASON = "{owner} protects less than {before}, so a second person has to agree. Say why {owner} supplies this"


def check_months_closed(indicator: Indicator, *, owner: Agency) -> None:
    """Raise ValidationError if the agency has sent a figure for an open month: a figure belongs to the return that it
    arrived in, so an indicator can change its agency only between months."""
    observations = indicator.observations.exclude(submission=None).filter(period__status=MonthStatus.OPEN.value)
    figure = observations.select_related("period").order_by("period__starts_on").first()
    if figure is not None:
        sentence = f"{owner} has already sent its figure for {figure.period.month.label}: close that month first"
        raise ValidationError({"owner": sentence})


def move_or_ask(indicator: Indicator, *, before: Indicator, why: str, by: User) -> RuleRequest | None:
    """Note that another agency supplies an indicator: `indicator` has it, and `before` is the row that is stored. If
    its rule protects less, ask a second person instead (indicators.services.rule_requests), and leave the agency as it
    is. The months before stay protected by the rule of the agency that they came from.

    The caller has checked the permission, locked the area, and saves the indicator. Raises ValidationError, also where
    a second person has to agree and there is no reason.
    """
    owner, earlier = indicator.owner, before.owner
    if owner.pk == earlier.pk or owner.area_id != indicator.area_id:  # which no indicator can have
        return None
    check_months_closed(indicator, owner=earlier)
    former, milder = find_held(indicator.area, earlier, None), find_held(indicator.area, owner, None)
    if not protects_less(milder.rule if milder else Show(), former.rule if former else Show()):
        note_move(indicator, earlier, by=by)
        return None
    why, wrong = read_reason(why, missing=NO_REASON.format(owner=owner, before=earlier))
    if wrong:
        raise ValidationError({"owner_why": wrong})
    indicator.owner = earlier
    request = RuleRequest(area=indicator.area, indicator=indicator, owner=owner, why=why, before=make_token_of(former))
    if milder is not None:
        request.kind, request.below, request.suppress_to, request.base = (
            milder.kind,
            milder.below,
            milder.suppress_to,
            milder.base,
        )
    return ask_second(request, by=by)


def note_move(indicator: Indicator, earlier: Agency, *, by: User) -> None:
    """Keep which agency the months so far came from. Without any there is nothing to keep."""
    since = find_since(indicator)
    if since is not None:
        IndicatorMove.objects.create(
            indicator=indicator, agency=earlier, since=since.first_day, moved_at=timezone.now(), moved_by=by
        )


def move_as_asked(request: RuleRequest, indicator: Indicator, owner: Agency, *, by: User) -> None:
    """Let the agency supply the indicator, as somebody asked. The caller has checked who agrees, and locked the area.

    Raises TransitionRefused if the agency or one of the two rules has changed since, or ValidationError if the agency
    so far has sent a figure for an open month.
    """
    before = Indicator.objects.select_related("owner").get(pk=indicator.pk)
    former, milder = find_held(request.area, before.owner, None), find_held(request.area, owner, None)
    is_as_asked = make_token_of(former) == request.before and (milder.rule if milder else None) == request.rule
    if not is_as_asked or owner.pk == before.owner_id or owner.retired:
        raise TransitionRefused(
            "The agency or its rule has changed since this request. Decline the request, and ask again."
        )
    check_months_closed(indicator, owner=before.owner)
    note_move(indicator, before.owner, by=request.asked_by)
    indicator.owner = owner
    store(indicator)
    changes = changes_between(before, indicator)
    note_set_up(IndicatorAct.CHANGED, indicator, fields=changes, by=by)
    details = {"changes": changes, "asked_by": request.asked_by.email}
    audit.record("indicator.changed", indicator, by=by, area=request.area.slug, **details)
    follow_whole(indicator, by=by)
    mark_unpublished_stale(request.area)


def follow_whole(whole: Indicator, *, by: User) -> None:
    """Let an indicator's breakdowns come from the same agency, as often and in the same way. The caller has locked the
    area. Raises ValidationError if the agency so far has sent a figure for an open month."""
    for breakdown in whole.breakdowns.select_related("owner__area", "breaks_down__owner", "dimension"):
        before = Indicator.objects.select_related("owner").get(pk=breakdown.pk)
        for name in ALIKE:
            setattr(breakdown, name, getattr(whole, name))
        if not (changes := changes_between(before, breakdown)):
            continue
        if before.owner_id != whole.owner_id:
            check_months_closed(breakdown, owner=before.owner)
            note_move(breakdown, before.owner, by=by)
        breakdown.breaks_down = whole
        store(breakdown)
        note_set_up(IndicatorAct.CHANGED, breakdown, fields=changes, by=by)
        audit.record("indicator.changed", breakdown, by=by, area=whole.area.slug, changes=changes)


def make_token_of(rule: DisclosureRule | None) -> str:
    return make_token(rule.rule) if rule is not None else ""


def save_category(category: Category, *, area: PartnershipArea, by: User) -> Category:
    """Save a category, new or changed. Raises as boards.services.area.save_part does."""
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
    (indicators.services.setup). Raises PermissionDenied, or ValidationError where it doesn't hold; then nothing is
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
        if indicator.breaks_down_id != before.breaks_down_id:
            raise ValidationError(
                f"You can’t change the indicator that {before} breaks down. Retire {before} and add a new one."
            )
        move_or_ask(indicator, before=before, why=owner_why, by=by)
    if any(board.area_id != area.pk for board in boards):
        raise ValidationError({"boards": "Choose boards in this area"})
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
        follow_whole(indicator, by=by)
        mark_unpublished_stale(area)
    return indicator


def _check_asked(indicator: Indicator, *, before: Indicator) -> None:
    """Refuse changes to the question once there are figures. How it is split is fixed, because figures belong to one
    dimension's categories. How often it is asked is fixed, because that decides which months a figure applies to."""
    for name, words in (("dimension_id", "how it is split"), ("asked", "how often it is asked for")):
        if getattr(indicator, name) != getattr(before, name) and indicator.observations.exists():
            sentence = f"{before} has figures, so you can’t change {words}. Retire it and add a new one."
            raise ValidationError({name.removesuffix("_id"): sentence})


def _check_ratio(indicator: Indicator, *, before: Indicator) -> None:
    """Refuse changes to a ratio's counts, or to whether it is a ratio: its months were worked out from them."""
    if any(getattr(indicator, name) != getattr(before, name) for name in RATIO_FIELDS):
        raise ValidationError(f"You can’t change the counts behind {before}. Retire it and add a new one.")


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
    from it or a breakdown adds up to it.
    """

    def check() -> None:
        first = indicator.definitions.order_by("applies_from").first()
        if first and month.first_day <= first.applies_from:
            since = Month.of(first.applies_from)
            raise ValidationError({"month": f"It is counted from {since.label}: choose a later month"})
        ratios = Indicator.objects.filter(Q(numerator=indicator) | Q(denominator=indicator))
        for ratio in ratios.exclude(retired_from__lte=month.first_day):
            raise ValidationError(
                {
                    "month": f"{ratio} is worked out from this indicator: retire {ratio} first, from this "
                    "month or earlier"
                }
            )
        for breakdown in indicator.breakdowns.exclude(retired_from__lte=month.first_day):
            raise ValidationError(
                {
                    "month": f"{breakdown} breaks this indicator down: retire {breakdown} first, from this "
                    "month or earlier"
                }
            )

    return _set_retired_from(indicator, month, check, by=by)


@transaction.atomic
def bring_back_indicator(indicator: Indicator, *, by: User) -> Indicator:
    """Ask for a retired indicator again, including the months in between.

    Raises PermissionDenied, or ValidationError for a ratio of which one of the two counts is retired, or a breakdown of
    a retired whole.
    """

    def check() -> None:
        # Its halves in memory are as old as the page too.
        halves = Indicator.objects.filter(Q(ratios_of=indicator) | Q(ratios_by=indicator))
        for count in halves.exclude(pk__in=Indicator.objects.in_use().values("pk")):
            raise ValidationError(f"It is worked out from {count}, which is retired: bring {count} back first")
        whole = Indicator.objects.filter(breakdowns=indicator, retired_from__isnull=False).first()
        if whole is not None:
            raise ValidationError(f"It breaks down {whole}, which is retired: bring {whole} back first")

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


@transaction.atomic
def ask_recording_change(indicator: Indicator, *, month: Month, why: str, by: User) -> RecordingChange:
    """Ask for a change of recording, from a month on.

    It starts a new series. So another person confirms it, and then it can't be undone. Before that it changes nothing.
    Raises PermissionDenied; or ValidationError without a reason, or for a month in which the series starts anyway.
    """
    area = indicator.area
    check_can_judge(area, by=by)
    lock_area(area)
    why = tidy_text(why)
    if not why:
        raise ValidationError({"why": "Say what is recorded differently"})
    starts = sorted(indicator.definitions.values_list("applies_from", flat=True))
    if not starts or month.first_day <= starts[0]:
        raise ValidationError({"month": f"{indicator} isn’t counted before {month.label}: its series starts then"})
    if month.first_day in starts:
        raise ValidationError(
            {"month": f"A new definition starts in {month.label}, so a new series starts then anyway"}
        )
    # Somebody may ask again after a refusal, so declined ones don't count.
    changes = indicator.recording_changes.exclude(state=RecordingState.DECLINED.value)
    if changes.filter(applies_from=month.first_day).exists():
        raise ValidationError(
            {"month": f"A change of recording from {month.label} has already been asked for or confirmed"}
        )
    change = RecordingChange.objects.create(
        indicator=indicator, applies_from=month.first_day, why=why, asked_at=timezone.now(), asked_by=by
    )
    audit.record("recording_change.asked", change, by=by, area=area.slug, month=str(month), why=why)
    return change


@transaction.atomic
def confirm_recording_change(change: RecordingChange, *, by: User) -> RecordingChange:
    """Start a new series permanently. Raises PermissionDenied, also for the person who asked; or TransitionRefused."""
    check_can_confirm_recording(change, by=by)
    change = _decide(change, RecordingState.CONFIRMED, by=by)
    month = Month.of(change.applies_from)
    note_set_up(IndicatorAct.RECORDED_ANEW, change.indicator, month=month, by=by)
    mark_unpublished_stale(change.indicator.area)
    return change


@transaction.atomic
def decline_recording_change(change: RecordingChange, *, by: User) -> RecordingChange:
    """Leave everything as it is. Anybody who judges can, and the person who asked withdraws it in this way. Raises
    PermissionDenied, or TransitionRefused."""
    if not can_judge(access_to(change.indicator.area, by=by)):
        check_can_confirm_recording(change, by=by)
    return _decide(change, RecordingState.DECLINED, by=by)


def _decide(change: RecordingChange, state: RecordingState, *, by: User) -> RecordingChange:
    area = change.indicator.area
    lock_area(area)
    # Read it again under the lock: somebody else may have decided.
    change = RecordingChange.objects.select_related("indicator__area").get(pk=change.pk)
    RECORDING.check(before=RecordingState(change.state), after=state, thing="This change of recording")
    change.state, change.decided_at, change.decided_by = state.value, timezone.now(), by
    change.save()
    month = Month.of(change.applies_from)
    details = {"month": str(month), "why": change.why} | name_asker(change.asked_by, change.asked_at)
    audit.record(f"recording_change.{state.value}", change, by=by, area=area.slug, **details)
    return change


@transaction.atomic
def name_level(
    indicator: Indicator, category: Category | None, *, since: Month, name: str, reason: str, by: User
) -> LevelName:
    """Name a level, and say why it started. A name changes no reading. Raises PermissionDenied, or ValidationError."""
    area = indicator.area
    check_can_judge(area, by=by)
    lock_area(area)
    name, reason = tidy_text(name), tidy_text(reason)
    faults = {
        field: sentence
        for field, text, sentence in (("name", name, "Enter the name"), ("reason", reason, "Say why it started"))
        if not text
    }
    if faults:
        raise ValidationError(faults)
    level = LevelName.objects.create(
        indicator=indicator,
        category=category,
        since=since.first_day,
        name=name,
        reason=reason,
        given_at=timezone.now(),
        given_by=by,
    )
    note_set_up(IndicatorAct.LEVEL_NAMED, indicator, month=since, by=by)
    audit.record("level.named", level, by=by, area=area.slug, since=str(since), name=name, reason=reason)
    mark_unpublished_stale(area)
    return level
