"""Saves, submits, releases, accepts and returns an agency's figures for a month."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from boards.models import Agency, ReportingPeriod
from boards.permissions import access_to, check_can_coordinate
from boards.services.area import lock_area
from boards.services.months import mark_stale, mark_unpublished_stale
from core import audit
from core.forms.pages import check_revision, check_seen, is_sent_twice
from core.labels import TransitionRefused
from core.models import User
from core.permissions import name_asker
from core.texts import tidy_text
from indicators.figures import Entry, merge
from indicators.lines import BY_CODE
from indicators.models import Category, Correction, Dimension, FigureAct, Observation, Submission
from indicators.permissions import can_release, check_can_enter, check_can_release, why_not_accepted_by
from indicators.selectors.returns import box_name, is_from_file, list_boxes
from indicators.selectors.series import get_background
from indicators.selectors.validation import find_broken_by
from indicators.services.entries import check_entries
from indicators.services.history import NOTHING, FigureBefore, note_changes
from indicators.workflow import EDITABLE, SUBMISSION, CorrectionState, SubmissionState

LONGEST_COMMENT = 2000
NO_PASTE: Mapping[str, object] = {}


def open_return(agency: Agency, period: ReportingPeriod) -> Submission:
    """Return the agency's return, locked to the end of the transaction, and start it if needed.

    A missing return can start late, in a month that is closed or published without it. Raises TransitionRefused
    where it can no longer start.
    """
    # Lock the month first: otherwise it could close while somebody submits to it.
    period = ReportingPeriod.objects.select_for_update().get(pk=period.pk)
    # Without `of`, PostgreSQL would lock the agency and the area too, and the set-up would have to wait.
    locked = Submission.objects.select_for_update(of=("self",)).select_related("agency__area", "period__area")
    of_period = locked.filter(agency=agency, period=period)
    submission = of_period.first()
    if submission is not None:
        return submission
    if agency.retired:
        raise TransitionRefused(f"{agency.name} is retired, so it can’t start any more returns.")
    if not period.is_open and is_from_file(agency, period):
        raise TransitionRefused(
            f"The {period.month.label} figures from {agency.name} came from a file. Ask to correct a figure instead."
        )
    # Under the month's lock, so that two people who start it get the same row.
    Submission.objects.get_or_create(agency=agency, period=period)
    return of_period.get()


WAYS_TO_CHANGE = {
    True: "If a figure needs to change, ask the coordinator to send it back.",
    False: "If a figure needs to change, ask for a correction on its page.",
}


def check_editable(submission: Submission) -> None:
    if submission.state not in EDITABLE:
        raise TransitionRefused(
            f"The return from {submission.agency.name} for {submission.period.month.label} has been "
            f"{submission.get_state_display().lower()}, so it can't be edited. "
            f"{WAYS_TO_CHANGE[submission.period.is_open]}"
        )


@transaction.atomic
def save_draft(
    agency: Agency,
    period: ReportingPeriod,
    entries: Mapping[str, Entry],
    *,
    revision: int,
    by: User,
    before_paste: Mapping[str, object] = NO_PASTE,
    saved_with: int | None = None,
) -> Submission:
    """Save what was typed, as typed. `saved_with` is the key of a system that does it, for which `by` answers.

    `revision` is the one that the form was opened with. `before_paste` is stored with it
    (indicators.services.returns). Raises PermissionDenied, TransitionRefused (the month or the return no longer
    accepts figures), or ChangedMeanwhile (somebody else saved in between), each with a sentence.
    """
    check_can_enter(agency, by=by)
    submission = open_return(agency, period)
    check_editable(submission)
    draft = {
        name: {"value": entry.value, "reason": entry.reason, "note": entry.note}
        for name, entry in entries.items()
        if entry != Entry()
    }
    if submission.revision != revision:
        if submission.draft == draft:
            return submission  # a form that was sent twice
        check_revision(submission, revision, told=_who_came_between(submission, by=by), button="Save draft")
    submission.draft = draft
    submission.revision += 1
    submission.before_paste = dict(before_paste)
    submission.saved_at, submission.saved_by, submission.saved_with_id = timezone.now(), by, saved_with
    submission.save(update_fields=["draft", "revision", "before_paste", "saved_at", "saved_by", "saved_with"])
    # Not the figures: before it is submitted, a draft is in no record.
    key = {"with_key": str(submission.saved_with)} if saved_with else {}
    audit.record("submission.saved", submission, by=by, area=agency.area.slug, revision=submission.revision, **key)
    return submission


def _who_came_between(submission: Submission, *, by: User) -> str:
    if submission.saved_by is None:
        return "This form is out of date."
    if submission.saved_by == by and submission.saved_with is None:
        return "You saved this return in another window."
    return f"{submission.saver} saved this return after you opened it."


class ReturnHasErrors(ValidationError):
    """Raised for a return that can't be submitted as it is. `errors` and `questions` are sentences by control."""

    def __init__(self, errors: Mapping[str, str], questions: Mapping[str, str]) -> None:
        super().__init__("The return has errors, or figures that need a comment.")
        self.errors, self.questions = errors, questions


