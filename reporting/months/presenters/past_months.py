"""What a line says about each month that it shows, by today's rules or those it was published under."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.calendar import Month
from core.labels import Labelled
from indicators.charts import Window
from indicators.judgement.judge import NO_RANGE, Counted, Judgement, Method, Signal, Tier, judged, usual_range
from indicators.ratios import show_number
from indicators.trend import Polarity
from reporting.charts.control_chart import Start, Usual
from reporting.models.line_fields import Line
from reporting.months.presenters import older_rules
from reporting.months.presenters.sentences import LOOKS, WATCHED, WINDOWS
from reporting.months.presenters.sentences import look as find_look

# What the table says about a month that isn't judged, by the method of its part of the series.
UNJUDGED = {
    Method.TOO_EARLY: Method.TOO_EARLY.label,
    Method.JUDGED: Method.TOO_EARLY.label,
    Method.RARE: older_rules.TOO_RARE,
    Method.AVERAGE: Method.AVERAGE.label,
    Method.CENSUS: "",  # said once, of the newest month
    Method.WITHHELD: "",  # in a public edition: one of its months isn't shown, so none is judged
}


@dataclass(frozen=True, slots=True)
class PastMonth:
    """What a month with a figure says. `signal`, `tier` and `judgement` are tokens, empty if nothing is judged. `look`
    is the CSS class of a signal's mark, empty without one. `shows` is text.
    """

    usual: Usual | None = None
    signal: str = ""
    tier: str = ""
    judgement: str = ""
    window: int | None = None
    look: str = ""
    shows: str = ""
    ratio: str = ""  # the kind of a ratio, whose numbers are in tenths

    @property
    def usual_text(self) -> str:
        if self.usual is None or self.usual.lower is None or self.usual.upper is None:
            return ""
        if self.ratio:
            return f"{show_number(self.usual.lower, self.ratio)} to {show_number(self.usual.upper, self.ratio)}"
        return usual_range(self.usual.lower, self.usual.upper)


def past_months(line: Line, polarity: Polarity) -> Iterator[PastMonth]:
    """Yield an entry for each month of the line's history."""
    for step, end in steps_with_ends(line):
        # A published line keeps its shape. Only the older rules wrote a “mean”.
        read = by_older_rules if "mean" in step else by_rules_of_today
        for place in range(step["at"], end):
            if line.method in NO_RANGE:
                yield PastMonth(shows=UNJUDGED[Method(line.method)], ratio=line.ratio)
                continue
            said = read(step, place, polarity)
            if line.counts_as == Counted.DEATHS:
                shows = said.shows.partition(":")[0] if said.tier == Tier.STANDS_OUT else ""
                said = replace(said, usual=None, shows=shows)
            yield replace(said, ratio=line.ratio, shows=for_ratio(said.shows)) if line.ratio else said


def for_ratio(shows: str) -> str:
    """Return the words for a ratio: a share is higher or lower than usual, not more or fewer."""
    return shows.replace(": more than", ": higher than").replace(": fewer than", ": lower than")


def by_rules_of_today(step: Mapping[str, Any], place: int, polarity: Polarity) -> PastMonth:
    at = place - step["at"]
    middle = step["usual"][at] if "usual" in step else None
    if middle is None:
        method = Method(step["method"])
        early = Judgement.TOO_EARLY.value if method is not Method.WITHHELD else ""
        return PastMonth(judgement=early, shows=UNJUDGED[method])
    usual = Usual(step["lower"][at], middle, step["upper"][at])
    # Keys of JSON are text.
    stored = step["signals"].get(str(place))
    if stored is None:
        return PastMonth(usual, Signal.NONE.value, "", Judgement.USUAL.value, None, "", Judgement.USUAL.label)
    signal, tier, window = Signal(stored[0]), Tier(stored[1]), stored[2]
    judgement = judged(signal, tier, polarity)
    is_watch = tier is Tier.WATCH
    label = tier.label if is_watch else judgement.label
    compared = "more than usual" if signal is Signal.HIGH else "fewer than usual"
    over = f" over {WINDOWS[window]}" if window in WINDOWS else ""
    look = WATCHED if is_watch else LOOKS[judgement]
    return PastMonth(usual, signal.value, tier.value, judgement.value, window, look, f"{label}: {compared}{over}")


