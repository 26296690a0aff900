"""Make a region's month public: ask for approval, approve or decline, publish. Two people of the region are needed.

What it takes down again is the consent of an area, or the withdrawal of an area's own edition: see selectors.
"""

from typing import ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone

from boards.models import PartnershipArea, Region
from boards.permissions import find_region_access
from boards.rules import RegionRole
from boards.services.regions import lock_region
from boards.ties import read_ties
from core import audit
from core.calendar import Month
from core.forms.fields import AsTyped, DecisionForm, KeyField
from core.forms.pages import check_seen
from core.labels import TransitionRefused
from core.models import User
from core.texts import read_reason
from indicators.workflow import EDITION, EditionState
from reporting.models import RegionalRest, RegionEdition, RegionEditionSource, RegionTotal
from reporting.public.region_selectors import list_consents
from reporting.public.totals import Prepared, prepare_edition

NOT_THEIRS = "Only a director or an analyst of {region} can do this."
OUT_OF_DATE = "It was out of date: a consent, an area’s figures or another total changed."
CHANGED = "This edition is out of date: a consent, an area’s figures or another total changed. Ask for approval again."


def check_works_for(region: Region, *roles: RegionRole, by: User) -> None:
    """Raise PermissionDenied for somebody without one of these roles in a region; without any, without a role."""
    try:
        access = find_region_access(by, region.slug)
    except Http404 as missing:
        raise PermissionDenied(NOT_THEIRS.format(region=region)) from missing
    if not access.is_any(*(roles or RegionRole)):
        raise PermissionDenied(
            f"Only a director of {region} can do this." if roles else NOT_THEIRS.format(region=region)
        )


@transaction.atomic
def ask_consent(region: Region, month: Month, *, by: User) -> RegionEdition:
    """Make the edition of a month and ask a second person to approve it. It replaces a waiting edition that differs.
    What its totals decide about is settled now. Raises PermissionDenied or TransitionRefused.
    """
    check_works_for(region, by=by)
    region = lock_region(region)
    lock_areas(region)
    prepared = prepare_edition(region, month)
    newest, waiting = newest_edition(region, month), under_way(region, month)
    if newest is not None and newest.fingerprint == prepared.fingerprint:
        raise TransitionRefused(f"{month.label} hasn’t changed since its public edition.")
    if waiting is not None:
        if waiting.fingerprint == prepared.fingerprint and waiting.asked_by_id is not None:
            raise TransitionRefused(f"The public edition of {month.label} is already in progress.")
        refuse_edition(waiting, why="Asked again: the edition would now be different.", by=by)
    edition = create_edition(region, month, prepared, asked_by=by)
    record("region_edition.asked", edition, by=by)
    return edition


def create_edition(region: Region, month: Month, prepared: Prepared, *, asked_by: User | None) -> RegionEdition:
    """Save an edition, to wait for approval, and settle the counts that its totals decide about. Nobody asked for one
    that was prepared. Raises TransitionRefused if another region was first.
    """
    edition = RegionEdition.objects.create(
        region=region,
        starts_on=month.first_day,
        fingerprint=prepared.fingerprint,
        content=prepared.content,
        asked_at=timezone.now(),
        asked_by=asked_by,
    )
    RegionEditionSource.objects.bulk_create(
        RegionEditionSource(edition=edition, public_edition=area_edition, consent=consent)
        for area_edition, consent in prepared.sources
    )
    RegionTotal.objects.bulk_create(
        RegionTotal(
            edition=edition,
            indicator_code=total.code,
            areas=list(total.areas),
            outcome=total.outcome.value,
            value=total.value,
        )
        for total in prepared.totals
    )
    # Not only once it is public: the region's own people read it now, and could compare it with the next one.
    settle(edition, prepared)
    return edition


