"""Publish a month and its corrections, and take it back; write its commentary; remove an empty month."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.permissions import access_to, check_can_coordinate
from boards.rules import MONTH, MonthStatus
from boards.services.months import is_early, locked, mark_stale, reason_if_early
from core import audit
from core.calendar import Month
from core.forms.pages import check_revision, check_seen, checked_reason, now_told
from core.labels import Refused, TransitionRefused
from core.models import User
from core.texts import tidy_text
from indicators.selectors.returns import list_returns, name_missing, returns_in
from reporting.models import Commentary, Snapshot, SnapshotState, VersionWithdrawal
from reporting.models.snapshots import LONGEST_COMMENTARY, MOST_WORDS, SIGNS
from reporting.months.permissions import check_can_comment
from reporting.months.presenters.words import time_label
from reporting.months.rollup import roll_up
from reporting.months.selectors import list_contents, list_lacks, list_past_months


@transaction.atomic
def publish_month(
    period: ReportingPeriod, *, by: User, why: str = "", seen: str = "", grace: timedelta | None = None
) -> Snapshot:
    """Let the boards see a closed month with its present figures. If returns are awaited or aren't due yet, it needs a
    reason. `seen` is the fingerprint of the draft that the coordinator saw. Raises PermissionDenied; TransitionRefused;
    ChangedMeanwhile if the draft has changed since; or ValidationError (no reason).
    """
    check_can_coordinate(period.area, by=by)
    # Months are locked from the oldest on, as everywhere, because two services could otherwise wait for each other.
    up_to_this = ReportingPeriod.objects.filter(area=period.area_id, starts_on__lte=period.starts_on)
    *earlier, period = up_to_this.order_by("starts_on").select_for_update(of=("self",)).select_related("area")
    MONTH.check(before=MonthStatus(period.status), after=MonthStatus.PUBLISHED, thing=period.month.label)
    # This month's arrows and charts show the figures of those before it, so somebody must have decided
    # to show them.
    for other in earlier:
        if not other.is_published:
            raise TransitionRefused(f"Publish {other.month.label} first: {period.month.label} shows those figures too.")
    missing = name_missing(list_returns(period))
    why = reason_if_early(period, why, missing=missing, told="Say why you are publishing the month early.")
    # Publish what the figures say at this moment, not at the last sweep.
    roll_up(up_to_this.filter(Q(pk=period.pk) | Q(stale_since__isnull=False)))
    changed = list_drafts(up_to_this).exclude(period=period.pk).first()
    if changed is not None:
        raise TransitionRefused(why_first(changed, period.month))
    snapshot = list_drafts(up_to_this).get(period=period.pk)
    if seen:
        message = (
            "The draft’s figures have changed since you opened this page. Look at the draft again, then publish it."
        )
        check_seen(seen, snapshot.fingerprint, told=message)
    now = timezone.now()
    publish(snapshot, why=why, at=now, grace=grace, by=by)
    period.status, period.published_at, period.published_by = MonthStatus.PUBLISHED, now, by
    period.save(update_fields=["status", "published_at", "published_by"])
    audit.record("month.published", period, by=by, area=period.area.slug, version=snapshot.version, why=why)
    return snapshot


def why_first(changed: Snapshot, month: Month) -> str:
    """Say why a published month that changed comes before a later one."""
    return (
        f"Publish version {changed.version} of {changed.period.month.label} first. That month’s figures have changed "
        f"since it was published, and {month.label} shows them too."
    )


def publish(snapshot: Snapshot, *, at: datetime, grace: timedelta | None, by: User, why: str = "") -> None:
    """Publish a snapshot. This is its last change: after it, the database refuses any other. Without `grace`, the
    settings say when it settles.
    """
    snapshot.state, snapshot.published_at, snapshot.published_by = SnapshotState.PUBLISHED, at, by
    snapshot.published_why, snapshot.fresh_until = why, at + (settings.PUBLICATION_GRACE if grace is None else grace)
    snapshot.save(update_fields=["state", "published_at", "published_by", "published_why", "fresh_until"])


def list_drafts(periods: QuerySet[ReportingPeriod]) -> QuerySet[Snapshot]:
    """Return the drafts of these months, the oldest month first."""
    drafts = Snapshot.objects.filter(period__in=periods.values("pk"), state=SnapshotState.DRAFT.value)
    return drafts.select_related("period__area").order_by("period__starts_on")


def list_corrections(area: PartnershipArea) -> list[Snapshot]:
    """Return the drafts of published months whose figures changed since, the oldest month first. One query."""
    return list(list_drafts(ReportingPeriod.objects.filter(area=area, status=MonthStatus.PUBLISHED.value)))


def hash_corrections(corrections: Iterable[Snapshot]) -> str:
    """Return a token that changes with the corrections, so a service knows whether somebody saw the present ones."""
    said = [f"{snapshot.period_id} {snapshot.version} {snapshot.fingerprint}" for snapshot in corrections]
    return sha256("\n".join(said).encode()).hexdigest()


@transaction.atomic
def publish_corrections(
    area: PartnershipArea, *, by: User, seen: str = "", grace: timedelta | None = None
) -> list[Snapshot]:
    """Publish the next version of every published month whose figures changed since, the oldest month
    first, all of them or none.

    `seen` is the token of what the coordinator saw. Raises PermissionDenied; TransitionRefused if there is nothing to
    publish; ChangedMeanwhile if the corrections differ from those seen.
    """
    check_can_coordinate(area, by=by)
    corrections, now = lock_corrections(area, seen=seen), timezone.now()
    for snapshot in corrections:
        publish(snapshot, at=now, grace=grace, by=by)
        audit.record("month.revised", snapshot.period, by=by, area=area.slug, version=snapshot.version)
    return corrections


def lock_corrections(area: PartnershipArea, *, seen: str) -> list[Snapshot]:
    """Lock the published months, and return the corrections as they are now. Raises TransitionRefused if there are
    none; ChangedMeanwhile if they differ from those seen.
    """
    published = ReportingPeriod.objects.filter(area=area, status=MonthStatus.PUBLISHED.value)
    # `list` runs the query, which takes the locks.
    list(published.order_by("starts_on").select_for_update(of=("self",)))
    roll_up(published.filter(stale_since__isnull=False))
    corrections = list_corrections(area)
    if not corrections:
        raise TransitionRefused("No figures have changed in a published month, so there is nothing to publish.")
    if seen:
        message = "There are more changes since you opened this page. Look at the changes, then publish them."
        check_seen(seen, hash_corrections(corrections), told=message)
    return corrections


@transaction.atomic
def publish_past_months(
    area: PartnershipArea, *, last: Month, why: str = "", seen: str = "", by: User, grace: timedelta | None = None
) -> list[Snapshot]:
    """Close and publish past months (list_past_months), up to `last`, all of them or none. If figures or returns are
    missing, or returns aren't due yet, they need one reason for all. `seen` is the token of the drafts that were shown.
    The months can be taken back together. Raises PermissionDenied; TransitionRefused if there is none;
    ChangedMeanwhile; or ValidationError (no reason).
    """
    check_can_coordinate(area, by=by)
    up_to_last = ReportingPeriod.objects.filter(area=area, starts_on__lte=last.first_day)
    # `list` runs the query, which takes the locks.
    list(up_to_last.order_by("starts_on").select_for_update(of=("self",)))
    every = list_past_months(area)
    periods = [period for period in every if period.month <= last]
    if not periods:
        raise TransitionRefused("No earlier month is waiting, so there is nothing to publish together.")
    roll_up(up_to_last.filter(stale_since__isnull=False))
    missing = {key: name_missing(statuses) for key, statuses in returns_in(periods).items()}
    asked = why_past_months(periods, missing, has_lacks=bool(list_lacks(periods)))
    why = checked_reason(why, missing=f"Say why you are publishing these months {asked}.") if asked else ""
    drafts = {draft.period_id: draft for draft in list_drafts(ReportingPeriod.objects.filter(area=area))}
    shown = [drafts[period.pk] for period in every if period.pk in drafts]
    message = "Figures for these months have changed since you opened this page. Look at them again, then publish them."
    if seen:
        check_seen(seen, hash_corrections(shown), told=message)
    for draft in drafts.values():
        if draft.period.is_published and draft.period.month < last:
            raise TransitionRefused(why_first(draft, last))
    now, published = timezone.now(), [drafts[period.pk] for period in periods]
    for period, draft in zip(periods, published, strict=True):
        if period.is_open:
            period.closed_at, period.closed_by, period.closed_why = now, by, why
            audit.record("month.closed", period, by=by, area=area.slug, missing=missing[period.pk], why=why)
        period.status, period.published_at, period.published_by = MonthStatus.PUBLISHED, now, by
        publish(draft, why=why, at=now, grace=grace, by=by)
        audit.record("month.published", period, by=by, area=area.slug, version=draft.version, why=why)
    kept = ["status", "closed_at", "closed_by", "closed_why", "published_at", "published_by"]
    ReportingPeriod.objects.bulk_update(periods, kept)
    return published


def why_past_months(periods: list[ReportingPeriod], missing: dict[int, list[str]], *, has_lacks: bool) -> str:
    """Return what needs a reason if these months are published together; empty if nothing does. `missing` are the
    agencies whose return isn't accepted, by the month's key."""
    today = timezone.localdate()
    is_any_early = any(is_early(period, missing=missing[period.pk], today=today) for period in periods)
    return "with figures missing" if has_lacks else "early" if is_any_early else ""


# --- Its commentary -------------------------------------------------------------------------------


@transaction.atomic
def write_commentary(
    period: ReportingPeriod, board: Board | None, text: str, *, revision: int, by: User
) -> Commentary | None:
    """Write and sign the commentary on a month's draft, for a board or for all; without text, remove it. `revision` is
    the one that the form was opened with, 0 if there was none. Raises PermissionDenied; TransitionRefused if the month
    has no draft; ValidationError, by field; or ChangedMeanwhile.
    """
    access = access_to(period.area, by=by)
    check_can_comment(access)
    period = locked(period)
    draft = list_drafts(ReportingPeriod.objects.filter(pk=period.pk)).first()
    if draft is None:
        raise TransitionRefused(why_no_commentary(period))
    text = check_commentary(text)
    commentaries = Commentary.objects.select_for_update(of=("self",)).filter(
        period=period, version=draft.version, board=board
    )
    before = commentaries.first()
    # Before the revision is checked: a form that was sent twice has an old one.
    if (before.text if before else "") == text:
        return before  # nothing to do, or a form that was sent twice
    row = before or Commentary(period=period, version=draft.version, board=board, revision=0)
    check_revision(row, revision, told=now_told({"the words": row.text}, name="The commentary"))
    if not text:
        # With its text, which is nowhere else once the row is gone.
        audit.record("commentary.removed", row, by=by, area=period.area.slug, text=row.text)
        row.delete()
        return None
    row.text, row.written_at, row.written_by, row.revision = text, timezone.now(), by, row.revision + 1
    row.signed_as = next(role for role in SIGNS if role in access.roles)
    row.save()
    audit.record("commentary.written", row, by=by, area=period.area.slug, version=row.version)
    return row


def check_commentary(text: str) -> str:
    """Return the text as it is saved. Raises ValidationError."""
    text = tidy_text(text)
    words = len(text.split())
    if words > MOST_WORDS:
        more = words - MOST_WORDS
        message = f"Shorten the commentary to {MOST_WORDS} words: it has {words}, which is {more} too many"
        raise ValidationError({"text": message})
    if len(text) > LONGEST_COMMENTARY:
        message = f"Shorten the commentary to {LONGEST_COMMENTARY:,} characters: it has {len(text):,}"
        raise ValidationError({"text": message})
    return text


def why_no_commentary(period: ReportingPeriod) -> str:
    if period.is_published:
        label = period.month.label
        return f"{label} is published, so you can’t change its commentary. A new version can have a new commentary."
    return f"{period.month.label} has no figures yet. You can write the commentary once it has."


@transaction.atomic
def take_month_away(period: ReportingPeriod, *, by: User) -> None:
    """Remove a month that was opened by mistake and is empty. It can be opened again. Raises PermissionDenied, or
    Refused with what it has.
    """
    area, month = period.area, period.month
    check_can_coordinate(area, by=by)
    period = locked(period)
    kinds = list_contents(period)
    if kinds:
        raise Refused(f"{month.label} can’t be removed: it has {', '.join(kinds)}.")
    # Before the delete, which empties the key that the record needs.
    audit.record("month.taken_away", period, by=by, area=area.slug)
    Snapshot.objects.filter(period=period, state=SnapshotState.DRAFT).delete()
    period.delete()
    mark_stale(area, month.next)  # these were compared with it


NO_REASON = "Say why you are taking it back. The month’s page shows the reason."


def list_fresh(area: PartnershipArea) -> list[Snapshot]:
    """Return what was published last in an area and can still be taken back: a month, or all corrections published
    together. The oldest month first; none after a quarter of an hour. One query.
    """
    standing = Snapshot.objects.standing().filter(period__area=area, fresh_until__gt=timezone.now())
    snapshots = list(standing.select_related("period__area").order_by("period__starts_on"))
    newest = max((snapshot.published_at for snapshot in snapshots if snapshot.published_at), default=None)
    # What was published together has one moment.
    return [snapshot for snapshot in snapshots if snapshot.published_at == newest]


def find_fresh_until(period: ReportingPeriod) -> str:
    """Return the time until which a month can be taken back; empty if it can't, or if something was published after
    it.
    """
    fresh = list_fresh(period.area) if period.is_published else []
    return until_when(fresh) if period in [snapshot.period for snapshot in fresh] else ""


def until_when(fresh: Sequence[Snapshot]) -> str:
    """ "14:05": they can be taken back until then; empty for none."""
    ends = [snapshot.fresh_until for snapshot in fresh if snapshot.fresh_until]
    return time_label(min(ends)) if ends else ""


@transaction.atomic
def take_back(area: PartnershipArea, *, seen: Iterable[int], why: str, by: User) -> Sequence[Snapshot]:
    """Take back what was published last. `seen` are the keys of the versions that the page showed. Each version stays
    as it was, and a new row withdraws it. A month without another published version is closed again; any other shows
    the version before. Raises PermissionDenied; TransitionRefused if it is too late, or something else was published;
    or ValidationError (no reason).
    """
    check_can_coordinate(area, by=by)
    why = checked_reason(why, missing=NO_REASON)
    # All months are locked, since the newest publication decides, whichever month it is for.
    list(ReportingPeriod.objects.filter(area=area).order_by("starts_on").select_for_update(of=("self",)))
    fresh = list_fresh(area)
    if not fresh or {snapshot.pk for snapshot in fresh} != set(seen):
        raise TransitionRefused(too_late(area, seen))
    now = timezone.now()
    for snapshot in fresh:
        VersionWithdrawal.objects.create(snapshot=snapshot, why=why, withdrawn_at=now, withdrawn_by=by)
        close_again(snapshot.period)
        audit.record("month.taken_back", snapshot.period, by=by, area=area.slug, version=snapshot.version, why=why)
    mark_stale(area, fresh[0].period.month)
    # Now, not at the next sweep: a month without a version has no page.
    roll_up(ReportingPeriod.objects.filter(area=area, stale_since__isnull=False))
    return fresh


def close_again(period: ReportingPeriod) -> None:
    if Snapshot.objects.standing().filter(period=period).exists():
        return
    MONTH.check(before=MonthStatus(period.status), after=MonthStatus.CLOSED, thing=period.month.label)
    period.status, period.published_at, period.published_by = MonthStatus.CLOSED, None, None
    period.save(update_fields=["status", "published_at", "published_by"])


def too_late(area: PartnershipArea, seen: Iterable[int]) -> str:
    snapshot = Snapshot.objects.filter(pk__in=list(seen), period__area=area).select_related("period").first()
    if snapshot is None or snapshot.fresh_until is None:
        return "It isn’t published, so there is nothing to take back."
    label = snapshot.period.month.label
    if hasattr(snapshot, "withdrawal"):
        return f"{label} has already been taken back."
    if snapshot.is_settled(timezone.now()):
        return f"You could take {label} back only until {time_label(snapshot.fresh_until)}. Correct a figure instead."
    return f"Something was published after {label}. Take that back first."


def why_wait(snapshot: Snapshot, *, what: str) -> str:
    """Say why nothing else can mention a version yet; empty when it can. `what` waits: "Packs of it"."""
    if snapshot.fresh_until is None or snapshot.is_settled(timezone.now()):
        return ""
    until = time_label(snapshot.fresh_until)
    return f"{snapshot.period.month.label} can be taken back until {until}. {what} must wait until then."
