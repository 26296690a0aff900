"""Protects small numbers in a table with totals. Pure.

A rule says which counts are small. An attacker works out everything that the shown numbers reveal. The audit compares
that with what must stay unknown. Where it fails, more is withheld.
"""

from collections.abc import Iterable

from indicators.protection.rules import Place, Protected, Round, Shown, Suppress, Table, arrange
from indicators.protection.suppression import exposed, round_counts, withhold

__all__ = ["Place", "Protected", "Round", "Shown", "Suppress", "Table", "exposed", "protect"]


def protect(table: Table, rule: Suppress | Round, *, also: Iterable[Place] = ()) -> Protected:
    """Return what may be shown of a table under a rule: None for withheld places.

    The same table always gets the same answer. `also` has places to withhold in any case, such as those withheld
    before: cells, and totals as places in a last row and a last column.
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
