"""The reason that somebody must give for an act."""

from django.core.exceptions import ValidationError

from core.reasons import read_reason


def checked_reason(why: str, *, missing: str) -> str:
    """Return the reason to save. Raises ValidationError at `why` if there is none (`missing`) or it is too long."""
    why, wrong = read_reason(why, missing=missing)
    if wrong:
        raise ValidationError({"why": wrong})
    return why
