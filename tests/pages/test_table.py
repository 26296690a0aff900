"""The long table: of one area, of a region's key, and of what is public; what changed since, and what went."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from boards.models import Consent, PartnershipArea, RegionMembership, Shows
from boards.rules import Role
from boards.services.keys import note_key_uses, replace_key, revoke_key
from boards.services.regions import revoke_region_role
from core.calendar import Month
from core.models import AuditEvent, ReadEvent
from reporting.months.services import take_back
from reporting.public.presenters.table import TABLE_COLUMNS
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.answers import Answer
from tests.factories.regions import join_region, make_region_member
from tests.integration.rows_of_withdrawals import publish_fresh
from tests.keys import bearer, give_key, give_region_key
from tests.publishing import publish_months
from tests.regional import OCTOBER, make_county
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
SEPTEMBER, NOVEMBER = Month(2026, 9), Month(2026, 11)
TABLE, PUBLIC = "/api/v1/figures", "/api/v1/public/figures"


def ask(secret: str, path: str = TABLE, **asked: Any) -> Answer:
    asked = {name.rstrip("_"): value for name, value in asked.items()}
    return Client().get(path, asked, headers=bearer(secret) if secret else {})


def rows_of(secret: str, path: str = TABLE, **asked: Any) -> list[dict[str, Any]]:
    answer = ask(secret, path, size=500, **asked)
    assert answer.status_code == 200, answer.content
    return answer.json()["figures"]


def names(rows: list[dict[str, Any]], name: str = "area") -> set[str]:
    return {row[name] for row in rows}


# --- An area's key --------------------------------------------------------------------------------


@pytest.fixture
def published(town: Town) -> Town:
    """A town with two published months."""
    publish_months(town, SEPTEMBER, {"arrests": [8, 12], "charges": [3, 4]})
    return town


def test_a_row_is_what_the_months_own_file_says(published: Town):
    _, secret = give_key(published, published.coordinator)

    rows = rows_of(secret)

    assert list(rows[0]) == list(TABLE_COLUMNS)
    for month in (SEPTEMBER, OCTOBER):
        lines = ask(secret, f"/api/v1/areas/testford/months/{month}/lines", size=500).json()["lines"]
        same = (
            "indicator",
            "title",
            "category",
            "value",
            "state",
            "movement",
            "change",
            "signal",
            "usual",
            "lower",
            "upper",
        )
        of_month = [row for row in rows if row["month"] == str(month)]
        assert [[row[name] for name in same] for row in of_month] == [[line[name] for name in same] for line in lines]
    assert [row["month"] for row in rows] == sorted(row["month"] for row in rows)


def test_page_file_and_api_have_the_same_table(published: Town):
    _, secret = give_key(published, published.coordinator)
    browser = Client()
    browser.force_login(published.coordinator)

    of_api = rows_of(secret)
    file = browser.get("/testford/exports/table.json").json()["figures"]
    of_csv = browser.get("/testford/exports/table.csv").content.decode()

    assert file == of_api
    assert of_csv == ask(secret, f"{TABLE}.csv").content.decode()
    # No mark of the order of bytes and no marking before the header: the name has it.
    assert next(csv.DictReader(io.StringIO(of_csv)))["area"] == published.area.name
    assert "OFFICIAL-SENSITIVE" in browser.get("/testford/exports/table.csv").headers["Content-Disposition"]


def test_rows_can_be_chosen(published: Town):
    _, secret = give_key(published, published.coordinator)

    assert names(rows_of(secret, indicators="arrests"), "indicator") == {"arrests"}
    assert names(rows_of(secret, from_="2026-10"), "month") == {"2026-10"}
    assert names(rows_of(secret, to="2026-09", indicators="arrests,charges"), "month") == {"2026-09"}


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ({"areas": "elsewhere"}, 404, "There is no such area, or this key isn’t for it: elsewhere."),
        (
            {"indicators": "nothing"},
            404,
            "There is no figure that you can read here, or none of these indicators and months.",
        ),
        ({"from_": "2026-10", "to": "2026-09"}, 422, "The last month is before the first."),
        ({"changed_since": "31 February"}, 422, "Write a day or a moment: 2026-11-01 or 2026-11-01T09:00:00Z."),
        ({"changed_since": "2026-02-31"}, 422, "Write a day or a moment: 2026-11-01 or 2026-11-01T09:00:00Z."),
        ({"from_": "October"}, 422, "String should match pattern"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(published: Town, asked: dict, status: int, sentence: str):
    _, secret = give_key(published, published.coordinator)

    answer = ask(secret, **asked)

    assert answer.status_code == status
    assert sentence in answer.content.decode()


def test_a_version_taken_back_comes_as_rows_without_values(published: Town):
    _, secret = give_key(published, published.coordinator)
    before = timezone.now()
    assert rows_of(secret, changed_since=before.isoformat()) == []
    fresh = publish_fresh(published, NOVEMBER)
    assert names(rows_of(secret, changed_since=before.isoformat()), "state") == {"awaited"}

    take_back(published.area, seen=[fresh.pk], why="A slip", by=published.coordinator)

    gone = rows_of(secret, changed_since=before.isoformat())
    assert names(gone, "month") == {"2026-11"}
    assert names(gone, "state") == {"withdrawn"}
    assert names(gone, "value") == names(gone, "movement") == {None}
    assert "2026-11" not in names(rows_of(secret), "month")


def test_somebody_who_has_the_answer_is_told_so(published: Town):
    _, secret = give_key(published, published.coordinator)
    tag = ask(secret).headers["ETag"]

    again = Client().get(TABLE, headers={**bearer(secret), "If-None-Match": tag})

    assert again.status_code == 304
    assert ask(secret, indicators="arrests").headers["ETag"] != tag


# --- A region's key -------------------------------------------------------------------------------


def test_a_regions_key_reads_every_area_that_agreed_at_once():
    region, _ = make_county(areas=4)
    _, secret = give_region_key(region)

    assert names(rows_of(secret)) == {"Town 00", "Town 01", "Town 02", "Town 03"}
    assert names(rows_of(secret, areas="town-01,town-03")) == {"Town 01", "Town 03"}
    areas = ask(secret, "/api/v1/areas").json()["areas"]
    assert [area["slug"] for area in areas] == ["town-00", "town-01", "town-02", "town-03"]


def test_a_consent_that_ends_ends_the_rows_at_once():
    region, towns = make_county(areas=4)
    _, secret = give_region_key(region)
    consent = Consent.objects.get(area=towns[0])
    tag = ask(secret).headers["ETag"]

    Consent.objects.filter(pk=consent.pk).update(withdrawn_at=timezone.now(), withdrawn_by=consent.given_by)

    again = Client().get(TABLE, headers={**bearer(secret), "If-None-Match": tag})
    assert again.status_code == 200
    assert "Town 00" not in names(rows_of(secret))
    assert ask(secret, areas="town-00").status_code == 404
    assert rows_of(secret, changed_since="2020-01-01", areas="town-01")  # the others stay


def test_with_two_areas_left_nothing_is_shown():
    region, towns = make_county(areas=3)
    _, secret = give_region_key(region)
    Consent.objects.filter(area=towns[0]).delete()

    answer = ask(secret)

    assert answer.status_code == 404
    assert answer.json()["detail"] == "Essex shows no figure before 3 areas have agreed. 1 more must agree."
    assert ask(secret, "/api/v1/areas").json()["areas"] == []


def test_an_area_that_shows_only_what_is_public_shows_no_more(published: Town):
    region, _ = make_county(areas=3)
    join_region(region, published.area, shows=Shows.PUBLIC)
    _, secret = give_region_key(region)
    assert published.area.name not in names(rows_of(secret))

    scenarios.publish_openly(published, OCTOBER)

    of_area = [row for row in rows_of(secret) if row["area"] == published.area.name]
    assert of_area == rows_of("", PUBLIC)


@pytest.mark.parametrize(
    "path", ["/api/v1/areas/town-00", "/api/v1/areas/town-00/months", "/api/v1/areas/town-00/plan"]
)
def test_a_regions_key_opens_nothing_else(path: str):
    region, _ = make_county(areas=3)
    _, secret = give_region_key(region)

    answer = ask(secret, path)

    assert answer.status_code == 403
    assert "This is a region’s key." in answer.json()["detail"]


def test_an_areas_key_reads_no_other_area_of_its_region(published: Town):
    region, _ = make_county(areas=3)
    join_region(region, published.area)
    _, secret = give_key(published, published.coordinator)

    assert names(rows_of(secret)) == {published.area.name}
    assert ask(secret, areas="town-00").status_code == 404


def test_a_key_ends_with_its_owners_last_role():
    region, _ = make_county(areas=3)
    director = make_region_member(region)
    key, secret = give_region_key(region)
    member = RegionMembership.objects.get(user=key.answers_by)

    revoke_region_role(member, by=director)

    assert ask(secret).status_code == 401
    assert AuditEvent.objects.filter(verb="key.revoked", details__region="essex").count() == 1


def test_a_replaced_key_works_for_a_week_and_a_revoked_one_no_more():
    region, _ = make_county(areas=3)
    key, secret = give_region_key(region)

    new, new_secret = replace_key(key, ends_on=key.ends_on, by=key.answers_by)

    assert ask(secret).status_code == ask(new_secret.key).status_code == 200
    revoke_key(new, by=key.answers_by)
    assert ask(new_secret.key).status_code == 401


def test_each_area_can_see_that_a_regions_key_read_it(published: Town):
    region, _ = make_county(areas=3)
    join_region(region, published.area)
    _, secret = give_region_key(region)
    ask(secret)

    assert note_key_uses(timezone.now() + timedelta(hours=1)) == 1

    event = ReadEvent.objects.get(verb="key.read")
    assert (event.area, event.details["region"], event.details["requests"]) == ("", "essex", 1)


# --- What is public -------------------------------------------------------------------------------


def test_the_public_table_has_what_editions_show_and_their_codes(published: Town):
    PartnershipArea.objects.filter(pk=published.area.pk).update(ons_code="E07000001")
    scenarios.publish_openly(published, OCTOBER)

    rows = rows_of("", PUBLIC)
    history = Client().get("/api/v1/public/areas/testford/history?size=500").json()["figures"]

    assert names(rows, "area_code") == {"E07000001"}
    shown = {(row["month"], row["indicator"], row["category"]): row["value"] for row in rows}
    assert shown == {(row["month"], row["indicator"], row["category"]): row["value"] for row in history}
    page = Client().get("/testford/public/table.json").json()
    assert page["figures"] == rows
    assert Client().get("/api/v1/public/areas").json()["areas"][0]["area_code"] == "E07000001"


def test_a_month_that_was_withdrawn_comes_without_its_values(published: Town):
    scenarios.publish_openly(published, OCTOBER)
    shown = {row["indicator"] for row in rows_of("", PUBLIC) if row["month"] == "2026-10"}
    period = published.area.periods.get(starts_on=OCTOBER.first_day)

    withdraw_month(period, is_urgent=True, by=published.people[Role.INFORMATION])

    assert ask("", PUBLIC, areas="testford").status_code == 404
    gone = rows_of("", PUBLIC, changed_since="2020-01-01")
    assert {row["indicator"] for row in gone} == shown
    assert names(gone, "state") == {"withdrawn"}
    assert names(gone, "value") == {None}
