"""Figures of past months need two people: one brings them in, another confirms them. Until then they count nowhere."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.models import Agency, Membership, ReportingPeriod
from boards.rules import Role
from boards.services.people import grant_role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent, User
from indicators.imports.figures import COLUMNS, read_figure_file
from indicators.imports.history import History
from indicators.models import FigureChange, FigureImport, IndicatorDefinition, Observation
from indicators.services.figure_imports import (
    ask_import,
    confirm_import,
    decline_import,
    look_at_import,
    preview_history,
    withdraw_import,
)
from reporting.months.selectors import list_past_months
from reporting.packs.services.letters import find_imports
from tests.factories import make_member
from tests.integration.command_line import run
from tests.scenarios import Town, accept, make_operator, make_town, newest_lines, publish, submit, sweep
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/testford/history/"
ROWS = ("police,arrests,,2024-05,5,,", "police,arrests,,2024-06,6,,", "police,arrests,,2024-07,7,,")


def csv_of(*rows: str) -> bytes:
    return "\n".join([",".join(COLUMNS), *rows]).encode()


def history_of(*rows: str) -> History:
    return History("history.csv", read_figure_file(csv_of(*rows), name_of_file="history.csv"))


def bring_in(town: Town, *rows: str, by: User | None = None, is_reaching: bool = False) -> FigureImport:
    by, history = by or town.coordinator, history_of(*(rows or ROWS))
    looked = preview_history(town.area, history, by=by)
    assert looked.taken is not None
    return ask_import(town.area, history, is_reaching=is_reaching, seen=looked.taken.fingerprint, by=by)


def confirm(asked: FigureImport, *, by: User) -> None:
    looked = look_at_import(asked, by=by)
    assert looked.taken is not None
    confirm_import(asked, seen=looked.taken.fingerprint, by=by)


def address(asked: FigureImport) -> str:
    return f"/{asked.area.slug}/history/brought-in/{asked.pk}/"


def say(answer: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())  # type: ignore[attr-defined]


# --- What one person alone could do ---------------------------------------------------------------------


def test_one_coordinator_alone_publishes_no_invented_history(town: Town):
    """They bring figures in and confirm every form that they are offered, then publish."""
    alone = signed_in(town.coordinator)
    sent = SimpleUploadedFile("history.csv", csv_of(*ROWS))
    page = html.unescape(alone.post(PAGE, {"files_sent": [sent], "place": ""}).content.decode())
    typed = {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in ("content", "seen")}
    taken = alone.post(PAGE, typed | {"act": "take"}, follow=True)
    assert "3 figures are waiting for a second person to confirm, May 2024 to July 2024." in say(taken)
    assert f"The second person can be {town.people[Role.INFORMATION]}." in say(taken)

    asked = FigureImport.objects.get()
    assert 'value="confirm"' not in taken.content.decode()
    answer = alone.post(address(asked), {"decision": "confirm", "seen": typed["seen"]}, follow=True)
    assert "You imported these figures yourself, so someone else has to confirm them." in say(answer)
    alone.post("/testford/history/publish/", {"why": "They are ours"}, follow=True)

    assert not Observation.objects.exists()
    assert not ReportingPeriod.objects.exists()
    assert not FigureChange.objects.exists()


def test_a_second_mailbox_as_analyst_is_no_second_person(town: Town):
    """A coordinator invites an analyst alone, and an analyst may bring figures in."""
    given, _ = grant_role(
        town.area,
        email="puppet@testford.example",
        name="Puppet",
        role=Role.ANALYST,
        is_attested=True,
        by=town.coordinator,
    )
    puppet = given.user
    asked = bring_in(town, by=puppet)
    with pytest.raises(PermissionDenied, match="You invited Puppet or gave them a role, so someone else has to"):
        confirm_import(asked, seen="", by=town.coordinator)
    asked = bring_in(town)
    with pytest.raises(PermissionDenied, match="Only another coordinator or an information officer"):
        confirm_import(asked, seen="", by=puppet)
    assert not Observation.objects.exists()


def test_a_new_officer_confirms_nothing(town: Town):
    officer = town.people[Role.INFORMATION]
    Membership.objects.filter(user=officer).update(acts_from=timezone.localdate() + timedelta(days=3))
    with pytest.raises(PermissionDenied, match="You are a new information officer"):
        confirm_import(bring_in(town), seen="", by=officer)


@pytest.mark.both_databases
def test_the_database_refuses_what_no_service_does(town: Town):
    asked = bring_in(town)
    now = timezone.now()
    rows = FigureImport.objects.filter(pk=asked.pk)
    decided = {"outcome": "confirmed", "decided_at": now, "content": ""}
    refused = [
        lambda: rows.update(**decided, decided_by=town.coordinator),  # by whoever brought them in
        lambda: rows.update(asked_by=town.lead),  # so that they could confirm them
        lambda: rows.update(content="{}"),  # other figures than those that somebody brought in
        lambda: rows.update(outcome="confirmed", decided_at=now, decided_by=town.lead),  # which keeps the figures
        rows.delete,
    ]
    for act in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    rows.update(**decided, decided_by=town.lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(outcome="declined", decided_why="After all")


# --- While they wait ------------------------------------------------------------------------------------


def test_what_waits_changes_nothing(town: Town):
    IndicatorDefinition.objects.update(applies_from="2024-06-01")
    asked = bring_in(town, is_reaching=True)
    assert (asked.figures, str(asked.first), str(asked.last)) == (3, "2024-05-01", "2024-07-01")
    assert not Observation.objects.exists()
    assert not ReportingPeriod.objects.exists()
    assert {str(each.applies_from) for each in IndicatorDefinition.objects.all()} == {"2024-06-01"}
    assert [event.verb for event in AuditEvent.objects.exclude(verb__startswith="user.")] == ["figure_import.asked"]
    assert list_past_months(town.area) == []


def test_a_published_month_keeps_its_figures_until_they_are_confirmed(town: Town):
    confirm(bring_in(town, "police,arrests,,2026-07,12,,"), by=town.people[Role.INFORMATION])
    publish(town, Month(2026, 7))
    asked = bring_in(town, "police,arrests,,2026-07,99,,")
    sweep()
    assert newest_lines(town, Month(2026, 7))["arrests"].value == 12
    assert not ReportingPeriod.objects.filter(stale_since__isnull=False).exists()
    confirm(asked, by=town.people[Role.INFORMATION])
    sweep()
    assert newest_lines(town, Month(2026, 7))["arrests"].value == 99


def test_everybody_who_sets_up_sees_what_waits(town: Town):
    Agency.objects.filter(code="police").update(name="Essex Police")
    asked = bring_in(town)
    for role in (Role.COORDINATOR, Role.ANALYST, Role.INFORMATION):
        page = say(signed_in(town.people[role]).get(address(asked)))
        assert "history.csv" in page
        assert "3 figures are new. These figures don’t count yet." in page
        assert "From Essex Police Imported by" in page
        assert "Total for months 2024 Arrests Essex Police 18" in page
    assert "history.csv, May 2024 to July 2024 Waiting" in say(signed_in(town.coordinator).get(PAGE))
    assert not Observation.objects.exists()


def test_the_page_says_what_stands_out(town: Town):
    rows = [f"police,arrests,,2024-{month:02},{value},," for month, value in enumerate((20, 22, 19, 21, 20, 2100), 1)]
    page = say(signed_in(town.people[Role.INFORMATION]).get(address(bring_in(town, *rows))))
    assert "Arrests, June 2024: 2,100 is far from the figures so far, which are 19 to 22." in page
    page = say(signed_in(town.people[Role.INFORMATION]).get(address(bring_in(town))))
    assert "No figure is far from the figures before it in the same file." in page


# --- The decision ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["officer", "another coordinator"])
def test_another_person_confirms(town: Town, who: str):
    by = town.people[Role.INFORMATION] if who == "officer" else make_member(town.area, Role.COORDINATOR)
    asked = bring_in(town)
    page = signed_in(by).get(address(asked)).content.decode()
    seen = re.findall('name="seen" value="([^"]*)"', page)[0]
    answer = signed_in(by).post(address(asked), {"decision": "confirm", "seen": seen}, follow=True)
    assert "Imported: 3 figures are new. 3 months are opened for it: May 2024 to July 2024." in say(answer)
    assert {figure.signed_off_by for figure in Observation.objects.all()} == {by}
    assert {change.made_by for change in FigureChange.objects.all()} == {by}
    asked.refresh_from_db()
    assert (asked.outcome, asked.decided_by, asked.content) == ("confirmed", by, "")
    details = AuditEvent.objects.get(verb="figure_import.confirmed").details
    assert (details["asked_by"], details["figures"]) == (town.coordinator.email, 3)


def test_a_coordinator_confirms_what_an_analyst_brought_in(town: Town):
    confirm(bring_in(town, by=town.people[Role.ANALYST]), by=town.coordinator)
    assert Observation.objects.count() == 3


def test_declined_figures_are_gone(town: Town):
    asked, officer = bring_in(town), signed_in(town.people[Role.INFORMATION])
    answer = officer.post(address(asked), {"decision": "decline", "why": ""})
    assert "Say why you decline them." in say(answer)
    answer = officer.post(address(asked), {"decision": "decline", "why": "May is from 2023"}, follow=True)
    assert "You declined these figures. They have been deleted." in say(answer)
    assert "May is from 2023" in say(signed_in(town.coordinator).get(address(asked)))
    asked.refresh_from_db()
    assert (asked.outcome, asked.content) == ("declined", "")
    assert not Observation.objects.exists()
    with pytest.raises(TransitionRefused, match="Someone has already decided this: declined"):
        confirm_import(asked, seen="", by=town.people[Role.INFORMATION])


def test_whoever_brings_figures_in_may_withdraw_them(town: Town):
    asked = bring_in(town)
    with pytest.raises(PermissionDenied):
        withdraw_import(asked, by=town.people[Role.INFORMATION])
    answer = signed_in(town.coordinator).post(address(asked), {"decision": "withdraw"}, follow=True)
    assert "You withdrew these figures. They have been deleted." in say(answer)


def test_what_changed_since_is_looked_at_again(town: Town):
    asked, officer = bring_in(town), town.people[Role.INFORMATION]
    looked = look_at_import(asked, by=officer)
    assert looked.taken is not None
    confirm(bring_in(town, "police,arrests,,2024-05,50,,"), by=officer)
    with pytest.raises(ChangedMeanwhile):
        confirm_import(asked, seen=looked.taken.fingerprint, by=officer)
    with pytest.raises(ChangedMeanwhile):
        confirm_import(asked, seen="", by=officer)
    asked.refresh_from_db()
    assert asked.outcome == ""
    confirm(asked, by=officer)
    assert Observation.objects.order_by("period__starts_on").values_list("value", flat=True)[0] == 5


def test_figures_that_a_return_has_supplied_since_are_refused(town: Town):
    asked, officer = bring_in(town, "police,arrests,,2026-07,12,,"), town.people[Role.INFORMATION]
    accept(town, Month(2026, 7), {"arrests": 9, "charges": 1})
    page = say(signed_in(officer).get(address(asked)))
    assert "They can no longer be saved" in page
    assert "Confirm these figures" not in page
    with pytest.raises(ValidationError, match="came in the agency’s return: 9"):
        confirm_import(asked, seen="", by=officer)
    decline_import(asked, why="The return has them", by=officer)


def test_nobody_decides_after_its_last_day(town: Town):
    asked = bring_in(town)
    assert json.loads(asked.content)["name"] == "history.csv"
    asked.pk, asked.ends_on = None, timezone.localdate() - timedelta(days=1)
    asked.save()
    with pytest.raises(TransitionRefused, match="within 14 days"):
        confirm_import(asked, seen="", by=town.people[Role.INFORMATION])
    bring_in(town)
    asked.refresh_from_db()
    assert (asked.outcome, asked.content) == ("lapsed", "")


def test_an_import_that_changes_nothing_asks_nobody(town: Town):
    confirm(bring_in(town), by=town.people[Role.INFORMATION])
    with pytest.raises(ValidationError, match="already here"):
        bring_in(town)


def test_an_import_of_another_area_is_not_found(town: Town):
    asked, other = bring_in(town), make_town("harlow")
    assert signed_in(other.coordinator).get(f"/harlow/history/brought-in/{asked.pk}/").status_code == 404
    with pytest.raises(PermissionDenied):
        confirm_import(asked, seen="", by=other.coordinator)
    with pytest.raises(PermissionDenied):
        look_at_import(asked, by=other.coordinator)


# --- Where nobody else can --------------------------------------------------------------------------------


def test_the_operator_confirms_only_where_nobody_else_can(town: Town):
    asked, operator = bring_in(town), make_operator()
    with pytest.raises(PermissionDenied, match="has someone who can confirm"):
        confirm_import(asked, seen="", by=operator)
    assert {found.person for found in find_imports(timezone.localdate())} == {town.people[Role.INFORMATION]}
    Membership.objects.filter(role=Role.INFORMATION.value).delete()
    assert {found.person for found in find_imports(timezone.localdate())} == {operator}
    listed = signed_in(operator).get("/operator/imports/")
    assert "history.csv, May 2024 to July 2024, Testford" in say(listed)
    url = f"/operator/imports/{asked.pk}/"
    seen = re.findall('name="seen" value="([^"]*)"', signed_in(operator).get(url).content.decode())[0]
    answer = signed_in(operator).post(url, {"decision": "confirm", "seen": seen}, follow=True)
    assert "Imported: 3 figures are new." in say(answer)
    assert signed_in(town.coordinator).get("/operator/imports/").status_code == 403


def test_home_and_letters_say_whom_it_waits_for(town: Town):
    bring_in(town, by=town.people[Role.ANALYST])
    told = {found.person for found in find_imports(timezone.localdate())}
    assert told == {town.coordinator, town.people[Role.INFORMATION]}
    for role in Role:
        if role is Role.OPERATOR:
            continue
        page = say(signed_in(town.people[role]).get("/testford/"))
        assert ("Confirm past figures: history.csv" in page) is (town.people[role] in told), role
    # The first steps of a new town say it too, to whoever can't decide.
    bring_in(town, "police,arrests,,2024-05,12,,", by=town.coordinator)
    steps = say(signed_in(town.coordinator).get("/testford/"))
    waits = f"Figures for May 2024 are waiting for a second person. That person can be {town.people[Role.INFORMATION]}."
    assert waits in steps


def test_a_home_pays_one_query_for_what_waits_and_one_for_first_steps(town: Town):
    submit(town, Month(2026, 10), {"arrests": 4, "charges": 1})
    client = signed_in(town.coordinator)
    client.get("/testford/")
    with CaptureQueriesContext(connection) as before:
        client.get("/testford/")
    about = [query for query in before.captured_queries if "figureimport" in query["sql"]]
    assert len(about) == 2


# --- The command line -------------------------------------------------------------------------------------


def test_the_command_line_waits_too_unless_it_names_who_confirmed(town: Town, tmp_path):
    file = tmp_path / "history.csv"
    file.write_bytes(csv_of(*ROWS))
    ran = run("import_figures", "--area", "testford", file)
    assert ran.status == 0
    assert "3 figures of Testford are waiting for a second person" in ran.err
    assert "police, arrests: 2024-05 to 2024-07: 3 new" in ran.out
    assert not Observation.objects.exists()
    asked = FigureImport.objects.get()
    assert asked.asked_by is None
    confirm(asked, by=town.coordinator)
    assert Observation.objects.count() == 3

    file.write_bytes(csv_of("police,arrests,,2024-08,8,,"))
    for wrong, said in ((town.lead.email, "can't confirm figures of Testford"), ("x@testford.example", "No one with")):
        ran = run("import_figures", "--area", "testford", "--confirmed-by", wrong, file)
        assert ran.status == 2
        assert said in ran.err
    ran = run("import_figures", "--area", "testford", "--confirmed-by", town.coordinator.email, file)
    assert ran.status == 0
    assert Observation.objects.get(value=8).signed_off_by == town.coordinator
