"""Which roles does nobody use? The coordinator looks at them each quarter."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from boards.forms.people import UnusedRolesForm
from boards.models import PartnershipArea, RoleRequest
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.reviews import EVERY, Unused, find_last_review, list_unused, review_roles
from boards.views.people import describe_role
from core.form_pages import ANY_FORM, form_for, is_filled_in, is_saved, pressed, show_form
from core.months import date_label

DECIDE = "decide"


@open_to(Role.COORDINATOR)
@require_http_methods(ANY_FORM)
def people_unused(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Ask about each unused role. If some end, show them before it is done."""
    today = timezone.localdate()
    unused = [(each.held.pk, describe_unused(each)) for each in list_unused(area, today=today)]
    form = form_for(request, lambda typed: UnusedRolesForm(typed, unused=unused))
    ending: list[str] = []
    if is_filled_in(request, form) and pressed(request) != DECIDE:
        ending = form.ending
    if not ending and is_saved(request, form, lambda: review_roles(area, form.decisions, by=request.user)):
        done = f"You have checked the roles of {area.name} that nobody used."
        waits = RoleRequest.objects.waiting(today).filter(area=area, gives=False).exists()
        messages.success(request, f"{done} The end of a strong role waits for another person." if waits else done)
        return redirect("boards:people-unused", area.slug)
    last = find_last_review(area)
    due = timezone.localdate(last.reviewed_at) + EVERY if last else None
    context = {"area": area, "last": last, "due": due, "is_due": due is None or due <= today, "ending": ending}
    return show_form(request, "boards/people_unused.html", form, context)


def describe_unused(unused: Unused) -> str:
    """Describe a role and its last sign-in, for a question."""
    role, since = describe_role(unused.held), unused.since
    return f"{unused.held.user}, {role}: {f'last signed in on {date_label(since)}' if since else 'never signed in'}"
