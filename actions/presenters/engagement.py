"""Describes sessions with the community, what people said in them, and events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from actions.models import EngagementSession, Event, EventKind, Expectation, Voice
from actions.permissions import can_tell_events
from actions.selectors.engagement import AnsweredSession, Compared, CountedMonth, Made
from actions.selectors.events import was_said_beforehand
from boards.permissions import Access
from core.calendar import Month, date_label
from core.texts import count_of_noun
from indicators.workflow import SubmissionState


def describe_made(counts: Made, *, of: int | None = None) -> str:
    """Describe what the sessions give: "3 sessions, 7 groups heard, 64 people reached". With `of`, the month's total:
    "2 of the month’s 3 sessions, …"."""
    sessions = count_of_noun(counts.sessions, "session")
    if of is not None:
        sessions = f"{counts.sessions:,} of the month’s {count_of_noun(of, 'session')}"
    people = "1 person" if counts.people == 1 else f"{counts.people:,} people"
    return f"{sessions}, {count_of_noun(counts.groups, 'group')} heard, {people} reached"


def session_facts(session: EngagementSession) -> str:
    """Describe a session: "Voluntary sector. 2 groups heard: parents; tenants. 31 people reached."."""
    groups = f"{count_of_noun(session.groups, 'group')} heard" if session.groups else "No group took part"
    named = f": {session.groups_named.rstrip('.')}" if session.groups_named else ""
    people = "1 person" if session.people == 1 else f"{session.people:,} people"
    return f"{groups}{named}. {people} reached."


def describe_answers(waiting: int, total: int) -> str:
    """Describe the answers: "3 things were said; 1 has no answer yet". Empty if nothing was said."""
    if not total:
        return ""
    said = "1 thing was said" if total == 1 else f"{total:,} things were said"
    if not waiting:
        return f"{said} and answered" if total == 1 else f"{said}, all answered"
    if total == 1:
        return f"{said} and has no answer yet"
    return f"{said}; {waiting:,} {'has no answer yet' if waiting == 1 else 'have no answer yet'}"


@dataclass(frozen=True, slots=True)
class VoiceView:
    """ "You said, we did", as pages show it. `tag` is the class of its state."""

    key: int
    said: str
    did: str
    state: str
    tag: str
    when: str
    is_open: bool
    voice: Voice


def voice_view(voice: Voice, *, today: date) -> VoiceView:
    due = f"Answer promised by {date_label(voice.due_on)}"
    if voice.closed_at is not None:
        when = f"Answered on {date_label(timezone.localdate(voice.closed_at))}"
        return VoiceView(voice.pk, voice.said, voice.did, "Answered", "published", when, is_open=False, voice=voice)
    is_late = voice.due_on < today
    state, tag = ("Overdue", "problem") if is_late else ("Promised", "open")
    return VoiceView(voice.pk, voice.said, "", state, tag, due, is_open=True, voice=voice)


@dataclass(frozen=True, slots=True)
class MonthOfSessions:
    """The sessions of a month on a page, under the totals of all sessions found in that month."""

    month: Month
    totals: str
    sessions: list[AnsweredSession]


def group_by_month(
    sessions: Iterable[AnsweredSession], counts: Mapping[Month, Made], *, of: Mapping[Month, Made] | None = None
) -> Iterator[MonthOfSessions]:
    """Group sessions by month. `of` are the totals of all sessions of each month, if only some were searched for."""
    by_month: dict[Month, list[AnsweredSession]] = {}
    for session in sessions:
        by_month.setdefault(Month.of(session.held_on), []).append(session)
    for month, month_sessions in by_month.items():
        totals = describe_made(counts.get(month, Made()), of=of.get(month, Made()).sessions if of is not None else None)
        yield MonthOfSessions(month, totals, month_sessions)


# --- What a return says, and what its sessions make -------------------------------------------------


def describe_comparison(row: Compared, *, is_own: bool) -> str:
    """Compare them: "Your return says 3; your sessions give 4"."""
    whose = "your" if is_own else "the"
    if row.is_missing:
        return f"There is no figure for this month; {whose} sessions give {row.from_sessions:,}"
    if not (row.takes_figures or row.said):
        return "There is no figure for this month"
    says = f"{whose.capitalize()} return says {row.said or 'nothing yet'}"
    return (
        f"{says}, the same as {whose} sessions"
        if row.is_same
        else f"{says}; {whose} sessions give {row.from_sessions:,}"
    )


def describe_difference(month: CountedMonth) -> str:
    """Describe the differences: "Community sessions: 3 in the return, 4 from your sessions. …"."""
    return " ".join(
        f"{row.counted.indicator.title}: {row.said or 'no figure'} in the return, "
        f"{row.from_sessions:,} from your sessions."
        for row in month.off
    )


def can_be_corrected(row: Compared, month: CountedMonth) -> bool:
    """Return whether its agency's lead can ask for a correction: another agency may supply it now."""
    return not month.can_carry and row in month.off and row.counted.indicator.owner_id == month.agency.pk


