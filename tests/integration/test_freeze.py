"""What was published stays as it was, whoever writes to the database: by SQL as well."""

from typing import Any

import pytest
from django.core import checks
from django.core.management import call_command
from django.db import IntegrityError, connection, migrations, models
from django.db.migrations.recorder import MigrationRecorder

from core import triggers
from operations.checks import guards_are_up
from reporting.models import (
    IndicatorLine,
    Snapshot,
    SnapshotState,
)
from tests import scenarios
from tests.integration.frozen import (
    ADDED,
    EDITION,
    LINE,
    PUBLIC_LINE,
    SEPTEMBER,
    SNAPSHOT,
    columns_of,
    refuse_all,
    refused,
    sql,
)
from tests.integration.rebuilding import newest_migration, rebuilt

pytestmark = pytest.mark.both_databases

COLUMNS = columns_of(IndicatorLine)
OTHERS = COLUMNS.replace("category_code", "'new'").replace("snapshot_id", "{snapshot}")
# As anybody could type them at the database; {p} a published snapshot, {d} a draft, {l} a line of the first.
REFUSED = {
    "a line's value": f"UPDATE {LINE} SET value = 99 WHERE id = {{l}}",
    "every line": f"UPDATE {LINE} SET note = 'x'",
    "a line to another snapshot": f"UPDATE {LINE} SET snapshot_id = {{d}}, category_code = 'x' WHERE id = {{l}}",
    "a line into it": f"UPDATE {LINE} SET snapshot_id = {{p}}, category_code = 'x' WHERE snapshot_id = {{d}}",
    "a line away": f"DELETE FROM {LINE} WHERE id = {{l}}",
    "every line away": f"DELETE FROM {LINE}",
    "a new line": f"INSERT INTO {LINE} ({COLUMNS}) SELECT {OTHERS.format(snapshot='{p}')} FROM {LINE} WHERE id = {{l}}",
    "back to a draft": f"UPDATE {SNAPSHOT} SET state = 'draft', published_at = NULL, published_by_id = NULL",
    "its moment": f"UPDATE {SNAPSHOT} SET taken_at = published_at WHERE id = {{p}}",
    "its version": f"UPDATE {SNAPSHOT} SET version = 7 WHERE id = {{p}}",
    "the snapshot away": f"DELETE FROM {SNAPSHOT} WHERE id = {{p}}",
}
POSTGRESQL = {
    "all lines at once": f"TRUNCATE {LINE}",
    "all snapshots at once": f"TRUNCATE {SNAPSHOT} CASCADE",
    "all months at once": "TRUNCATE boards_reportingperiod CASCADE",
}
SQLITE = {  # what stands in the way of a REPLACE goes without a word
    "a snapshot in its place": f"INSERT OR REPLACE INTO {SNAPSHOT} SELECT * FROM {SNAPSHOT} WHERE id = {{p}}",
    "a draft in its place": f"UPDATE OR REPLACE {SNAPSHOT} SET period_id = "
    f"(SELECT period_id FROM {SNAPSHOT} WHERE id = {{p}}) WHERE id = {{d}}",
    "a line in a line's place": f"UPDATE OR REPLACE {LINE} SET id = {{l}} WHERE snapshot_id = {{d}}",
    "a line of a draft in a line's place": f"INSERT OR REPLACE INTO {LINE} (id, {COLUMNS}) "
    f"SELECT {{l}}, {OTHERS.format(snapshot='{d}')} FROM {LINE} WHERE id = {{l}}",
}


@pytest.fixture(scope="module")
def made(standing) -> dict[str, int]:
    return standing(make_versions)


@pytest.fixture
def held(db: None, made: dict[str, int]) -> dict[str, int]:
    return made


def make_versions() -> dict[str, int]:
    """A published month with its lines, and the next one's draft."""
    town = scenarios.make_town()
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    scenarios.accept(town, SEPTEMBER.next, {"arrests": 5, "charges": 2})
    published = scenarios.publish(town, SEPTEMBER)
    scenarios.sweep()
    draft = Snapshot.objects.get(state=SnapshotState.DRAFT.value)
    return {"p": published.pk, "d": draft.pk, "l": published.lines.order_by("pk")[0].pk}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_published_refuses(held, what):
    refused(REFUSED[what], held)


