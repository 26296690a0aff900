"""Requests about the strongest roles, which another person decides; and the review of roles that nobody uses."""

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
from boards.services.people import check_attested, find_or_make_person, give_role, revoke_role, take_role
from boards.ties import Ties, read_ties
from core import audit
from core.database import Areas, within
from core.forms.pages import checked_reason
from core.labels import TransitionRefused, with_article
from core.letter_kinds import LetterKind
from core.mail.daily import Occasion, Source
from core.mail.letters import Part
from core.models import User
from core.permissions import is_operator, name_asker


def check_waiting(request: Request, *, ended: str) -> None:
    """Raise TransitionRefused if somebody has decided it, or if nobody did in time: `ended` says so."""
    if request.outcome:
        raise TransitionRefused(f"Someone has already decided this: {RequestOutcome(request.outcome).label.lower()}.")
    if not request.is_waiting(timezone.localdate()):
        raise TransitionRefused(ended)


def decide(
    request: Request, outcome: RequestOutcome, *, by: User, why: str = "", also: Sequence[str] = ()
) -> dict[str, str]:
    """Save who decided what, with the fields `also` that changed. Return what the record says: who asked, and why."""
    request.outcome, request.decided_why = outcome.value, why
    request.decided_at, request.decided_by = timezone.now(), by
    request.save(update_fields=["outcome", "decided_why", "decided_at", "decided_by", *also])
    return name_asker(request.asked_by, request.asked_at) | ({"why": why} if why else {})


# The two strongest roles: to give or to end one needs two people, and every information officer is told
# (docs/adr/0057).

ENDED = f"No one decided this within {DAYS_TO_DECIDE} days, so it has ended. A coordinator can ask again."
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
    membership = Membership.objects.filter(area=area, user=user, role__in=CONFIRMED_ROLES).first()
    if membership is not None:
        same = "This person already has that role."
        has = with_article(membership.get_role_display().lower())
        both = f"{user} is {has} here. No one can be both coordinator and information officer."
        raise ValidationError({"role": same if membership.role == role else both})


def _check_not_last(area: PartnershipArea, user: User, role: Role) -> None:
    if not count_holders(area, role, without=user):
        noun = role.label.lower()
        raise ValidationError(f"This is the area's only {noun}. Make someone else {with_article(noun)} first.")


def _ask(area: PartnershipArea, user: User, role: Role, *, gives: bool, by: User) -> RoleRequest:
    today, now = timezone.localdate(), timezone.now()
    opened = RoleRequest.objects.filter(area=area, user=user, outcome="")
    opened.filter(ends_on__lt=today).update(outcome=RequestOutcome.LAPSED.value)
    if opened.exists():
        raise ValidationError(
            {"role": f"Someone has already asked about {user}’s role. The request is waiting for an answer."}
        )
    request = RoleRequest.objects.create(
        area=area,
        user=user,
        role=role.value,
        gives=gives,
        asked_at=now,
        asked_by=by,
        ends_on=today + timedelta(days=DAYS_TO_DECIDE),
    )
    _note("asked", request, by=by)
    return request


@transaction.atomic
def confirm_request(request: RoleRequest, *, by: User) -> Membership | None:
    """Do what was asked for, as another person. Returns the new membership, or None where a role ended.

    Raises PermissionDenied, TransitionRefused if nobody can decide it any more, or ValidationError if it isn't possible
    any more.
    """
    request = _lock(request)
    check_can_decide_role(request, by=by)
    check_waiting(request, ended=ENDED)
    # They may have lost the role since.
    if not access_to(request.area, by=request.asked_by).can_coordinate:
        raise TransitionRefused(
            f"{request.asked_by} is no longer a coordinator, so this can’t be confirmed. Decline it."
        )
    role = Role(request.role)
    _decide(request, RequestOutcome.CONFIRMED, by=by)
    if request.gives:
        return _give(request, role, by=by)
    memberships = Membership.objects.select_related("user", "area").filter(
        area=request.area, user=request.user, role=role.value
    )
    if (membership := memberships.first()) is not None:
        _check_not_last(request.area, request.user, role)
        take_role(membership, by=by)
    return None


def _give(request: RoleRequest, role: Role, *, by: User) -> Membership:
    area, user = request.area, request.user
    if not user.is_active:
        raise ValidationError(f"{user}’s account is switched off. Ask the operator why.")
    _check_not_both(area, user, role)
    is_officer = role is Role.INFORMATION
    acts_from = timezone.localdate() + timedelta(days=FIRST_DAYS) if is_officer else None
    membership = Membership(user=user, area=area, role=role.value, acts_from=acts_from)
    return give_role(membership, attested_by=request.asked_by, by=by)