def describe_step(month: CountedMonth, *, is_own: bool) -> str:
    """Say what to do about a month that can't accept the counts. Empty if it can, or if nothing differs."""
    if month.can_carry or not month.off:
        return ""
    state = month.submission.state if month.submission else None
    if state in (SubmissionState.SUBMITTED, SubmissionState.RELEASED):
        return "The return has been submitted. Ask the coordinator to send it back, then put these counts in."
    accepted = state == SubmissionState.ACCEPTED
    why = "The coordinator accepted the figures." if accepted else "This agency can’t start a return."
    others = {row.counted.indicator.owner.name for row in month.off if not can_be_corrected(row, month)}
    if others:
        return f"{why} A lead of {' or '.join(sorted(others))}, which supplies it now, can ask for a correction."
    return f"{why} {'You' if is_own else 'Its lead'} can ask for a correction on the figure’s page."


AFTERWARDS = "said afterwards"
BEFOREHAND = "said beforehand"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody expected of one indicator: "Should fall by about 20% by June 2027"."""

    code: str
    indicator: str
    words: str
    when: str
    is_beforehand: bool


@dataclass(frozen=True, slots=True)
class EventView:
    event: Event
    kind: str
    days: str
    whose: str
    moves: tuple[tuple[str, str, str], ...]  # title, direction, address of the result
    said: tuple[Said, ...]
    may_change: bool


def make_said(expectations: Iterable[Expectation]) -> tuple[Said, ...]:
    """Make the texts. Each needs its indicator, and its action or event."""
    return tuple(make_one(said) for said in expectations)


def make_one(said: Expectation) -> Said:
    is_beforehand = was_said_beforehand(said)
    when = BEFOREHAND if is_beforehand else AFTERWARDS
    byline = f"{said.made_by}, {date_label(timezone.localdate(said.made_at))}, {when}"
    return Said(said.indicator.code, said.indicator.title, f"Should {said.words}", byline, is_beforehand)


def make_event_views(events: Sequence[Event], access: Access) -> list[EventView]:
    """Make the views. Load the events with actions.selectors.events.list_events."""
    return [
        EventView(
            event=event,
            kind=EventKind(event.kind).label,
            days=describe_days(event.starts_on, event.ends_on),
            whose=event.board.name if event.board else access.area.name,
            moves=tuple(
                (
                    aim.indicator.title,
                    aim.get_way_display().lower(),
                    reverse(
                        "reporting:impact-view",
                        args=[access.area.slug, event.reference.lower(), aim.indicator.code],
                    ),
                )
                for aim in event.aims.all()
            ),
            said=make_said(event.expectations.all()),
            may_change=can_tell_events(access, event.board_id),
        )
        for event in events
    ]


def describe_days(first: date, last: date | None) -> str:
    """ "5 May 2026 to 9 May 2026"."""
    return f"{date_label(first)} to {date_label(last)}" if last and last != first else date_label(first)
