"""The letter of the day, of one source alone, for the tests of what that tells."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from core.mail import daily
from core.mail.daily import Envelope, Source
from core.models import DayLetter
from core.timetable import Timetable


def send(*sources: Source) -> int:
    """How many letters were sent, or tried."""
    return daily.send_letters(sources)


def send_on(today: date, source: Source) -> int:
    """As a worker does it that day."""
    opened = list(claim(source, today=today))
    for envelope in opened:
        daily.send_letter(envelope)
    return len(opened)


def claim(source: Source, *, today: date) -> Iterator[Envelope]:
    return daily.claim_letters([source], today=today)


def claimed_rows(source: Source, *, today: date) -> Iterator[list[Any]]:
    """What each letter tells of, claimed one after the other."""
    return ([row for _, rows in envelope.parts for row in rows] for envelope in claim(source, today=today))


def let_it_be_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters go out at this time, so that a page has people told at once."""
    monkeypatch.setattr(Timetable, "is_open", lambda *_: True)


def let_another_day_come() -> None:
    """Whoever got a letter today gets the next one, for tests of what is told and not of when."""
    DayLetter.objects.exclude(sent_at=None).update(day=F("day") - timedelta(days=30))


def grow_old(age: timedelta) -> None:
    """The letters that aren't known to be sent were claimed so long ago."""
    DayLetter.objects.filter(sent_at=None).update(claimed_at=timezone.now() - age)
