"""The product with one more address, whose requests write a row, and then hang or don't."""

import os
import signal
import time

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from vvdash.wsgi import application  # the product has to be set up before anything else of it is imported

from core.models import Alarm  # isort: skip
from vvdash import urls  # isort: skip

__all__ = ["application"]

HANGS = {
    "in Python": lambda: time.sleep(600),
    # As on a file system that stops: no signal reaches it but the one that kills.
    "deaf": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "not": lambda: None,
}


@csrf_exempt
@login_not_required
@transaction.atomic
def hang(request: HttpRequest) -> HttpResponse:
    Alarm.objects.create(name="hang", since=timezone.now(), sentence=request.POST["typed"])
    HANGS[request.POST["how"]]()
    return HttpResponse("saved")


urls.urlpatterns.insert(0, path("hang/", hang, name="hang"))  # before the page of an area
