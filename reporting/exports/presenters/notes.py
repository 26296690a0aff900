"""What does a reader of a file of figures have to know? The notes that travel with it."""

from collections.abc import Iterable, Sequence

from core.labels import Labelled
from core.workbook import NoteSection
from indicators.disclosure import Audience
from indicators.judgement.promises import promises
from indicators.judgement.tokens import Judgement, Signal, Tier
from indicators.kpis.state import KpiState
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
    "value": "The count, or a ratio before it is rounded. 0 means none; empty where there is no figure.",
    "state": "Whether there is a figure, and if not, why.",
    "note": "What its agency says of the figure.",
    "previous": "The count of the month before.",
    "change": "How many more, or fewer, than in the month before.",
    "movement": "What the number did against the month before. It never says whether that is good.",
    "no_arrow_reason": "Why there is no movement.",
    "polarity": "Which way is good, as it was written down beforehand with a reason.",
    "usual": "What is usual for the month, by the months before it.",
    "lower": "Where the usual range of the month begins.",
    "upper": "Where it ends.",
    "signal": "Whether figures are higher or lower than chance would often make them. Empty where nothing is judged.",
    "tier": "How far off: worth watching, or so far that it stands out. Empty without a signal.",
    "judgement": "What stands out, by which way is good.",
    "window": "How many months together show it: 1, 3, 6 or 12, up to this one.",
    "level": "What a month has had at the present level, its season taken out.",
    "level_since": "The first month of the present level.",
    "ratio": "Whether it is a share, a rate or an average; empty for a count.",
    "per": "What a ratio is shown by: 100 for a share in per cent, 10,000 for a rate of so many.",
    "numerator": "The count that a ratio’s cases come to.",
    "denominator": "What they are out of.",
    "range_lower": "Where the 95% range of a share (Wilson’s) or of a rate (Byar’s, exact below 10) begins.",
    "range_upper": "Where it ends.",
    "target": "What a month, or a share or rate, is to come to by the KPI on it: the newest, where it has several.",
    "target_month": "By when.",
    "kpi_state": "How that KPI stands: by the last 12 months with their range, never by this month alone.",
    "symbol": "What stands beside the value, or in its place.",
    "symbol_meaning": "The symbol in words.",
    "rounded_to": "The number to whose multiples the value is rounded; empty where it is exact.",
    "definition_from": (
        "The first day from which it is counted, and recorded, in this way. Nothing compares across two of them."
    ),
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
    "signal": [(each, lower_first(each.label)) for each in Signal],
    "tier": [(each, lower_first(each.label)) for each in Tier],
    "judgement": [(each, lower_first(each.label)) for each in Judgement],
    "kpi_state": [(each, lower_first(each.label)) for each in KpiState],
}
READING = (
    ("Movement", "It stands only between two months next to each other, each with a figure, counted in one way."),
    (
        "Signal",
        "Without one, a change means little. Even where nothing changes at all, "
        f"{promises().by_chance.any:g} of 1,000 months have one by chance, and {promises().by_chance.stands_out:g} "
        "stand out: it is a reason to ask, not an answer.",
    ),
    ("Judgement", "“Better” and “worse” are said of what stands out alone, with a reason given beforehand."),
    (
        "Older months",
        "Months that were published until November 2026 were judged by limits from the first 24 figures. They say "
        "what they said, in the words of today: every signal of theirs stands out, and none has a window or a level.",
    ),
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


def kpis_section(kpis: Iterable[tuple[str, str, str, str]]) -> NoteSection:
    """Every KPI of the month: the code of its indicator, its reference, its title, and how it stands."""
    return NoteSection(
        "KPIs", [(f"{reference} {title}", f"On {code}. {said}") for code, reference, title, said in kpis]
    )


def sources(lines: Iterable[LineView]) -> NoteSection:
    """Each indicator: what it asks, where it is from, and which way is good."""
    entries = [
        (line.title, f"{line.question} Supplied by {line.owner}. {line.polarity.label}: {line.polarity_reason}")
        for line in lines
        if not line.category_code
    ]
    return NoteSection("Indicators and their sources", entries)
