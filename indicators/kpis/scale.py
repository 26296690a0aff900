"""How are a KPI's numbers shown? Pure."""

from dataclasses import dataclass

from indicators.judgement.tokens import Counted
from indicators.kpis.aims import show_amount
from indicators.ratios import RATIO_KINDS


@dataclass(frozen=True, slots=True)
class Scale:
    """`per` is what a share or rate is shown by, 100 or 10,000; None for a count. `unit` follows the months' result.
    `aim_unit` follows a baseline, a trajectory or a target, which are for one month. A share `is_part` of a whole."""

    per: float | None = None
    unit: str = ""
    aim_unit: str = ""
    is_stock: bool = False
    is_part: bool = False


def find_scale(ratio: str, per: float, counts_as: str) -> Scale:
    """Return the scale of an indicator; a count's without `ratio`. A count on a day isn't a number a month."""
    is_stock = counts_as == Counted.STOCK
    if not ratio:
        return Scale(aim_unit="" if is_stock else " a month", is_stock=is_stock)
    kind = RATIO_KINDS[ratio]
    unit = kind.sign or f" per {per:,.0f}"
    return Scale(per, unit, unit, is_stock, kind.is_part)


def show_in(value: float, unit: str) -> str:
    """Return "18 a month", "61%" or "0.95 per 10,000"."""
    return show_amount(value) + unit


def find_sign(unit: str) -> str:
    """What follows the further numbers of a sentence, and those of a table: a sign follows each, words the first."""
    return "" if unit.startswith(" ") else unit
