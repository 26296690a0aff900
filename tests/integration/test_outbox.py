"""Every email leaves by one table. A database with several carries over what was sent and what waits."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.state import StateApps

from actions.selectors.notices import failed_notices
from boards.rules import Role
from core.calendar import Month
from core.letter_kinds import LetterKind
from core.mail.daily import Occasion, load_sources
from core.models import Alarm, OutboxEntry
from core.tasks import send_account_letters, send_letters
from indicators.selectors.reminders import failed_reminders
from operations.health.alarms import watch
from operations.health.kinds import Check
from reporting.models import IssuedPack
from reporting.packs.selectors import get_letters
from tests.challenging import ask, offer
from tests.planning import step, unmeasured
from tests.scenarios import Town, accept, issue, make_town, open_month, publish
from tests.tiers import vary_at_release
from tests.upgrading import WAYS, Upgrade

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
TODAY = date(2026, 11, 5)
NOW = datetime(2026, 11, 5, 10, 0, tzinfo=UTC)
UPGRADE = Upgrade(
    before=[
        ("core", "0002_one_subject_per_provider"),
        ("actions", "0001_initial"),
        ("boards", "0004_ties_of_before"),
        ("reporting", "0003_moves_of_before"),
        ("indicators", "0002_moves"),
    ],
    migrations=[
        ("core", "0003_outbox"),
        ("boards", "0005_outbox"),
        ("actions", "0002_outbox"),
        ("indicators", "0003_outbox"),
        ("reporting", "0004_outbox"),
    ],
    gone=[
        *("core.DayLetter", "core.AccountLetter", "boards.Told"),
        *("actions.Notice", "indicators.Reminder", "reporting.PackLetter"),
    ],
    changed=["core.Alarm", "core.OutboxEntry"],
)
FAULT = "The server was down"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


class Due(NamedTuple):
    """A town where something of each kind is due."""

    town: Town
    occasions: list[Occasion]

    @property
    def people(self) -> dict[str, int]:
        return {occasion.person.email: occasion.person.pk for occasion in self.occasions}


def fall_due(slug: str) -> Town:
    """A return, a challenge, an action and its milestone, an offer, and a pack."""
    town = make_town(slug)
    accept(town, Month(2026, 9), {"arrests": 12, "charges": 4})
    publish(town, Month(2026, 9))
    issue(town, Month(2026, 9))
    open_month(town, Month(2026, 10))
    ask(town)
    offer(town)
    action = unmeasured(town, owner=town.people[Role.BOARD_MEMBER], due_on=date(2026, 11, 10))
    step(action, by=town.coordinator, due_on=date(2026, 11, 10))
    return town


@pytest.fixture
def due() -> list[Due]:
    """Three towns of which all was sent, waits, and failed."""
    towns = [fall_due(slug) for slug in ("sentford", "waitford", "failford")]
    found = [occasion for source in load_sources() for occasion in source.look(TODAY, None, ())]
    of_each = [Due(town, [occasion for occasion in found if occasion.area == town.area]) for town in towns]
    kinds = {LetterKind.RETURNS, LetterKind.CHALLENGES, LetterKind.ACTIONS, LetterKind.SUPPORT, LetterKind.PACKS}
    assert all(kinds <= {occasion.kind for occasion in one.occasions} for one in of_each)
    return of_each


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def before(due: list[Due], way: str) -> Iterator[StateApps]:
    """The models of a release with several tables, in its database."""
    with UPGRADE.undone(way) as models:
        yield models


def leave(before: StateApps, occasion: Occasion, **fields: object) -> None:
    """The row of a release with several tables, about an occasion."""
    thing, values = occasion.thing, {"person_id": occasion.person.pk, "claimed_at": NOW - timedelta(hours=2), **fields}
    match occasion.kind:
        case LetterKind.RETURNS:
            model = before.get_model("indicators", "Reminder")
            values |= {"period_id": thing.period.pk, "agency_id": thing.agency.pk, "kind": thing.kind.value}
        case LetterKind.CHALLENGES | LetterKind.ACTIONS:
            model, wait = before.get_model("actions", "Notice"), thing.wait
            name = next(name for name in ("challenge", "action", "milestone") if getattr(thing, name))
            values |= {"area_id": occasion.area.pk, f"{name}_id": wait.thing.pk, "kind": thing.kind.value}
            values |= {"due_on": wait.due_on, "turn": wait.turn}
        case LetterKind.PACKS:
            model = before.get_model("reporting", "PackLetter")
            values |= {"pack_id": thing.pk}
        case _:
            model = before.get_model("boards", "Told")
            values |= {"area_id": occasion.area.pk, "kind": occasion.kind.value, "occasion": occasion.key}
    model._default_manager.create(**values)


def leave_all(before: StateApps, due: Due, **fields: object) -> None:
    for occasion in due.occasions:
        leave(before, occasion, message_id=f"<{occasion.person.pk}@x>", **fields)


def leave_days(before: StateApps, due: Due, day: date, **fields: object) -> None:
    """The email of a day to each of these people."""
    for person in due.people.values():
        before.get_model("core", "DayLetter")._default_manager.create(
            person_id=person, day=day, message_id=f"<{person}@x>", claimed_at=NOW - timedelta(hours=2), **fields
        )


def leave_account_letters(before: StateApps, town: Town, **fields: object) -> None:
    before.get_model("core", "AccountLetter")._default_manager.create(
        person_id=town.lead.pk, kind="device", about="Firefox on Windows", address="old@x.example",
        happened_at=NOW - timedelta(days=1), claimed_at=NOW, message_id=f"<{town.area.slug}@x>", **fields,
    )  # fmt: skip


def leave_alarm(before: StateApps, name: str, **fields: object) -> None:
    told, since = NOW - timedelta(minutes=30), NOW - timedelta(hours=1)
    before.get_model("core", "Alarm")._default_manager.create(
        name=name, since=since, told_at=told, claimed_at=told, message_id=f"<{len(fields)}@x>", **fields
    )


@pytest.mark.parametrize("day", vary_at_release([TODAY, TODAY - timedelta(days=1)]))
def test_a_database_with_several_tables(before: StateApps, way: str, due: list[Due], day: date, mailoutbox, settings):
    """One upgrade for all that is to be seen after it."""
    settings.ALARMS_TO = ["duty@council.example"]
    assert set(connection.introspection.table_names()) >= UPGRADE.tables
    sent, waits, failed = due
    leave_all(before, sent, sent_at=NOW)
    leave_account_letters(before, sent.town, sent_at=NOW)
    leave_alarm(before, "mail", sentence="Emails wait: 3.", sent_at=NOW)
    leave_days(before, waits, day, fault=FAULT)
    leave_all(before, waits, fault=FAULT)
    leave_account_letters(before, waits.town, tries=0)
    leave_alarm(before, "beat", sentence="It stands still.", over_at=NOW, sent_at=NOW)
    leave_alarm(before, "beat", sentence="It beats.", over_at=NOW, is_end=True, tries=0)
    leave_days(before, failed, TODAY, sent_at=NOW)
    leave_all(before, failed, fault=FAULT, tries=10)

    UPGRADE.run(way)

    assert UPGRADE.tables.isdisjoint(connection.introspection.table_names())
    gone = {name.partition("_")[2] for name in UPGRADE.tables}
    assert not ContentType.objects.filter(model__in=gone).exists()
    what_failed_stands_on_its_pages(failed)
    only_what_waits_is_sent(waits, day, mailoutbox)
    alarms_go_on(mailoutbox)
    # Nothing is sent a second time.
    ask(failed.town)
    watch([], NOW)
    assert (send_letters(), send_account_letters(), len(mailoutbox)) == (0, 0, len(waits.people) + 3)
    assert not OutboxEntry.objects.exclude(area=failed.town.area.slug).filter(sent_at=None).exists()


def what_failed_stands_on_its_pages(failed: Due) -> None:
    area = failed.town.area
    entries = [
        *(reminder.entry for reminder in failed_reminders(open_month(failed.town, Month(2026, 10)))),
        *(notice.entry for notice in failed_notices(area)),
        *get_letters(IssuedPack.objects.get(period__area=area)).failed,
    ]
    paged = {LetterKind.RETURNS, LetterKind.CHALLENGES, LetterKind.ACTIONS, LetterKind.PACKS}
    assert len(entries) == sum(occasion.kind in paged for occasion in failed.occasions)
    assert all(entry and entry.fault == FAULT and entry.area == area.slug for entry in entries)


def only_what_waits_is_sent(waits: Due, day: date, mailoutbox) -> None:
    assert send_letters() == len(waits.people)
    assert {mail.to[0] for mail in mailoutbox} == set(waits.people)
    if day == TODAY:  # by the same name
        names = {mail.to[0]: mail.extra_headers["Message-ID"] for mail in mailoutbox}
        assert names == {email: f"<{key}@x>" for email, key in waits.people.items()}
    assert send_account_letters() == 1
    assert (mailoutbox[-1].to, mailoutbox[-1].extra_headers["Message-ID"]) == (["old@x.example"], "<waitford@x>")
    assert "Firefox on Windows, 4 November 2026, 10:00" in mailoutbox[-1].body


def alarms_go_on(mailoutbox) -> None:
    """The end of one waits. Another is still on: whoever was told of it is told of its end, not of it again."""
    before = len(mailoutbox)
    watch([Check("mail", is_well=False, sentence="Emails wait: 4.", label="Emails")], NOW)
    assert mailoutbox[-1].extra_headers["Message-ID"] == "<4@x>"
    assert "It beats." in mailoutbox[-1].body
    watch([Check("mail", is_well=True, sentence="None waits.", label="Emails")], NOW)
    assert len(mailoutbox) == before + 2
    assert Alarm.objects.count() == 2
    assert mailoutbox[-1].subject == "Emails: it works again (V+V Dashboard)"
    assert "None waits." in mailoutbox[-1].body
