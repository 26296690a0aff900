"""Tell the operator by e-mail that something doesn't work, and that it works again.

Not each fault: one that lasts, and at most once an hour for each check. Whoever gets many alarms reads none.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from core.mail import letters
from core.mail.letters import site_address
from core.models import Alarm
from operations.health.kinds import Check

LASTS = timedelta(minutes=5)
NOT_AGAIN = timedelta(hours=1)
FORGOTTEN = timedelta(days=365)
LONGEST: int = Alarm._meta.get_field("sentence").max_length or 0


def watch(checks: list[Check], now: datetime) -> int:
    """Note what is ill, and send the e-mails about it. Return how many. Raises JobFailed if the mail server is down."""
    for check in checks:
        note(check, now)
    Alarm.objects.filter(name__in=set(_list_open_names()) - set(settings.CHECKS)).update(over_at=now)
    Alarm.objects.filter(over_at__lt=now - FORGOTTEN).delete()
    return send(now)


@transaction.atomic
def note(check: Check, now: datetime) -> None:
    """Note what a check found. Two workers may do it at the same moment: a check has one open alarm."""
    alarms = Alarm.objects.select_for_update().filter(name=check.name, is_end=False)
    alarm = alarms.filter(over_at=None).first()
    if check.is_well:
        if alarm is not None:
            end(alarm, check, now)
        return
    if alarm is None:
        values = {"since": now, "claimed_at": now, "tries": 0, "sentence": check.sentence[:LONGEST]}
        Alarm.objects.get_or_create(name=check.name, is_end=False, over_at=None, defaults=values)
        return
    alarm.since = min(alarm.since, now)  # the clock was put back
    alarm.sentence = check.sentence[:LONGEST]
    lasts = now - alarm.since >= LASTS
    if lasts and alarm.told_at is None and not alarms.filter(told_at__gt=now - NOT_AGAIN).exists():
        alarm.told_at = alarm.claimed_at = now
        alarm.message_id = letters.make_message_id()
    alarm.save()


def end(alarm: Alarm, check: Check, now: datetime) -> None:
    """End an alarm. Whoever was told of it is told of its end."""
    alarm.over_at = now
    alarm.save(update_fields=["over_at"])
    if alarm.told_at is not None:
        values = {
            "sentence": check.sentence[:LONGEST],
            "claimed_at": now,
            "told_at": now,
            "over_at": now,
            "tries": 0,
            "message_id": letters.make_message_id(),
        }
        Alarm.objects.get_or_create(name=alarm.name, since=alarm.since, is_end=True, defaults=values)


def send(now: datetime) -> int:
    """Send the e-mails that wait, to everybody in ALARMS_TO. Without anybody there, they wait for nobody."""
    if not settings.ALARMS_TO:
        Alarm.objects.filter(sent_at=None).exclude(message_id="").update(message_id="")
        return 0
    return letters.send_waiting(Alarm.objects.all(), compose)


def compose(alarm: Alarm) -> EmailMultiAlternatives:
    """Return the e-mail. It says no figure, area or person: it may go to a telephone."""
    source = settings.CHECKS.get(alarm.name)
    label = source["label"] if source else alarm.name
    context = {"alarm": alarm, "label": label, "url": site_address(reverse("state"))}
    subject = f"{label}: {'it works again' if alarm.is_end else 'something is wrong'} (V+V Dashboard)"
    words = render_to_string("emails/alarm.txt", context)
    return letters.make_message(subject, words, to=settings.ALARMS_TO)


def _list_open_names() -> list[str]:
    return list(Alarm.objects.filter(over_at=None).values_list("name", flat=True))
