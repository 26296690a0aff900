"""Tasks about months: one that a page queues, and a sweep that runs every minute. The sweep does what a lost queue or a
killed worker left undone.
"""

from functools import partial

from celery import shared_task
from django.conf import settings
from django.db import transaction

from boards.models import PartnershipArea, ReportingPeriod
from reporting.months.rollup import roll_up_apart, roll_up_each_area, stale_periods


@shared_task
def roll_up_area(area_id: int) -> int:
    """Roll up the stale months of one area."""
    # It may run twice, or beside the sweep: whoever is second leaves the month.
    return len(roll_up_apart(stale_periods().filter(area=area_id)).months)


@shared_task
def sweep_stale() -> int:
    """Roll up stale months that no other worker is rolling up, area by area."""
    return sum(len(report.months) for report in roll_up_each_area(stale_periods(), skip_locked=True))


def hint_roll_up(area: PartnershipArea) -> None:
    """Queue a roll-up as soon as the change is saved. If Redis can't be reached, the person goes on, and the sweep does
    the months.
    """
    transaction.on_commit(partial(roll_up_area.delay, area.pk), robust=True)


def bring_up_to_date(area: PartnershipArea, *, at_once: bool = False) -> None:
    """Without a worker nothing sweeps, so the person who opens stale months brings them up to date. A page that has to
    show what somebody has just accepted does it `at_once`, also beside a worker."""
    if at_once or settings.CELERY_TASK_ALWAYS_EAGER:
        stale = ReportingPeriod.objects.filter(area=area, stale_since__isnull=False)
        if stale.exists():
            roll_up_area(area.pk)
