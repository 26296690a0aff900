"""Add a session with the community, what people said in it, and what was done about it.

Nothing is deleted: a session is archived, and the audit log keeps an answer that is reopened.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import CountedIndicator, EngagementSession, SessionCount, Voice
from actions.models.engagement import LONGEST_HEARD
from actions.permissions import check_can_tell_sessions
from actions.selectors.engagement import Made, count_sessions, describe_typed, is_asked, list_counted_indicators
from actions.services.challenges import read_text
from boards.models import Agency, ReportingPeriod
from boards.permissions import check_can_coordinate
from boards.services.area import changes_between, why_not_chosen
from boards.services.months import locked
from core import audit
from core.calendar import date_label
from core.forms.pages import ChangedMeanwhile, check_revision, check_seen, checked_reason, is_sent_twice, now_has
from core.labels import TransitionRefused
from core.models import User
from core.texts import one_line
from indicators.figures import LARGEST, Entry
from indicators.models import Collection, Indicator, IndicatorAct, Submission
from indicators.permissions import check_can_enter
from indicators.selectors.returns import is_from_file
from indicators.services.history import note_set_up
from indicators.services.returns import save_draft
from indicators.workflow import HANDED_IN, SubmissionState

LONGEST_TITLE: int = EngagementSession._meta.get_field("title").max_length or 0
LONGEST_GROUPS: int = EngagementSession._meta.get_field("groups_named").max_length or 0
MOST_HEARD = 1_000_000  # groups, or people, in one session
FIRST_DAY, LAST_YEAR = date(2000, 1, 1), 2100
NOT_NAMED = "Describe the groups that took part, never people: “Parents from year 8”."
NAMED_BUT_NONE = "You entered 0 groups: leave this empty, or enter how many took part."
ANSWERED, NOT_ANSWERED = "This already has an answer: reopen it first.", "This is already open."
NOBODY_CAME = "You entered at least one group, so the number of people must be at least 1."


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """The content of a session."""

    held_on: date
    title: str
    groups: int
    groups_named: str
    people: int


@transaction.atomic
def add_session(agency: Agency, draft: SessionDraft, *, by: User) -> EngagementSession:
    """Add a session that an agency held."""
    check_can_tell_sessions(agency, by=by)
    if why_not := why_not_chosen(agency, area_id=agency.area_id):
        raise ValidationError({"agency": why_not})
    session = EngagementSession(area=agency.area, agency=agency, added_at=timezone.now(), added_by=by)
    _fill(session, draft)
    session.save()
    audit.record("session.added", session, by=by, area=agency.area.slug, agency=agency.code)
    return session


@transaction.atomic
def change_session(session: EngagementSession, draft: SessionDraft, *, revision: int, by: User) -> EngagementSession:
    """Change a session."""
    session = _begin(session, by=by)
    # A second copy: _fill changes the locked one, and the two are compared.
    before = EngagementSession.objects.get(pk=session.pk)
    _fill(session, draft)
    # No constraint can compare two tables. Adding a voice takes the same lock, so none is missed.
    first = session.voices.order_by("due_on").first()
    if first is not None and first.due_on < session.held_on:
        day = date_label(first.due_on)
        raise ValidationError({"held_on": f"An answer was promised by {day}: choose that day or an earlier one."})
    changes = changes_between(before, session)
    if not changes:
        return session  # nothing to do, or a form that was sent twice
    check_revision(before, revision, told=now_has(before, changes, name=f"“{before}”"))
    session.revision += 1
    session.save(update_fields=[*changes, "revision"])
    audit.record("session.changed", session, by=by, area=session.area.slug, changes=changes)
    return session


@transaction.atomic
def archive_session(session: EngagementSession, *, why: str, by: User) -> EngagementSession:
    """Archive a session, so that it no longer counts. People who were promised an answer must get it first."""
    why = checked_reason(why, missing="Say why you are archiving it.")
    check_can_tell_sessions(session.agency, by=by)
    session = _locked(session.pk)
    # Before _check_kept, which would refuse the second press.
    if is_sent_twice(session, archived_why=why, archived_by=by):
        return session
    _check_kept(session)
    # Under the session's lock, which adding and reopening a voice take too.
    waiting = session.voices.filter(closed_at=None).count()
    if waiting:
        promised = "An answer is" if waiting == 1 else f"{waiting} answers are"
        raise TransitionRefused(f"{promised} still due. First say what was done, or why nothing was done.")
    session.archived_at, session.archived_by, session.archived_why = timezone.now(), by, why
    _save_state(session)
    audit.record("session.archived", session, by=by, area=session.area.slug, why=why)
    return session


@transaction.atomic
def bring_back_session(session: EngagementSession, *, why: str, by: User) -> EngagementSession:
    """Bring an archived session back, so that it counts again."""
    why = checked_reason(why, missing="Say why you are bringing it back.")
    check_can_tell_sessions(session.agency, by=by)
    session = _locked(session.pk)
    if refusal := why_not_archived(session):
        if is_sent_twice(session, brought_back_why=why, brought_back_by=by):
            return session
        raise TransitionRefused(refusal)
    session.archived_at = session.archived_by = None
    session.archived_why = ""
    session.brought_back_at, session.brought_back_by, session.brought_back_why = timezone.now(), by, why
    _save_state(session, "brought_back_at", "brought_back_by", "brought_back_why")
    audit.record("session.brought_back", session, by=by, area=session.area.slug, why=why)
    return session


# --- "You said, we did" -----------------------------------------------------------------------------


@transaction.atomic
def add_voice(session: EngagementSession, *, said: str, due_on: date, by: User) -> Voice:
    """Add what people said in a session, and the day by which they were promised an answer."""
    session = _begin(session, by=by)
    voice = Voice(session=session, added_at=timezone.now(), added_by=by)
    _fill_voice(voice, said, due_on)
    voice.save()
    audit.record("voice.added", voice, by=by, area=session.area.slug, due_on=str(due_on))
    return voice


@transaction.atomic
def change_voice(voice: Voice, *, said: str, due_on: date, revision: int, by: User) -> Voice:
    """Change what people said, or the day of the answer, while there is no answer. The audit log keeps the old text."""
    voice = _begin_voice(voice, by=by)
    if voice.closed_at is not None:
        raise TransitionRefused(ANSWERED)
    before = Voice.objects.get(pk=voice.pk)
    _fill_voice(voice, said, due_on)
    changes = changes_between(before, voice)
    if not changes:
        return voice  # nothing to do, or a form that was sent twice
    _check_seen(before, revision)
    _save_voice(voice, *changes)
    audit.record("voice.changed", voice, by=by, area=voice.session.area.slug, changes=changes)
    return voice


@transaction.atomic
def close_voice(voice: Voice, *, did: str, revision: int, by: User) -> Voice:
    """Save what was done about it, or why nothing was done.

    `revision` is the one that the form was opened with: nobody can answer a text that they haven't read.
    """
    voice = _begin_voice(voice, by=by)
    did, wrong = read_text(
        did, longest=LONGEST_HEARD, missing="Say what was done, or why nothing was done.", what="text"
    )
    if wrong:
        raise ValidationError({"did": wrong})
    if voice.closed_at is not None:
        if is_sent_twice(voice, did=did, closed_by=by):
            return voice
        day = date_label(timezone.localdate(voice.closed_at))
        raise TransitionRefused(f"{voice.closed_by} closed it on {day}: “{voice.did}”")
    _check_seen(voice, revision)
    voice.did, voice.closed_at, voice.closed_by = did, timezone.now(), by
    _save_voice(voice, "did", "closed_at", "closed_by")
    audit.record("voice.closed", voice, by=by, area=voice.session.area.slug, did=did)
    return voice


@transaction.atomic
def reopen_voice(voice: Voice, *, why: str, revision: int, by: User) -> Voice:
    """Reopen an answer, so that a new one is due. The audit log keeps the old one."""
    why = checked_reason(why, missing="Say why you are reopening it.")
    voice = _begin_voice(voice, by=by)
    if voice.closed_at is None:
        if is_sent_twice(voice, reopened_why=why, reopened_by=by):
            return voice
        raise TransitionRefused(NOT_ANSWERED)
    _check_seen(voice, revision)
    # Before they are emptied: afterwards only the audit log has the old answer.
    did, closed_on = voice.did, timezone.localdate(voice.closed_at)
    voice.did, voice.closed_at, voice.closed_by = "", None, None
    voice.reopened_at, voice.reopened_by, voice.reopened_why = timezone.now(), by, why
    _save_voice(voice, "did", "closed_at", "closed_by", "reopened_at", "reopened_by", "reopened_why")
    details = {"did": did, "closed_on": str(closed_on)}
    audit.record("voice.reopened", voice, by=by, area=voice.session.area.slug, why=why, **details)
    return voice


# --- What they have in common -----------------------------------------------------------------------


def _begin(session: EngagementSession, *, by: User) -> EngagementSession:
    """Return the session as it is now, locked until the end of the transaction."""
    check_can_tell_sessions(session.agency, by=by)
    session = _locked(session.pk)
    _check_kept(session)
    return session


def _check_kept(session: EngagementSession) -> None:
    refusal = why_archived(session)
    if refusal:
        raise TransitionRefused(refusal)


def why_archived(session: EngagementSession) -> str:
    """Return why a session can't change; empty if it isn't archived."""
    return f"“{session}” is archived: bring it back first." if session.archived_at is not None else ""


def why_not_archived(session: EngagementSession) -> str:
    """Return why a session can't be brought back; empty if it can."""
    return f"“{session}” isn’t archived, so it already counts." if session.archived_at is None else ""


