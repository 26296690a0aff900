"""How does a line hold its lists? As JSON in a text without blanks, so that PostgreSQL needs a byte for a digit.

Its own JSON takes about 12 bytes for each number: docs/adr/0005.
"""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class CompactField(models.JSONField):
    """JSON that is only read as a whole: no query looks into it.

    SQLite has it as any JSON: a text that it checks. PostgreSQL has it as text too, and makes the same check.
    """

    description = "JSON as text"

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "text" if connection.vendor == "postgresql" else super().db_type(connection)

    def db_check(self, connection: BaseDatabaseWrapper) -> str | None:
        if connection.vendor != "postgresql":
            return super().db_check(connection)
        # The cast fails on anything else. PostgreSQL 15 has no IS JSON.
        return f"{connection.ops.quote_name(str(self.column))}::json IS NOT NULL"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> str:
        return json.dumps(value, separators=(",", ":"))