@transaction.atomic
def decline_request(request: RoleRequest, *, why: str, by: User) -> None:
    """Decline it, with a reason."""
    request = _lock(request)
    check_can_confirm_roles(request.area, by=by)
    why = checked_reason(why, missing="Say why you decline it. The coordinator will read your reason.")
    check_waiting(request, ended=ENDED)
    _decide(request, RequestOutcome.DECLINED, by=by, why=why)


@transaction.atomic
def withdraw_request(request: RoleRequest, *, by: User) -> None:
    """Withdraw it, as a coordinator."""
    request = _lock(request)
    check_can_coordinate(request.area, by=by)
    check_waiting(request, ended=ENDED)
    _decide(request, RequestOutcome.WITHDRAWN, by=by)


@transaction.atomic
def end_wait(request: RoleRequest, *, why: str, by: User) -> None:
    """Let a new information officer decide alone before their first days are over. Another information officer does
    this, or the operator where no other officer can.

    If two people press the button, the second changes nothing. Raises PermissionDenied, TransitionRefused if they
    decide alone already, or ValidationError without a reason.
    """
    request = _lock(request)
    check_can_decide_role(request, by=by, act="end the wait")
    if is_operator(by) and _list_who_ends(request, by=by):
        raise PermissionDenied(f"{request.area.name} has an information officer who can end the wait.")
    why = checked_reason(
        why, missing="Say why this officer can decide before the wait is over. Every information officer can read it."
    )
    if request.shortened_at is not None:
        return
    today = timezone.localdate()
    memberships = Membership.objects.filter(
        area=request.area, user=request.user, role=Role.INFORMATION.value, acts_from__gt=today
    )
    if request.outcome != RequestOutcome.CONFIRMED or not memberships.update(acts_from=today):
        raise TransitionRefused(f"{request.user} is not waiting to decide.")
    request.shortened_at, request.shortened_by, request.shortened_why = timezone.now(), by, why
    request.save(update_fields=["shortened_at", "shortened_by", "shortened_why"])
    _note("shortened", request, by=by, why=why)


def _list_who_ends(request: RoleRequest, *, by: User) -> list[User]:
    """Return the other information officers who decide alone, and are the second person to whoever asked."""
    today = timezone.localdate()
    officers = [
        membership
        for membership in list_holders(request.area, Role.INFORMATION)
        if membership.acts_from and membership.acts_from <= today
    ]
    return [
        person
        for person in read_ties(officers, request.asked_by).list_seconds(request.asked_by, officers)
        if person != by
    ]


def _lock(request: RoleRequest) -> RoleRequest:
    """Return it as it is now. Everything that gives or ends a role locks the area first."""
    lock_area(request.area)
    return RoleRequest.objects.select_related("area", "user", "asked_by").get(pk=request.pk)


def _decide(request: RoleRequest, outcome: RequestOutcome, *, by: User, why: str = "") -> None:
    _note(outcome.value, request, by=by, **decide(request, outcome, by=by, why=why))


def _note(act: str, request: RoleRequest, *, by: User, **details: str) -> None:
    audit.record(
        f"role_request.{act}",
        request,
        by=by,
        area=request.area.slug,
        person=request.user.email,
        role=request.role,
        gives=request.gives,
        **details,
    )


DECIDED = (RequestOutcome.CONFIRMED.value, RequestOutcome.DECLINED.value)


