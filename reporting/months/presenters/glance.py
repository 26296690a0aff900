"""What does a reader see of a month at first glance? What stands out, alarms first, and the text of each tile."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from actions.presenters.doing import Underway
from indicators.judgement.tokens import Signal
from indicators.ratios import RATIO_KINDS
from indicators.signals import LEAST_FIGURES
from reporting.months.presenters.sentences import level_sentences, signal_on_tile, signal_sentence
from reporting.months.presenters.shapes import LineView, MonthView
from reporting.months.presenters.words import (
    describe_chance,
    describe_judged,
    describe_out,
    listed,
    lower_first,
    upper_first,
)

MOST = 6  # lines that stand out; the others are on their tiles


@dataclass(frozen=True, slots=True)
class StandOut:
    """A line that stands out: its sentence, what is being done about it, and the note that came with its figure."""

    line: LineView
    sentence: str
    underway: Underway | None = None
    note: str = ""
    ask_url: str = ""  # where this reader asks about it; empty if they may not


@dataclass(frozen=True, slots=True)
class Glance:
    """`title` says how many figures stand out of how many, `judged` which those are, and `chance` what chance alone
    would do. `stand_outs` has six at most, and `others` counts the rest. `besides` names what is worth
    watching and what is at a new level.
    """

    title: str
    judged: str
    chance: str
    stand_outs: tuple[StandOut, ...]
    others: int
    besides: str


def make_glance(view: MonthView, underway: Mapping[str, Underway], *, ask_url: str = "") -> Glance:
    """`underway` is by the indicator's code. `ask_url` is where somebody asks about the month; the code is added to
    it.
    """
    changed = sorted(view.changed, key=lambda line: not line.is_alarm)  # each kind stays in the order of the page
    return Glance(
        describe_found(view),
        describe_judged(view),
        describe_chance(view) if view.read else f"We need {LEAST_FIGURES} earlier figures to say what is usual.",
        tuple(
            StandOut(
                line,
                signal_sentence(line.kept, line.verdict),
                underway.get(line.code),
                line.note.rstrip("."),
                f"{ask_url}&indicator={line.code}" if ask_url else "",
            )
            for line in changed[:MOST]
        ),
        max(0, len(changed) - MOST),
        " ".join(describe_besides(view)),
    )


def describe_found(view: MonthView) -> str:
    """ "What stands out: 2 of 25 figures"."""
    if not view.read:
        return "No figure for this month can be judged yet"
    if view.read == 1:
        return describe_out(view)
    if not view.changed:
        return f"Nothing stands out in {view.read:,} figures"
    return f"What stands out: {len(view.changed):,} of {view.read:,} figures"


def describe_besides(view: MonthView) -> Iterator[str]:
    if view.watched:
        yield f"Worth watching: {listed([describe_watched(line) for line in view.watched])}."
    for line in view.wholes:
        if not line.has_signal and (sentences := level_sentences(line.kept)):
            yield f"{line.name}: {lower_first(sentences[0])}."


def describe_watched(line: LineView) -> str:
    """ "NRM referrals (lower than usual)"."""
    return f"{line.short_label} ({'higher' if line.signal == Signal.HIGH else 'lower'} than usual)"


def describe_tile(line: LineView) -> Iterator[tuple[str, str]]:
    """Yield the texts under a tile's number, without full stops, each with its CSS class; none if the number and its
    arrow say it all.
    """
    if line.has_signal:
        yield line.look, signal_on_tile(line.kept, line.judgement, line.signal)
    if not line.is_figure:
        if line.note:
            yield "", line.note
    elif not line.has_arrow:
        yield "", line.words
    if line.is_provisional and line.is_figure:
        yield "", "Provisional: may still change"
    for words in line.besides:
        has_unit = line.ratio and RATIO_KINDS[line.ratio].names_unit and words == line.made_of
        yield "", f"{upper_first(line.unit)}: {words}" if has_unit else words
