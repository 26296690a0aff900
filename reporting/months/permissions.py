"""Who may write about a month or follow its returns."""

from django.core.exceptions import PermissionDenied

from boards.permissions import Access
from boards.rules import RETURN_FOLLOWERS
from reporting.models.snapshots import SIGNS


def can_follow_returns(access: Access) -> bool:
    """Return whether they may read who has each return. The coordinator has a separate page for that."""
    return access.is_any(*RETURN_FOLLOWERS) and not access.can_coordinate


def can_comment(access: Access) -> bool:
    return access.is_any(*SIGNS)


def check_can_comment(access: Access) -> None:
    if not can_comment(access):
        raise PermissionDenied(f"Only an analyst or a coordinator of {access.area.name} can write the commentary.")