def _named(submission: Submission) -> str:
    return f"The return from {submission.agency.name} for {submission.period.month.label}"


def check_step(submission: Submission, after: SubmissionState) -> None:
    SUBMISSION.check(before=SubmissionState(submission.state), after=after, thing=_named(submission))


@transaction.atomic
def submit_return(agency: Agency, period: ReportingPeriod, *, revision: int, by: User) -> Submission:
    """Hand the saved draft in: each row becomes a figure, to be signed off by the coordinator.

    `revision` is the one that was checked on the page. Raises PermissionDenied, TransitionRefused,
    ChangedMeanwhile or ReturnHasErrors; then nothing has changed. Submitting the same revision again
    changes nothing and is no error: a button that was pressed twice.
    """
    check_can_enter(agency, by=by)
    submission = open_return(agency, period)
    # Before check_step, which would refuse the second press of a button.
    if is_sent_twice(submission, state=SubmissionState.SUBMITTED.value, revision=revision):
        return submission
    check_step(submission, SubmissionState.SUBMITTED)
    sentence = "This return was saved again after you checked it. Check the answers again."
    check_seen(revision, submission.revision, told=sentence)
    month = submission.period.month
    # The page checked this too. The past, or another agency's whole, may have changed since.
    boxes = list_boxes(agency, month)
    checked = check_entries(boxes, submission.entries, get_background(agency, month, boxes))
    if not checked.is_ready:
        raise ReturnHasErrors(checked.errors, checked.questions)
    now, before = timezone.now(), SubmissionState(submission.state)
    submission.state = SubmissionState.SUBMITTED
    submission.submitted_at, submission.submitted_by = now, by
    # The first day counts: a return that was given back arrived in time all the same.
    submission.handed_in_on = submission.handed_in_on or timezone.localdate(now)
    # An approver released the earlier figures, not these.
    submission.released_at = submission.released_by = None
    submission.before_paste = {}
    submission.save(
        update_fields=[
            "state",
            "submitted_at",
            "submitted_by",
            "handed_in_on",
            "released_at",
            "released_by",
            "before_paste",
        ]
    )
    _enter(submission, checked.make_observations(), by=by, at=now)
    mark_unpublished_stale(agency.area, since=month)  # the month's page shows whether returns arrived on time
    note_act(submission, "submitted", before, by=by, figures=len(checked.rows))
    return submission


