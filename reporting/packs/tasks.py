"""Tasks about packs: of each kind one that a page queues, and a sweep that beat runs every minute, which makes good
what a lost queue or a killed worker left undone."""

from celery import shared_task

from core.services.links import site_address
from reporting.packs.selectors.bundles import waiting_bundles
from reporting.packs.selectors.letters import list_packs_to_announce
from reporting.packs.services.bundles import delete_old_bundles, make_bundles
from reporting.packs.services.letters import claim_letters, send_letter


@shared_task
def send_pack_letters(pack_id: int) -> int:
    """Tell a board's members of a pack that was just issued."""
    claimed = claim_letters(list_packs_to_announce().filter(pk=pack_id))
    return len([send_letter(letter, absolute=site_address) for letter in claimed])


@shared_task
def sweep_pack_letters() -> int:
    """Send the letters of lately issued packs that nobody has claimed."""
    return len([send_letter(letter, absolute=site_address) for letter in claim_letters(list_packs_to_announce())])


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
