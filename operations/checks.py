"""Check that the database refuses what it should, is of this release, and has no account that anybody can use."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import connections

from core.models import User
from core.triggers import missing
from operations.releases import describe_other_release, is_migrated

MOST_NAMED = 10  # the first `migrate` of a newer release finds hundreds missing


@register(Tags.database)
def guards_are_up(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check the triggers, for `manage.py check --database default`.

    Returns an error if a trigger is missing. It is only a warning if migrations are waiting, because `migrate` runs
    this check and then restores the triggers.
    """
    messages: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        lost = missing(connection)
        if not lost:
            continue
        ready = is_migrated(connection)
        kind, number = (Error, "E001") if ready else (Caution, "W001")
        hint = f"Run manage.py migrate{' --skip-checks' if ready else ''}: it restores the triggers."
        names = [trigger.name for trigger in lost]
        named = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
        one = len(names) == 1
        which, more = (f"The trigger {named} is", "") if one else (f"{len(names)} triggers are", f" They are {named}.")
        messages.append(
            kind(
                f"{which} missing from the database “{alias}”, or changed. Nothing else protects the data in its "
                f"place.{more}",
                hint=hint,
                id=f"core.{number}",
            )
        )
    return messages


@register(Tags.database)
def database_is_of_this_release(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Return an error for a database of another release, so that `migrate` and `check` leave it alone."""
    return [
        Error(fault, id="core.E003")
        for alias in databases or ()
        if (fault := describe_other_release(connections[alias]))
    ]


@register(Tags.database)
def no_account_is_made_up(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Return an error if production has accounts of the demonstration, whose password everybody knows.

    `load_demo` refuses to run in production, but somebody may have run it before. Nobody can have an address that ends
    in .example (RFC 2606).
    """
    messages: list[CheckMessage] = []
    for alias in databases or () if settings.PRODUCTION else ():
        if User._meta.db_table not in connections[alias].introspection.table_names():
            continue
        made_up = User.objects.using(alias).filter(is_active=True, email__iendswith=".example").count()
        if made_up:
            messages.append(
                Error(
                    f"Accounts with made-up addresses that end in .example: {made_up}. The demonstration's have a "
                    "password that everyone knows.",
                    hint="Switch them off in the admin, or start with an empty database.",
                    id="core.E002",
                )
            )
    return messages