def by_older_rules(step: Mapping[str, Any], place: int, polarity: Polarity) -> PastMonth:
    method = Method(step["method"])
    if method is not Method.CHART:
        early = Judgement.TOO_EARLY.value if method is Method.TOO_EARLY else ""
        return PastMonth(judgement=early, shows=UNJUDGED[method])
    signal, judgement, words = older_rules.month_of_step(step, place, polarity)
    is_signal = signal != Signal.NONE
    return PastMonth(
        Usual(*older_rules.drawn(step)),
        signal,
        Tier.STANDS_OUT.value if is_signal else "",
        judgement,
        None,
        LOOKS[Judgement(judgement)] if is_signal else "",
        words,
    )


def usual_bands(line: Line) -> list[tuple[float, float] | None]:
    """Return the usual range of each month of the line's history; None if it isn't known, and for deaths."""
    if line.counts_as == Counted.DEATHS:
        return [None] * len(line.history)
    bands: list[tuple[float, float] | None] = []
    for step, end in steps_with_ends(line):
        months = end - step["at"]
        if "mean" in step:
            lower, _, upper = older_rules.drawn(step)
            bands += [None if lower is None or upper is None else (lower, upper)] * months
        elif "usual" in step:
            bands += [
                None if lower is None else (lower, upper)
                for lower, upper in zip(step["lower"], step["upper"], strict=True)
            ]
        else:
            bands += [None] * months
    return bands


def looks_of_signals(line: Line, polarity: Polarity) -> dict[int, str]:
    """Return the mark of each month that stands out, by its place in the history."""
    looks: dict[int, str] = {}
    for step, end in steps_with_ends(line):
        if "mean" in step:
            months = {place: by_older_rules(step, place, polarity) for place in range(step["at"], end)}
            looks |= {place: month.look for place, month in months.items() if month.look}
        else:
            for place, (signal, tier, *_) in step["signals"].items():
                if tier == Tier.STANDS_OUT:
                    looks[int(place)] = LOOKS[judged(Signal(signal), Tier(tier), polarity)]
    return looks


def find_window(line: Line) -> Window | None:
    """Return the months that made the newest one stand out, as its verdict names them; None if that is the month alone.
    Of deaths, the verdict names each. A window's ratio is that of its sums.
    """
    months, due = line.window_months, line.window_due
    if line.tier != Tier.STANDS_OUT or line.counts_as == Counted.DEATHS or months not in WINDOWS or due is None:
        return None
    figures = sum(value is not None for value in line.history[-months:])
    return Window(months, find_look(line), due if line.ratio else due / figures) if figures else None


def steps_with_ends(line: Line) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Yield each part of the history, and where it ends."""
    return zip(line.steps, [*(step["at"] for step in line.steps[1:]), len(line.history)], strict=True)


class Began(Labelled):
    """Where something new starts in a series."""

    DEFINITION = "definition", "New definition"
    RECORDING = "recording", "Recorded differently"
    LEVEL = "level", "New level"


def begun_in(line: Line) -> Iterator[tuple[int, Began, str]]:
    """Yield each start with its place among a line's months, and its name, if somebody gave one."""
    for step in line.steps:
        # A part at 0 started before the first month shown.
        if step["at"]:
            yield step["at"], Began.RECORDING if step.get("why") else Began.DEFINITION, ""
        for level in step.get("levels", ()):
            yield level["at"], Began.LEVEL, level.get("name") or ""


def starts_in(line: Line, first: Month) -> Iterator[Start]:
    """Yield the same as a chart draws it."""
    for place, what, name in begun_in(line):
        words = f"{name or what.label}, {(first + place).short_label}"
        yield Start(place, words, breaks=what is not Began.LEVEL)
