"""Keys for machines: make, replace, take over and revoke one, tell its owners, and turn an area's keys on and off."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from boards.key_secrets import NewSecret, Scope, make_secret
from boards.models import (
    LONGEST_LIFE,
    Agency,
    ApiKey,
    KeyUse,
    Membership,
    PartnershipArea,
    Region,
    RegionKey,
    RegionKeyUse,
    RegionMembership,
)
from boards.permissions import Access, RegionAccess, access_to, find_region_access
from boards.reads import make_read
from boards.rules import PUBLISHERS, Role
from boards.selectors import HOUR_LABEL, KEY_READ, read_bits, start_of_hour
from boards.services.area import lock_area, lock_region
from core import audit
from core.calendar import date_label
from core.database import Areas, within
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail.daily import Occasion, Source
from core.mail.letters import Letter, Part
from core.models import User
from core.texts import one_line

type AnyKey = ApiKey | RegionKey
# What is loaded with a key.
RELATED = {ApiKey: ("area", "agency", "person", "answers_by"), RegionKey: ("region", "answers_by")}
MOST_KEYS = 20  # in force, of one owner
LONGEST_NAME: int = ApiKey._meta.get_field("name").max_length or 0
OVERLAP = timedelta(days=7)  # in which a replaced key still works


@transaction.atomic
def turn_keys(area: PartnershipArea, *, on: bool, by: User) -> None:
    """Turn an area's keys on or off. A coordinator may do both; an information officer may only turn them off."""
    access = access_to(area, by=by)
    if not access.can_coordinate and (on or not access.is_any(Role.INFORMATION)):
        raise PermissionDenied(f"Only a coordinator of {area.name} can do this.")
    area = PartnershipArea.objects.select_for_update(no_key=True).get(pk=area.pk)
    if area.has_keys == on:
        return
    area.has_keys = on
    area.save(update_fields=["has_keys"])
    audit.record(f"keys.turned_{'on' if on else 'off'}", area, by=by, area=area.slug)


@transaction.atomic
def make_key(
    area: PartnershipArea, *, agency: Agency | None, name: str, scopes: list[Scope], ends_on: date, by: User
) -> tuple[ApiKey, NewSecret]:
    """Make a key of a person, or of their agency. The secret is shown once: nobody can read it later."""
    check_may_own(access_to(area, by=by), agency)
    # Otherwise two of the same name could be made, or one after keys were turned off.
    lock_area(area)
    check_are_on(area)
    key = ApiKey(area=area, person=None if agency else by, agency=agency, name=one_line(name))
    key.scopes = " ".join(scope.value for scope in Scope if scope in scopes)
    check_name(key)
    if agency is None and Scope.RETURN in scopes:
        raise ValidationError(
            {"scopes": "Only an agency’s key can save its return. Choose the agency, or leave this out."}
        )
    if not scopes:
        raise ValidationError({"scopes": "Choose what the key opens"})
    return _store(key, ends_on, by=by)


@transaction.atomic
def make_region_key(region: Region, *, name: str, ends_on: date, by: User) -> tuple[RegionKey, NewSecret]:
    """Make a person's key of a region: it reads what its areas show, in the long table. The secret is shown once."""
    check_works_for(region, by)
    lock_region(region)
    key = RegionKey(region=region, answers_by=by, name=one_line(name))
    check_name(key)
    return _store(key, ends_on, by=by)


@transaction.atomic
def replace_key[K: AnyKey](key: K, *, ends_on: date, by: User) -> tuple[K, NewSecret]:
    """Make a key like this one, which then ends within a week."""
    if isinstance(key, ApiKey):
        check_may_own(access_to(key.area, by=by), key.agency, person=key.person)
        lock_area(key.area)
        check_are_on(key.area)
    else:
        check_works_for(key.region, by, person=key.answers_by)
        lock_region(key.region)
    old = _locked(key)
    if old.revoked_at is not None or old.ends_on < timezone.localdate():
        raise TransitionRefused("This key has already ended. Make a new one instead.")
    if type(old).objects.filter(replaces=old).exists():
        raise TransitionRefused("This key was already replaced. The key that replaced it is in the list.")
    new, secret = _store(cast("K", old.make_next()), ends_on, by=by)
    old.ends_on = min(old.ends_on, timezone.localdate() + OVERLAP)
    old.save(update_fields=["ends_on"])
    audit.record("key.replaced", old, by=by, **old.where, by_prefix=new.prefix, ends_on=str(old.ends_on))
    return new, secret


@transaction.atomic
def take_over_key(key: ApiKey, *, by: User) -> ApiKey:
    """Answer for an agency's key from now on."""
    if key.agency is None or key.agency_id not in access_to(key.area, by=by).led:
        raise PermissionDenied("Only a lead of the agency can take over its key.")
    key = _locked(key)
    if key.revoked_at is not None:
        raise TransitionRefused("Someone revoked this key, so no one can take it over.")
    if key.answers_by_id != by.pk:  # or somebody pressed the button twice
        before, key.answers_by = key.answers_by, by
        key.save(update_fields=["answers_by"])
        audit.record("key.taken_over", key, by=by, **key.where, answered_before=before.email)
    return key


