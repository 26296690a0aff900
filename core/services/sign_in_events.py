"""Record who signed in and out, who failed to, and who set a password. These events belong to no area."""

from core import audit
from core.models import User


def note_signed_in(user: User, *, ip: str) -> None:
    audit.record("user.signed_in", user, by=user, ip=ip)


def note_signed_out(user: User, *, ip: str) -> None:
    audit.record("user.signed_out", user, by=user, ip=ip)


def note_failed_sign_in(email: str, *, ip: str) -> None:
    """Record a wrong password, or an address that nobody has. The text stays out: people type passwords into it."""
    user = User.objects.filter(email__iexact=email).first()
    audit.record("user.sign_in_failed", user or User(), by=None, ip=ip, is_known=user is not None)


def note_password(user: User, *, ip: str) -> None:
    """Record a new password: only the person sets their own."""
    audit.record("user.password_set", user, by=user, ip=ip)
