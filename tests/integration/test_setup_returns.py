"""Set-up of returns: on which day they are due, how long one is checked, and who releases them."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from boards.models import Agency
from boards.rules import Role
from boards.services.area import set_return_days
from core.calendar import Month
from core.models import AuditEvent
from tests.factories import make_agency
from tests.integration import setup_pages
from tests.scenarios import open_month

NOVEMBER = Month(2026, 11)


@pytest.fixture
def town(db, monkeypatch):
    return setup_pages.make_town(monkeypatch)


@pytest.fixture
def page(town, client):
    return setup_pages.opener(town, client)


def test_a_changed_due_day_is_for_the_months_opened_from_then_on(town, page):
    october = open_month(town, setup_pages.OCTOBER)
    assert "Day 10" in page("indicators:setup").content.decode()

    answer = page("boards:returns-edit", due_day=" 15 ", check_days="3")

    body = answer.content.decode()
    assert "From now on, returns are due on day 15 of the next month" in body
    assert "Day 15" in body
    town.area.refresh_from_db()
    assert (town.area.due_day, town.area.check_days) == (15, 3)
    october.refresh_from_db()
    assert str(october.due_on) == "2026-11-10"
    assert str(open_month(town, NOVEMBER).due_on) == "2026-12-15"
    event = AuditEvent.objects.get(verb="area.changed")
    assert event.details["changes"] == {"due_day": ["10", "15"], "check_days": ["5", "3"]}


def test_saving_the_same_days_is_no_change(town, page):
    page("boards:returns-edit", due_day="10", check_days="5")
    assert not AuditEvent.objects.filter(verb="area.changed").exists()


@pytest.mark.parametrize(
    ("due_day", "check_days", "sentences"),
    [
        ("", "", ["Enter the day on which returns are due", "Enter the working days to check a return"]),
        (
            "29",
            "21",
            [
                "The day on which returns are due must be 28 or less",
                "The working days to check a return must be 20 or less",
            ],
        ),
        (
            "0",
            "-1",
            [
                "The day on which returns are due must be 1 or more",
                "The working days to check a return must be 1 or more",
            ],
        ),
        ("the tenth", "5", ["The day on which returns are due must be a whole number, such as 5"]),
        ("=1+1", "5", ["The day on which returns are due must be a whole number, such as 5"]),
        ("10", "5.5", ["The working days to check a return must be a whole number, such as 5"]),
        ("9" * 30, "5", ["The day on which returns are due must be 28 or less"]),
    ],
)
def test_what_is_no_day_is_said_and_kept(town, page, due_day, check_days, sentences):
    answer = page("boards:returns-edit", due_day=due_day, check_days=check_days)
    assert setup_pages.errors(answer) == sentences
    assert f'value="{due_day}"' in answer.content.decode() or not due_day
    town.area.refresh_from_db()
    assert (town.area.due_day, town.area.check_days) == (10, 5)


def test_only_the_coordinator_sets_the_days(town):
    with pytest.raises(PermissionDenied):
        set_return_days(town.area, due_day=5, check_days=5, by=town.lead)
    with pytest.raises(ValidationError):
        set_return_days(town.area, due_day=31, check_days=5, by=town.coordinator)


def test_an_agency_asks_for_its_own_release(town, page):
    assert (
        "An approver of the agency releases each return before the coordinator gets it."
        in page("boards:agency-edit", "police").content.decode()
    )
    sent = {"name": "Police", "kind": "police", "position": "0"}
    page("boards:agency-edit", "police", **sent, needs_release="on")
    assert Agency.objects.get(area=town.area, code="police").needs_release
    page("boards:agency-edit", "police", **sent)
    assert not Agency.objects.get(area=town.area, code="police").needs_release


def test_a_second_contact_is_added_like_a_lead(town, page):
    nhs = make_agency(town.area, "nhs")
    form = page("boards:person-add").content.decode()
    assert "Only for an agency lead, approver or second contact." in form
    page(
        "boards:person-add",
        email="second@nhs.example",
        name="Second",
        role=Role.AGENCY_CONTACT.value,
        agency=nhs.pk,
        board="",
        is_attested="on",
    )
    assert nhs.memberships.get().role == Role.AGENCY_CONTACT
