"""Corrects a figure after its return was accepted, adds one that is awaited, or marks one as provisional."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import ReportingPeriod
from boards.permissions import check_can_coordinate
from boards.services.months import locked, mark_stale
from core import audit
from core.labels import TransitionRefused
from core.models import User
from core.permissions import name_asker
from core.texts import tidy_text
from indicators.figures import Entry
from indicators.models import Category, Collection, Correction, FigureAct, Indicator, Observation, Submission
from indicators.permissions import check_can_enter
from indicators.selectors.figures import (
    FigurePlace,
    figure_at,
    figure_text,
    find_open_correction,
    is_asked_for,
    list_worked_out,
)
from indicators.selectors.returns import Box, SignedOff, box_name, get_figures, is_from_file, list_boxes
from indicators.selectors.series import Background, get_pasts, rules_of_parts
from indicators.selectors.validation import Change, Rules, get_rules, read_figures
from indicators.services.entries import check_entries
from indicators.services.history import NOTHING, FigureBefore, note_changes
from indicators.trend import CellState
from indicators.validation import Relation
from indicators.workflow import CORRECTION, EDITABLE, CorrectionState, SubmissionState


def check_corrected(figure: FigurePlace, entry: Entry) -> tuple[Observation, dict[str, str]]:
    """Return the figure as typed, and a sentence for each control with an error: "value", "reason", "note". An error
    that it would cause in the return's other figures is shown at the value."""
    agency, month = figure.indicator.owner, figure.period.month
    corrected = find_box(figure)
    boxes = [corrected, *(box for box in list_boxes(agency, month) if box.name != corrected.name)]
    worked_out = list_worked_out(boxes, month)
    typed = {name: write_value(value) for name, value in get_figures(agency, month).items()}
    # Without pasts there are no questions: only errors are compared.
    rules = without_equal(rules_of_parts(boxes))
    before = check_entries(boxes, typed, Background(worked_out=worked_out, rules=rules)).errors
    requested = without_old_note(figure, entry)
    background = Background(get_pasts(agency, month, [corrected]), worked_out, rules)
    checked = check_entries(boxes, typed | {corrected.name: requested}, background)
    errors: dict[str, str] = {}
    for control, sentence in checked.questions.items() | checked.errors.items():
        name, _, part = control.rpartition(":")
        if name == corrected.name:
            errors[part] = sentence
        # An error that the return had before isn't caused by this figure.
        elif control in checked.errors and before.get(control) != sentence:
            errors.setdefault("value", sentence)
    # `boxes` has the figure's own box first.
    wanted = checked.make_observations()[0]
    wanted.note = tidy_text(entry.note)
    return wanted, errors


def find_box(figure: FigurePlace) -> Box:
    """Return the figure's box, even if its return no longer has it."""
    indicator, category = figure.indicator, figure.category
    name = f"{indicator.code}.{category.code}" if category else indicator.code
    days = indicator.definitions.filter(applies_from__lte=figure.period.month.first_day).order_by("applies_from")
    since = tuple(days.values_list("applies_from", flat=True))
    return Box(name, indicator, category, "", since or (figure.period.month.first_day,))


def write_value(figure: SignedOff) -> Entry:
    return Entry("" if figure.value is None else str(figure.value))


def without_old_note(figure: FigurePlace, entry: Entry) -> Entry:
    """Return the entry without a note from before: that doesn't explain the new number."""
    is_old = figure.counted is not None and tidy_text(entry.note) == figure.counted.note
    return replace(entry, note="") if is_old and not entry.reason else entry


ONLY_AWAITED = "Awaited"  # the note of a category that nobody reported
LONGEST_WHY = 2000  # characters
OWN_CORRECTION = "You asked for this correction yourself. Another coordinator has to accept it."


