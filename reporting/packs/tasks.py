"""Tasks about packs: of each kind one that a page queues, and a sweep that runs every minute, which makes good
what a lost queue or a killed worker left undone."""

from collections.abc import Iterable
from itertools import chain

from celery import shared_task

from core.services.letters import deliver_each
from core.services.links import site_address
from reporting.models import PackLetter
from reporting.packs.selectors.bundles import waiting_bundles
from reporting.packs.selectors.letters import list_packs_to_announce
from reporting.packs.services.bundles import delete_old_bundles, make_bundles
from reporting.packs.services.letters import claim_letters, claim_letters_again, send_letter


@shared_task
def send_pack_letters(pack_id: int) -> int:
    """Tell a board's members of a pack that was just issued."""
    return _send(claim_letters(list_packs_to_announce().filter(pk=pack_id)))


@shared_task
def sweep_pack_letters() -> int:
    """Send the letters of lately issued packs that nobody has claimed, and try again those that aren't known to be
    sent."""
    return _send(chain(claim_letters(list_packs_to_announce()), claim_letters_again()))


def _send(claimed: Iterable[PackLetter]) -> int:
    return deliver_each(([each] for each in claimed), lambda rows: send_letter(rows[0], absolute=site_address))


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
