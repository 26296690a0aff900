"""Who runs the product?"""

from typing import Any

from django.core.exceptions import PermissionDenied


def is_operator(user: Any) -> bool:
    """Whether somebody is an operator, who runs the product across areas: nobody signed in isn't."""
    return bool(user.is_active and getattr(user, "is_staff", False) and getattr(user, "is_superuser", False))


def check_is_operator(user: Any) -> None:
    """Raises PermissionDenied, with a sentence."""
    if not is_operator(user):
        raise PermissionDenied("Only the operator can open this page.")