def _check_seen(voice: Voice, revision: int) -> None:
    """Raise ChangedMeanwhile, with the current text."""
    now = f"It now says “{voice.said}”, with an answer promised by {date_label(voice.due_on)}."
    if voice.did:
        now = f"The answer now says “{voice.did}”."
    check_revision(voice, revision, told=f"It was changed after you opened this form. {now}")


def _save_voice(voice: Voice, *changed: str) -> None:
    voice.revision += 1
    voice.save(update_fields=[*changed, "revision"])


def _begin_voice(voice: Voice, *, by: User) -> Voice:
    """Return the voice as it is now. Lock its session before it: everybody locks in that order."""
    session = _begin(voice.session, by=by)
    voice = Voice.objects.select_for_update(of=("self",)).select_related("closed_by").get(pk=voice.pk)
    voice.session = session
    return voice


def _locked(key: int) -> EngagementSession:
    sessions = EngagementSession.objects.select_for_update(of=("self",)).select_related("area", "agency__area")
    return sessions.get(pk=key)


def _save_state(session: EngagementSession, *others: str) -> None:
    session.revision += 1
    session.save(update_fields=["archived_at", "archived_by", "archived_why", "revision", *others])


# --- A draft, held against the calendar and itself --------------------------------------------------


def _fill(session: EngagementSession, draft: SessionDraft) -> None:
    """Set a session's fields from a draft."""
    words = {name: one_line(getattr(draft, name)) for name in ("title", "groups_named")}
    errors = _find_faults(words) | _wrong_counts(draft, words["groups_named"])
    if draft.held_on > timezone.localdate():
        errors["held_on"] = "The session hasn’t been held yet. Add it afterwards."
    elif draft.held_on < FIRST_DAY:
        errors["held_on"] = f"Enter a day from {date_label(FIRST_DAY)} or later."
    if errors:
        raise ValidationError(errors)
    for typed in fields(draft):
        setattr(session, typed.name, words.get(typed.name, getattr(draft, typed.name)))


