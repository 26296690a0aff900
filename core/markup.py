"""How does text become markup that no template escapes again? Only what a template tag of ours made does."""

from django.utils.safestring import SafeString, mark_safe


def as_markup(made: str) -> SafeString:
    """What a tag made: it has escaped each word in it that isn't its own."""
    return mark_safe(made)  # noqa: S308
