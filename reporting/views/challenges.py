"""The challenges of an area: all of them, and a challenge's own page with all that may be done with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms.challenges import (
    FORTNIGHT,
    AcceptForm,
    AnswerForm,
    EscalateForm,
    HandOverForm,
    PressForm,
    WithdrawForm,
)
from actions.models import Challenge
from actions.permissions import can_answer, can_challenge, can_judge
from actions.presenters.answer_times import answer_times
from actions.presenters.challenges import ChallengeView, chairs_words, challenge_view
from actions.selectors.challenges import (
    answerers_in,
    can_be_asked,
    chaired,
    find_challenge,
    for_times,
    pk_of,
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
from actions.tasks import tell_whose_turn
from actions.views.typed import back_of, go_back
from actions.workflow import CHALLENGE, ChallengeState
from boards.forms import refuse
from boards.models import Board, PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from core.services import kept_forms
from core.transitions import TransitionRefused
from reporting.filters import ChallengeFilter
from reporting.presenters import KINDS
from reporting.presenters.asked import challenges_file
from reporting.selectors import NotHeld, boards_of
from reporting.views.asking import NO_ACT, NOT_SENT
from reporting.views.exports import download
from reporting.views.indicators import not_held
from reporting.views.nav import area_nav
from reporting.views.things import thing_url

A_PAGE = 20


# --- All of them -----------------------------------------------------------------------------------


@open_to()
@require_safe
def challenge_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """The challenges that this person may read, filtered; and how long boards and agencies took to answer."""
    today = timezone.localdate()
    readable = Challenge.objects.readable_by(request.access)
    chosen = ChallengeFilter(request.GET, queryset=without_texts(readable), today=today)
    page = Paginator(chosen.qs, A_PAGE).get_page(request.GET.get("page"))
    url = reverse("reporting:challenge-list", args=[area.slug])
    others = chosen.address(without="page")
    context = {
        "filter": chosen,
        "page": page,
        "rows": [challenge_view(challenge, today=today, has_texts=False) for challenge in page],
        "times": answer_times(for_times(readable), today=today),
        "others": others,
        "files": [(kind.label, f"{url}challenges.{name}{others}") for name, kind in KINDS.items()],
        "url": url,
        "nav_html": area_nav(request.access, boards_of(area), here=url),
        "may_raise": can_challenge(request.access),
    }
    return render(request, "actions/challenge_list.html", context)


@open_to()
@require_safe
def challenge_file(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    """The same, filtered the same, as a file."""
    today = timezone.localdate()
    readable = Challenge.objects.readable_by(request.access)
    chosen = ChallengeFilter(request.GET, queryset=with_entries(readable), today=today)
    views = [challenge_view(challenge, today=today) for challenge in chosen.qs]
    filters = [choice.words for choice in chosen.chosen]
    return download(challenges_file(area, views, filters=filters, made_at=timezone.now()), kind)


# --- A challenge -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done with a challenge: its form, what a button says, and what is said once it is done."""

    heading: str
    button: str
    done: str
    form: type[forms.Form]
    run: Callable[..., Challenge]
    is_first: bool = False  # shown at once; the others open
    hint: str = ""


ACTS: Mapping[str, Act] = {
    "answer": Act("Answer", "Send the answer", "You answered {}.", AnswerForm, answer, is_first=True),
    "accept": Act(
        "Accept the answer",
        "Accept the answer",
        "You accepted the answer to {}: it is closed.",
        AcceptForm,
        accept,
        is_first=True,
    ),
    "press": Act(
        "Press again",
        "Press again",
        "You pressed again: {} waits for another answer.",
        PressForm,
        press,
        hint="The answer won’t do: whoever gave it owes another one.",
    ),
    "escalate": Act(
        "Escalate to a chair",
        "Escalate",
        "You escalated {} to the chair.",
        EscalateForm,
        escalate,
        hint="The chair of a board owes the answer from then on.",
    ),
    "withdraw": Act(
        "Withdraw", "Withdraw this challenge", "You withdrew {}: nobody owes an answer.", WithdrawForm, withdraw
    ),
    "hand-over": Act(
        "Hand over",
        "Hand over",
        "You handed {} over.",
        HandOverForm,
        hand_over_challenge,
        hint="For an answerer who left, or who is the wrong one.",
    ),
}
# What brings a challenge into a state.
STEPS = {
    ChallengeState.ANSWERED: "answer",
    ChallengeState.ACCEPTED: "accept",
    ChallengeState.PRESSED: "press",
    ChallengeState.ESCALATED: "escalate",
    ChallengeState.WITHDRAWN: "withdraw",
}


def acts_now(access: Access, challenge: Challenge) -> list[str]:
    """What this person may do with it in the state that it is in."""
    steps = {STEPS[after] for after in CHALLENGE.transitions[ChallengeState(challenge.state)]}
    if not steps:
        return []
    found = steps - {"answer"} if can_judge(access, challenge) else set()
    if "answer" in steps and can_answer(access, challenge):
        found.add("answer")
    if access.can_coordinate and challenge.escalated_to is None:
        found.add("hand-over")
    return [act for act in ACTS if act in found]


