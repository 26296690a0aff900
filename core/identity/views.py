"""A person's own pages: how they sign in and where, which e-mails they get, and the links that we send them."""

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import reauthenticate
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from core.forms.pages import form_for, is_done, is_saved, show_form
from core.identity.factors import list_factors
from core.identity.forms import RemindersForm
from core.identity.sign_in import end_others, end_sign_in, forget_others, list_sign_ins, set_reminded
from core.letter_kinds import OPTIONAL
from core.mail import letters
from core.pages import PersonRequest

TOO_MANY = "There were too many tries from your network. Wait a minute, then try again."


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
            f"We sent this link to someone else, and you are signed in as {request.user.email}. "
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
        messages.info(request, "Sign out and sign in again. You then have five minutes to change this.")
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


def check_is_provider(provider_id: str) -> None:
    if provider_id not in settings.OIDC_PROVIDERS:
        raise Http404


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def provider_sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Show a button, or send somebody who pressed it to a provider.

    A page in between does it. A redirect after a form would need our policy for contents to name every site on the way,
    and a provider may send people on to others.
    """
    check_is_provider(provider_id)
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    name = settings.OIDC_PROVIDERS[provider_id].name
    if request.method != "POST":
        return render(request, "account/provider.html", {"name": name})
    if not ratelimit.consume(request, app="allauth.account", action="provider_sign_in"):
        messages.error(request, TOO_MANY)
        return redirect("account_login")
    from core.identity.single_sign_on import find_address  # noqa: PLC0415  # it loads what nobody else needs

    try:
        address = find_address(request, provider_id, after=get_next_redirect_url(request))
    except ImmediateHttpResponse as fault:
        answer: HttpResponse = fault.response
        return answer
    page = render(request, "account/provider.html", {"name": name, "address": address})
    page.headers["Refresh"] = f"0; url={address}"
    return page


@login_not_required
@require_GET
def provider_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in whoever comes back from a provider."""
    check_is_provider(provider_id)
    from core.identity.single_sign_on import finish  # noqa: PLC0415

    return finish(request, provider_id)
