"""Tell the operator by e-mail that something doesn't work, and that it works again.

Not each fault: one that lasts, and at most once an hour for each check. Whoever gets many alarms reads none.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from core.letter_kinds import OutboxKind
from core.mail import letters
from core.mail.letters import site_address
from core.models import Alarm, OutboxEntry
from operations.health.kinds import Check

LASTS = timedelta(minutes=5)
NOT_AGAIN = timedelta(hours=1)
FORGOTTEN = timedelta(days=365)
WRONG, OVER = "wrong", "over"
LONGEST: int = Alarm._meta.get_field("sentence").max_length or 0


def watch(checks: list[Check], now: datetime) -> int:
    """Note what is ill, and send the e-mails about it. Return how many. Raises JobFailed if the mail server is down."""
    for check in checks:
        note(check, now)
    Alarm.objects.filter(name__in=set(_list_open_names()) - set(settings.CHECKS)).update(over_at=now)
    Alarm.objects.filter(over_at__lt=now - FORGOTTEN).delete()
    return send()


@transaction.atomic
def note(check: Check, now: datetime) -> None:
    """Note what a check found. Two workers may do it at the same moment: a check has one open alarm."""
    alarms = Alarm.objects.select_for_update().filter(name=check.name)
    alarm, sentence = alarms.filter(over_at=None).first(), check.sentence[:LONGEST]
    if alarm is None:
        if not check.is_well:
            values = {"since": now, "sentence": sentence}
            Alarm.objects.get_or_create(name=check.name, over_at=None, defaults=values)
        return
    if check.is_well:
        alarm.over_at = now
        # Whoever was told of it is told of its end.
        if alarm.told_at is not None:
            write(alarm, OVER, sentence)
    else:
        alarm.since = min(alarm.since, now)  # the clock was put back
        alarm.sentence = sentence
        lasts = now - alarm.since >= LASTS
        if lasts and alarm.told_at is None and not alarms.filter(told_at__gt=now - NOT_AGAIN).exists():
            alarm.told_at = now
            write(alarm, WRONG, sentence)
    alarm.save()


def write(alarm: Alarm, what: str, sentence: str) -> None:
    """Write the e-mail, unless nobody is in ALARMS_TO: it would wait for nobody."""
    if settings.ALARMS_TO:
        letters.put_out(OutboxKind.ALARM.value, f"{alarm.pk}:{what}", about=sentence)


def send() -> int:
    """Send the e-mails that wait, to everybody in ALARMS_TO."""
    if not settings.ALARMS_TO:
        OutboxEntry.objects.waiting().filter(kind=OutboxKind.ALARM.value).delete()
    return letters.send_waiting([OutboxKind.ALARM.value], compose)


def compose(entry: OutboxEntry) -> EmailMultiAlternatives:
    """Return the e-mail. It says no figure, area or person: it may go to a telephone."""
    key, _, what = entry.occasion.partition(":")
    alarm = Alarm.objects.get(pk=int(key))
    source = settings.CHECKS.get(alarm.name)
    label = source["label"] if source else alarm.name
    is_over = what == OVER
    context = {
        "alarm": alarm,
        "is_over": is_over,
        "sentence": entry.about if is_over else alarm.sentence,
        "label": label,
        "url": site_address(reverse("state")),
    }
    subject = f"{label}: {'it works again' if is_over else 'something is wrong'} (V+V Dashboard)"
    words = render_to_string("emails/alarm.txt", context)
    return letters.make_message(subject, words, to=settings.ALARMS_TO)


def _list_open_names() -> list[str]:
    return list(Alarm.objects.filter(over_at=None).values_list("name", flat=True))
