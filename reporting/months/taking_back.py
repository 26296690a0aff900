"""Take back what was just published by mistake, while nothing else has mentioned it."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import check_can_coordinate
from boards.services.months import mark_stale
from boards.workflow import MONTH, MonthStatus
from core import audit
from core.models import User
from core.services.reasons import checked_reason
from core.transitions import TransitionRefused
from reporting.models import Snapshot, VersionWithdrawal
from reporting.months.presenters.words import time_label
from reporting.months.rollup import roll_up

NO_REASON = "Say why you are taking it back. The month’s page shows the reason."


def list_fresh(area: PartnershipArea) -> list[Snapshot]:
    """Return what was published last in an area and can still be taken back: a month, or all corrections published
    together. The oldest month first; none after a quarter of an hour. One query.
    """
    standing = Snapshot.objects.standing().filter(period__area=area, fresh_until__gt=timezone.now())
    found = list(standing.select_related("period__area").order_by("period__starts_on"))
    newest = max((snapshot.published_at for snapshot in found if snapshot.published_at), default=None)
    # What was published together has one moment.
    return [snapshot for snapshot in found if snapshot.published_at == newest]


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
        return f"{label} could be taken back until {time_label(snapshot.fresh_until)}. Correct a figure instead."
    return f"Something was published after {label}. Take that back first."


def why_wait(snapshot: Snapshot, *, what: str) -> str:
    """Say why nothing else can mention a version yet; empty when it can. `what` waits: "Packs of it"."""
    if snapshot.fresh_until is None or snapshot.is_settled(timezone.now()):
        return ""
    until = time_label(snapshot.fresh_until)
    return f"{snapshot.period.month.label} can be taken back until {until}. {what} wait until then."
