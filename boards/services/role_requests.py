"""Ask for one of the two strongest roles, or for its end, and confirm it. It needs two people, and every information
officer is told (docs/adr/0057)."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import DAYS_TO_DECIDE, Membership, PartnershipArea, RequestOutcome, RoleRequest, TieKind
from boards.permissions import (
    access_to,
    check_can_confirm_roles,
    check_can_coordinate,
    check_can_decide_role,
    list_holders,
)
from boards.roles import CONFIRMED_ROLES, Role
from boards.selectors import count_holders
from boards.services.people import check_attested, find_or_make_person, give_role, take_role
from boards.services.requests import check_waiting, decide
from boards.services.setup import lock_area
from boards.services.ties import note_tie
from boards.ties import read_ties
from core import audit
from core.labels import with_article
from core.models import User
from core.permissions import is_operator
from core.services.reasons import checked_reason
from core.transitions import TransitionRefused

ENDED = f"Nobody decided this within {DAYS_TO_DECIDE} days, so it has ended. A coordinator can ask again."
FIRST_DAYS = 7  # in which a new information officer decides nothing alone


@transaction.atomic
def ask_role(area: PartnershipArea, *, email: str, name: str, role: Role, is_attested: bool, by: User) -> RoleRequest:
    """Ask to make somebody a coordinator or an information officer. If there is no such person, create their account,
    which can do nothing until the role is confirmed.

    Raises PermissionDenied, or ValidationError if they have one of the two roles, or were asked for one, already, or if
    `by` doesn't attest who the person is.
    """
    check_can_coordinate(area, by=by)
    check_attested(is_attested)
    lock_area(area)
    user, _ = find_or_make_person(email.strip(), name.strip(), area=area.slug, by=by)
    _check_not_both(area, user, role)
    # Now, and not with the role: a request that is withdrawn invited them too.
    note_tie(user, TieKind.ROLE, by=by)
    return _ask(area, user, role, gives=True, by=by)


@transaction.atomic
def ask_end(membership: Membership, *, by: User) -> RoleRequest:
    """Ask to end somebody's role as coordinator or information officer.

    Raises PermissionDenied, or ValidationError for the area's last one, or if somebody asked already.
    """
    area, role = membership.area, Role(membership.role)
    check_can_coordinate(area, by=by)
    lock_area(area)
    _check_not_last(area, membership.user, role)
    return _ask(area, membership.user, role, gives=False, by=by)


def _check_not_both(area: PartnershipArea, user: User, role: Role) -> None:
    held = Membership.objects.filter(area=area, user=user, role__in=CONFIRMED_ROLES).first()
    if held is not None:
        same = "This person already has that role."
        has = with_article(held.get_role_display().lower())
        both = f"{user} is {has} here. Nobody can be both coordinator and information officer."
        raise ValidationError({"role": same if held.role == role else both})


def _check_not_last(area: PartnershipArea, user: User, role: Role) -> None:
    if not count_holders(area, role, without=user):
        noun = role.label.lower()
        raise ValidationError(f"This is the area's only {noun}. Make somebody else {with_article(noun)} first.")


def _ask(area: PartnershipArea, user: User, role: Role, *, gives: bool, by: User) -> RoleRequest:
    today, now = timezone.localdate(), timezone.now()
    opened = RoleRequest.objects.filter(area=area, user=user, outcome="")
    opened.filter(ends_on__lt=today).update(outcome=RequestOutcome.LAPSED.value)
    if opened.exists():
        raise ValidationError({"role": f"Somebody has already asked about the role of {user}. It waits for an answer."})
    asked = RoleRequest.objects.create(
        area=area,
        user=user,
        role=role.value,
        gives=gives,
        asked_at=now,
        asked_by=by,
        ends_on=today + timedelta(days=DAYS_TO_DECIDE),
    )
    _note("asked", asked, by=by)
    return asked


@transaction.atomic
def confirm_request(asked: RoleRequest, *, by: User) -> Membership | None:
    """Do what was asked for, as another person. Returns the new membership, or None where a role ended.

    Raises PermissionDenied, TransitionRefused if nobody can decide it any more, or ValidationError if it isn't possible
    any more.
    """
    asked = _lock(asked)
    check_can_decide_role(asked, by=by)
    check_waiting(asked, ended=ENDED)
    # They may have lost the role since.
    if not access_to(asked.area, by=asked.asked_by).can_coordinate:
        raise TransitionRefused(f"{asked.asked_by} is no longer a coordinator, so this can’t be confirmed. Decline it.")
    role = Role(asked.role)
    _decide(asked, RequestOutcome.CONFIRMED, by=by)
    if asked.gives:
        return _give(asked, role, by=by)
    held = Membership.objects.select_related("user", "area").filter(area=asked.area, user=asked.user, role=role.value)
    if (membership := held.first()) is not None:
        _check_not_last(asked.area, asked.user, role)
        take_role(membership, by=by)
    return None


def _give(asked: RoleRequest, role: Role, *, by: User) -> Membership:
    area, user = asked.area, asked.user
    if not user.is_active:
        raise ValidationError(f"The account of {user} is switched off. Ask the operator why.")
    _check_not_both(area, user, role)
    is_officer = role is Role.INFORMATION
    acts_from = timezone.localdate() + timedelta(days=FIRST_DAYS) if is_officer else None
    membership = Membership(user=user, area=area, role=role.value, acts_from=acts_from)
    return give_role(membership, attested_by=asked.asked_by, by=by)


@transaction.atomic
def decline_request(asked: RoleRequest, *, why: str, by: User) -> None:
    """Decline it, with a reason. Raises PermissionDenied, TransitionRefused, or ValidationError."""
    asked = _lock(asked)
    check_can_confirm_roles(asked.area, by=by)
    why = checked_reason(why, missing="Say why you decline it. The coordinator reads your reason.")
    check_waiting(asked, ended=ENDED)
    _decide(asked, RequestOutcome.DECLINED, by=by, why=why)


@transaction.atomic
def withdraw_request(asked: RoleRequest, *, by: User) -> None:
    """Withdraw it, as a coordinator. Raises PermissionDenied or TransitionRefused."""
    asked = _lock(asked)
    check_can_coordinate(asked.area, by=by)
    check_waiting(asked, ended=ENDED)
    _decide(asked, RequestOutcome.WITHDRAWN, by=by)


@transaction.atomic
def end_wait(asked: RoleRequest, *, why: str, by: User) -> None:
    """Let a new information officer decide alone before their first days are over. Another information officer does
    this, or the operator where no other officer can.

    If two people press the button, the second changes nothing. Raises PermissionDenied, TransitionRefused if they
    decide alone already, or ValidationError without a reason.
    """
    asked = _lock(asked)
    check_can_decide_role(asked, by=by, act="end the wait")
    if is_operator(by) and _list_who_ends(asked, by=by):
        raise PermissionDenied(f"{asked.area.name} has an information officer who can end the wait.")
    why = checked_reason(why, missing="Say why they can decide already. Every information officer can read it.")
    if asked.shortened_at is not None:
        return
    today = timezone.localdate()
    held = Membership.objects.filter(area=asked.area, user=asked.user, role=Role.INFORMATION.value, acts_from__gt=today)
    if asked.outcome != RequestOutcome.CONFIRMED or not held.update(acts_from=today):
        raise TransitionRefused(f"{asked.user} is not waiting to decide.")
    asked.shortened_at, asked.shortened_by, asked.shortened_why = timezone.now(), by, why
    asked.save(update_fields=["shortened_at", "shortened_by", "shortened_why"])
    _note("shortened", asked, by=by, why=why)


def _list_who_ends(asked: RoleRequest, *, by: User) -> list[User]:
    """Return the other information officers who decide alone, and are the second person to whoever asked."""
    today = timezone.localdate()
    officers = [
        held for held in list_holders(asked.area, Role.INFORMATION) if held.acts_from and held.acts_from <= today
    ]
    return [
        person for person in read_ties(officers, asked.asked_by).list_seconds(asked.asked_by, officers) if person != by
    ]


def _lock(asked: RoleRequest) -> RoleRequest:
    """Return it as it is now. Everything that gives or ends a role locks the area first."""
    lock_area(asked.area)
    return RoleRequest.objects.select_related("area", "user", "asked_by").get(pk=asked.pk)


def _decide(asked: RoleRequest, outcome: RequestOutcome, *, by: User, why: str = "") -> None:
    _note(outcome.value, asked, by=by, **decide(asked, outcome, by=by, why=why))


def _note(act: str, asked: RoleRequest, *, by: User, **details: str) -> None:
    audit.record(
        f"role_request.{act}",
        asked,
        by=by,
        area=asked.area.slug,
        person=asked.user.email,
        role=asked.role,
        gives=asked.gives,
        **details,
    )
