"""Puts together SQL by hand, from our own text and names inserted into it: triggers, and the lines of a month."""

import re
from collections.abc import Iterable

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
