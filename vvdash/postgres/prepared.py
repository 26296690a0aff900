"""How does a page ask PostgreSQL the same again, without it reading and planning the statement each time?

Reading and planning takes several times as long as the answer (docs/adr/0088). A connection prepares a statement when
it is asked for the second time, and afterwards only sends its values. No statement of a visitor gets here: only those
in our code are Repeated.
"""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from psycopg2.extensions import AsIs

from core.statements import Repeated

MOST = 120  # prepared statements of one connection, those used last: about 0.3 MB each in the server
SMALL = 2**31
# As the literal that psycopg2 writes: the statement then means the same. PostgreSQL finds out what a text is.
KINDS = {bool: "boolean", str: "unknown", date: "date", datetime: "timestamptz"}


class Prepared:
    """The statements that one connection has prepared: by their text, the types of their values, and what never changes
    in them. Two audiences have the same text, and not the same rows."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, Sequence[str], str], str] = {}  # without a name, it was asked once

    def execute(self, cursor: Any, sql: Repeated, parameters: Sequence[Any]) -> None:
        """Execute a statement: at first as it is, then prepared."""
        places = range(len(parameters)) if sql.places is None else sql.places
        values = dict(zip(places, parameters, strict=True))
        values.pop(None, None)
        kinds = tuple(map(find_kind, values.values()))
        if "" in kinds:
            cursor.execute(str(sql), parameters)
            return
        fixed = [each for place, each in zip(places, parameters, strict=True) if place is None]
        key = (str(sql), kinds, repr(fixed))
        name = self.names.pop(key, None)
        if name is None:
            self.names[key] = ""
            cursor.execute(str(sql), parameters)
            self._forget(cursor)
            return
        call = "EXECUTE {}" + (f" ({', '.join(['%s'] * len(values))})" if values else "")
        if not name:
            # The same name always means the same statement, whoever shares the connection.
            name = f"v_{blake2b(repr(key).encode(), digest_size=12).hexdigest()}"
            numbers = {place: AsIs(f"${number}") for number, place in enumerate(values, 1)}
            given = [each if place is None else numbers[place] for place, each in zip(places, parameters, strict=True)]
            types = f" ({', '.join(kinds)})" if kinds else ""
            text = cursor.mogrify(str(sql), given).decode()
            cursor.execute(f"PREPARE {name}{types} AS {text}")
        self.names[key] = name
        cursor.execute(call.format(name), tuple(values.values()))

    def _forget(self, cursor: Any) -> None:
        while len(self.names) > MOST:
            if name := self.names.pop(next(iter(self.names))):
                cursor.connection.cursor().execute(f"DEALLOCATE {name}")


def find_kind(value: Any) -> str:
    """Return the type of a literal; empty for one that we don't prepare."""
    if type(value) is int:
        return "integer" if -SMALL <= value < SMALL else "bigint"
    return KINDS.get(type(value), "")
