"""A pack is issued: its number, its file, the register's entry; all of them or nothing, and it stays as it is."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.files import objects
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.disclosure import Audience, AudienceRefused, Marking
from indicators.services.disclosure import mark_month
from reporting.models import IssuedPack, PackKind
from reporting.months.services import hash_corrections, list_corrections, publish_corrections
from reporting.packs.pdf.typesetting import build_pack
from reporting.packs.presenters.cover import issued_file_name
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order
from reporting.packs.services.issue import issue_pack
from reporting.public.taking_down import withdraw_month
from tests.factories import make_board, make_indicator
from tests.full_disk import full_disk
from tests.integration.at_once import at_once
from tests.integration.test_revisions import correct
from tests.pdf import text_of
from tests.scenarios import Town, accept, make_town, publish, publish_openly, sweep

OCTOBER = Month(2026, 10)
MEETING: dict[str, Any] = {"meeting": "Strategic meeting", "meeting_on": date(2026, 11, 27)}


@pytest.fixture
def october(town: Town) -> Town:
    return make_october(town)


def make_october(town: Town) -> Town:
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    publish(town, OCTOBER)
    return town


def order_of(town: Town, **options: Any) -> Order:
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    return Order(period, town.csp, **MEETING | options)


def seen(order: Order) -> str:
    return make_pack(order, include_drafts=False).token


def issue(town: Town, **options: Any) -> IssuedPack:
    order = order_of(town, **options)
    return issue_pack(order, seen=seen(order), by=town.coordinator)


pytestmark = pytest.mark.django_db


def test_an_issued_pack_is_on_record(october: Town):
    pack = issue(october)
    assert (pack.number, pack.reference) == (1, "TESTFORD-2026-10-CSP-1")
    assert (pack.meeting, pack.meeting_on, pack.marking) == (*MEETING.values(), "OFFICIAL-SENSITIVE")
    assert (pack.snapshot.version, pack.edition, pack.issued_by) == (1, None, october.coordinator)
    assert sha256(objects.read(pack.pdf)).hexdigest() == pack.sha256
    text = text_of(objects.read(pack.pdf))
    assert "Pack number TESTFORD-2026-10-CSP-1" in text
    assert "Meeting Strategic meeting, 27 November 2026" in text
    assert "TESTFORD-2026-10-CSP-1 · Version 1, published · Figures as at" in text
    assert issued_file_name(pack) == "OFFICIAL-SENSITIVE TESTFORD-2026-10-CSP-1.pdf"
    event = AuditEvent.objects.get(verb="pack.issued")
    assert (event.target, event.details["sha256"]) == (pack.reference, pack.sha256)


def test_what_was_made_is_kept_to_the_byte(october: Town):
    made = make_pack(order_of(october), include_drafts=False, reference="TESTFORD-2026-10-CSP-1")
    pack = issue(october)
    pack.refresh_from_db()
    assert pack.content == json.loads(json.dumps(made.pack.as_data()))
    assert objects.read(pack.pdf) == build_pack(made.pack)


def test_each_gets_the_next_number_of_its_board_and_month(october: Town):
    assert [issue(october).number for _ in range(3)] == [1, 2, 3]
    other = make_board(october.area, "sab")
    order = replace(order_of(october), board=other)
    assert issue_pack(order, seen=seen(order), by=october.coordinator).reference == "TESTFORD-2026-10-SAB-1"
    assert issue(october, kind=PackKind.YEAR).reference == "TESTFORD-2026-10-CSP-4"


@pytest.mark.both_databases
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
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))
    with pytest.raises(ChangedMeanwhile, match="has changed since you opened it"):
        issue_pack(order, seen=before, by=october.coordinator)
    assert issue(october).snapshot.version == 2


def test_what_the_cover_says_is_seen_too(october: Town):
    """A figure of another board alone makes version 2: this board’s chapters are the same, and its cover isn’t."""
    other = make_board(october.area, "sab")
    make_indicator(october.police, "others", boards=(other,), position=9)
    figures = {"arrests": 12, "charges": 4}
    accept(october, OCTOBER.next, figures | {"others": 5})
    publish(october, OCTOBER.next)
    order = replace(order_of(october), period=october.area.periods.get(starts_on=OCTOBER.next.first_day))
    before = make_pack(order, include_drafts=False)
    correct(october, OCTOBER.next, 6, code="others")
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))
    after = make_pack(order, include_drafts=False)
    assert after.pack.chapters == before.pack.chapters
    assert after.token != before.token


def test_a_board_that_was_retired_meanwhile_gets_none(october: Town):
    order = order_of(october)
    token = seen(order)
    type(october.csp).objects.update(retired=True)
    with pytest.raises(TransitionRefused, match="is retired"):
        issue_pack(order, seen=token, by=october.coordinator)


def test_a_version_that_was_superseded_is_not_issued(october: Town):
    correct(october, OCTOBER, 13)
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))
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
    with pytest.raises(TransitionRefused, match="not public"):
        issue(october, audience=Audience.PUBLIC)
    edition = publish_openly(october, OCTOBER)
    pack = issue(october, audience=Audience.PUBLIC)
    assert (pack.edition, pack.marking) == (edition, "")
    told = re.findall(r"[Cc]harges\??  ?\[c\][^A-Z]*", text_of(objects.read(pack.pdf)))
    assert len(told) == 1  # beside its small chart
    assert not any("4" in each for each in told)
    withdraw_month(edition.period, why="A mistake", by=october.people[Role.INFORMATION])
    with pytest.raises(AudienceRefused, match="The public can’t see October 2026 now"):
        issue(october, audience=Audience.PUBLIC)


@pytest.mark.both_databases
def test_a_full_disk_leaves_no_half_issued_pack(october: Town):
    order = order_of(october)
    token = seen(order)
    with full_disk("reporting_issuedpack"), pytest.raises(TransitionRefused, match=r"could not be saved.*full"):
        issue_pack(order, seen=token, by=october.coordinator)
    assert not IssuedPack.objects.exists()
    assert not AuditEvent.objects.filter(verb="pack.issued").exists()
    assert issue_pack(order, seen=token, by=october.coordinator).number == 1


def test_no_pack_for_the_public_of_a_month_that_is_marked_against_it(october: Town):
    edition = publish_openly(october, OCTOBER)
    officer = october.people[Role.INFORMATION]
    mark_month(edition.period, audience=Audience.PUBLIC, marking=Marking.SENSITIVE, why="A live case", by=officer)
    with pytest.raises(AudienceRefused, match="is marked OFFICIAL-SENSITIVE for the public"):
        issue(october, audience=Audience.PUBLIC)


def test_no_pack_of_an_edition_that_was_withdrawn(october: Town):
    publish_openly(october, OCTOBER)
    correct(october, OCTOBER, 13)
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))
    second = publish_openly(october, OCTOBER)
    withdraw_month(second.period, why="A mistake", by=october.people[Role.INFORMATION])
    with pytest.raises(AudienceRefused, match="The public can’t see October 2026 now"):
        issue(october, audience=Audience.PUBLIC)


# --- At once --------------------------------------------------------------------------------------


@pytest.fixture
def busy(shared_database: str) -> Town:
    return make_october(make_town())


@pytest.mark.both_databases
def test_of_those_who_issue_the_same_at_once_one_does_and_the_others_look_again(busy: Town, others: ThreadPoolExecutor):
    """What they saw didn't know of the pack that was issued just before."""
    order = order_of(busy)
    token = seen(order)
    told = at_once(others, [lambda: issue_pack(order, seen=token, by=busy.coordinator)] * 4)
    assert told.count("") == 1
    assert sum("has changed since you opened it" in words for words in told) == 3
    assert issue(busy).number == 2


@pytest.mark.both_databases
def test_two_packs_at_once_get_two_numbers(busy: Town, others: ThreadPoolExecutor):
    publish_openly(busy, OCTOBER)
    orders = [order_of(busy), order_of(busy, audience=Audience.PUBLIC), order_of(busy, kind=PackKind.APPENDIX)]
    tokens = [seen(order) for order in orders]
    acts = [
        lambda order=order, token=token: issue_pack(order, seen=token, by=busy.coordinator)
        for order, token in zip(orders, tokens, strict=True)
    ]
    assert at_once(others, acts) == ["", "", ""]
    packs = IssuedPack.objects.order_by("number")
    assert [pack.number for pack in packs] == [1, 2, 3]
    assert len({pack.reference for pack in packs}) == 3
    assert all(pack.reference in text_of(objects.read(pack.pdf)) for pack in packs)
