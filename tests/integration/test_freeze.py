"""What was published stays as it was, whoever writes to the database: by SQL as well."""

import pytest
from django.core import checks
from django.core.management import call_command
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from actions.models import ActionChange, ActionMove, ActionUpdate, ChallengeEntry
from boards.roles import Role
from core import guards
from core.checks import guards_are_up
from core.months import Month
from indicators.models import IndicatorChange, MonthMarking, NameReveal
from indicators.workflow import EditionState
from reporting.models import (
    EditionWithdrawal,
    IndicatorLine,
    IssuedPack,
    PackPhoto,
    PublicEdition,
    PublicLine,
    Snapshot,
    SnapshotState,
)
from reporting.services.editions import (
    agree,
    ask_consent,
    decline,
    publish_edition,
    turn_public_pages,
    withdraw_edition,
)
from tests import scenarios
from tests.asking import ask
from tests.engagement import count
from tests.factories import make_dimension
from tests.highlights import picture, tell
from tests.integration.rebuilding import newest_migration, rebuilt
from tests.integration.rows_of_plan import leave_plan

SEPTEMBER = Month(2026, 9)
LINE, SNAPSHOT = IndicatorLine._meta.db_table, Snapshot._meta.db_table
PUBLIC_LINE, EDITION = PublicLine._meta.db_table, PublicEdition._meta.db_table
WITHDRAWAL, MARKING = EditionWithdrawal._meta.db_table, MonthMarking._meta.db_table
PACK, PHOTO = IssuedPack._meta.db_table, PackPhoto._meta.db_table
UPDATE, CHANGE, ENTRY = (model._meta.db_table for model in (ActionUpdate, ActionChange, ChallengeEntry))
MOVE, SET_UP, LOOK = (model._meta.db_table for model in (ActionMove, IndicatorChange, NameReveal))
VERSION_STAYS, EDITION_STAYS = "A published version stays as it was", "A published edition stays as it was"


def columns_of(model: type[models.Model]) -> str:
    return ", ".join(f.column for f in model._meta.concrete_fields if f.column != "id")


COLUMNS = columns_of(IndicatorLine)
OTHERS = COLUMNS.replace("category_code", "'new'").replace("snapshot_id", "{snapshot}")
PUBLIC_COLUMNS = columns_of(PublicLine)
PUBLIC_OTHERS = PUBLIC_COLUMNS.replace("category_code", "'new'").replace("edition_id", "{edition}")
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
# {e} a published edition, {a} one that waits for consent, {l} a line of the first.
REFUSED_OF_EDITIONS = {
    "a line's value": f"UPDATE {PUBLIC_LINE} SET value = 99, state = 'figure' WHERE id = {{l}}",
    "a line's rule": f"UPDATE {PUBLIC_LINE} SET protected_by = 'show' WHERE edition_id = {{e}}",
    "a line to another edition": f"UPDATE {PUBLIC_LINE} SET edition_id = {{a}}, category_code = 'x' WHERE id = {{l}}",
    "a line into it": f"UPDATE {PUBLIC_LINE} SET edition_id = {{e}}, category_code = 'x' WHERE edition_id = {{a}}",
    "a line away": f"DELETE FROM {PUBLIC_LINE} WHERE id = {{l}}",
    "every line away": f"DELETE FROM {PUBLIC_LINE}",
    "a new line": f"INSERT INTO {PUBLIC_LINE} ({PUBLIC_COLUMNS}) "
    f"SELECT {PUBLIC_OTHERS.format(edition='{e}')} FROM {PUBLIC_LINE} WHERE id = {{l}}",
    "back to consented": f"UPDATE {EDITION} SET state = 'agreed', number = NULL, published_at = NULL, "
    f"published_by_id = NULL WHERE id = {{e}}",
    "its number": f"UPDATE {EDITION} SET number = 7 WHERE id = {{e}}",
    "what was consented to": f"UPDATE {EDITION} SET fingerprint = 'x' WHERE id = {{e}}",
    "the edition away": f"DELETE FROM {EDITION} WHERE id = {{e}}",
}
POSTGRESQL_OF_EDITIONS = {
    "all lines at once": f"TRUNCATE {PUBLIC_LINE}",
    "all editions at once": f"TRUNCATE {EDITION} CASCADE",
}
SQLITE_OF_EDITIONS = {
    "an edition in its place": f"INSERT OR REPLACE INTO {EDITION} SELECT * FROM {EDITION} WHERE id = {{e}}",
    "a waiting one in its place": f"UPDATE OR REPLACE {EDITION} SET id = {{e}} WHERE id = {{a}}",
    "a line in a line's place": f"UPDATE OR REPLACE {PUBLIC_LINE} SET id = {{l}} WHERE edition_id = {{a}}",
    "a waiting one's line in a line's place": f"INSERT OR REPLACE INTO {PUBLIC_LINE} (id, {PUBLIC_COLUMNS}) "
    f"SELECT {{l}}, {PUBLIC_OTHERS.format(edition='{a}')} FROM {PUBLIC_LINE} WHERE id = {{l}}",
}
# Rows that are only added to.
ADDED = {
    WITHDRAWAL: ("A withdrawal", "why = 'x'"),
    MARKING: ("A marking", "marking = 'OFFICIAL-SENSITIVE'"),
    PACK: ("An issued pack", "meeting = 'x'"),
    PHOTO: ("A picture of an issued pack", "content = 'x'"),
    UPDATE: ("An update of an action", "text = 'x'"),
    CHANGE: ("A change of an action", "why = 'x'"),
    ENTRY: ("An entry of a challenge", "text = 'x'"),
    MOVE: ("A move of an action", "why = 'x'"),
    SET_UP: ("A change of an indicator", "act = 'reworded'"),
    LOOK: ("A look at names", "why = 'x'"),
}