@dataclass
class Page:
    """A challenge's page, for one reader."""

    request: AreaRequest
    challenge: Challenge
    bound: dict[str, forms.Form] = field(default_factory=dict)  # what was sent and not taken

    def __post_init__(self) -> None:
        self.answerers = answerers_in(self.challenge.area)
        self.chairs = chaired(self.answerers)
        self.view: ChallengeView = challenge_view(self.challenge, today=timezone.localdate())

    def form(self, act: str, data: QueryDict | None = None) -> forms.Form:
        initial: dict[str, object] = {"seen": self.view.seen}
        options: dict[str, Any] = {}
        if act in ("press", "escalate"):
            initial["due_on"] = timezone.localdate() + FORTNIGHT
        if act == "escalate":
            options["boards"] = self.boards_above()
            initial["to"] = self.challenge.board_id
        if act == "hand-over":
            place = (self.challenge.board_id, self.challenge.agency_id)
            options["answerers"] = [
                each
                for each in self.answerers
                if (pk_of(each.board), pk_of(each.agency)) == place and each.user.pk != self.challenge.answerer_id
            ]
        return ACTS[act].form(data, prefix=act, initial=initial, **options)

    def boards_above(self) -> list[Board]:
        """Those whose chair it may be escalated to: not the one that it waits for already."""
        held = self.challenge.escalated_to_id if self.challenge.state == ChallengeState.ESCALATED else None
        chaired = {each.board.pk: each.board for each in self.answerers if each.board and each.is_chair}
        return [board for key, board in chaired.items() if key != held]

    def render(self, *, refusal: str = "", refused: str = "", status: int = 200) -> HttpResponse:
        """`refused` is the act whose form is shown again, whatever became of the challenge meanwhile."""
        now = acts_now(self.request.access, self.challenge)
        if self.challenge.state == ChallengeState.ESCALATED and not self.boards_above():
            now = [act for act in now if act != "escalate"]
        shown = [*now, refused] if refused and refused not in now else now
        acts = [(act, ACTS[act], self.bound.get(act) or self.form(act), act in now) for act in shown]
        form = self.bound.get(refused)
        context = {
            "view": self.view,
            "thing_url": thing_url(self.challenge, self.request.access),
            "chairs": chairs_words(self.chairs, self.challenge),
            "has_left": self.has_left(),
            "acts": acts,
            "refused": refused,
            "refusal": refusal,
            "form": form,
            "has_errors": bool(refusal),
            "nav_html": area_nav(self.request.access, boards_of(self.challenge.area), here=""),
            "kept_field": kept_forms.FIELD,
            "proof": kept_forms.proof(self.request.user) if acts else "",
            "back": back_of(self.request),
        }
        return render(self.request, "actions/challenge_view.html", context, status=status)

    def has_left(self) -> bool:
        """Whether the next answer is owed by somebody who doesn't answer for that board or agency any more."""
        held = self.challenge
        if self.view.is_closed or held.state == ChallengeState.ESCALATED:
            return False
        return not can_be_asked(self.answerers, board=held.board_id, agency=held.agency_id, user=held.answerer_id)


@open_to()
@require_http_methods(["GET", "HEAD", "POST"])
def challenge_page(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """What was asked and said, whose turn it is, and what this reader may do now."""
    challenge = find_challenge(request.access, number)
    if challenge is None:
        return not_held(request, NotHeld(f"There is no challenge C{number}, or it is for others to read."))
    page = Page(request, challenge)
    if request.method == "POST":
        return act_on(page, str(request.POST.get("act", "")))
    held = kept_forms.kept(request.session, path=request.path, by=request.user)
    act = str(held.get("act", "")) if held is not None else ""
    if held is None or act not in ACTS:
        return page.render()
    page.bound[act] = page.form(act, with_seen(held, act, page.view.seen))
    return page.render(refusal=NOT_SENT, refused=act)


def act_on(page: Page, act: str) -> HttpResponse:
    """Do what the button says. What is refused is said, and what was typed stays in its form."""
    request, challenge = page.request, page.challenge
    if act not in ACTS:
        return page.render(refusal=NO_ACT, status=400)
    form = page.form(act, request.POST)
    if not form.is_valid():
        page.bound[act] = form
        return page.render(refused=act)
    try:
        ACTS[act].run(challenge, **typed_into(form), by=request.user)
    except ValidationError as refused:
        refuse(form, refused)
        page.bound[act] = form
        return page.render(refused=act)
    except (TransitionRefused, PermissionDenied) as refused:
        now = Page(request, find_challenge(request.access, challenge.number) or challenge)
        now.bound[act] = now.form(act, with_seen(request.POST, act, now.view.seen))
        status = 409 if isinstance(refused, TransitionRefused) else 403
        return now.render(refusal=str(refused), refused=act, status=status)
    transaction.on_commit(tell_whose_turn, robust=True)
    kept_forms.forget(request.session)
    messages.success(request, ACTS[act].done.format(challenge.reference))
    return go_back(request, challenge)


def typed_into(form: forms.Form) -> dict[str, Any]:
    """What the service is asked, by its own names."""
    typed = {name: value for name, value in form.cleaned_data.items() if name != "not_personal"}
    typed["seen"] = typed["seen"] or 0
    if isinstance(form, HandOverForm):
        typed["to"] = form.answerers[typed["to"]].user
    return typed


def with_seen(data: QueryDict, act: str, seen: int) -> QueryDict:
    """The same form, as one that was opened just now."""
    again = data.copy()
    again[f"{act}-seen"] = str(seen)
    return again
