"""How do the rows of several composed statements come with one trip to PostgreSQL? See docs/adr/0096.

The statements become one by UNION ALL. They share its columns by their types: each uses the first ones of a type and
leaves the others empty. The first column is the number of the statement. So a value comes as it always does.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain, count
from operator import itemgetter
from typing import Any, NamedTuple

from core.compiled import Composed, Given

MOST = 60  # statements of a process, the ones used last: people whose roles differ ask different questions
# Types that may share a column. Any other has columns of its own.
SHARED = {"smallint": "bigint", "integer": "bigint", "varchar": "text"}

type Row = tuple[Any, ...]
type Place = tuple[str, int]  # which of the shared columns of a type


class Part(NamedTuple):
    """A statement with the types of its columns and its values."""

    statement: Composed
    types: tuple[str, ...]
    values: Sequence[Any]


def fetch_parts(parts: Sequence[Part], cursor: Any) -> list[list[Row]]:
    """Return the rows of each. One query."""
    if len(parts) == 1:
        return [parts[0].statement.ask(parts[0].values, cursor)]
    joined = join(tuple((part.statement, part.types, len(part.values)) for part in parts))
    found: list[list[Row]] = [[] for _ in parts]
    for row in joined.statement.ask([*chain.from_iterable(part.values for part in parts)], cursor):
        number = row[0]
        found[number].append(joined.pick[number](row))
    return found


class Joined(NamedTuple):
    """One statement, and what takes the columns of each part out of its rows."""

    statement: Composed
    pick: Sequence[Callable[[Row], Row]]


@lru_cache(MOST)
def join(parts: Sequence[tuple[Composed, tuple[str, ...], int]]) -> Joined:
    """Join statements with so many values each, which follow one another."""
    placed = [share(types) for _, types, _ in parts]
    shared = sorted(set(chain.from_iterable(placed)))
    texts, parameters, first = [], [], 0
    for number, ((statement, _, length), places) in enumerate(zip(parts, placed, strict=True)):
        names = {place: f"c{at}" for at, place in enumerate(places)}
        columns = ", ".join(names.get(place, f"NULL::{place[0]}") for place in shared)
        inner = f"({statement.sql}) AS part({', '.join(names.values())})"
        # PostgreSQL runs one after the other, so the rows of each stay in their order.
        texts.append(f"(SELECT {number}, {columns} FROM {inner})")  # noqa: S608  # ours
        parameters += move(statement, first)
        first += length
    return Joined(Composed(" UNION ALL ".join(texts), parameters), [picker(places, shared) for places in placed])


def share(types: Sequence[str]) -> list[Place]:
    """Return a place for each column."""
    used: dict[str, Any] = defaultdict(count)
    names = (re.sub(r"\(.*?\)", "", name) for name in types)  # without sizes
    return [(kind, next(used[kind])) for kind in (SHARED.get(name, name) for name in names)]


def picker(places: Sequence[Place], shared: Sequence[Place]) -> Callable[[Row], Row]:
    at = [1 + shared.index(place) for place in places]
    # Of one column, itemgetter returns the value, not a row.
    return itemgetter(*at) if len(at) > 1 else itemgetter(slice(at[0], at[0] + 1))


def move(statement: Composed, first: int) -> list[Any]:
    """Return its parameters, with places that begin at `first`."""
    moved = list(statement.parameters)
    for at, place in statement.places:
        moved[at] = Given(first + place)
    return moved
