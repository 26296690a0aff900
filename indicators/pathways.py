"""A pathway: what became of those whom an area found, told by counts. Pure.

A count of twelve months is of what happened in them, and not of the same people: those who are discussed in March may
be those who were identified in February. So a step may be more than the one before it, and its ratio to the first step
is a ratio of two counts, without a range. Only where an agency follows those of a month does a step count people of the
first step. Its figure in a month is of those who were identified a number of months earlier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.calendar import Month
from indicators.ratios import Range, share_range

FOLLOWED = (3, 6)  # months for which an agency may follow those whom it identified
EACH = 100  # a step is told for each hundred of the first

type Figures = Mapping[Month, int]  # signed-off figures that are counted alike, by month


@dataclass(frozen=True, slots=True)
class Sum:
    """A count over some months, and those of them that have no figure. It is a total only if none is missing."""

    count: int
    missing: tuple[Month, ...]


def add_up(figures: Figures, months: Sequence[Month]) -> Sum:
    return Sum(sum(figures.get(month, 0) for month in months), tuple(month for month in months if month not in figures))


@dataclass(frozen=True, slots=True)
class Beside:
    """A step beside the first one, in the months that have both figures. `months` are the step's own; `before` is how
    many months earlier the first step's are. `impossible` are the months in which more of those who are followed have
    had it than were identified.
    """

    first: int
    step: int
    months: tuple[Month, ...]
    before: int = 0
    impossible: tuple[Month, ...] = ()

    @property
    def for_each(self) -> int | None:
        """Return how many there are for each hundred of the first step; None where that has none."""
        return round(self.step * EACH / self.first) if self.first else None

    @property
    def share(self) -> Range | None:
        """Return which share of those who were identified has had it, with its range; None where the step counts other
        people, or nobody was identified, or its figures can’t be."""
        if not self.before or not self.first or self.impossible:
            return None
        return share_range(self.step, self.first, per=EACH)


def put_beside(first: Figures, step: Figures, months: Sequence[Month], *, followed: int = 0) -> Beside:
    """Compare a step with the first one. Of a step that is followed, each month is that of the first step so many
    months earlier: the follow-up of later ones isn't over."""
    both = tuple(month for month in months if month in step and month + -followed in first)
    return Beside(
        sum(first[month + -followed] for month in both),
        sum(step[month] for month in both),
        both,
        followed,
        tuple(month for month in both if followed and step[month] > first[month + -followed]),
    )
