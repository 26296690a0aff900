"""Who may see an indicator's figures: partners only, or the public too, by the year or by the month. Pure."""

from core.labels import Labelled


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
UNDECIDED_WORDS = "the public, month by month: nobody has decided yet"
NOBODY_DECIDED = "Nobody has decided that anybody else may see it."


def is_private(openness: str) -> bool:
    """Return whether the public sees no month of it."""
    return openness in (Openness.PARTNERS, Openness.YEAR)


def shows_more(after: Openness, before: str) -> bool:
    """Return whether the public would see something that it doesn't see now. `before` may be undecided."""
    order = list(Openness)
    return order.index(after) > order.index(Openness(before or Openness.MONTH))


def describe(openness: str) -> str:
    """ "partners only", in a sentence."""
    return Openness(openness).words if openness else UNDECIDED_WORDS
