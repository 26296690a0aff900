"""How soon is a change found at the levels of this town’s indicators? The answers come from a measured table."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from indicators.disclosure import Audience, disclose
from indicators.judgement.promises import promises
from reporting.models.line_fields import Line


@dataclass(frozen=True, slots=True)
class Reach:
    """For each change: of 100 changes at a level of `size` a month, how many stand out within a year, and how many are
    at least watched. `titles` are the town's indicators nearest to that level.
    """

    size: int
    found: tuple[tuple[int, int], ...]
    titles: tuple[str, ...]


def reach(lines: Iterable[Line], *, audience: Audience) -> list[Reach]:
    """Return the table's rows. `lines` are a month's; an indicator without a known level is left out."""
    sizes = promises().found
    nearest: dict[int, list[str]] = defaultdict(list)
    for disclosed in disclose(lines, audience=audience):
        line = disclosed.line
        if line.level and not line.category_code:
            level = line.level
            # The nearest by ratio, not by difference.
            nearest[min(sizes, key=lambda size: max(size / level, level / size))].append(line.title)
    return [Reach(size, tuple(row.values()), tuple(nearest[size])) for size, row in sizes.items()]
