"""How does a page ask several statements by hand with one trip to the database? See docs/adr/0092.

    @by_hand
    def list_boards(area: PartnershipArea) -> Read[list[Board]]:
        return Read(BOARDS, [area.pk], board_reader().read)

Called, it returns the boards. `list_boards.read(area)` is what `at_once` asks together with others.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, update_wrapper
from itertools import chain
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from core.selectors import fetch_rows

MOST = 250  # texts of a process: what people of other roles may read differs

type Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Read[Found]:
    """A statement by hand with its values, and what makes something of its rows.

    Asked with others, a date and a moment are text, as SQLite has them, and JSON is read already: as_day, as_moment and
    as_list take either. No column may be a decimal number or a JSON object: tests/integration/test_by_hand.py looks.
    """

    statement: str
    parameters: Sequence[int | str]
    make: Callable[[Rows], Found]


class ByHand[**Given, Found]:
    """A function that returns a Read. Called, it asks and returns what was made of the rows."""

    def __init__(self, read: Callable[Given, Read[Found]]) -> None:
        update_wrapper(self, read)
        self.read = read

    def __call__(self, *arguments: Given.args, **named: Given.kwargs) -> Found:
        read = self.read(*arguments, **named)
        return read.make(fetch_rows(read.statement, read.parameters))


def by_hand[**Given, Found](read: Callable[Given, Read[Found]]) -> ByHand[Given, Found]:
    """Let a function that returns a Read be asked by itself, or with others."""
    return ByHand(read)


def at_once(*reads: Read[Any] | None) -> list[Any]:
    """Return what each makes of its rows, and None for None. One query on PostgreSQL, and on SQLite one for each: there
    it is no trip."""
    asked = [read for read in reads if read is not None]
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql" and len(asked) > 1:
        found = iter(_fetch(asked))
    else:
        found = iter([fetch_rows(read.statement, read.parameters) for read in asked])
    return [None if read is None else read.make(next(found)) for read in reads]


def _fetch(reads: Sequence[Read[Any]]) -> list[Rows]:
    """Return the rows of each. The database hands them over as JSON, since they have different columns."""
    text = _join(tuple(read.statement for read in reads))
    ((*lists,),) = fetch_rows(text, [*chain.from_iterable(read.parameters for read in reads)])
    return [json.loads(rows, object_pairs_hook=_read_row) if rows else [] for rows in lists]


def _read_row(pairs: Sequence[tuple[str, Any]]) -> tuple[Any, ...]:
    # In their order. Never by their names: two columns may have the same.
    return tuple(value for _, value in pairs)


@lru_cache(MOST)
def _join(statements: tuple[str, ...]) -> str:
    # As text: Django reads no JSON of a statement by hand, and so neither may psycopg2.
    lists = [f"(SELECT json_agg(part)::text FROM ({each}) AS part)" for each in statements]  # noqa: S608  # ours
    return f"SELECT {', '.join(lists)}"
