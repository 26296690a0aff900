"""Hand over the work of somebody who left: actions and challenges, with one form."""

from collections.abc import Iterable
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.views.decorators.http import require_http_methods

from actions.forms.plan import HandOverForm
from actions.models import Action, Challenge
from actions.presenters.challenges import describe_subject
from actions.presenters.plan import count_of_noun
from actions.selectors.challenges import describe_addressee
from actions.selectors.leavers import list_open_actions, list_open_challenges
from actions.services.leavers import HandedOver, hand_over_work
from actions.views.actions import WHO_KEEPS, Words, show
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, form_for, is_saved
from core.models import User
from core.services.sent_once import taken_once
from core.tasks import hint_letters

MOST_PEOPLE = 2**63  # an address with a larger number can't be a key


@open_to(Role.COORDINATOR, because=WHO_KEEPS)
@require_http_methods(ANY_FORM)
@taken_once
def hand_over_all(request: AreaRequest, area: PartnershipArea, person: int) -> HttpResponse:
    """Hand all open work of one person over to another. What they can't answer stays on the page."""
    is_key = person < MOST_PEOPLE
    actions = list_open_actions(person, area) if is_key else []
    challenges = list(list_open_challenges(person, area)) if is_key else []
    if not actions and not challenges:  # somebody else was faster
        messages.warning(request, "That person has no open actions or challenges now.")
        return redirect("actions:plan", area.slug)
    left = actions[0].owner if actions else challenges[0].answerer
    form = form_for(request, lambda typed: HandOverForm(typed, area=area, owner=left))
    done: list[HandedOver] = []

    def give() -> None:
        # The service loads the work again: somebody may have handed some of it over since.
        to, why = form.cleaned_data["to"], form.cleaned_data["why"]
        done.append(hand_over_work(left, to, area=area, why=why, by=request.user))

    if is_saved(request, form, give):
        transaction.on_commit(partial(hint_letters, area.pk), robust=True)
        say(request, done[0], form.cleaned_data["to"])
        # Not to request.path: a number after many zeros is too long for the note of taken_once.
        if done[0].refused:
            return redirect("actions:action-hand-over", area.slug, left.pk)
        return redirect("actions:plan", area.slug)
    plan = ("The plan", reverse("actions:plan", args=[area.slug]))
    counts = {"action": len(actions), "challenge": len(challenges)}
    work = " and ".join(count_of_noun(number, noun) for noun, number in counts.items() if number)
    asked = [
        (challenge, f"{describe_subject(challenge)}, to {describe_addressee(challenge)}") for challenge in challenges
    ]
    words = Words(f"Hand over the open work of {left}", f"Hand over {work}", plan)
    return show(request, form, words, actions=actions, challenges=asked)


def say(request: AreaRequest, done: HandedOver, to: User) -> None:
    """Describe what was handed over, and what wasn't."""
    parts = {"owns": references(done.actions), "answers": references(done.challenges)}
    said = " and ".join(f"{verb} {things}" for verb, things in parts.items() if things)
    messages.success(request, f"{to} now {said}.")
    if done.refused:
        rows = ((each.get_absolute_url(), each.reference, sentence) for each, sentence in done.refused)
        messages.warning(
            # It escapes what people typed: messages appear as HTML.
            request,
            format_html_join(" ", '<a class="govuk-link" href="{}">{}</a> is not handed over. {}', rows),
        )


def references(things: Iterable[Action | Challenge]) -> str:
    """Return "A1, A2"."""
    return ", ".join(thing.reference for thing in things)
