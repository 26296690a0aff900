"""Tasks that tidy up, and the one that beat wakes. Each fetches, calls a service, and is done."""

from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core.services import day_letters, jobs
from core.services.links import site_address
from core.services.sent_once import forget_sent


@shared_task
def run_due_jobs() -> list[str]:
    """Run what is due by the clock. Beat wakes it every minute; which jobs those are stands in the settings."""
    return [name for name, _ in jobs.run_due_jobs()]


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that have ended, with whatever form was kept in them. Each night; by hand it is Django's
    `manage.py clearsessions`."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@shared_task
def forget_sent_forms() -> int:
    """Forget which forms were sent. Each night."""
    return forget_sent()


@shared_task
def send_letters() -> int:
    """Send each person the one letter of the day, of all that is due for them. Returns how many letters that were."""
    return day_letters.send_letters(day_letters.load_sources(), absolute=site_address)


def hint_letters() -> None:
    """For a page that changes whose turn something is, once that is committed: whoever got no letter that day hears at
    once. At night they hear in the morning."""
    if settings.JOBS["send-letters"]["timetable"].is_open(timezone.now()):
        send_letters.delay()
