"""Who asks for a page, and what are they in its area? Asked anew for each page."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.models import Membership, ReportingPeriod
from boards.permissions import access_to, lacks_factor, needs_factor
from boards.rules import Role
from core.calendar import Month
from core.identity.sessions import SessionStore
from core.models import Session, User
from tests.answers import Answer
from tests.factories import make_area, make_membership, make_user
from tests.factories.regions import make_region, make_region_member
from tests.factors import give_app
from tests.scenarios import Town, make_operator, open_month

pytestmark = pytest.mark.django_db
PAGE = "/testford/method/"


def sign_in(person: User) -> Answer:
    client: Answer = Client()
    client.force_login(person)
    return client


def list_people(town: Town) -> Sequence[User]:
    several = make_user()
    for role in (Role.STRATEGIC, Role.BOARD_CHAIR, Role.AGENCY_LEAD, Role.AGENCY_CONTACT):
        board = town.csp if role is Role.BOARD_CHAIR else None
        agency = town.police if role in (Role.AGENCY_LEAD, Role.AGENCY_CONTACT) else None
        make_membership(several, town.area, role, agency=agency, board=board).save()
    return [*town.people.values(), several, make_operator()]


def test_a_page_has_the_access_and_months_of_whoever_asks(town: Town):
    open_month(town, Month(2026, 9))
    open_month(town, Month(2026, 10))
    elsewhere = make_area("elsewhere")
    for person in list_people(town):
        if not person.is_superuser:
            make_membership(
                person, elsewhere, Role.COORDINATOR, agency=None, board=None
            )  # which gives them nothing here
        request = sign_in(person).get(PAGE).wsgi_request
        expected = access_to(town.area, by=person)
        assert request.access == expected, person
        assert vars(request.access.area).keys() == vars(expected.area).keys()
        assert {each: getattr(request.access.area, each) for each in vars(expected.area) if each != "_state"} == {
            each: value for each, value in vars(expected.area).items() if each != "_state"
        }
        opened = ReportingPeriod.objects.filter(area=town.area)
        assert set(request.months.listed) == ({each.month for each in opened} if expected.can_see_drafts else set())


def test_each_page_asks_once_who_asks(town: Town):
    open_month(town, Month(2026, 10))
    client = sign_in(town.coordinator)
    for path in (PAGE, "/testford/2026-10/", "/account/reminders/", "/elsewhere/2026-10/"):
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        assert ["core_session" in query["sql"] for query in asked].count(True) == 1, path


def test_nobody_without_a_role_learns_whether_an_area_exists(town: Town, outsider: User):
    client = sign_in(outsider)
    answers = {path: client.get(path) for path in ("/nowhere/method/", PAGE)}
    assert {answer.status_code for answer in answers.values()} == {404}
    # One of these has to be asked for by its own area only.
    member = sign_in(town.lead)
    assert [member.get(path).status_code for path in (PAGE, "/elsewhere/method/", PAGE)] == [200, 404, 200]


def test_what_somebody_is_counts_from_the_next_page_on(town: Town):
    client = sign_in(town.lead)
    assert client.get(PAGE).status_code == 200
    User.objects.filter(pk=town.lead.pk).update(is_active=False)
    assert client.get(PAGE).status_code == 302
    User.objects.filter(pk=town.lead.pk).update(is_active=True)
    held = Membership.objects.get(user=town.lead)
    Membership.objects.filter(pk=held.pk).delete()
    assert client.get(PAGE).status_code == 404
    held.save()
    assert client.get(PAGE).status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(microseconds=1))
    assert client.get(PAGE).status_code == 302


def test_a_session_whose_row_names_somebody_else_opens_nothing(town: Town, outsider: User, settings):
    """The row and its data always name the same person. If they ever didn't, nobody's role would be another's."""
    client = sign_in(outsider)
    Session.objects.filter(session_key=client.cookies[settings.SESSION_COOKIE_NAME].value).update(person=town.lead)
    assert client.get(PAGE).status_code == 404


def test_the_second_factor_is_needed_as_before(town: Town):
    area = make_area("elsewhere")
    area.factor_roles = f"{Role.BOARD_MEMBER} {Role.ANALYST}"
    area.save()
    added, spared = town.people[Role.STRATEGIC], town.people[Role.AGENCY_CONTACT]
    make_membership(added, area, Role.ANALYST, agency=None, board=None).save()
    make_membership(spared, area, Role.STRATEGIC, agency=None, board=None).save()
    people = [*list_people(town), make_region_member(make_region(town.area)), make_user()]
    assert [needs_factor(person) for person in (added, spared)] == [True, False]
    for person in people:
        assert lacks_factor(person) == needs_factor(person), person
    for person in people:
        give_app(person)
        assert not lacks_factor(person)


def test_an_unknown_session_is_nobodys():
    session = SessionStore("x" * 32)
    assert session.load() == {}
    assert session.session_key is None
    assert session.person is None