@pytest.fixture
def held(town) -> dict[str, int]:
    """A published month with its lines, and the next one's draft."""
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    scenarios.accept(town, SEPTEMBER.next, {"arrests": 5, "charges": 2})
    published = scenarios.publish(town, SEPTEMBER)
    scenarios.sweep()
    draft = Snapshot.objects.get(state=SnapshotState.DRAFT.value)
    return {"p": published.pk, "d": draft.pk, "l": published.lines.order_by("pk")[0].pk}


@pytest.fixture
def editions(town) -> dict[str, int]:
    """A month that is published for the public, and the next one's edition, which waits for consent."""
    turn_public_pages(town.area, on=True, by=town.coordinator)
    for month, arrests in ((SEPTEMBER, 30), (SEPTEMBER.next, 50)):
        scenarios.accept(town, month, {"arrests": arrests, "charges": 20})
        scenarios.publish(town, month)
    waiting = [ask_consent(scenarios.open_month(town, month), by=town.coordinator) for month in (SEPTEMBER,)]
    agree(waiting[0], by=town.people[Role.INFORMATION], seen=waiting[0].fingerprint)
    publish_edition(waiting[0], by=town.coordinator)
    waiting.append(ask_consent(scenarios.open_month(town, SEPTEMBER.next), by=town.coordinator))
    line = PublicLine.objects.filter(edition=waiting[0]).order_by("pk")[0]
    return {"e": waiting[0].pk, "a": waiting[1].pk, "l": line.pk}


@pytest.fixture
def added(town, editions) -> dict[str, int]:
    """A withdrawn edition, a month that was marked, and a pack of it, with a picture."""
    officer = town.people[Role.INFORMATION]
    edition = PublicEdition.objects.get(pk=editions["e"])
    withdraw_edition(edition, why="A figure was wrong", by=officer)
    marked = MonthMarking.objects.create(
        period=edition.period,
        audience="partners",
        marking="OFFICIAL",
        why="Agreed",
        set_at=timezone.now(),
        set_by=officer,
    )
    tell(town, picture=picture())
    pack = scenarios.issue(town, edition.period.month)
    leave_plan(town)
    kept = {UPDATE: ActionUpdate.objects.first(), CHANGE: ActionChange.objects.first(), ENTRY: ask(town).entries.get()}
    kept |= {PACK: pack, PHOTO: pack.photos.get(), MOVE: ActionMove.objects.first()}
    count(town)
    origin = make_dimension(town.area, "origin", ["london"]).categories.get()
    looked = NameReveal.objects.create(category=origin, why="A meeting", made_at=timezone.now(), made_by=officer)
    kept |= {SET_UP: IndicatorChange.objects.first(), LOOK: looked}
    others = {table: row.pk for table, row in kept.items() if row}
    return {WITHDRAWAL: EditionWithdrawal.objects.get().pk, MARKING: marked.pk} | others


def every_row() -> list[object]:
    kinds = (Snapshot, IndicatorLine, PublicEdition, PublicLine, EditionWithdrawal, MonthMarking, IssuedPack)
    kinds += (PackPhoto, ActionUpdate, ActionChange, ActionMove, ChallengeEntry, IndicatorChange, NameReveal)
    return [list(model.objects.order_by("pk").values()) for model in kinds]


