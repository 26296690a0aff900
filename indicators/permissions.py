"""Who may enter a return, and who may import?"""

from django.core.exceptions import PermissionDenied

from boards.models import Agency, PartnershipArea
from boards.permissions import Access, access_to
from boards.roles import Role
from core.models import User


def can_enter(access: Access, agency: Agency) -> bool:
    return agency.pk in access.led


def can_read_return(access: Access, agency: Agency) -> bool:
    return can_enter(access, agency) or access.can_coordinate


def check_can_enter(agency: Agency, *, by: User) -> None:
    if not can_enter(access_to(agency.area, by=by), agency):
        raise PermissionDenied(f"Only a lead of {agency.name} can enter its figures.")


def check_can_read_return(access: Access, agency: Agency) -> None:
    if not can_read_return(access, agency):
        raise PermissionDenied(f"Only a lead of {agency.name} and the coordinator can read its return.")


def check_can_import(area: PartnershipArea, *, by: User) -> None:
    if not access_to(area, by=by).is_any(Role.ANALYST):
        raise PermissionDenied(f"Only an analyst of {area.name} can import figures.")
