"""Describes lines that were published under the rules until November 2026.

A published month keeps what it said, by limits from the first 24 figures of a definition (indicators.trend). Its
wording stays too. Marks, filters and columns of files, which it shares with newer months, use today's tokens. Each
older signal is high or low, and stood out. Each older judgement has one with the same meaning.
"""

from collections.abc import Mapping
from typing import Any

from indicators.judgement.judge import Judgement, Method, Signal, Tier, usual_range
from indicators.trend import HIGH_SIGNALS, JUDGED, LOW_SIGNALS, Polarity
from indicators.trend import Judgement as OldJudgement
from indicators.trend import Signal as OldSignal
from reporting.models.line_fields import Line
from reporting.months.presenters.words import describe_polarity_reason

SIGNALS = (
    {OldSignal.NONE: Signal.NONE} | dict.fromkeys(HIGH_SIGNALS, Signal.HIGH) | dict.fromkeys(LOW_SIGNALS, Signal.LOW)
)
JUDGEMENTS = {
    OldJudgement.IMPROVEMENT: Judgement.BETTER,
    OldJudgement.CONCERN: Judgement.WORSE,
    OldJudgement.HIGH: Judgement.HIGH,
    OldJudgement.LOW: Judgement.LOW,
    OldJudgement.COMMON_CAUSE: Judgement.USUAL,
}
ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
# The text of a signal: {range} is the usual range in figures, {mean} the average, {again} how many
# months in a row, if more than one.
SAID = {
    OldSignal.ABOVE_LIMIT: "above the usual range{again}",
    OldSignal.BELOW_LIMIT: "below the usual range{again}",
    OldSignal.RISING: "rising for seven months or more",
    OldSignal.FALLING: "falling for seven months or more",
    OldSignal.TWO_OF_THREE_HIGH: "near the top of the usual range of {range} in two of three months",
    OldSignal.TWO_OF_THREE_LOW: "near the bottom of the usual range of {range} in two of three months",
    OldSignal.RUN_ABOVE: "above the average of {mean} for seven months or more",
    OldSignal.RUN_BELOW: "below the average of {mean} for seven months or more",
    OldSignal.NONE: "within the usual range of {range}",
}
# Trends and runs count even if no limits can be drawn.
WITHOUT_LIMITS = (OldSignal.RISING, OldSignal.FALLING, OldSignal.RUN_ABOVE, OldSignal.RUN_BELOW)
LABELS = {OldJudgement.IMPROVEMENT: "Better", OldJudgement.CONCERN: "Worse"}
NO_JUDGEMENT = "No judgement"
TOO_RARE = "Too rare to judge"


# --- In the tokens of today ----------------------------------------------------------------------------------


def signal_and_tier(signal: str) -> tuple[str, str]:
    """Return an older signal as columns and filters have it."""
    new_signal = SIGNALS[OldSignal(signal)]
    return new_signal.value, "" if new_signal is Signal.NONE else Tier.STANDS_OUT.value


def judgement(token: str) -> str:
    new_judgement = JUDGEMENTS[OldJudgement(token)]
    return str(new_judgement.value)


def drawn(step: Mapping[str, Any]) -> tuple[float | None, float | None, float | None]:
    """Return the lower limit, the average and the upper limit of a part of a series, the same for each of its
    months.
    """
    return step["lower"], step["mean"], step["upper"]


def month_of_step(step: Mapping[str, Any], place: int, polarity: Polarity) -> tuple[str, str, str]:
    """Return a month's signal and judgement in today's tokens, and its text."""
    old = OldSignal(step["signals"].get(str(place), OldSignal.NONE))  # a step has only signals that say something
    judged = JUDGED[polarity][old]
    if old is OldSignal.NONE:
        words = judged.label if step["lower"] is not None else NO_JUDGEMENT
    else:
        words = f"{LABELS.get(judged, NO_JUDGEMENT)}: {old.label}"
    return SIGNALS[old].value, JUDGEMENTS[judged].value, words


# --- In the words of then ------------------------------------------------------------------------------------


def describe_signal(line: Line) -> str:
    """Say what the chart showed for the month; empty without a chart, or without limits on it."""
    if not line.signal:
        return ""
    signal = OldSignal(line.signal)
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


def verdict(line: Line) -> str:
    """ "Worse: above the usual range for the second month running"."""
    if line.method == Method.RARE:
        return f"{TOO_RARE}: {describe_rare(line)}" if describe_rare(line) else TOO_RARE
    said = describe_signal(line)
    if line.signal == OldSignal.NONE:
        return said[:1].upper() + said[1:] if said else NO_JUDGEMENT
    label = LABELS.get(OldJudgement(line.judgement), NO_JUDGEMENT) if line.judgement else NO_JUDGEMENT
    return f"{label}: {said}"


def describe_rare(line: Line) -> str:
    """ "9 in the last 12 months, the last one 3 months ago"; unknown parts are left out."""
    words = [] if line.in_a_year is None else [f"{line.in_a_year:,} in the last 12 months"]
    if line.months_since:
        words.append(f"the last one {line.months_since} {'month' if line.months_since == 1 else 'months'} ago")
    return ", ".join(words)


def judged_clause(line: Line, *, has_arrow: bool) -> str:
    """Return the judgement for its sentence, after the semicolon; empty for none."""
    if line.method == Method.RARE:
        return describe_rare(line) if has_arrow else ""
    said = describe_signal(line)
    if line.polarity == Polarity.NEUTRAL and (line.signal != OldSignal.NONE or not said):
        return f"no judgement: {describe_polarity_reason(line)}"
    return said or "no usual range: the figures have hardly varied"
