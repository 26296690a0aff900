"""What does a request about a role say, in which state is it, and what may somebody do with it?"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from boards.models import PartnershipArea, RequestOutcome, RoleRequest
from boards.models.requests import RESET_DAYS, FactorReset
from boards.permissions import Access, find_first_day, list_holders
from boards.rules import FACTOR_RESETTERS, PUBLISHERS, Role
from boards.selectors import list_open_resets
from boards.ties import list_open_to
from core.calendar import date_label
from core.mail.letters import Letter, one_line
from core.models import User
from core.permissions import is_operator
from core.todo import Task

ARTICLES = {Role.COORDINATOR: "a coordinator", Role.INFORMATION: "an information officer"}


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request with its title, its state in a few words, the class of its tag, and its page's address."""

    asked: RoleRequest
    title: str
    state: str
    tag: str
    url: str

    @property
    def is_waiting(self) -> bool:
        return self.tag == "submitted"


def make_row(asked: RoleRequest, *, today: date, is_operator: bool = False) -> RequestRow:
    return RequestRow(asked, describe_request(asked), *_describe_state(asked, today), request_url(asked, is_operator))


def request_url(asked: RoleRequest, is_operator: bool) -> str:
    if is_operator:
        return reverse("boards:operator-role-request", args=[asked.pk])
    return reverse("boards:role-request", args=[asked.area.slug, asked.pk])


def describe_request(asked: RoleRequest) -> str:
    """ "Make Ann Lee an information officer"; "End Ann Lee’s role as coordinator"."""
    if asked.gives:
        return f"Make {asked.user} {ARTICLES[Role(asked.role)]}"
    return f"End {asked.user}’s role as {asked.get_role_display().lower()}"


def _describe_state(asked: RoleRequest, today: date) -> tuple[str, str]:
    if asked.decided_at is not None:
        day = date_label(timezone.localdate(asked.decided_at))
        tag = {RequestOutcome.CONFIRMED: "accepted", RequestOutcome.DECLINED: "returned"}.get(
            RequestOutcome(asked.outcome), "closed"
        )
        return f"{asked.get_outcome_display()} by {asked.decided_by} on {day}", tag
    if asked.outcome or asked.ends_on < today:
        return f"Ended on {date_label(asked.ends_on)}, because nobody decided", "closed"
    return f"Waits for an information officer until {date_label(asked.ends_on)}", "submitted"


def _list_waiting(area: PartnershipArea, today: date, reader: User) -> QuerySet[RoleRequest]:
    waiting = RoleRequest.objects.waiting(today).filter(area=area).exclude(asked_by=reader)
    return waiting.exclude(user=reader, gives=True).select_related("user", "asked_by", "area")


def role_tasks(access: Access, *, today: date) -> list[Task]:
    """Return the requests that wait for an information officer. One query for officers, and three more if some
    wait."""
    if not access.is_any(Role.INFORMATION):
        return []
    found = list(_list_waiting(access.area, today, access.user))
    if not found or find_first_day(access.area, access.user):
        return []  # another information officer confirms them
    officers = list_holders(access.area, Role.INFORMATION)
    found = list_open_to(found, access.user, officers, asker=lambda asked: asked.asked_by)
    return [
        Task(
            name=describe_request(asked),
            url=request_url(asked, is_operator=False),
            hint=f"{asked.asked_by} asked on {date_label(timezone.localdate(asked.asked_at))}.",
            status="submitted",
            status_label="To confirm",
            due_on=asked.ends_on,
        )
        for asked in found
    ]


# --- E-mails ----------------------------------------------------------------------------------------------


def write_asked(asked: RoleRequest, *, is_operator: bool) -> Letter:
    title = one_line(f"{asked.area}: {describe_request(asked)}?")
    sentences = [
        f"{asked.asked_by} asked for this. Confirm it only if you know that it is right.",
        f"It ends on {date_label(asked.ends_on)} if nobody decides.",
    ]
    reason = "You get this as the operator." if is_operator else _officer(asked)
    return Letter("", title, title, sentences, "Confirm or decline it", reason)


def write_decided(asked: RoleRequest, *, person: User) -> Letter:
    """Write about a request that was confirmed or declined."""
    done = "confirmed" if asked.outcome == RequestOutcome.CONFIRMED else "declined"
    title = one_line(f"{asked.area}: “{describe_request(asked)}” was {done}")
    sentences = [f"{asked.asked_by} asked for it, and {asked.decided_by} {done} it."]
    if asked.shortened_by is not None:
        sentences.append(f"{asked.shortened_by} let them decide straight away: {asked.shortened_why}")
    reason = "You get this because it is about your role." if person.pk == asked.user_id else _officer(asked)
    return Letter("", title, f"{title}.", sentences, "See the request", reason)


def _officer(asked: RoleRequest) -> str:
    return f"You get this as information officer or coordinator of {asked.area}."


def _list_lost(area: PartnershipArea, since: datetime, reader: User) -> QuerySet[FactorReset]:
    waiting = list_open_resets(area).filter(asked_at__gt=since)
    return waiting.exclude(asked_by=reader).exclude(person=reader)


def reset_tasks(access: Access) -> list[Task]:
    """Return the requests that somebody else made, and about somebody else. One query for officers, and two more
    if some wait."""
    if not access.is_any(*FACTOR_RESETTERS):
        return []
    since = timezone.now() - timedelta(days=RESET_DAYS)
    found = list(_list_lost(access.area, since, access.user))
    if found and not is_operator(access.user):
        officers = list_holders(access.area, *PUBLISHERS)
        found = list_open_to(found, access.user, officers, asker=lambda reset: reset.asked_by)
    return [reset_task(access.area, reset, timezone.localdate(reset.asked_at)) for reset in found]


def reset_task(area: PartnershipArea, reset: FactorReset, asked_on: date) -> Task:
    return Task(
        name=f"Reset the second factor of {reset.person}",
        url=reverse("boards:reset-decide", args=[area.slug, reset.pk]),
        hint=f"{reset.asked_by} asked on {date_label(asked_on)}, because a device was lost.",
        status="submitted",
        status_label="To confirm",
        due_on=asked_on + timedelta(days=RESET_DAYS),
    )
