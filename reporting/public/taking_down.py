"""Take a month's figures off everything public, and prepare what goes up again in its place.

The rows of editions and packs stay as they were. A new row takes each of them down, from a moment on.
"""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from boards.models import ReportingPeriod
from core import audit
from core.labels import TransitionRefused
from core.models import User
from indicators.permissions import check_can_protect
from reporting.models import EditionWithdrawal, MonthWithdrawal, PublicEdition, Replacement, WithdrawalExplanation
from reporting.public.publishing import AreaPublishing
from reporting.public.reach import Reach, find_reach
from reporting.public.region_publishing import RegionPeriod, RegionPublishing
from reporting.public.services import lock, reason, record, refuse_edition

logger = logging.getLogger(__name__)

NOTHING_SHOWN = "No public page shows {month}, so there is nothing to withdraw."
BROKEN = (
    "Something went wrong while we prepared the edition. Ask for approval by hand, and tell the operator "
    "if that fails too."
)


@transaction.atomic
def withdraw_month(period: ReportingPeriod, *, why: str = "", is_urgent: bool = False, by: User) -> MonthWithdrawal:
    """Take down everything public that shows a month's figures. It also declines editions in progress that show them.
    An urgent withdrawal needs no reason yet. What was shown still counts as known.

    Raises PermissionDenied; or TransitionRefused if nothing public shows it, or there is no reason.
    """
    check_can_protect(period.area, by=by)
    why = "" if is_urgent else reason(why)
    # Under the area's lock: no edition that shows the month can be published between the look and the act.
    period = lock(period)
    reach = find_reach(period)
    if not reach:
        raise TransitionRefused(NOTHING_SHOWN.format(month=period.month.label))
    return take_down(period, reach, why=why, is_urgent=is_urgent, by=by)


@transaction.atomic
def withdraw_marked(period: ReportingPeriod, *, why: str, by: User) -> None:
    """Do the same for a month that somebody has just marked against the public. Nothing may be public yet."""
    period = lock(period)
    if reach := find_reach(period):
        take_down(period, reach, why=why, is_urgent=False, by=by)


def take_down(period: ReportingPeriod, reach: Reach, *, why: str, is_urgent: bool, by: User) -> MonthWithdrawal:
    now = timezone.now()
    newest = AreaPublishing(period).find_newest()
    withdrawal = MonthWithdrawal.objects.create(
        period=period,
        last_number=newest.number if newest and newest.number else 0,
        why=why,
        is_urgent=is_urgent,
        withdrawn_at=now,
        withdrawn_by=by,
    )
    EditionWithdrawal.objects.bulk_create(
        EditionWithdrawal(edition=edition, cause=withdrawal, withdrawn_at=now, withdrawn_by=by)
        for edition in reach.editions
    )
    for edition in reach.waiting:
        refuse_edition(edition, why=f"{period.month.label} was withdrawn, and this edition shows it.", by=by)
    # The month itself waits for the coordinator: somebody has to put right what was wrong with it.
    others = {edition.period_id for edition in (*reach.editions, *reach.waiting)} - {period.pk}
    Replacement.objects.bulk_create(Replacement(withdrawal=withdrawal, period_id=key) for key in sorted(others))
    audit.record(
        "public_month.withdrawn",
        withdrawal,
        by=by,
        area=period.area.slug,
        month=str(period.month),
        editions=[f"{edition.period.month}/{edition.number}" for edition in reach.editions],
        packs=[pack.reference for pack in reach.packs],
        documents=[document.reference for document in reach.documents],
        is_urgent=is_urgent,
        why=why,
    )
    return withdrawal


@transaction.atomic
def explain(withdrawal: MonthWithdrawal, *, why: str, by: User) -> WithdrawalExplanation:
    """Give the reason for an urgent withdrawal. Raises PermissionDenied, or TransitionRefused, also if there is no
    reason.
    """
    period = withdrawal.period
    check_can_protect(period.area, by=by)
    why = reason(why)
    # Two officers may explain it at the same time.
    lock(period)
    if MonthWithdrawal.objects.select_related("explanation").get(pk=withdrawal.pk).reason:
        raise TransitionRefused("Someone has already given the reason for this withdrawal.")
    given = WithdrawalExplanation.objects.create(withdrawal=withdrawal, why=why, given_at=timezone.now(), given_by=by)
    audit.record(
        "public_month.withdrawal_explained",
        withdrawal,
        by=by,
        area=period.area.slug,
        month=str(period.month),
        why=why,
    )
    return given


