"""How does a page read with the ORM without composing the same SQL each time?

Composing a query takes Django longer than the database needs to answer it, and a home makes forty of them. A function
that is `compiled` composes its queryset once in each process. Then only the values differ, and they go to the database
as parameters (docs/adr/0085).
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, update_wrapper
from threading import Lock
from typing import Any, Protocol, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Model, Prefetch, QuerySet, prefetch_related_objects

from core.rows import Reader
from core.statements import Repeated

MOST = 20  # statements of one function, the ones used last: people whose roles differ may need different ones
# The keys in a set are numbers from here on while we compose: Django looks into them. No sequence gets that far.
FAR = 7_300_000_000_000_000_000


class Given(Expression):
    """The place of a row's key, a day or a moment in a composed statement."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    @property
    def pk(self) -> "Given":
        return self

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@dataclass(frozen=True, slots=True)
class Varying:
    """A text or a number that gets a place too. Without this it would be part of the statement."""

    value: str | int


class Shaped(Protocol):
    """What somebody is somewhere. Everybody with the same `rights` and as many keys in each set shares a statement."""

    @property
    def rights(self) -> Hashable: ...

    @property
    def rows(self) -> tuple[Model, ...]: ...

    @property
    def sets(self) -> tuple[frozenset[int], ...]: ...

    def with_places(self, rows: Sequence[Any], sets: Sequence[frozenset[int]]) -> Any:
        """Return the same, with places instead of its values."""
        ...


class Compiled[Row]:
    """A function that returns a queryset. Called, it returns a list of the queryset's rows.

    Rows, days, moments, the keys in a frozenset and what is Varying become places in the statement. The function can't
    look at them: a place has no attributes but `pk`. Ask before you call it, and pass None or True. Every other
    argument is part of the statement. Never compose from anything else that changes, such as today: its first value
    would stay. In tests, each call is compared with a queryset that was composed anew (tests.compiling).
    """

    def __init__(self, compose: Callable[..., QuerySet[Any, Row]]) -> None:
        update_wrapper(self, compose)
        self.compose = compose
        self.statements: dict[Hashable, Statement[Row] | None] = {}
        self._lock = Lock()  # several threads answer pages

    def __call__(self, *arguments: Any) -> list[Row]:
        statement, values = self.find(arguments)
        return statement.fetch(values) if statement else []

    def find(self, arguments: Sequence[Any]) -> "tuple[Statement[Row] | None, list[Any]]":
        """Return the statement for these arguments, None if it never has a row, and the values of its places."""
        key, values = read(arguments)
        return self._find(key, arguments), values

    def _find(self, key: Hashable, arguments: Sequence[Any]) -> "Statement[Row] | None":
        with self._lock:
            if key in self.statements:
                self.statements[key] = self.statements.pop(key)  # now the newest
                return self.statements[key]
        made = self._compile(arguments)
        with self._lock:
            self.statements[key] = made
            while len(self.statements) > MOST:
                del self.statements[next(iter(self.statements))]
        return made

    def _compile(self, arguments: Sequence[Any]) -> "Statement[Row] | None":
        try:
            return Statement(self.compose(*replace(arguments)))
        except EmptyResultSet:  # nobody with these rights ever reads a row
            return None


def compiled[Row](compose: Callable[..., QuerySet[Any, Row]]) -> Compiled[Row]:
    """Compose the queryset that a function returns once in each process: see Compiled."""
    return Compiled(compose)


# --- Arguments -------------------------------------------------------------------------------------


def read(arguments: Sequence[Any]) -> tuple[Hashable, list[Any]]:
    """Return what a statement depends on, and the values of its places."""
    key: list[Hashable] = [connections[DEFAULT_DB_ALIAS].vendor]
    values: list[Any] = []
    for argument in arguments:
        if isinstance(argument, Model):
            values.append(argument.pk)
        elif isinstance(argument, date):  # a moment too
            values.append(argument)
        elif isinstance(argument, Varying):
            values.append(argument.value)
        elif isinstance(argument, frozenset):
            key.append(len(argument))
            values += argument
        elif hasattr(argument, "with_places"):
            key.append((argument.rights, *map(len, argument.sets)))
            values += [row.pk for row in argument.rows]
            for each in argument.sets:
                values += each
        else:
            key.append(argument)
    return tuple(key), values