def _enter(submission: Submission, observations: list[Observation], *, by: User, at: datetime) -> None:
    """Make the figures. They replace figures that a file supplied earlier for these indicators."""
    for observation in observations:
        observation.submission, observation.period = submission, submission.period
    indicators = {observation.indicator_id for observation in observations}
    # The order that a page shows them in would join five tables.
    replaced = Observation.objects.filter(period=submission.period, indicator__in=indicators).order_by("pk")
    if not submission.period.is_open:
        observations = _leave_accepted(observations, replaced)
        replaced = replaced.filter(signed_off_at=None)
    former = {(figure.indicator_id, figure.category_id): figure for figure in replaced}
    for other in former.values():
        if other.submission_id not in (None, submission.pk):
            raise TransitionRefused(
                f"{other} is already in {other.submission}. Ask the coordinator which agency supplies it."
            )
    # A file's figures were on the month's page. The new ones aren't until they are accepted.
    if any(figure.signed_off_at for figure in former.values()):
        mark_stale(submission.agency.area, submission.period.month)
    # The history needs `former`, so it is read before this.
    replaced.delete()
    Observation.objects.bulk_create(observations)
    changes = [
        (figure, FigureBefore.of(former.get((figure.indicator_id, figure.category_id))), FigureBefore.of(figure))
        for figure in observations
    ]
    note_changes(FigureAct.ENTERED, changes, by=by, at=at)


def _leave_accepted(observations: list[Observation], stored: QuerySet[Observation]) -> list[Observation]:
    """Return a late return's figures without those that have since been accepted from a file or a correction: these
    stay. Raises TransitionRefused for a figure that differs from an accepted one."""
    accepted = {
        (observation.indicator_id, observation.category_id): observation
        for observation in stored.exclude(signed_off_at=None)
    }
    for figure in observations:
        accepted_figure = accepted.get((figure.indicator_id, figure.category_id))
        if accepted_figure is not None and (accepted_figure.state, accepted_figure.value) != (
            figure.state,
            figure.value,
        ):
            shown = "not available" if accepted_figure.value is None else f"{accepted_figure.value:,}"
            raise TransitionRefused(
                f"{figure.indicator.title} has since been accepted as {shown}. Enter that figure, then ask to "
                "correct it."
            )
    return [
        observation
        for observation in observations
        if (observation.indicator_id, observation.category_id) not in accepted
    ]


def lock_return(submission: Submission, *, revision: int | None = None) -> Submission:
    """Return the return as it is now, locked to the end of the transaction, its month first.

    `revision` is the one that somebody looked at. In a closed or published month, a return that isn't accepted can
    still be decided. An accepted one can't change. Raises TransitionRefused or ChangedMeanwhile.
    """
    period = ReportingPeriod.objects.select_for_update().get(pk=submission.period_id)
    submission = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("agency__area", "period__area", "submitted_by")
        .get(pk=submission.pk)
    )
    if not period.is_open and submission.state == SubmissionState.ACCEPTED:
        raise TransitionRefused(
            f"{_named(submission)} is accepted, and {period.month.label} is {period.get_status_display().lower()}. "
            f"{WAYS_TO_CHANGE[False]}"
        )
    if revision is not None:
        sentence = f"{_named(submission)} has changed since you opened it. Check it again."
        check_seen(revision, submission.revision, told=sentence)
    return submission


@transaction.atomic
def release_return(submission: Submission, *, by: User, revision: int | None = None) -> Submission:
    """Release a return to the coordinator, as the agency's approver. Only agencies that ask for release need this, and
    the person who submitted it can't release it. `revision` is the one that the approver looked at.

    Raises PermissionDenied, TransitionRefused or ChangedMeanwhile.
    """
    agency = submission.agency
    check_can_release(agency, by=by)
    submission = lock_return(submission, revision=revision)
    if not agency.needs_release:
        raise TransitionRefused(f"{agency.name} doesn’t release its own returns. The coordinator already has this one.")
    check_step(submission, SubmissionState.RELEASED)
    if submission.submitted_by == by:
        raise PermissionDenied("You submitted this return yourself. Someone else from the agency has to release it.")
    submission.state = SubmissionState.RELEASED
    submission.released_at, submission.released_by = timezone.now(), by
    submission.save(update_fields=["state", "released_at", "released_by"])
    note_act(submission, "released", SubmissionState.SUBMITTED, by=by, **name_submitter(submission))
    return submission


