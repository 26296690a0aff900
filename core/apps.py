from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class CoreConfig(AppConfig):
    name = "core"
    triggers = "core.freeze.triggers"

    def ready(self) -> None:
        # The only use of signals: nothing else learns of each `migrate`.
        pre_migrate.connect(lower_guards, sender=self)
        post_migrate.connect(raise_guards, sender=self)


def lower_guards(*, using: str, plan: list[Any], **_: Any) -> None:
    """Remove the triggers before a migration, which may rebuild the tables."""
    from core.triggers import remove  # noqa: PLC0415

    # Without migrations to run, the triggers stay: the site may be in use.
    if plan:
        remove(connections[using])


def raise_guards(*, using: str, **_: Any) -> None:
    """Restore the triggers after it."""
    from core.triggers import install  # noqa: PLC0415

    install(connections[using])
