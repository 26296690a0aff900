"""The challenges of an area: the list, and a challenge's own page with everything that people can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.filters.challenges import ChallengeFilter
from actions.forms.challenges import (
    AcceptForm,
    ActForm,
    AnswerForm,
    EscalateForm,
    HandOverForm,
    PressForm,
    WithdrawForm,
)
from actions.models import Challenge
from actions.permissions import can_answer, can_challenge, can_judge
from actions.presenters.answer_times import answer_times
from actions.presenters.challenges import challenge_view, describe_chairs
from actions.presenters.files import make_challenges_file
from actions.presenters.subjects import find_figure_asked, subject_url
from actions.selectors.challenges import (
    Answerer,
    answerers_in,
    boards_above,
    can_be_asked,
    chaired,
    find_challenge,
    for_times,
    with_entries,
    without_texts,
)
from actions.services.challenges import (
    accept,
    answer,
    escalate,
    hand_over_challenge,
    press,
    withdraw,
)
from actions.views.back import find_way_back, go_back
from actions.workflow import CHALLENGE, CLOSED, ChallengeState
from boards.models import PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from core.downloads import download
from core.files import KINDS
from core.form_pages import ANY_FORM, NOT_SENT, form_for, is_refused, is_saved, make_forms, pressed, show_act
from core.not_held import NotHeld
from core.tasks import hint_letters

A_PAGE = 20


# --- All of them -----------------------------------------------------------------------------------


@open_to()
@require_safe
def challenge_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the challenges that this person may read, filtered, and how long boards and agencies took to answer."""
    today = timezone.localdate()
    readable = Challenge.objects.readable_by(request.access)
    chosen = ChallengeFilter(request.GET, queryset=without_texts(readable), today=today)
    page = Paginator(chosen.qs, A_PAGE).get_page(request.GET.get("page"))
    url = reverse("actions:challenge-list", args=[area.slug])
    others = chosen.address(without="page")
    context = {
        "filter": chosen,
        "page": page,
        "rows": [challenge_view(challenge, today=today, has_texts=False) for challenge in page],
        "times": answer_times(for_times(readable), today=today),
        "others": others,
        "files": [(kind.label, f"{url}challenges.{name}{others}") for name, kind in KINDS.items()],
        "url": url,
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
    views = [challenge_view(challenge, today=today) for challenge in chosen.qs]
    filters = [choice.words for choice in chosen.chosen]
    return download(make_challenges_file(area, views, filters=filters, made_at=timezone.now()), kind)


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
        hint="If the answerer left, or is the wrong person.",
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
    found = steps - {"answer"} if can_judge(access, challenge) else set()
    if "answer" in steps and can_answer(access, challenge):
        found.add("answer")
    if access.can_coordinate and challenge.escalated_to is None:
        found.add("hand-over")
    if challenge.state == ChallengeState.ESCALATED and not boards_above(challenge, answerers):
        found.discard("escalate")
    return [act for act in ACTS if act in found]


@open_to()
@require_http_methods(ANY_FORM)
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
        "acts": [(name, ACTS[name], own, is_possible) for name, own, is_possible in forms],
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
