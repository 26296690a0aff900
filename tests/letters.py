"""The letter of the day, of one source alone, for the tests of what that tells."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Action, Challenge, Milestone
from actions.selectors.notices import Notice, Wait
from actions.workflow import NoticeKind
from boards.models import Agency, ReportingPeriod
from core.letter_kinds import LetterKind
from core.mail import daily, letters
from core.mail.daily import DAY, Envelope, Occasion, Source
from core.models import OutboxEntry, User
from core.timetable import Timetable
from indicators.selectors.reminders import Reminder
from indicators.workflow import ReminderKind


def send(*sources: Source) -> int:
    """How many letters were sent, or tried."""
    return daily.send_letters(sources)


def send_on(today: date, source: Source) -> int:
    """As a worker does it that day."""
    opened = list(claim(source, today=today))
    for envelope in opened:
        deliver(envelope)
    return len(opened)


def deliver(envelope: Envelope) -> list[OutboxEntry]:
    """Send a claimed e-mail. Return what it tells of."""
    letters.deliver(envelope.entries, partial(daily.write, envelope.mentions))
    return envelope.entries[1:]


def claim(source: Source, *, today: date) -> Iterator[Envelope]:
    return daily.claim_letters([source], today=today)


def claimed_rows(source: Source, *, today: date) -> Iterator[list[OutboxEntry]]:
    """What each letter tells of, claimed one after the other."""
    return (envelope.entries[1:] for envelope in claim(source, today=today))


def told_of(*kinds: LetterKind) -> QuerySet[OutboxEntry]:
    """What people were told of these kinds, or will be."""
    return OutboxEntry.objects.filter(kind__in=[kind.value for kind in kinds])


def letters_of_a_day() -> QuerySet[OutboxEntry]:
    return OutboxEntry.objects.filter(kind=DAY)


def leave_failed(occasion: Occasion, **fields: Any) -> OutboxEntry:
    """An occasion that somebody should have been told of."""
    values = {"claimed_at": timezone.now(), "fault": "The server was down"} | fields
    return OutboxEntry.objects.create(
        person=occasion.person, kind=occasion.kind.value, occasion=occasion.key, area=occasion.area.slug, **values
    )


def fail_to_remind(
    period: ReportingPeriod, agency: Agency, person: User, kind: ReminderKind, **fields: Any
) -> OutboxEntry:
    return leave_failed(Reminder(period, agency, person, kind).occasion, **fields)


def fail_to_warn(thing: Action | Challenge | Milestone, kind: NoticeKind, person: User, **fields: Any) -> OutboxEntry:
    area = thing.action.area if isinstance(thing, Milestone) else thing.area
    return leave_failed(Notice(Wait(area, person, thing, thing.due_on), kind).occasion, **fields)


def leave_letter(person: User, day: date, **fields: Any) -> OutboxEntry:
    """Somebody's e-mail of a day, which isn't known to be sent."""
    values = {"claimed_at": timezone.now(), "message_id": "<1@x>"} | fields
    return OutboxEntry.objects.create(person=person, kind=DAY, occasion=day.isoformat(), **values)


def let_it_be_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters go out at this time, so that a page has people told at once."""
    monkeypatch.setattr(Timetable, "is_open", lambda *_: True)


def let_another_day_come() -> None:
    """Whoever got a letter today gets the next one, for tests of what is told and not of when."""
    for letter in letters_of_a_day().exclude(sent_at=None):
        letter.occasion = (date.fromisoformat(letter.occasion) - timedelta(days=30)).isoformat()
        letter.save()


def grow_old(age: timedelta) -> None:
    """The letters that aren't known to be sent were claimed so long ago."""
    letters_of_a_day().filter(sent_at=None).update(claimed_at=timezone.now() - age)
