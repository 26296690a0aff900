"""The record: nobody changes it, its chain names what somebody changed all the same, and two writers can't fork it."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from boards.deletion import erase_person
from boards.models import Membership
from boards.rules import Role
from boards.services.letters import HEADS
from core import audit, context, triggers
from core.audit_log import sealing
from core.audit_log.sealing import check, get_head, seal, seal_each, verify
from core.calendar import Month
from core.chain import Head, read_head
from core.files import objects
from core.identity.sign_in import note_address
from core.models import AuditChain, AuditEvent, KnownDevice, OutboxEntry, ReadEvent, Session, User
from core.tasks import check_audit, seal_audit
from core.timetable import JobFailed
from tests import scenarios
from tests.factories import make_area
from tests.integration.at_once import WORKERS, by_all
from tests.letters import send_on
from tests.pdf import text_of
from tests.visiting import signed_in

TABLE, READS = AuditEvent._meta.db_table, ReadEvent._meta.db_table


@pytest.fixture
def person(db) -> User:
    return User.objects.create_user("officer@anytown.example", name="Olive Officer")


def act(person: User | None, *verbs: str, area: str = "anytown") -> None:
    for verb in verbs:
        audit.record(verb, person or User(name="No one"), by=person, area=area, why="A reason")


def make_chain(person: User) -> list[AuditEvent]:
    act(person, "thing.added", "thing.changed", "thing.archived")
    seal("anytown")
    return list(AuditEvent.objects.filter(area="anytown").order_by("number"))


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def run(*arguments: str) -> tuple[str, int, str]:
    said = io.StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=said)
    except CommandError as refused:
        return said.getvalue(), refused.returncode, str(refused)
    return said.getvalue(), 0, ""


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "change",
    [
        *("verb = 'x'", "actor = 'x'", "actor_id = 9", "details = '{}'", "happened_at = '2020-01-01'", "link = 'x'"),
        *("number = 9", "number = NULL, link = '', digest = ''", "area = 'southend'", "erasures = 7"),
        *("erasures = 1, verb = 'x'", "salt = 'x'", "id = 99"),
    ],
)
def test_no_event_changes(person, change):
    first, *_ = make_chain(person)
    held = list(AuditEvent.objects.values())
    with pytest.raises(IntegrityError, match="The audit log stays as it was"):
        sql(f"UPDATE {TABLE} SET {change} WHERE id = {first.pk}")
    assert list(AuditEvent.objects.values()) == held


@pytest.mark.both_databases
def test_no_event_goes(person):
    first, *_ = make_chain(person)
    act(person, "thing.waits")  # and isn't chained yet
    statements = [f"DELETE FROM {TABLE}", f"DELETE FROM {TABLE} WHERE number IS NULL"]
    if connection.vendor == "sqlite":
        columns = ", ".join(field.column for field in AuditEvent._meta.concrete_fields if field.column != "id")
        statements += [
            f"INSERT OR REPLACE INTO {TABLE} SELECT * FROM {TABLE} WHERE id = {first.pk}",
            f"INSERT OR REPLACE INTO {TABLE} ({columns}) SELECT {columns} FROM {TABLE} WHERE id = {first.pk}",
            f"UPDATE OR REPLACE {TABLE} SET number = 1, link = 'x', digest = 'x' WHERE number IS NULL",
        ]
    else:
        statements.append(f"TRUNCATE {TABLE}")
    for statement in statements:
        with pytest.raises(IntegrityError, match="The audit log stays as it was"):
            sql(statement)
    assert AuditEvent.objects.count() == 4


@pytest.mark.both_databases
def test_no_read_changes_or_goes(person):
    ReadEvent.objects.create(actor=person.email, area="anytown", verb="pack.read", target_type="x", target_id="1")
    for statement in (f"UPDATE {READS} SET actor = 'x'", f"DELETE FROM {READS}"):
        with pytest.raises(IntegrityError, match="The log of what was read stays as it was"):
            sql(statement)


@pytest.mark.both_databases
def test_a_missing_trigger_is_named(person):
    name = triggers.trigger_name(TABLE, triggers.KEEP, "DELETE")
    sql(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else f" ON {TABLE}"))
    with pytest.raises(CommandError, match=name):
        call_command("check", databases=["default"])


# --- The chain -----------------------------------------------------------------------------------------------------


def test_events_are_numbered_in_each_area(person):
    make_chain(person)
    act(person, "thing.added", area="southend")
    act(person, "user.changed", area="")
    assert seal_each() == 2
    assert seal_each() == 0
    assert list(AuditEvent.objects.order_by("pk").values_list("area", "number")) == [
        ("anytown", 1),
        ("anytown", 2),
        ("anytown", 3),
        ("southend", 1),
        ("", 1),
    ]
    said, status, _ = run()
    assert status == 0
    assert said.splitlines() == [
        f"No area: whole. Head {get_head('')}",
        f"anytown: whole. Head {get_head('anytown')}",
        f"southend: whole. Head {get_head('southend')}",
    ]


@pytest.mark.parametrize(
    ("attack", "fault"),
    [
        ("UPDATE {table} SET verb = 'thing.x' WHERE number = 2", "Event 2 (thing.x) or its link was changed."),
        ("UPDATE {table} SET actor = 'x' WHERE number = 2", "The words of event 2 (thing.changed) were changed."),
        ("UPDATE {table} SET details = '{{}}' WHERE number = 1", "The words of event 1 (thing.added) were changed."),
        ("DELETE FROM {table} WHERE number = 2", "Event 2 is missing."),
        ("DELETE FROM {table} WHERE number = 3", "Event 3 is missing: the chain had 3 events."),
        (
            "UPDATE {table} SET number = 9 WHERE number = 2",
            "There is an event 9, but the chain's stored head names event 3.",
        ),
    ],
)
def test_whoever_drops_the_triggers_is_found(person, attack, fault):
    make_chain(person)
    connection.check_constraints()
    triggers.remove(connection, kinds=[triggers.KEEP])
    sql(attack.format(table=TABLE))
    said, status, _ = run()
    assert status == 1
    assert fault in said
    assert verify("anytown").fault == fault
    check("anytown")
    chain = AuditChain.objects.get(area="anytown")
    assert (chain.fault, chain.checked_at is not None) == (fault, True)


def test_words_that_nobody_erased_are_found(person):
    """The trigger lets a name be erased, so anybody with SQL can say that they do it."""
    make_chain(person)
    sql(f"UPDATE {TABLE} SET actor = 'x', erasures = 1 WHERE number = 2")
    assert verify("anytown").fault == "The words of event 2 (thing.changed) were changed."


def test_a_chain_that_was_written_anew_lacks_the_head_that_was_noted(person):
    make_chain(person)
    noted = str(get_head("anytown"))
    act(person, "thing.more")
    seal("anytown")
    assert run("--area", "anytown", "--head", noted)[1] == 0
    connection.check_constraints()
    triggers.remove(connection, kinds=[triggers.KEEP])
    # An owner of the database takes the last events away, and chains others.
    AuditEvent.objects.filter(number__gte=3).delete()
    second = AuditEvent.objects.get(number=2)
    AuditChain.objects.update(number=2, link=second.link)
    act(person, "thing.forged", "thing.forged")
    seal("anytown")
    assert run()[1] == 0
    said, status, _ = run("--area", "anytown", "--head", noted)
    assert status == 1
    assert "Event 3 is not the event that you noted" in said


def test_an_event_that_somebody_keeps_out_of_the_chain_is_named(person):
    make_chain(person)
    act(person, "thing.late")
    assert verify("anytown").fault == ""  # it has only just happened
    connection.check_constraints()
    triggers.remove(connection, kinds=[triggers.KEEP])
    AuditEvent.objects.filter(number=None).update(happened_at=timezone.now() - timedelta(hours=1))
    assert verify("anytown").fault == "1 older event is not in the chain."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--head", "1:x"], "Name the area"),
        (["--area", "nowhere"], "There is no audit log of “nowhere”. There are: anytown."),
        (["--area", "anytown", "--head", "x"], "Enter the head"),
    ],
)
def test_wrong_arguments_are_named(person, arguments, said):
    make_chain(person)
    _, status, refused = run(*arguments)
    assert status == 2
    assert said in refused


def test_an_area_without_events_is_whole(db):
    assert verify("anytown").head == get_head("anytown") == Head()
    assert run() == ("", 0, "")


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_an_act_leaves_the_chain_to_the_job(person, django_assert_num_queries):
    """… or all who save in an area would wait for one lock, and each for five more queries."""
    with django_assert_num_queries(1):
        audit.record("thing.added", person, by=person, area="anytown")
    assert get_head("anytown").number == 0
    with transaction.atomic():
        act(person, "thing.undone")
        transaction.set_rollback(True)
    assert seal_audit() == 1
    assert get_head("anytown").number == AuditEvent.objects.count() == 1
    assert verify("anytown").fault == ""


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_writers_fork_no_chain(shared_database):
    person = User.objects.create_user("officer@anytown.example", name="Olive Officer")

    def write() -> None:
        for _ in range(5):
            with transaction.atomic():
                act(person, "thing.added", "thing.changed")
            seal_each()

    with ThreadPoolExecutor(WORKERS) as others:
        by_all(others, write)
    numbers = AuditEvent.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, WORKERS * 10 + 1))
    assert verify("anytown").fault == ""


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_what_cant_be_chained_now_is_chained_by_the_next_job(person, monkeypatch):
    def fail(*_, **__):
        raise OSError("No space left on device")

    act(person, "thing.added")
    with monkeypatch.context() as patch:
        patch.setattr("core.audit_log.sealing.make_link", fail)
        with pytest.raises(OSError, match="No space left"):
            seal_audit()
    assert AuditEvent.objects.get().number is None
    assert seal_audit() == 1


# --- Who ran a command ---------------------------------------------------------------------------------------------


def test_an_event_says_which_command_and_who_ran_it(person, monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("USER", "somebody-else")
    context.note_command(["manage.py", "import_figures", "x.csv"])
    try:
        act(None, "figures.imported")
    finally:
        context.note_command([])
    act(None, "figures.imported")
    ran, page = AuditEvent.objects.order_by("pk")
    assert ran.details["command"] == "import_figures"
    assert ran.details["run_by"] not in ("", "somebody-else")
    assert page.details == {"why": "A reason"}


# --- Erasing a name ------------------------------------------------------------------------------------------------


def everything_recorded() -> str:
    return json.dumps([list(model._default_manager.values()) for model in (AuditEvent, ReadEvent, User)], default=str)


def test_a_name_is_erased_and_the_chain_still_verifies(person):
    """Their acts, what others did to them, what they read, and their former addresses: nothing has the name."""
    other = User.objects.create_user("other@anytown.example", name="Annual Review")
    User.objects.filter(pk=person.pk).update(email="olive.before@anytown.example")
    person.refresh_from_db()
    make_chain(person)
    person.email = "olive@anytown.example"
    person.save()
    audit.record("name_viewer.granted", person, by=other, area="anytown", person=person.email, why="Ask OLIVE officer")
    audit.record("user.signed_in", person, by=person, ip="192.0.2.7")
    audit.record("thing.done", other, by=other, area="southend", changes={"owner": ["Annual Review", "Olive Officer"]})
    ReadEvent.objects.create(actor_id=person.pk, actor=person.email, area="anytown", verb="pack.read", target="P1")
    seal_each()
    before = get_head("anytown")

    assert erase_person(person, why="Olive Officer asked for it", also=["Olive Born"], by=None) == 7
    seal_each()

    said = everything_recorded().lower()
    for name in ("olive", "officer", "192.0.2.7"):
        assert name not in said
    assert f"Person {person.pk} asked for it" in everything_recorded()
    assert "Annual Review" in everything_recorded()  # another person's name stays
    assert [verify(area).fault for area in ("anytown", "southend", "")] == ["", "", ""]
    assert verify("anytown", kept=before).fault == ""  # a head that somebody noted before is still in it
    person.refresh_from_db()
    assert (str(person), person.is_active, person.has_usable_password()) == (f"Person {person.pk}", False, False)


def test_a_name_that_is_erased_during_a_check_is_no_fault(person, monkeypatch):
    """A check of millions of events takes minutes."""
    make_chain(person)
    seal_each()
    read_in_pages, erased = sealing._read_in_pages, []

    def erase_meanwhile(events):
        for event in read_in_pages(events):
            yield event
            if not erased:
                erased.append(erase_person(person, why="They asked", by=None))

    monkeypatch.setattr(sealing, "AT_ONCE", 1)
    monkeypatch.setattr(sealing, "_read_in_pages", erase_meanwhile)

    assert verify("anytown").fault == ""
    assert erased[0] > 1


def test_an_erased_person_leaves_no_letter_device_or_factor(person):
    """A letter about a changed address has the old and the new one, and one that waits would still be sent."""
    client = signed_in(person)
    KnownDevice.objects.create(
        person=person, key="k" * 64, device="Firefox", first_at=timezone.now(), seen_at=timezone.now()
    )
    note_address(person, before="olive.before@anytown.example", by=person)
    client.force_login(person)
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "Olive’s phone"})
    LogEntry.objects.create(user=person, object_repr="Olive Officer: Analyst, Anytown", action_flag=ADDITION)
    erase_person(person, why="Asked", by=None)
    seal_each()
    assert not Authenticator.objects.filter(user=person).exists()
    for model in (OutboxEntry, KnownDevice, Session):
        assert not model._default_manager.filter(person=person).exists(), model
    assert "olive" not in everything_recorded().lower()
    assert LogEntry.objects.get().object_repr == f"Person {person.pk}: Analyst, Anytown"
    assert verify("").fault == ""


def test_words_that_change_after_an_erasure_are_found(person):
    make_chain(person)
    erase_person(person, why="Asked", by=None)
    seal_each()
    sql(f"UPDATE {TABLE} SET actor = 'Another', erasures = 2 WHERE number = 1")
    assert verify("anytown").fault == "The words of event 1 (thing.added) were changed."


def test_two_people_are_erased_from_one_event(person):
    other = User.objects.create_user("other@anytown.example", name="Ollie Other")
    audit.record("thing.done", other, by=person, area="anytown", why="For Ollie Other")
    for each in (person, other):
        erase_person(each, why="Asked", by=None)
    seal_each()
    event = AuditEvent.objects.get(verb="thing.done")
    pseudonym = f"Person {other.pk}"
    assert (event.actor, event.target, event.details["why"]) == (f"Person {person.pk}", pseudonym, f"For {pseudonym}")
    assert verify("anytown").fault == ""


def test_the_command_asks_whether_it_is_meant(person):
    def erase(*arguments: str) -> str:
        said = io.StringIO()
        try:
            call_command("erase_person", person.email, "--why", "Asked", *arguments, stdout=said)
        except CommandError as refused:
            return f"{refused.returncode}: {refused}"
        return said.getvalue()

    act(person, "thing.added")
    assert "To do it, add --sure" in erase()
    area = make_area("anytown")
    held = Membership.objects.create(user=person, area=area, role=Role.COORDINATOR)
    assert "still has a role in anytown" in erase("--sure")
    held.delete()
    assert erase("--sure") == f"Erased. The audit log now calls them Person {person.pk}, in 1 event.\n"
    assert erase("--sure").startswith("2: No one signs in as")


# --- The head, where nobody can change it later --------------------------------------------------------------------


MONDAY = datetime(2026, 11, 30, 4, 15, tzinfo=UTC)


def check_on(day: datetime) -> None:
    check_audit()
    AuditChain.objects.update(checked_at=day)


def test_officers_get_the_head_once_a_week(town, mailoutbox):
    officer = town.people[Role.INFORMATION]
    act(None, "thing.added", area=town.area.slug)
    seal_each()
    head = get_head(town.area.slug)
    assert send_on(MONDAY.date(), HEADS) == 0  # nobody has checked the chain
    check_on(MONDAY)
    assert send_on(MONDAY.date(), HEADS) == 1
    (letter,) = mailoutbox
    assert letter.to == [officer.email]
    assert str(head) in letter.body
    assert str(head) in letter.alternatives[0].content
    assert run("--area", town.area.slug, "--head", str(head))[1] == 0
    act(None, "thing.more", area=town.area.slug)
    seal_each()
    assert send_on(MONDAY.date() + timedelta(days=1), HEADS) == 0  # the same week
    next_week = MONDAY + timedelta(days=7)
    assert send_on(next_week.date(), HEADS) == 0  # not checked yet
    check_on(next_week)
    assert send_on(next_week.date(), HEADS) == 1
    assert str(get_head(town.area.slug)) in mailoutbox[1].body


def test_the_letter_has_the_head_of_accounts_and_sign_ins_too(town, mailoutbox):
    """Otherwise an owner of the database could write these anew, and no e-mail would show it."""
    act(None, "thing.added", area=town.area.slug)
    act(None, "user.signed_in", area="")
    seal_each()
    check_on(MONDAY)
    send_on(MONDAY.date(), HEADS)
    assert str(get_head("")) in mailoutbox[0].body
    assert run("--area", "none", "--head", str(get_head("")))[1] == 0


def test_a_broken_chain_is_in_the_letter(town, mailoutbox):
    act(None, "thing.added", area=town.area.slug)
    seal_each()
    check_on(MONDAY)
    AuditChain.objects.update(fault="Event 2 is missing.")
    send_on(MONDAY.date(), HEADS)
    assert "The last check found the audit log broken." in mailoutbox[0].body


def test_an_issued_pack_has_the_head(town):
    scenarios.accept(town, Month(2026, 9), {"arrests": 15, "charges": 9})
    scenarios.publish(town, Month(2026, 9))
    seal_each()
    head = get_head(town.area.slug)
    pack = scenarios.issue(town, Month(2026, 9))
    assert pack.record_head == str(head)
    assert verify(town.area.slug, kept=read_head(pack.record_head)).fault == ""
    # On paper too: nobody can write that anew.
    printed = "".join(text_of(objects.read(pack.pdf)).split())
    assert f"Auditlogofthisareauptoevent{head.number:,}:{head.link}" in printed


# --- The jobs ------------------------------------------------------------------------------------------------------


def test_the_jobs_run_twice_and_name_a_broken_chain(person):
    act(person, "thing.added")
    assert [seal_audit(), seal_audit()] == [1, 0]
    check_audit()
    check_audit()
    connection.check_constraints()
    triggers.remove(connection, kinds=[triggers.KEEP])
    AuditEvent.objects.update(verb="thing.x")
    with pytest.raises(JobFailed, match="anytown: Event 1"):
        check_audit()