def sql(statement: str, **values: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        connection.check_constraints()  # PostgreSQL alters no table that has checks to come
        cursor.execute(statement.format(**values))


def refused(statement: str, held: dict[str, int], *, because: str = VERSION_STAYS) -> None:
    before = every_row()
    with pytest.raises(IntegrityError, match=because):
        sql(statement, **held)
    assert every_row() == before


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_published_refuses(held, what):
    refused(REFUSED[what], held)


def test_it_refuses_what_only_this_database_can(held):
    for statement in (SQLITE if connection.vendor == "sqlite" else POSTGRESQL).values():
        refused(statement, held)


@pytest.mark.parametrize("what", REFUSED_OF_EDITIONS)
def test_what_is_public_refuses(editions, what):
    refused(REFUSED_OF_EDITIONS[what], editions, because=EDITION_STAYS)


def test_an_edition_refuses_what_only_this_database_can(editions):
    connection.check_constraints()
    guards.remove(connection, kinds=[guards.AREA])  # they refuse another id first
    for statement in (SQLITE_OF_EDITIONS if connection.vendor == "sqlite" else POSTGRESQL_OF_EDITIONS).values():
        refused(statement, editions, because=EDITION_STAYS)


@pytest.mark.parametrize("table", ADDED)
def test_a_row_that_was_added_stays(added, table):
    words, change = ADDED[table]
    row = f"WHERE id = {added[table]}"
    statements = [
        f"UPDATE {table} SET {change} {row}",
        f"UPDATE {table} SET id = 7 {row}",
        f"DELETE FROM {table} {row}",
    ]
    if connection.vendor == "sqlite":
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} {row}")
        statements.append(f"UPDATE OR REPLACE {table} SET {change}")
    else:
        statements.append(f"TRUNCATE {table} CASCADE")
    for statement in statements:
        refused(statement, {}, because=f"{words} stays as it was")


def test_a_withdrawal_takes_no_other_ones_place(added):
    if connection.vendor != "sqlite":
        return  # it has no REPLACE, and the unique constraint holds
    columns = columns_of(EditionWithdrawal)
    refused(
        f"INSERT OR REPLACE INTO {WITHDRAWAL} ({columns}) SELECT {columns} FROM {WITHDRAWAL}",
        {},
        because="A withdrawal stays as it was",
    )


def test_a_pack_takes_no_other_ones_place(added):
    if connection.vendor != "sqlite":
        return
    columns = columns_of(IssuedPack)
    another = columns.replace("reference", "'X-1'")  # of the same month, board and number
    for values in (columns, another):
        refused(
            f"INSERT OR REPLACE INTO {PACK} ({columns}) SELECT {values} FROM {PACK}",
            {},
            because="An issued pack stays as it was",
        )


def test_a_picture_of_a_pack_takes_no_other_ones_place(added):
    if connection.vendor != "sqlite":
        return
    columns = columns_of(PackPhoto)
    refused(
        f"INSERT OR REPLACE INTO {PHOTO} ({columns}) SELECT {columns.replace('content', "'x'")} FROM {PHOTO}",
        {},
        because="A picture of an issued pack stays as it was",
    )


def test_more_is_added(added):
    columns = columns_of(MonthMarking)
    sql(f"INSERT INTO {MARKING} ({columns}) SELECT {columns} FROM {MARKING}")
    assert MonthMarking.objects.count() == 2


def refuse_all(acts) -> None:
    for act in acts:
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            act()


def test_the_orm_is_refused_too(held):
    published = Snapshot.objects.get(pk=held["p"])
    refuse_all([published.save, published.delete, published.lines.first().save])


def test_the_orm_is_refused_an_edition_too(editions):
    public = PublicEdition.objects.get(pk=editions["e"])
    refuse_all([public.save, public.delete, public.lines.first().save, public.lines.first().delete])


def test_the_orm_is_refused_what_was_added_too(town, added):
    withdrawal, marked, photo = EditionWithdrawal.objects.get(), MonthMarking.objects.get(), PackPhoto.objects.get()
    refuse_all([withdrawal.save, withdrawal.delete, marked.save, marked.delete, photo.save, photo.delete])
    pack = scenarios.issue(town, SEPTEMBER.next)  # without pictures
    refuse_all([pack.save, pack.delete])


