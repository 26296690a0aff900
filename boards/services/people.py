"""Give a person a role in an area, tell them, and remove it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from boards.models import Agency, Board, Membership, PartnershipArea, RegionMembership, TieKind
from boards.permissions import (
    access_to,
    check_can_confirm_roles,
    check_can_coordinate,
    check_can_make_areas,
    needs_factor,
)
from boards.roles import AGENCY_ROLES, BOARD_ROLES, CONFIRMED_ROLES, Role
from boards.services.setup import lock_area
from boards.services.ties import note_tie
from core import audit
from core.models import User
from core.providers import find_provider, find_required
from core.services.links import site_address
from core.services.passwords import password_path
from core.services.sign_ins import end_everything

SUBJECT = "Your access to the V+V Dashboard"


@transaction.atomic
def grant_role(
    area: PartnershipArea,
    *,
    email: str,
    name: str,
    role: Role,
    agency: Agency | None = None,
    board: Board | None = None,
    is_attested: bool,
    by: User,
) -> tuple[Membership, bool]:
    """Give the person with this address a role. If there is no such person, create them first.

    An existing person keeps their name: another area, unknown to the coordinator, may use it. Returns the membership,
    and whether the person is new. A new person has no password; `send_access` sends them a link to set one. Raises
    PermissionDenied, or ValidationError for a role that doesn't fit, or if `by` doesn't attest who the person is.
    """
    check_can_coordinate(area, by=by)
    check_attested(is_attested)
    lock_area(area)
    check_place(role, agency=agency, board=board)
    if role in CONFIRMED_ROLES:
        # boards.services.role_requests asks for these.
        raise ValidationError({"role": f"Somebody else has to confirm the role “{role.label}”."})
    user, is_new = find_or_make_person(email.strip(), name.strip(), area=area.slug, by=by)
    membership = Membership(user=user, area=area, role=role.value, agency=agency, board=board)
    return give_role(membership, attested_by=by, by=by), is_new


@transaction.atomic
def make_first_coordinator(
    area: PartnershipArea, *, email: str, name: str, is_attested: bool = False, by: User | None
) -> Membership:
    """Give a new area its first coordinator, who gives all other roles. `by` is an operator, or None at the command
    line.

    Raises PermissionDenied, or ValidationError if the area already has a coordinator.
    """
    if by is not None:
        check_can_make_areas(by=by)
        check_attested(is_attested)
    lock_area(area)
    coordinators = Membership.objects.filter(area=area, role=Role.COORDINATOR.value, user__is_active=True)
    if coordinators.exists():
        raise ValidationError(f"{area.name} already has a coordinator, who gives all other roles.")
    user, _ = find_or_make_person(email.strip(), name.strip(), area=area.slug, by=by)
    membership = Membership(user=user, area=area, role=Role.COORDINATOR.value)
    return give_role(membership, attested_by=by if is_attested else None, by=by)


def give_role(membership: Membership, *, attested_by: User | None, by: User | None) -> Membership:
    """Save a membership. The caller has checked the permission and locked the area."""
    if attested_by is not None:
        membership.attested_at, membership.attested_by = timezone.now(), attested_by
    membership.full_clean()
    membership.save()
    details = {"role": membership.role, "is_attested": attested_by is not None}
    audit.record("membership.granted", membership, by=by, area=membership.area.slug, **details)
    note_tie(membership.user, TieKind.ROLE, by=attested_by)
    return membership


def check_attested(is_attested: bool) -> None:
    """Raise ValidationError unless whoever invites says that they know who the person is."""
    if not is_attested:
        raise ValidationError({"is_attested": "Confirm that you know who you invite"})


def check_place(role: Role, *, agency: Agency | None, board: Board | None) -> None:
    """Raise ValidationError by field if a role lacks its agency or board, or has one that it can't have."""
    if role is Role.OPERATOR:
        raise ValidationError({"role": "An operator doesn't belong to an area. Choose another role."})
    errors = {}
    for kind, place, roles in (("agency", agency, AGENCY_ROLES), ("board", board, BOARD_ROLES)):
        if role in roles and place is None:
            errors[kind] = f"Choose the {kind} that the {role.label.lower()} acts for."
        elif role not in roles and place is not None:
            errors[kind] = f"“{role.label}” is not a role for one {kind}: leave the {kind} empty."
    if errors:
        raise ValidationError(errors)


