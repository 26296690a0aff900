"""Issue a region's pack: give it a number, and save it as it is."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone

from boards.models import Consent, PartnershipArea, Region, RegionPlace
from boards.region_permissions import RegionAccess, find_region_access
from boards.services.regions import lock_region
from core import audit, objects
from core.models import User
from core.months import Month
from core.services.revisions import check_seen
from core.texts import one_line
from core.transitions import TransitionRefused
from reporting.models import IssuedRegionPack, RegionPackSource
from reporting.packs.pdf.typesetting import PackNotMade, build_pack
from reporting.packs.services.issue import NOT_SAVED, check_meeting
from reporting.region_packs.presenters.gather import gather_sources
from reporting.region_packs.presenters.pack import Issue, make_pack, make_reference, make_token
from reporting.region_packs.presenters.sources import Sources


def issue_pack(
    region: Region, month: Month, *, meeting: str, meeting_on: date | None, seen: str, by: User
) -> IssuedRegionPack:
    """Issue a pack as somebody saw it: its number, file and entry in the register, or nothing. `seen` is the token of
    the pack that they saw. Raises PermissionDenied; ValidationError for the meeting; NotHeld or AudienceRefused;
    ChangedMeanwhile if it has changed since; TransitionRefused if it can't be issued, made or saved.
    """
    check_works_for(region, by=by)
    meeting = one_line(meeting)
    day = check_meeting(meeting, meeting_on, month)
    try:
        with transaction.atomic():
            return issue(region, month, meeting=meeting, day=day, seen=seen, by=by)
    except (OperationalError, objects.Unreadable) as fault:  # such as a full disk
        raise TransitionRefused(NOT_SAVED.format(words=str(fault).strip().rstrip("."))) from fault
    except PackNotMade as fault:
        raise TransitionRefused(str(fault)) from fault


def check_works_for(region: Region, *, by: User) -> RegionAccess:
    """Return what somebody is in a region. Raises PermissionDenied for anybody without a role in it."""
    try:
        access = find_region_access(by, region.slug)
    except Http404:
        access = None
    if access is None or not access.roles:
        raise PermissionDenied(f"Only a director or an analyst of {region} can issue a pack.")
    return access


def issue(region: Region, month: Month, *, meeting: str, day: date, seen: str, by: User) -> IssuedRegionPack:
    # If two people issue packs, the second waits here and gets the next number.
    region = lock_region(region)
    lock_parts(region)
    # Only now: a permission withdrawn before is no longer there, and one withdrawn from now on waits for us.
    access = check_works_for(region, by=by)
    if access.missing:
        more = "1 more area has" if access.missing == 1 else f"{access.missing} more areas have"
        raise TransitionRefused(f"{region.name} shows no figures: {more} to agree.")
    sources = gather_sources(access, month)
    issued = IssuedRegionPack.objects.filter(region=region, starts_on=month.first_day)
    number = (issued.aggregate(last=Max("number"))["last"] or 0) + 1
    reference = make_reference(region.slug, month, number)
    made = make_pack(sources, Issue(meeting, day, reference, str(by)))
    # While all is locked, so that what is built below is what was seen.
    check_seen(seen, make_token(made), told="This pack has changed since you opened it. Look at it again.")
    file = objects.put(build_pack(made), objects.PDF)
    pack = IssuedRegionPack.objects.create(
        region=region,
        starts_on=month.first_day,
        number=number,
        reference=reference,
        meeting=meeting,
        meeting_on=day,
        marking=made.marking,
        content=made.as_data(),
        pdf=file,
        sha256=file.pk,
        issued_at=timezone.now(),
        issued_by=by,
    )
    save_sources(pack, sources)
    note(pack, sources, by=by)
    return pack


def lock_parts(region: Region) -> None:
    """Lock the areas, in the order of their keys, and their permissions: nobody publishes, withdraws a month or takes a
    permission back meanwhile."""
    places = RegionPlace.objects.filter(region=region).values("area")
    list(PartnershipArea.objects.select_for_update(no_key=True).filter(pk__in=places).order_by("pk"))
    list(Consent.objects.select_for_update().filter(region=region).order_by("pk"))


def save_sources(pack: IssuedRegionPack, sources: Sources) -> None:
    parts = sources.parts
    RegionPackSource.objects.bulk_create(
        RegionPackSource(
            pack=pack,
            consent_id=place.consent_id,
            snapshot_id=None if part.is_public else part.key,
            public_edition_id=part.key if part.is_public else None,
        )
        for place in sources.places
        if place.consent_id is not None and (part := parts.get(place.area_id)) is not None
    )


def note(pack: IssuedRegionPack, sources: Sources, *, by: User) -> None:
    """Record it, and in the record of each area whose figures are in it."""
    slugs = [place.slug for place in sources.places if place.area_id in sources.parts]
    for area in ("", *slugs):
        audit.record(
            "region_pack.issued",
            pack,
            by=by,
            area=area,
            region=pack.region.slug,
            month=str(pack.month),
            meeting=pack.meeting,
            sha256=pack.sha256,
        )