class CorrectionHasErrors(ValidationError):
    """Raised for a correction that can't be asked for as typed. `errors` are sentences by control: "value", "reason",
    "note", "why"."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(dict(errors))
        self.errors = errors


def why_no_correction(figure: FigurePlace) -> str:
    """Return a sentence that says why nobody can ask for a correction of a figure now; empty where they can."""
    opened = find_open_correction(figure)
    if opened is not None:
        return (
            f"{opened.asked_by} has already asked to correct this figure. The coordinator has to decide on that first."
        )
    return _why_not_correctable(figure)


def _why_not_correctable(figure: FigurePlace) -> str:
    indicator, month = figure.indicator, figure.period.month
    if figure.is_split_whole:
        return f"{indicator.title} is the sum of its categories. Correct the category that is wrong."
    if figure.counted is not None:
        return ""
    if not is_asked_for(indicator, month):
        return f"{indicator.title} is not asked for in {month.label}."
    if indicator.collection == Collection.IMPORT:
        return f"{indicator.title} is collected by import, and no file has supplied this figure yet."
    return _whose_turn(figure)


def _whose_turn(figure: FigurePlace) -> str:
    """Return who still has a figure that isn't signed off, and what to ask them; empty where nobody has it."""
    submission, period, month = figure.submission, figure.period, figure.period.month
    agency = figure.indicator.owner
    if submission is None and not period.is_open and (agency.retired or is_from_file(agency, period)):
        return ""  # no return for it can be started
    if submission is None or submission.state in EDITABLE:
        return f"The agency still has the {month.label} return. Enter the figure there."
    if submission.state == SubmissionState.ACCEPTED:
        return ""  # asked for since
    needs_release = submission.state == SubmissionState.SUBMITTED and submission.agency.needs_release
    with_whom = "agency’s approver" if needs_release else "coordinator"
    return f"The {month.label} return is not accepted yet. Ask the {with_whom} to send it back, then change the figure."


@transaction.atomic
def ask_correction(
    indicator: Indicator, category: Category | None, period: ReportingPeriod, *, entry: Entry, reason: str, by: User
) -> Correction:
    """Ask, for the agency, to change a signed-off figure, or to add one that is awaited.

    `entry` is the figure as typed, and `reason` says why it needs to change. Raises PermissionDenied,
    TransitionRefused (nothing can be asked for now), or CorrectionHasErrors (what was typed).
    """
    check_can_enter(indicator.owner, by=by)
    # Lock the month first, as everywhere: nobody else can then ask or decide at the same time.
    figure = figure_at(indicator, category, locked(period))
    refusal = why_no_correction(figure)
    if refusal:
        raise TransitionRefused(refusal)
    wanted = _read(figure, entry, reason)
    was = FigureBefore.of(figure.counted)
    correction = Correction.objects.create(
        indicator=indicator,
        category=category,
        period=figure.period,
        was_state=was.state,
        was_value=was.value,
        new_state=wanted.state,
        new_value=wanted.value,
        note=wanted.note,
        reason=tidy_text(reason),
        asked_at=timezone.now(),
        asked_by=by,
    )
    _note(correction, "asked", by=by)
    return correction


def errors_in(figure: FigurePlace, entry: Entry, reason: str) -> Mapping[str, str]:
    """Return the errors of a correction as typed, by control. Nothing is asked for."""
    try:
        _read(figure, entry, reason)
    except CorrectionHasErrors as faults:
        return faults.errors
    return {}


def _read(figure: FigurePlace, entry: Entry, reason: str) -> Observation:
    """Read the typed figure, by the rules of a return. Raises CorrectionHasErrors."""
    wanted, errors = check_corrected(figure, entry)
    if contradiction := find_contradiction(figure, wanted.value, for_agency=True):
        errors["value"] = contradiction
    current = figure.counted
    if current and (current.state, current.value, current.note) == (wanted.state, wanted.value, wanted.note):
        errors = {"value": "The figure and its note are already the same as this. Change one of them."}
    reason = tidy_text(reason)
    if not reason:
        errors["why"] = (
            "Say why the figure needs to change. The coordinator will read your reason. It stays with the figure."
        )
    elif len(reason) > LONGEST_WHY:
        errors["why"] = f"Shorten the reason to {LONGEST_WHY:,} characters; it has {len(reason):,}."
    if errors:
        raise CorrectionHasErrors(errors)
    return wanted


