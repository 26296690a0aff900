"""Acts that need two people name both: on the page of the record, and in a report of a year."""

import csv
import html
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.models import Membership
from boards.presenters.pairs import DECIDING, KINDS, Pair, find_pair
from boards.presenters.pairs_report import make_report
from boards.roles import Role
from boards.services.consents import agree_to_consent, give_consent
from boards.services.factors import ask_reset, confirm_reset
from boards.services.role_requests import ask_role, confirm_request
from core.models import AuditEvent
from core.months import Month
from core.sealing import seal
from indicators.entries import Entry
from indicators.models import Indicator, RuleRequest
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.disclosure import set_rule
from indicators.services.recordings import ask_recording_change, confirm_recording_change
from indicators.services.returns import return_return
from indicators.services.rule_requests import agree_to_rule
from tests.factories import make_member
from tests.factors import give_app
from tests.integration.test_figure_imports import bring_in, confirm
from tests.scenarios import Town, accept, make_operator, make_town, publish, publish_openly, submit, sweep

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
PAGE = "/testford/audit/pairs/"


def sign_in(town: Town, role: Role = Role.INFORMATION) -> Client:
    client = Client()
    client.force_login(town.people[role])
    return client


def say(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())


def read_rows(answer: Any) -> list[dict[str, str]]:
    """The rows of a file, below its marking."""
    return list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()[1:]))


def decide_everything(town: Town) -> None:
    """One act of each kind, by two people."""
    officer, coordinator = town.people[Role.INFORMATION], town.coordinator
    second = make_member(town.area, Role.INFORMATION, email="second@testford.example")
    accept(town, SEPTEMBER, {"arrests": 4, "charges": 1})
    sweep()
    publish(town, SEPTEMBER)
    publish_openly(town, SEPTEMBER)
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    period = town.area.periods.get(starts_on=SEPTEMBER.first_day)
    asked = ask_correction(arrests, None, period, entry=Entry("5"), reason="A slip", by=town.lead)
    accept_correction(asked, by=coordinator)
    confirm(bring_in(town), by=officer)
    new = ask_role(
        town.area,
        email="new@testford.example",
        name="New",
        role=Role.INFORMATION,
        is_attested=True,
        by=coordinator,
    )
    confirm_request(new, by=officer)
    rule = set_rule(town.area, kind="show", why="Agreed", by=officer)
    assert isinstance(rule, RuleRequest)
    agree_to_rule(rule, by=second)
    change = ask_recording_change(arrests, month=OCTOBER, why="A new system", by=coordinator)
    confirm_recording_change(change, by=town.people[Role.ANALYST])
    today = timezone.localdate()
    given = give_consent(town.area, starts_on=today, ends_on=today + timedelta(days=30), by=coordinator)
    agree_to_consent(given, by=officer)
    give_app(town.lead)
    lost = ask_reset(Membership.objects.get(user=town.lead), why="A stolen phone", by=coordinator)
    confirm_reset(lost, by=officer)
    return_return(submit(town, OCTOBER, {"arrests": 4, "charges": 1}), comment="Count again", by=coordinator)


def test_every_kind_of_act_names_both_people(town: Town):
    decide_everything(town)
    found = {event.verb: find_pair(event, {}) for event in AuditEvent.objects.filter(verb__in=DECIDING)}
    expected = {
        "submission.accepted": ("agency-lead", "coordinator"),
        "submission.returned": ("agency-lead", "coordinator"),
        "correction.accepted": ("agency-lead", "coordinator"),
        "figure_import.confirmed": ("coordinator", "information"),
        "role_request.confirmed": ("coordinator", "information"),
        "rule_request.confirmed": ("information", "second"),
        "public_edition.agreed": ("coordinator", "information"),
        "recording_change.confirmed": ("coordinator", "analyst"),
        "consent.agreed": ("coordinator", "information"),
        "factor_reset.reset": ("coordinator", "information"),
    }
    names = {
        verb: (pair.asked_by.partition("@")[0], pair.decided_by.partition("@")[0])
        for verb, pair in found.items()
        if pair is not None
    }
    assert names == expected
    assert all(pair.seconds is not None and pair.seconds < 60 for pair in found.values() if pair)


def test_the_page_of_the_record_shows_both(town: Town):
    decide_everything(town)
    verbs = ("submission.accepted", "submission.returned", "figure_import.confirmed")
    said = " ".join(say(sign_in(town).get(f"/testford/audit/?verb={verb}")) for verb in verbs)
    lead, coordinator, officer = (
        town.people[role].email for role in (Role.AGENCY_LEAD, Role.COORDINATOR, Role.INFORMATION)
    )
    assert f"Two people: {lead} submitted, {coordinator} accepted." in said
    assert f"Two people: {lead} submitted, {coordinator} gave back." in said
    assert f"Two people: {coordinator} brought in, {officer} confirmed." in said
    rows = read_rows(sign_in(town).get("/testford/audit/events.csv"))
    assert {row["asked_by"] for row in rows if row["verb"] == "figure_import.confirmed"} == {coordinator}
    assert {row["asked_by"] for row in rows if row["verb"] == "month.published"} == {""}


