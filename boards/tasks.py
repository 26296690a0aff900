"""Tasks about months and areas. Each loads its data, calls a service, and ends."""

from celery import shared_task
from django.utils import timezone

from boards import deletion
from boards.models import PartnershipArea
from boards.services.keys import note_key_uses
from boards.services.months import mark_just_due, open_months


@shared_task
def open_month() -> int:
    """Open the current month in every area that doesn't have it yet."""
    return len(list(open_months()))


@shared_task
def mark_due_months() -> None:
    """Mark the months that were due for a roll-up, so that their pages show the missing returns."""
    mark_just_due(today=timezone.localdate())


@shared_task
def apply_retention() -> int:
    """Delete what was announced in time, and announce what comes due. Each night. Return how many records went."""
    areas = PartnershipArea.objects.order_by("slug").values_list("slug", flat=True)
    return deletion.apply_retention(areas, today=timezone.localdate())


@shared_task
def note_key_use() -> int:
    """Note in the log of reading how often each key was used. Each hour. Return how many counts were noted."""
    return note_key_uses(timezone.now())
