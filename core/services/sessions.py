"""End everything that somebody has open."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.models import User


def end_sessions(user: User, *, but: str | None = None) -> int:
    """Sign a person out everywhere, or everywhere but in the session with that key. Return how many sessions ended."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    ended = 0
    # A session doesn't name its person in a column, so read them all: it is done seldom.
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=but or "").iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            store(session.session_key).delete()
            ended += 1
    return ended
