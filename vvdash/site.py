"""Answers to faults, and the addresses that programs ask for."""

import sys
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.context import trail
from core.database import is_busy, is_out_of_order
from core.files.objects import Unreadable
from core.forms import kept
from core.forms.pages import SIGNED_OUT
from core.mail import letters
from core.requests_in_progress import TookTooLong
from reporting.api import problems

CONTACT_LASTS = timedelta(days=90)  # security.txt: RFC 9116 advises less than a year


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or too old. If it is ours and wants to be saved, show it again."""
    if kept.keep(request):
        if not request.user.is_authenticated:
            messages.info(request, SIGNED_OUT)
        return redirect(request.path)
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that we can't read.

    A form that is too large gets its own sentence; we didn't read it, so there is nothing to show again. Don't touch
    the request: it may be what is wrong.
    """
    too_large = isinstance(exception, RequestDataTooBig)
    if problems.is_for_machines(request):
        return problems.refuse(request, "too-large" if too_large else "unreadable")
    context = {"largest": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2 if too_large else 0}
    return HttpResponse(get_template("400.html").render(context), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after an error of ours. The page has what somebody typed, and they can put it back.

    If the database can't work, such as on a full disk, a stored file can't be read, or it took too long, the status is
    503: it isn't the page's fault. Don't use the database or the session: either may be what failed.
    """
    fault = sys.exception()
    is_database = is_out_of_order(fault)
    is_file = isinstance(fault, Unreadable)
    is_too_long = isinstance(fault, TookTooLong)
    if problems.is_for_machines(request):
        return problems.refuse(request, "no-database" if is_database else "broken")
    typed = kept.list_typed(request) if request.method == "POST" else []
    context = {
        "typed": typed,
        "path": request.path,
        "had_files": bool(typed and request.FILES),
        "is_database": is_database,
        "is_busy": is_busy(fault),
        "is_file": is_file,
        "is_too_long": is_too_long,
        # An operator finds it in the log.
        "reference": request_trail.id if (request_trail := trail.get()) else "",
    }
    return HttpResponse(
        get_template("500.html").render(context), status=503 if is_database or is_file or is_too_long else 500
    )


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Tell whoever finds a weakness where to report it (RFC 9116). Raises Http404 if the operator named nobody."""
    if not settings.CONTACT:
        raise Http404("No security contact is set.")
    until = datetime.combine(timezone.now().date() + CONTACT_LASTS, time(), UTC)
    lines = (
        f"Contact: mailto:{settings.CONTACT}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {letters.site_address(reverse('security-txt'))}",
    )
    return as_text(*lines)


@login_not_required
@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    """Tell search engines to read only what is for everybody."""
    return as_text(
        "User-agent: *",
        "Allow: /*/public/",
        "Allow: /help/",
        f"Allow: {reverse('privacy')}",
        f"Allow: {reverse('accessibility')}",
        f"Allow: {settings.STATIC_URL}",
        "Disallow: /",
    )


def as_text(*lines: str) -> HttpResponse:
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
