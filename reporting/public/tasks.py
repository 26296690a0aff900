"""Tasks about the public pages: one that a page queues, and a sweep that runs every minute. The sweep does what a lost
queue or a killed worker left undone.
"""

from functools import partial

from celery import shared_task
from django.conf import settings
from django.db import transaction

from boards.models import PartnershipArea, ReportingPeriod
from core.models import User
from reporting.public.presenters.publishing import describe_reach
from reporting.public.reach import find_reach
from reporting.public.selectors import waiting_replacements
from reporting.public.taking_down import prepare_replacements, withdraw_marked


@shared_task
def prepare_area(area_id: int) -> int:
    """Prepare an area's new editions after a withdrawal."""
    # It may run twice, or beside the sweep: the area's lock and `is_tried` leave one of them nothing to do.
    return prepare_replacements(waiting_replacements().filter(period__area=area_id))


@shared_task
def sweep_replacements() -> int:
    """Prepare the new editions that nobody has prepared yet."""
    return prepare_replacements(waiting_replacements())


def hint_replacements(area: PartnershipArea) -> None:
    """Queue it as soon as the withdrawal is saved. What is public comes down first, whatever happens then."""
    transaction.on_commit(partial(prepare_area.delay, area.pk), robust=True)


def bring_replacements(area: PartnershipArea) -> None:
    """Without a worker nothing sweeps, so the person who opens the public pages' list prepares them."""
    if settings.CELERY_TASK_ALWAYS_EAGER and waiting_replacements().filter(period__area=area).exists():
        prepare_area.delay(area.pk)


class EditionsAndPacks:
    """What months are public in: see indicators.public_pages."""

    def list_reach(self, period: ReportingPeriod) -> list[str]:
        return [edition.words for edition in describe_reach(find_reach(period), period.month).goes]

    def take_down(self, period: ReportingPeriod, *, why: str, by: User) -> None:
        withdraw_marked(period, why=why, by=by)
        hint_replacements(period.area)
