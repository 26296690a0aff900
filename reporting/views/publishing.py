"""Publishing for the public: which months are, what one would show, and the steps to it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from boards.models import PartnershipArea, PublicAdvice, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.workflow import MonthStatus
from core.forms import Question, question_left
from core.months import Month
from core.services import kept_forms
from indicators.workflow import EditionState
from reporting import editions, presenters, selectors
from reporting.models.editions import PublicEdition
from reporting.models.snapshots import Snapshot, SnapshotState
from reporting.selectors.public_editions import public_lines_of
from reporting.services.editions import (
    agree,
    ask_consent,
    decline,
    publish_edition,
    turn_public_pages,
    withdraw_edition,
)
from reporting.views.returns import decide, find_period, refusal_of, refuse_to_guess

WITH_WHY = frozenset({"decline", "withdraw"})  # decisions that need words
WHO = "Only a coordinator and an information officer decide what is published for the public."


@open_to(Role.COORDINATOR, Role.INFORMATION, because=WHO)
@require_http_methods(["GET", "HEAD", "POST"])
def publishing(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """The published months, each with its public edition; takes the switch of the public pages."""
    if request.method == "POST":
        turns: dict[str, tuple[Callable[[], object], str]] = {
            "on": (lambda: turn_public_pages(area, on=True, by=request.user), "The public pages are on."),
            "off": (
                lambda: turn_public_pages(area, on=False, by=request.user),
                "The public pages are off: nobody can read them.",
            ),
        }
        decide(request, *turns.get(str(request.POST.get("turn", "")), (refuse_to_guess, "")))
        return redirect("reporting:publishing", area.slug)
    periods = list(ReportingPeriod.objects.filter(area=area, status=MonthStatus.PUBLISHED.value))
    newest: dict[int, PublicEdition] = {}
    waiting: dict[int, PublicEdition] = {}
    for edition in (
        PublicEdition.objects.filter(period__area=area).select_related("withdrawal", "snapshot").order_by("id")
    ):
        if edition.state == EditionState.PUBLISHED:
            newest[edition.period_id] = edition
        elif edition.state != EditionState.DECLINED:
            waiting[edition.period_id] = edition
    of_area = Snapshot.objects.filter(period__area=area, state=SnapshotState.PUBLISHED.value)
    versions = dict(of_area.order_by("version").values_list("period_id", "version"))  # the newest of each
    rows = [(period, newest.get(period.pk), waiting.get(period.pk), versions.get(period.pk)) for period in periods]
    has_signs = PublicAdvice.objects.filter(area=area, is_public=True).exists()
    return render(request, "reporting/publishing.html", {"rows": rows, "has_signs": has_signs})


@open_to(Role.COORDINATOR, Role.INFORMATION, because=WHO)
@require_http_methods(["GET", "HEAD", "POST"])
def publishing_month(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """What the public would see of a month beside what partners see, and whose turn it is."""
    period = find_period(area, month).period
    here = reverse("reporting:publishing-month", args=[area.slug, month])
    if request.method == "POST":
        return act_on(request, period, here)
    newest, waiting = editions.newest_edition(period), editions.under_way(period)
    left = kept_forms.take(request.session, path=here)
    context = {
        "period": period,
        "month": month,
        "newest": newest,
        "waiting": waiting,
        "declined": declined(period) if waiting is None else None,
        "is_own": waiting is not None and waiting.asked_by_id == request.user.pk,
        "is_officer": request.access.is_any(Role.INFORMATION),
        "left": left,
        "question": question_left(left),
        "has_errors": bool(left),
    }
    if period.is_published:
        context |= preview(period, waiting, newest)
    return render(request, "reporting/publishing_month.html", context)


def preview(period: ReportingPeriod, waiting: PublicEdition | None, newest: PublicEdition | None) -> dict[str, object]:
    """What the edition that is under way would show; or the one that could be asked for."""
    snapshot = waiting.snapshot if waiting else selectors.latest_snapshot(period, include_drafts=False)
    snapshot.period = period
    prepared = editions.prepare_edition(snapshot)
    public = public_lines_of(waiting) if waiting else prepared.lines
    return {
        "snapshot": snapshot,
        "view": presenters.publishing_view(snapshot, public, prepared),
        "given_away": prepared.given_away,
        "is_out_of_step": waiting is not None and waiting.fingerprint != prepared.fingerprint,
        "says_the_same": newest is not None
        and newest.fingerprint == prepared.fingerprint
        and not hasattr(newest, "withdrawal"),
        "newer": newer_version(period, snapshot) if waiting else None,
    }


def newer_version(period: ReportingPeriod, snapshot: Snapshot) -> Snapshot | None:
    """The version that was published since the edition under way was made."""
    latest = selectors.latest_snapshot(period, include_drafts=False)
    return latest if latest.pk != snapshot.pk else None


def declined(period: ReportingPeriod) -> PublicEdition | None:
    """The last edition, where it was declined and none was published since."""
    last = PublicEdition.objects.filter(period=period).select_related("declined_by").order_by("-id").first()
    return last if last is not None and last.state == EditionState.DECLINED else None


def act_on(request: AreaRequest, period: ReportingPeriod, here: str) -> HttpResponse:
    """Do what the button says, with the edition that the page showed."""
    label, why = period.month.label, str(request.POST.get("why", "")).replace("\x00", "")
    seen = str(request.POST.get("seen", ""))
    edition = find_edition(period, str(request.POST.get("edition", "")))
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "ask": (
            lambda: ask_consent(period, by=request.user),
            f"You asked the information officer to consent to the public edition of {label}.",
        )
    }
    if edition is not None:
        acts |= {
            "agree": (
                lambda: agree(edition, by=request.user, seen=seen),
                f"You consented to the public edition of {label}. The coordinator can publish it now.",
            ),
            "decline": (
                lambda: decline(edition, why=why, by=request.user),
                f"You declined the public edition of {label}.",
            ),
            "publish": (
                lambda: publish_edition(edition, by=request.user),
                f"{label} is published for the public: anybody can read it now.",
            ),
            "withdraw": (
                lambda: withdraw_edition(edition, why=why, by=request.user),
                f"The public edition of {label} is withdrawn.",
            ),
        }
    decision = str(request.POST.get("decision", ""))
    act, done = acts.get(decision, (refuse_to_guess, ""))
    question = Question(why if decision in WITH_WHY else "", ticked=str(request.POST.get("not_personal", "")))
    refusal = "" if question.unanswered else refusal_of(act)
    if refusal or question.unanswered:
        left = {"refusal": refusal, "asked": question.asked, "decision": decision, "why": why}
        kept_forms.leave(request.session, path=here, **left)
    else:
        kept_forms.take(request.session, path=here)  # of an earlier try
        messages.success(request, done)
    return redirect(here)


def find_edition(period: ReportingPeriod, key: str) -> PublicEdition | None:
    if not key.isascii() or not key.isdigit() or len(key) > 18:
        return None
    found = PublicEdition.objects.filter(period=period, pk=int(key)).first()
    if found is not None:
        found.period = period
    return found
