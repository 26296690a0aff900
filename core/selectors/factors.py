"""Which second factors does somebody have?"""

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from core.models import User
from core.permissions import is_let_off

# Recovery codes only replace one of these.
FACTORS = (Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value)


def list_factors(user: User) -> QuerySet[Authenticator]:
    """Return a person's authenticator app and passkeys."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=FACTORS)
    return found


def count_recovery_codes(user: User, *, of: int) -> int:
    """Return how many recovery codes of the last set somebody hasn't used."""
    held = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return of - int(held.data["used_mask"]).bit_count() if held else 0


def is_offered_factor(user: User) -> bool:
    """Return whether their home page offers a second factor. At most one query."""
    return user.is_offered_factor and not is_let_off(user) and not list_factors(user).exists()
