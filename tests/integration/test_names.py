"""Line names: for named viewers only, each look written down, and no name anywhere else."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError

from boards.models import Membership
from boards.rules import Role
from boards.services.people import revoke_role
from core.calendar import Month
from core.models import AuditEvent, User
from core.texts import LONGEST_REASON
from indicators.models import Category, LineName, NameViewer
from indicators.services.names import (
    LONGEST_NAME,
    end_view,
    grant_view,
    note_name,
    retire_name,
    reveal_names,
)
from tests import scenarios
from tests.answers import Answer
from tests.factories import make_dimension, make_indicator
from tests.scenarios import Town
from tests.visiting import signed_in

SECRET, OTHER = "Zebra Line 77", "Quagga 12"
PAGE = "/testford/names/"
OCTOBER = Month(2026, 10)


@pytest.fixture
def town(town) -> Town:
    return fill_in(town)


def fill_in(town: Town) -> Town:
    """Two origins on the map, a third that isn't one, and the analyst as a named viewer."""
    origin = make_dimension(town.area, "origin", ["london", "leeds"])
    origin.categories.update(longitude=-0.1, latitude=51.5)
    make_dimension(town.area, "age-group", ["adults"])
    make_indicator(town.police, "lines", dimension=origin, boards=(town.csp,), position=2)
    grant(town)
    return town


def viewer(town: Town) -> User:
    return town.people[Role.ANALYST]


def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


def grant(town: Town, user: User | None = None, why: str = "Works on county lines") -> NameViewer:
    return grant_view(town.area, user=user or viewer(town), why=why, by=officer(town))


def category(code: str = "london") -> Category:
    return Category.objects.get(code=code, dimension__area__slug="testford")


def note(town: Town, name: str = SECRET, origin: str = "london") -> LineName:
    return note_name(town.area, origin=category(origin), name=name, by=viewer(town))


def ask(user: User, /, **typed: Any) -> Answer:
    client = signed_in(user)
    return client.post(PAGE, typed) if typed else client.get(PAGE)


def text_of(answer: Answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return " ".join(unescape(re.sub(r"(?s)<[^>]+>", " ", answer.content.decode())).split())


def events() -> list[tuple[str, str, dict[str, str]]]:
    found = AuditEvent.objects.filter(verb__startswith="name").order_by("id")
    return [(event.verb, event.actor, event.details) for event in found]


# --- Who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ANALYST, Role.OPERATOR)])
def test_nobody_else_notes_retires_or_sees_a_name(town, role):
    noted, person = note(town), town.people[role]
    for act in (
        lambda: note_name(town.area, origin=category(), name=OTHER, by=person),
        lambda: retire_name(noted, by=person),
        lambda: reveal_names(town.area, origin=category(), why="Curious", by=person),
    ):
        with pytest.raises(PermissionDenied, match="Ask an information officer"):
            act()
    assert not AuditEvent.objects.filter(verb="names.revealed").exists()
    answer = ask(person, act="reveal", origin=category().pk, why="Curious")
    assert answer.status_code == 403
    assert SECRET not in answer.content.decode()


def test_whoever_left_and_came_back_sees_no_names(town):
    """Once, a coordinator alone could bring them back, and the officer's earlier permission still held."""
    person = viewer(town)
    held = NameViewer.objects.get(area=town.area, user=person)
    for membership in Membership.objects.filter(area=town.area, user=person):
        revoke_role(membership, by=town.coordinator)
    held.refresh_from_db()
    assert held.ended_by == town.coordinator
    assert events()[-1][2]["why"] == "Their last role in the area ended"
    Membership.objects.create(area=town.area, user=person, role=Role.ANALYST.value)
    with pytest.raises(PermissionDenied):
        reveal_names(town.area, origin=category(), why="A meeting", by=person)
    grant(town, person)  # an officer may name them again


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.INFORMATION, Role.OPERATOR)])
def test_only_an_information_officer_names_viewers(town, role):
    person = town.people[role]
    with pytest.raises(PermissionDenied, match="Only an information officer of Testford"):
        grant_view(town.area, user=town.lead, why="Asked", by=person)
    with pytest.raises(PermissionDenied, match="Only an information officer of Testford"):
        end_view(NameViewer.objects.get(), why="Asked", by=person)
    assert NameViewer.objects.get().ended_at is None


def test_an_operator_sees_no_name(town):
    operator = scenarios.make_operator()
    with pytest.raises(PermissionDenied):
        reveal_names(town.area, origin=category(), why="Curious", by=operator)
    assert ask(operator).status_code == 403


def test_nobody_names_themselves_a_stranger_or_somebody_twice(town, outsider):
    with pytest.raises(ValidationError, match="You can’t give yourself access to names"):
        grant(town, officer(town))
    with pytest.raises(ValidationError, match="has no role in Testford"):
        grant(town, outsider)
    with pytest.raises(ValidationError, match="can already see names"):
        grant(town)
    assert NameViewer.objects.count() == 1


