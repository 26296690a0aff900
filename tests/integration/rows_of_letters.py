"""A person's letter of a day and what it tells of, and how each constraint of their kinds is violated."""

from collections.abc import Callable
from datetime import date

from django.utils import timezone

from core.models import Alarm, KnownDevice, OutboxEntry
from tests.integration.rows import twice
from tests.letters import leave_letter, letters_of_a_day
from tests.scenarios import Town


def leave_letters(town: Town) -> None:
    now = timezone.now()
    leave_letter(town.coordinator, date(2026, 11, 2))
    OutboxEntry.objects.create(kind="alarm", occasion="1:wrong", claimed_at=now)
    KnownDevice.objects.create(person=town.coordinator, key="a", device="Firefox", first_at=now, seen_at=now)
    Alarm.objects.create(name="beat", since=now, sentence="It is wrong.")


LETTER_CASES: list[tuple[str, Callable[[object], object]]] = [
    ("one_entry_an_occasion_and_person", lambda _: twice(letters_of_a_day())),
    ("one_entry_an_occasion_of_nobody", lambda _: twice(OutboxEntry.objects.filter(person=None))),
    ("one_open_alarm_a_check", lambda _: twice(Alarm.objects.all(), since=timezone.now())),
    ("one_known_device_per_key", lambda _: twice(KnownDevice.objects.all())),
]