def _find_faults(words: dict[str, str]) -> dict[str, str]:
    errors = {} if words["title"] else {"title": "Enter a title of a few words."}
    for name, most in {"title": LONGEST_TITLE, "groups_named": LONGEST_GROUPS}.items():
        if len(words[name]) > most:
            errors[name] = f"Shorten this to {most:,} characters; it has {len(words[name]):,}."
    return errors


def _wrong_counts(draft: SessionDraft, named: str) -> dict[str, str]:
    names = (name for name in ("groups", "people") if not 0 <= getattr(draft, name) <= MOST_HEARD)
    errors = {name: not_a_count(f"number of {name}") for name in names}
    if errors:
        return errors
    if bool(draft.groups) != bool(named):
        errors["groups_named"] = NOT_NAMED if draft.groups else NAMED_BUT_NONE
    if draft.groups and not draft.people:
        errors["people"] = NOBODY_CAME
    return errors


def not_a_count(noun: str) -> str:
    return f"The {noun} must be a whole number from 0 to {MOST_HEARD:,}, such as 12"


def _fill_voice(voice: Voice, said: str, due_on: date) -> None:
    """Set a voice's fields."""
    voice.said, wrong = read_text(said, longest=LONGEST_HEARD, missing="Enter what people said.", what="text")
    errors = {"said": wrong} if wrong else {}
    held_on = voice.session.held_on
    if due_on < held_on:
        errors["due_on"] = f"The session was held on {date_label(held_on)}, so choose that day or a later one."
    elif due_on.year > LAST_YEAR:
        errors["due_on"] = f"Enter a day up to the end of {LAST_YEAR}."
    if errors:
        raise ValidationError(errors)
    voice.due_on = due_on