def check_can_approve(edition: RegionEdition, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to an edition: somebody of the region who is tied to
    nobody who asked (boards.ties)."""
    check_works_for(edition.region, by=by)
    # The database refuses this too.
    if edition.asked_by_id == by.pk:
        raise PermissionDenied("You can’t approve your own request. Somebody else of the region has to approve it.")
    if edition.asked_by is not None:
        check_together(edition.asked_by, edition.region, by=by, act="approve it")


def check_can_open(edition: RegionEdition, *, by: User) -> None:
    """Raise PermissionDenied for somebody who isn't the second person to a prepared edition, which nobody asked for."""
    if edition.asked_by_id is not None or edition.agreed_by is None:
        return
    if edition.agreed_by_id == by.pk:
        raise PermissionDenied("You approved it, so somebody else has to make it public.")
    check_together(edition.agreed_by, edition.region, by=by, act="make it public")


def check_together(first: User, region: Region, *, by: User, act: str) -> None:
    """Raise PermissionDenied for somebody who is tied to whoever acted first. One person alone gives a role in a
    region, so it doesn't matter which of them invited the other."""
    if tie := read_ties([], first, by).describe(first, by.pk):
        raise PermissionDenied(f"{tie}, so somebody else of {region} has to {act}.")


@transaction.atomic
def agree(edition: RegionEdition, *, by: User, seen: str) -> None:
    """Approve an edition. `seen` is the fingerprint of what this person saw. Raises PermissionDenied, TransitionRefused
    or ChangedMeanwhile.
    """
    check_can_approve(edition, by=by)
    edition = lock_edition(edition)
    move(edition, EditionState.AGREED)
    check_seen(seen, edition.fingerprint, told="This edition has changed since you opened the page. Look at it again.")
    edition.state, edition.agreed_at, edition.agreed_by = EditionState.AGREED, timezone.now(), by
    edition.save(update_fields=["state", "agreed_at", "agreed_by"])
    record("region_edition.agreed", edition, by=by)


@transaction.atomic
def decline(edition: RegionEdition, *, why: str, by: User) -> None:
    """Decline an edition, or take back an approval before it is public. Raises PermissionDenied, or TransitionRefused,
    also if there is no reason.
    """
    check_works_for(edition.region, by=by)
    edition = lock_edition(edition)
    move(edition, EditionState.DECLINED)
    why, wrong = read_reason(why, missing="Say why.")
    if wrong:
        raise TransitionRefused(wrong)
    refuse_edition(edition, why=why, by=by)


@transaction.atomic
def publish_edition(edition: RegionEdition, *, by: User) -> None:
    """Make an approved edition public. Raises PermissionDenied or TransitionRefused."""
    check_works_for(edition.region, RegionRole.DIRECTOR, by=by)
    edition = lock_edition(edition)
    check_can_open(edition, by=by)
    move(edition, EditionState.PUBLISHED)
    lock_areas(edition.region)
    # Again, under the locks: nobody can publish or withdraw for these areas until we are done.
    prepared = prepare_edition(edition.region, edition.month)
    if prepared.fingerprint != edition.fingerprint:
        raise TransitionRefused(CHANGED)
    edition.number = find_number(edition)
    edition.state, edition.published_at, edition.published_by = EditionState.PUBLISHED, timezone.now(), by
    edition.save(update_fields=["number", "state", "published_at", "published_by"])
    record("region_edition.published", edition, by=by, number=str(edition.number))


def settle(edition: RegionEdition, prepared: Prepared) -> None:
    """Save the counts that the totals decided about: no other total may look at them. Raises TransitionRefused if
    another region was first."""
    totals = {total.indicator_code: total for total in edition.totals.all()}
    rests = [
        RegionalRest(
            total=totals[total.code],
            period_id=month,
            snapshot_id=gap.snapshot_id,
            indicator_code=code,
            below=gap.hidden.shape.below,
            parts=gap.hidden.shape.parts,
        )
        for total in prepared.totals
        if total.outcome.settles
        for (month, code), gap in total.gaps.items()
        if gap.hidden.shape is not None
    ]
    try:
        with transaction.atomic():
            RegionalRest.objects.bulk_create(rests)
    except IntegrityError as taken:
        raise TransitionRefused(CHANGED) from taken


def find_number(edition: RegionEdition) -> int:
    before = RegionEdition.objects.filter(region=edition.region, starts_on=edition.starts_on)
    return (before.aggregate(newest=Max("number"))["newest"] or 0) + 1


@transaction.atomic
def decline_outdated(region: Region, month: Month) -> bool:
    """Decline a month's waiting edition if it would now be different: a permission, an area's figures or another total
    changed. Nobody could make it public, and it has figures of an area that may have left. Returns whether it was.
    """
    region = lock_region(region)
    waiting = under_way(region, month)
    if waiting is None:
        return False
    lock_areas(region)
    try:
        prepared = prepare_edition(region, month)
    except TransitionRefused:
        prepared = None  # too few areas are left
    if prepared is not None and prepared.fingerprint == waiting.fingerprint:
        return False
    refuse_edition(waiting, why=OUT_OF_DATE, by=None)
    return True


@transaction.atomic
def prepare_again(region: Region, month: Month) -> bool:
    """Prepare a month's next edition after an area's consent or edition changed. It waits for two people. Returns
    whether there is a new one.
    """
    region = lock_region(region)
    if under_way(region, month) is not None:
        return False
    lock_areas(region)
    try:
        prepared = prepare_edition(region, month)
    except TransitionRefused:
        return False  # too few areas are left
    last = RegionEdition.objects.filter(region=region, starts_on=month.first_day).order_by("-id").first()
    # Somebody declined it, or it is public.
    if last is not None and last.fingerprint == prepared.fingerprint:
        return False
    try:
        with transaction.atomic():
            edition = create_edition(region, month, prepared, asked_by=None)
    except TransitionRefused:
        return False  # another region decided about a count meanwhile: the next sweep tries again
    record("region_edition.prepared", edition, by=None)
    return True


# --- What they share -------------------------------------------------------------------------------


def newest_edition(region: Region, month: Month) -> RegionEdition | None:
    """Return the newest published edition, whether or not it is down."""
    published = RegionEdition.objects.filter(region=region, starts_on=month.first_day, number__isnull=False)
    return published.select_related("asked_by", "agreed_by", "published_by").order_by("-number").first()


def under_way(region: Region, month: Month) -> RegionEdition | None:
    """Return the edition that waits for approval or to be made public."""
    waiting = (EditionState.ASKED.value, EditionState.AGREED.value)
    waiting_editions = RegionEdition.objects.filter(region=region, starts_on=month.first_day, state__in=waiting)
    return waiting_editions.select_related("asked_by", "agreed_by").first()


def lock_edition(edition: RegionEdition) -> RegionEdition:
    region = lock_region(edition.region)
    locked = RegionEdition.objects.get(pk=edition.pk)
    locked.region = region
    return locked


def lock_areas(region: Region) -> None:
    """Lock the areas that consent, in the order of their keys: two regions may share some. Each area's own publishing
    takes the same lock.
    """
    areas = list_consents(region, timezone.localdate())
    list(PartnershipArea.objects.select_for_update(no_key=True).filter(pk__in=areas).order_by("pk"))


def move(edition: RegionEdition, after: EditionState) -> None:
    thing = f"The public edition of {edition.month.label}"
    EDITION.check(before=EditionState(edition.state), after=after, thing=thing)


def refuse_edition(edition: RegionEdition, *, why: str, by: User | None) -> None:
    edition.state, edition.declined_at, edition.declined_by = EditionState.DECLINED, timezone.now(), by
    edition.declined_why = why
    edition.save(update_fields=["state", "declined_at", "declined_by", "declined_why"])
    record("region_edition.declined", edition, by=by, why=why)


def record(verb: str, edition: RegionEdition, *, by: User | None, **details: str) -> None:
    audit.record(verb, edition, by=by, region=edition.region.slug, month=str(edition.month), **details)


class RegionEditionForm(DecisionForm):
    """A decision about a month's regional edition. `seen` is the fingerprint of the edition that the page showed."""

    decisions: ClassVar[tuple[str, ...]] = ("ask", "agree", "decline", "publish")
    with_words: ClassVar[tuple[str, ...]] = ("decline",)
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    edition = KeyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    why = AsTyped()
