"""Who may see an indicator's figures: partners only, or the public too. Pure."""

from core.labels import Labelled


class Openness(Labelled):
    """From the most private to the most open. Rules for small numbers apply to whatever the public may see."""

    PARTNERS = "partners", "Partners only"
    MONTH = "month", "The public, month by month"

    @property
    def words(self) -> str:
        return self.label[0].lower() + self.label[1:]


# What indicators have that are older than the choice: public by month, until somebody decides.
UNDECIDED = ""
UNDECIDED_WORDS = "the public, month by month: nobody has decided yet"
NOBODY_DECIDED = "Nobody has decided that anybody else may see it."


def is_private(openness: str) -> bool:
    return openness == Openness.PARTNERS


def shows_more(after: Openness, before: str) -> bool:
    """Return whether the public would see something that it doesn't see now. `before` may be undecided."""
    return not is_private(after) and is_private(before)


def describe(openness: str) -> str:
    """ "partners only", in a sentence."""
    return Openness(openness).words if openness else UNDECIDED_WORDS
