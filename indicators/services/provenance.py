"""Where are numbers of open data from, and what is their licence? Pages show both with them."""

from django.core.exceptions import ValidationError

from core.texts import one_line

LONGEST = 200  # characters


def read_provenance(source: str, licence: str) -> tuple[str, str]:
    """Return the tidied texts. Raises ValidationError, with a sentence."""
    return _one_line("source", source), _one_line("licence", licence)


def _one_line(name: str, typed: str) -> str:
    text = one_line(typed)
    if not text:
        raise ValidationError(f"Enter the {name} of these numbers. Pages show it with them.")
    if len(text) > LONGEST:
        raise ValidationError(f"Shorten the {name} to {LONGEST} characters; it has {len(text):,}.")
    return text
