"""Make a month public: ask for approval, approve or decline, publish. See taking_down for the way back."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from boards.forms.parts import polish
from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import access_to, check_can_coordinate, check_second_officer, list_holders
from boards.rules import Role
from boards.ties import read_ties
from core import audit
from core.forms.fields import AsTyped, DecisionForm, GuardedForm, KeyField
from core.forms.pages import check_seen
from core.labels import TransitionRefused
from core.models import User
from core.pages import NotHeld
from core.permissions import name_asker
from core.texts import read_reason
from indicators.disclosure import Audience, Marking
from indicators.forms.setup import reason_field
from indicators.permissions import can_protect
from indicators.selectors.disclosure import get_marking
from indicators.workflow import EDITION, EditionState
from reporting.models import MonthWithdrawal, PublicEdition, PublicLine, Snapshot
from reporting.months.selectors import latest_snapshot
from reporting.months.services import why_wait
from reporting.public.editions import describe_given_away, newest_edition, prepare_edition, under_way
from reporting.public.lines import GivenAway, Prepared

NOT_TOGETHER = (
    "You and {other} can’t decide this together: one of you invited the other or had their second factor reset."
)


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


@transaction.atomic
def ask_consent(period: ReportingPeriod, *, by: User) -> PublicEdition:
    """Make the edition of a published month's newest version, and ask the information officer to approve it. It
    replaces a waiting edition that differs. Raises PermissionDenied or TransitionRefused.
    """
    check_can_coordinate(period.area, by=by)
    period = lock(period)
    snapshot = get_snapshot(period)
    prepared = prepare_edition(snapshot)
    refuse_given_away(prepared.given_away)
    newest, waiting = newest_edition(period), under_way(period)
    if newest is not None and newest.fingerprint == prepared.fingerprint and not hasattr(newest, "withdrawal"):
        raise TransitionRefused(f"{period.month.label} hasn’t changed since its public edition.")
    if waiting is not None:
        if waiting.fingerprint == prepared.fingerprint:
            raise TransitionRefused(f"The public edition of {period.month.label} is already in progress.")
        # First, because a constraint allows a month one edition in progress.
        refuse_edition(waiting, why="Asked again: the edition would now be different.", by=by)
    edition = create_edition(snapshot, prepared, asked_by=by)
    record("public_edition.asked", edition, by=by, version=snapshot.version)
    return edition


def create_edition(snapshot: Snapshot, prepared: Prepared, **by: User | MonthWithdrawal) -> PublicEdition:
    """Save an edition with its lines, to wait for approval. `by` is `asked_by`, or `prepared_for` if nobody asked."""
    edition = PublicEdition.objects.create(
        period=snapshot.period,
        snapshot=snapshot,
        fingerprint=prepared.fingerprint,
        kpis=prepared.kpis,
        left_out=prepared.left_out,
        asked_at=timezone.now(),
        **by,
    )
    for line in prepared.lines:
        line.edition = edition
    PublicLine.objects.bulk_create(prepared.lines)
    return edition


def check_can_approve(edition: PublicEdition, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to an edition: an information officer who decides alone.
    Nobody asked for one that was prepared, so any such officer can approve it."""
    # The database refuses this too.
    if edition.asked_by_id == by.pk:
        raise PermissionDenied("You can’t approve your own request. Another information officer has to approve it.")
    otherwise = f"Only an information officer of {edition.period.area.name} can approve this."
    check_second_officer(edition.asked_by, edition.period.area, by=by, otherwise=otherwise)


@transaction.atomic
def agree(edition: PublicEdition, *, by: User, seen: str) -> None:
    """Approve an edition. `seen` is the fingerprint of what the information officer saw.

    Raises PermissionDenied, TransitionRefused or ChangedMeanwhile.
    """
    check_can_approve(edition, by=by)
    edition = lock_edition(edition)
    move(edition, EditionState.AGREED)
    changed = "This edition has changed since you opened the page. Look at it again."
    check_seen(seen, edition.fingerprint, told=changed)
    edition.state, edition.agreed_at, edition.agreed_by = EditionState.AGREED, timezone.now(), by
    edition.save(update_fields=["state", "agreed_at", "agreed_by"])
    record("public_edition.agreed", edition, by=by, **name_edition_asker(edition))


@transaction.atomic
def decline(edition: PublicEdition, *, why: str, by: User) -> None:
    """Decline an edition, or take back an approval before it is public. Raises PermissionDenied, or TransitionRefused,
    also if there is no reason.
    """
    area = edition.period.area
    if not can_protect(access_to(area, by=by)):
        check_can_approve(edition, by=by)
    edition = lock_edition(edition)
    move(edition, EditionState.DECLINED)
    refuse_edition(edition, why=reason(why), by=by)