@pytest.mark.parametrize("why", ["", " \n", "x" * (LONGEST_REASON + 1)])
def test_each_act_takes_a_reason(town, why):
    note(town)
    for act in (
        lambda: grant(town, town.lead, why),
        lambda: end_view(NameViewer.objects.get(), why=why, by=officer(town)),
        lambda: reveal_names(town.area, origin=category(), why=why, by=viewer(town)),
    ):
        with pytest.raises(ValidationError):
            act()
    assert [verb for verb, _, _ in events()] == ["name_viewer.granted", "names.noted"]


def test_what_was_ended_is_over_and_can_be_granted_anew(town):
    held = NameViewer.objects.get()
    end_view(held, why="Changed jobs", by=officer(town))
    with pytest.raises(PermissionDenied):
        reveal_names(town.area, origin=category(), why="Once more", by=viewer(town))
    assert ask(viewer(town)).status_code == 403
    with pytest.raises(ValidationError, match="already ended"):
        end_view(held, why="Again", by=officer(town))
    grant(town)
    assert reveal_names(town.area, origin=category(), why="Once more", by=viewer(town)) == []
    assert NameViewer.objects.count() == 2


def test_somebody_who_left_the_area_sees_no_name(town):
    revoke_role(Membership.objects.get(user=viewer(town)), by=town.coordinator)
    with pytest.raises(PermissionDenied):
        reveal_names(town.area, origin=category(), why="Once more", by=viewer(town))
    assert ask(viewer(town)).status_code == 404


def test_one_areas_viewer_sees_nothing_of_another(town):
    elsewhere = scenarios.make_town("elsewhere")
    with pytest.raises(PermissionDenied):
        reveal_names(elsewhere.area, origin=category(), why="Curious", by=viewer(town))
    origin = make_dimension(elsewhere.area, "origin", ["london"]).categories.get()
    with pytest.raises(ValidationError, match="Choose where the line comes from"):
        note_name(town.area, origin=origin, name=SECRET, by=viewer(town))


# --- What is written down --------------------------------------------------------------------------


def test_every_act_is_written_down_without_a_name(town):
    noted = note(town)
    reveal_names(town.area, origin=category(), why="A  strategy\nmeeting", by=viewer(town))
    retire_name(noted, by=viewer(town))
    retire_name(noted, by=viewer(town))
    end_view(NameViewer.objects.get(), why="Changed jobs", by=officer(town))

    who, by = viewer(town).email, officer(town).email
    assert events() == [
        ("name_viewer.granted", by, {"person": who, "why": "Works on county lines"}),
        ("names.noted", who, {"origin": "London"}),
        ("names.revealed", who, {"origin": "London", "why": "A strategy meeting"}),
        ("names.retired", who, {"origin": "London"}),
        ("name_viewer.ended", by, {"person": who, "why": "Changed jobs"}),
    ]


def test_a_look_at_no_name_is_written_down_too(town):
    assert reveal_names(town.area, origin=category("leeds"), why="A meeting", by=viewer(town)) == []
    assert events()[-1][0] == "names.revealed"


def test_names_are_tidied_and_held_once(town):
    assert note(town, "  Zebra \n Line 77 ").name == SECRET
    for same in (SECRET, SECRET.upper()):
        with pytest.raises(ValidationError, match="already held for London") as refusal:
            note(town, same)
        assert same not in str(refusal.value)
    note(town, SECRET, "leeds")
    retire_name(LineName.objects.get(category=category()), by=viewer(town))
    note(town)
    assert [
        noted.retired_at is None
        for noted in reveal_names(town.area, origin=category(), why="A meeting", by=viewer(town))
    ] == [True, False]


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1)])
def test_a_name_is_there_and_not_too_long(town, name):
    with pytest.raises(ValidationError):
        note(town, name)
    assert not LineName.objects.exists()


def test_only_what_is_on_the_map_is_an_origin(town):
    with pytest.raises(ValidationError, match="Choose where the line comes from"):
        note(town, SECRET, "adults")


# --- The page --------------------------------------------------------------------------------------


def test_a_viewer_sees_how_many_names_and_then_why_and_the_names_once(town):
    note(town)
    note(town, OTHER)
    before = ask(viewer(town))
    assert "London: 2 names held" in text_of(before)
    assert "Leeds: no names held" in text_of(before)
    assert SECRET not in before.content.decode()

    unsaid = ask(viewer(town), act="reveal", origin=category().pk, why=" ")
    assert "Say why you need to see the names. We record the reason with your name." in text_of(unsaid)
    assert "<title>Error: " in unsaid.content.decode()
    assert f'href="#why-{category().pk}"' in unsaid.content.decode()
    assert SECRET not in unsaid.content.decode()

    shown = ask(viewer(town), act="reveal", origin=category().pk, why="A strategy meeting")
    assert SECRET in text_of(shown)
    assert OTHER in text_of(shown)
    assert shown["Cache-Control"] == "private, no-store"
    assert SECRET not in ask(viewer(town)).content.decode()
    assert events()[-1][2] == {"origin": "London", "why": "A strategy meeting"}


