"""The notes in a file of figures: what its reader has to know."""

from collections.abc import Iterable, Sequence

from core.files.sheets import NoteSection
from core.labels import Labelled
from indicators.disclosure import Audience
from indicators.judgement.judge import Judgement, Signal, Tier
from indicators.judgement.promises import promises
from indicators.kpis.aims import KpiState
from indicators.trend import CellState, Movement, NoArrowReason, Polarity
from reporting.months.presenters.shapes import KEY, LineView
from reporting.months.presenters.words import lower_first

COUNTS_ONLY = "Counts only, never a person’s details."
MEANINGS = {
    "month": "The month that is counted, year first.",
    "agency": "The code of the agency that supplies the figure now.",
    "area": "The area’s name.",
    "area_code": "The area’s code from the Office for National Statistics; empty if it has none.",
    "indicator": "The indicator’s code.",
    "title": "The indicator’s name.",
    "category": "The category’s code, where the indicator is split up; empty for the whole.",
    "category_name": "The category’s name.",
    "part_of": "The code of the indicator of which this one counts a part; empty for others.",
    "unit": "What is counted.",
    "value": "The count, or a ratio before it is rounded. 0 means none; empty where there is no figure.",
    "state": "Whether there is a figure, and if not, why.",
    "note": "The agency’s note on the figure.",
    "previous": "The count in the month before, or the ratio as rounded on pages.",
    "change": "The difference from the month before. For a ratio, the difference between the two rounded ratios.",
    "movement": "How the number changed from the month before. It never says whether the change is good.",
    "no_arrow_reason": "Why there is no movement.",
    "polarity": "Which way is better, as written down beforehand with a reason.",
    "usual": "What is usual for the month, worked out from the months before it.",
    "lower": "The bottom of the month’s usual range.",
    "upper": "The top of the month’s usual range.",
    "signal": "Whether figures are so far above or below usual that chance alone rarely explains this. Empty where "
    "nothing is judged.",
    "tier": "How strong the signal is: worth watching, or so strong that the figure stands out. Empty if there "
    "is no signal.",
    "judgement": "Whether a figure that stands out is better, worse, higher or lower.",
    "window": "How many months together show the signal: 1, 3, 6, 12 or 24, up to this one.",
    "level": "The figure for a month at the present level, without the effect of the season.",
    "level_since": "The first month of the present level.",
    "ratio": "Whether the indicator is a share, a rate or an average; empty for a count.",
    "per": "What a ratio is worked out per: 100 for a share in per cent, or a number such as 10,000 for a rate.",
    "numerator": "The number of cases in a ratio (its top number).",
    "denominator": "The number by which a ratio’s cases are divided (its bottom number).",
    "range_lower": "The bottom of the 95% range of a share (Wilson’s) or of a rate (Byar’s, exact below 10).",
    "range_upper": "The top of the same 95% range.",
    "target": "The monthly count, share or rate that the indicator’s KPI aims for. If it has several KPIs, the newest "
    "KPI’s aim.",
    "target_month": "The month by which the target should be reached.",
    "kpi_state": "How that KPI has done over the last 12 months, with the range for those months. It never depends on "
    "this month alone.",
    "symbol": "A symbol beside the value, or in its place.",
    "symbol_meaning": "What the symbol means.",
    "rounded_to": "The value is rounded to a multiple of this number. Empty if the value is exact.",
    "is_provisional": "Whether the figure may still change.",
    "version": "The number of the month’s version; for the public, of the edition that shows the figure.",
    "published_at": "When that was published, in UTC; for the public only the day. Where a figure was taken back or "
    "withdrawn, when that was done.",
    "definition_from": (
        "The first day on which the indicator was counted and recorded in this way. Values before and after that day "
        "can’t be compared."
    ),
}
# States that partners never see, because they see true figures.
FOR_THE_PUBLIC = (
    *(state for state in CellState if state.shown.for_public),
    NoArrowReason.WITHHELD,
    NoArrowReason.PREVIOUS_WITHHELD,
    NoArrowReason.ROUNDED,
)
# The tokens of a column, by its name.
TOKENS: dict[str, Sequence[tuple[Labelled, str]]] = {
    "state": [(state, state.shown.in_files) for state in CellState],
    "movement": [(movement, lower_first(movement.label)) for movement in Movement],
    "no_arrow_reason": [(reason, reason.label.replace("'", "’")) for reason in NoArrowReason],
    "polarity": [(polarity, lower_first(polarity.label)) for polarity in Polarity],
    "signal": [(signal, lower_first(signal.label)) for signal in Signal],
    "tier": [(tier, lower_first(tier.label)) for tier in Tier],
    "judgement": [(judgement, lower_first(judgement.label)) for judgement in Judgement],
    "kpi_state": [(state, lower_first(state.label)) for state in KpiState],
}
# What symbols mean in a file. A page has words for an awaited figure; a file has the symbol for "not available".
SYMBOLS_IN_FILES = dict(KEY)
SYMBOLS_IN_FILES[CellState.NOT_AVAILABLE.shown.symbol] += f", or {CellState.AWAITED.shown.in_files}"
READING = (
    (
        "Movement",
        "We show a movement only between two months in a row that both have a figure, counted in the same way.",
    ),
    (
        "Signal",
        "Without a signal, a change means little. Even if nothing changes at all, one figure is marked to watch "
        f"about once in {promises().by_chance.years_to_watch} years, and stands out about once in "
        f"{promises().by_chance.years_to_stand_out}. A signal is a reason to ask, not an answer.",
    ),
    ("Judgement", "We say “better” or “worse” only if a figure stands out, and only with a reason given beforehand."),
    (
        "Older months",
        "Months published until November 2026 were judged by limits from the first 24 figures. They show the same "
        "signals, in today’s words. In those months, a signal always stands out, and has no window and no level.",
    ),
)