def find_requests(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield what waits for an information officer, or for the operator where an area has none who can confirm it; and
    what was decided, for officers, coordinators and the person. Five queries at most."""
    requests = RoleRequest.objects.select_related("area", "user", "asked_by", "decided_by", "shortened_by").order_by(
        "pk"
    )
    requests = requests.filter(within(areas))
    waiting = list(requests.waiting(today))
    decided = list(requests.filter(outcome__in=DECIDED, decided_at__date__gte=today - timedelta(days=DAYS_TO_DECIDE)))
    if not waiting and not decided:
        return
    area_ids = {request.area_id for request in (*waiting, *decided)}
    memberships = Membership.objects.filter(area__in=area_ids, role__in=CONFIRMED_ROLES, user__is_active=True)
    of_area: dict[int, list[Membership]] = defaultdict(list)
    for membership in memberships.select_related("user").order_by("pk"):
        of_area[membership.area_id].append(membership)
    operators = list(list_operators()) if waiting else []
    ties = read_ties(list(chain(*of_area.values())), *(request.asked_by for request in waiting)) if waiting else Ties()
    for request in waiting:
        officers = [membership for membership in of_area[request.area_id] if membership.role == Role.INFORMATION]
        for person in ties.list_seconds(request.asked_by, officers) or operators:
            if person.pk != request.asked_by_id:
                yield Occasion(LetterKind.ROLES, request.area, person, f"asked:{request.pk}", request)
    for request in decided:
        people = {membership.user_id: membership.user for membership in of_area[request.area_id]}
        people[request.user_id] = request.user
        for person in people.values():
            if person.pk != request.decided_by_id:
                yield Occasion(LetterKind.ROLES, request.area, person, f"decided:{request.pk}", request)


def write_requests(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        request: RoleRequest = occasion.thing
        to_operator = occasion.person.is_superuser
        if request.outcome:
            # The person may have no role, and then no page of the area to open.
            path = (
                request_url(request, to_operator)
                if occasion.person.pk != request.user_id
                else reverse("reporting:home")
            )
            yield Part(write_decided(request, person=occasion.person), path)
        else:
            yield Part(write_asked(request, is_operator=to_operator), request_url(request, to_operator))


ROLES = Source(find_requests, write_requests)


UNUSED_AFTER = timedelta(days=90)
UNUSED_AFTER_OF_BOARDS = timedelta(days=200)  # boards meet a few times a year
EVERY = timedelta(days=91)
KEEP, END = "keep", "end"


@dataclass(frozen=True, slots=True)
class Unused:
    """A role whose person hasn't signed in for long. `since` is their last sign-in, or None if there was none."""

    membership: Membership
    since: date | None


def find_last(membership: Membership) -> date:
    """Return the day from which we count: the last sign-in, or the day on which they were invited."""
    moment = membership.user.last_login or membership.attested_at
    return timezone.localdate(moment) if moment else membership.user.joined_on


def is_unused(membership: Membership, *, today: date) -> bool:
    """Return whether somebody should look at this role. One that was confirmed counts again after a quarter."""
    if membership.kept_at is not None and today - timezone.localdate(membership.kept_at) < EVERY:
        return False
    return today - find_last(membership) > (UNUSED_AFTER_OF_BOARDS if membership.role in BOARD_ROLES else UNUSED_AFTER)


def list_unused(area: PartnershipArea, *, today: date) -> list[Unused]:
    """Return the unused roles of an area, by name, but for those whose end waits for another person. One query."""
    ending = RoleRequest.objects.waiting(today).filter(
        area=area, user=OuterRef("user"), role=OuterRef("role"), gives=False
    )
    memberships = Membership.objects.filter(~Exists(ending), area=area).select_related(
        "user", "area", "agency", "board"
    )
    rows = sorted(
        memberships, key=lambda membership: (membership.user.name.casefold(), membership.user.email, membership.pk)
    )
    return [
        Unused(membership, timezone.localdate(membership.user.last_login) if membership.user.last_login else None)
        for membership in rows
        if is_unused(membership, today=today)
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
    unused = [row.membership for row in list_unused(area, today=timezone.localdate())]
    if {membership.pk for membership in unused} != set(decisions):
        raise ValidationError("The list has changed since you opened this page. Decide about each role again.")
    kept = [membership for membership in unused if decisions[membership.pk] == KEEP]
    ending = [membership for membership in unused if decisions[membership.pk] != KEEP]
    ended = [membership for membership in ending if membership.role not in CONFIRMED_ROLES]
    _keep(kept, by=by)
    for membership in ending:
        if membership in ended:
            revoke_role(membership, by=by)
        else:
            ask_end(membership, by=by)
    review = RoleReview.objects.create(
        area=area, reviewed_at=timezone.now(), reviewed_by=by, kept=len(kept), ended=len(ended)
    )
    audit.record("roles.reviewed", review, by=by, area=area.slug, kept=len(kept), ended=len(ended))
    return review


def _keep(kept: Iterable[Membership], *, by: User) -> None:
    for membership in kept:
        membership.kept_at, membership.kept_by = timezone.now(), by
        membership.save(update_fields=["kept_at", "kept_by"])
        audit.record("membership.kept", membership, by=by, area=membership.area.slug, role=membership.role)
