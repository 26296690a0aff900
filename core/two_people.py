"""Which acts need two people, whoever writes to the database? Makes triggers that refuse an act by one person alone.

A trigger and not a constraint: older rows may break the rule, and they stay as they are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.guards import TWO, Condition, Trigger, trigger_for, trigger_name
from core.statements import statement


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """A table whose rows reach `state` by one person (`by`) after other people's acts (`others`). All are columns."""

    table: str
    state: str
    by: str
    others: tuple[str, ...]
    refusal: str


def triggers_of_two(vendor: str, tables: Iterable[TwoPeople]) -> Iterator[Trigger]:
    for each in tables:
        same = " OR ".join(statement("NEW.{by} = NEW.{other}", by=each.by, other=other) for other in each.others)
        when = [Condition(same, only_if=f"NEW.state = '{each.state}'")]
        changed = ", ".join(("state", each.by, *each.others))
        reads = frozenset((each.table, column) for column in (each.by, *each.others))
        for act, before in (("insert", "INSERT"), ("update", f"UPDATE OF {changed}")):
            name = trigger_name(each.table, TWO, act)
            yield trigger_for(vendor, name, each.table, before=before, when=when, refusal=each.refusal, columns=reads)
