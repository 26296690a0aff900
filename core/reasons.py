"""Why is it done? The reason that somebody types beside an act, as it is kept. Pure."""

from core.texts import one_line

LONGEST_REASON = 300  # characters


def read_reason(why: str, *, missing: str) -> tuple[str, str]:
    """The reason on one line, and what is wrong with it: `missing` where there is none, a sentence where it is too
    long, otherwise nothing."""
    why = one_line(why)
    if not why:
        return why, missing
    if len(why) > LONGEST_REASON:
        return why, f"Shorten the reason to {LONGEST_REASON} characters; it has {len(why):,}."
    return why, ""
