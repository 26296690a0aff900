"""Save, submit, accept and return an agency's figures for a month."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from boards.models import Agency, ReportingPeriod
from boards.permissions import check_can_coordinate
from boards.services.months import mark_stale
from core import audit
from core.models import User
from core.transitions import TransitionRefused
from indicators.figures import NotAFigure, read_figure
from indicators.models import Observation, Submission
from indicators.permissions import check_can_enter
from indicators.selectors import Box, boxes_of
from indicators.trend import CellState
from indicators.workflow import EDITABLE, SUBMISSION, SubmissionState

LONGEST_NOTE = 500
REASONS = (CellState.NOT_AVAILABLE, CellState.NOT_APPLICABLE)


class ReturnChanged(Exception):
    """Somebody saved the return after this form was opened. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed in one row of the form, as text."""

    value: str = ""
    reason: str = ""
    note: str = ""


@dataclass(slots=True)
class Checked:
    """A form read through: the observations that it would make, and what is wrong, by box.

    An error's key is the box's name with the control that it belongs to: "pwits:value".
    """

    observations: list[Observation] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def check_entries(boxes: list[Box], entries: Mapping[str, Entry]) -> Checked:
    """Read every row, and find everything that is wrong with it, all at once."""
    checked = Checked()
    for box in boxes:
        entry = entries.get(box.name, Entry())
        observation = Observation(indicator=box.indicator, category=box.category, note=entry.note.strip())
        if len(observation.note) > LONGEST_NOTE:
            checked.errors[f"{box.name}:note"] = f"{box.label}: shorten the note to {LONGEST_NOTE} characters."
        elif entry.reason:
            _read_reason(box, entry, observation, checked)
        else:
            try:
                observation.value = read_figure(entry.value)
            except NotAFigure as fault:
                checked.errors[f"{box.name}:value"] = f"{box.label}: {_lower_first(str(fault))}"
        checked.observations.append(observation)
    _check_parts(checked, boxes)
    return checked


def _read_reason(box: Box, entry: Entry, observation: Observation, checked: Checked) -> None:
    if entry.reason not in [reason.value for reason in REASONS]:
        checked.errors[f"{box.name}:reason"] = f"{box.label}: choose one of the listed reasons."
    elif entry.value.strip():
        checked.errors[f"{box.name}:value"] = f"{box.label}: give a number or say that there is none, not both."
    elif not observation.note:
        checked.errors[f"{box.name}:note"] = f"{box.label}: say in a few words why there is no figure."
    else:
        observation.state = entry.reason


def _check_parts(checked: Checked, boxes: list[Box]) -> None:
    """Indicators that are parts of one whole together are not above it."""
    totals: dict[str, int] = {}
    for observation in checked.observations:
        if observation.value is not None:
            code = observation.indicator.code
            totals[code] = totals.get(code, 0) + observation.value
    for whole in {box.indicator.code: box for box in boxes}.values():
        parts = {
            box.indicator.code: box.indicator.title for box in boxes if box.indicator.part_of_id == whole.indicator.pk
        }
        together = sum(totals.get(code, 0) for code in parts)
        if parts and whole.indicator.code in totals and together > totals[whole.indicator.code]:
            checked.errors.setdefault(
                f"{whole.name}:value",
                f"{whole.indicator.title}: its parts ({', '.join(parts.values())}) come to {together:,}, "
                f"which is more than the {totals[whole.indicator.code]:,} entered here.",
            )


def _lower_first(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _open_return(agency: Agency, period: ReportingPeriod) -> Submission:
    """The return, locked to the end of the transaction; begun if it wasn't.

    Raises TransitionRefused when the month takes no more returns.
    """
    # The month is locked first, so that closing it and submitting to it can't pass each other.
    period = ReportingPeriod.objects.select_for_update().get(pk=period.pk)
    if not period.is_open:
        raise TransitionRefused(
            f"{period.month.label} is {period.get_status_display().lower()} and takes no more figures. "
            "Ask the coordinator if one has to change."
        )
    Submission.objects.get_or_create(agency=agency, period=period)
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("agency__area", "period__area")
        .get(agency=agency, period=period)
    )


def _check_editable(submission: Submission) -> None:
    if submission.state not in EDITABLE:
        raise TransitionRefused(
            f"The return of {submission.agency.name} for {submission.period.month.label} has been "
            f"{submission.get_state_display().lower()}, so it can't be edited. "
            "If a figure has to change, ask the coordinator to return it."
        )


@transaction.atomic
def save_draft(
    agency: Agency, period: ReportingPeriod, entries: Mapping[str, Entry], *, revision: int, by: User
) -> Submission:
    """Keep what was typed, as it was typed.

    `revision` is the one that the form was opened with. Raises PermissionDenied,
    TransitionRefused (the month or the return takes no more), or ReturnChanged (another saving
    came between), each with a sentence.
    """
    check_can_enter(agency, by=by)
    submission = _open_return(agency, period)
    _check_editable(submission)
    if submission.revision != revision:
        raise ReturnChanged(
            f"{_who_came_between(submission, by=by)} Nothing of yours has been saved yet: what you typed is below. "
            "Check it against what is saved, then save again."
        )
    submission.draft = {
        name: {"value": entry.value, "reason": entry.reason, "note": entry.note}
        for name, entry in entries.items()
        if entry != Entry()
    }
    submission.revision += 1
    submission.saved_at, submission.saved_by = timezone.now(), by
    submission.save(update_fields=["draft", "revision", "saved_at", "saved_by"])
    audit.record("submission.saved", submission, by=by, area=agency.area.slug, revision=submission.revision)
    return submission


def _who_came_between(submission: Submission, *, by: User) -> str:
    if submission.saved_by is None:
        return "This form is not the current one."
    who = submission.saved_by if submission.saved_by != by else "You, in another window,"
    return f"{who} saved this return after you opened it."


def entries_of(submission: Submission | None) -> dict[str, Entry]:
    """What the draft holds, by box."""
    return {name: Entry(**typed) for name, typed in submission.draft.items()} if submission else {}


class ReturnHasErrors(Exception):
    """A return that can't be submitted as it is. `errors` are sentences by control."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("The return has errors.")
        self.errors = errors


