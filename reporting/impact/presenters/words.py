"""How do pages describe a change? Carefully: with its range, beside comparison areas, and never as a cause."""

from math import inf
from typing import NamedTuple

from core.months import Month
from indicators.impact.claim import BeforeAfter, Change
from indicators.impact.expected import Came
from indicators.impact.regression import Season
from indicators.ratios import RATIO_KINDS, Ratio
from reporting.impact.results import Controls, Outcome, Result
from reporting.months.presenters.words import upper_first

NOT_BECAUSE = "This doesn’t show that one caused the other."
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def write_number(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


class Amount(NamedTuple):
    """How to write a change: how many units make 1, the decimals, the unit, its sign at each end of a range, and its
    greatest value.
    """

    scale: float = 100
    decimals: int = 0
    unit: str = " %"
    mark: str = " %"
    most: float = inf

    def rounded(self, fraction: float) -> float:
        return round(abs(fraction) * self.scale, self.decimals)

    def number(self, fraction: float) -> str:
        """ "24", without a sign; a change that rounds to none is less than 1."""
        number = self.rounded(min(fraction, self.most))
        least = f"less than {10**-self.decimals:g}"
        return f"{number:,.{self.decimals}f}" if number or not fraction else least

    def words(self, fraction: float) -> str:
        """ "24 %"; "15.2 percentage points"."""
        return f"{self.number(fraction)}{self.unit}"


PER_CENT = Amount()
PER_CENT_OF_SHARE = Amount(unit=" % of what it was")


def find_amount(told: BeforeAfter, change: Change, ratio: Ratio | None) -> Amount:
    """Return how to write it. A share moves by percentage points of what there would have been without the change. A
    count or a rate moves by per cent.
    """
    points = RATIO_KINDS[ratio.kind].points if ratio else None
    if ratio is None or points is None:
        return PER_CENT
    without = told.after / (1 + change.value)
    # A share can't rise above 100 %.
    return Amount(without * ratio.per, 1, f" {points[0]}", "", most=1 / without - 1)


def describe_range(change: Change, amount: Amount = PER_CENT) -> str:
    """ "between 12 % and 35 %" for a fall or a rise; if it includes both, each end says which it is."""
    if change.lower < 0 < change.upper:
        ends = amount.number(change.lower), amount.number(change.upper)
        return f"anything from a fall of {ends[0]}{amount.mark} to a rise of {ends[1]}{amount.mark}"
    nearest, farthest = sorted((change.lower, change.upper), key=abs)
    ends = amount.number(nearest), amount.number(farthest)
    return f"between {ends[0]}{amount.mark} and {ends[1]}{amount.mark}"


def describe_moved(change: Change, amount: Amount = PER_CENT) -> str:
    """ "fell by 24 %"; "stayed the same"."""
    if not amount.rounded(change.value):
        return "stayed the same"
    return f"{'fell' if change.value < 0 else 'rose'} by {amount.words(change.value)}"


def describe_move(change: Change, amount: Amount = PER_CENT) -> str:
    """ "a fall of 24 % (between 12 % and 35 %)"."""
    words = f"a {'fall' if change.value < 0 else 'rise'} of {amount.words(change.value)}"
    return f"{words if amount.rounded(change.value) else 'no change'} ({describe_range(change, amount)})"


def describe_controls(controls: Controls) -> str:
    """ "seven comparison areas"."""
    return f"{write_number(controls.number)} comparison area{'' if controls.number == 1 else 's'}"


def describe_theirs(change: Change, ratio: Ratio | None) -> str:
    """Their level isn't shown, so their change is in per cent: "fell by 4 %"; for a share "fell by 4 % of theirs"."""
    moved = describe_moved(change)
    in_points = ratio is not None and RATIO_KINDS[ratio.kind].points
    return f"{moved} of theirs" if in_points and moved.endswith("%") else moved


def describe_result(result: Result, controls: Controls) -> str:
    """Return the sentence, or why there is none."""
    told = result.told
    if told is None:
        return result.why
    beside = ""
    if told.controls is not None and told.difference is not None:
        beside = f", while {describe_controls(controls)} {describe_theirs(told.controls, result.ratio)}"
    amount = find_amount(told, told.change, result.ratio)
    moved, ends = describe_moved(told.change, amount), describe_range(told.change, amount)
    if result.outcome is Outcome.NO_CHANGE:
        return f"No clear change: it {moved} ({ends}, allowing for chance){beside}. {describe_as_large(told)}"
    sentence = f"{upper_first(moved)} ({ends}, allowing for chance){beside}."
    return f"{sentence} {describe_difference(told, result.ratio)}{NOT_BECAUSE}"


def describe_difference(told: BeforeAfter, ratio: Ratio | None) -> str:
    """Say what is left of the change after taking out that of the comparison areas; empty without them."""
    if told.difference is None:
        return ""
    left = describe_move(told.difference, find_amount(told, told.difference, ratio))
    return f"Without their change, that leaves {left}. "


def describe_as_large(told: BeforeAfter) -> str:
    """ "3 of 60 other months had a change that large."."""
    number = told.as_large or "None"
    what = "difference" if told.difference is not None else "change"
    return f"{number} of {told.other_dates} other months had a {what} that large."


def describe_shortly(result: Result) -> str:
    """For a list: "Fell by 24 % (between 12 % and 35 %)"."""
    told = result.told
    if told is None or result.outcome is Outcome.NO_CHANGE:
        return result.outcome.label
    amount = find_amount(told, told.told, result.ratio)
    less = "" if told.difference is None else " against comparison areas"
    return f"{upper_first(describe_moved(told.told, amount))}{less} ({describe_range(told.told, amount)})"


def describe_came(came: Came, result: Result, ready: Month) -> str:
    """Compare the result with what somebody expected: "As expected: a fall of 24 % (between 12 % and
    35 %)". `ready` is the month that must be published first."""
    if came is Came.TOO_EARLY:
        return f"{came.label}: look again once {ready.label} is published"
    told = result.told
    if told is None:
        return came.label
    in_points = result.ratio is not None and RATIO_KINDS[result.ratio.kind].points
    move = describe_move(told.told, PER_CENT_OF_SHARE if in_points else PER_CENT)
    less = "" if told.difference is None else " against comparison areas"
    return f"{came.label}: {move}{less}{' may be chance' if came is Came.NOT_TOLD else ''}"


def describe_model(told: BeforeAfter, ratio: Ratio | None = None) -> str:
    """Describe the model for an analyst."""
    explained = {
        Season.NONE: "a level before and a level after",
        Season.TWO_WAVES: "a level, two waves of the year and a step at the event",
    }[told.model.season]
    trend = ", and a straight trend" if told.model.trend else ""
    what = "expected to have, for each one that it is out of," if ratio else "expected to have"
    return (
        f"The log of what a month is {what} is {explained}{trend}. Chance is quasi-Poisson’s. The range is as wide as "
        f"the series’ own ups and downs at {told.other_dates} other months make it."
    )
