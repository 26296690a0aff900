"""The reason that somebody has to give for an act."""

from django.core.exceptions import ValidationError

from core.reasons import read_reason


def checked_reason(why: str, *, missing: str) -> str:
    """The reason as it is kept. Raises ValidationError, at `why`, where there is none (`missing`) or it is too long."""
    why, wrong = read_reason(why, missing=missing)
    if wrong:
        raise ValidationError({"why": wrong})
    return why