@transaction.atomic
def submit_return(agency: Agency, period: ReportingPeriod, *, revision: int, by: User) -> Submission:
    """Hand the saved draft in: each row becomes a figure, to be signed off by the coordinator.

    `revision` is the one that was checked on the page. Raises PermissionDenied, TransitionRefused,
    ReturnChanged or ReturnHasErrors; then nothing has changed. Submitting the same revision again
    changes nothing and is no error: a button that was pressed twice.
    """
    check_can_enter(agency, by=by)
    submission = _open_return(agency, period)
    if submission.state == SubmissionState.SUBMITTED and submission.revision == revision:
        return submission
    SUBMISSION.check(
        before=SubmissionState(submission.state),
        after=SubmissionState.SUBMITTED,
        thing=f"The return of {agency.name} for {submission.period.month.label}",
    )
    if submission.revision != revision:
        raise ReturnChanged("This return was saved again after you checked it. Check the answers once more.")
    checked = check_entries(boxes_of(agency, submission.period.month), entries_of(submission))
    if checked.errors:
        raise ReturnHasErrors(checked.errors)
    submission.state = SubmissionState.SUBMITTED
    submission.submitted_at, submission.submitted_by = timezone.now(), by
    submission.save(update_fields=["state", "submitted_at", "submitted_by"])
    for observation in checked.observations:
        observation.submission, observation.period = submission, submission.period
    # What a file brought earlier for these indicators gives way to the agency's own word.
    indicators = {observation.indicator_id for observation in checked.observations}
    replaced = Observation.objects.filter(period=submission.period, indicator__in=indicators)
    if replaced.signed_off().exists():
        mark_stale(agency.area, submission.period.month)
    replaced.delete()
    Observation.objects.bulk_create(checked.observations)
    audit.record("submission.submitted", submission, by=by, area=agency.area.slug, figures=len(checked.observations))
    return submission


def _locked(submission: Submission) -> Submission:
    period = ReportingPeriod.objects.select_for_update().get(pk=submission.period_id)
    if not period.is_open:
        raise TransitionRefused(
            f"{period.month.label} is {period.get_status_display().lower()}. Reopen it before you accept or return."
        )
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("agency__area", "period__area")
        .get(pk=submission.pk)
    )


@transaction.atomic
def accept_return(submission: Submission, *, by: User) -> Submission:
    """Sign off every figure of a return. The month, and each later one that shows it, becomes stale.

    Raises PermissionDenied or TransitionRefused.
    """
    area = submission.agency.area
    check_can_coordinate(area, by=by)
    submission = _locked(submission)
    SUBMISSION.check(
        before=SubmissionState(submission.state),
        after=SubmissionState.ACCEPTED,
        thing=f"The return of {submission.agency.name} for {submission.period.month.label}",
    )
    now = timezone.now()
    submission.state = SubmissionState.ACCEPTED
    submission.accepted_at, submission.accepted_by = now, by
    submission.save(update_fields=["state", "accepted_at", "accepted_by"])
    submission.observations.update(signed_off_at=now, signed_off_by=by)
    mark_stale(area, submission.period.month)
    audit.record("submission.accepted", submission, by=by, area=area.slug)
    return submission


@transaction.atomic
def return_return(submission: Submission, *, comment: str, by: User) -> Submission:
    """Give a return back to the agency, with a comment that says why. Its figures are taken out;
    what was typed stays in the draft.

    Raises PermissionDenied, TransitionRefused (also for an empty comment).
    """
    area = submission.agency.area
    check_can_coordinate(area, by=by)
    if not comment.strip():
        raise TransitionRefused("Say why you return it: the agency's lead reads your comment.")
    submission = _locked(submission)
    before = SubmissionState(submission.state)
    SUBMISSION.check(
        before=before,
        after=SubmissionState.RETURNED,
        thing=f"The return of {submission.agency.name} for {submission.period.month.label}",
    )
    submission.state = SubmissionState.RETURNED
    submission.returned_at, submission.returned_by = timezone.now(), by
    submission.comment = comment.strip()
    submission.save(update_fields=["state", "returned_at", "returned_by", "comment"])
    submission.observations.all().delete()
    if before is SubmissionState.ACCEPTED:
        mark_stale(area, submission.period.month)
    audit.record("submission.returned", submission, by=by, area=area.slug, comment=submission.comment)
    return submission
