"""Tasks about months' lines, and about packs. Each fetches, calls what does it, and is done.

Of each kind there is one that a page queues, and a sweep that beat runs every minute: it makes good what a lost queue
or a killed worker left undone.
"""

from celery import shared_task

from core.services.links import site_address
from reporting.rollup import roll_up, stale_periods
from reporting.selectors.pack_bundles import waiting_bundles
from reporting.selectors.pack_letters import packs_to_tell_of
from reporting.services.pack_bundles import delete_old_bundles, make_bundles
from reporting.services.pack_letters import claim_letters, send_letter


@shared_task
def roll_up_area(area_id: int) -> int:
    """Roll up the stale months of one area."""
    return len(roll_up(stale_periods().filter(area=area_id)).months)


@shared_task
def sweep_stale() -> int:
    """Roll up whatever is stale and not being rolled up by another worker."""
    return len(roll_up(stale_periods(), skip_locked=True).months)


@shared_task
def send_pack_letters(pack_id: int) -> int:
    """Tell a board's members of a pack that was just issued."""
    claimed = claim_letters(packs_to_tell_of().filter(pk=pack_id))
    return len([send_letter(letter, absolute=site_address) for letter in claimed])


@shared_task
def sweep_pack_letters() -> int:
    """Send the letters of lately issued packs that nobody has claimed."""
    return len([send_letter(letter, absolute=site_address) for letter in claim_letters(packs_to_tell_of())])


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
    """Delete the bundles of packs that were kept long enough. Beat runs it each night."""
    return delete_old_bundles()
