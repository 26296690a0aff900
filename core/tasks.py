"""Tasks that tidy up. Each fetches, calls a service, and is done."""

from importlib import import_module

from celery import shared_task
from django.conf import settings

from core.services.sent_once import forget_sent


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that have ended, with whatever form was kept in them. Beat runs it each night; by hand it is
    Django's `manage.py clearsessions`."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@shared_task
def forget_sent_forms() -> int:
    """Forget which forms were sent. Beat runs it each night."""
    return forget_sent()
