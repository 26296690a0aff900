"""A form that is sent twice, by a button that was pressed twice, is taken once, and the second is no error.

What changes a row is recognised by the row: it says already what the form says, by the same person (`is_sent_twice`,
which services ask once they have locked it). A form that changes nothing is no change, whoever sends it.

What adds a row is recognised by its page (`taken_once`, for the view): there is nothing yet that could say so. A page's
token against forgery is another one each time that the page is made. So what comes from the same page with the
same words in it, within a few minutes, is the same form: it is answered as it was the first time. Somebody who goes
back, changes a word and sends the form again sends another one.
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
SAME_WITHIN = timedelta(minutes=2)  # a slow line, and a finger that presses again; later on somebody means it
TWICE = "This was already saved."


def taken_once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a view that adds something. All that it saves, and that the form was taken, is one transaction: the second of
    two at the same time waits for the first. A form that was refused was not taken, and may be sent again."""

    @wraps(view)
    def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or TOKEN not in request.POST:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            now, digest = timezone.now(), hash_request(request)
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
                sent.delete()
        return response

    return once


def is_sent_twice(row: models.Model, **said: object) -> bool:
    """Whether a row says all of this already: who did it (`archived_by=by`), and in which words (`archived_why=why`).
    Somebody else, or other words, is somebody who comes second."""
    return all(
        getattr(row, f"{name}_id") == value.pk if isinstance(value, models.Model) else getattr(row, name) == value
        for name, value in said.items()
    )


def hash_request(request: HttpRequest) -> str:
    """The same for two requests that are the same form of the same person."""
    return sha256("\n".join(_parts(request)).encode()).hexdigest()


def _parts(request: HttpRequest) -> Iterator[str]:
    yield str(request.user.pk)
    yield request.get_full_path()
    yield request.POST.urlencode()
    for name, files in request.FILES.lists():
        for file in files:
            content = sha256(b"".join(file.chunks())).hexdigest()
            file.seek(0)
            yield f"{name} {file.name} {content}"


def forget_sent() -> int:
    """Delete those of which a second one wouldn't be the same any more. Returns how many that were."""
    return SentForm.objects.filter(sent_at__lt=timezone.now() - SAME_WITHIN).delete()[0]