@transaction.atomic
def accept_return(
    submission: Submission, *, by: User, provisional: Collection[str] = (), revision: int | None = None
) -> Submission:
    """Sign off every figure of a return. The month, and each later one that shows it, becomes stale. Nobody accepts
    figures that they submitted or released.

    `provisional` names the boxes whose figure may still change: they are marked so. `revision` is the
    one that the coordinator looked at. Raises PermissionDenied, TransitionRefused or ChangedMeanwhile.
    """
    area = submission.agency.area
    check_can_coordinate(area, by=by)
    submission = lock_return(submission, revision=revision)
    if submission.agency.needs_release and submission.state == SubmissionState.SUBMITTED:
        raise TransitionRefused(f"{_named(submission)} is waiting for the agency’s approver to release it.")
    check_step(submission, SubmissionState.ACCEPTED)
    if refusal := why_not_accepted_by(submission, by):
        raise PermissionDenied(refusal)
    now, before = timezone.now(), SubmissionState(submission.state)
    submission.state = SubmissionState.ACCEPTED
    submission.accepted_at, submission.accepted_by = now, by
    submission.save(update_fields=["state", "accepted_at", "accepted_by"])
    # Only rules about this agency: where two others contradict each other, that is between those.
    if strict := [sentence for broken, sentence in find_broken_by(submission) if broken.rule.is_strict]:
        raise TransitionRefused(f"{_named(submission)} can’t be accepted. {' '.join(strict)}")
    submission.observations.update(signed_off_at=now, signed_off_by=by)
    figures = list(submission.observations.select_related("indicator", "category"))
    marked = [figure for figure in figures if figure.value is not None and box_name(figure) in provisional]
    submission.observations.filter(pk__in=[figure.pk for figure in marked]).update(is_provisional=True)
    same = [(figure, FigureBefore.of(figure), FigureBefore.of(figure)) for figure in figures]
    note_changes(FigureAct.ACCEPTED, same, by=by, at=now)
    note_changes(
        FigureAct.MADE_PROVISIONAL, [change for change in same if change[0] in marked], by=by, at=timezone.now()
    )
    mark_stale(area, submission.period.month)
    names = sorted(box_name(figure) for figure in marked)
    note_act(submission, "accepted", before, by=by, provisional=names, **name_submitter(submission))
    return submission


@transaction.atomic
def return_return(submission: Submission, *, comment: str, by: User) -> Submission:
    """Give a return back to its lead, with a comment that says why. The coordinator does this, or the agency's approver
    before the release. Its figures are deleted, but the draft keeps what was typed.

    Raises PermissionDenied, TransitionRefused (also for an empty comment, or one that is too long).
    """
    area = submission.agency.area
    access = access_to(area, by=by)
    may_approve = submission.agency.needs_release and can_release(access, submission.agency)
    if not access.can_coordinate and not may_approve:
        raise PermissionDenied(f"Only a coordinator of {area.name} can do this.")
    comment = tidy_text(comment)
    if not comment:
        raise TransitionRefused("Say why you are sending it back. The agency’s lead will read your comment.")
    if len(comment) > LONGEST_COMMENT:
        raise TransitionRefused(
            f"Shorten the comment to {LONGEST_COMMENT:,} characters: it has {len(comment):,}. The return has "
            "not been sent back."
        )
    submission = lock_return(submission)
    before = SubmissionState(submission.state)
    # Under the lock: it may have been released after the page was opened.
    if not access.can_coordinate and before is not SubmissionState.SUBMITTED:
        raise PermissionDenied("The return is no longer with you. Ask the coordinator to send it back.")
    check_step(submission, SubmissionState.RETURNED)
    submission.state = SubmissionState.RETURNED
    submission.returned_at, submission.returned_by = timezone.now(), by
    submission.comment = comment
    submission.revision += 1  # an answers page that was checked before is now out of date
    submission.save(update_fields=["state", "returned_at", "returned_by", "comment", "revision"])
    # Read these before they are deleted.
    taken_out = [(figure, FigureBefore.of(figure), NOTHING) for figure in submission.observations.all()]
    note_changes(FigureAct.TAKEN_OUT, taken_out, by=by, at=submission.returned_at, why=submission.comment)
    submission.observations.all().delete()
    # Figures that were never accepted are on no page.
    if before is SubmissionState.ACCEPTED:
        mark_stale(area, submission.period.month)
    _decline_corrections(submission, by=by)
    note_act(submission, "returned", before, by=by, comment=submission.comment, **name_submitter(submission))
    return submission


