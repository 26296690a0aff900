"""Who may see an indicator's figures: partners only, or the public too, by the year or by the month. Pure."""

from core.labels import Labelled
from core.texts import count_of_noun


class Openness(Labelled):
    """From the most private to the most open. Rules for small numbers apply to whatever the public may see."""

    PARTNERS = "partners", "Partners only"
    YEAR = "year", "The public, as the total of a year"
    MONTH = "month", "The public, month by month"

    @property
    def words(self) -> str:
        return self.label[0].lower() + self.label[1:]


# What indicators have that are older than the choice: public by month, until somebody decides.
UNDECIDED = ""
UNDECIDED_WORDS = "the public, month by month: no one has decided yet"
NOBODY_DECIDED = "No one has decided that anyone else may see it."


def is_private(openness: str) -> bool:
    """Return whether the public sees no month of it."""
    return openness in (Openness.PARTNERS, Openness.YEAR)


def shows_more(after: Openness, before: str, *, delay: int = 0, delay_before: int = 0) -> bool:
    """Return whether the public would see something that it doesn't see now. `before` may be undecided. The delays are
    the months after which a month is public."""
    order = list(Openness)
    rank, rank_before = order.index(after), order.index(Openness(before or Openness.MONTH))
    if after is Openness.YEAR and rank_before > rank:
        return delay_before > 0  # the total comes before its last months did
    return rank > rank_before or (after is Openness.MONTH and rank == rank_before and delay < delay_before)


LONGEST_DELAY = 24  # months


def describe(openness: str, delay: int = 0) -> str:
    """ "partners only", in a sentence."""
    if not openness:
        return UNDECIDED_WORDS
    later = f", {count_of_noun(delay, 'month')} later" if delay else ""
    return f"{Openness(openness).words}{later}"


def make_token(openness: str, delay: int) -> str:
    """Return both as one text, "month+4", to compare with what somebody saw when they asked."""
    return f"{openness}+{delay}" if delay else openness


def describe_token(token: str) -> str:
    openness, _, delay = token.partition("+")
    return describe(openness, int(delay or 0))