def about(*facts: tuple[str, str], audience: Audience) -> NoteSection:
    """Return what the file is."""
    filled_facts = [(term, words) for term, words in facts if words]
    return NoteSection("What this is", [*filled_facts, ("For", f"{audience.label}."), ("Holds", COUNTS_ONLY)])


def columns_section(columns: Iterable[str]) -> NoteSection:
    return NoteSection("Columns", [(name, MEANINGS[name]) for name in columns])


def reading_sections(columns: Sequence[str], *, audience: Audience) -> list[NoteSection]:
    """Return the words that columns use, and how to read them."""
    sections = [
        NoteSection(
            f"What is in “{name}”",
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
        sections.append(NoteSection("Symbols", [*SYMBOLS_IN_FILES.items()]))
    if "signal" in columns:
        sections.append(NoteSection("How to read it", READING))
    return sections


def explain_symbols() -> str:
    """ "[x] is not available, or awaited; [p] is provisional"."""
    return "; ".join(f"{symbol} is {means}" for symbol, means in SYMBOLS_IN_FILES.items())


def remarks(provisional: Iterable[str], revised: Iterable[tuple[str, str]]) -> NoteSection:
    """Return which figures may still change, and which were revised."""
    entries = [(label, "Provisional: it may still change.") for label in provisional]
    entries += [(label, f"{words}.") for label, words in revised]
    return NoteSection("Provisional and revised figures", entries)


def kpis_section(kpis: Iterable[tuple[str, str, str, str]]) -> NoteSection:
    """Return every KPI of the month: its indicator's code, its reference, its title and its state."""
    return NoteSection(
        "KPIs", [(f"{reference} {title}", f"For {code}. {said}") for code, reference, title, said in kpis]
    )


def sources(indicators: Iterable[LineView]) -> NoteSection:
    """Return each indicator: its question, its source, and which way is good."""
    entries = [(line.title, f"{line.question} Supplied by {line.owner}. {line.which_way}") for line in indicators]
    return NoteSection("Indicators and their sources", entries)
