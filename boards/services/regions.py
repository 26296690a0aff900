"""Make a region, invite areas to it, and give people roles in it.

The operator does all of it. A director can add and remove analysts. What an area shows is its own decision
(boards.services.consents).
"""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from boards.models import PartnershipArea, Region, RegionMembership, RegionPlace, TieKind
from boards.roles import RegionRole
from boards.services.people import SUBJECT, check_attested, end_if_outsider, find_or_make_person
from boards.services.ties import note_tie
from core import audit
from core.models import User
from core.permissions import check_is_operator, is_operator
from core.providers import find_provider, find_required
from core.services.links import site_address
from core.services.passwords import password_path


@transaction.atomic
def make_region(*, name: str, slug: str, by: User) -> Region:
    """Make a region without areas. Raises PermissionDenied, or ValidationError by field."""
    check_is_operator(by)
    region = Region(name=name.strip(), slug=slug, made_at=timezone.now(), made_by=by)
    region.full_clean()
    region.save()
    audit.record("region.made", region, by=by, region=region.slug)
    return region


@transaction.atomic
def invite_area(region: Region, area: PartnershipArea, *, by: User) -> RegionPlace:
    """Invite an area. It shows nothing before it consents.

    Raises PermissionDenied, or ValidationError if it is invited already.
    """
    check_is_operator(by)
    lock_region(region)
    place = RegionPlace(region=region, area=area, invited_at=timezone.now(), invited_by=by)
    place.full_clean()
    place.save()
    audit.record("region.area_invited", place, by=by, area=area.slug, region=region.slug)
    return place


@transaction.atomic
def remove_area(place: RegionPlace, *, by: User) -> None:
    """Take an area out of a region. Its consents stay, and apply no more. Raises PermissionDenied."""
    check_is_operator(by)
    lock_region(place.region)
    if RegionPlace.objects.filter(pk=place.pk).exists():  # or somebody pressed the button twice
        audit.record("region.area_removed", place, by=by, area=place.area.slug, region=place.region.slug)
        place.delete()


@transaction.atomic
def grant_region_role(
    region: Region, *, email: str, name: str, role: RegionRole, is_attested: bool, by: User
) -> RegionMembership:
    """Give the person with this address a role. If there is no such person, create them first.

    Raises PermissionDenied, or ValidationError for a role that they have, or if `by` doesn't attest who they are.
    """
    check_gives(region, role, by=by)
    check_attested(is_attested)
    lock_region(region)
    user, _ = find_or_make_person(email.strip(), name.strip(), area="", by=by)
    held = RegionMembership(user=user, region=region, role=role.value, given_at=timezone.now(), given_by=by)
    held.full_clean()
    held.save()
    audit.record("region.role_granted", held, by=by, region=region.slug, role=role.value)
    note_tie(user, TieKind.ROLE, by=by)
    return held


@transaction.atomic
def revoke_region_role(held: RegionMembership, *, by: User) -> None:
    """Remove a role. Raises PermissionDenied."""
    check_gives(held.region, RegionRole(held.role), by=by)
    lock_region(held.region)
    if RegionMembership.objects.filter(pk=held.pk).exists():  # or somebody pressed the button twice
        audit.record("region.role_revoked", held, by=by, region=held.region.slug, role=held.role)
        held.delete()
        end_if_outsider(held.user, by=by)


def send_region_access(held: RegionMembership, *, by: User) -> None:
    """E-mail a person what they can do in a region and how to sign in. Call it after the role is saved.

    Raises OSError if sending fails (smtplib's errors are among them).
    """
    check_gives(held.region, RegionRole(held.role), by=by)
    user = held.user
    required = find_required(settings.OIDC_PROVIDERS, user.email)
    context = {
        "user": user,
        "by": by,
        "held": held,
        "sign_in_url": site_address(reverse("account_login")),
        "password_url": "" if user.has_usable_password() or required else site_address(password_path(user)),
        "provider": required or find_provider(settings.OIDC_PROVIDERS, user.email),
        "days": settings.INVITATION_DAYS,
    }
    send_mail(SUBJECT, render_to_string("emails/region_access.txt", context), None, [user.email])
    audit.record("region.role_told", held, by=by, region=held.region.slug)


def check_gives(region: Region, role: RegionRole, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the operator, and, for an analyst, a director of the region."""
    if is_operator(by):
        return
    is_director = RegionMembership.objects.filter(
        user=by, region=region, role=RegionRole.DIRECTOR.value, user__is_active=True
    )
    if role is not RegionRole.ANALYST or not is_director.exists():
        raise PermissionDenied("Only the operator can decide about directors, and only a director about analysts.")


def lock_region(region: Region) -> Region:
    """Lock a region's row until the transaction ends."""
    return Region.objects.select_for_update(no_key=True).get(pk=region.pk)
