"""A person's letter of a day and what it tells of, and how each constraint of their kinds is violated."""

from collections.abc import Callable
from datetime import date

from django.utils import timezone

from boards.models import Told
from core.letter_kinds import LetterKind
from core.models import Alarm, DayLetter, KnownDevice
from tests.integration.rows import twice
from tests.scenarios import Town


def leave_letters(town: Town) -> None:
    now = timezone.now()
    DayLetter.objects.create(person=town.coordinator, day=date(2026, 11, 2), claimed_at=now)
    KnownDevice.objects.create(person=town.coordinator, key="a", device="Firefox", first_at=now, seen_at=now)
    for name, is_end in (("beat", False), ("mail", True)):
        Alarm.objects.create(name=name, since=now, claimed_at=now, is_end=is_end, sentence="It is wrong.")
    kind = next(iter(LetterKind)).value
    Told.objects.create(area=town.area, person=town.coordinator, kind=kind, occasion="1", claimed_at=now)


LETTER_CASES: list[tuple[str, Callable[[object], object]]] = [
    ("one_letter_a_person_a_day", lambda _: twice(DayLetter.objects.all())),
    ("one_open_alarm_a_check", lambda _: twice(Alarm.objects.filter(is_end=False), since=timezone.now())),
    ("one_letter_an_alarm", lambda _: twice(Alarm.objects.filter(is_end=True))),
    ("one_known_device_per_key", lambda _: twice(KnownDevice.objects.all())),
    ("told_once_of_an_occasion", lambda _: twice(Told.objects.all())),
]
