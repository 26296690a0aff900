"""The pages about the record: an information officer's for the area, and the operator's for every area."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards.rules import Role
from core import audit, triggers
from core.audit_log.sealing import seal_each
from core.models import AuditEvent, ReadEvent
from tests.factories import make_area
from tests.scenarios import Town, make_operator
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
URL = "/testford/audit/"


@pytest.fixture
def officer(town: Town) -> Client:
    return signed_in(town.people[Role.INFORMATION])


@pytest.fixture
def operator(db) -> Client:
    return signed_in(make_operator())


def act(town: Town, verb: str, **details: object) -> None:
    audit.record(verb, town.area, by=town.coordinator, area=town.area.slug, **details)


def read(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def rows(client: Client, url: str) -> list[dict[str, str]]:
    _, _, table = client.get(url).content.decode().partition("\n")
    return list(csv.DictReader(io.StringIO(table)))


def test_shows_who_did_what_and_why(town, officer):
    act(town, "area.renamed", why="<b>A slip</b>", is_public=True)
    page = read(officer, URL)
    assert "Area renamed: Testford" in page
    assert f"by {town.coordinator.email}" in page
    assert "why: &lt;b&gt;A slip&lt;/b&gt;" in page
    assert "public: yes" in page


def test_has_nothing_of_another_area(town, officer):
    other = make_area("elsewhere", name="Elsewhere")
    audit.record("area.renamed", other, by=None, area=other.slug, why="Their reason")
    for url in (URL, f"{URL}?of=boards.partnershiparea:{other.pk}", f"{URL}events.csv"):
        page = officer.get(url).content.decode()
        assert "Their reason" not in page
        assert "Elsewhere" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("verb=area.renamed", ["area.renamed"]),
        ("person=system", ["area.swept"]),
        ("days=7", ["area.swept", "area.renamed"]),
        ("thing=boards.partnershiparea", ["area.swept", "area.renamed", "area.founded"]),
        ("person=no one", ["area.swept", "area.renamed", "area.founded"]),  # no option, so it is left out
    ],
)
def test_filters(town, officer, query, found):
    guards_down_for_an_old_event(town)
    act(town, "area.renamed")
    audit.record("area.swept", town.area, by=None, area=town.area.slug)
    events = rows(officer, f"{URL}events.csv?{query}")
    assert [row["verb"] for row in events if row["verb"].startswith("area.")] == found
    assert officer.get(f"{URL}?{query}").status_code == 200


def guards_down_for_an_old_event(town: Town) -> None:
    act(town, "area.founded")
    connection.check_constraints()
    triggers.remove(connection, kinds=[triggers.KEEP])
    AuditEvent.objects.filter(verb="area.founded").update(happened_at="2020-01-01T00:00:00Z", actor="x@old.example")
    triggers.install(connection, kinds=[triggers.KEEP])


def test_one_things_whole_story(town, officer):
    act(town, "area.renamed")
    audit.record("user.changed", town.lead, by=town.coordinator, area=town.area.slug)
    page = read(officer, f"{URL}?of=core.user:{town.lead.pk}")
    assert "Everything about" in page
    assert "Account changed" in page
    assert "Area renamed:" not in page


def test_pages_hold_twenty_five_and_cost_few_queries(town, officer):
    for number in range(120):
        act(town, f"area.changed_{number}")
    first = read(officer, URL)
    assert "Page 1 of 5" in first
    with CaptureQueriesContext(
        connection,
    ) as asked:
        read(officer, f"{URL}?page=2")
    assert len(asked) <= 11


def test_says_whether_the_chain_is_whole(town, officer):
    act(town, "area.renamed")
    seal_each()
    assert "No one has checked yet whether an event was changed." in read(officer, URL)
    assert officer.post(URL).status_code == 302
    page = read(officer, URL)
    assert "The audit log of Testford is whole, up to event" in page
    assert "found the audit log whole, up to event" in page
    connection.check_constraints()
    triggers.remove(connection, kinds=[triggers.KEEP])
    AuditEvent.objects.filter(number=1).update(actor="somebody-else@testford.example")
    assert "is broken. The words of event 1" in officer.post(URL, follow=True).content.decode()
    assert "Broken" in read(officer, URL)


def test_a_file_has_the_links(town, officer):
    act(town, "area.renamed", why="=1+1")
    seal_each()
    newest = rows(officer, f"{URL}events.csv")[0]
    event = AuditEvent.objects.get(verb="area.renamed")
    assert (newest["link"], newest["number"]) == (event.link, str(event.number))
    for kind in ("json", "xlsx", "ods"):
        assert officer.get(f"{URL}events.{kind}").status_code == 200


def test_the_operator_sees_every_area_and_none(town, operator):
    act(town, "area.renamed")
    audit.record("user.signed_in", town.lead, by=town.lead)
    ReadEvent.objects.create(actor="reader@testford.example", area="testford", verb="pack.read", target="P1")
    seal_each()
    page = read(operator, "/operator/audit/")
    assert "Area renamed" in page
    assert "Account signed in" in page
    assert "No area" in page
    assert "reader@testford.example" in read(operator, "/operator/audit/read/")
    assert "whole" in operator.post("/operator/audit/", follow=True).content.decode()
    assert "Area renamed:" not in read(operator, "/operator/audit/?verb=user.signed_in")
