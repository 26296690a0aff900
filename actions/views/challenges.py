"""The challenges of an area: the list, and a challenge's own page with everything that people can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.filters import ChallengeFilter, SupportFilter
from actions.forms.challenges import (
    AcceptForm,
    ActForm,
    AnswerForm,
    EscalateForm,
    HandOverForm,
    OfferForm,
    PressForm,
    RaiseForm,
    ReasonForm,
    TakeUpForm,
    WithdrawForm,
)
from actions.models import Challenge, NoteKind, Support
from actions.permissions import answers_for, can_answer, can_challenge, can_judge
from actions.presenters.challenges import (
    INDICATOR,
    KINDS_OF_THINGS,
    answer_times,
    challenge_view,
    describe_chairs,
    support_view,
)
from actions.presenters.files import CHALLENGES, OFFERS, challenge_row, make_file, support_row
from actions.presenters.threads import Subject, find_figure_asked, find_subject, list_subjects, subject_url
from actions.selectors.challenges import (
    Answerer,
    answerers_in,
    boards_above,
    can_be_asked,
    chaired,
    find_challenge,
    find_offer,
    for_times,
    key_or_none,
    readable_offers,
    with_entries,
    without_texts,
)
from actions.selectors.notes import find_note
from actions.services.challenges import (
    accept,
    answer,
    decline,
    escalate,
    hand_over_challenge,
    offer_support,
    press,
    take_up,
    withdraw,
    withdraw_support,
)
from actions.services.notes import raise_noted
from actions.views.plan import find_way_back, go_back
from actions.workflow import CHALLENGE, CLOSED, ChallengeState, SupportState
from boards.models import Agency, Board, PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from boards.rules import Role
from boards.selectors import list_months
from core.calendar import describe_day
from core.forms.pages import (
    NO_ACT,
    NOT_SENT,
    form_for,
    is_refused,
    is_saved,
    make_forms,
    pressed,
    response_status,
    saved,
    show_form,
    taken_once,
    typed_into,
)
from core.pages import NotHeld, download, list_page
from core.tasks import hint_letters
from core.texts import read_number

# --- All of them -----------------------------------------------------------------------------------


@open_to()
@require_safe
def challenge_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the challenges that this person may read, filtered, and how long boards and agencies took to answer."""
    today = timezone.localdate()
    readable = Challenge.objects.readable_by(request.access)
    chosen = ChallengeFilter(request.GET, queryset=without_texts(readable), today=today)
    shown = list_page(request, chosen, files="challenges")
    context = shown | {
        "rows": [challenge_view(challenge, today=today, has_texts=False) for challenge in shown["page"]],
        "times": answer_times(for_times(readable), today=today),
        "may_raise": can_challenge(request.access),
    }
    return render(request, "actions/challenge_list.html", context)


