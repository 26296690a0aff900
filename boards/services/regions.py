"""Make a region, invite areas to it, give people roles in it, and let it use an area's published figures.

The operator sets regions up. A director can add and remove analysts. What an area shows is its own decision.
"""

from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from boards.models import Consent, PartnershipArea, Region, RegionMembership, RegionPlace, Shows, TieKind
from boards.permissions import access_to, check_can_coordinate, check_second_officer
from boards.rules import PUBLISHERS, RegionRole
from boards.services.area import lock_area, lock_region
from boards.services.factors import note_tie
from boards.services.keys import end_keys_of_region_leaver
from boards.services.people import SUBJECT, check_attested, end_if_outsider, find_or_make_person
from core import audit
from core.calendar import date_label
from core.identity.providers import find_provider, find_required
from core.labels import TransitionRefused
from core.mail.account import password_path
from core.mail.letters import make_message, site_address
from core.models import User
from core.permissions import check_is_operator, is_operator, name_asker


@transaction.atomic
def make_region(*, name: str, slug: str, by: User) -> Region:
    """Make a region without areas."""
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
    """Take an area out of a region. Its consents stay, and apply no more."""
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
    membership = RegionMembership(user=user, region=region, role=role.value, given_at=timezone.now(), given_by=by)
    membership.full_clean()
    membership.save()
    audit.record("region.role_granted", membership, by=by, region=region.slug, role=role.value)
    note_tie(user, TieKind.ROLE, by=by)
    return membership


@transaction.atomic
def revoke_region_role(membership: RegionMembership, *, by: User) -> None:
    """Remove a role."""
    check_gives(membership.region, RegionRole(membership.role), by=by)
    lock_region(membership.region)
    if RegionMembership.objects.filter(pk=membership.pk).exists():  # or somebody pressed the button twice
        audit.record("region.role_revoked", membership, by=by, region=membership.region.slug, role=membership.role)
        membership.delete()
        if not RegionMembership.objects.filter(region=membership.region, user=membership.user).exists():
            end_keys_of_region_leaver(membership.region, membership.user, by=by)
        end_if_outsider(membership.user, by=by)


def send_region_access(membership: RegionMembership, *, by: User) -> None:
    """E-mail a person what they can do in a region and how to sign in. Call it after the role is saved.

    Raises OSError if sending fails (smtplib's errors are among them).
    """
    check_gives(membership.region, RegionRole(membership.role), by=by)
    user = membership.user
    required = find_required(settings.OIDC_PROVIDERS, user.email)
    context = {
        "user": user,
        "by": by,
        "membership": membership,
        "sign_in_url": site_address(reverse("account_login")),
        "password_url": "" if user.has_usable_password() or required else site_address(password_path(user)),
        "provider": required or find_provider(settings.OIDC_PROVIDERS, user.email),
        "days": settings.INVITATION_DAYS,
    }
    make_message(SUBJECT, render_to_string("emails/region_access.txt", context), to=[user.email]).send()
    audit.record("region.role_told", membership, by=by, region=membership.region.slug)