def replace(arguments: Sequence[Any]) -> list[Any]:
    """Return the arguments with places instead of their values, numbered as `read` has them."""
    replaced: list[Any] = []
    number = 0

    def places(length: int) -> range:
        nonlocal number
        number += length
        return range(number - length, number)

    for argument in arguments:
        if isinstance(argument, (Model, date, Varying)):
            replaced.append(Given(places(1)[0]))
        elif isinstance(argument, frozenset):
            replaced.append(frozenset(FAR + place for place in places(len(argument))))
        elif hasattr(argument, "with_places"):
            rows = [Given(place) for place in places(len(argument.rows))]
            sets = [frozenset(FAR + place for place in places(len(each))) for each in argument.sets]
            replaced.append(argument.with_places(rows, sets))
        else:
            replaced.append(argument)
    return replaced


# --- Statements ------------------------------------------------------------------------------------


class Composed:
    """A composed text, its parameters, and which of them are places."""

    def __init__(self, text: str, parameters: Sequence[Any]) -> None:
        found = [find_place(each) for each in parameters]
        self.sql, self.parameters = Repeated(text, found), tuple(parameters)
        self.places = [(at, place) for at, place in enumerate(found) if place is not None]

    def bind(self, values: Sequence[Any]) -> list[Any]:
        """Return the parameters, with these values in their places."""
        operations = connections[DEFAULT_DB_ALIAS].ops
        bound = list(self.parameters)
        for at, place in self.places:
            bound[at] = adapt(values[place], operations)
        return bound

    def ask(self, values: Sequence[Any], cursor: Any = None) -> list[tuple[Any, ...]]:
        """Return the rows as the database sends them. A cursor costs as much as a small query, so several can share
        one."""
        if cursor is None:
            with connections[DEFAULT_DB_ALIAS].cursor() as own:
                return self.ask(values, own)
        cursor.execute(self.sql, tuple(self.bind(values)))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


class Statement[Row]:
    """A queryset's SQL, and how Django makes objects of its rows."""

    def __init__(self, queryset: QuerySet[Any, Row]) -> None:
        self.queryset: Any = queryset
        refuse_places(cast("Any", queryset)._prefetch_related_lookups)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.rows = Composed(*compiler.as_sql())
        self.reader = Reader(queryset, compiler)

    @cached_property
    def any(self) -> Composed:
        """What asks whether there is a row, without the columns and the order."""
        return Composed(*self.queryset.query.exists().get_compiler(DEFAULT_DB_ALIAS).as_sql())

    def fetch(self, values: Sequence[Any], cursor: Any = None) -> list[Row]:
        return self.make(self.rows.ask(values, cursor))

    def make(self, found: Sequence[tuple[Any, ...]]) -> list[Row]:
        """Return the objects of the database's rows."""
        rows = self.reader.read(found)
        if rows and self.queryset._prefetch_related_lookups:
            prefetch_related_objects(cast("list[Model]", rows), *self.queryset._prefetch_related_lookups)
        return rows


def refuse_places(lookups: Sequence["str | Prefetch[Any]"]) -> None:
    """Django composes the statement of a prefetch itself, and would look for a place as if it were a value. Raises
    TypeError."""
    for lookup in lookups:
        queryset = getattr(lookup, "queryset", None)
        if queryset is not None and any(find_place(each) is not None for each in queryset.query.sql_with_params()[1]):
            raise TypeError("The queryset of a prefetch can't have values of the caller.")


def find_place(parameter: Any) -> int | None:
    """Return the number of a place; None for a value that is always the same."""
    if isinstance(parameter, Given):
        return parameter.number
    return parameter - FAR if isinstance(parameter, int) and parameter >= FAR else None


def adapt(value: Any, operations: Any) -> Any:
    """Return a value as its field would send it."""
    if isinstance(value, datetime):
        return operations.adapt_datetimefield_value(value)
    return operations.adapt_datefield_value(value) if isinstance(value, date) else value
