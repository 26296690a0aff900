"""Sentences about a line, and how sure it is: the wording of docs/judgement.md.

`verdict` is the one place in which a series is judged in words. Pages, packs and what is compared at an event repeat it
word for word, so that no two of them disagree; the first screen has its numbers in a line.
"""

from collections.abc import Collection, Iterable, Sequence

from core.calendar import Month
from indicators.charts import Window
from indicators.judgement.judge import LEAST_FIGURES, NO_RANGE, OLDER_METHODS, Counted, Judgement, Method, Signal, Tier
from indicators.ratios import RATIO_KINDS, TENTHS, Ratio, RatioKind, show_change
from indicators.trend import CellState, Movement, Polarity
from indicators.year_on_year import YEAR
from reporting.models.line_fields import Line
from reporting.months.presenters import older_rules
from reporting.months.presenters.two_years import FALLING, RISING, compare_line, describe_obstacle, describe_trend
from reporting.months.presenters.words import (
    describe_polarity_reason,
    describe_revised,
    describe_unread,
    listed,
    lower_first,
    number,
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
WINDOWS = {3: "the last three months", 6: "the last six months", 12: "the last 12 months", 24: "the last two years"}
NO_MORE = "differs from the year before by no more than chance"
NO_MORE_THAN_CHANCE = f"the year as a whole {NO_MORE}"
WHOLE_FROM = 9.95  # an expected level or sum is given in whole numbers from here on


def show_expected(line: Line, value: float) -> str:
    """ "13", "2.5"; of a ratio "61.0%"."""
    if line.ratio:
        return line.show(value)
    # Below WHOLE_FROM, one decimal can't round to 10.0.
    return f"{value:,.0f}" if value >= WHOLE_FROM else f"{value:.1f}".removesuffix(".0")


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


def verdict(line: Line, month: Month) -> str:
    """Return the judgement with its basis, without the last full stop: "Better: 81 from May to October, where about
    125 is usual; 13 of them in October. The year as a whole is lower than the year before". Without a figure, return
    what would have been usual."""
    # First, because tokens of the older rules are none of today's.
    if is_older(line):
        return older_rules.verdict(line) if line.value is not None else ""
    if line.value is None:
        usual = f"{describe_range(line)} is usual" if line.lower is not None and line.upper is not None else ""
        return ": ".join(filter(None, ["No figure this month", usual])) if line.method == Method.JUDGED else ""
    if line.counts_as == Counted.DEATHS and line.method != Method.WITHHELD:
        return tell_deaths(line, month)
    return ". ".join(filter(None, [judge_month(line, month), *level_sentences(line), judge_year(line)]))


def short_verdict(line: Line, verdict: str, month: Month) -> str:
    """Return the verdict in a line, for the first screen: "Higher: 87 in three months, usually about 54"."""
    if is_older(line) or line.counts_as == Counted.DEATHS:
        return verdict
    window = WINDOWS.get(line.window_months or 0, "").removeprefix("the last ")
    if not window or line.signal == Signal.NONE or tell_as_trend(line):
        return judge_month(line, month)
    counted, due = line.show(line.window_sum or 0), show_expected(line, line.window_due or 0)
    return f"{judgement_label(line)}: {counted} in {window}, usually about {due}"


def tell_deaths(line: Line, month: Month) -> str:
    """ "Worse: one person killed in October; none in the 35 months before". No range and no chance: each is told."""
    earlier = [value for value in line.history[line.steps[-1]["at"] if line.steps else 0 : -1] if value is not None]
    said = f"{count_deaths(line.value or 0, line)} in {month.name}"
    if earlier:
        months = "month" if len(earlier) == 1 else f"{number(len(earlier))} months"
        before = sum(earlier)
        # The first number names who died.
        said += f"; {number(before) if before and line.value else count_deaths(before, line)} in the {months} before"
    return f"{judgement_label(line)}: {said}" if line.tier == Tier.STANDS_OUT else upper_first(said)


def count_deaths(deaths: int, line: Line) -> str:
    return f"{number(deaths)} {line.unit_one if deaths == 1 else line.unit_many}" if deaths else "none"


def judge_month(line: Line, month: Month) -> str:
    match Method(line.method):
        case Method.TOO_EARLY:
            return describe_too_early(line)
        case Method.WITHHELD:
            return f"We cannot say what is usual: {describe_unread(line)}"
        case Method.AVERAGE:
            return describe_no_chance(line)
        case Method.CENSUS:
            return f"{Method.CENSUS.label}, so chance plays no part"
        case _ if line.signal == Signal.NONE:
            return f"{judgement_label(line)} of {describe_range(line)}"
        case _ if trend := tell_as_trend(line):
            return f"{judgement_label(line)}: {lower_first(trend)}"
        case _:
            return f"{judgement_label(line)}: {describe_signal(line, month)}"


def tell_as_trend(line: Line) -> str:
    """Return the trend that makes a year or two stand out: what goes on isn't told as if it were new. Empty if the
    months alone stand out, or on the other side."""
    if (line.window_months or 0) < YEAR or line.signal == Signal.NONE:
        return ""
    trend = describe_trend(line)
    return trend if trend.startswith(RISING if line.signal == Signal.HIGH else FALLING) else ""


def judge_year(line: Line) -> str:
    """Tell the trend of three years, or else compare the year as a whole with the year before. Empty if chance can't be
    told from a change, and where neither the month nor the year is more than chance: the usual range says that. Empty
    for a category, too: no page of a month reads its history, so its verdict would be another one there.
    """
    if line.category_code or is_older(line) or line.counts_as == Counted.DEATHS or describe_obstacle(line):
        return ""
    if trend := describe_trend(line):
        return "" if tell_as_trend(line) else trend
    two_years = compare_line(line)
    if two_years.is_more_than_chance is None or not two_years.change:
        return ""
    if not two_years.is_more_than_chance and line.signal == Signal.NONE:
        return ""
    whole = "The year as a whole" if two_years.alike.is_whole else "The part of the year that we can compare"
    if not two_years.is_more_than_chance:
        return f"{whole} {NO_MORE}"
    return f"{whole} is {'higher' if two_years.change > 0 else 'lower'} than the year before"


def leave_out_no_more(verdict: str) -> str:
    """Return a verdict without the sentence that its year is no more than chance. Beside a change that is claimed of
    other months, it would be heard of that."""
    rest, _, last = verdict.rpartition(". ")
    return rest if last.endswith(NO_MORE) else verdict


def describe_no_chance(line: Line) -> str:
    return f"{Method.AVERAGE.label}: {RatioKind(line.ratio).named} doesn’t show how much its cases vary"


def signal_on_tile(line: Line, judgement: str, signal: str) -> str:
    """Return the same for the width of a tile, from today's tokens: "Last three months: higher than usual"; "Better:
    last six months lower than usual"."""
    side = f"{'higher' if signal == Signal.HIGH else 'lower'} than usual"
    window = WINDOWS.get(line.window_months or 0, "").removeprefix("the ")
    if judgement in (Judgement.HIGH, Judgement.LOW):
        return upper_first(f"{window}: {side}" if window else side)
    return f"{Judgement(judgement).label}: {window} {side}" if window else f"{Judgement(judgement).label}: {side}"


def describe_signal(line: Line, month: Month) -> str:
    """ "41 in October, usually 9 to 36"; "81 from May to October, where about 125 is usual; 13 of them in October". The
    month is named beside the sum, or one hears 81 of a single month.
    """
    value = line.show(line.value or 0)
    if line.window_months == 1 or line.window_months is None:
        return f"{value} in {month.name}, usually {describe_range(line)}"
    first = month + -(line.window_months - 1)
    counted, due = line.show(line.window_sum or 0), show_expected(line, line.window_due or 0)
    of_month = value if line.ratio else f"{value if line.value else 'none'} of them"
    span = f"{first.name} to {month.name}" if first.year == month.year else f"{first.label} to {month.label}"
    return f"{counted} from {span}, where about {due} is usual; {of_month} in {month.name}"


def describe_window(line: Line, window: Window) -> str:
    """ "Shaded: the last six months, where about 14 a month is usual"."""
    per_month = "" if line.ratio else " a month"
    return f"Shaded: {WINDOWS[window.months]}, where about {show_expected(line, window.usual)}{per_month} is usual"


def level_sentences(line: Line) -> list[str]:
    """Describe the line's level, if it isn't its first, or say that a signal returns to the one before."""
    if line.level_since is None or line.level_before is None or line.level is None:
        return []
    since = Month.of(line.level_since).label
    if line.is_back:
        return [f"Back at the level from before {since}"]
    name = f" ({line.level_name})" if line.level_name else ""
    level, before = show_expected(line, line.level), show_expected(line, line.level_before)
    per_month = "" if line.ratio or Counted(line.counts_as).is_on_a_day else " a month"
    way = "up" if line.level > line.level_before else "down"
    return [f"About {level}{per_month} since {since}{name}, {way} from about {before}"]


def describe_new_level(line: Line) -> str:
    """ "A new level: about 3.9 a month since July 2025, down from about 9.8"; or that it is back at the one before."""
    for sentence in level_sentences(line):
        return sentence if line.is_back else f"A new level: {lower_first(sentence)}"
    return ""


def describe_level(line: Line) -> str:
    """Return the same with the reason, if somebody gave one; empty while the line is at its first level."""
    return ". ".join(filter(None, [*level_sentences(line), line.level_reason.rstrip(".")]))


def describe_too_early(line: Line) -> str:
    figures = f"{line.figures} {'figure' if line.figures == 1 else 'figures'}"
    return f"{Method.TOO_EARLY.label}: {figures}; we need {LEAST_FIGURES} earlier ones"


def describe_judged(line: Line, verdict: str, *, has_arrow: bool) -> list[str]:
    """Return the sentences of the judgement that follow the figure; none if nothing is judged."""
    if is_older(line):
        return [older_rules.judged_clause(line, has_arrow=has_arrow)]
    if line.method in NO_RANGE:
        return []
    if line.judgement not in (Judgement.HIGH, Judgement.LOW):
        return [verdict]
    why = describe_polarity_reason(line)
    return [verdict, f"{Polarity.NEUTRAL.label}: {why}" if why else Polarity.NEUTRAL.label]


def sentence(
    line: Line, *, words: str, text: str, verdict: str, flows: Iterable[str] = (), is_judged: bool = True
) -> str:
    """Return a line as short sentences, without the last full stop. `words` is its movement, `flows` what came and
    went, and `text` its figure or what replaces that. The judgement is left out if it appears beside them.
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
    if came_and_went := ", ".join(flows):
        words, counted = (f"{words}: {came_and_went}", counted) if has_arrow else (words, f"{counted}: {came_and_went}")
    sentences = [f"{counted}, {lower_first(words)}"] if has_arrow else [counted, words]
    if is_judged and line.counts_as == Counted.DEATHS:
        sentences = [f"{subject}{verdict}"]
    elif is_judged:
        sentences += describe_judged(line, verdict, has_arrow=has_arrow)
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


def name_flows(flows: Iterable[Line]) -> list[Line]:
    """Return what a stock's tile names of its flows: what came, then what went."""
    return sorted((flow for flow in flows if flow.flow_word), key=lambda flow: not flow.is_coming)


def describe_flows(line: Line, flows: Collection[Line]) -> tuple[str, ...]:
    """Say what came to a stock and what went: "7 found", "2 closed". Nothing unless the whole and each are known. A
    public edition says only how a figure moved."""
    named = name_flows(flows)
    if line.category_code or line.protected_by or any(one.value is None for one in (line, *named)):
        return ()
    return tuple(f"{flow.value:,} {flow.flow_word}" for flow in named)


TWO = 2  # parts of a count, which say something of the rest only together


def describe_uncovered(line: Line, parts: Collection[Line]) -> str:
    """ "Children from inside the town (3) and children from other places (3) don’t cover all 13: the other 7 are in
    neither, or we don’t know". Empty unless two parts or more are known and leave some. A single part says nothing of
    the rest, and a public edition protects it."""
    values = [part.value for part in parts if part.value is not None]
    if line.category_code or line.protected_by or line.value is None or len(parts) < TWO or len(values) < len(parts):
        return ""
    left = line.value - sum(values)
    if left <= 0:
        return ""
    named = listed([f"{part.title} ({part.show(part.value or 0)})" for part in parts])
    other = f"{left:,} are" if left > 1 else "one is"
    among = "neither" if len(parts) == TWO else "none of them"
    return f"{named} don’t cover all {line.show(line.value)}: the other {other} in {among}, or we don’t know"


MOST_NAMED = 2  # categories that a sentence names


def describe_leaning(line: Line, categories: Collection[Line]) -> str:
    """ "Six of its 8 parts are lower, most of all London (12, usually about 24)", for a whole that stands out:
    categories too small to stand out by themselves may all move together.

    A category's share of what is usual is that of the months before, since the definition, the recording or the level
    last changed. Empty unless these are enough and each category has a figure in all; and for the public, who may not
    see all categories.
    """
    months = line.window_months or 1
    usual = line.usual if months == 1 else line.window_due
    if line.protected_by or line.tier != Tier.STANDS_OUT or not usual or len(categories) < TWO:
        return ""
    begin, end = _find_level_begin(line), len(line.history) - months
    before = [_add_up(part.history[begin:end]) for part in categories]
    counted = [_add_up(part.history[end:]) for part in categories]
    if end - begin < LEAST_FIGURES or not any(before) or None in {*before, *counted}:
        return ""
    all_before = sum(one or 0 for one in before)
    told = [
        (usual * (of_part or 0) / all_before, now or 0, part.category_name)
        for part, of_part, now in zip(categories, before, counted, strict=True)
    ]
    way = 1 if line.signal == Signal.HIGH else -1
    leaning = sorted((one for one in told if (one[1] - one[0]) * way > 0), key=lambda one: (one[0] - one[1]) * way)
    if not leaning:
        return ""
    named = [f"{name} ({now:,}, usually about {show_expected(line, due)})" for due, now, name in leaning[:MOST_NAMED]]
    if len(leaning) == len(told):
        which = "Both its" if len(told) == TWO else f"All {len(told)}"
    else:
        which = f"{upper_first(number(len(leaning)))} of its {len(told)}"
    are, most = "is" if len(leaning) == 1 else "are", ":" if len(leaning) <= MOST_NAMED else ", most of all"
    return f"{which} parts {are} {'higher' if way > 0 else 'lower'}{most} {listed(named, are_proper=True)}"


def _find_level_begin(line: Line) -> int:
    """Return the place in the history at which the present level, recording and definition begin."""
    if not line.steps:
        return 0
    newest = line.steps[-1]
    places: list[int] = [newest["at"], *(level["at"] for level in newest.get("levels", ()))]
    return max(places)


def _add_up(figures: Sequence[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if len(known) == len(figures) else None


def describe_corrected(flows: Collection[Line]) -> str:
    """Say how much else came or went: "1 fewer by correction"; empty if nothing did, or if it isn't known."""
    corrected = sum_flows((flow, flow.value) for flow in flows if not flow.flow_word)
    return f"{abs(corrected):,} {'more' if corrected > 0 else 'fewer'} by correction" if corrected else ""


def sum_flows(flows: Iterable[tuple[Line, int | None]]) -> int | None:
    """Return what these add to a stock; None if one isn't known."""
    total = 0
    for flow, value in flows:
        if value is None:
            return None
        total += value if flow.is_coming else -value
    return total


def describe_unit(line: Line) -> str:
    """Return the unit of a chart: "arrests a month", "lines", "per cent of housing workers", "days"."""
    if not line.ratio:
        return line.unit_many if Counted(line.counts_as).is_on_a_day else f"{line.unit_many} a month"
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