@transaction.atomic
def revoke_key[K: AnyKey](key: K, *, by: User) -> K:
    """End a key now. Its owner, the agency's leads, the coordinator and the information officer may; of a region's, its
    owner and a director."""
    if isinstance(key, RegionKey):
        if not can_revoke_in_region(find_region_access(by, key.region.slug), key):
            raise PermissionDenied("Only its owner or a director can revoke this key.")
    elif not can_revoke(access_to(key.area, by=by), key):
        raise PermissionDenied("Only its owner, a coordinator or an information officer can revoke this key.")
    key = _locked(key)
    if key.revoked_at is None:  # or somebody pressed the button twice
        _revoke(key, by=by)
    return key


def end_keys_of_leaver(area: PartnershipArea, person: User, *, by: User) -> None:
    """Revoke a person's keys with their last role in the area: settings.ENDS_WITH_LAST_ROLE. An agency's key only waits
    for another lead."""
    keys = ApiKey.objects.filter(area=area, person=person, revoked_at__isnull=True)
    for key in keys.select_for_update(of=("self",)).select_related("area"):
        _revoke(key, by=by)


def end_keys_of_region_leaver(region: Region, person: User, *, by: User) -> None:
    """Revoke a person's keys with their last role in the region."""
    keys = RegionKey.objects.filter(region=region, answers_by=person, revoked_at__isnull=True)
    for key in keys.select_for_update(of=("self",)).select_related("region"):
        _revoke(key, by=by)


def can_revoke_in_region(access: RegionAccess, key: RegionKey) -> bool:
    return access.can_set_up or key.answers_by_id == access.user.pk


def can_revoke(access: Access, key: ApiKey) -> bool:
    return access.is_any(*PUBLISHERS) or is_own(access, key)


def is_own(access: Access, key: ApiKey) -> bool:
    """Return whether the key is this person's, or that of an agency whose lead they are."""
    return key.person_id == access.user.pk if key.agency_id is None else key.agency_id in access.led


def check_may_own(access: Access, agency: Agency | None, *, person: User | None = None) -> None:
    """Raise PermissionDenied unless somebody may have a key: for themselves, or for the agency whose lead they are."""
    area = access.area
    if agency is not None and (agency.area_id != area.pk or agency.pk not in access.led):
        raise PermissionDenied(f"Only a lead of {agency.name} can make a key for it.")
    if not access.roles - {Role.OPERATOR} or (person is not None and person.pk != access.user.pk):
        raise PermissionDenied(f"Only someone with a role in {area.name} can make a key for themselves.")


def check_works_for(region: Region, by: User, *, person: User | None = None) -> None:
    """Raise PermissionDenied unless somebody has a role in the region, and the key is or will be theirs."""
    has_role = RegionMembership.objects.filter(region=region, user=by, user__is_active=True).exists()
    if not has_role or (person is not None and person.pk != by.pk):
        raise PermissionDenied(f"Only someone with a role in {region.name} can make a key for themselves.")


def check_are_on(area: PartnershipArea) -> None:
    if not PartnershipArea.objects.values_list("has_keys", flat=True).get(pk=area.pk):
        raise PermissionDenied(f"{area.name} has turned off keys for machines. A coordinator can turn them on.")


def check_name(key: AnyKey) -> None:
    if not key.name:
        raise ValidationError({"name": "Enter what uses the key"})
    if len(key.name) > LONGEST_NAME:
        raise ValidationError({"name": f"Shorten the name to {LONGEST_NAME} characters; it has {len(key.name)}."})
    today = timezone.localdate()
    if isinstance(key, ApiKey):
        same = ApiKey.objects.in_force(today).filter(area=key.area, person=key.person, agency=key.agency)
    else:
        same = RegionKey.objects.in_force(today).filter(region=key.region, answers_by=key.answers_by)
    if same.count() >= MOST_KEYS:
        raise ValidationError({"name": f"There are already {MOST_KEYS} keys. Revoke those that no one needs."})
    if same.filter(name__iexact=key.name).exists():
        raise ValidationError(
            {"name": f"There is already a key called “{key.name}”. Replace or revoke it, or choose another name."}
        )


def _store[K: AnyKey](key: K, ends_on: date, *, by: User) -> tuple[K, NewSecret]:
    today = timezone.localdate()
    if ends_on <= today:
        raise ValidationError({"ends_on": "Choose a last day after today"})
    if ends_on > today + timedelta(days=LONGEST_LIFE):
        latest = date_label(today + timedelta(days=LONGEST_LIFE))
        raise ValidationError({"ends_on": f"A key can last a year at most: choose {latest} or an earlier day."})
    secret = make_secret()
    key.prefix, key.digest = secret.prefix, secret.digest
    key.ends_on, key.answers_by, key.made_at, key.made_by = ends_on, by, timezone.now(), by
    key.save()
    # Neither the secret nor its hash: the record is read by more people than may use the key.
    details: dict[str, Any] = {"owner": key.owner, "scopes": key.scopes.split(), "ends_on": str(ends_on)}
    audit.record("key.made", key, by=by, **key.where, **details)
    return key, secret