def check_gives(region: Region, role: RegionRole, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the operator, and, for an analyst, a director of the region."""
    if is_operator(by):
        return
    is_director = RegionMembership.objects.filter(
        user=by, region=region, role=RegionRole.DIRECTOR.value, user__is_active=True
    )
    if role is not RegionRole.ANALYST or not is_director.exists():
        raise PermissionDenied(
            "Only the operator can decide about directors, and only a director can decide about analysts."
        )


# A consent to the use of an area's published figures needs two people, a coordinator and an information officer. One of
# them is enough to end it.

LONGEST_YEARS = 3


@transaction.atomic
def give_consent(
    area: PartnershipArea,
    *,
    region: Region | None = None,
    shows: Shows = Shows.JOINT,
    starts_on: date,
    ends_on: date,
    by: User,
) -> Consent:
    """Give a consent: to a region, or, without one, for comparison. It applies only once an information officer agrees.

    Raises ValidationError by field for a region that didn't invite the area, for an end that has passed, is before the
    start or is too late, or if the days overlap with another consent for the same use.
    """
    check_can_coordinate(area, by=by)
    # Two coordinators wouldn't see each other's consent, and the two would overlap.
    lock_area(area)
    check_use(area, region, shows)
    today = timezone.localdate()
    if ends_on <= starts_on:
        raise ValidationError(
            {"ends_on": f"The permission starts on {date_label(starts_on)}: choose a later last day."}
        )
    if ends_on < today:
        raise ValidationError({"ends_on": "That day has passed: choose a last day in the future."})
    # By parts, not by a date three years later: 29 February has none.
    latest = (starts_on.year + LONGEST_YEARS, starts_on.month, starts_on.day)
    if (ends_on.year, ends_on.month, ends_on.day) > latest:
        raise ValidationError(
            {"ends_on": f"Choose a last day within {LONGEST_YEARS} years. You can give permission again then."}
        )
    overlapping = Consent.objects.filter(area=area, region=region, withdrawn_at__isnull=True)
    overlapping = overlapping.filter(starts_on__lte=ends_on, ends_on__gte=starts_on)
    if other := overlapping.first():
        days = f"{date_label(other.starts_on)} to {date_label(other.ends_on)}"
        raise ValidationError({"starts_on": f"There is already a permission for {days}: withdraw it first."})
    consent = Consent.objects.create(
        area=area,
        region=region,
        shows=shows.value,
        starts_on=starts_on,
        ends_on=ends_on,
        given_at=timezone.now(),
        given_by=by,
    )
    _note("given", consent, by=by)
    return consent


def check_use(area: PartnershipArea, region: Region | None, shows: Shows) -> None:
    """Raise ValidationError for a region that didn't invite the area, or a use that doesn't fit."""
    if region is not None and not RegionPlace.objects.filter(region=region, area=area).exists():
        raise ValidationError({"use": f"{region.name} hasn’t invited {area.name}. Ask the operator to add the area."})
    if (region is None) != (shows is Shows.JOINT):
        raise ValidationError({"use": "Choose what you permit."})


def check_can_agree(consent: Consent, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to a consent."""
    # The constraint consent_agreed_to_by_another refuses it too, but without a sentence.
    if consent.given_by_id == by.pk:
        raise PermissionDenied("You gave this permission, so someone else has to agree to it.")
    otherwise = f"Only an information officer of {consent.area.name} can agree to this."
    check_second_officer(consent.given_by, consent.area, by=by, otherwise=otherwise)


@transaction.atomic
def agree_to_consent(consent: Consent, *, by: User) -> Consent:
    """Agree to a consent, so that it applies.

    Raises PermissionDenied, also for the person who gave it; or TransitionRefused if it was withdrawn.
    """
    check_can_agree(consent, by=by)
    consent = _locked(consent)
    if consent.withdrawn_at is not None:
        raise TransitionRefused("Someone withdrew this permission. The coordinator can give another.")
    if consent.agreed_at is None:  # or somebody pressed the button twice
        consent.agreed_at, consent.agreed_by = timezone.now(), by
        consent.save(update_fields=["agreed_at", "agreed_by"])
        _note("agreed", consent, by=by, **name_asker(consent.given_by, consent.given_at))
    return consent


@transaction.atomic
def withdraw_consent(consent: Consent, *, by: User) -> Consent:
    """Withdraw a consent, from now on."""
    if not access_to(consent.area, by=by).is_any(*PUBLISHERS):
        raise PermissionDenied(
            f"Only a coordinator or an information officer of {consent.area.name} can withdraw this."
        )
    consent = _locked(consent)
    if consent.withdrawn_at is None:  # or somebody pressed the button twice
        consent.withdrawn_at, consent.withdrawn_by = timezone.now(), by
        consent.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _note("withdrawn", consent, by=by)
    return consent


def _locked(consent: Consent) -> Consent:
    return Consent.objects.select_for_update(of=("self",)).select_related("area", "region").get(pk=consent.pk)


def _note(act: str, consent: Consent, *, by: User, **details: str) -> None:
    use = {"region": consent.region.slug, "shows": consent.shows} if consent.region else {}
    days = {"starts_on": str(consent.starts_on), "ends_on": str(consent.ends_on)}
    audit.record(f"consent.{act}", consent, by=by, area=consent.area.slug, **use, **days, **details)
