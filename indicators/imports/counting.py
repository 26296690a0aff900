"""What figures come from a file of records, once somebody has said what each kind counts as? Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.months import Month
from indicators.columns import Columns, same
from indicators.imports.records import Tally

NOT_COUNTED = ""  # what a kind of record counts as


@dataclass(frozen=True, slots=True)
class Counting:
    """A counted file and its way of counting, `name`. `kinds` says what each kind of record counts as, by the name of a
    box in a return, if somebody has decided. `first` and `last` are the months that the file covers, if somebody
    entered them. `hidden` are the sheets that weren't read."""

    name_of_file: str
    name: str
    columns: Columns
    tally: Tally
    kinds: Mapping[str, str] = field(default_factory=dict)
    first: Month | None = None
    last: Month | None = None
    hidden: Sequence[str] = ()

    def find_target(self, kind: str) -> str | None:
        """Return what a kind counts as; None where nobody has decided."""
        decided = {same(text): name for text, name in self.kinds.items()}
        return decided.get(same(kind))

    def is_decided(self, names: Iterable[str]) -> bool:
        """Return whether every kind has a decision, and each decision is one of the current `names`."""
        known = {NOT_COUNTED, *names}
        return all(self.find_target(kind) in known for kind in self.tally.kinds)
