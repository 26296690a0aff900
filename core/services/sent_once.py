"""What if a form is sent twice, because somebody pressed a button twice? It is accepted once, and the second isn't an
error.

If it changes a row, the row shows it: it already has these values, from the same person. Services ask with
`is_sent_twice` once they have locked the row. A form that changes nothing isn't a change, whoever sends it.

If it adds a row, only the page shows it (`taken_once`, for the view). A page's token against forgery is new each time.
So the same words from the same page within a few minutes are the same form, and get the same answer. Somebody who goes
back, changes a word and sends the form again sends a new one.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone

from core.models import SentForm

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the name of a form's field
SAME_WITHIN = timedelta(minutes=2)  # a slow line, and a second press; after this, somebody means it
TWICE = "This was already saved."
NAMED_FOR = timedelta(hours=24)


class NamedTwice(Exception):
    """Raised where a system uses one name for two different requests."""


def taken_once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Accept the form of a view that adds something only once.

    Everything that it saves is in one transaction with the note that it was accepted. The second of two at the same
    time waits for the first. A refused form may be sent again.
    """

    @wraps(view)
    def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or TOKEN not in request.POST:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            now, digest = timezone.now(), hash_request(request)
            # The second of two waits here: on PostgreSQL for the first one's digest, which is unique. SQLite has
            # already made it wait at BEGIN (vvdash.env).
            sent, is_first = SentForm.objects.select_for_update().get_or_create(
                digest=digest, defaults={"sent_at": now}
            )
            if not is_first and sent.sent_at > now - SAME_WITHIN:
                messages.info(request, TWICE)
                return redirect(sent.led_to)
            response = view(request, *args, **kwargs)
            if isinstance(response, HttpResponseRedirect):
                sent.led_to, sent.sent_at = response.url, now
                sent.save(update_fields=["led_to", "sent_at"])
            else:
                # It wasn't accepted. A note would answer the same form, sent again, with “already saved”.
                sent.delete()
        return response

    return once


def is_sent_twice(row: models.Model, **said: object) -> bool:
    """Return whether a row already says all of this: who did it (`archived_by=by`), and why (`archived_why=why`).

    Another person or another text means that somebody else was first.
    """
    return all(
        getattr(row, f"{name}_id") == value.pk if isinstance(value, models.Model) else getattr(row, name) == value
        for name, value in said.items()
    )


def hash_request(request: HttpRequest) -> str:
    """Return the same hash for two requests that are the same form from the same person."""
    return sha256("\n".join(_parts(request)).encode()).hexdigest()


def _parts(request: HttpRequest) -> Iterator[str]:
    yield str(request.user.pk)
    yield request.get_full_path()
    yield request.POST.urlencode()
    for name, files in request.FILES.lists():
        for file in files:
            content = sha256(b"".join(file.chunks())).hexdigest()
            # The form reads the file after us, from where we stop.
            file.seek(0)
            yield f"{name} {file.name} {content}"


def is_first_time(name: str, content: str) -> bool:
    """Return whether a request with this name and content is new, and note it. Raises NamedTwice.

    Call it in the transaction of what the request does: if that fails, the name is free again.
    """
    now, digest, content = timezone.now(), sha256(name.encode()).hexdigest(), sha256(content.encode()).hexdigest()
    sent, is_new = SentForm.objects.select_for_update().get_or_create(
        digest=digest, defaults={"sent_at": now, "led_to": content}
    )
    if is_new:
        return True
    if sent.sent_at > now - NAMED_FOR:
        if sent.led_to != content:
            raise NamedTwice
        return False
    sent.sent_at, sent.led_to = now, content
    sent.save(update_fields=["sent_at", "led_to"])
    return True


def forget_sent() -> int:
    """Delete the notes that are too old to match a second form or request. Return how many."""
    return SentForm.objects.filter(sent_at__lt=timezone.now() - NAMED_FOR).delete()[0]
