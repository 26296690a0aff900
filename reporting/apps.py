from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class ReportingConfig(AppConfig):
    name = "reporting"

    def ready(self) -> None:
        from reporting import checks  # noqa: F401, PLC0415

        # The one use of signals: no other place is told of each `migrate`.
        pre_migrate.connect(thaw, sender=self)
        post_migrate.connect(freeze, sender=self)


def thaw(*, using: str, plan: list[Any], **_: Any) -> None:
    """Before a migration, which may rebuild the tables."""
    from reporting.freeze import remove  # noqa: PLC0415

    if plan:
        remove(connections[using])


def freeze(*, using: str, **_: Any) -> None:
    """After it."""
    from reporting.freeze import install  # noqa: PLC0415

    install(connections[using])
