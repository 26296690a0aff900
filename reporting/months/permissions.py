"""Who may say something of a month?"""

from django.core.exceptions import PermissionDenied

from boards.permissions import Access
from reporting.models.commentaries import SIGNS


def can_comment(access: Access) -> bool:
    return access.is_any(*SIGNS)


def check_can_comment(access: Access) -> None:
    if not can_comment(access):
        raise PermissionDenied(f"Only an analyst or a coordinator of {access.area.name} writes the commentary.")
