"""What changes a signed-off figure: a correction that is decided, a figure that may still change."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.forms import Question
from core.months import Month
from core.services import kept_forms
from indicators.models.history import Correction
from indicators.permissions import can_enter
from indicators.selectors.figures import NoSuchFigure, figure_url, find_figure, find_indicator
from indicators.services.corrections import (
    accept_correction,
    decline_correction,
    mark_provisional,
    withdraw_correction,
)
from reporting.views.returns import hint_roll_up, refusal_of, refuse_to_guess

WITH_WORDS = ("decline", "mark", "confirm")  # decisions that keep what was typed beside them


def typed(request: AreaRequest, name: str) -> str:
    return str(request.POST.get(name, "")).replace("\x00", "")


@open_to(Role.COORDINATOR, Role.AGENCY_LEAD)
@require_POST
def correction_decide(request: AreaRequest, area: PartnershipArea, correction: int) -> HttpResponse:
    """Accept or decline a request to correct a figure; or, for the agency that asked, withdraw it."""
    asked = get_object_or_404(
        Correction.objects.select_related("indicator__owner__area", "category", "period__area"),
        pk=correction,
        indicator__area=area,
    )
    if not request.access.can_coordinate and not can_enter(request.access, asked.indicator.owner):
        raise PermissionDenied(f"Only a lead of {asked.indicator.owner.name} and the coordinator can do this.")
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "accept": (lambda: accept_correction(asked, by=request.user), f"You accepted the correction of {asked}."),
        "decline": (
            lambda: decline_correction(asked, comment=typed(request, "comment"), by=request.user),
            f"You declined the correction of {asked}.",
        ),
        "withdraw": (
            lambda: withdraw_correction(asked, by=request.user),
            f"You withdrew your request to correct {asked}.",
        ),
    }
    back = figure_url(asked.indicator, asked.category, asked.period)
    return act_on(request, acts, back)


@open_to(Role.COORDINATOR)
@require_POST
def figure_mark(request: AreaRequest, area: PartnershipArea, month: Month, code: str) -> HttpResponse:
    """Say of a figure that it may still change, or that it won't."""
    try:
        figure = find_figure(find_indicator(area, code), month, typed(request, "category"))
    except NoSuchFigure as missing:
        raise Http404(str(missing)) from missing
    observation, why = figure.counted, typed(request, "why")
    if observation is None:
        messages.error(request, f"{figure.label} has no signed-off figure for {month.label}.")
        return redirect(figure.url)
    observation.period = figure.period
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "mark": (
            lambda: mark_provisional(observation, is_provisional=True, by=request.user, why=why),
            f"You marked {figure.label} for {month.label} as provisional.",
        ),
        "confirm": (
            lambda: mark_provisional(observation, is_provisional=False, by=request.user, why=why),
            f"You confirmed {figure.label} for {month.label}.",
        ),
    }
    return act_on(request, acts, figure.url)


def act_on(request: AreaRequest, acts: dict[str, tuple[Callable[[], object], str]], back: str) -> HttpResponse:
    """Do what the button says, and go back to the figure's page."""
    decision = typed(request, "decision")
    act, done = acts.get(decision, (refuse_to_guess, ""))
    words = {"comment": typed(request, "comment"), "mark_why": typed(request, "why")}
    texts = words.values() if decision in WITH_WORDS else ()
    question = Question(*texts, ticked=typed(request, "not_personal"))
    refusal = "" if question.unanswered else refusal_of(act)
    if refusal or question.unanswered:
        kept_forms.leave(request.session, path=back, refusal=refusal, asked=question.asked, **words)
    else:
        kept_forms.take(request.session, path=back)  # of an earlier try
        messages.success(request, done)
        hint_roll_up(request.access.area)
    return redirect(back)
