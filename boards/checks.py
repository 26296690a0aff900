"""Find rows that link two areas, and areas that have the name of another page. They may be older than the rules."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as Caution
from django.db import connections

from boards.models import RESERVED_SLUGS, PartnershipArea
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


@register(Tags.database)
def no_area_is_shadowed(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Return a warning for each area whose name has become the address of another page, so that nobody can reach it."""
    return [
        # No error: `migrate` would end with it, and an older release can’t be upgraded.
        Caution(
            f"No one can open the area “{slug}”: its name is now the address of another page.",
            hint=f"In the admin, change the short name that web addresses use for the area “{slug}”.",
            id="boards.W002",
        )
        for alias in databases or ()
        if PartnershipArea._meta.db_table in connections[alias].introspection.table_names()
        for slug in PartnershipArea.objects.using(alias).filter(slug__in=RESERVED_SLUGS).values_list("slug", flat=True)
    ]
