"""Inviting people from a table: send it, see what each line would do, then do all of it with one button."""

import logging

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from boards.invitations import MOST_PEOPLE
from boards.models import Agency, Board, Membership, PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.invitations import OFFERED, invite_people
from boards.services.people import send_access
from core.form_pages import ANY_FORM, form_for, is_filled_in, is_saved, pressed, show_form
from indicators.forms.people import PeopleForm

logger = logging.getLogger(__name__)
INVITE = "invite"
GIVE_UP_AFTER = 2  # failed e-mails in a row, after which we stop: each may take ten seconds to fail


@open_to(Role.COORDINATOR)
@require_http_methods(ANY_FORM)
def people_file(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show and carry out a table. The page carries the table in between, so it isn't stored."""
    form = form_for(request, lambda typed: PeopleForm(typed, request.FILES or None, area=area))
    given: list[list[Membership]] = []

    def invite() -> None:
        said = {"seen": form.cleaned_data["seen"], "is_attested": form.cleaned_data["is_attested"]}
        given.extend(invite_people(area, form.people, **said, by=request.user))

    if pressed(request) != INVITE:
        is_filled_in(request, form)  # adds its errors to the form
    elif is_saved(request, form, invite):
        tell_people(request, given)
        return redirect("boards:people-list", area.slug)
    context = {
        "area": area,
        "roles": OFFERED,
        "agencies": Agency.objects.in_use().filter(area=area),
        "boards": Board.objects.in_use().filter(area=area),
        "most": MOST_PEOPLE,
    }
    return show_form(request, "indicators/people_file.html", form, context)


def tell_people(request: AreaRequest, given: list[list[Membership]]) -> None:
    """Send each person one e-mail. The roles are already saved, so the next page says who wasn't reached."""
    missed: list[str] = []
    in_a_row = 0
    for held in given:
        if in_a_row < GIVE_UP_AFTER and is_told(request, held):
            in_a_row = 0
        else:
            missed.append(held[0].user.email)
            in_a_row += 1
    told = len(given) - len(missed)
    if not given:
        messages.success(request, "Everybody in the table has their roles already.")
    elif told:
        messages.success(request, f"{told} {'person has' if told == 1 else 'people have'} been invited by e-mail.")
    if missed:
        messages.error(
            request,
            f"The roles are given, but no e-mail could be sent to {', '.join(missed)}. Send it again from the list "
            "below. If that fails too, tell the operator.",
        )


def is_told(request: AreaRequest, held: list[Membership]) -> bool:
    try:
        send_access(*held, by=request.user)
    except OSError:
        logger.exception("The e-mail to a new member of %s could not be sent.", held[0].area.slug)
        return False
    return True
