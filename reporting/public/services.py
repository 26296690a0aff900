"""Make a month of a place public: ask for approval, approve or decline, publish. See taking_down for the way back.

An area's month and a region's take the same steps. reporting.public.publishing says what differs.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar, overload

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from boards.forms.parts import polish
from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import access_to, check_can_coordinate
from boards.rules import Role
from boards.services.area import lock_region
from core import audit
from core.forms.fields import AsTyped, DecisionForm, GuardedForm, KeyField
from core.forms.pages import REFUSALS, check_seen
from core.labels import TransitionRefused
from core.models import User
from core.texts import read_reason
from indicators.forms.setup import reason_field
from reporting.models import PublicEdition, RegionEdition, Snapshot
from reporting.months.services import hash_corrections, lock_corrections, publish_corrections
from reporting.public.publishing import AreaPublishing
from reporting.public.region_publishing import Period, PlaceEdition, RegionPeriod, find_publishing, period_of
from reporting.public.totals import list_consents
from reporting.workflow import EDITION, EditionState


@transaction.atomic
def turn_public_pages(area: PartnershipArea, *, on: bool, by: User) -> None:
    """Turn an area's public pages on or off. A coordinator may do both; an information officer may only turn them off.
    Raises PermissionDenied.
    """
    access = access_to(area, by=by)
    if not access.can_coordinate and (on or not access.is_any(Role.INFORMATION)):
        raise PermissionDenied(f"Only a coordinator of {area.name} can do this.")
    area = PartnershipArea.objects.select_for_update(no_key=True).get(pk=area.pk)
    if area.has_public_pages == on:
        return
    area.has_public_pages = on
    area.save(update_fields=["has_public_pages"])
    audit.record(f"public_pages.turned_{'on' if on else 'off'}", area, by=by, area=area.slug)


# --- Two people decide -----------------------------------------------------------------------------


ASKED_AGAIN = "Asked again: the edition would now be different."


@overload
def ask_consent(period: ReportingPeriod, *, by: User) -> PublicEdition: ...
@overload
def ask_consent(period: RegionPeriod, *, by: User) -> RegionEdition: ...
@transaction.atomic
def ask_consent(period: Period, *, by: User) -> PlaceEdition:
    """Make the edition of a month and ask a second person to approve it. It replaces a waiting edition that differs.
    What a region's totals decide about is settled now. Raises PermissionDenied or TransitionRefused.
    """
    find_publishing(period).check_can_ask(by=by)
    publishing = find_publishing(lock(period))
    prepared = publishing.prepare()
    waiting = publishing.find_under_way()
    if publishing.is_said(prepared):
        raise TransitionRefused(f"{period.month.label} hasn’t changed since its public edition.")
    if waiting is not None:
        if waiting.fingerprint == prepared.fingerprint:
            raise TransitionRefused(f"The public edition of {period.month.label} is already in progress.")
        # First, because a constraint allows a month one edition in progress.
        refuse_edition(waiting, why=ASKED_AGAIN, by=by)
    edition: PlaceEdition = publishing.create(prepared, asked_by=by)
    record("asked", edition, by=by)
    return edition


@transaction.atomic
def agree(edition: PlaceEdition, *, by: User, seen: str) -> None:
    """Approve an edition. `seen` is the fingerprint of what this person saw. Raises PermissionDenied, TransitionRefused
    or ChangedMeanwhile.
    """
    find_publishing(period_of(edition)).check_can_approve(edition, by=by)
    edition = lock_edition(edition)
    move(edition, EditionState.AGREED)
    check_seen(seen, edition.fingerprint, told="This edition has changed since you opened the page. Look at it again.")
    edition.state, edition.agreed_at, edition.agreed_by = EditionState.AGREED, timezone.now(), by
    edition.save(update_fields=["state", "agreed_at", "agreed_by"])
    record("agreed", edition, by=by)
    if isinstance(edition, PublicEdition) and edition.goes_with:
        go_out_once_agreed(edition)


@transaction.atomic
def decline(edition: PlaceEdition, *, why: str, by: User) -> None:
    """Decline an edition, or take back an approval before it is public. Raises PermissionDenied, or TransitionRefused,
    also if there is no reason.
    """
    find_publishing(period_of(edition)).check_can_decline(edition, by=by)
    edition = lock_edition(edition)
    move(edition, EditionState.DECLINED)
    refuse_edition(edition, why=reason(why), by=by)


@transaction.atomic
def publish_edition(edition: PlaceEdition, *, by: User) -> None:
    """Let anybody read the edition. It must still be what was approved, and give nothing away beside all that is now
    public. Raises PermissionDenied or TransitionRefused.
    """
    find_publishing(period_of(edition)).check_can_publish(by=by)
    edition = lock_edition(edition)
    publishing = find_publishing(period_of(edition))
    move(edition, EditionState.PUBLISHED)
    publishing.check_is_current(edition)
    publishing.check_can_open(edition, by=by)
    # Again, under the lock: since the approval a rule, a consent or another edition may have changed.
    if publishing.prepare().fingerprint != edition.fingerprint:
        raise TransitionRefused(publishing.out_of_date)
    # The place is locked, so no two editions get the same number.
    highest = publishing.editions.aggregate(highest=Max("number"))["highest"]
    edition.number = (highest or 0) + 1
    edition.state, edition.published_at, edition.published_by = EditionState.PUBLISHED, timezone.now(), by
    # This is its last change: from here on the database refuses any other.
    edition.save(update_fields=["number", "state", "published_at", "published_by"])
    record("published", edition, by=by)


# --- With a correction -----------------------------------------------------------------------------


@transaction.atomic
def publish_correction(area: PartnershipArea, *, seen: str, by: User) -> list[Snapshot]:
    """Approve, as a coordinator, the corrected versions that the page showed, and ask for the public editions that they
    change. Returns the versions, if they went out: straight away if no public edition changes or all are approved;
    otherwise with the last approval. Pressed twice, it asks once.

    Raises PermissionDenied; TransitionRefused if there is nothing to publish; ChangedMeanwhile if the corrections
    differ from those seen.
    """
    check_can_coordinate(area, by=by)
    area = PartnershipArea.objects.select_for_update(no_key=True).get(pk=area.pk)
    corrections = lock_corrections(area, seen=seen)
    token = hash_corrections(corrections)
    # The oldest month first: what an edition may show depends on those that go out before it.
    for snapshot in corrections:
        snapshot.period.area = area
        publishing = AreaPublishing(snapshot.period, goes_with=token)
        prepared, waiting = publishing.find_wanted(), publishing.find_under_way()
        if waiting is not None:
            is_same = prepared is not None and waiting.fingerprint == prepared.fingerprint
            if is_same and waiting.snapshot_id == snapshot.pk:
                # Somebody may have approved these lines already.
                PublicEdition.objects.filter(pk=waiting.pk).update(goes_with=token)
                continue
            refuse_edition(waiting, why=ASKED_AGAIN, by=by)
        if prepared is not None:
            record("asked", publishing.create(prepared, asked_by=by), by=by)
    # The coordinator has seen what was declined, and it holds up nothing any more.
    PublicEdition.objects.filter(snapshot__in=corrections, state=EditionState.DECLINED.value).update(goes_with="")
    return go_out(area, corrections, by=by)


def go_out(area: PartnershipArea, corrections: Sequence[Snapshot], *, by: User) -> list[Snapshot]:
    """Publish the corrected versions, and make their public editions public with them; nothing as long as one of these
    isn't approved, or was declined."""
    token = hash_corrections(corrections)
    asked = PublicEdition.objects.filter(goes_with=token, snapshot__in=corrections)
    editions = list(asked.select_related("period").order_by("period__starts_on"))
    if any(edition.state != EditionState.AGREED for edition in editions):
        return []
    # Two people have looked at what is public now, and nobody takes that back by a slip. So it is settled.
    versions = publish_corrections(area, seen=token, grace=timedelta(0) if editions else None, by=by)
    for edition in editions:
        publish_edition(edition, by=by)
    return versions


