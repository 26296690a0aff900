"""Who is to get or to lose a strong role? An information officer confirms it on a page of the area, and an operator
on a page of their own."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from boards.forms.people import RoleDecisionForm
from boards.models import Membership, PartnershipArea, RoleRequest
from boards.permissions import (
    AreaRequest,
    access_to,
    find_first_day,
    list_role_decisions,
    open_to,
    why_not_confirmed_by,
)
from boards.presenters.role_requests import describe_request, make_row
from boards.roles import PUBLISHERS, WHAT_ROLES_DO, Role
from boards.services.role_requests import confirm_request, decline_request, end_wait, withdraw_request
from boards.views.people import tell_person
from core.form_pages import ANY_FORM, form_for, is_saved, pressed, response_status, show_form
from core.models import User
from core.permissions import check_is_operator, is_operator

WHO = "Only coordinators and information officers can see who is to get a role."
MOST_PAST = 50  # on one page
DONE = {
    "confirm": "You confirmed it: {}.",
    "decline": "You declined it: {}.",
    "withdraw": "You withdrew the request: {}.",
    "shorten": "You ended the wait: {}.",
}


@open_to(*PUBLISHERS, because=WHO)
@require_safe
def role_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the requests, and the information officers with the day from which each decides alone."""
    today = timezone.localdate()
    asked = RoleRequest.objects.filter(area=area).select_related("area", "user", "asked_by", "decided_by")
    rows = [make_row(each, today=today) for each in asked[:MOST_PAST]]
    held = Membership.objects.filter(area=area, role=Role.INFORMATION.value, user__is_active=True)
    officers = [
        (each.user, each.acts_from if each.acts_from and each.acts_from > today else None)
        for each in held.select_related("user").order_by("user__name")
    ]
    context = {
        "area": area,
        "officers": officers,
        "waiting": [row for row in rows if row.is_waiting],
        "past": [row for row in rows if not row.is_waiting],
    }
    return render(request, "boards/role_list.html", context)


@open_to(*PUBLISHERS, because=WHO)
@require_http_methods(ANY_FORM)
def role_request(request: AreaRequest, area: PartnershipArea, asked: int) -> HttpResponse:
    return _show(request, find_request(asked, area=area), back=reverse("boards:role-list", args=[area.slug]))


@require_safe
def operator_role_list(request: HttpRequest) -> HttpResponse:
    """List what waits in all areas, for the operator."""
    check_is_operator(request.user)
    today = timezone.localdate()
    asked = RoleRequest.objects.waiting(today).select_related("area", "user", "asked_by", "decided_by")
    rows = [make_row(each, today=today, is_operator=True) for each in asked]
    return render(request, "boards/role_list.html", {"waiting": rows, "show_area": True})


@require_http_methods(ANY_FORM)
def operator_role_request(request: HttpRequest, asked: int) -> HttpResponse:
    check_is_operator(request.user)
    return _show(request, find_request(asked), back=reverse("boards:operator-role-list"))


def find_request(pk: int, **where: object) -> RoleRequest:
    """Return the request. Raises Http404, also for another area's."""
    found = RoleRequest.objects.select_related("area", "user", "asked_by", "decided_by", "shortened_by")
    return get_object_or_404(found, pk=pk, **where)


def _show(request: HttpRequest, asked: RoleRequest, *, back: str) -> HttpResponse:
    by, act = cast("User", request.user), pressed(request, "decision")
    form = form_for(request, lambda typed: RoleDecisionForm(typed, auto_id=f"{act or 'decide'}-%s"))
    given: list[Membership] = []
    if is_saved(request, form, lambda: _decide(asked, form, given, by=by)):
        messages.success(request, DONE[form.cleaned_data["decision"]].format(describe_request(asked)))
        # Send only after the role is committed: nobody can take an e-mail back.
        for membership in given:
            tell_person(request, membership, by=by)
        gone = not is_operator(by) and not access_to(asked.area, by=by).is_any(*PUBLISHERS)
        return redirect("reporting:home" if gone else request.path)
    today = timezone.localdate()
    context = {
        "asked": asked,
        "row": make_row(asked, today=today),
        "does": WHAT_ROLES_DO[Role(asked.role)],
        "acts": list_role_decisions(asked, by=by),
        "why_not": why_not_confirmed_by(asked, by),
        "first_day": find_first_day(asked.area, asked.user),
        "back": back,
    }
    return show_form(request, "boards/role_request.html", form, context, status=response_status(form))


def _decide(asked: RoleRequest, form: RoleDecisionForm, given: list[Membership], *, by: User) -> None:
    typed = form.cleaned_data
    match typed["decision"]:
        case "confirm":
            if membership := confirm_request(asked, by=by):
                given.append(membership)
        case "decline":
            decline_request(asked, why=typed["why"], by=by)
        case "shorten":
            end_wait(asked, why=typed["why"], by=by)
        case _:
            withdraw_request(asked, by=by)