# What choose_note writes, in saved drafts too. If its words change, this must still know the old ones.
OUR_NOTE = re.compile(r"Counted from (no session|1 session|[0-9,]+ sessions)", re.ASCII)
LONGEST_KEPT = 200  # characters of a reason from outside our forms


class CountChanged(ChangedMeanwhile):
    """Somebody changed what an indicator counts after this form was opened. `now` is its current value (empty for
    nothing)."""

    def __init__(self, indicator: Indicator, now: str) -> None:
        said = f"“{dict(SessionCount.choices())[now]}”" if now else "“Not counted from sessions”"
        super().__init__(f"{indicator.title}: someone chose {said} after you opened this page. Save again to change it")
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
    counted_indicator = CountedIndicator.objects.filter(indicator=indicator).first()
    before = counted_indicator.counts if counted_indicator else ""
    # Before the comparison with `seen`: for a second press it is done already.
    if before == (counts or ""):
        return counted_indicator
    if seen is not None and seen != before:
        raise CountChanged(indicator, before)
    if counts is None:
        if counted_indicator is not None:
            counted_indicator.delete()
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
    choices are still unsaved. Each choice has its indicator, what that counts, and what the form showed."""
    for indicator, counts, seen in choices:
        count_indicator(indicator, counts, seen=seen, by=by)


def why_not_counted(indicator: Indicator) -> str:
    """Return why an indicator can't count sessions; empty if it can."""
    if indicator.retired_from is not None:
        return f"“{indicator}” is retired, so no return asks for it."
    if indicator.collection != Collection.RETURN:
        return f"“{indicator}” gets its figures from a file, not from a return."
    if indicator.dimension_id is not None:
        return f"“{indicator}” is split into categories, but sessions aren’t."
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
    draft already has these totals, it stays, whatever was shown.
    """
    check_can_enter(agency, by=by)
    if agency.area_id != period.area_id:
        raise PermissionDenied("That month belongs to another area.")
    period = locked(period)  # a second press of the button has to wait for the first
    counted = [
        counted_indicator
        for counted_indicator in list_counted_indicators([agency.pk])
        if is_asked(counted_indicator, period.month)
    ]
    if not counted:
        raise TransitionRefused(f"{agency.name} supplies no indicator for {period.month.label} that counts sessions.")
    submission = Submission.objects.filter(agency=agency, period=period).select_related("saved_by").first()
    check_takes_counts(agency, period, submission)
    count = count_sessions(EngagementSession.objects.filter(agency=agency)).get((agency.pk, period.month), Made())
    entries_before = submission.entries if submission else {}
    put = [Put.of(counted_indicator, count, entries_before) for counted_indicator in counted]
    # Before the revision is compared: a first press has raised it, and a second one has nothing to do.
    if submission is not None and all(change.before == change.after for change in put):
        return Carried(submission)
    sentence = (
        "The return was saved after you opened this page. Check the counts and the return, then put the counts in."
    )
    check_seen(revision, submission.revision if submission else 0, told=sentence)
    entries = entries_before | {change.indicator.code: change.after for change in put}
    # It checks permission, state and revision again. Don't write to the draft any other way.
    submission = save_draft(agency, period, entries, revision=revision, by=by)
    audit.record("submission.counted", submission, by=by, area=agency.area.slug, **describe_for_audit(put))
    changes = tuple((change.indicator.title, change.was, change.now) for change in put if change.was != change.now)
    return Carried(submission, changes, {change.indicator.title: change.lost for change in put if change.lost})


@dataclass(frozen=True, slots=True)
class Put:
    """What is put into one box that had something else before."""

    indicator: Indicator
    before: Entry
    after: Entry

    @classmethod
    def of(cls, counted: CountedIndicator, count: Made, entries: Mapping[str, Entry]) -> "Put":
        """Make it."""
        indicator, number = counted.indicator, count.of(SessionCount(counted.counts))
        # Each session is within its limit, but their sum may not be.
        if number > LARGEST:
            raise TransitionRefused(
                f"{indicator.title}: the month’s sessions give {number:,}, but a return accepts at most "
                f"{LARGEST:,}. Check each session, then put the counts in."
            )
        before = entries.get(indicator.code, Entry())
        note = choose_note("" if before.reason else before.note, count.sessions)
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
    for change in put:
        was = describe_typed(
            change.before.value, change.before.reason, longest=max(len(change.before.value), LONGEST_KEPT)
        )
        if was != change.now:
            changes[change.indicator.title] = [was, change.now]
        if change.lost:
            notes[change.indicator.title] = change.lost
    return {"changes": changes, "notes": notes} if notes else {"changes": changes}


def check_takes_counts(agency: Agency, period: ReportingPeriod, submission: Submission | None) -> None:
    """Raise TransitionRefused, with what to do instead."""
    month = period.month.label
    if submission is not None and submission.state in HANDED_IN:
        raise TransitionRefused(
            f"{agency.name}’s return for {month} was {submission.get_state_display().lower()}. "
            + (
                "Ask for a correction to the figure, and say that your sessions give a different count."
                if submission.state == SubmissionState.ACCEPTED
                else "Ask the coordinator to send it back, then put the counts in."
            )
        )
    if submission is None and agency.retired:
        raise TransitionRefused(f"{agency.name} is retired, so it has no more returns.")
    if submission is None and not period.is_open and is_from_file(agency, period):
        raise TransitionRefused(
            f"{agency.name}’s figures for {month} came from a file. Ask for a correction to the figure, and say "
            f"that your sessions give a different count."
        )


def choose_note(note: str, sessions: int) -> str:
    """Return the note beside a counted figure: ours, unless somebody wrote another."""
    if note.strip() and not OUR_NOTE.fullmatch(note.strip()):
        return note
    words = {0: "no session", 1: "1 session"}.get(sessions, f"{sessions:,} sessions")
    return f"Counted from {words}"