def go_out_once_agreed(edition: PublicEdition) -> None:
    """Let the corrected versions out that the coordinator approved when they asked for the edition. If figures, rules
    or roles have changed since, the approval stays, and the coordinator publishes."""
    area, coordinator = edition.period.area, edition.asked_by
    with suppress(*REFUSALS), transaction.atomic():
        corrections = lock_corrections(area, seen=edition.goes_with)
        if coordinator is not None:
            go_out(area, corrections, by=coordinator)


@overload
def lock(period: ReportingPeriod) -> ReportingPeriod: ...
@overload
def lock(period: RegionPeriod) -> RegionPeriod: ...
def lock(period: Period) -> Period:
    """Lock the place, and return its month as it is now. Nobody else can publish for its public meanwhile, because what
    one month makes public affects the others.
    """
    if isinstance(period, RegionPeriod):
        region = lock_region(period.region)
        # Each area's own publishing takes the same lock. In the order of their keys: two regions may share some.
        consenting = list_consents(region, timezone.localdate())
        list(PartnershipArea.objects.select_for_update(no_key=True).filter(pk__in=consenting).order_by("pk"))
        return RegionPeriod(region, period.month)
    area = PartnershipArea.objects.select_for_update(no_key=True).get(pk=period.area_id)
    locked = ReportingPeriod.objects.get(pk=period.pk)
    locked.area = area
    return locked


