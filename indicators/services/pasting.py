"""Puts a pasted block into a return's draft, and can undo that once."""

from collections.abc import Mapping

from boards.models import Agency, ReportingPeriod
from core.models import User
from indicators.entries import Entry, merge
from indicators.models import Submission
from indicators.services.returns import read_draft, save_draft


def save_pasted(
    agency: Agency, period: ReportingPeriod, entries: Mapping[str, Entry], *, revision: int, by: User
) -> Submission:
    """Save the previewed block, and store what the draft held before. Raises as save_draft does."""
    # Read without a lock: if the draft changes after this, save_draft finds another revision and refuses.
    held = Submission.objects.filter(agency=agency, period=period).first()
    # The number that save_draft is about to give. Only this revision can be undone.
    before = {"revision": revision + 1, "draft": held.draft if held else {}}
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
    held = Submission.objects.filter(agency=agency, period=period).first()
    before = held.before_paste if held and held.before_paste.get("revision") == revision else {}
    if before:
        typed = merge(opened, typed, read_draft(before["draft"])).entries
    # Keep it: a second press then makes the same draft, which save_draft accepts as sent twice.
    return save_draft(agency, period, typed, revision=revision, by=by, before_paste=before)
