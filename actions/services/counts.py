"""Choose which indicator counts an agency's sessions with the community, and put the totals into its return."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from actions.models import CountedIndicator, EngagementSession, SessionCount
from actions.selectors.engagement import Made, count_sessions, describe_typed, is_asked, list_counted_indicators
from boards.models import Agency, ReportingPeriod
from boards.permissions import check_can_coordinate
from boards.services.months import locked
from core import audit
from core.models import User
from core.services.revisions import ChangedMeanwhile, check_seen
from core.transitions import TransitionRefused
from indicators.entries import Entry
from indicators.figures import LARGEST
from indicators.models import Collection, Indicator, IndicatorAct, Submission
from indicators.permissions import check_can_enter
from indicators.selectors.returns import is_from_file
from indicators.services.history import note_set_up
from indicators.services.returns import get_entries, save_draft
from indicators.workflow import HANDED_IN, SubmissionState

# What choose_note writes, in saved drafts too. If its words change, this must still know the old ones.
OUR_NOTE = re.compile(r"Counted from (no session|1 session|[0-9,]+ sessions)", re.ASCII)
LONGEST_KEPT = 200  # characters of a reason from outside our forms


class CountChanged(ChangedMeanwhile):
    """Somebody changed what an indicator counts after this form was opened. `now` is its current value (empty for
    nothing)."""

    def __init__(self, indicator: Indicator, now: str) -> None:
        said = f"“{dict(SessionCount.choices())[now]}”" if now else "“Not counted from sessions”"
        super().__init__(
            f"{indicator.title}: somebody chose {said} after you opened this page. Save again to change it"
        )
        self.indicator, self.now = indicator, now


@transaction.atomic
def count_indicator(
    indicator: Indicator, counts: SessionCount | None, *, seen: str | None = None, by: User
) -> CountedIndicator | None:
    """Choose what an indicator counts of its agency's sessions, or None to stop counting.

    `seen` is the value in the form (empty for nothing); None if the caller showed nothing. Raises PermissionDenied,
    TransitionRefused for an indicator that can't count them (what it already counts may stay), or CountChanged.
    """
    check_can_coordinate(indicator.area, by=by)
    # Lock the indicator: the row of what it counts may not exist yet.
    indicator = Indicator.objects.select_for_update(of=("self",)).select_related("area").get(pk=indicator.pk)
    held = CountedIndicator.objects.filter(indicator=indicator).first()
    before = held.counts if held else ""
    # Before the comparison with `seen`: for a second press it is done already.
    if before == (counts or ""):
        return held
    if seen is not None and seen != before:
        raise CountChanged(indicator, before)
    if counts is None:
        if held is not None:
            held.delete()
            note_set_up(IndicatorAct.NOT_COUNTED, indicator, by=by)
            audit.record("indicator.not_counted", indicator, by=by, area=indicator.area.slug, before=before)
        return None
    refusal = why_not_counted(indicator)
    if refusal:
        raise TransitionRefused(refusal)
    counted, _ = CountedIndicator.objects.update_or_create(
        indicator=indicator, defaults={"counts": counts.value, "set_at": timezone.now(), "set_by": by}
    )
    note_set_up(IndicatorAct.COUNTED, indicator, by=by)
    audit.record("indicator.counted", indicator, by=by, area=indicator.area.slug, before=before, after=counts.value)
    return counted


@transaction.atomic
def count_indicators(choices: Iterable[tuple[Indicator, SessionCount | None, str]], *, by: User) -> None:
    """Choose what each of several indicators counts, all or none: one refusal is shown on the form, and its other
    choices are still unsaved. Each choice has its indicator, what that counts, and what the form showed. Raises as
    count_indicator does.
    """
    for indicator, counts, seen in choices:
        count_indicator(indicator, counts, seen=seen, by=by)


def why_not_counted(indicator: Indicator) -> str:
    """Return why an indicator can't count sessions; empty if it can."""
    if indicator.retired_from is not None:
        return f"“{indicator}” is retired, so no return asks for it."
    if indicator.collection != Collection.RETURN:
        return f"“{indicator}” gets its figures from a file, not from a return."
    if indicator.dimension_id is not None:
        return f"“{indicator}” has categories, but sessions don’t."
    return ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What was put into a return: each indicator's title with the old value of its box (empty for nothing) and the new
    one. Also, by title, the removed notes that said why there was no figure."""

    submission: Submission
    changes: tuple[tuple[str, str, str], ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def carry_counts(agency: Agency, period: ReportingPeriod, *, revision: int, by: User) -> Carried:
    """Put the totals of an agency's sessions in a month into the draft of its return.

    All other boxes stay unchanged, and so do notes. A note that said why there was no figure is removed and stored in
    the audit log. Afterwards the figures are treated like any others.

    `revision` is that of the return as shown beside the totals (0: not started), so nothing unseen is replaced. If the
    draft already has these totals, it stays, whatever was shown. Raises PermissionDenied, TransitionRefused (nothing is
    counted; a total is more than a return accepts; or the month or the return no longer accepts figures), or
    ChangedMeanwhile.
    """
    check_can_enter(agency, by=by)
    if agency.area_id != period.area_id:
        raise PermissionDenied("That month belongs to another area.")
    period = locked(period)  # a second press of the button has to wait for the first
    counted = [each for each in list_counted_indicators([agency.pk]) if is_asked(each, period.month)]
    if not counted:
        raise TransitionRefused(f"No indicator that {agency.name} supplies for {period.month.label} counts sessions.")
    submission = Submission.objects.filter(agency=agency, period=period).select_related("saved_by").first()
    check_takes_counts(agency, period, submission)
    made = count_sessions(EngagementSession.objects.filter(agency=agency)).get((agency.pk, period.month), Made())
    held, put = get_entries(submission), [Put.of(each, made, get_entries(submission)) for each in counted]
    # Before the revision is compared: a first press has raised it, and a second one has nothing to do.
    if submission is not None and all(each.before == each.after for each in put):
        return Carried(submission)
    told = "The return was saved after you opened this page. Check both again, then put the counts in."
    check_seen(revision, submission.revision if submission else 0, told=told)
    entries = held | {each.indicator.code: each.after for each in put}
    # It checks permission, state and revision again. Don't write to the draft any other way.
    submission = save_draft(agency, period, entries, revision=revision, by=by)
    audit.record("submission.counted", submission, by=by, area=agency.area.slug, **describe_for_audit(put))
    changes = tuple((each.indicator.title, each.was, each.now) for each in put if each.was != each.now)
    return Carried(submission, changes, {each.indicator.title: each.lost for each in put if each.lost})


@dataclass(frozen=True, slots=True)
class Put:
    """What is put into one box that had something else before."""

    indicator: Indicator
    before: Entry
    after: Entry

    @classmethod
    def of(cls, counted: CountedIndicator, made: Made, held: Mapping[str, Entry]) -> "Put":
        """Make it. Raises TransitionRefused."""
        indicator, number = counted.indicator, made.of(SessionCount(counted.counts))
        # Each session is within its limit, but their sum may not be.
        if number > LARGEST:
            raise TransitionRefused(
                f"{indicator.title}: the sessions of the month give {number:,}, but a return accepts at most "
                f"{LARGEST:,}. Check each session, then put the counts in."
            )
        before = held.get(indicator.code, Entry())
        note = choose_note("" if before.reason else before.note, made.sessions)
        return cls(indicator, before, replace(before, value=str(number), reason="", note=note))

    @property
    def was(self) -> str:
        return describe_typed(self.before.value, self.before.reason)

    @property
    def now(self) -> str:
        return describe_typed(self.after.value, "")

    @property
    def lost(self) -> str:
        """Return the note that said why there was no figure."""
        note = self.before.note.strip()
        return note if self.before.reason and not OUR_NOTE.fullmatch(note) else ""


def describe_for_audit(put: Iterable[Put]) -> dict[str, dict[str, object]]:
    """Return the audit log's text: everything that was typed."""
    changes: dict[str, object] = {}
    notes: dict[str, object] = {}
    for each in put:
        was = describe_typed(each.before.value, each.before.reason, longest=max(len(each.before.value), LONGEST_KEPT))
        if was != each.now:
            changes[each.indicator.title] = [was, each.now]
        if each.lost:
            notes[each.indicator.title] = each.lost
    return {"changes": changes, "notes": notes} if notes else {"changes": changes}


def check_takes_counts(agency: Agency, period: ReportingPeriod, submission: Submission | None) -> None:
    """Raise TransitionRefused, with what to do instead."""
    month = period.month.label
    if submission is not None and submission.state in HANDED_IN:
        raise TransitionRefused(
            f"The return of {agency.name} for {month} was {submission.get_state_display().lower()}. "
            + (
                "Ask for a correction of the figure, and say that your sessions give a different count."
                if submission.state == SubmissionState.ACCEPTED
                else "Ask the coordinator to return it, then put the counts in."
            )
        )
    if submission is None and agency.retired:
        raise TransitionRefused(f"{agency.name} is retired, so it has no more returns.")
    if submission is None and not period.is_open and is_from_file(agency, period):
        raise TransitionRefused(
            f"The figures of {agency.name} for {month} came from a file. Ask for a correction of the figure, and say "
            f"that your sessions give a different count."
        )


def choose_note(note: str, sessions: int) -> str:
    """Return the note beside a counted figure: ours, unless somebody wrote another."""
    if note.strip() and not OUR_NOTE.fullmatch(note.strip()):
        return note
    words = {0: "no session", 1: "1 session"}.get(sessions, f"{sessions:,} sessions")
    return f"Counted from {words}"