def lock_edition(edition: PlaceEdition) -> PlaceEdition:
    locked: PlaceEdition = find_publishing(lock(period_of(edition))).editions.get(pk=edition.pk)
    return locked


def move(edition: PlaceEdition, after: EditionState) -> None:
    thing = f"The public edition of {edition.month.label}"
    EDITION.check(before=EditionState(edition.state), after=after, thing=thing)


def refuse_edition(edition: PlaceEdition, *, why: str, by: User | None) -> None:
    """Decline an edition; `by` nobody if it is out of date."""
    edition.state, edition.declined_at, edition.declined_by = EditionState.DECLINED, timezone.now(), by
    edition.declined_why = why
    edition.save(update_fields=["state", "declined_at", "declined_by", "declined_why"])
    record("declined", edition, by=by, why=why)


def reason(why: str) -> str:
    """Return a tidy reason. Raises TransitionRefused if there is none or it is too long."""
    why, wrong = read_reason(why, missing="Say why.")
    if wrong:
        raise TransitionRefused(wrong)
    return why


def record(act: str, edition: PlaceEdition, *, by: User | None, **details: Any) -> None:
    publishing = find_publishing(period_of(edition))
    details |= publishing.describe(edition)
    audit.record(f"{publishing.noun}.{act}", edition, by=by, month=str(edition.month), **details)


class EditionForm(DecisionForm):
    """A decision about a month's public edition. `seen` is the fingerprint of the edition that the page showed."""

    decisions: ClassVar[tuple[str, ...]] = ("ask", "agree", "decline", "publish")
    with_words: ClassVar[tuple[str, ...]] = ("decline",)
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    edition = KeyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    why = AsTyped()


class AreaEditionForm(EditionForm):
    """The same of an area's month, or the reason for an urgent withdrawal."""

    decisions: ClassVar[tuple[str, ...]] = (*EditionForm.decisions, "explain")
    with_words: ClassVar[tuple[str, ...]] = (*EditionForm.with_words, "explain")


class WithdrawalForm(GuardedForm):
    """Asks why a month is withdrawn from the public."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    why = reason_field("Coordinators and information officers can read your reason, with your name. The public can’t.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)
        self.fields["why"].error_messages["required"] = "Say why you are withdrawing it"
