"""Tasks that tidy up, and the one that beat wakes. Each fetches, calls a service, and is done."""

from importlib import import_module

from celery import shared_task
from django.conf import settings

from core.services import jobs
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
