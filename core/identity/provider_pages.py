"""The two addresses of single sign-on: to a provider, and back from it."""

from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

TOO_MANY = "There were too many tries from your network. Wait a minute, then try again."


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