def test_a_draft_is_free(held):
    sql(f"UPDATE {LINE} SET note = 'x' WHERE snapshot_id = {{d}}", **held)
    sql(f"INSERT INTO {LINE} ({COLUMNS}) SELECT {OTHERS.format(snapshot='{d}')} FROM {LINE} WHERE id = {{l}}", **held)
    sql(f"DELETE FROM {LINE} WHERE snapshot_id = {{d}}", **held)
    sql(f"DELETE FROM {SNAPSHOT} WHERE id = {{d}}", **held)
    assert not Snapshot.objects.filter(pk=held["d"]).exists()


@pytest.mark.parametrize("state", [EditionState.ASKED, EditionState.AGREED, EditionState.DECLINED])
def test_an_edition_that_is_not_published_is_free(town, editions, state):
    edition, officer = PublicEdition.objects.get(pk=editions["a"]), town.people[Role.INFORMATION]
    if state is EditionState.AGREED:
        agree(edition, by=officer, seen=edition.fingerprint)
    if state is EditionState.DECLINED:
        decline(edition, why="Too small", by=officer)
    assert PublicEdition.objects.get(pk=edition.pk).state == state
    sql(f"UPDATE {PUBLIC_LINE} SET position = 9 WHERE edition_id = {{a}}", **editions)
    sql(
        f"INSERT INTO {PUBLIC_LINE} ({PUBLIC_COLUMNS}) SELECT {PUBLIC_OTHERS.format(edition='{a}')} "
        f"FROM {PUBLIC_LINE} WHERE id = {{l}}",
        **editions,
    )
    sql(f"DELETE FROM {PUBLIC_LINE} WHERE edition_id = {{a}}", **editions)
    sql(f"UPDATE {EDITION} SET fingerprint = 'x' WHERE id = {{a}}", **editions)
    sql(f"DELETE FROM {EDITION} WHERE id = {{a}}", **editions)
    assert not PublicEdition.objects.filter(pk=editions["a"]).exists()


def check() -> list[object]:
    return guards_are_up(databases=["default"])


def test_the_check_is_content_and_looks_only_where_it_is_asked_to():
    assert guards_are_up(databases=None) == []


@pytest.mark.parametrize("table", [LINE, PUBLIC_LINE, EDITION, *ADDED])
def test_a_missing_trigger_is_named_and_migrate_puts_it_back(held, table):
    assert check() == []
    lost = next(trigger for trigger in guards.triggers_of(connection) if trigger.name == f"{table}_keep_update")
    on_table = "" if connection.vendor == "sqlite" else f" ON {table}"
    sql(f"DROP TRIGGER {lost.name}{on_table}")
    (fault,) = check()
    assert isinstance(fault, checks.Error)
    assert f"{table}_keep_update" in fault.msg
    assert "migrate --skip-checks" in fault.hint
    call_command("migrate", verbosity=0)
    assert check() == []
    with pytest.raises(IntegrityError):
        sql(REFUSED["a line's value"], **held)


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
    guards.remove(connection)
    MigrationRecorder(connection).record_unapplied(*newest_migration("reporting"))
    faults = check()
    assert len(faults) == len(guards.triggers_of(connection))
    assert {type(fault) for fault in faults} == {checks.Warning}


@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_keeps_its_triggers(monkeypatch):
    """SQLite makes a table anew to alter it, and drops its triggers without a word."""
    town = scenarios.make_town()
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    line = scenarios.publish(town, SEPTEMBER).lines.order_by("pk")[0].pk
    dropped, remove = [], guards.remove
    monkeypatch.setattr(guards, "remove", lambda held, **kinds: (remove(held, **kinds), dropped.append(held.alias)))
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


@pytest.mark.django_db(transaction=True)
def test_a_database_from_before_there_were_editions_is_frozen_too():
    town = scenarios.make_town()
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    line = scenarios.publish(town, SEPTEMBER).lines.order_by("pk")[0].pk
    try:
        call_command("migrate", "reporting", "0003", verbosity=0)
        there = [trigger for trigger in guards.triggers_of(connection) if "_keep_" in trigger.name]
        assert {trigger.table for trigger in there} == {
            *(SNAPSHOT, LINE, MARKING, UPDATE, CHANGE, MOVE, ENTRY, SET_UP, LOOK)
        }
        with pytest.raises(IntegrityError, match=VERSION_STAYS):
            sql(REFUSED["a line away"], l=line)
    finally:
        call_command("migrate", verbosity=0)
    assert check() == []