@transaction.atomic
def publish_edition(edition: PublicEdition, *, by: User) -> None:
    """Let anybody read the edition. It must still be what the officer approved, and give nothing away beside all
    that is now public.

    Raises PermissionDenied or TransitionRefused.
    """
    check_can_coordinate(edition.period.area, by=by)
    edition = lock_edition(edition)
    period = edition.period
    move(edition, EditionState.PUBLISHED)
    if not period.area.has_public_pages:
        raise TransitionRefused(f"The public pages of {period.area.name} are turned off.")
    if get_snapshot(period).pk != edition.snapshot_id:
        raise TransitionRefused(f"{period.month.label} has a newer version now. Ask for approval of that one.")
    check_can_open(edition, by=by)
    # Again: since the approval a rule may have changed, or another month's edition.
    prepared = prepare_edition(edition.snapshot)
    refuse_given_away(prepared.given_away)
    if prepared.fingerprint != edition.fingerprint:
        raise TransitionRefused(
            "This edition is out of date: a rule or another edition has changed. Ask for approval again."
        )
    # The area is locked, so no two editions get the same number.
    highest = PublicEdition.objects.filter(period=period).aggregate(highest=Max("number"))["highest"]
    edition.number = (highest or 0) + 1
    edition.state, edition.published_at, edition.published_by = EditionState.PUBLISHED, timezone.now(), by
    # This is its last change: from here on the database refuses any other.
    edition.save(update_fields=["number", "state", "published_at", "published_by"])
    record("public_edition.published", edition, by=by, number=edition.number, version=edition.snapshot.version)


def check_can_open(edition: PublicEdition, *, by: User) -> None:
    """Raise PermissionDenied for somebody who isn't the second person to a prepared edition, which nobody asked for.
    They stand where somebody asks for other editions: the officer who approved it mustn't be tied to them.
    """
    approver = edition.agreed_by
    if edition.prepared_for_id is None or approver is None:
        return
    # The database refuses this too.
    if approver.pk == by.pk:
        raise PermissionDenied("You approved this edition. Another person has to make it public.")
    officers = list_holders(edition.period.area, Role.INFORMATION)
    if read_ties(officers, by, approver).describe(by, approver.pk):
        raise PermissionDenied(f"{NOT_TOGETHER.format(other=approver)} Another coordinator has to make it public.")


def get_snapshot(period: ReportingPeriod) -> Snapshot:
    """Return the version to make an edition from. Raises TransitionRefused."""
    if not period.is_published:
        raise TransitionRefused(f"Publish {period.month.label} for the boards first.")
    if not period.area.has_public_pages:
        raise TransitionRefused(f"Turn the public pages of {period.area.name} on first.")
    if get_marking(period, audience=Audience.PUBLIC) is Marking.SENSITIVE:
        raise TransitionRefused(f"{period.month.label} is marked {Marking.SENSITIVE.label} for the public too.")
    try:
        snapshot = latest_snapshot(period, include_drafts=False)
    except NotHeld as missing:
        raise TransitionRefused(str(missing)) from missing
    snapshot.period = period
    if wait := why_wait(snapshot, what="Its public editions"):
        raise TransitionRefused(wait)
    return snapshot


def lock(period: ReportingPeriod) -> ReportingPeriod:
    """Lock the area, and return the month as it is now. Nobody else can publish for its public meanwhile, because what
    one month makes public affects the others.
    """
    area = PartnershipArea.objects.select_for_update(no_key=True).get(pk=period.area_id)
    locked = ReportingPeriod.objects.get(pk=period.pk)
    locked.area = area
    return locked


def lock_edition(edition: PublicEdition) -> PublicEdition:
    period = lock(edition.period)
    locked = PublicEdition.objects.select_related("snapshot").get(pk=edition.pk)
    locked.period = locked.snapshot.period = period
    return locked


def move(edition: PublicEdition, after: EditionState) -> None:
    EDITION.check(
        before=EditionState(edition.state),
        after=after,
        thing=f"The public edition of {edition.period.month.label}",
    )


def refuse_edition(edition: PublicEdition, *, why: str, by: User) -> None:
    edition.state, edition.declined_at, edition.declined_by = EditionState.DECLINED, timezone.now(), by
    edition.declined_why = why
    edition.save(update_fields=["state", "declined_at", "declined_by", "declined_why"])
    record("public_edition.declined", edition, by=by, why=why, **name_edition_asker(edition))


def refuse_given_away(given_away: list[GivenAway]) -> None:
    """Raise TransitionRefused, with a sentence, if an edition would give a figure away."""
    if given_away:
        raise TransitionRefused(describe_given_away(given_away))


def reason(why: str) -> str:
    """Return a tidy reason. Raises TransitionRefused if there is none or it is too long."""
    why, wrong = read_reason(why, missing="Say why.")
    if wrong:
        raise TransitionRefused(wrong)
    return why


def record(verb: str, edition: PublicEdition, *, by: User, **details: object) -> None:
    audit.record(verb, edition, by=by, area=edition.period.area.slug, month=str(edition.period.month), **details)


def name_edition_asker(edition: PublicEdition) -> dict[str, str]:
    """Return the details that name who asked; none for an edition that was prepared, for which nobody asked."""
    return name_asker(edition.asked_by, edition.asked_at) if edition.asked_by is not None else {}


class EditionForm(DecisionForm):
    """A decision about a month's public edition, or the reason for an urgent withdrawal.

    `seen` is the fingerprint of the edition that the page showed.
    """

    decisions: ClassVar[tuple[str, ...]] = ("ask", "agree", "decline", "publish", "explain")
    with_words: ClassVar[tuple[str, ...]] = ("decline", "explain")
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    edition = KeyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    why = AsTyped()


class WithdrawalForm(GuardedForm):
    """Asks why a month is withdrawn from the public."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    why = reason_field("Coordinators and information officers can read it, with your name. The public can’t.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)
        self.fields["why"].error_messages["required"] = "Say why you are withdrawing it"
