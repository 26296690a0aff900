"""Requests about roles and second factors in words: their state, what somebody may do, the tasks and the e-mails."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from boards.models import PartnershipArea, RequestOutcome, RoleRequest
from boards.models.requests import RESET_DAYS, FactorReset
from boards.permissions import Access, list_for_officer, list_holders
from boards.rules import FACTOR_RESETTERS, PUBLISHERS, Role
from boards.selectors import list_open_resets
from boards.ties import list_open_to
from boards.todo import Task
from core.calendar import date_label
from core.mail.letters import Letter
from core.models import User
from core.permissions import is_operator
from core.texts import one_line

ARTICLES = {Role.COORDINATOR: "a coordinator", Role.INFORMATION: "an information officer"}


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request with its title, its state in a few words, the class of its tag, and its page's address."""

    request: RoleRequest
    title: str
    state: str
    tag: str
    url: str

    @property
    def is_waiting(self) -> bool:
        return self.tag == "submitted"


def make_row(request: RoleRequest, *, today: date, is_operator: bool = False) -> RequestRow:
    return RequestRow(
        request, describe_request(request), *_describe_state(request, today), request_url(request, is_operator)
    )


def request_url(request: RoleRequest, is_operator: bool) -> str:
    if is_operator:
        return reverse("boards:operator-role-request", args=[request.pk])
    return reverse("boards:role-request", args=[request.area.slug, request.pk])


def describe_request(request: RoleRequest) -> str:
    """ "Make Ann Lee an information officer"; "End Ann Lee’s role as coordinator"."""
    if request.gives:
        return f"Make {request.user} {ARTICLES[Role(request.role)]}"
    return f"End {request.user}’s role as {request.get_role_display().lower()}"


def _describe_state(request: RoleRequest, today: date) -> tuple[str, str]:
    if request.decided_at is not None:
        day = date_label(timezone.localdate(request.decided_at))
        tag = {RequestOutcome.CONFIRMED: "accepted", RequestOutcome.DECLINED: "returned"}.get(
            RequestOutcome(request.outcome), "closed"
        )
        return f"{request.get_outcome_display()} by {request.decided_by} on {day}", tag
    if request.outcome or request.ends_on < today:
        return f"Ended on {date_label(request.ends_on)}, because no one decided", "closed"
    return f"Waiting for an information officer until {date_label(request.ends_on)}", "submitted"


def role_tasks(access: Access, *, today: date) -> list[Task]:
    """Return the requests that wait for an information officer. One query for officers, and three more if some
    wait."""
    if not access.is_any(Role.INFORMATION):
        return []
    waiting = RoleRequest.objects.waiting(today).filter(area=access.area)
    others = waiting.exclude(user=access.user, gives=True).select_related("user", "asked_by", "area")
    requests = list_for_officer(list(others), access, asker=lambda request: request.asked_by)
    return [
        Task(
            name=describe_request(request),
            url=request_url(request, is_operator=False),
            hint=f"{request.asked_by} asked on {date_label(timezone.localdate(request.asked_at))}.",
            status="submitted",
            status_label="To confirm",
            due_on=request.ends_on,
        )
        for request in requests
    ]


# --- E-mails ----------------------------------------------------------------------------------------------


def write_asked(request: RoleRequest, *, is_operator: bool) -> Letter:
    title = one_line(f"{request.area}: {describe_request(request)}?")
    sentences = [
        f"{request.asked_by} asked for this. Confirm it only if you know that it is right.",
        f"The request ends on {date_label(request.ends_on)} if no one decides.",
    ]
    reason = "You get this as the operator." if is_operator else _officer(request)
    return Letter("", title, title, sentences, "Confirm or decline it", reason)


def write_decided(request: RoleRequest, *, person: User) -> Letter:
    """Write about a request that was confirmed or declined."""
    done = "confirmed" if request.outcome == RequestOutcome.CONFIRMED else "declined"
    title = one_line(f"{request.area}: “{describe_request(request)}” was {done}")
    sentences = [f"{request.asked_by} asked for it, and {request.decided_by} {done} it."]
    if request.shortened_by is not None:
        sentences.append(f"{request.shortened_by} let this officer decide straight away: {request.shortened_why}")
    reason = "You get this because it is about your role." if person.pk == request.user_id else _officer(request)
    return Letter("", title, f"{title}.", sentences, "See the request", reason)


def _officer(request: RoleRequest) -> str:
    return f"You get this as information officer or coordinator of {request.area}."


def reset_tasks(access: Access) -> list[Task]:
    """Return the requests that somebody else made, and about somebody else. One query for officers, and two more
    if some wait."""
    if not access.is_any(*FACTOR_RESETTERS):
        return []
    since = timezone.now() - timedelta(days=RESET_DAYS)
    waiting = list_open_resets(access.area).filter(asked_at__gt=since)
    resets = list(waiting.exclude(asked_by=access.user).exclude(person=access.user))
    if resets and not is_operator(access.user):
        officers = list_holders(access.area, *PUBLISHERS)
        resets = list_open_to(resets, access.user, officers, asker=lambda reset: reset.asked_by)
    return [reset_task(access.area, reset) for reset in resets]


def reset_task(area: PartnershipArea, reset: FactorReset) -> Task:
    asked_on = timezone.localdate(reset.asked_at)
    return Task(
        name=f"Reset the second factor of {reset.person}",
        url=reverse("boards:reset-decide", args=[area.slug, reset.pk]),
        hint=f"{reset.asked_by} asked on {date_label(asked_on)}, because a device was lost.",
        status="submitted",
        status_label="To confirm",
        due_on=asked_on + timedelta(days=RESET_DAYS),
    )
