"""Decide a request, for every kind that another person confirms: it still waits, and who decided what is saved."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from boards.models import (
    DAYS_TO_DECIDE,
    Membership,
    PartnershipArea,
    Request,
    RequestOutcome,
    RoleRequest,
    RoleReview,
    TieKind,
)
from boards.permissions import (
    access_to,
    check_can_confirm_roles,
    check_can_coordinate,
    check_can_decide_role,
    list_holders,
)
from boards.presenters.requests import request_url, write_asked, write_decided
from boards.rules import BOARD_ROLES, CONFIRMED_ROLES, Role
from boards.selectors import count_holders, list_operators
from boards.services.area import lock_area
from boards.services.factors import note_tie
from boards.services.letters import Occasion, make_source
from boards.services.people import check_attested, find_or_make_person, give_role, revoke_role, take_role
from boards.ties import Ties, read_ties
from core import audit
from core.database import Areas, within
from core.forms.pages import checked_reason
from core.labels import TransitionRefused, with_article
from core.letter_kinds import LetterKind
from core.mail.letters import Part
from core.models import User
from core.permissions import is_operator, name_asker


def check_waiting(asked: Request, *, ended: str) -> None:
    """Raise TransitionRefused if somebody has decided it, or if nobody did in time: `ended` says so."""
    if asked.outcome:
        raise TransitionRefused(f"Somebody has decided this already: {RequestOutcome(asked.outcome).label.lower()}.")
    if not asked.is_waiting(timezone.localdate()):
        raise TransitionRefused(ended)


def decide(
    asked: Request, outcome: RequestOutcome, *, by: User, why: str = "", also: Sequence[str] = ()
) -> dict[str, str]:
    """Save who decided what, with the fields `also` that changed. Return what the record says: who asked, and why."""
    asked.outcome, asked.decided_why = outcome.value, why
    asked.decided_at, asked.decided_by = timezone.now(), by
    asked.save(update_fields=["outcome", "decided_why", "decided_at", "decided_by", *also])
    return name_asker(asked.asked_by, asked.asked_at) | ({"why": why} if why else {})


# Ask for one of the two strongest roles, or for its end, and confirm it. It needs two people, and every information
# officer is told (docs/adr/0057).

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


DECIDED = (RequestOutcome.CONFIRMED.value, RequestOutcome.DECLINED.value)


def find_requests(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield what waits for an information officer, or for the operator where an area has none who can confirm it; and
    what was decided, for officers, coordinators and the person. Five queries at most."""
    asked = RoleRequest.objects.select_related("area", "user", "asked_by", "decided_by", "shortened_by").order_by("pk")
    asked = asked.filter(within(areas))
    waiting = list(asked.waiting(today))
    decided = list(asked.filter(outcome__in=DECIDED, decided_at__date__gte=today - timedelta(days=DAYS_TO_DECIDE)))
    if not waiting and not decided:
        return
    held_in = {each.area_id for each in (*waiting, *decided)}
    held = Membership.objects.filter(area__in=held_in, role__in=CONFIRMED_ROLES, user__is_active=True)
    of_area: dict[int, list[Membership]] = defaultdict(list)
    for membership in held.select_related("user").order_by("pk"):
        of_area[membership.area_id].append(membership)
    operators = list(list_operators()) if waiting else []
    ties = read_ties(list(chain(*of_area.values())), *(each.asked_by for each in waiting)) if waiting else Ties()
    for each in waiting:
        officers = [membership for membership in of_area[each.area_id] if membership.role == Role.INFORMATION]
        for person in ties.list_seconds(each.asked_by, officers) or operators:
            if person.pk != each.asked_by_id:
                yield Occasion(each.area, person, f"asked:{each.pk}", each)
    for each in decided:
        told = {membership.user_id: membership.user for membership in of_area[each.area_id]}
        told[each.user_id] = each.user
        for person in told.values():
            if person.pk != each.decided_by_id:
                yield Occasion(each.area, person, f"decided:{each.pk}", each)


