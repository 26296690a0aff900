"""Record who signed in and out, who failed to, and who set a password. These events belong to no area."""

from core import audit
from core.models import User


def note_signed_in(user: User, *, ip: str, **how: str) -> None:
    """Record a sign-in. `how` names the provider, if there was one."""
    audit.record("user.signed_in", user, by=user, ip=ip, **how)


def note_signed_out(user: User, *, ip: str) -> None:
    audit.record("user.signed_out", user, by=user, ip=ip)


def note_failed_sign_in(email: str, *, ip: str) -> None:
    """Record a wrong password, or an address that nobody has. The text stays out: people type passwords into it."""
    user = User.objects.filter(email__iexact=email).first()
    audit.record("user.sign_in_failed", user or User(), by=None, ip=ip, is_known=user is not None)


def note_refused_by_provider(person: User | None, *, provider: str, reason: str, ip: str) -> None:
    """Record a sign-in by single sign-on that failed, or that we refused. The address stays out: it isn't proven."""
    target = person or User()
    audit.record(
        "user.sign_in_failed", target, by=None, ip=ip, is_known=person is not None, provider=provider, reason=reason
    )


def note_wrong_code(user: User, *, ip: str) -> None:
    """Record a wrong or used code after the right password: somebody may know the password who shouldn't."""
    audit.record("factor.failed", user, by=None, ip=ip)


def note_password(user: User, *, ip: str) -> None:
    """Record a new password: only the person sets their own."""
    audit.record("user.password_set", user, by=user, ip=ip)
