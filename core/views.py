"""Pages that belong to no area, and the addresses that programs ask for."""

import logging
import sys
from datetime import UTC, datetime, time, timedelta

from allauth.account.views import reauthenticate
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core import guides, problems
from core.context import trail
from core.database import is_busy, is_out_of_order
from core.files.objects import Unreadable
from core.forms import kept
from core.forms.fields import RemindersForm
from core.forms.pages import SIGNED_OUT, form_for, is_done, is_saved, show_form
from core.identity.factors import list_factors
from core.identity.sign_in import end_others, end_sign_in, forget_others, list_sign_ins, set_reminded
from core.letter_kinds import OPTIONAL
from core.mail import letters
from core.pages import PersonRequest

logger = logging.getLogger(__name__)
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

    If the database can't work, such as on a full disk, or a stored file can't be read, the status is 503: it isn't the
    page's fault. Don't use the database or the session: either may be what failed.
    """
    fault = sys.exception()
    is_database = is_out_of_order(fault)
    is_file = isinstance(fault, Unreadable)
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
        # An operator finds it in the log.
        "reference": request_trail.id if (request_trail := trail.get()) else "",
    }
    return HttpResponse(get_template("500.html").render(context), status=503 if is_database or is_file else 500)


@require_safe
def signed_link(request: PersonRequest, token: str) -> HttpResponse:
    """Go to the page of a link in an e-mail, for the person it was sent to."""
    try:
        link = letters.read(token)
    except BadSignature:
        messages.error(
            request,
            f"That link is incomplete, or more than {letters.DAYS} days old. You may find what you need on this page.",
        )
        return redirect(settings.LOGIN_REDIRECT_URL)
    if link.user_id != request.user.pk:
        raise PermissionDenied(
            f"We sent this link to somebody else, and you are signed in as {request.user.email}. "
            "If that isn’t you, sign out and open the link again."
        )
    return redirect(link.path)


def confirm_it_is_you(request: PersonRequest) -> HttpResponseBase:
    """Ask for the password again; or for the second factor of somebody who has one. A password alone must not be enough
    to remove it."""
    if list_factors(request.user).exists():
        query = request.GET.urlencode()
        return redirect(f"{reverse('mfa_reauthenticate')}{'?' if query else ''}{query}")
    if not request.user.has_usable_password():  # somebody who has signed in by single sign-on only
        messages.info(request, "Sign out and sign in again. Then you can change this for five minutes.")
        return redirect("account_logout")
    answer: HttpResponseBase = reauthenticate(request)
    return answer


def first_password(request: PersonRequest) -> HttpResponse:
    """Redirect to where somebody changes their password, or asks for a link to their first one."""
    return redirect("account_change_password" if request.user.has_usable_password() else "account_reset_password")


def reminders(request: PersonRequest) -> HttpResponse:
    """Let a person switch their own e-mails on and off."""
    wanted = [kind.value for kind in OPTIONAL if kind.value not in request.user.unwanted]
    initial = {"is_reminded": request.user.is_reminded, "wanted": wanted}
    form = form_for(request, lambda typed: RemindersForm(typed, initial=initial))

    def save() -> None:
        set_reminded(is_reminded=form.cleaned_data["is_reminded"], unwanted=form.unwanted, by=request.user)

    if is_saved(request, form, save):
        is_reminded = form.cleaned_data["is_reminded"]
        messages.success(
            request,
            f"We send reminders to {request.user.email}." if is_reminded else "We no longer send you reminders.",
        )
        return redirect("reminders")
    return show_form(request, "account/reminders.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_ins(request: PersonRequest) -> HttpResponse:
    """List the browsers in which a person is signed in. Buttons end one, or all others."""
    this = request.session.session_key
    if request.method == "POST":
        name = request.POST.get("end", "")
        if name:
            is_done(request, lambda: end_sign_in(name, by=request.user), done="That sign-in has ended.")
        elif "others" in request.POST:
            others = "You are signed out everywhere else."
            if is_done(request, lambda: end_others(request.user, this=this, by=request.user), done=others):
                forget_others(request, person=request.user)
        return redirect("sign-ins")
    context = {"sign_ins": list_sign_ins(request.user, this=this), "idle": settings.SESSION_IDLE.seconds // 60}
    return render(request, "account/sign_ins.html", context)


@login_not_required
@require_safe
def help_pages(request: HttpRequest) -> HttpResponse:
    """List every guide, for somebody who isn't signed in the residents' first. Anybody may read them: nothing in them
    is about an area."""
    listed = guides.list_guides()
    if not request.user.is_authenticated:
        listed = tuple(sorted(listed, key=lambda guide: guide.slug != guides.FOR_ANYBODY))
    return render(request, "help/index.html", {"guides": listed})


@login_not_required
@require_safe
def help_guide(request: HttpRequest, guide: str) -> HttpResponse:
    """Show one guide. Raises Http404."""
    shown = next((page for page in guides.list_guides() if page.slug == guide), None)
    if shown is None:
        raise Http404("There is no such guide.")
    return render(request, "help/guide.html", {"guide": shown})


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Tell whoever finds a weakness where to report it (RFC 9116). Raises Http404 if the operator named nobody."""
    if not settings.CONTACT:
        raise Http404("This installation names no contact.")
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
