"""Which systems does this area tell? A coordinator adds one, tries it and reads what came of each call."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import PUBLISHERS, Role
from core.form_pages import ANY_FORM, NO_ACT, describe_refusal, form_for, is_done, is_saved, show_form, try_to
from core.services.sent_once import taken_once
from reporting.hooks.forms import HookForm
from reporting.hooks.presenters import describe_state, list_labels, make_call_view, tell_former_secret
from reporting.hooks.selectors import list_calls, list_hooks
from reporting.hooks.services import calls, hooks
from reporting.models.hooks import Hook, HookCall

WHO = "Only a coordinator or an information officer can see the webhooks."
WHO_ADDS = "Only a coordinator can add a webhook."
MOST_SHOWN = 100  # calls on a page


@open_to(*PUBLISHERS, because=WHO)
@require_safe
def hook_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the webhooks of an area."""
    context = {"hooks": [(hook, describe_state(hook), list_labels(hook)) for hook in list_hooks(area)]}
    return render(request, "reporting/hook_list.html", context)


@open_to(Role.COORDINATOR, because=WHO_ADDS)
@require_http_methods(ANY_FORM)
@taken_once
def hook_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Add a webhook."""
    form = form_for(request, HookForm)
    made: list[Hook] = []

    def save() -> None:
        typed = {name: form.cleaned_data[name] for name in ("name", "url", "kinds")}
        made.append(hooks.make_hook(area, **typed, by=request.user))

    if is_saved(request, form, save):
        messages.success(request, "The webhook has been added. Now give its secret to the receiver, and send a test.")
        return redirect("reporting:hook-view", area.slug, made[0].pk)
    return show_form(request, "reporting/hook_add.html", form, {"allowed": settings.WEBHOOK_HOSTS})


@open_to(*PUBLISHERS, because=WHO)
@require_http_methods(ANY_FORM)
def hook_view(request: AreaRequest, area: PartnershipArea, hook: int) -> HttpResponse:
    """Show a webhook and its calls, with its buttons."""
    found = get_object_or_404(
        Hook.objects.select_related("area", "made_by", "stopped_by", "renewed_by"), area=area, pk=hook
    )
    if request.method == "POST":
        act = request.POST.get("act")
        if act == "secret":
            return hook_secret(request, found)
        do_act(request, found, str(act))
        return redirect(request.path)
    return render(request, "reporting/hook_view.html", make_context(found))


def make_context(hook: Hook) -> dict[str, object]:
    return {
        "hook": hook,
        "state": describe_state(hook),
        "told": list_labels(hook),
        "calls": [make_call_view(call) for call in list_calls(hook, most=MOST_SHOWN)],
        "most_shown": MOST_SHOWN,
        "former_until": tell_former_secret(hook, timezone.now()),
    }


def hook_secret(request: AreaRequest, hook: Hook) -> HttpResponse:
    """Show the secret. It is in this answer only: no address leads to it, and no browser stores it."""
    shown: list[str] = []
    refusal = try_to(lambda: shown.append(hooks.show_secret(hook, by=request.user)))
    if refusal is not None:
        messages.error(request, describe_refusal(refusal))
        return redirect(request.path)
    return render(request, "reporting/hook_view.html", make_context(hook) | {"secret": shown[0]})


def do_act(request: AreaRequest, hook: Hook, act: str) -> None:
    """Do what a button asks for. The next page says what came of it."""
    if act == "test":
        try_out(request, hook)
    elif act == "stop":
        is_done(request, lambda: hooks.stop_hook(hook, by=request.user), done="The webhook is stopped.")
    elif act == "start":
        done = "The webhook is active again. It is told what it missed in the last 30 days."
        is_done(request, lambda: hooks.start_hook(hook, by=request.user), done=done)
    elif act == "renew":
        done = "There is a new secret. Give it to the receiver within seven days."
        is_done(request, lambda: hooks.renew_secret(hook, by=request.user), done=done)
    else:
        messages.error(request, NO_ACT)


def try_out(request: AreaRequest, hook: Hook) -> None:
    made: list[HookCall] = []
    refusal = try_to(lambda: made.append(calls.test_hook(hook, by=request.user)))
    if refusal is not None:
        messages.error(request, describe_refusal(refusal))
    elif made[0].sent_at is not None:
        messages.success(request, "The receiver accepted the test.")
    else:
        messages.error(request, f"The test failed. {made[0].fault}")
