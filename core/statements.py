"""How do we put together hand-written SQL (core.selectors)? From our own text, and names inserted into it."""

import re
from collections.abc import Iterable, Sequence

from django.db.models import Model

# A column, with or without its table; one of our codes; the place of a parameter. None has a quote or a space.
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?|%s", re.ASCII)


class Statement(str):
    """A statement or part of one, made by `statement`. It can be inserted into another."""

    __slots__ = ()


def statement(text: str, **names: type[Model] | str | Iterable[str]) -> Statement:
    """Fill the {places} of a text that is written where it is used.

    A model becomes its table; several columns get commas. `format` fills what is in {{two braces}}. Raises ValueError
    for a value that isn't a name.
    """
    return Statement(text.format(**{place: _written(named) for place, named in names.items()}))


def _written(named: type[Model] | str | Iterable[str]) -> str:
    if isinstance(named, Statement):
        return named
    if isinstance(named, type):
        return named._meta.db_table
    written = [named] if isinstance(named, str) else list(named)
    for name in written:
        if not NAME.fullmatch(name):
            raise ValueError(f"“{name}” isn’t the name of a table or a column.")
    return ", ".join(written)


class Repeated(str):
    """A statement that is asked again and again, with other values. PostgreSQL prepares it (vvdash.postgres.prepared).

    `places` has a number for each parameter that changes, the same for the same value, and None for one that never
    does. Without `places`, each parameter may change.
    """

    __slots__ = ("places",)
    places: Sequence[int | None] | None

    def __new__(cls, text: str, places: Sequence[int | None] | None = None) -> "Repeated":
        made = super().__new__(cls, text)
        made.places = places
        return made

    @property
    def only_reads(self) -> bool:
        """Whether it may be asked twice."""
        return self.startswith("SELECT", len(self) - len(self.lstrip()))
