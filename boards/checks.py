"""Does a row link two areas? Such a row may be older than the triggers of boards.one_area."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as Caution
from django.db import connections

from boards.one_area import crossing


@register(Tags.database)
def no_row_crosses(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Return a warning for each table with such rows, for `manage.py check --database default`."""
    return [
        Caution(
            f"In the database “{alias}” {number} of {model._meta.db_table} name rows from two areas.",
            hint="Correct them by hand. Triggers refuse new ones, but don't change these.",
            id="boards.W001",
        )
        for alias in databases or ()
        for model, number in crossing(connections[alias]).items()
    ]