def without_equal(rules: Rules) -> Rules:
    """Return the rules but for those that two sides are equal: one correction always breaks such a rule."""
    return replace(rules, rules=tuple(rule for rule in rules.rules if rule.relation is not Relation.EQUAL))


def find_contradiction(figure: FigurePlace, value: int | None, *, for_agency: bool) -> str:
    """Return a sentence if a strict rule across figures would be broken once this figure is `value`, in its month or in
    the next one, where a rule looks back; otherwise empty. An agency learns only of rules about its own figures alone.

    Equal sums can only be corrected together. So an agency asks for one correction after the other, and who accepts one
    sees the rule kept or broken as if all that was asked for in these months were accepted."""
    period, code = figure.period, figure.indicator.code
    rules = get_rules(period.area).about(code)
    if for_agency:
        rules = rules.of_agency(figure.indicator.owner_id)
    looking_back = tuple(rule for rule in rules.rules if any(t.is_before and t.indicator == code for t in rule.terms))
    own, requested = make_change(period, figure.indicator, figure.category, value), list_requested(figure)
    months = {period.month: rules, period.month.next: replace(rules, rules=looking_back)}
    for month, figures in read_figures(period.area, list(months), rules).items():
        together = figures.with_changes(month, [own, *requested])
        for broken in months[month].find_broken(figures.with_changes(month, [own])):
            is_equal = broken.rule.relation is Relation.EQUAL
            if broken.rule.is_strict and not (is_equal and (for_agency or not broken.rule.is_broken(together.amount))):
                sentence = rules.describe(broken)
                return sentence if month == period.month else f"{month.label}: {sentence}"
    return ""


def describe_declining(figure: FigurePlace) -> str:
    """Say which strict rule stays broken if a correction of this figure is declined: the other half of a pair was
    accepted already. Empty if none does. For the coordinator alone."""
    counted = figure.counted
    broken = find_contradiction(figure, counted.value if counted else None, for_agency=False)
    return f"If you decline this correction, these figures will still break a rule: {broken}" if broken else ""


def list_requested(figure: FigurePlace) -> list[Change]:
    """Return what the other corrections that wait for a decision would make of their figures, in its month and those
    beside it."""
    month = figure.period.month
    around = (month.previous.first_day, month.next.first_day)
    waiting = Correction.objects.filter(
        period__area=figure.period.area_id, period__starts_on__range=around, state=CorrectionState.ASKED.value
    ).exclude(period=figure.period, indicator=figure.indicator, category=figure.category)
    return [
        make_change(one.period, one.indicator, one.category, one.new_value)
        for one in waiting.select_related("period", "indicator", "category")
    ]


def make_change(period: ReportingPeriod, indicator: Indicator, category: Category | None, value: int | None) -> Change:
    return Change(period.month, indicator.code, category.code if category else "", value)


def _locked_request(correction: Correction) -> Correction:
    """Return the request as it is now. Lock its month first, then the request. Everything that changes a figure locks
    the month first too, so the figure can't change after this."""
    period = locked(correction.period)
    fresh = (
        # Without `of`, PostgreSQL refuses this: it can't lock a category that may be missing (an outer join).
        Correction.objects.select_for_update(of=("self",))
        .select_related("indicator__owner__area", "indicator__dimension", "indicator__part_of", "category", "asked_by")
        .get(pk=correction.pk)
    )
    fresh.period = period
    return fresh


