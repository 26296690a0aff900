"""Tasks about packs: one that a page queues, and a sweep that runs every minute, which makes good what a lost queue or
a killed worker left undone."""

from celery import shared_task

from reporting.packs.selectors.bundles import waiting_bundles
from reporting.packs.services.bundles import delete_old_bundles, make_bundles


@shared_task
def make_pack_bundle(bundle_id: int) -> int:
    """Make a bundle of packs, unless another worker does."""
    return make_bundles(waiting_bundles().filter(pk=bundle_id))


@shared_task
def sweep_pack_bundles() -> int:
    """Make the bundles of packs that nobody makes."""
    return make_bundles(waiting_bundles())


@shared_task
def delete_old_pack_bundles() -> int:
    """Delete the bundles of packs that were kept long enough. Each night."""
    return delete_old_bundles()