def test_it_refuses_what_only_this_database_can(held):
    for statement in (SQLITE if connection.vendor == "sqlite" else POSTGRESQL).values():
        # Other frozen rows hang on a month too, and their trigger may be first.
        refused(statement, held, because="stays as it was")


def test_the_orm_is_refused_too(held):
    published = Snapshot.objects.get(pk=held["p"])
    refuse_all([published.save, published.delete, published.lines.first().save])


def test_a_draft_is_free(held):
    sql(f"UPDATE {LINE} SET note = 'x' WHERE snapshot_id = {{d}}", **held)
    sql(f"INSERT INTO {LINE} ({COLUMNS}) SELECT {OTHERS.format(snapshot='{d}')} FROM {LINE} WHERE id = {{l}}", **held)
    sql(f"DELETE FROM {LINE} WHERE snapshot_id = {{d}}", **held)
    sql(f"DELETE FROM {SNAPSHOT} WHERE id = {{d}}", **held)
    assert not Snapshot.objects.filter(pk=held["d"]).exists()


KEPT = [LINE, PUBLIC_LINE, EDITION, *ADDED]


def check() -> list[Any]:
    return guards_are_up(databases=["default"])


def test_the_check_is_content_and_looks_only_where_it_is_asked_to():
    assert guards_are_up(databases=None) == []


@pytest.mark.parametrize("table", KEPT)
def test_a_missing_trigger_is_named(db, table):
    assert check() == []
    drop_trigger(table)
    (fault,) = check()
    assert isinstance(fault, checks.Error)
    assert f"{table}_keep_update" in fault.msg
    assert "migrate --skip-checks" in fault.hint


def test_migrate_puts_missing_triggers_back(held):
    for table in KEPT:
        drop_trigger(table)
    assert check() != []
    call_command("migrate", verbosity=0)
    assert check() == []
    with pytest.raises(IntegrityError):
        sql(REFUSED["a line's value"], **held)


def drop_trigger(table: str) -> None:
    """Take away the one that refuses to change its rows."""
    lost = next(trigger for trigger in triggers.list_triggers(connection) if trigger.name == f"{table}_keep_update")
    on_table = "" if connection.vendor == "sqlite" else f" ON {table}"
    sql(f"DROP TRIGGER {lost.name}{on_table}")


def test_a_weakened_trigger_is_named(held):
    name = f"{SNAPSHOT}_keep_delete"
    if connection.vendor == "sqlite":
        sql(f"DROP TRIGGER {name}")
        sql(f"CREATE TRIGGER {name} BEFORE DELETE ON {SNAPSHOT} WHEN 0 BEGIN SELECT 1; END")
    else:
        sql(f"ALTER TABLE {SNAPSHOT} DISABLE TRIGGER {name}")
    (fault,) = check()
    assert name in fault.msg


def test_where_migrations_wait_it_is_a_warning_so_that_migrate_goes_on(held):
    triggers.remove(connection)
    MigrationRecorder(connection).record_unapplied(*newest_migration("reporting"))
    (fault,) = check()
    assert isinstance(fault, checks.Warning)
    assert fault.msg.startswith(f"{len(triggers.list_triggers(connection))} triggers are missing")


@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_keeps_its_triggers(monkeypatch):
    """SQLite makes a table anew to alter it, and drops its triggers without a word."""
    town = scenarios.make_town()
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    line = scenarios.publish(town, SEPTEMBER).lines.order_by("pk")[0].pk
    dropped, remove = [], triggers.remove
    monkeypatch.setattr(triggers, "remove", lambda held, **kinds: (remove(held, **kinds), dropped.append(held.alias)))
    altered = [
        migrations.AlterField("indicatorline", "title", models.CharField(max_length=90, db_comment="altered")),
        migrations.AlterField("snapshot", "fingerprint", models.CharField(max_length=90)),
        migrations.AlterField("publicedition", "fingerprint", models.CharField(max_length=90)),
    ]
    with rebuilt(monkeypatch, "reporting", altered):
        assert dropped == ["default"]
        assert check() == []
        with pytest.raises(IntegrityError, match="stays as it was"):
            sql(REFUSED["a line's value"], l=line)
    assert check() == []
    with pytest.raises(IntegrityError, match="stays as it was"):
        sql(REFUSED["a line away"], l=line)