def _decline_corrections(submission: Submission, *, by: User) -> None:
    """Decline open corrections: the lead can now change these figures in the return."""
    # These need no lock of their own: everybody who decides one locks this month first.
    corrections = Correction.objects.filter(
        indicator__owner=submission.agency, period=submission.period, state=CorrectionState.ASKED.value
    )
    for correction in corrections:
        correction.state, correction.comment = (
            CorrectionState.DECLINED,
            "The return was sent back. Change the figure there.",
        )
        correction.decided_at, correction.decided_by = submission.returned_at, by
        correction.save(update_fields=["state", "comment", "decided_at", "decided_by"])
        audit.record("correction.declined", correction, by=by, area=submission.agency.area.slug, why=correction.comment)


def note_act(submission: Submission, act: str, before: SubmissionState, *, by: User, **details: object) -> None:
    audit.record(
        f"submission.{act}",
        submission,
        by=by,
        area=submission.agency.area.slug,
        before=before.value,
        after=str(submission.state),
        revision=submission.revision,
        **details,
    )


def name_submitter(submission: Submission) -> dict[str, str]:
    return name_asker(submission.submitted_by, submission.submitted_at)


WHY = "Withdrawn before anyone looked at it."


@transaction.atomic
def withdraw_return(submission: Submission, *, revision: int, by: User) -> Submission:
    """Make a submitted return what it was before: a draft, or a returned one.

    Its figures stay in the draft. `revision` is the page's. A return that becomes a draft no longer counts as handed
    in. Pressing the button twice changes nothing more. Raises PermissionDenied, TransitionRefused (somebody has
    released or accepted it) or ChangedMeanwhile.
    """
    check_can_enter(submission.agency, by=by)
    submission = lock_return(submission)
    # A second press: the first one made it editable and raised the revision.
    if submission.state in EDITABLE and submission.revision == revision + 1:
        return submission
    before = SubmissionState(submission.state)
    after = SubmissionState.RETURNED if submission.returned_at else SubmissionState.DRAFT
    check_step(submission, after if before is SubmissionState.SUBMITTED else SubmissionState.DRAFT)
    check_seen(revision, submission.revision, told=f"{submission} has changed since you opened it. Check it again.")
    submission.state = after
    submission.revision += 1
    if after is SubmissionState.DRAFT:
        submission.submitted_at = submission.submitted_by = submission.handed_in_on = None
    submission.save(update_fields=["state", "revision", "submitted_at", "submitted_by", "handed_in_on"])
    # Read these before they are deleted.
    taken_out = [(figure, FigureBefore.of(figure), NOTHING) for figure in submission.observations.all()]
    note_changes(FigureAct.TAKEN_OUT, taken_out, by=by, at=timezone.now(), why=WHY)
    submission.observations.all().delete()
    mark_unpublished_stale(submission.agency.area, since=submission.period.month)
    note_act(submission, "withdrawn", before, by=by)
    return submission


