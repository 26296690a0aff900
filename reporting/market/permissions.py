"""Who may assess an area's drug market, and read what isn't agreed yet."""

from django.core.exceptions import PermissionDenied

from boards.models import Agency, PartnershipArea
from boards.permissions import Access, access_to
from core.models import User


def can_assess(access: Access, owner: Agency) -> bool:
    return owner.pk in access.led


def can_read_draft(access: Access, owner: Agency) -> bool:
    """Return whether somebody reads an assessment before it is agreed: the agency's own people, and the coordinator."""
    return owner.pk in access.agencies or access.can_coordinate


def check_can_assess(area: PartnershipArea, owner: Agency | None, *, by: User) -> None:
    if owner is None or not can_assess(access_to(area, by=by), owner):
        whose = f"a lead of {owner.name}" if owner else "an agency that the coordinator chooses"
        raise PermissionDenied(f"Only {whose} can assess the drug market of {area.name}.")
