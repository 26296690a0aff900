"""Tasks about the public pages: one that a page queues, and two sweeps.

The sweep of replacements does what a lost queue or a killed worker left undone. The sweep of regions prepares editions
after an area's consent or its own edition changed.
"""

import logging
from functools import partial

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea, Region, ReportingPeriod
from boards.permissions import find_shown
from core.calendar import Month
from core.models import User
from reporting.models import RegionEdition, RegionMonth
from reporting.public.presenters.corrections import describe_correction
from reporting.public.presenters.publishing import describe_reach
from reporting.public.reach import find_reach
from reporting.public.region_publishing import RegionPeriod
from reporting.public.selectors import waiting_replacements
from reporting.public.taking_down import decline_outdated, prepare_again, prepare_replacements, withdraw_marked
from reporting.public.totals import list_consents, list_editions
from reporting.regions.readings import find_key
from reporting.workflow import UNDER_WAY


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

    def describe_correction(self, period: ReportingPeriod, indicator: str) -> list[str]:
        return describe_correction(period, indicator)

    def take_down(self, period: ReportingPeriod, *, why: str, by: User) -> None:
        withdraw_marked(period, why=why, by=by)
        hint_replacements(period.area)


# --- Editions of regions ---------------------------------------------------------------------------

logger = logging.getLogger(__name__)


@shared_task
def sweep_region_editions() -> int:
    """Decline the waiting editions that are out of date, and prepare the next edition of each month whose sources
    changed. Returns how many were prepared. Each has a transaction of its own, so one that fails holds up no other.
    """
    for region in Region.objects.filter(months__isnull=False).distinct():
        try:
            forget_region_months(region)
        except Exception:
            logger.exception("What was worked out for %s could not be checked.", region)
    for waiting in RegionEdition.objects.filter(state__in=UNDER_WAY).select_related("region").defer("content"):
        try:
            decline_outdated(RegionPeriod(waiting.region, waiting.month))
        except Exception:
            logger.exception("The waiting edition of %s for %s could not be checked.", waiting.region, waiting.month)
    done = 0
    for region in Region.objects.filter(editions__number__isnull=False).distinct():
        for month in list_outdated(region):
            try:
                done += prepare_again(RegionPeriod(region, month))
            except Exception:
                logger.exception("The edition of %s for %s could not be prepared.", region, month)
    return done


def forget_region_months(region: Region) -> None:
    """Delete what was worked out of other parts than a region has today. No page would show it, and it may be of an
    area that has left. Four queries at most for each month."""
    access = find_shown(region)
    for row in RegionMonth.objects.filter(region=region).only("starts_on", "key"):
        if find_key(access, Month.of(row.starts_on)) != row.key:
            # By its key too: somebody may have worked it out again since.
            RegionMonth.objects.filter(pk=row.pk, key=row.key).delete()


def list_outdated(region: Region) -> list[Month]:
    """Return the published months of a region whose newest edition isn't made of what its areas show today. Four
    queries.
    """
    newest: dict[Month, RegionEdition] = {}
    published: set[Month] = set()
    for edition in RegionEdition.objects.filter(region=region).prefetch_related("sources").order_by("pk"):
        newest[edition.month] = edition
        if edition.number is not None:
            published.add(edition.month)
    consents = list_consents(region, timezone.localdate())
    today: dict[Month, set[tuple[int, int]]] = {month: set() for month in published}
    for area_edition in list_editions(consents, period__starts_on__in=[month.first_day for month in published]):
        today[area_edition.period.month].add((area_edition.pk, consents[area_edition.period.area_id].pk))
    # The newest in any state: what is waiting, or was declined, isn't prepared a second time.
    return [
        month
        for month in sorted(published)
        if {(source.public_edition_id, source.consent_id) for source in newest[month].sources.all()} != today[month]
    ]