def write_requests(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        asked: RoleRequest = each.thing
        is_operator = each.person.is_superuser
        if asked.outcome:
            # The person may have no role, and then no page of the area to open.
            path = request_url(asked, is_operator) if each.person.pk != asked.user_id else reverse("reporting:home")
            yield Part(write_decided(asked, person=each.person), path)
        else:
            yield Part(write_asked(asked, is_operator=is_operator), request_url(asked, is_operator))


ROLES = make_source(LetterKind.ROLES, find_requests, write_requests)


UNUSED_AFTER = timedelta(days=90)
UNUSED_AFTER_OF_BOARDS = timedelta(days=200)  # boards meet a few times a year
EVERY = timedelta(days=91)
KEEP, END = "keep", "end"


@dataclass(frozen=True, slots=True)
class Unused:
    """A role whose person hasn't signed in for long. `since` is their last sign-in, or None if there was none."""

    held: Membership
    since: date | None


def find_last(held: Membership) -> date:
    """Return the day from which we count: the last sign-in, or the day on which they were invited."""
    moment = held.user.last_login or held.attested_at
    return timezone.localdate(moment) if moment else held.user.joined_on


def is_unused(held: Membership, *, today: date) -> bool:
    """Return whether somebody should look at this role. One that was confirmed counts again after a quarter."""
    if held.kept_at is not None and today - timezone.localdate(held.kept_at) < EVERY:
        return False
    return today - find_last(held) > (UNUSED_AFTER_OF_BOARDS if held.role in BOARD_ROLES else UNUSED_AFTER)


def list_unused(area: PartnershipArea, *, today: date) -> list[Unused]:
    """Return the unused roles of an area, by name, but for those whose end waits for another person. One query."""
    ending = RoleRequest.objects.waiting(today).filter(
        area=area, user=OuterRef("user"), role=OuterRef("role"), gives=False
    )
    held = Membership.objects.filter(~Exists(ending), area=area).select_related("user", "area", "agency", "board")
    rows = sorted(held, key=lambda each: (each.user.name.casefold(), each.user.email, each.pk))
    return [
        Unused(each, timezone.localdate(each.user.last_login) if each.user.last_login else None)
        for each in rows
        if is_unused(each, today=today)
    ]


def find_last_review(area: PartnershipArea) -> RoleReview | None:
    return RoleReview.objects.filter(area=area).select_related("reviewed_by").first()


@transaction.atomic
def review_roles(area: PartnershipArea, decisions: Mapping[int, str], *, by: User) -> RoleReview:
    """Confirm or end each unused role, and save that it was done. `decisions` has KEEP or END by membership. The end of
    a coordinator's or an information officer's role waits for another person.

    Raises PermissionDenied, or ValidationError if these aren't the unused roles any more, or for the area's last
    coordinator. Then nothing is done.
    """
    check_can_coordinate(area, by=by)
    lock_area(area)
    unused = [each.held for each in list_unused(area, today=timezone.localdate())]
    if {held.pk for held in unused} != set(decisions):
        raise ValidationError("The list has changed since you opened this page. Decide about each role again.")
    kept = [held for held in unused if decisions[held.pk] == KEEP]
    ending = [held for held in unused if decisions[held.pk] != KEEP]
    ended = [held for held in ending if held.role not in CONFIRMED_ROLES]
    _keep(kept, by=by)
    for held in ending:
        if held in ended:
            revoke_role(held, by=by)
        else:
            ask_end(held, by=by)
    review = RoleReview.objects.create(
        area=area, reviewed_at=timezone.now(), reviewed_by=by, kept=len(kept), ended=len(ended)
    )
    audit.record("roles.reviewed", review, by=by, area=area.slug, kept=len(kept), ended=len(ended))
    return review


def _keep(kept: Iterable[Membership], *, by: User) -> None:
    for held in kept:
        held.kept_at, held.kept_by = timezone.now(), by
        held.save(update_fields=["kept_at", "kept_by"])
        audit.record("membership.kept", held, by=by, area=held.area.slug, role=held.role)
