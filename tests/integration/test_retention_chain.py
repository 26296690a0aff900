"""Only the beginning of a chain goes, behind a checkpoint that was made first; and nobody removes anything else."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from boards.deletion import erase_person, remove_beginning
from core import audit, triggers
from core.audit_log.sealing import REMOVED, get_checkpoint, get_head, seal, verify
from core.chain import Head, read_head
from core.models import AuditCheckpoint, AuditEvent, LegalHold, ReadEvent, RetentionNotice, User
from tests.retained import AREA, OLD, give_notice, make_old_chain, make_old_reads

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
EVENTS, POINTS, READS = (model._meta.db_table for model in (AuditEvent, AuditCheckpoint, ReadEvent))
YEAR = timedelta(days=365)
STAYS, NO_POINT = "The audit log stays as it was", "A checkpoint must be the last event that may be deleted"


@pytest.fixture
def chain(db) -> list[AuditEvent]:
    """Three old events and two new ones."""
    return make_old_chain(OLD, OLD - YEAR / 4, OLD - YEAR / 2, YEAR, timedelta(0))


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def refused(statement: str, *, because: str) -> None:
    held = [list(model.objects.order_by("pk").values()) for model in (AuditEvent, AuditCheckpoint, ReadEvent)]
    with pytest.raises(IntegrityError, match=because):
        sql(statement)
    assert [list(model.objects.order_by("pk").values()) for model in (AuditEvent, AuditCheckpoint, ReadEvent)] == held


def point(number: int, link: str, *, removed: int | None = None, before: int = 0) -> str:
    return (
        f"INSERT INTO {POINTS} (area, number, link, removed, older_than, removed_at) VALUES "
        f"('{AREA}', {number}, '{link}', {number - before if removed is None else removed}, '2026-01-01', '2026-01-01')"
    )


def note_removed(head: Head) -> None:
    audit.record(REMOVED, User(), by=None, area=AREA, up_to=head.number, link=head.link)
    seal(AREA)


def may_go() -> RetentionNotice:
    return give_notice("events", older_than=timezone.now() - 7 * YEAR)


def without_guards(*statements: str) -> None:
    """Do what an owner of the database can: drop the triggers, write, and put them back."""
    triggers.remove(connection)
    for statement in statements:
        sql(statement)
    triggers.install(connection)


# --- What may go ---------------------------------------------------------------------------------------------------


def test_the_beginning_goes_and_the_rest_verifies(chain):
    head = get_head(AREA)
    may_go()
    removed = remove_beginning(AREA, timezone.now() - 7 * YEAR)
    assert removed == Head(3, chain[2].link)
    note_removed(removed)
    assert sorted(AuditEvent.objects.values_list("number", flat=True)) == [4, 5, 6]
    finding = verify(AREA)
    assert (finding.fault, finding.start) == ("", removed)
    assert verify(AREA, kept=head).fault == ""
    assert verify(AREA, kept=removed).fault == ""  # an e-mail with exactly this head still proves it
    assert remove_beginning(AREA, timezone.now() - 7 * YEAR) is None


def test_goes_on_from_the_last_checkpoint(chain):
    may_go()
    moment = timezone.now() - 7 * YEAR
    heads = [remove_beginning(AREA, moment, at_most=2), remove_beginning(AREA, moment, at_most=2)]
    assert [head.number for head in heads if head] == [2, 3]
    assert list(AuditCheckpoint.objects.order_by("number").values_list("number", "removed")) == [(2, 2), (3, 1)]
    assert get_checkpoint(AREA) == heads[-1]


def test_an_older_event_behind_a_newer_one_stays(db):
    make_old_chain(OLD, YEAR, OLD)
    may_go()
    remove_beginning(AREA, timezone.now() - 7 * YEAR)
    assert list(AuditEvent.objects.values_list("number", flat=True).order_by("number")) == [2, 3]


def test_a_name_that_was_erased_still_verifies(chain, django_user_model):
    person = User.objects.create_user("lead@anytown.example", name="Lee Lead")
    erase_person(person, why="They asked", by=None)
    seal(AREA)
    may_go()
    removed = remove_beginning(AREA, timezone.now() - 7 * YEAR)
    assert removed
    note_removed(removed)
    assert verify(AREA).fault == ""


def test_the_command_says_what_was_removed(chain):
    old = Head(2, chain[1].link)
    may_go()
    removed = remove_beginning(AREA, timezone.now() - 7 * YEAR)
    assert removed
    note_removed(removed)
    said = io.StringIO()
    call_command("verify_audit", area=AREA, head=str(old), stdout=said)
    assert said.getvalue().strip() == (
        f"{AREA}: whole. Head {get_head(AREA)}. The events up to 3 were removed. "
        "So nothing is left to compare with event 2."
    )
    call_command("verify_audit", area=AREA, head=str(removed), stdout=io.StringIO())
    with pytest.raises(CommandError):
        call_command("verify_audit", area=AREA, head=f"3:{'0' * 64}", stdout=io.StringIO())


# --- What somebody tries -------------------------------------------------------------------------------------------


def test_nothing_goes_without_a_checkpoint(chain):
    may_go()
    for which in ("number = 1", "number = 3", "number = 5", "number <= 3", "1 = 1"):
        refused(f"DELETE FROM {EVENTS} WHERE {which}", because=STAYS)


def test_nothing_goes_from_the_middle_or_the_end(chain):
    may_go()
    sql(point(2, chain[1].link))
    for which in ("number = 3", "number >= 4", "number IN (1, 2, 3)"):
        refused(f"DELETE FROM {EVENTS} WHERE {which}", because=STAYS)


def test_a_truncate_is_refused(chain):
    may_go()
    if connection.vendor == "postgresql":
        for table in (EVENTS, POINTS, READS):
            make_old_reads(OLD)
            sql(point(1, chain[0].link)) if table == POINTS else None
            refused(f"TRUNCATE {table}", because="stays as it was")
    else:
        refused(f"DELETE FROM {EVENTS}", because=STAYS)


def test_a_checkpoint_has_the_link_of_its_event(chain):
    may_go()
    refused(point(2, chain[0].link), because=NO_POINT)
    refused(point(2, "0" * 64), because=NO_POINT)
    refused(point(9, chain[4].link), because=NO_POINT)
    refused(point(2, chain[1].link, removed=1), because=NO_POINT)


def test_checkpoints_only_go_forwards_and_stay(chain):
    may_go()
    sql(point(2, chain[1].link))
    refused(point(1, chain[0].link), because=NO_POINT)
    refused(point(2, chain[1].link), because=f"{NO_POINT}|A checkpoint of the audit log stays as it was")
    refused(f"UPDATE {POINTS} SET number = 1", because="A checkpoint of the audit log stays as it was")
    refused(f"DELETE FROM {POINTS}", because="A checkpoint of the audit log stays as it was")


def test_no_checkpoint_without_an_announcement_whose_day_has_come(chain):
    refused(point(3, chain[2].link), because=NO_POINT)
    tomorrow = timezone.localdate() + timedelta(days=2)
    notice = give_notice("events", older_than=timezone.now() - 7 * YEAR, deletes_on=tomorrow)
    refused(point(3, chain[2].link), because=NO_POINT)
    RetentionNotice.objects.filter(pk=notice.pk).update(outcome="cancelled", ended_on=timezone.localdate())
    refused(point(3, chain[2].link), because=NO_POINT)
    give_notice("reads", older_than=timezone.now() - 7 * YEAR)  # of another kind
    refused(point(3, chain[2].link), because=NO_POINT)


def test_no_checkpoint_over_what_is_too_new(chain):
    may_go()
    refused(point(4, chain[3].link), because=NO_POINT)


@pytest.mark.parametrize("kind", ["", "events"])
def test_a_hold_stops_it_in_the_database_too(chain, kind):
    may_go()
    person = User.objects.create_user("officer@anytown.example")
    LegalHold.objects.create(area=AREA, kind=kind, why="A claim", placed_at=timezone.now(), placed_by=person)
    refused(point(3, chain[2].link), because=NO_POINT)


def test_reads_go_only_when_announced_and_not_held(db):
    make_old_reads(OLD, YEAR)
    refused(f"DELETE FROM {READS}", because="The log of what was read stays as it was")
    give_notice("reads", older_than=timezone.now() - 2 * YEAR)
    refused(f"DELETE FROM {READS}", because="The log of what was read stays as it was")  # one of them is too new
    ReadEvent.objects.filter(happened_at__lt=timezone.now() - 2 * YEAR).delete()
    assert ReadEvent.objects.count() == 1


def test_an_announcement_ends_once_and_stays(db):
    notice = may_go()
    table = RetentionNotice._meta.db_table
    for change in ("older_than = '2030-01-01'", "deletes_on = '2020-01-01'", "kind = 'reads'", "deleted = -1"):
        with pytest.raises(IntegrityError):
            sql(f"UPDATE {table} SET {change}")
    RetentionNotice.objects.filter(pk=notice.pk).update(outcome="deleted", ended_on=timezone.localdate())
    with pytest.raises(IntegrityError, match="An announcement stays as it was"):
        sql(f"UPDATE {table} SET outcome = '', ended_on = NULL")
    with pytest.raises(IntegrityError, match="An announcement stays as it was"):
        sql(f"DELETE FROM {table}")


# --- What an owner of the database did all the same ----------------------------------------------------------------


def test_the_check_names_a_beginning_that_nobody_recorded(chain):
    link = chain[2].link
    without_guards(f"DELETE FROM {EVENTS} WHERE number <= 3")
    assert verify(AREA).fault == "Event 1 is missing."
    without_guards(point(3, link))
    assert verify(AREA).fault == "The events up to 3 were removed without a record of it."


def test_the_check_names_a_checkpoint_that_does_not_fit(chain):
    may_go()
    removed = remove_beginning(AREA, timezone.now() - 7 * YEAR)
    assert removed
    note_removed(removed)
    without_guards(f"UPDATE {POINTS} SET link = '{'0' * 64}'")
    assert verify(AREA).fault == "Event 4 (thing.changed) or its link was changed."
    without_guards(f"UPDATE {POINTS} SET number = 77")
    assert verify(AREA).fault == "A checkpoint says that event 77 was removed, but the chain had 6 events."
    without_guards(f"DELETE FROM {POINTS}")
    assert verify(AREA).fault == "Event 1 is missing."


def test_the_check_names_an_event_left_behind_a_checkpoint(chain):
    may_go()
    sql(point(3, chain[2].link))
    note_removed(Head(3, chain[2].link))
    sql(f"DELETE FROM {EVENTS} WHERE number = 2")
    assert verify(AREA).fault == "Event 1 is still there, although a checkpoint says that it was removed."


def test_the_head_of_an_email_still_finds_a_chain_written_anew(chain):
    head = get_head(AREA)
    may_go()
    removed = remove_beginning(AREA, timezone.now() - 7 * YEAR)
    assert removed
    note_removed(removed)
    assert verify(AREA, kept=read_head(f"{head.number}:{'0' * 64}")).fault
