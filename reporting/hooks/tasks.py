"""The job that tells hooks what happened. It runs every minute."""

from celery import shared_task

from reporting.hooks.services.calls import send_calls


@shared_task
def send_hooks() -> int:
    """Make the calls that are due."""
    return send_calls()
