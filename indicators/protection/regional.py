"""Decides whether a region's public page may show a total of its areas' counts. Pure.

The reader knows all that each area has ever published, every total that any region has ever shown or refused, this
rule, and the count of one area, since a region's readers include its areas' own people. No count that was possible by
its area's publications alone may become impossible.

An area's hidden count has a *shape*: how its editions hide it. The shape says which counts are possible, from what is
published alone. A total of hidden counts is shown if, whatever one of them is, the others can make up for it. See
docs/protection.md for the proof, and tests/unit/test_regional_gate.py, which tries all counts.

Each count takes part in one decision only. A later total with it has to follow from the earlier one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.labels import Labelled
from indicators.protection.rules import Rule, Suppress

# How many spans of a count remain on both sides of the sum: one for a reader from outside, and one more for a reader
# who knows one of the counts.
SPANS = 2


class Outcome(Labelled):
    PLAIN = "plain", "Shown: all its counts are public"
    SHOWN = "shown", "Shown: it says nothing about a withheld count"
    DERIVED = "derived", "Shown: it follows from a total shown before"
    LATER = "later", "Not decided: more areas may publish"
    UNUSABLE = "unusable", "Withheld: no one could say what a withheld count may be"
    SETTLED = "settled", "Withheld: one of its counts is part of an earlier decision"
    REFUSED = "refused", "Withheld: it would say something about a withheld count"

    @property
    def is_total_shown(self) -> bool:
        return self in (Outcome.PLAIN, Outcome.SHOWN, Outcome.DERIVED)

    @property
    def is_withheld(self) -> bool:
        return self in (Outcome.UNUSABLE, Outcome.SETTLED, Outcome.REFUSED)

    @property
    def settles(self) -> bool:
        """Return whether the decision looked at withheld counts, which can't take part in another one."""
        return self in (Outcome.SHOWN, Outcome.REFUSED)


# --- What may a hidden count be? ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """How an area hides a whole: counts from 1 to `below` - 1 are small, and `parts` of its categories are withheld
    with it, which are all above 0. Without categories, `parts` is 0.
    """

    below: int
    parts: int = 0

    # Both follow from indicators.protection.rules.choose: whoever changes it must change them.
    @property
    def least(self) -> int:
        return max(1, self.parts)

    @property
    def most(self) -> int:
        return self.below - 1 + (self.parts if self.parts > 1 else 0)


@dataclass(frozen=True, slots=True)
class Look:
    """What one edition shows of a whole in a month.

    `parts` counts its withheld categories, and `above` those shown above 0. It `is_tied` if something else than its own
    rule may hide it, or its set-up leaves more possible than a shape says: it is part of another indicator or has
    parts, repeats an earlier month, had another category, or its categories follow another rule.
    """

    rule: Rule
    is_withheld: bool
    has_categories: bool = False
    parts: int = 0
    above: int = 0
    is_tied: bool = False

    @property
    def shape(self) -> Shape | None:
        """Return how it hides the whole; None if that has no shape."""
        if not self.is_withheld or self.is_tied or self.above or not isinstance(self.rule, Suppress):
            return None
        # Zero categories are shown, so a withheld whole has a withheld category.
        return None if self.has_categories and not self.parts else Shape(self.rule.below, self.parts)


def find_shape(looks: Collection[Look]) -> Shape | None:
    """Return the shape that all editions agree on. Never ask the counts behind them: where a gap can be used has to be
    as public as the gap.
    """
    shapes = {look.shape for look in looks}
    return shapes.pop() if len(shapes) == 1 else None


# --- May the total be shown? --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hidden:
    """A hidden count of a total. `value` is None if there is no figure behind the gap: nobody may know that either."""

    value: int | None
    shape: Shape | None


@dataclass(frozen=True, slots=True)
class Settled[Key]:
    """An earlier decision: what it came to, and the hidden counts that it looked at, as they were."""

    outcome: Outcome
    values: Mapping[Key, int | None]


def decide[Key](
    hidden: Mapping[Key, Hidden],
    settled: Collection[Settled[Key]] = (),
    *,
    is_complete: bool = True,
    spans: int = SPANS,
) -> Outcome:
    """Decide about a total with these hidden counts, each under the key of its area's month.

    `settled` are all earlier decisions about any of these keys, of whatever region. `is_complete`: no other area is
    likely to publish this month soon.
    """
    if not hidden:
        return Outcome.PLAIN
    if any(count.shape is None for count in hidden.values()):
        return Outcome.UNUSABLE
    values = {key: count.value for key, count in hidden.items()}
    if settled:
        follows = all(total.outcome is Outcome.SHOWN and total.values == values for total in settled)
        return Outcome.DERIVED if follows else Outcome.SETTLED
    # A total decided too early would bar the counts of the areas that follow.
    if not is_complete:
        return Outcome.LATER
    return Outcome.SHOWN if tells_nothing(hidden, spans) else Outcome.REFUSED


def tells_nothing[Key](hidden: Mapping[Key, Hidden], spans: int) -> bool:
    """Return whether every possible count of each area stays possible beside the sum of all."""
    shapes = [count.shape for count in hidden.values() if count.shape is not None]
    values = [count.value for count in hidden.values() if count.value is not None]
    if len(values) < len(hidden):
        return False
    least, most = sum(shape.least for shape in shapes), sum(shape.most for shape in shapes)
    room = spans * max(shape.most - shape.least for shape in shapes)
    return least + room <= sum(values) <= most - room
