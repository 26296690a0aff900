"""Prepare the editions of regions that are out of date, because an area's consent or its own edition changed. Those
that wait, and what was worked out of areas that have left, go."""

import logging

from celery import shared_task
from django.utils import timezone

from boards.models import Region
from boards.permissions import find_shown
from core.calendar import Month
from indicators.workflow import EditionState
from reporting.models import RegionEdition, RegionMonth
from reporting.region_public.selectors import list_consents, list_editions
from reporting.region_public.services import decline_outdated, prepare_again
from reporting.regions.readings import find_key

WAITING = (EditionState.ASKED.value, EditionState.AGREED.value)
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
    for waiting in RegionEdition.objects.filter(state__in=WAITING).select_related("region").defer("content"):
        try:
            decline_outdated(waiting.region, waiting.month)
        except Exception:
            logger.exception("The waiting edition of %s for %s could not be checked.", waiting.region, waiting.month)
    done = 0
    for region in Region.objects.filter(editions__number__isnull=False).distinct():
        for month in list_outdated(region):
            try:
                done += prepare_again(region, month)
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
