"""How is a change told? Carefully: with its range, beside comparison areas, and never as a cause."""

from indicators.impact.claim import BeforeAfter, Change
from indicators.impact.regression import Season
from reporting.impact.results import Controls, Outcome, Result

NOT_BECAUSE = "After doesn’t mean because."
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def in_words(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def per_cent(fraction: float) -> str:
    """ "24", without a sign; a change that rounds to none is less than 1."""
    number = round(abs(fraction) * 100)
    return f"{number:,}" if number or not fraction else "less than 1"


def describe_range(change: Change) -> str:
    """ "12 to 35" of a fall or a rise; where it holds both, each end says which it is."""
    if change.lower < 0 < change.upper:
        return f"from a fall of {per_cent(change.lower)} % to a rise of {per_cent(change.upper)} %"
    ends = sorted((change.lower, change.upper), key=abs)
    return f"{per_cent(ends[0])} to {per_cent(ends[1])}"


def describe_moved(change: Change) -> str:
    """ "fell by 24 %"; "stayed the same"."""
    if not round(change.value * 100):
        return "stayed the same"
    return f"{'fell' if change.value < 0 else 'rose'} by {per_cent(change.value)} %"


def describe_controls(controls: Controls) -> str:
    """ "seven comparison areas"."""
    return f"{in_words(controls.number)} comparison area{'' if controls.number == 1 else 's'}"


def describe_result(result: Result, controls: Controls) -> str:
    """The sentence, or why there is none."""
    told = result.told
    if told is None:
        return result.why
    beside = ""
    if told.controls is not None and told.difference is not None:
        beside = f", while {describe_controls(controls)} {describe_moved(told.controls)}"
    if result.outcome is Outcome.NO_CHANGE:
        moved = describe_moved(told.change)
        return (
            f"No change that can be told: it {moved} (range {describe_range(told.change)}){beside}. "
            f"{describe_as_large(told)}"
        )
    moved = describe_moved(told.change)
    sentence = f"{moved[:1].upper()}{moved[1:]} (range {describe_range(told.change)}){beside}."
    return f"{sentence} {describe_difference(told)}{NOT_BECAUSE}"


def describe_difference(told: BeforeAfter) -> str:
    """What is left of the change when that of the comparison areas is taken out; empty without them."""
    if told.difference is None:
        return ""
    way = "fall" if told.difference.value < 0 else "rise"
    share = f"{per_cent(told.difference.value)} % (range {describe_range(told.difference)})"
    return f"Beside them a {way} of {share} is left. "


def describe_as_large(told: BeforeAfter) -> str:
    """ "As large a change turned up at 3 of 60 other months."."""
    number = told.as_large or "none"
    what = "difference" if told.difference is not None else "change"
    return f"As large a {what} turned up at {number} of {told.other_dates} other months."


def describe_shortly(result: Result) -> str:
    """For a list: "Fell by 24 % (12 to 35)"."""
    told = result.told
    if told is None or result.outcome is Outcome.NO_CHANGE:
        return result.outcome.label
    moved = describe_moved(told.told)
    less = "" if told.difference is None else " against comparison areas"
    return f"{moved[:1].upper()}{moved[1:]}{less} (range {describe_range(told.told)})"


def describe_model(told: BeforeAfter) -> str:
    """In one sentence."""
    explained = {
        Season.NONE: "a level before and a level after",
        Season.TWO_WAVES: "a level, two waves of the year and a step at the event",
    }[told.model.season]
    trend = ", and a straight trend" if told.model.trend else ""
    return (
        f"The log of what a month is expected to have is {explained}{trend}; chance is quasi-Poisson’s, and the range "
        f"is as wide as the series’ own ups and downs at {told.other_dates} other months make it."
    )
