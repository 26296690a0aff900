"""A lead withdraws a return that nobody has released or accepted."""

from django.db import transaction
from django.utils import timezone

from boards.services.months import mark_unpublished_stale
from core.models import User
from core.services.revisions import check_seen
from indicators.models import FigureAct, Submission
from indicators.permissions import check_can_enter
from indicators.services.history import NOTHING, FigureBefore, note_changes
from indicators.services.returns import check_step, lock_return, note_act
from indicators.workflow import EDITABLE, SubmissionState

WHY = "Withdrawn before anybody looked at it."


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
