"""Prepare the editions of regions that are out of date, because an area's consent or its own edition changed."""

import logging

from celery import shared_task
from django.utils import timezone

from boards.models import Region
from core.months import Month
from reporting.models import RegionEdition
from reporting.region_public.selectors import list_consents, list_editions
from reporting.region_public.services import prepare_again

logger = logging.getLogger(__name__)


@shared_task
def sweep_region_editions() -> int:
    """Prepare the next edition of each month whose sources changed. Returns how many were prepared. Each has a
    transaction of its own, so one that fails holds up no other.
    """
    done = 0
    for region in Region.objects.filter(editions__number__isnull=False).distinct():
        for month in list_outdated(region):
            try:
                done += prepare_again(region, month)
            except Exception:
                logger.exception("The edition of %s for %s could not be prepared.", region, month)
    return done


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
    for own in list_editions(consents, period__starts_on__in=[month.first_day for month in published]):
        today[own.period.month].add((own.pk, consents[own.period.area_id].pk))
    # The newest in any state: what is waiting, or was declined, isn't prepared a second time.
    return [
        month
        for month in sorted(published)
        if {(each.public_edition_id, each.consent_id) for each in newest[month].sources.all()} != today[month]
    ]
