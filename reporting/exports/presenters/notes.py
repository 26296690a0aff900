"""What does a reader of a file of figures have to know? The notes that travel with it."""

from collections.abc import Iterable, Sequence

from core.labels import Labelled
from core.workbook import NoteSection
from indicators.disclosure import Audience
from indicators.signals import FALSE_SIGNALS_IN_1000, Method
from indicators.spc import Judgement, Signal
from indicators.trend import CellState, Movement, NoArrowReason, Polarity
from reporting.months.presenters.shapes import KEY, LineView
from reporting.months.presenters.words import lower_first

COUNTS_ONLY = "Counts only, never a person’s details."
MEANINGS = {
    "month": "The month that is counted, year first.",
    "agency": "The code of the agency that supplies the figure now.",
    "area": "The area’s name.",
    "indicator": "The indicator’s code.",
    "title": "The indicator’s name.",
    "category": "The category’s code, where the indicator is split up; empty for the whole.",
    "category_name": "The category’s name.",
    "unit": "What is counted.",
    "value": "The count. 0 is a true nought; empty where there is no figure.",
    "state": "Whether there is a figure, and if not, why.",
    "note": "What its agency says of the figure.",
    "previous": "The count of the month before.",
    "change": "How many more, or fewer, than in the month before.",
    "movement": "What the number did against the month before. It never says whether that is good.",
    "no_arrow_reason": "Why there is no movement.",
    "polarity": "Which way is good, as it was written down beforehand with a reason.",
    "lower": "Where the usual range begins, by a control chart.",
    "upper": "Where the usual range ends.",
    "signal": "What a control chart tells from noise.",
    "judgement": "The signal, by which way is good.",
    "symbol": "What stands beside the value, or in its place.",
    "symbol_meaning": "The symbol in words.",
    "rounded_to": "The number to whose multiples the value is rounded; empty where it is exact.",
    "definition_from": "The first day of the definition that it is counted under. Nothing compares across two of them.",
}
# What partners are never told: they see true figures.
FOR_THE_PUBLIC = (
    *(state for state in CellState if state.shown.for_public),
    NoArrowReason.WITHHELD,
    NoArrowReason.PREVIOUS_WITHHELD,
    NoArrowReason.ROUNDED,
)
# The tokens of a column, by its name.
TOKENS: dict[str, Sequence[tuple[Labelled, str]]] = {
    "state": [(each, each.shown.in_files) for each in CellState],
    "movement": [(each, lower_first(each.label)) for each in Movement],
    "no_arrow_reason": [(each, each.label.replace("'", "’")) for each in NoArrowReason],
    "polarity": [(each, lower_first(each.label)) for each in Polarity],
    "signal": [(Method.TOO_EARLY, "fewer than twelve figures"), *((each, each.label) for each in Signal)],
    "judgement": [
        (Method.TOO_EARLY, "too early to tell"),
        *((each, lower_first(each.label)) for each in Judgement),
    ],
}
READING = (
    ("Movement", "It stands only between two months next to each other, each with a figure, under one definition."),
    (
        "Signal",
        "Without one, a change means little. Even where nothing changes at all, "
        f"{FALSE_SIGNALS_IN_1000} of 1,000 months have one by chance: it is a reason to ask, not an answer.",
    ),
    ("Judgement", "“Better” and “worse” need a signal, and a reason why that way is good, given beforehand."),
)


def about(*facts: tuple[str, str], audience: Audience) -> NoteSection:
    """What the file is."""
    told = [(term, words) for term, words in facts if words]
    return NoteSection("What this is", [*told, ("For", f"{audience.label}."), ("Holds", COUNTS_ONLY)])


def columns_section(columns: Iterable[str]) -> NoteSection:
    return NoteSection("Columns", [(name, MEANINGS[name]) for name in columns])


def reading_sections(columns: Sequence[str], *, audience: Audience) -> list[NoteSection]:
    """The words that columns use, and how to read them."""
    found = [
        NoteSection(
            f"What stands in “{name}”",
            [
                (token.value, f"{words[:1].upper()}{words[1:]}.")
                for token, words in TOKENS[name]
                if token not in FOR_THE_PUBLIC or audience is Audience.PUBLIC
            ],
        )
        for name in columns
        if name in TOKENS
    ]
    if "symbol" in columns:
        found.append(NoteSection("Symbols", list(KEY)))
    if "signal" in columns:
        found.append(NoteSection("How to read it", READING))
    return found


def remarks(provisional: Iterable[str], revised: Iterable[tuple[str, str]]) -> NoteSection:
    """What may still change, and what was another figure before."""
    entries = [(label, "Provisional: it may still change.") for label in provisional]
    entries += [(label, f"{words}.") for label, words in revised]
    return NoteSection("Provisional and revised figures", entries)


def sources(lines: Iterable[LineView]) -> NoteSection:
    """Each indicator: what it asks, where it is from, and which way is good."""
    entries = [
        (line.title, f"{line.question} Supplied by {line.owner}. {line.polarity.label}: {line.polarity_reason}")
        for line in lines
        if not line.category_code
    ]
    return NoteSection("Indicators and their sources", entries)