def save_pasted(
    agency: Agency, period: ReportingPeriod, entries: Mapping[str, Entry], *, revision: int, by: User
) -> Submission:
    """Save the previewed block, and store what the draft held before. Raises as save_draft does."""
    # Read without a lock: if the draft changes after this, save_draft finds another revision and refuses.
    submission = Submission.objects.filter(agency=agency, period=period).first()
    # The number that save_draft is about to give. Only this revision can be undone.
    before = {"revision": revision + 1, "draft": submission.draft if submission else {}}
    return save_draft(agency, period, entries, revision=revision, by=by, before_paste=before)


def undo_paste(
    agency: Agency,
    period: ReportingPeriod,
    typed: Mapping[str, Entry],
    *,
    opened: Mapping[str, Entry],
    revision: int,
    by: User,
) -> Submission:
    """Restore what the draft held before the paste.

    Anything `typed` since the form was `opened` stays. If something was saved after the paste, there is nothing to
    undo. Raises as save_draft does.
    """
    submission = Submission.objects.filter(agency=agency, period=period).first()
    before = submission.before_paste if submission and submission.before_paste.get("revision") == revision else {}
    if before:
        typed = merge(opened, typed, Submission(draft=before["draft"]).entries).entries
    # Keep it: a second press then makes the same draft, which save_draft accepts as sent twice.
    return save_draft(agency, period, typed, revision=revision, by=by, before_paste=before)


@transaction.atomic
def save_some(
    agency: Agency,
    period: ReportingPeriod,
    entries: Mapping[str, Entry],
    *,
    revision: int | None,
    by: User,
    saved_with: int,
) -> Submission:
    """Save these entries, as typed. The same again makes no new revision.

    `revision` is the one that the system read; None for whatever is current. Raises PermissionDenied,
    TransitionRefused (the return accepts no figures now), or ChangedMeanwhile, each with a sentence.
    """
    check_can_enter(agency, by=by)
    submission = open_return(agency, period)
    check_editable(submission)
    if revision is not None:
        sentence = f"The return now has revision {submission.revision}. Nothing was saved. Read the return again."
        check_seen(revision, submission.revision, told=sentence)
    before = submission.entries
    after = {name: entry for name, entry in {**before, **entries}.items() if entry != Entry()}
    if after == before:
        return submission
    # Under the lock, so this revision is the current one.
    return save_draft(agency, period, after, revision=submission.revision, by=by, saved_with=saved_with)


@transaction.atomic
def add_origin(dimension: Dimension, code: str, *, agency: Agency, by: User) -> Category:
    """Give a place in the catalogue its own row, as a lead of the agency that counts by place. Only the coordinator can
    add other categories, in the set-up.

    Raises PermissionDenied, or ValidationError with a sentence.
    """
    check_can_enter(agency, by=by)
    lock_area(agency.area)
    if dimension.area_id != agency.area_id or not dimension.indicators.filter(owner=agency).exists():
        raise ValidationError(f"{agency.name} has no count that is split by {dimension.name.lower()}.")
    if not dimension.categories.filter(longitude__isnull=False).exists():
        raise ValidationError(f"{dimension.name} isn’t about places. Ask the coordinator to add a category.")
    # Name and place are from our catalogue. A form sends only the code.
    place = BY_CODE.get(code)
    if place is None:
        raise ValidationError("Choose where the line comes from, in the list under “Add another place”.")
    there = dimension.categories.filter(code=place.code).first()
    if there is not None:
        if there.retired:
            raise ValidationError(f"{there.name} is retired. Ask the coordinator to bring it back.")
        return there  # a button that was pressed twice
    category = Category.objects.create(
        dimension=dimension,
        code=place.code,
        name=place.name,
        position=dimension.categories.count(),
        longitude=place.longitude,
        latitude=place.latitude,
    )
    mark_unpublished_stale(agency.area)
    audit.record("category.added", category, by=by, area=agency.area.slug, agency=agency.code)
    return category