def _revoke(key: AnyKey, *, by: User) -> None:
    key.revoked_at, key.revoked_by = timezone.now(), by
    key.save(update_fields=["revoked_at", "revoked_by"])
    audit.record("key.revoked", key, by=by, **key.where, owner=key.owner)


def _locked[K: AnyKey](key: K) -> K:
    keys = type(key).objects.select_for_update(of=("self",)).select_related(*RELATED[type(key)])
    return cast("K", keys.get(pk=key.pk))


MADE, ENDS = "key-made", "key-ends"
TOLD_FOR = timedelta(days=14)  # after this, nobody gets the news of a key any more
BEFORE_END = (2, 14)  # days


def find_keys(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield new keys and those that end soon, for each owner. Three queries; two if areas are named, since a region's
    keys are in none."""
    keys = ApiKey.objects.in_force(today).select_related("made_by", *RELATED[ApiKey])
    # A key that was replaced ends as somebody meant it to.
    ending = list(keys.filter(within(areas), replaced_by=None).order_by("pk"))
    people = list_owners(ending)
    for key in ending:
        for person in people[key.pk]:
            yield from find_of_key(key, person, today, area=key.area, name=str(key.pk))
    of_regions = RegionKey.objects.in_force(today).select_related("made_by", *RELATED[RegionKey])
    for region_key in of_regions.filter(replaced_by=None).order_by("pk") if areas is None else ():
        yield from find_of_key(region_key, region_key.answers_by, today, area=None, name=f"region-{region_key.pk}")


def find_of_key(
    key: AnyKey, person: User, today: date, *, area: PartnershipArea | None, name: str
) -> Iterator[Occasion]:
    if timezone.localdate(key.made_at) >= today - TOLD_FOR:
        yield Occasion(LetterKind.KEYS, area, person, f"{MADE}:{name}", key)
    left = (key.ends_on - today).days
    if due := next((days for days in BEFORE_END if left <= days), None):
        yield Occasion(LetterKind.KEYS, area, person, f"{ENDS}-{due}:{name}", key)


def list_owners(keys: Sequence[ApiKey]) -> dict[int, list[User]]:
    """Return each key's people: its person, or every lead of its agency. One query."""
    agencies = {key.agency_id for key in keys if key.agency_id}
    leaders = Membership.objects.filter(agency__in=agencies, role=Role.AGENCY_LEAD.value, user__is_active=True)
    leads: dict[int | None, list[User]] = defaultdict(list)
    for lead in leaders.select_related("user").order_by("pk") if agencies else ():
        leads[lead.agency_id].append(lead.user)
    return {key.pk: leads[key.agency_id] if key.agency_id else [key.person] if key.person else [] for key in keys}


def write_keys(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        key: AnyKey = occasion.thing
        is_new = occasion.key.startswith(MADE)
        maker = "You" if key.made_by_id == occasion.person.pk else str(key.made_by)
        letter = Letter(
            marking="",
            subject=f"New key for {key.place.name}" if is_new else f"A key for {key.place.name} ends soon",
            opening=f"{maker} made the key “{key}” for {key.owner}."
            if is_new
            else f"The key “{key}”, which belongs to {key.owner}, ends on {date_label(key.ends_on)}.",
            sentences=[
                "If you don’t recognise it, revoke it."
                if is_new
                else "Replace it before then, or its system will stop working."
            ],
            link_words="Open the key",
            reason="You get this because it is your key."
            if isinstance(key, RegionKey) or key.agency_id is None
            else f"You get this because you are a lead of {key.owner}.",
        )
        yield Part(letter, key.get_absolute_url())


KEYS = Source(find_keys, write_keys)


def note_key_uses(now: datetime) -> int:
    """Note every count of an hour that is over, and delete it. Return how many."""
    noted = 0
    for uses in (KeyUse, RegionKeyUse):
        over = uses.objects.filter(hour__lt=start_of_hour(now)).order_by("pk").values_list("pk", flat=True)
        noted += sum(_note(uses, pk) for pk in list(over))
    return noted


@transaction.atomic
def _note(uses: type[KeyUse] | type[RegionKeyUse], pk: int) -> int:
    use = uses.objects.select_for_update().filter(pk=pk).first()
    if use is None:  # another worker was first
        return 0
    key = use.key
    make_read(
        KEY_READ,
        key.get_absolute_url(),
        by=key.answers_by,
        **key.where,
        key=str(key),
        owner=key.owner,
        hour=timezone.localtime(use.hour).strftime(HOUR_LABEL),
        requests=use.requests,
        refused=use.refused,
        asked=" ".join(scope.value for scope in read_bits(use.asked)),
    )
    day = timezone.localdate(use.hour)
    type(key).objects.filter(pk=key.pk).update(used_on=max(day, key.used_on or day))
    use.delete()
    return 1
