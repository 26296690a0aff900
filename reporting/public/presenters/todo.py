"""Which public editions wait for a person?"""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from boards.models import PartnershipArea
from boards.permissions import Access, find_first_day, list_holders
from boards.roles import Role
from boards.ties import list_open_to
from core.months import date_label
from core.todo import Task
from indicators.workflow import EditionState
from reporting.models.editions import PublicEdition
from reporting.models.withdrawals import MonthWithdrawal
from reporting.public.selectors.withdrawn import list_unexplained


def describe_step(edition: PublicEdition, day: str) -> str:
    if edition.agreed_at is not None:
        return f"{edition.agreed_by} approved it on {day}."
    if edition.asked_by is None:
        return f"We prepared it on {day}, because an earlier month was withdrawn."
    return f"{edition.asked_by} asked on {day}."


def edition_tasks(access: Access) -> list[Task]:
    """Return the public editions that wait for an information officer's approval or to be made public, and withdrawals
    without a reason. Nothing to ask for others.
    """
    return [*waiting_editions(access), *reasons_to_give(access)]


def waiting_editions(access: Access) -> list[Task]:
    theirs = {EditionState.ASKED: access.is_any(Role.INFORMATION), EditionState.AGREED: access.can_coordinate}
    wanted = [state.value for state, is_theirs in theirs.items() if is_theirs]
    if not wanted:
        return []
    found = list(_list_editions(access.area, tuple(wanted)))
    asked = [edition for edition in found if edition.agreed_at is None]
    # Another information officer approves those that this one can't.
    if asked and find_first_day(access.area, access.user):
        asked = []
    if asked:
        officers = list_holders(access.area, Role.INFORMATION)
        asked = list_open_to(asked, access.user, officers, asker=lambda edition: edition.asked_by)
    return [edition_task(access, edition) for edition in found if edition.agreed_at is not None or edition in asked]


def edition_task(access: Access, edition: PublicEdition) -> Task:
    month, is_agreed = edition.period.month, edition.agreed_at is not None
    day = date_label(timezone.localdate(edition.agreed_at or edition.asked_at))
    return Task(
        name=f"Make {month.label} public" if is_agreed else f"Approve {month.label} for the public",
        url=reverse("reporting:publishing-month", args=[access.area.slug, month]),
        hint=describe_step(edition, day),
        status="submitted",
        status_label="To make public" if is_agreed else "To decide",
    )


def _list_editions(area: PartnershipArea, states: tuple[str, ...]) -> QuerySet[PublicEdition]:
    editions = PublicEdition.objects.filter(period__area=area, state__in=states)
    return editions.select_related("period", "asked_by", "agreed_by").order_by("period__starts_on")


def reasons_to_give(access: Access) -> list[Task]:
    """Return, for information officers, the urgent withdrawals that nobody has explained yet."""
    if not access.is_any(Role.INFORMATION):
        return []
    found = list(list_unexplained(access.area))
    return [reason_task(access, withdrawal) for withdrawal in found]


def reason_task(access: Access, withdrawal: MonthWithdrawal) -> Task:
    month, day = withdrawal.period.month, date_label(timezone.localdate(withdrawal.withdrawn_at))
    return Task(
        name=f"Say why {month.label} was taken down",
        url=reverse("reporting:publishing-month", args=[access.area.slug, month]),
        hint=f"{withdrawal.withdrawn_by} took it down on {day}.",
        status="submitted",
        status_label="Reason missing",
    )
