"""How is a statement by hand put together (core.selectors)? Of a text of ours, and of names put into it."""

import re
from collections.abc import Iterable

from django.db.models import Model

# A column, of a table or by itself; a code of ours; a parameter's place. No quote and no space is in any of them.
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?|%s", re.ASCII)


class Statement(str):
    """A statement or a part of one, made by `statement`: it may be put into another as it is."""

    __slots__ = ()


def statement(text: str, **names: type[Model] | str | Iterable[str]) -> Statement:
    """The text, which is written where it is used, with its {places} filled: a model's by its table, several columns
    with commas. What is in {{two braces}} is left to `format`. Raises ValueError for what is no name."""
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
