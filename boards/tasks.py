"""Tasks about months. Each fetches, calls a service, and is done."""

from celery import shared_task

from boards.services.months import open_months


@shared_task
def open_month() -> int:
    """Open the current month in every area that hasn't got it."""
    return len(open_months())
