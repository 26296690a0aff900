"""Protection of small numbers in a table with totals. Pure.

A rule says which counts are small. An attacker then works out what can be told from all that is shown; the
audit compares that with what must remain unknown; and what fails it is mended by withholding more.
"""

from collections.abc import Iterable

from indicators.protection.rounding import round_counts
from indicators.protection.rules import Round, Suppress
from indicators.protection.suppression import exposed, withhold
from indicators.protection.tables import Place, Protected, Shown, Table, arrange

__all__ = ["Place", "Protected", "Round", "Shown", "Suppress", "Table", "exposed", "protect"]


def protect(table: Table, rule: Suppress | Round, *, also: Iterable[Place] = ()) -> Protected:
    """What may be shown of a table under a rule: None for what is withheld. The same table gets the same answer.

    `also` has places to withhold in any case, such as what was withheld before: cells, and totals as places of
    a last row and a last column.
    """
    if isinstance(rule, Round):
        return arrange(table, round_counts(table, rule, also))
    withheld = withhold(table, rule, also)
    return arrange(
        table,
        [
            [None if (row, column) in withheld else count for column, count in enumerate(counts)]
            for row, counts in enumerate(table.grid())
        ],
    )
