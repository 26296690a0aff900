"""Lists of lines as text: docs/adr/0084."""

import json
import sys
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, migrations, transaction
from django.db.migrations.loader import MigrationLoader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boards.models import ReportingPeriod
from core.checks import guards_are_up
from core.months import Month
from reporting.models import IndicatorLine, PublicLine, Snapshot
from reporting.models.line_fields import LineFields
from reporting.months.lines import hash_lines
from reporting.months.rollup import roll_up
from tests import scenarios
from tests.measuring import take_in

SEPTEMBER = Month(2026, 9)
LISTS = ("history", "steps", "numerators", "denominators")
POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has them as text all along")


def migration() -> tuple[migrations.Migration, ModuleType]:
    found = MigrationLoader(connection).disk_migrations
    (made,) = [made for (_, name), made in found.items() if name.endswith("_text_of_lines")]
    return made, sys.modules[type(made).__module__]


def rows(model: type[LineFields]) -> list[dict[str, Any]]:
    return [dict(row) for row in model._default_manager.order_by("pk").values()]


def stored(table: str) -> list[tuple[str, ...]]:
    """Return what the database itself has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'CAST({name} AS text)' for name in LISTS)} FROM {table} ORDER BY id")
        return cursor.fetchall()


@pytest.fixture
def published(transactional_db) -> Snapshot:
    """Three years of arrests with a rise that stands out, published for partners and for everybody."""
    town = scenarios.make_town()
    take_in(town, "arrests", *[20, 22, 19, 21, 20, 18] * 4, *[80, 82, 79, 81, 80, 78] * 2, last=SEPTEMBER)
    snapshot = scenarios.publish(town, SEPTEMBER)
    scenarios.publish_openly(town, SEPTEMBER)
    return snapshot


def test_a_published_month_is_the_same_before_and_after(published):
    before, public, hashed = rows(IndicatorLine), rows(PublicLine), hash_lines(published.lines.order_by("position"))
    assert max(len(line["history"]) for line in before) == 36
    assert any(step["signals"] for line in before for step in line["steps"])
    made, _ = migration()
    ((app, earlier),) = made.dependencies
    try:
        call_command("migrate", app, earlier, verbosity=0)
        assert guards_are_up(databases=["default"]) == []
        assert (rows(IndicatorLine), rows(PublicLine)) == (before, public)
    finally:
        call_command("migrate", verbosity=0)
    assert (rows(IndicatorLine), rows(PublicLine)) == (before, public)
    assert guards_are_up(databases=["default"]) == []
    lines = list(published.lines.order_by("position"))
    assert hash_lines(lines) == hashed
    # A roll-up finds no line with another hash of its figures.
    assert roll_up(ReportingPeriod.objects.filter(pk=published.period_id)).changed == []
    with pytest.raises(DatabaseError, match="stays as it was"), transaction.atomic():
        IndicatorLine.objects.filter(pk=lines[0].pk).update(history=[])


@POSTGRESQL
def test_no_trigger_refuses_it(published):
    """`migrate` takes the triggers away first. Here they are all there."""
    before, text = rows(IndicatorLine), stored("reporting_indicatorline")
    _, module = migration()
    with connection.schema_editor() as schema:
        module.make_json(apps, schema)
    assert stored("reporting_indicatorline") != text  # with blanks
    with connection.schema_editor() as schema:
        module.make_text(apps, schema)
    assert guards_are_up(databases=["default"]) == []
    assert rows(IndicatorLine) == before
    # As a roll-up writes it, but for the order of keys.
    assert [sorted(row[1]) for row in stored("reporting_indicatorline")] == [sorted(row[1]) for row in text]
    assert [row[::2] for row in stored("reporting_indicatorline")] == [row[::2] for row in text]


TEXT = st.text(st.sampled_from("\", :\\a[{}]'é\n"))
JSON = st.recursive(
    st.none() | st.integers(-999, 999) | st.floats(-1e9, 1e9) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


def drop_blanks(text: str) -> str:
    """Return JSON without the blanks outside strings, found in another way than the migration does."""
    kept, is_inside, is_escaped = [], False, False
    for each in text:
        is_inside ^= each == '"' and not is_escaped
        is_escaped = each == "\\" and not is_escaped
        kept += [each] if is_inside or each != " " else []
    return "".join(kept)


@POSTGRESQL
@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.lists(JSON, max_size=4))
def test_only_blanks_between_values_go(value):
    _, module = migration()
    compact = module.COMPACT.format(column="given.value").replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {compact}, given.value::text FROM (SELECT %s::jsonb AS value) given",
            [json.dumps(value)],
        )
        ((found, full),) = cursor.fetchall()
    assert found == drop_blanks(full)
    assert json.loads(found) == json.loads(full)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_the_database_refuses_what_is_no_json(town, name):
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    scenarios.sweep()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE reporting_indicatorline SET {name} = '[1,'")


@pytest.mark.django_db
def test_a_line_is_stored_without_blanks(town):
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    scenarios.sweep()
    written = stored("reporting_indicatorline")
    assert written
    assert not [text for row in written for text in row if text != drop_blanks(text)]
