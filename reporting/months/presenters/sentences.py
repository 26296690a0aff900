"""Sentences about a line, and how sure it is: the wording of docs/judgement.md."""

from core.calendar import Month
from indicators.judgement.judge import LEAST_FIGURES, OLDER_METHODS, Judgement, Method, Signal, Tier
from indicators.ratios import RATIO_KINDS, TENTHS, Ratio, RatioKind, show_change
from indicators.trend import CellState, Movement, Polarity
from reporting.models.line_fields import Line
from reporting.months.presenters import older_rules
from reporting.months.presenters.words import (
    describe_polarity_reason,
    describe_revised,
    lower_first,
    rounded_to,
    upper_first,
)

# The CSS class of a judgement's tag.
LOOKS = {
    Judgement.BETTER: "better",
    Judgement.WORSE: "worse",
    Judgement.HIGH: "unjudged",
    Judgement.LOW: "unjudged",
    Judgement.USUAL: "usual",
}
WATCHED = "watch"
WINDOWS = {3: "the last three months", 6: "the last six months", 12: "the last 12 months"}
WHOLE_FROM = 9.95  # an expected level or sum is given in whole numbers from here on


def show_expected(line: Line, value: float) -> str:
    """ "13", "2.5"; of a ratio "61.0%"."""
    if line.ratio:
        return line.show(value)
    # Below WHOLE_FROM, one decimal can't round to 10.0.
    return f"{value:,.0f}" if value >= WHOLE_FROM else f"{value:.1f}".removesuffix(".0")


def describe_usual(line: Line) -> str:
    """ "Usual for this month: 5 to 26"; empty if it isn't known."""
    return "" if line.lower is None or line.upper is None else f"Usual for this month: {describe_range(line)}"


def describe_range(line: Line) -> str:
    lower, upper = line.lower or 0, line.upper or 0
    return f"{line.show(round(lower))} to {line.show(round(upper))}"


def judgement_label(line: Line) -> str:
    """ "Better", "Watch", "Higher", "Within the usual range", "Too early to tell"."""
    if line.tier == Tier.WATCH:
        return Tier.WATCH.label
    return Judgement(line.judgement).label if line.judgement else Method(line.method).label


def look(line: Line) -> str:
    """Return the CSS class of the judgement's tag."""
    if line.value is None:
        return LOOKS[Judgement.USUAL]
    if line.tier == Tier.WATCH:
        return WATCHED
    if not line.judgement:
        return "unjudged"
    return LOOKS[Judgement(older_rules.judgement(line.judgement) if is_older(line) else line.judgement)]


def is_older(line: Line) -> bool:
    """Return whether it was published under the rules until November 2026."""
    return line.method in OLDER_METHODS


def verdict(line: Line) -> str:
    """Return the judgement with its basis, without the last full stop: "Better: 81 in the last six months, usually
    about 125". Without a figure, return what would have been usual."""
    # First, because tokens of the older rules are none of today's.
    if is_older(line):
        return older_rules.verdict(line) if line.value is not None else ""
    match Method(line.method):
        case Method.TOO_EARLY:
            return describe_too_early(line) if line.value is not None else ""
        case Method.WITHHELD:
            return f"We cannot say what is usual: {describe_unread(line)}" if line.value is not None else ""
        case Method.AVERAGE:
            return describe_no_chance(line) if line.value is not None else ""
        case _:
            return ". ".join(filter(None, judged_sentences(line)))


def describe_no_chance(line: Line) -> str:
    return f"{Method.AVERAGE.label}: {RatioKind(line.ratio).named} doesn’t show how much its cases vary"


def short_verdict(line: Line, verdict: str) -> str:
    """Return the verdict for use beside the figure. A month within the usual range doesn't repeat the figure."""
    if line.signal != Signal.NONE or is_older(line) or line.value is None:
        return verdict
    return ". ".join([f"{judgement_label(line)} of {describe_range(line)}", *level_sentences(line)])


def signal_sentence(line: Line, verdict: str) -> str:
    """Say what stands out, in one sentence beside its figure, without its full stop: "Better: 48 in the last six
    months, usually about 83"; "Higher: 9 to 26 is usual for this month"."""
    if is_older(line):
        return verdict
    if line.window_months in WINDOWS:
        return f"{judgement_label(line)}: {describe_signal(line)}"
    return f"{judgement_label(line)}: {describe_range(line)} is usual for this month"


def signal_on_tile(line: Line, judgement: str, signal: str) -> str:
    """Return the same for the width of a tile, from today's tokens: "Last three months: higher than usual"; "Better:
    last six months lower than usual"."""
    side = f"{'higher' if signal == Signal.HIGH else 'lower'} than usual"
    window = WINDOWS.get(line.window_months or 0, "").removeprefix("the ")
    if judgement in (Judgement.HIGH, Judgement.LOW):
        return upper_first(f"{window}: {side}" if window else side)
    return f"{Judgement(judgement).label}: {window} {side}" if window else f"{Judgement(judgement).label}: {side}"


def judged_sentences(line: Line) -> list[str]:
    if line.value is None:
        return ["No figure this month", describe_usual(line)]
    if line.signal == Signal.NONE:
        sentences = [f"{judgement_label(line)}: {line.show(line.value)}", describe_usual(line)]
    else:
        sentences = [f"{judgement_label(line)}: {describe_signal(line)}"]
    return [*sentences, *level_sentences(line)]


def describe_signal(line: Line) -> str:
    """ "41 this month, usually 9 to 36"; "81 in the last six months, usually about 125"."""
    if line.window_months == 1 or line.window_months is None:
        return f"{line.show(line.value or 0)} this month, usually {describe_range(line)}"
    counted, due = line.show(line.window_sum or 0), show_expected(line, line.window_due or 0)
    return f"{counted} in {WINDOWS[line.window_months]}, usually about {due}"


