"""What may be said of a line in one sentence, and how sure is it?"""

from core.months import Month
from indicators.signals import LEAST_FIGURES, Method, usual_range
from indicators.spc import Judgement, Signal
from indicators.trend import CellState, Movement, Polarity
from reporting.models.line_fields import Line
from reporting.months.presenters.words import describe_revised, lower_first, rounded_to

ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
# What a signal says; {range} is the usual range in figures, {mean} the average, {again} how many
# months in a row, where it is more than one.
SAID = {
    Signal.ABOVE_LIMIT: "above the usual range{again}",
    Signal.BELOW_LIMIT: "below the usual range{again}",
    Signal.RISING: "rising for seven months or more",
    Signal.FALLING: "falling for seven months or more",
    Signal.TWO_OF_THREE_HIGH: "near the top of the usual range of {range} in two of three months",
    Signal.TWO_OF_THREE_LOW: "near the bottom of the usual range of {range} in two of three months",
    Signal.RUN_ABOVE: "above the average of {mean} for seven months or more",
    Signal.RUN_BELOW: "below the average of {mean} for seven months or more",
    Signal.NONE: "within the usual range of {range}",
}
# Trends and runs count even where no limits can be drawn.
WITHOUT_LIMITS = (Signal.RISING, Signal.FALLING, Signal.RUN_ABOVE, Signal.RUN_BELOW)
# How a judgement looks: the class of its tag.
LOOKS = {
    Judgement.IMPROVEMENT: "better",
    Judgement.CONCERN: "worse",
    Judgement.HIGH: "unjudged",
    Judgement.LOW: "unjudged",
    Judgement.COMMON_CAUSE: "usual",
}
NO_JUDGEMENT = "No judgement"


def describe_signal(line: Line) -> str:
    """What the chart shows of the month; empty where there is no chart, or no limits on it."""
    if not line.signal:
        return ""
    signal = Signal(line.signal)
    if line.lower is None or line.upper is None or line.mean is None:
        return SAID[signal].format(again="", mean=describe_mean(line), range="") if signal in WITHOUT_LIMITS else ""
    reach = usual_range(line.lower, line.upper)
    return SAID[signal].format(range=reach, mean=describe_mean(line), again=again(line.running, reach))


def describe_mean(line: Line) -> str:
    return "" if line.mean is None else f"{line.mean:,.1f}".removesuffix(".0")


def again(running: int, reach: str) -> str:
    if running < 2:
        return f" of {reach}"
    if running - 2 < len(ORDINALS):
        return f" for the {ORDINALS[running - 2]} month running"
    return f" for {running} months running"


def judgement_label(line: Line) -> str:
    """Better, Worse, Within the usual range, No judgement, Too early to tell or Not judged; empty without a figure."""
    if line.value is None:
        return ""
    match Method(line.method):
        case Method.TOO_EARLY | Method.WITHHELD as method:
            return method.label
        case Method.RARE | Method.CHART:
            judgement = Judgement(line.judgement) if line.judgement else None
            return NO_JUDGEMENT if judgement in (None, Judgement.HIGH, Judgement.LOW) else judgement.label


def look(line: Line) -> str:
    """The class of the tag that shows the judgement; empty without a figure."""
    if line.value is None:
        return ""
    return LOOKS[Judgement(line.judgement)] if line.judgement else "unjudged"


def verdict(line: Line) -> str:
    """The judgement with what it rests on: "Worse: above the usual range for the second month running"."""
    label = judgement_label(line)
    if not label:
        return ""
    match Method(line.method):
        case Method.TOO_EARLY:
            return f"{label}: {line.figures} of the {LEAST_FIGURES} figures that it takes"
        case Method.WITHHELD:
            return f"{label}: {describe_unread(line)}"
        case Method.RARE:
            return f"Too rare to judge: {describe_rare(line)}" if describe_rare(line) else "Too rare to judge"
        case Method.CHART:
            said = describe_signal(line)
            if line.signal == Signal.NONE:
                return said[:1].upper() + said[1:] if said else NO_JUDGEMENT
            return f"{label}: {said}"


def describe_unread(line: Line) -> str:
    """Why the public is told nothing of what is usual."""
    return "its figures are rounded" if rounded_to(line.protected_by) else "some of its months are withheld"


def describe_rare(line: Line) -> str:
    """ "9 in the last 12 months, the last one 3 months ago"; what isn't known is left out."""
    words = [] if line.in_a_year is None else [f"{line.in_a_year:,} in the last 12 months"]
    if line.months_since:
        words.append(f"the last one {line.months_since} {'month' if line.months_since == 1 else 'months'} ago")
    return ", ".join(words)


def judged_clause(line: Line, *, has_arrow: bool) -> str:
    """What the sentence says of the judgement, after its semicolon; empty for nothing."""
    match Method(line.method):
        case Method.TOO_EARLY:
            return f"too early to tell: {line.figures} of the {LEAST_FIGURES} figures that it takes"
        case Method.WITHHELD:
            return f"not judged: {describe_unread(line)}"
        case Method.RARE:
            return describe_rare(line) if has_arrow else ""
        case Method.CHART:
            said = describe_signal(line)
            if line.polarity == Polarity.NEUTRAL and (line.signal != Signal.NONE or not said):
                return f"no judgement: {lower_first(line.polarity_reason).rstrip('.')}"
            return said or "no usual range: the figures have hardly varied"


def sentence(line: Line, *, words: str, text: str) -> str:
    """A line in one sentence, without its full stop. `words` is its movement in words, `text` what
    stands for its figure."""
    subject = f"{line.category_name}: " if line.category_name else ""
    if line.value is None:
        state = CellState(line.state)
        told = lower_first(text) if state.is_owed else state.label.lower()
        told += f": {line.note}" if line.note else ""
        return f"{subject or line.title + ': '}{told}"
    has_arrow = line.movement != Movement.NONE
    counted = f"{subject}{line.value:,} {line.unit_one if line.value == 1 else line.unit_many}"
    clauses = [f"{counted}, {lower_first(words)}"] if has_arrow else [counted, lower_first(words)]
    clauses.append(judged_clause(line, has_arrow=has_arrow))
    if line.revised_state:
        clauses.append(lower_first(describe_revised(line.revised_state, line.revised_value, "")))
    if line.is_provisional:
        clauses.append("provisional, so it may still change")
    return "; ".join(filter(None, clauses))


def describe_year(change: int | None, month: Month) -> str:
    """ "Up 4 on October 2025"; empty where the two can't be compared."""
    before = (month + -12).label
    if change is None:
        return ""
    if change == 0:
        return f"Level with {before}"
    return f"{'Up' if change > 0 else 'Down'} {abs(change):,} on {before}"