def test_an_address_shows_no_name(town):
    note(town)
    client = signed_in(viewer(town))
    answer = client.get(PAGE, {"act": "reveal", "origin": str(category().pk), "why": "A meeting"})
    assert SECRET not in answer.content.decode()
    assert not AuditEvent.objects.filter(verb="names.revealed").exists()


def test_a_viewer_adds_and_retires_a_name(town):
    answer = ask(viewer(town), act="note", origin=category().pk, name=SECRET)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    noted = LineName.objects.get()
    assert (noted.name, noted.noted_by, noted.retired_at) == (SECRET, viewer(town), None)
    assert ask(viewer(town), act="retire", line=noted.pk)["Location"] == PAGE
    noted.refresh_from_db()
    assert noted.retired_by == viewer(town)
    assert "London: no names held, 1 retired" in text_of(ask(viewer(town)))


@pytest.mark.parametrize(
    ("typed", "sentence", "control"),
    [
        ({"act": "note", "origin": "", "name": SECRET}, "Choose where the line comes from.", "note-origin"),
        ({"act": "note", "origin": "x", "name": SECRET}, "Choose where the line comes from.", "note-origin"),
        ({"act": "note", "origin": "london", "name": ""}, "Enter the name of the line.", "note-name"),
        ({"act": "sing"}, "Press one of the buttons on this page.", "main-content"),
    ],
)
def test_what_is_wrong_is_said_at_its_control(town, typed, sentence, control):
    if typed.get("origin") == "london":
        typed = typed | {"origin": category().pk}
    answer = ask(viewer(town), **typed)
    assert sentence in text_of(answer)
    assert f'href="#{control}"' in answer.content.decode()
    assert f'id="{control}"' in answer.content.decode()
    assert not LineName.objects.exists()


def test_the_officer_names_somebody_and_ends_it(town):
    lead = town.lead
    assert ask(officer(town), act="grant", user=lead.pk, why="Leads the operation")["Location"] == PAGE
    held = NameViewer.objects.get(user=lead)
    assert (held.granted_by, held.why) == (officer(town), "Leads the operation")
    assert ask(lead).status_code == 200
    refused = ask(officer(town), act="end", viewer=held.pk, why="")
    assert "Say why you are ending this person’s access." in text_of(refused)
    assert f'href="#end-why-{held.pk}"' in refused.content.decode()
    assert ask(officer(town), act="end", viewer=held.pk, why="Changed jobs")["Location"] == PAGE
    assert ask(lead).status_code == 403


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({"user": "", "why": "Asked"}, "Choose the person."), ({"user": "lead", "why": ""}, "Say why this person needs")],
)
def test_the_officers_mistakes_are_said(town, typed, sentence):
    user = town.lead.pk if typed["user"] else ""
    assert sentence in text_of(ask(officer(town), act="grant", **typed | {"user": user}))
    assert NameViewer.objects.count() == 1


def test_a_person_of_another_area_stays_unknown_to_the_officer(town, outsider):
    outsider.name = "Someone Elsewhere"
    outsider.save()
    assert outsider.name not in text_of(ask(officer(town), act="grant", user=outsider.pk, why="Asked"))


def test_the_officer_sees_who_looked_and_no_name(town):
    note(town)
    ask(viewer(town), act="reveal", origin=category().pk, why="A strategy meeting")
    page = ask(officer(town))
    text = text_of(page)
    assert f"{viewer(town).email} London A strategy meeting" in text
    assert "Works on county lines" in text
    assert SECRET not in page.content.decode()
    assert "names held" not in text
    assert ask(officer(town), act="reveal", origin=category().pk, why="Mine too").status_code == 403


def test_the_home_page_leads_there_for_whom_it_is_open(town):
    for person, leads in ((viewer(town), True), (officer(town), True), (town.coordinator, False), (town.lead, False)):
        client = signed_in(person)
        assert (f'href="{PAGE}"' in client.get("/testford/").content.decode()) is leads


def test_anybody_else_is_told_whom_to_ask(town):
    answer = ask(town.coordinator)
    assert answer.status_code == 403
    assert "ask an information officer of Testford: information." in " ".join(answer.content.decode().split())


def test_another_areas_rows_are_out_of_reach(town):
    elsewhere = scenarios.make_town("elsewhere")
    origin = make_dimension(elsewhere.area, "origin", ["london"])
    origin.categories.update(longitude=-0.1, latitude=51.5)
    theirs = grant_view(elsewhere.area, user=elsewhere.lead, why="Asked", by=elsewhere.people[Role.INFORMATION])
    noted = note_name(elsewhere.area, origin=origin.categories.get(), name=OTHER, by=elsewhere.lead)
    assert ask(viewer(town), act="reveal", origin=origin.categories.get().pk, why="Curious").status_code == 404
    assert ask(viewer(town), act="retire", line=noted.pk).status_code == 404
    assert ask(officer(town), act="end", viewer=theirs.pk, why="Mine").status_code == 404


# --- Nowhere else ----------------------------------------------------------------------------------


def test_the_admin_has_no_names():
    assert not admin.site.is_registered(LineName)
    assert not admin.site.is_registered(NameViewer)
