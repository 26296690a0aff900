"""What is the reason for an act? Reads the text that somebody typed. Pure."""

from core.texts import one_line

LONGEST_REASON = 300  # characters


def read_reason(why: str, *, missing: str) -> tuple[str, str]:
    """Return the reason on one line, and what is wrong with it: `missing`, a sentence if it is too long, or nothing."""
    why = one_line(why)
    if not why:
        return why, missing
    if len(why) > LONGEST_REASON:
        return why, f"Shorten the reason to {LONGEST_REASON} characters; it has {len(why):,}."
    return why, ""