def _decide(correction: Correction, state: CorrectionState, *, by: User, comment: str = "") -> datetime:
    # Two people may decide together. Under the lock, the second finds the first one's decision here.
    CORRECTION.check(before=CorrectionState(correction.state), after=state, thing=f"The correction of {correction}")
    now = timezone.now()
    correction.state, correction.comment = state, comment
    correction.decided_at, correction.decided_by = now, by
    correction.save(update_fields=["state", "comment", "decided_at", "decided_by"])
    _note(correction, state.value, by=by, **name_asker(correction.asked_by, correction.asked_at))
    return now


def _note(correction: Correction, act: str, *, by: User, **details: str) -> None:
    audit.record(
        f"correction.{act}",
        correction,
        by=by,
        area=correction.period.area.slug,
        figure=str(correction),
        before=figure_text(correction.was_state, correction.was_value),
        after=figure_text(correction.new_state, correction.new_value),
        why=correction.reason,
        comment=correction.comment,
        **details,
    )


@transaction.atomic
def accept_correction(correction: Correction, *, by: User) -> Correction:
    """Change the figure as it was asked for, and sign it off. The month, and each later one that shows
    it, becomes stale; in a published month the roll-up makes the change the next version.

    Raises PermissionDenied or TransitionRefused: also where the figure is no longer what it was when
    the correction was asked for.
    """
    check_can_coordinate(correction.period.area, by=by)
    correction = _locked_request(correction)
    # A trigger refuses it too (indicators.freeze), but without a sentence for the person.
    if correction.asked_by_id == by.pk:
        raise PermissionDenied(OWN_CORRECTION)
    now = _decide(correction, CorrectionState.ACCEPTED, by=by)
    # Read it again under the lock: it may have changed since somebody asked.
    figure = figure_at(correction.indicator, correction.category, correction.period)
    _check_still_so(correction, figure)
    was, was_provisional = FigureBefore.of(figure.counted), bool(figure.counted and figure.counted.is_provisional)
    observation = figure.observation or Observation(
        indicator=correction.indicator, category=correction.category, period=correction.period
    )
    # Before the figure itself is saved: afterwards its split no longer looks empty.
    if figure.counted is None and correction.category is not None:
        _await_others(correction, correction.category, by=by, at=now)
    observation.state, observation.value = correction.new_state, correction.new_value
    observation.note, observation.is_provisional = correction.note, False
    _sign_off(observation, correction, by=by, at=now)
    _keep_in_draft(observation)
    note_changes(
        FigureAct.CORRECTED, [(observation, was, FigureBefore.of(observation))], by=by, at=now, why=correction.reason
    )
    if was_provisional:
        same = FigureBefore.of(observation)
        note_changes(
            FigureAct.CONFIRMED, [(observation, same, same)], by=by, at=now, why="The correction confirmed it."
        )
    mark_stale(correction.period.area, correction.period.month)
    return correction


def _check_still_so(correction: Correction, figure: FigurePlace) -> None:
    current = FigureBefore.of(figure.counted)
    was, now = (correction.was_state, correction.was_value), (current.state, current.value)
    if was != now:
        before, after = (figure_text(*state_and_value).lower() for state_and_value in (was, now))
        raise TransitionRefused(
            f"{correction} has changed since the correction was requested. It was {before} and is now {after}. "
            "Decline the correction. The agency can ask again."
        )
    refusal = _why_not_correctable(figure) or find_contradiction(figure, correction.new_value, for_agency=False)
    if refusal:
        raise TransitionRefused(refusal)


def _sign_off(observation: Observation, correction: Correction, *, by: User, at: datetime) -> None:
    observation.correction = correction
    observation.signed_off_at, observation.signed_off_by = at, by
    observation.save()


