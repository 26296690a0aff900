"""Tasks that bring the months' lines into step. Each fetches, calls the roll-up, and is done."""

from celery import shared_task

from boards.models import ReportingPeriod
from core.months import Month
from reporting.rollup import roll_up, stale_periods


@shared_task
def roll_up_area(area_id: int) -> int:
    """Roll up the stale months of one area."""
    return len(roll_up(stale_periods().filter(area=area_id)).months)


@shared_task
def roll_up_month(month: str, area_id: int | None = None) -> int:
    """Roll up a month ("2026-10"), stale or not, of one area or of all."""
    periods = ReportingPeriod.objects.filter(starts_on=Month.parse(month).first_day)
    return len(roll_up(periods if area_id is None else periods.filter(area=area_id)).months)


@shared_task
def sweep_stale() -> int:
    """Roll up whatever is stale and not being rolled up by another worker. Beat runs it every minute:
    it makes good what a lost queue or a killed worker left undone."""
    return len(roll_up(stale_periods(), skip_locked=True).months)
