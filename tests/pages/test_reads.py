"""Who opened a draft, a pack or a file is noted; what everybody may read isn't."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards.rules import Role
from core.calendar import Month
from core.models import AuditEvent, ReadEvent
from indicators.models import Observation
from tests import scenarios
from tests.scenarios import Town, make_operator
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
PACK = "/testford/2026-09/boards/csp/pack.pdf"


def make_two_months() -> Town:
    town = scenarios.make_town()
    for month in (SEPTEMBER, OCTOBER):
        scenarios.accept(town, month, {"arrests": 15, "charges": 9})
    scenarios.publish(town, SEPTEMBER)
    scenarios.sweep()
    return town


made, town = stand(make_two_months)


def open_as(town: Town, role: Role, url: str) -> int:
    client = signed_in(town.people[role])
    return client.get(url).status_code


def noted() -> list[tuple[str, str, str, str]]:
    return list(ReadEvent.objects.order_by("pk").values_list("verb", "actor", "area", "target"))


def test_notes_drafts_files_and_the_record(town):
    issued = scenarios.issue(town, SEPTEMBER)
    events = AuditEvent.objects.count()
    reads = [
        ("draft.read", Role.ANALYST, "/testford/2026-10/"),
        ("file.read", Role.STRATEGIC, "/testford/2026-09/figures.csv?board=csp"),
        ("file.read", Role.ANALYST, "/testford/exports/history.xlsx"),
        ("pack.read", Role.COORDINATOR, issued.get_absolute_url()),
        ("pack.read", Role.COORDINATOR, f"{issued.get_absolute_url()}pack.pdf"),
        ("record.read", Role.INFORMATION, "/testford/audit/read/?days=7"),
    ]
    for _, role, url in reads:
        assert open_as(town, role, url) == 200, url
    assert noted() == [(verb, town.people[role].email, "testford", url) for verb, role, url in reads]
    assert AuditEvent.objects.count() == events  # reading is no act


@pytest.mark.parametrize("url", ["/testford/", "/testford/2026-09/", "/testford/indicators/", "/testford/plan/"])
def test_leaves_out_what_everybody_may_read(town, url):
    assert open_as(town, Role.ANALYST, url) == 200
    assert noted() == []


def test_leaves_out_whoever_was_refused(town):
    assert open_as(town, Role.BOARD_MEMBER, "/testford/2026-10/") == 403
    assert open_as(town, Role.ANALYST, "/testford/2030-01/figures.csv") == 404
    assert Client().get("/testford/2026-09/figures.csv").status_code == 302
    assert noted() == []


def test_notes_the_operator(town):
    operator, client = make_operator(), Client()
    client.force_login(operator)
    client.get("/operator/audit/?area=testford")
    assert noted() == [("record.read", operator.email, "", "/operator/audit/?area=testford")]


def test_notes_what_the_operator_reads_in_the_admin(town):
    """It has the figures of drafts, in every area, and the log itself."""
    operator, client = make_operator(), Client()
    client.force_login(operator)
    key = Observation.objects.order_by("pk").values_list("pk", flat=True)[0]
    reads = ["/admin/indicators/observation/?q=a", f"/admin/indicators/observation/{key}/change/"]
    reads += ["/admin/core/readevent/", "/admin/boards/agency/"]
    for url in reads:
        assert client.get(url).status_code == 200, url
    client.get("/admin/indicators/observation/999999/change/")  # there is none
    assert noted() == [("admin.read", operator.email, "", url) for url in reads]


def test_costs_one_query(town):
    with CaptureQueriesContext(connection) as asked:
        assert open_as(town, Role.ANALYST, "/testford/2026-10/") == 200
    ours = [query["sql"] for query in asked if ReadEvent._meta.db_table in query["sql"]]
    assert len(ours) == 1
    assert ours[0].startswith("INSERT")


def test_a_page_is_shown_if_the_log_cant_be_written(town, monkeypatch, caplog):
    def fail(**_):
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(ReadEvent.objects, "create", fail)
    assert open_as(town, Role.ANALYST, "/testford/2026-10/") == 200
    assert f"Person {town.people[Role.ANALYST].pk} read /testford/2026-10/" in caplog.text
