"""Tasks about packs: one that a page queues, and a sweep that runs every minute. The sweep does what a lost queue or a
killed worker left undone.
"""

from celery import shared_task

from reporting.packs.selectors import waiting_bundles
from reporting.packs.services.issue import delete_old_bundles, make_bundles


@shared_task
def make_pack_bundle(bundle_id: int) -> int:
    """Make a bundle of packs, unless another worker is making it."""
    return make_bundles(waiting_bundles().filter(pk=bundle_id))


@shared_task
def sweep_pack_bundles() -> int:
    """Make the bundles of packs that no worker is making."""
    return make_bundles(waiting_bundles())


@shared_task
def delete_old_pack_bundles() -> int:
    """Delete old bundles of packs. Runs each night."""
    return delete_old_bundles()