def find_or_make_person(email: str, name: str, *, area: str, by: User | None) -> tuple[User, bool]:
    """Return the person with this address, and whether they are new. `area` is the slug for the record; empty for a
    region. The caller has checked the permission."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User(email=email.lower(), name=name)
        user.set_unusable_password()
        user.full_clean()
        try:
            # A savepoint: on PostgreSQL, a failed INSERT would otherwise end the whole transaction.
            with transaction.atomic():
                user.save()
        except IntegrityError:  # a coordinator of another area has just added the same person
            user = User.objects.get(email__iexact=email)
        else:
            audit.record("user.created", user, by=by, area=area)
            return user, True
    if not user.is_active:
        raise ValidationError({"email": "Somebody with this address can't be added. Ask the operator why."})
    return user, False


def send_access(*held: Membership, by: User) -> None:
    """E-mail a person what they can do in an area and how to sign in. If they have no password, it includes a link to
    set one.

    `held` are the memberships that the e-mail names. Call it after the roles are saved: nobody can take an e-mail back.
    Raises OSError if sending fails (smtplib's errors are among them).
    """
    area, user = held[0].area, held[0].user
    check_can_tell(area, Role(held[0].role), by=by)
    required = find_required(settings.OIDC_PROVIDERS, user.email)
    context = {
        "user": user,
        "by": by,
        "area": area,
        "memberships": held,
        "sign_in_url": site_address(reverse("account_login")),
        "password_url": "" if user.has_usable_password() or required else site_address(password_path(user)),
        "provider": required or find_provider(settings.OIDC_PROVIDERS, user.email),
        "days": settings.INVITATION_DAYS,
        # Whoever asked for a strong role can send the link again. An officer who confirmed it can't.
        "asker": held[0].attested_by or by,
        "needs_factor": needs_factor(user),
        "first_day": max((each.acts_from for each in held if each.acts_from), default=None),
    }
    # If this raises, the roles stay: the page offers to send it again.
    send_mail(SUBJECT, render_to_string("emails/access_granted.txt", context), None, [user.email])
    for membership in held:
        audit.record("membership.told", membership, by=by, area=area.slug)


def check_can_tell(area: PartnershipArea, role: Role, *, by: User) -> None:
    """Raise PermissionDenied for somebody who can't tell a person about this role: only a coordinator can, or whoever
    confirmed it."""
    if role in CONFIRMED_ROLES and not access_to(area, by=by).can_coordinate:
        check_can_confirm_roles(area, by=by)
    else:
        check_can_coordinate(area, by=by)


@transaction.atomic
def revoke_role(membership: Membership, *, by: User) -> None:
    """Remove a role. Raises PermissionDenied, or ValidationError for a role that somebody else has to confirm."""
    check_can_coordinate(membership.area, by=by)
    lock_area(membership.area)
    if membership.role in CONFIRMED_ROLES:
        # boards.services.role_requests asks for these.
        raise ValidationError(f"Somebody else has to confirm the end of the role “{membership.get_role_display()}”.")
    # As it is now, under the lock.
    held = Membership.objects.select_related("user", "area", "agency", "board").filter(pk=membership.pk).first()
    if held is not None:  # or somebody pressed the button twice
        take_role(held, by=by)


def take_role(membership: Membership, *, by: User) -> None:
    """Delete a membership. The caller has checked the permission and locked the area."""
    audit.record("membership.revoked", membership, by=by, area=membership.area.slug, role=membership.role)
    membership.delete()
    end_with_last_role(membership.area, membership.user, by=by)


def end_with_last_role(area: PartnershipArea, person: User, *, by: User) -> None:
    """End what hung on somebody's roles in an area once they have none there. A new role must not bring it back."""
    if not Membership.objects.filter(area=area, user=person).exists():
        for end in map(import_string, settings.ENDS_WITH_LAST_ROLE):
            end(area, person, by=by)
    end_if_outsider(person, by=by)


def end_if_outsider(person: User, *, by: User | None) -> None:
    """Sign somebody out everywhere once they have no role in any area or region. An operator needs none."""
    kinds = (Membership, RegionMembership)
    if not person.is_superuser and not any(kind.objects.filter(user=person).exists() for kind in kinds):
        end_everything(person, by=by)
