"""A pack is issued: its number, its file, the register's entry; all of them or nothing, and it stays as it is."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from boards.models import ReportingPeriod
from boards.roles import Role
from core.models import AuditEvent
from core.months import Month
from core.transitions import TransitionRefused
from indicators.disclosure import Audience
from reporting.models import IssuedPack, PackKind
from reporting.packs import build_pack
from reporting.presenters.pack import Order, issued_file_name, make_pack
from reporting.services.editions import withdraw_edition
from reporting.services.packs import issue_pack
from reporting.services.versions import corrections_of, publish_corrections, token_of
from tests.factories import make_board
from tests.integration.test_editions_at_once import at_once
from tests.integration.test_revisions import correct
from tests.pdf import text_of
from tests.scenarios import Town, accept, make_town, publish, publish_openly, sweep

OCTOBER = Month(2026, 10)
MEETING = {"meeting": "Strategic meeting", "meeting_on": date(2026, 11, 27)}


@pytest.fixture
def october(town: Town) -> Town:
    return make_october(town)


def make_october(town: Town) -> Town:
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    publish(town, OCTOBER)
    return town


def order_of(town: Town, **options: object) -> Order:
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    return Order(period, town.csp, **MEETING | options)


def seen(order: Order) -> str:
    return make_pack(order, include_drafts=False).token


def issue(town: Town, **options: object) -> IssuedPack:
    order = order_of(town, **options)
    return issue_pack(order, seen=seen(order), by=town.coordinator)


pytestmark = pytest.mark.django_db


def test_an_issued_pack_is_on_record(october: Town):
    pack = issue(october)
    assert (pack.number, pack.reference) == (1, "TESTFORD-2026-10-CSP-1")
    assert (pack.meeting, pack.meeting_on, pack.marking) == (*MEETING.values(), "OFFICIAL-SENSITIVE")
    assert (pack.snapshot.version, pack.edition, pack.issued_by) == (1, None, october.coordinator)
    assert sha256(pack.pdf).hexdigest() == pack.sha256
    text = text_of(pack.pdf)
    assert "Pack number TESTFORD-2026-10-CSP-1" in text
    assert "Meeting Strategic meeting, 27 November 2026" in text
    assert "TESTFORD-2026-10-CSP-1 · Version 1, published · Data as at" in text
    assert issued_file_name(pack) == "OFFICIAL-SENSITIVE TESTFORD-2026-10-CSP-1.pdf"
    event = AuditEvent.objects.get(verb="pack.issued")
    assert (event.target, event.details["sha256"]) == (pack.reference, pack.sha256)


def test_the_same_pack_has_the_same_bytes(october: Town):
    pack = issue(october)
    made = make_pack(order_of(october), include_drafts=False, reference=pack.reference)
    assert build_pack(made.pack) == bytes(pack.pdf)


def test_what_it_says_is_kept_as_plain_data(october: Town):
    pack = issue(october)
    made = make_pack(order_of(october), include_drafts=False, reference=pack.reference)
    pack.refresh_from_db()
    assert pack.content == json.loads(json.dumps(made.pack.as_data()))


def test_each_gets_the_next_number_of_its_board_and_month(october: Town):
    assert [issue(october).number for _ in range(3)] == [1, 2, 3]
    other = make_board(october.area, "sab")
    order = replace(order_of(october), board=other)
    assert issue_pack(order, seen=seen(order), by=october.coordinator).reference == "TESTFORD-2026-10-SAB-1"
    assert issue(october, kind=PackKind.YEAR).reference == "TESTFORD-2026-10-CSP-4"


def test_it_stays_as_it_is(october: Town):
    pack = issue(october)
    for change in (
        lambda: IssuedPack.objects.filter(pk=pack.pk).update(meeting="Another"),
        lambda: IssuedPack.objects.filter(pk=pack.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="An issued pack stays as it was"), transaction.atomic():
            change()
    assert IssuedPack.objects.get().meeting == "Strategic meeting"


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.OPERATOR)])
def test_only_a_coordinator_may(october: Town, role: Role):
    order = order_of(october)
    with pytest.raises(PermissionDenied):
        issue_pack(order, seen=seen(order), by=october.people[role])
    assert not IssuedPack.objects.exists()


@pytest.mark.parametrize(
    ("typed", "control", "sentence"),
    [
        ({"meeting": " \t"}, "meeting", "Say which meeting the pack is for"),
        ({"meeting": "x" * 121}, "meeting", "shorten it to 120 characters"),
        ({"meeting_on": None}, "meeting_on", "Enter the day of the meeting"),
        ({"meeting_on": date(2026, 9, 30)}, "meeting_on", "can’t be before October 2026"),
        ({"meeting_on": timezone.localdate() + timedelta(days=400)}, "meeting_on", "more than a year away"),
    ],
)
def test_a_pack_is_issued_for_a_meeting(october: Town, typed: dict, control: str, sentence: str):
    order = order_of(october, **typed)
    with pytest.raises(ValidationError) as refused:
        issue_pack(order, seen=seen(order), by=october.coordinator)
    assert sentence in refused.value.message_dict[control][0]
    assert not IssuedPack.objects.exists()


def test_only_what_was_seen_is_issued(october: Town):
    order = order_of(october)
    before = seen(order)
    assert seen(replace(order, meeting="Another", meeting_on=None)) == before  # it says the same
    correct(october, OCTOBER, 13)
    publish_corrections(october.area, by=october.coordinator, seen=token_of(corrections_of(october.area)))
    with pytest.raises(TransitionRefused, match="says something else by now"):
        issue_pack(order, seen=before, by=october.coordinator)
    assert issue(october).snapshot.version == 2


def test_a_version_that_was_superseded_is_not_issued(october: Town):
    correct(october, OCTOBER, 13)
    publish_corrections(october.area, by=october.coordinator, seen=token_of(corrections_of(october.area)))
    with pytest.raises(TransitionRefused, match="superseded by version 2"):
        issue(october, version=1)


def test_a_draft_is_not_issued(town: Town):
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    sweep()
    order = order_of(town)
    token = make_pack(order, include_drafts=True).token
    with pytest.raises(LookupError):
        issue_pack(order, seen=token, by=town.coordinator)


def test_the_publics_pack_takes_a_public_edition(october: Town):
    with pytest.raises(TransitionRefused, match="not published for the public"):
        issue(october, audience=Audience.PUBLIC)
    edition = publish_openly(october, OCTOBER)
    pack = issue(october, audience=Audience.PUBLIC)
    assert (pack.edition, pack.marking) == (edition, "")
    assert "4" not in text_of(pack.pdf).split("Charges")[1].split("Police")[0]
    withdraw_edition(edition, why="A mistake", by=october.people[Role.INFORMATION])
    with pytest.raises(TransitionRefused, match="not published for the public"):
        issue(october, audience=Audience.PUBLIC)


def test_a_full_disk_leaves_no_half_issued_pack(october: Town):
    """The database file may not grow any more: SQLite says that the disk is full, as it would."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite’s own way of running full")
    order = order_of(october)
    token = seen(order)
    with connection.cursor() as cursor:
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 8}")
        try:
            with pytest.raises(TransitionRefused, match=r"could not be saved.*full"):
                issue_pack(order, seen=token, by=october.coordinator)
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert not IssuedPack.objects.exists()
    assert not AuditEvent.objects.filter(verb="pack.issued").exists()
    assert issue_pack(order, seen=token, by=october.coordinator).number == 1


# --- At once --------------------------------------------------------------------------------------


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def test_two_who_issue_at_once_get_two_numbers(shared_database: str, others: ThreadPoolExecutor):
    town = make_october(make_town())
    order = order_of(town)
    token = seen(order)
    told = at_once(others, [lambda: issue_pack(order, seen=token, by=town.coordinator)] * 4)
    assert told == [""] * 4
    packs = IssuedPack.objects.order_by("number")
    assert [pack.number for pack in packs] == [1, 2, 3, 4]
    assert len({pack.reference for pack in packs}) == 4
    assert all(pack.reference in text_of(pack.pdf) for pack in packs)
