"""Which roles does nobody use? A coordinator looks at them each quarter, and confirms or ends each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from boards.models import Membership, PartnershipArea, RoleRequest, RoleReview
from boards.permissions import check_can_coordinate
from boards.roles import BOARD_ROLES, CONFIRMED_ROLES
from boards.services.people import revoke_role
from boards.services.role_requests import ask_end
from boards.services.setup import lock_area
from core import audit
from core.models import User

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
