"""Acts that need two people name both: on the page of the record, and in its file."""

import csv
import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from boards.models import Membership
from boards.presenters.pairs import find_pair, is_decision
from boards.rules import Role
from boards.services.factors import ask_reset, confirm_reset
from boards.services.regions import agree_to_consent, give_consent
from boards.services.requests import ask_role, confirm_request
from core.calendar import Month
from core.models import AuditEvent
from indicators.figures import Entry
from indicators.models import Indicator, RuleRequest
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.disclosure import set_rule
from indicators.services.returns import return_return
from indicators.services.rule_requests import agree_to_rule
from indicators.services.setup import ask_recording_change, confirm_recording_change
from tests.factories import make_member
from tests.factors import give_app
from tests.integration.test_figure_imports import bring_in, confirm
from tests.scenarios import Town, accept, publish, publish_openly, submit, sweep
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)


def sign_in(town: Town, role: Role = Role.INFORMATION) -> Client:
    return signed_in(town.people[role])


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
    found = {event.verb: find_pair(event, {}) for event in AuditEvent.objects.all() if is_decision(event)}
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


def test_the_page_of_the_record_shows_both(town: Town):
    decide_everything(town)
    verbs = ("submission.accepted", "submission.returned", "figure_import.confirmed")
    said = " ".join(say(sign_in(town).get(f"/testford/audit/?verb={verb}")) for verb in verbs)
    lead, coordinator, officer = (
        town.people[role].email for role in (Role.AGENCY_LEAD, Role.COORDINATOR, Role.INFORMATION)
    )
    assert f"Two people: {lead} submitted, {coordinator} accepted." in said
    assert f"Two people: {lead} submitted, {coordinator} sent back." in said
    assert f"Two people: {coordinator} imported, {officer} confirmed." in said
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