@open_to()
@require_safe
def challenge_file(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    """Return the same challenges, filtered in the same way, as a file."""
    today = timezone.localdate()
    readable = Challenge.objects.readable_by(request.access)
    chosen = ChallengeFilter(request.GET, queryset=with_entries(readable), today=today)
    rows = [challenge_row(challenge_view(challenge, today=today)) for challenge in chosen.qs]
    filters = [choice.words for choice in chosen.chosen]
    return download(make_file(CHALLENGES, area, rows, filters=filters, made_at=timezone.now()), kind)


# --- A challenge -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """An act on a challenge: its form, the text of its button, and the message once it is done."""

    heading: str
    button: str
    done: str
    form: type[ActForm]
    run: Callable[..., Challenge]
    is_first: bool = False  # visible straight away; the others open
    hint: str = ""


ACTS: Mapping[str, Act] = {
    "answer": Act("Answer", "Send the answer", "You answered {}.", AnswerForm, answer, is_first=True),
    "accept": Act(
        "Accept the answer",
        "Accept the answer",
        "You accepted the answer to {}. The challenge is closed.",
        AcceptForm,
        accept,
        is_first=True,
    ),
    "press": Act(
        "Ask again",
        "Ask again",
        "You asked again. {} is waiting for another answer.",
        PressForm,
        press,
        hint="The answer isn’t good enough. The person who gave it has to answer again.",
    ),
    "escalate": Act(
        "Escalate to a chair",
        "Escalate",
        "You escalated {} to the chair.",
        EscalateForm,
        escalate,
        hint="The chair of a board then has to answer.",
    ),
    "withdraw": Act(
        "Withdraw", "Withdraw this challenge", "You withdrew {}. No answer is due.", WithdrawForm, withdraw
    ),
    "hand-over": Act(
        "Hand over",
        "Hand over",
        "You handed {} over.",
        HandOverForm,
        hand_over_challenge,
        hint="Use this if the person who has to answer has left, or is the wrong person.",
    ),
}
# The act that leads to a state.
STEPS = {
    ChallengeState.ANSWERED: "answer",
    ChallengeState.ACCEPTED: "accept",
    ChallengeState.PRESSED: "press",
    ChallengeState.ESCALATED: "escalate",
    ChallengeState.WITHDRAWN: "withdraw",
}


def acts_now(access: Access, challenge: Challenge, answerers: list[Answerer]) -> list[str]:
    """Return what this person may do with it in its current state."""
    steps = {STEPS[after] for after in CHALLENGE.transitions[ChallengeState(challenge.state)]}
    if not steps:
        return []
    # These are only the buttons. Each service checks permission and state again, under a lock.
    possible = steps - {"answer"} if can_judge(access, challenge) else set()
    if "answer" in steps and can_answer(access, challenge):
        possible.add("answer")
    if access.can_coordinate and challenge.escalated_to is None:
        possible.add("hand-over")
    if challenge.state == ChallengeState.ESCALATED and not boards_above(challenge, answerers):
        possible.discard("escalate")
    return [act for act in ACTS if act in possible]


@open_to()
def challenge_page(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Show the questions and answers, whose turn it is, and what this reader may do now."""
    challenge = find_challenge(request.access, number)
    if challenge is None:
        raise NotHeld(f"There is no challenge C{number}, or you can’t read it.")
    act = ACTS.get(pressed(request))
    if act is None:
        return show(request, challenge)
    form = form_for(request, lambda typed: act.form(typed, challenge=challenge), kept=NOT_SENT)
    if is_saved(request, form, lambda: act.run(challenge, **form.cleaned_data, by=request.user)):
        # After the commit: before it, a worker finds nothing. Robust: a lost queue is no reason for an error page.
        transaction.on_commit(partial(hint_letters, area.pk), robust=True)
        messages.success(request, act.done.format(challenge.reference))
        return go_back(request, challenge)
    # As it is now: what somebody else did is why it was refused.
    now = find_challenge(request.access, number) if is_refused(form) else None
    return show(request, now or challenge, form)


def show(request: AreaRequest, challenge: Challenge, form: ActForm | None = None) -> HttpResponse:
    """Render the page; `form` is the one whose button was pressed. Show it again whatever happened to the challenge."""
    answerers, pressed_act = answerers_in(challenge.area), form.prefix or "" if form is not None else ""
    # The pressed form stays, even if it is no longer possible: it has what somebody typed.
    forms = make_forms(
        acts_now(request.access, challenge, answerers),
        lambda name: ACTS[name].form(challenge=challenge, answerers=answerers),
        pressed=pressed_act,
        form=form,
    )
    context = {
        "view": challenge_view(challenge, today=timezone.localdate()),
        "subject_url": subject_url(challenge, request.access),
        "asked": find_figure_asked(challenge),
        "chairs": describe_chairs(chaired(answerers), challenge),
        "has_left": has_left(challenge, answerers),
        "acts": [(name, ACTS[name], its_form, is_possible) for name, its_form, is_possible in forms],
        "refused": pressed_act,
        "back": find_way_back(request),
    }
    return show_act(request, "actions/challenge_view.html", form, context)


def has_left(challenge: Challenge, answerers: list[Answerer]) -> bool:
    """Return whether the answerer no longer answers for that board or agency."""
    if challenge.state in CLOSED or challenge.state == ChallengeState.ESCALATED:
        return False
    board, agency, user = challenge.board_id, challenge.agency_id, challenge.answerer_id
    return not can_be_asked(answerers, board=board, agency=agency, user=user)


SUBJECTS = KINDS_OF_THINGS.keys()  # that an address names
WHO = "Only members of the strategic group can raise challenges and offer support."


@open_to(Role.STRATEGIC, because=WHO)
@taken_once
def challenge_raise(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Raise a challenge about the subject in the address. Without one, choose the subject first."""
    if request.method != "POST" and (chosen := chosen_subject(request)) is not None:
        return chosen
    thing = asked_subject(request)
    answerers = [answerer for answerer in answerers_in(area) if answerer.user.pk != request.user.pk]
    today, usual = timezone.localdate(), {"to": likely_answerer(thing, answerers)}
    note = find_note(request.access, read_number(str(asked_in(request).get("note", ""))), NoteKind.CHALLENGE)
    if note is not None:
        usual["question"] = note.text
    make = partial(RaiseForm, answerers=answerers, today=today, initial=usual)
    form = form_for(request, make, kept=NOT_SENT)
    if challenge := saved(request, form, lambda: raise_noted(form.draft(area, thing.parts), note, by=request.user)):
        # taken_once is a transaction around this view, and a worker sees the challenge only afterwards.
        transaction.on_commit(partial(hint_letters, area.pk), robust=True)
        due = describe_day(challenge.due_on)
        messages.success(request, f"You raised {challenge.reference}: {challenge.answerer} has to answer by {due}.")
        return redirect(challenge)
    context = {
        "thing": thing,
        "note": note,
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
    return find_subject(request.access, asked_in(request))


def asked_in(request: AreaRequest) -> QueryDict:
    return request.GET or typed_into(request) or request.GET


def likely_answerer(thing: Subject, answerers: list[Answerer]) -> str:
    """Return the likely answerer: an action's owner, for its agency or its board; for a responsibility the chair of its
    board; for a step the lead of its agency.

    For anything else nobody: the person who asks must choose.
    """
    action, responsibility = thing.parts.get("action"), thing.parts.get("responsibility")
    if action is not None:
        owners = [answerer for answerer in answerers if answerer.user.pk == action.owner_id]
        places = (("agency", action.agency_id), ("board", action.board_id))
        fitting = [answerer for name, pk in places for answerer in owners if key_or_none(getattr(answerer, name)) == pk]
        return fitting[0].key if fitting else ""
    if responsibility is not None:
        chairs = [
            answerer
            for answerer in answerers
            if answerer.is_chair and key_or_none(answerer.board) == responsibility.board_id
        ]
        return chairs[0].key if chairs else ""
    if (step := thing.parts.get("step")) is not None:
        return next((answerer.key for answerer in answerers if key_or_none(answerer.agency) == step.agency_id), "")
    return ""


type Decide = Callable[..., Support]
# Act → heading and button, message once it is done, form, service.
ACTS_ON_OFFERS: dict[str, tuple[str, str, type[forms.Form], Decide]] = {
    "take-up": ("Take it up", "You took {} up.", TakeUpForm, take_up),
    "decline": ("Decline it", "You declined {}.", ReasonForm, decline),
    "withdraw": ("Withdraw it", "You withdrew {}.", ReasonForm, withdraw_support),
}


@open_to()
@require_safe
def support_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the offers that this person may read, filtered."""
    chosen = SupportFilter(request.GET, queryset=readable_offers(request.access))
    shown = list_page(request, chosen, files="support")
    rows = [support_view(support) for support in shown["page"]]
    context = {**shown, "rows": rows, "may_offer": can_challenge(request.access)}
    return render(request, "actions/support_list.html", context)


@open_to()
@require_safe
def support_export(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    """Return the same offers, filtered in the same way, as a file."""
    chosen = SupportFilter(request.GET, queryset=readable_offers(request.access))
    filters = [choice.words for choice in chosen.chosen]
    rows = [support_row(support_view(support)) for support in chosen.qs]
    return download(make_file(OFFERS, area, rows, filters=filters, made_at=timezone.now()), kind)


@open_to(Role.STRATEGIC, because=WHO)
@taken_once
def support_offer(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Offer support about the subject in the address."""
    thing = asked_subject(request)
    boards = Board.objects.in_use().filter(area=area)
    agencies = Agency.objects.in_use().filter(area=area)
    make = partial(OfferForm, boards=boards, agencies=agencies, initial={"to": likely_place(thing)})
    form = form_for(request, make, kept=NOT_SENT)
    if support := saved(request, form, lambda: offer_support(form.draft(area, thing.parts), by=request.user)):
        messages.success(request, f"You offered {support.reference} to {form.place}.")
        return redirect(support)
    return show_form(request, "actions/support_offer.html", form, {"thing": thing})


def likely_place(thing: Subject) -> str:
    """Return an action's agency, a responsibility's board, the agency that supplies an indicator, or the one that
    answers for a step."""
    names = ("action", "responsibility", "indicator", "step")
    action, responsibility, indicator, step = (thing.parts.get(name) for name in names)
    if action is not None:
        return f"agency-{action.agency_id}"
    if responsibility is not None:
        return f"board-{responsibility.board_id}"
    if step is not None:
        return f"agency-{step.agency_id}"
    return f"agency-{indicator.owner_id}" if indicator is not None else ""


def acts_on_offer_now(access: Access, support: Support) -> list[str]:
    """Return what this person may do with it now."""
    if support.state != SupportState.OFFERED:
        return []
    # These are only the buttons: each service checks the permission again.
    decides, offers = answers_for(access, support), can_challenge(access)
    return [act for act in ACTS_ON_OFFERS if (offers if act == "withdraw" else decides)]


@open_to()
def support_page(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Show the offer, and what this reader may do with it now."""
    support = find_offer(request.access, number)
    if support is None:
        raise NotHeld(f"There is no offer S{number}, or you can’t read it.")
    act = pressed(request)
    if act not in ACTS_ON_OFFERS:
        return show_offer(request, support)
    _, done, make, decide = ACTS_ON_OFFERS[act]
    form = form_for(request, partial(make, prefix=act), kept=NOT_SENT)
    if is_saved(request, form, lambda: decide(support, why=form.cleaned_data["why"], by=request.user)):
        messages.success(request, done.format(support.reference))
        return redirect(support)
    if is_refused(form):
        support = find_offer(request.access, number) or support  # as it is now
    return show_offer(request, support, act, form)


def show_offer(request: AreaRequest, support: Support, act: str = "", form: forms.Form | None = None) -> HttpResponse:
    shown = make_forms(
        acts_on_offer_now(request.access, support),
        lambda name: ACTS_ON_OFFERS[name][2](prefix=name),
        pressed=act,
        form=form,
    )
    context = {
        "view": support_view(support),
        "subject_url": subject_url(support, request.access),
        "acts": [(name, ACTS_ON_OFFERS[name][0], its_form, is_possible) for name, its_form, is_possible in shown],
        "refused": act,
    }
    return show_act(request, "actions/support_view.html", form, context)


def show_act(
    request: HttpRequest, template: str, form: forms.BaseForm | None, context: Mapping[str, Any]
) -> HttpResponse:
    """Render the page of several forms; `form` is the one whose button was pressed. It says so if there is no such
    button."""
    is_unknown = request.method == "POST" and form is None
    if is_unknown:
        return render(request, template, {**context, "refusal": NO_ACT, "has_errors": True}, status=400)
    return show_form(request, template, form, context, status=response_status(form))
