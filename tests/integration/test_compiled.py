"""A compiled function composes once, and answers for each caller by their own values."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.selectors.challenges import first_open
from boards.key_access import KeyedAccess
from boards.models import Agency, Membership, PartnershipArea, ReportingPeriod
from boards.permissions import access_to
from boards.roles import Role
from core import compiled as module
from core.compiled import Compiled, Varying, compiled
from core.models import Session, User
from core.months import Month
from tests import compiling, scenarios
from tests.scenarios import Town

OCTOBER = Month(2026, 10)

pytestmark = pytest.mark.django_db


def ask_plainly(function: Compiled[Any], *arguments: Any) -> list[Any]:
    """Call it without the comparison of the tests."""
    statement, values = compiling.find(function, arguments)
    return statement.fetch(values) if statement else []


def make_agencies() -> Compiled[Agency]:
    @compiled
    def agencies(area: PartnershipArea, chosen: frozenset[int], is_retired: bool) -> QuerySet[Agency]:
        return Agency.objects.filter(area=area, pk__in=chosen, retired=is_retired).select_related("area")

    return agencies


def test_it_composes_once_and_answers_by_each_callers_values(town: Town, monkeypatch: pytest.MonkeyPatch):
    other, agencies = scenarios.make_town("elsewhere"), make_agencies()
    monkeypatch.setattr(Compiled, "find", compiling.find)  # which composes nothing to compare
    composed = []
    as_sql = SQLCompiler.as_sql
    monkeypatch.setattr(SQLCompiler, "as_sql", lambda self, *given: composed.append(1) or as_sql(self, *given))
    for each in (town, other, town):
        found = agencies(each.area, frozenset({each.police.pk}), False)
        assert [(agency, agency.area.slug) for agency in found] == [(each.police, each.area.slug)]
    assert len(composed) == 1
    assert agencies(town.area, frozenset({other.police.pk}), False) == []
    assert agencies(town.area, frozenset({town.police.pk}), True) == []
    assert agencies(town.area, frozenset(), False) == []
    assert len(composed) == 3  # another statement for True, and one for a set without keys


def test_it_reads_with_one_query_and_loads_what_django_would(town: Town, django_assert_num_queries):
    agencies = make_agencies()
    with django_assert_num_queries(1):
        assert agencies(town.area, frozenset({town.police.pk}), False)[0].area.slug == town.area.slug


def test_days_moments_and_texts_are_values_too(town: Town):
    @compiled
    def months(code: Varying, day: object, now: object) -> QuerySet[ReportingPeriod, int]:
        since = Q(starts_on__gte=day, opened_on__lte=now)
        return ReportingPeriod.objects.filter(since, area__slug=code).values_list("pk", flat=True)

    october, november = scenarios.open_month(town, OCTOBER), scenarios.open_month(town, OCTOBER.next)
    code, today = Varying(town.area.slug), timezone.localdate()
    assert set(months(code, october.starts_on, today)) == {october.pk, november.pk}
    assert months(code, november.starts_on, today) == [november.pk]
    assert months(Varying("nowhere"), october.starts_on, today) == []
    assert len(months.statements) == 1


def test_a_function_cannot_look_into_a_value(town: Town):
    @compiled
    def agencies(area: PartnershipArea) -> QuerySet[Agency]:
        return Agency.objects.filter(area__slug=area.slug)

    with pytest.raises(AttributeError, match="slug"):
        ask_plainly(agencies, town.area)


def test_a_value_that_stays_is_found_by_the_tests(town: Town):
    """Such as the time at which a statement was composed."""

    @compiled
    def people(area: PartnershipArea) -> QuerySet[Membership]:
        return Membership.objects.filter(area=area, user__last_login__lt=timezone.now())

    with pytest.raises(AssertionError, match="people"):
        people(town.area)


def test_what_a_function_reads_while_it_composes_is_found_by_the_tests(town: Town):
    @compiled
    def people(area: PartnershipArea) -> QuerySet[Membership]:
        newest = Membership.objects.latest("pk")
        return Membership.objects.filter(area=area, pk__lte=newest.pk)

    with pytest.raises(AssertionError, match="asks the database"):
        people(town.area)


def test_keys_in_each_others_places_are_found_by_the_tests(town: Town):
    """Even after keys that were the same."""

    @compiled
    def agencies(one: PartnershipArea, other: PartnershipArea) -> QuerySet[Agency]:
        return Agency.objects.filter(Q(area=one) | Q(pk=other.pk))

    assert [each.pk for each in agencies(town.area, town.area) if each.area_id == town.area.pk] == [town.police.pk]
    statement = next(iter(agencies.statements.values()))
    statement.rows.places = [(at, 1 - place) for at, place in statement.rows.places]
    agencies(town.area, town.area)
    with pytest.raises(AssertionError, match="agencies"):
        agencies(town.area, scenarios.make_town("elsewhere").area)


def test_people_with_the_same_rights_share_a_statement_and_no_rows(town: Town):
    other = scenarios.make_town("elsewhere")
    first_open.statements.clear()
    for each in (town, other):
        access = access_to(each.area, by=each.people[Role.BOARD_MEMBER])
        with CaptureQueriesContext(connection) as asked:
            assert ask_plainly(first_open, access, 4) == []
        assert f"= ({each.area.pk})" in asked[0]["sql"]
        assert str(module.FAR)[:6] not in asked[0]["sql"]  # every place has its value
    assert len(first_open.statements) == 1
    first_open(access_to(town.area, by=town.coordinator), 4)
    assert len(first_open.statements) == 2


def test_it_keeps_a_bounded_number_of_statements(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST", 3)
    agencies = make_agencies()
    for number in range(8):
        ask_plainly(agencies, town.area, frozenset(range(1, number + 2)), False)
    assert len(agencies.statements) == 3


def test_what_is_used_stays(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST", 2)
    agencies = make_agencies()
    for keys in ({1}, {1, 2}, {3}, {1, 2, 3}):
        ask_plainly(agencies, town.area, frozenset(keys), False)
    assert [len(held.rows.places) for held in agencies.statements.values() if held] == [2, 4]  # the area is one


def test_a_key_has_a_statement_of_its_own(town: Town):
    """… because it opens no draft, also of somebody who sees drafts."""
    own = access_to(town.area, by=town.coordinator)
    keyed = KeyedAccess(own.user, own.area, own.roles, own.led, own.approved, own.told, own.seated, own.chaired)
    assert own.rights != keyed.rights
    replaced = keyed.with_places(keyed.rows, keyed.sets)
    assert (type(replaced), replaced.can_see_drafts, own.can_see_drafts) == (KeyedAccess, False, True)


def test_a_prefetch_has_no_values_of_the_caller(town: Town):
    @compiled
    def areas(area: PartnershipArea, chosen: frozenset[int]) -> QuerySet[PartnershipArea]:
        some = Prefetch("agencies", Agency.objects.filter(pk__in=chosen))
        return PartnershipArea.objects.filter(pk=area.pk).prefetch_related(some)

    with pytest.raises(TypeError, match="prefetch"):
        ask_plainly(areas, town.area, frozenset({town.police.pk}))


# --- The session's person ---------------------------------------------------------------------------


def test_a_session_and_its_person_are_read_together(town: Town, django_assert_num_queries):
    client = Client()
    client.force_login(town.lead)
    client.get("/account/reminders/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/account/reminders/")
    assert sum(User._meta.db_table in each["sql"] for each in asked) == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_whoever_may_no_longer_sign_in_is_out_with_the_next_page(town: Town, change: dict[str, object]):
    client = Client()
    client.force_login(town.lead)
    assert client.get("/account/reminders/").status_code == 200
    User.objects.filter(pk=town.lead.pk).update(**change)
    assert client.get("/account/reminders/").status_code == 302


def test_a_row_that_names_somebody_else_lets_nobody_in_as_them(town: Town):
    """The session's own data decides, and the row only says whom to read beside it."""
    client = Client()
    client.force_login(town.lead)
    Session.objects.update(person=town.coordinator)
    assert client.get("/account/reminders/").wsgi_request.user == town.lead
