"""Save some boxes of a draft return, and leave the others: what a system sends beside what a person typed."""

from collections.abc import Mapping

from django.db import transaction

from boards.models import Agency, ReportingPeriod
from core.models import User
from core.services.revisions import check_seen
from indicators.entries import Entry
from indicators.models import Submission
from indicators.permissions import check_can_enter
from indicators.services.returns import check_editable, get_entries, open_return, save_draft


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
        told = f"The return has revision {submission.revision} now. Nothing was saved. Read it again."
        check_seen(revision, submission.revision, told=told)
    before = get_entries(submission)
    after = {name: entry for name, entry in {**before, **entries}.items() if entry != Entry()}
    if after == before:
        return submission
    # Under the lock, so this revision is the current one.
    return save_draft(agency, period, after, revision=submission.revision, by=by, saved_with=saved_with)
