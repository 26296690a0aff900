"""Let a region or other areas use an area's published figures, agree to that, and withdraw it.

It needs two people, a coordinator and an information officer. One of them is enough to end it.
"""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import Consent, PartnershipArea, Region, RegionPlace, Shows
from boards.permissions import access_to, check_can_coordinate, check_second_officer
from boards.roles import PUBLISHERS
from boards.services.setup import lock_area
from core import audit
from core.models import User
from core.months import date_label
from core.services.askers import name_asker
from core.transitions import TransitionRefused

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

    Raises PermissionDenied. Raises ValidationError by field for a region that didn't invite the area, for an end that
    has passed, is before the start or is too late, or if the days overlap with another consent for the same use.
    """
    check_can_coordinate(area, by=by)
    # Two coordinators wouldn't see each other's consent, and the two would overlap.
    lock_area(area)
    check_use(area, region, shows)
    today = timezone.localdate()
    if ends_on <= starts_on:
        raise ValidationError(
            {"ends_on": f"The permission starts on {date_label(starts_on)}: choose a later day for its end."}
        )
    if ends_on < today:
        raise ValidationError({"ends_on": "That day has passed: choose an end in the future."})
    # By parts, not by a date three years later: 29 February has none.
    latest = (starts_on.year + LONGEST_YEARS, starts_on.month, starts_on.day)
    if (ends_on.year, ends_on.month, ends_on.day) > latest:
        raise ValidationError(
            {"ends_on": f"Choose an end within {LONGEST_YEARS} years. You can give permission again then."}
        )
    held = Consent.objects.filter(area=area, region=region, withdrawn_at__isnull=True)
    held = held.filter(starts_on__lte=ends_on, ends_on__gte=starts_on)
    if other := held.first():
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
        raise ValidationError({"use": f"{region.name} hasn’t invited {area.name}. Ask the operator to add it."})
    if (region is None) != (shows is Shows.JOINT):
        raise ValidationError({"use": "Choose what you permit."})


def check_can_agree(consent: Consent, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to a consent."""
    # The constraint consent_agreed_to_by_another refuses it too, but without a sentence.
    if consent.given_by_id == by.pk:
        raise PermissionDenied("You gave this permission, so somebody else has to agree to it.")
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
        raise TransitionRefused("Somebody withdrew this permission. The coordinator can give another.")
    if consent.agreed_at is None:  # or somebody pressed the button twice
        consent.agreed_at, consent.agreed_by = timezone.now(), by
        consent.save(update_fields=["agreed_at", "agreed_by"])
        _note("agreed", consent, by=by, **name_asker(consent.given_by, consent.given_at))
    return consent


@transaction.atomic
def withdraw_consent(consent: Consent, *, by: User) -> Consent:
    """Withdraw a consent, from now on. Raises PermissionDenied."""
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