def level_sentences(line: Line) -> list[str]:
    """Describe the line's level, if it isn't its first, or say that a signal returns to the one before."""
    if line.level_since is None or line.level_before is None or line.level is None:
        return []
    since = Month.of(line.level_since).label
    if line.is_back:
        return [f"Back at the level from before {since}"]
    name = f" ({line.level_name})" if line.level_name else ""
    level, before = show_expected(line, line.level), show_expected(line, line.level_before)
    per_month = "" if line.ratio else " a month"
    way = "up" if line.level > line.level_before else "down"
    return [f"About {level}{per_month} since {since}{name}, {way} from about {before}"]


def describe_level(line: Line) -> str:
    """Return the same with the reason, if somebody gave one; empty while the line is at its first level."""
    return ". ".join(filter(None, [*level_sentences(line), line.level_reason.rstrip(".")]))


def describe_too_early(line: Line) -> str:
    figures = f"{line.figures} {'figure' if line.figures == 1 else 'figures'}"
    return f"{Method.TOO_EARLY.label}: {figures}; we need {LEAST_FIGURES} earlier ones"


def describe_unread(line: Line) -> str:
    """Say why the public gets no usual range."""
    return "its figures are rounded" if rounded_to(line.protected_by) else "some of its months are not shown"


def describe_judged(line: Line, *, has_arrow: bool) -> list[str]:
    """Return the sentences of the judgement that follow the figure; none if nothing is judged."""
    if is_older(line):
        return [older_rules.judged_clause(line, has_arrow=has_arrow)]
    match Method(line.method):
        case Method.TOO_EARLY:
            return [describe_too_early(line)]
        case Method.WITHHELD:
            return [f"{Method.WITHHELD.label}: {describe_unread(line)}"]
        case Method.AVERAGE:
            return []
        case _:
            if line.signal == Signal.NONE:
                return [f"{judgement_label(line)} of {describe_range(line)}", *level_sentences(line)]
            said = [f"{judgement_label(line)}: {describe_signal(line)}"]
            if line.judgement in (Judgement.HIGH, Judgement.LOW):
                why = describe_polarity_reason(line)
                said.append(f"{Polarity.NEUTRAL.label}: {why}" if why else Polarity.NEUTRAL.label)
            return [*said, *level_sentences(line)]


def sentence(line: Line, *, words: str, text: str, is_judged: bool = True) -> str:
    """Return a line as short sentences, without the last full stop. `words` is its movement, and `text` its figure or
    what replaces that. The judgement is left out if it appears beside them.
    """
    subject = f"{line.category_name}: " if line.category_name else ""
    if line.value is None:
        state = CellState(line.state)
        instead = lower_first(text) if state.is_owed else state.label.lower()
        instead += f": {line.note}" if line.note else ""
        return f"{subject or line.title + ': '}{instead}"
    has_arrow = line.movement != Movement.NONE
    counted = f"{subject}{line.show(line.value)} {line.unit_one if line.value == 1 else line.unit_many}"
    if line.ratio:
        counted += f" ({describe_ratio_parts(line)})"
    sentences = [f"{counted}, {lower_first(words)}"] if has_arrow else [counted, words]
    if is_judged:
        sentences += describe_judged(line, has_arrow=has_arrow)
    if line.revised_state:
        sentences.append(describe_revised(line.revised_state, line.revised_value, "", line.ratio))
    if line.is_provisional:
        sentences.append("Provisional, so it may still change")
    return ". ".join(map(upper_first, filter(None, sentences)))


def describe_ratio_parts(line: Line) -> str:
    """Say what a ratio was worked out from: "54 out of 89", "54 out of 89 (the number in July 2026)", "12 among 184,000
    residents (population of 2024)"; empty for a count, and if a part isn't known.
    """
    if not line.ratio or line.numerator is None or line.denominator is None:
        return ""
    whole = f"{line.denominator:,}"
    if not line.denominator_code:
        year = f" (population of {line.of_when.year})" if line.of_when else ""
        return f"{line.numerator:,} among {whole} {line.denominator_title}{year}"
    when = f" (the number in {Month.of(line.of_when).label})" if line.of_when else ""
    return RATIO_KINDS[line.ratio].made_of.format(cases=f"{line.numerator:,}", whole=whole, when=when)


def describe_unit(line: Line) -> str:
    """Return the unit of a chart: "lines a month", "per cent of housing workers", "days"."""
    if not line.ratio:
        return f"{line.unit_many} a month"
    return RATIO_KINDS[line.ratio].unit.format(unit=line.unit_many)


def describe_chance_range(line: Line) -> str:
    """ "95% range 50.6% to 70.5%", for a share or rate; empty if there is none."""
    if not line.ratio or line.value is None or line.numerator is None or not line.denominator:
        return ""
    interval = Ratio(RatioKind(line.ratio), line.per).range(line.numerator, line.denominator)
    if interval is None or interval.lower is None or interval.upper is None:
        return ""
    return f"95% range {line.show(interval.lower * TENTHS)} to {line.show(interval.upper * TENTHS)}"


def describe_year(change: int | None, month: Month, ratio: str = "") -> str:
    """ "Up 4 on October 2025"; empty if the two can't be compared."""
    before = (month + -12).label
    if change is None:
        return ""
    if change == 0:
        return f"Level with {before}"
    return f"{'Up' if change > 0 else 'Down'} {show_change(change, ratio, shortly=True)} on {before}"
