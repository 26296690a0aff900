from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import reporting.models.compact

TABLES = ("reporting_indicatorline", "reporting_publicline")
COLUMNS = ("history", "steps", "numerators", "denominators")
# A text of PostgreSQL's JSON without the blank after each comma and colon. A string matches as a whole, so its own
# blanks stay.
COMPACT = r"""regexp_replace({column}::text, '("(?:[^"\\]|\\.)*")|([,:]) ', '\1\2', 'g')"""


def alter(schema: BaseDatabaseSchemaEditor, *changes: str) -> None:
    """Change the columns of each table. As one statement, it writes a table anew only once."""
    # SQLite has had them as text all along.
    if schema.connection.vendor != "postgresql":
        return
    for table in TABLES:
        parts = (each.format(table=table, column=column) for each in changes for column in COLUMNS)
        schema.execute(f"ALTER TABLE {table} {', '.join(parts)}", None)


def make_text(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    # No row of a published version is updated, so no trigger has anything to refuse, here or on the way back.
    alter(
        schema,
        f"ALTER COLUMN {{column}} TYPE text USING {COMPACT}",
        "ADD CONSTRAINT {table}_{column}_check CHECK ({column}::json IS NOT NULL)",
    )


def make_json(apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    alter(
        schema,
        "DROP CONSTRAINT {table}_{column}_check",
        "ALTER COLUMN {column} TYPE jsonb USING {column}::jsonb",
    )


class Migration(migrations.Migration):
    dependencies = [("reporting", "0033_key")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make_text, make_json)],
            state_operations=[
                migrations.AlterField(model, column, reporting.models.compact.CompactField(default=list))
                for model in ("indicatorline", "publicline")
                for column in COLUMNS
            ],
        )
    ]
