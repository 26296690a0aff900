"""Raise a challenge from the page of its subject."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from actions.forms.challenges import RaiseForm
from actions.models import Challenge
from actions.presenters.challenges import INDICATOR, KINDS_OF_THINGS
from actions.presenters.subjects import Subject, find_figure_asked, find_subject, list_subjects
from actions.selectors.challenges import Answerer, answerers_in, key_or_none
from actions.services.challenges import raise_challenge
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.selectors import list_months
from core.days import describe_day
from core.form_pages import ANY_FORM, NOT_SENT, form_for, is_saved, show_form, typed_into
from core.services.sent_once import taken_once
from core.tasks import hint_letters

SUBJECTS = KINDS_OF_THINGS.keys()  # that an address names
WHO = "Only members of the strategic group can raise challenges and offer support."


@open_to(Role.STRATEGIC, because=WHO)
@require_http_methods(ANY_FORM)
@taken_once
def challenge_raise(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Raise a challenge about the subject in the address. Without one, choose the subject first."""
    if request.method != "POST" and (chosen := chosen_subject(request)) is not None:
        return chosen
    thing = asked_subject(request)
    answerers = [each for each in answerers_in(area) if each.user.pk != request.user.pk]
    today, usual = timezone.localdate(), {"to": likely_answerer(thing, answerers)}
    make = partial(RaiseForm, answerers=answerers, today=today, initial=usual)
    form = form_for(request, make, kept=NOT_SENT)
    raised: list[Challenge] = []
    if is_saved(request, form, lambda: raised.append(raise_challenge(form.draft(area, thing.parts), by=request.user))):
        # taken_once is a transaction around this view, and a worker sees the challenge only afterwards.
        transaction.on_commit(partial(hint_letters, area.pk), robust=True)
        due = describe_day(raised[0].due_on)
        messages.success(request, f"You raised {raised[0].reference}: {raised[0].answerer} has to answer by {due}.")
        return redirect(raised[0])
    context = {
        "thing": thing,
        "asked": find_figure_asked(Challenge(area=area, **thing.parts)),
        "answerers": answerers,
    }
    return show_form(request, "actions/challenge_raise.html", form, context)


def chosen_subject(request: AreaRequest) -> HttpResponse | None:
    """Show the page for choosing a subject, or redirect to the choice. None if the address or the form names the
    subject."""
    # A form that was kept names its subject too: asking again would lose it.
    if SUBJECTS & request.GET.keys() or typed_into(request):
        return None
    area, about = request.access.area, request.GET.get("about", "")
    subjects = list_subjects(request.access)
    months = [period.month for period in list_months(area) if period.is_published]
    if not months:
        subjects.pop("Indicators", None)
    # Compared with our own list: `about` becomes part of the address below.
    if any(about == key for things in subjects.values() for key, _ in things):
        chosen = [str(month) for month in months if str(month) == request.GET.get("month")]
        of_month = f"&month={chosen[0]}" if chosen and about.startswith(f"{INDICATOR}=") else ""
        return redirect(f"{reverse('actions:challenge-raise', args=[area.slug])}?{about}{of_month}")
    context = {
        "subjects": subjects,
        "months": months,
        "is_missing": "about" in request.GET,
    }
    return render(request, "actions/challenge_choose.html", context)


def asked_subject(request: AreaRequest) -> Subject:
    """Return the subject in the address, or in the form's hidden boxes. Raises NotHeld."""
    return find_subject(request.access, request.GET or typed_into(request) or request.GET)


def likely_answerer(thing: Subject, answerers: list[Answerer]) -> str:
    """Return the likely answerer: an action's owner, for its agency or its board; for a responsibility the chair of its
    board.

    For anything else nobody: the person who asks must choose.
    """
    action, responsibility = thing.parts.get("action"), thing.parts.get("responsibility")
    if action is not None:
        owners = [each for each in answerers if each.user.pk == action.owner_id]
        places = (("agency", action.agency_id), ("board", action.board_id))
        fitting = [each for name, pk in places for each in owners if key_or_none(getattr(each, name)) == pk]
        return fitting[0].key if fitting else ""
    if responsibility is not None:
        chairs = [each for each in answerers if each.is_chair and key_or_none(each.board) == responsibility.board_id]
        return chairs[0].key if chairs else ""
    return ""