def test_an_older_event_finds_who_asked_in_the_record(town: Town):
    """Earlier releases didn't write it into the event of the decision."""
    for verb, actor, hours in (
        ("submission.submitted", "first@x.example", 9),
        ("submission.submitted", "ann@x.example", 5),
        ("submission.accepted", "alex@x.example", 4),
        ("submission.submitted", "late@x.example", 3),
    ):
        AuditEvent.objects.create(
            happened_at=timezone.now() - timedelta(hours=hours),
            actor=actor,
            area="testford",
            verb=verb,
            target_type="indicators.submission",
            target_id="77",
            target="A return",
        )
    AuditEvent.objects.create(
        actor="alex@x.example",
        area="testford",
        verb="submission.accepted",
        target_type="indicators.submission",
        target_id="78",
        target="A return",
    )
    assert "Two people: ann@x.example submitted, alex@x.example accepted." in say(sign_in(town).get("/testford/audit/"))
    page = say(sign_in(town).get(PAGE))
    assert "ann@x.example alex@x.example 1 0 100% Returns accepted 1" in page
    assert "1 decision isn’t counted, because the record doesn’t say who asked." in page


def test_a_year_by_pair_with_its_file(town: Town):
    decide_everything(town)
    page = say(sign_in(town).get(PAGE))
    lead, coordinator = town.lead.email, town.coordinator.email
    assert f"{lead} {coordinator} 3 1 30% Returns accepted 2, Corrections 1" in page
    assert "The last 12 months: 10 decisions, 1 declined." in page
    assert "Past figures: 1 was decided within a minute after somebody asked." in page
    year = timezone.localdate().year
    assert "10 decisions" in say(sign_in(town).get(f"{PAGE}?year={year}"))
    assert sign_in(town).get(f"{PAGE}?year={year - 1}").status_code == 404
    assert sign_in(town).get(f"{PAGE}?year=x").status_code == 404
    file = sign_in(town).get(f"{PAGE}pairs.csv")
    rows = [row for row in read_rows(file) if row["kind"] == "Returns accepted"]
    assert rows == [
        {
            "asked_by": lead,
            "decided_by": coordinator,
            "kind": "Returns accepted",
            "decided": "2",
            "declined": "1",
            "within_a_minute": "1",
            "share": "1.0",
        }
    ]


def test_the_operator_has_it_for_every_area(town: Town):
    decide_everything(town)
    operator = Client()
    operator.force_login(make_operator())
    assert "10 decisions" in say(operator.get("/operator/audit/pairs/testford/"))
    assert operator.get("/operator/audit/pairs/testford/pairs.xlsx").status_code == 200
    assert operator.get("/operator/audit/pairs/nowhere/").status_code == 404
    seal("testford")
    assert '/operator/audit/pairs/testford/"' in operator.get("/operator/audit/").content.decode()
    assert sign_in(town).get("/operator/audit/pairs/testford/").status_code == 403


def test_another_area_is_left_out(town: Town):
    decide_everything(make_town("harlow"))
    assert "Nobody decided anything that needs two people." in say(sign_in(town).get(PAGE))


def test_its_queries_do_not_grow(town: Town):
    client = sign_in(town)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as none:
        client.get(PAGE)
    decide_everything(town)
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(many) == len(none)


# --- What stands out ------------------------------------------------------------------------------------


def decided(asked: str, by: str, *, number: int = 1, declined: int = 0, after: int = 3600, kind: int = 0) -> list[Pair]:
    at = timezone.make_aware(datetime(2026, 10, 1))  # noqa: DTZ001
    return [
        Pair(KINDS[kind], asked, at, by, at + timedelta(seconds=after), is_declined=index < declined)
        for index in range(number)
    ]


def test_one_pair_that_decides_nearly_everything():
    report = make_report([*decided("ann", "alex", number=9, declined=1), *decided("bo", "alex")], unknown=0)
    assert report.stand_outs == [
        "Returns accepted: alex decided 9 of 10 (90%), all of them asked for by ann.",
    ]
    assert [(row.asked_by, row.decided, row.share) for row in report.rows] == [("ann", 9, "90%"), ("bo", 1, "10%")]


def test_few_decisions_and_shared_ones_do_not_stand_out():
    assert make_report(decided("ann", "alex", number=9), unknown=0).stand_outs == []
    shared = [*decided("ann", "alex", number=8, declined=1), *decided("bo", "alex", number=2)]
    assert make_report(shared, unknown=0).stand_outs == []


def test_nobody_who_declines_and_decisions_at_once():
    report = make_report([*decided("ann", "alex", number=5, after=59), *decided("bo", "eve", number=5)], unknown=2)
    assert report.stand_outs == [
        "Nobody declined anything, in 10 decisions.",
        "Returns accepted: 5 were decided within a minute after somebody asked.",
        "2 decisions aren’t counted, because the record doesn’t say who asked.",
    ]


def test_two_who_decide_for_each_other():
    report = make_report([*decided("ann", "alex"), *decided("alex", "ann", kind=2)], unknown=0)
    assert report.stand_outs == ["alex and ann decided for each other."]
    assert make_report(decided("ann", "ann"), unknown=0).stand_outs == [
        "ann decided what they had asked for themselves. Earlier releases allowed it."
    ]