def _await_others(correction: Correction, came: Category, *, by: User, at: datetime) -> None:
    """If a split indicator has no figure at all, mark its other categories as awaited. Otherwise the whole would
    be the sum of the one that arrived."""
    if Observation.objects.filter(indicator=correction.indicator, period=correction.period).exists():
        return
    changes = []
    for category in Category.objects.in_use().filter(dimension=came.dimension_id).exclude(pk=came.pk):
        other = Observation(
            indicator=correction.indicator,
            category=category,
            period=correction.period,
            state=CellState.AWAITED.value,
            note=ONLY_AWAITED,
        )
        _sign_off(other, correction, by=by, at=at)
        changes.append((other, NOTHING, FigureBefore.of(other)))
    note_changes(FigureAct.CORRECTED, changes, by=by, at=at, why=f"{ONLY_AWAITED}: only the figure for {came} arrived.")


def _keep_in_draft(observation: Observation) -> None:
    """Put the new figure into the draft too. Otherwise a return that is given back or started would bring the old one
    back. Anybody with its form open gets a message."""
    # The month is locked. Whoever saves a draft locks it first, so this draft needs no lock of its own.
    submission = Submission.objects.filter(agency=observation.indicator.owner, period=observation.period).first()
    if submission is None:
        return
    is_figure = observation.value is not None
    submission.draft[box_name(observation)] = {
        "value": str(observation.value) if is_figure else "",
        "reason": "" if is_figure else str(observation.state),
        "note": observation.note,
    }
    submission.revision += 1
    submission.save(update_fields=["draft", "revision"])


@transaction.atomic
def decline_correction(correction: Correction, *, comment: str, by: User) -> Correction:
    """Leave the figure as it is, with a comment that says why.

    Raises PermissionDenied, TransitionRefused (also for an empty comment).
    """
    check_can_coordinate(correction.period.area, by=by)
    comment = tidy_text(comment)
    if not comment:
        raise TransitionRefused("Say why you decline it. The agency’s lead will read your comment.")
    _check_length(comment)
    correction = _locked_request(correction)
    _decide(correction, CorrectionState.DECLINED, by=by, comment=comment)
    return correction


@transaction.atomic
def withdraw_correction(correction: Correction, *, by: User) -> Correction:
    """Withdraw a request, as a lead of its agency. Raises PermissionDenied or TransitionRefused."""
    check_can_enter(correction.indicator.owner, by=by)
    correction = _locked_request(correction)
    _decide(correction, CorrectionState.WITHDRAWN, by=by)
    return correction


@transaction.atomic
def mark_provisional(observation: Observation, *, is_provisional: bool, by: User, why: str = "") -> Observation:
    """Mark a signed-off figure as provisional, or confirm it.

    If two people press the same button, the second changes nothing. Raises PermissionDenied or TransitionRefused.
    """
    area = observation.period.area
    check_can_coordinate(area, by=by)
    why = tidy_text(why)
    _check_length(why)
    period = locked(observation.period)
    # It may be gone: giving a return back deletes its figures.
    fresh = Observation.objects.select_for_update(of=("self",)).filter(pk=observation.pk).first()
    if fresh is None or fresh.signed_off_at is None:
        raise TransitionRefused(f"{observation} is not signed off, so there is nothing to mark.")
    if fresh.value is None and is_provisional:
        raise TransitionRefused(f"{observation} has no number. Only a number can be provisional.")
    fresh.period = period
    if fresh.is_provisional == is_provisional:
        return fresh
    fresh.is_provisional = is_provisional
    fresh.save(update_fields=["is_provisional"])
    act = FigureAct.MADE_PROVISIONAL if is_provisional else FigureAct.CONFIRMED
    unchanged = FigureBefore.of(fresh)
    note_changes(act, [(fresh, unchanged, unchanged)], by=by, at=timezone.now(), why=why)
    mark_stale(area, period.month)
    verb = "figure.made_provisional" if is_provisional else "figure.confirmed"
    audit.record(verb, fresh, by=by, area=area.slug, figure=figure_text(fresh.state, fresh.value), why=why)
    return fresh


def _check_length(words: str) -> None:
    if len(words) > LONGEST_WHY:
        raise TransitionRefused(f"Shorten your text to {LONGEST_WHY:,} characters: it has {len(words):,}.")