# --- What goes up again -----------------------------------------------------------------------------


def prepare_replacements(waiting: Iterable[Replacement]) -> int:
    """Prepare an edition for each month that waits for one. Returns how many were prepared. Each has a transaction of
    its own, so one that fails holds up no other.
    """
    done = 0
    for replacement in waiting:
        try:
            done += prepare_replacement(replacement)
        except Exception:  # whatever it is, the coordinator has to know that nothing was prepared
            logger.exception("The edition for %s could not be prepared.", replacement)
            Replacement.objects.filter(pk=replacement.pk, is_tried=False).update(is_tried=True, refused=BROKEN)
    return done


@transaction.atomic
def prepare_replacement(replacement: Replacement) -> bool:
    """Prepare a month's next edition, without what was withdrawn, if it passes the gate. It waits for approval like any
    other. Returns whether there is a new one.
    """
    period = lock(replacement.period)
    # Another worker may have done it while this one waited for the lock.
    replacement = Replacement.objects.select_related("withdrawal").get(pk=replacement.pk)
    if replacement.is_tried:
        return False
    replacement.is_tried = True
    edition = None
    try:
        edition = prepare(period, replacement.withdrawal)
    except TransitionRefused as refused:
        replacement.refused = str(refused)
    replacement.save(update_fields=["is_tried", "refused"])
    return edition is not None


def prepare(period: ReportingPeriod, withdrawal: MonthWithdrawal) -> PublicEdition | None:
    """Return the new edition; None if one that says the same is in progress or public. Raises TransitionRefused."""
    publishing = AreaPublishing(period, withdrawal)
    prepared = publishing.prepare()
    waiting = publishing.find_under_way()
    if publishing.is_said(prepared):
        return None
    if waiting is not None:
        if waiting.fingerprint == prepared.fingerprint:
            return None
        refuse_edition(waiting, why="Prepared again: the edition would now be different.", by=withdrawal.withdrawn_by)
    edition = publishing.create(prepared, asked_by=None)
    record("prepared", edition, by=None, withdrawal=withdrawal.pk)
    return edition


# --- Regions --------------------------------------------------------------------------------------

OUT_OF_DATE = "It was out of date: an area’s permission or figures, or another total, changed."


@transaction.atomic
def decline_outdated(period: RegionPeriod) -> bool:
    """Decline a month's waiting edition if it would now be different: a permission, an area's figures or another total
    changed. Nobody could make it public, and it has figures of an area that may have left. Returns whether it was.
    """
    publishing = RegionPublishing(lock(period))
    waiting = publishing.find_under_way()
    if waiting is None:
        return False
    try:
        if publishing.prepare().fingerprint == waiting.fingerprint:
            return False
    except TransitionRefused:
        pass  # too few areas are left
    refuse_edition(waiting, why=OUT_OF_DATE, by=None)
    return True


@transaction.atomic
def prepare_again(period: RegionPeriod) -> bool:
    """Prepare a month's next edition after an area's consent or edition changed. It waits for two people. Returns
    whether there is a new one.
    """
    publishing = RegionPublishing(lock(period))
    if publishing.find_under_way() is not None:
        return False
    try:
        prepared = publishing.prepare()
        last = publishing.editions.order_by("-id").first()
        # Somebody declined it, or it is public.
        if last is not None and last.fingerprint == prepared.fingerprint:
            return False
        with transaction.atomic():
            edition = publishing.create(prepared, asked_by=None)
    except TransitionRefused:
        # Too few areas are left; or another region decided about a count meanwhile, and the next sweep tries again.
        return False
    record("prepared", edition, by=None)
    return True
