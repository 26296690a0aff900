"""Compares what a compiled function asks with a queryset that was composed anew: no value may have stayed in it."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.utils import timezone

from core.compiled import Compiled, Composed, Statement, Varying

find = Compiled.find
# On which day, and with values of which kind, each statement was compared. To compose again takes much longer than to
# ask, and finds nothing else.
COMPARED: WeakKeyDictionary[Statement[Any], set[Hashable]] = WeakKeyDictionary()


def find_and_compare(self: Compiled[Any], arguments: Sequence[Any]) -> tuple[Statement[Any] | None, list[Any]]:
    held, values = find(self, arguments)
    if held:
        given = timezone.localdate(), *(values if any(map(overlap, arguments)) else kinds(values))
        compared = COMPARED.setdefault(held, set())
        if given in compared:
            return held, values
        compared.add(given)
    with connection.execute_wrapper(refuse):
        anew = self.compose(*(each.value if isinstance(each, Varying) else each for each in arguments))
    try:
        written = anew.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    except EmptyResultSet:
        written = None
    assert (held is None) == (written is None), self.compose.__name__
    if held and written:
        if any(map(overlap, arguments)):
            # Composed anew, it has each key of a union once.
            assert held.fetch(values) == list(anew), self.compose.__name__
        else:
            assert bare(held.rows.sql) == bare(written[0]), self.compose.__name__
            # A set has no order. All else has.
            ours, theirs = split(held.rows, held.rows.bind(values)), split(held.rows, written[1])
            assert ours[0] == theirs[0], self.compose.__name__
            assert sorted(ours[1]) == sorted(theirs[1]), self.compose.__name__
    return held, values


def kinds(values: Sequence[Any]) -> list[Any]:
    """Return what tells values from others that a statement can't tell apart: of keys, which of them are the same.

    A moment is another at each call. A key or a moment that had stayed is found by the first comparison.
    """
    firsts: dict[int, int] = {}
    return [
        ("key", firsts.setdefault(each, at))
        if type(each) is int
        else each.date()
        if isinstance(each, datetime)
        else each
        for at, each in enumerate(values)
    ]


def refuse(*_: Any) -> None:
    """What a function read while it composes would stay in its statement, as today would."""
    raise AssertionError("A compiled function asks the database while it composes.")


def overlap(argument: Any) -> bool:
    """Return whether two sets of somebody's rights have the same key."""
    keys = list(chain(*getattr(argument, "sets", ())))
    return len(keys) > len(set(keys))


def split(held: Composed, values: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return the values of a statement, those of sets apart."""
    sets = {at for at, _ in held.places if isinstance(held.parameters[at], int)}
    return (
        [value for at, value in enumerate(values) if at not in sets],
        [value for at, value in enumerate(values) if at in sets],
    )


def bare(sql: str) -> str:
    """Return it without the brackets that Django puts around a place."""
    return sql.replace("(%s)", "%s")
