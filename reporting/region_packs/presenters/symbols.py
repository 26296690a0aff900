"""Which character is an arrow or a signal in a dense table? The shapes are those of the charts; our fonts have them."""

from collections.abc import Iterable

from indicators.judgement.tokens import Judgement, Tier
from indicators.trend import Movement
from reporting.charts.verdict_marks import MEANINGS
from reporting.months.presenters.sentences import LOOKS, WATCHED
from reporting.regions.columns import Cell

SYMBOLS = {"better": "▲", "worse": "◆", "unjudged": "■", "watch": "○"}
ARROWS = {Movement.UP.value: "↑", Movement.DOWN.value: "↓", Movement.LEVEL.value: "="}
WAYS = {Movement.UP.value: "more than the month before", Movement.DOWN.value: "fewer", Movement.LEVEL.value: "as many"}


def find_symbol(cell: Cell) -> str:
    """Return the mark of an area's figure; empty if it has no signal."""
    return find_mark(cell.tier, cell.judgement)


def find_mark(tier: str, judgement: str) -> str:
    if not tier:
        return ""
    return SYMBOLS.get(WATCHED if tier == Tier.WATCH else LOOKS[Judgement(judgement)], "")


def explain(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the marks that these texts use, with what they mean."""
    used = "".join(texts)
    known = [(symbol, WAYS[way]) for way, symbol in ARROWS.items()]
    known += [(symbol, MEANINGS[look]) for look, symbol in SYMBOLS.items()]
    return tuple(entry for entry in known if entry[0] in used)
