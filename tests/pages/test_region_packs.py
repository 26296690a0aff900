"""The pages of a region's packs: the register, a draft, issuing it, and reading what was issued."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.models import Consent
from boards.roles import RegionRole
from core import objects
from core.models import ReadEvent
from core.sessions import FACTOR_THERE
from reporting.models import IssuedRegionPack
from tests import scenarios
from tests.factories import make_user
from tests.factories.regions import make_region, make_region_member
from tests.pages.test_region_pages import make_simple, member, text_of
from tests.region_packs import issue
from tests.regional import OCTOBER, make_county, publish_lines

pytestmark = pytest.mark.django_db
PACKS, MAKE = "/regions/essex/packs/", "/regions/essex/packs/make/2026-10/"


def seen_on(answer) -> str:
    (seen,) = re.findall(r'name="seen" value="(\w+)"', answer.content.decode())
    return str(seen)


def fill_in(seen: str, **typed: str) -> dict[str, str]:
    return {"seen": seen, "meeting": "County board", "meeting_on": f"{timezone.localdate():%d/%m/%Y}", **typed}


def withdraw(consent: Consent) -> None:
    consent.withdrawn_at, consent.withdrawn_by = timezone.now(), make_user()
    consent.save()


def test_a_draft_is_looked_at_and_issued():
    region, _ = make_county(areas=3, months=14)
    analyst = member(region, RegionRole.ANALYST)
    assert "Essex has issued no pack yet" in text_of(analyst.get(PACKS))
    draft = analyst.get(MAKE)
    assert "This is a draft" in text_of(draft)
    for asked in ("", "?month=2026-10"):
        assert analyst.get(f"{PACKS}make/{asked}")["Location"] == MAKE
    assert analyst.get(f"{PACKS}make/?month=soon").status_code == 404
    assert analyst.get(f"{PACKS}make/2001-01/").status_code == 404
    assert not IssuedRegionPack.objects.exists()
    answer = analyst.post(MAKE, fill_in(seen_on(draft)))
    pack = IssuedRegionPack.objects.get()
    assert answer["Location"] == f"{PACKS}{pack.reference}/"
    page = text_of(analyst.get(answer["Location"]))
    assert "Issued as ESSEX-2026-10-REGION-1" in page
    assert pack.sha256 in page
    assert "Whose figures Town 00 (version 1), Town 01 (version 1), Town 02 (version 1)" in page
    file = analyst.get(f"{PACKS}{pack.reference}/pack.pdf")
    assert file.content == objects.read(pack.pdf)
    assert "OFFICIAL-SENSITIVE ESSEX-2026-10-REGION-1.pdf" in file["Content-Disposition"]
    assert pack.reference in text_of(analyst.get(PACKS))


def test_what_is_wrong_is_said_and_nothing_typed_is_lost():
    region, _ = make_county(areas=3, months=14)
    director = member(region)
    seen = seen_on(director.get(MAKE))
    answer = director.post(MAKE, fill_in(seen, meeting="  "))
    assert text_of(answer).startswith("Error: ")
    old = director.post(MAKE, fill_in("0" * 64, meeting="Spring board"))
    assert "This pack has changed since you opened it. Look at it again." in text_of(old)
    assert "Spring board" in old.content.decode()
    assert not IssuedRegionPack.objects.exists()


def test_its_page_names_the_areas_that_withdrew_since():
    region, found = make_simple(values={"Ash": [1, 10], "Beech": [2, 20], "Cedar": [4, 40], "Dogwood": [8, 80]})
    director = member(region)
    pack = issue(region, by=make_region_member(region))
    url = f"{PACKS}{pack.reference}/"
    assert "No change since." in text_of(director.get(url))
    withdraw(Consent.objects.get(area=found["Dogwood"].area))
    publish_lines(found["Ash"].area, OCTOBER, {found["Ash"]: [1, 11]})
    day = timezone.localdate()
    for page in (text_of(director.get(url)), text_of(director.get(PACKS))):
        assert f"Dogwood withdrew its permission on {day.day} {day:%B %Y}." in page
        assert "Ash published version 2 of October 2026." in page
    page = text_of(director.get(url))
    assert "Dogwood no longer shows figures to Essex. This pack stays as it was issued." in page
    Consent.objects.filter(area=found["Beech"].area).update(
        starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=1)
    )
    assert "Beech and Dogwood no longer show figures to Essex." in text_of(director.get(url))
    assert "The permission of Beech ended on" in text_of(director.get(url))


def test_with_too_few_areas_no_pack_is_made_and_the_register_stays():
    region, found = make_simple(values={"Ash": [1, 10], "Beech": [2, 20], "Cedar": [4, 40]})
    director = member(region)
    pack = issue(region, by=make_region_member(region))
    withdraw(Consent.objects.get(area=found["Cedar"].area))
    assert "1 more area must agree before this region shows any figure." in text_of(director.get(PACKS))
    assert "One more area has to agree" in text_of(director.get(MAKE))
    assert director.get(f"{PACKS}{pack.reference}/").status_code == 200


def test_only_the_regions_own_people_read_a_pack():
    region, _ = make_county(areas=3, months=2)
    pack = issue(region, by=make_region_member(region))
    home = scenarios.make_town("home")
    outsiders, other = (home.coordinator, scenarios.make_operator()), make_region(slug="kent")
    urls = (PACKS, MAKE, f"{PACKS}{pack.reference}/", f"{PACKS}{pack.reference}/pack.pdf")
    for url in urls:
        assert Client().get(url).status_code == 302
        assert member(other).get(url).status_code == 404
        for person in outsiders:
            client = Client()
            client.force_login(person)
            session = client.session
            session[FACTOR_THERE] = True
            session.save()
            assert client.get(url).status_code == 404, (url, person)
    # … and none of another region's packs.
    assert member(other).get(f"/regions/kent/packs/{pack.reference}/").status_code == 404


def test_who_read_a_pack_is_noted():
    region, _ = make_county(areas=3, months=2)
    pack = issue(region, by=make_region_member(region))
    director = member(region)
    director.get(f"{PACKS}{pack.reference}/")
    director.get(f"{PACKS}{pack.reference}/pack.pdf")
    noted = ReadEvent.objects.order_by("pk").values_list("verb", "details")
    assert list(noted) == [("region.pack_read", {"region": "essex"})] * 2


def test_the_register_takes_as_many_queries_for_many_packs():
    region, _ = make_county(areas=5, months=2)
    director, by = member(region), make_region_member(region)
    counts = []
    for _ in range(2):
        issue(region, by=by)
        director.get(PACKS)
        with CaptureQueriesContext(connection) as queries:
            director.get(PACKS)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
