"""What is seen of a month at first glance? What stands out, alarms before the rest, and what each tile has to say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from actions.presenters.doing import DoingView
from reporting.months.presenters.sentences import level_sentences, signal_on_tile, signal_sentence
from reporting.months.presenters.shapes import LineView, MonthView
from reporting.months.presenters.words import listed

MOST = 6  # that stand out; the others are on their tiles


@dataclass(frozen=True, slots=True)
class StandOut:
    """A line that stands out: what it says in one sentence, what is being done about it, and the note that came with
    its figure."""

    line: LineView
    sentence: str
    doing: tuple[DoingView, ...] = ()
    note: str = ""
    ask_url: str = ""  # where this reader asks about it; empty where they may not


@dataclass(frozen=True, slots=True)
class Glance:
    """`stand_outs` are six at most, and `others` how many more there are; `besides` are sentences about what is worth a
    watch and what is at a new level, for whom standing out would be too much."""

    stand_outs: tuple[StandOut, ...]
    others: int
    besides: tuple[str, ...]


def make_glance(view: MonthView, doing: Mapping[str, Sequence[DoingView]], *, ask_url: str = "") -> Glance:
    """`doing` is by the indicator's code; `ask_url` is where somebody asks about the month, once they add of what."""
    changed = sorted(view.changed, key=lambda line: not line.is_alarm)  # each kind stays in the order of the page
    return Glance(
        tuple(
            StandOut(
                line,
                signal_sentence(line.kept, line.verdict),
                tuple(doing.get(line.code, ())),
                line.note,
                f"{ask_url}&indicator={line.code}" if ask_url else "",
            )
            for line in changed[:MOST]
        ),
        max(0, len(changed) - MOST),
        tuple(describe_besides(view)),
    )


def describe_besides(view: MonthView) -> Iterator[str]:
    if view.watched:
        yield f"Worth a watch: {listed([line.short_label for line in view.watched])}."
    for line in view.wholes:
        if not line.has_signal and (sentences := level_sentences(line.kept)):
            yield f"{line.name}: {sentences[0][:1].lower()}{sentences[0][1:]}."


def tile_words(line: LineView) -> Iterator[tuple[str, str]]:
    """What a tile says under its number, each with the class of its look; nothing where the number and its arrow are
    all there is to say. Without full stops."""
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
        yield "", words
