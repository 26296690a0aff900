"""Tasks about months: one that a page queues, and a sweep that beat runs every minute, which makes good what a
lost queue or a killed worker left undone."""

from celery import shared_task

from reporting.months.rollup import roll_up, stale_periods


@shared_task
def roll_up_area(area_id: int) -> int:
    """Roll up the stale months of one area."""
    return len(roll_up(stale_periods().filter(area=area_id)).months)


@shared_task
def sweep_stale() -> int:
    """Roll up whatever is stale and not being rolled up by another worker."""
    return len(roll_up(stale_periods(), skip_locked=True).months)
