"""The pages of a region's packs: the register, and reading what was issued. Nothing issues one any more."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client
from django.utils import timezone

from boards.models import Consent, Shows
from boards.rules import RegionRole, Role
from core.files import objects
from core.identity.sessions import FACTOR_THERE
from core.models import ReadEvent
from reporting.models import IssuedRegionPack, PublicEdition
from reporting.public.reach import find_reach
from reporting.public.taking_down import take_down
from tests import scenarios
from tests.factories import make_user
from tests.factories.regions import join_region, make_region, make_region_member
from tests.pages.test_public_page import make_public_town
from tests.pages.test_region_pages import make_simple, member, text_of
from tests.region_packs import leave_issued, leave_source
from tests.regional import OCTOBER, make_county, publish_lines
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PACKS = "/regions/essex/packs/"


def withdraw(consent: Consent) -> None:
    consent.withdrawn_at, consent.withdrawn_by = timezone.now(), make_user()
    consent.save()


def test_what_was_issued_is_listed_and_read_and_its_file_is_the_one_of_its_hash():
    region, _ = make_county(areas=3, months=14)
    analyst = member(region, RegionRole.ANALYST)
    assert "Essex has issued no pack." in text_of(analyst.get(PACKS))
    pack = leave_issued(region, by=make_region_member(region, name="Dora Director"))
    assert pack.reference in text_of(analyst.get(PACKS))
    page = text_of(analyst.get(f"{PACKS}{pack.reference}/"))
    assert "Issued as ESSEX-2026-10-REGION-1" in page
    assert "by Dora Director" in page
    assert pack.sha256 in page
    assert "Whose figures Town 00 (version 1), Town 01 (version 1), Town 02 (version 1)" in page
    for words in ("What stands out", "Cuckooed houses", "Every area on one scale", "What was left out"):
        assert words in page
    file = analyst.get(f"{PACKS}{pack.reference}/pack.pdf")
    assert file.content == objects.read(pack.pdf)
    assert sha256(file.content).hexdigest() == pack.sha256
    assert "OFFICIAL-SENSITIVE ESSEX-2026-10-REGION-1.pdf" in file["Content-Disposition"]


def test_no_address_makes_one_and_the_page_says_how_to_print_a_month():
    region, _ = make_county(areas=3, months=14)
    director = member(region)
    page = director.get(PACKS)
    assert "We don’t make new packs." in text_of(page)
    assert "print it from your browser" in text_of(page)
    assert 'href="/regions/essex/2026-10/">October 2026</a>' in page.content.decode()
    for address in (f"{PACKS}make/", f"{PACKS}make/2026-10/"):
        assert director.get(address).status_code == 404
        assert director.post(address, {"meeting": "Board"}).status_code in (404, 405)
    assert not IssuedRegionPack.objects.exists()


def test_an_area_that_showed_what_is_public_is_there_with_its_edition():
    town = make_public_town()
    region, _ = make_county(areas=3, months=2)
    consent = join_region(region, town.area, shows=Shows.PUBLIC)
    edition = PublicEdition.objects.filter(period__area=town.area, number__isnull=False).latest("pk")
    pack = leave_issued(region)
    leave_source(pack, consent, edition=edition)
    director = member(region)
    page = text_of(director.get(f"{PACKS}{pack.reference}/"))
    assert f"Testford (public edition {edition.number})" in page
    assert "No change since." in page
    officer = town.people[Role.INFORMATION]
    take_down(edition.period, find_reach(edition.period), why="Wrong", is_urgent=False, by=officer)
    page = text_of(director.get(f"{PACKS}{pack.reference}/"))
    assert f"Testford withdrew edition {edition.number} of October 2026 from the public." in page


def test_its_page_names_the_areas_that_withdrew_since():
    region, found = make_simple(values={"Ash": [1, 10], "Beech": [2, 20], "Cedar": [4, 40], "Dogwood": [8, 80]})
    director = member(region)
    pack = leave_issued(region)
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
    assert "To print, use the region’s month, which leaves it out." in page
    Consent.objects.filter(area=found["Beech"].area).update(
        starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=1)
    )
    assert "Beech and Dogwood no longer show figures to Essex." in text_of(director.get(url))
    assert "The permission from Beech ended on" in text_of(director.get(url))


def test_with_too_few_areas_the_register_stays():
    region, found = make_simple(values={"Ash": [1, 10], "Beech": [2, 20], "Cedar": [4, 40]})
    director = member(region)
    pack = leave_issued(region)
    withdraw(Consent.objects.get(area=found["Cedar"].area))
    assert "1 more area must give permission before this region shows any figure." in text_of(director.get(PACKS))
    assert director.get(f"{PACKS}{pack.reference}/").status_code == 200


def test_only_the_regions_own_people_read_a_pack():
    region, _ = make_county(areas=3, months=2)
    pack = leave_issued(region)
    home = scenarios.make_town("home")
    outsiders, other = (home.coordinator, scenarios.make_operator()), make_region(slug="kent")
    urls = (PACKS, f"{PACKS}{pack.reference}/", f"{PACKS}{pack.reference}/pack.pdf")
    for url in urls:
        assert Client().get(url).status_code == 302
        assert member(other).get(url).status_code == 404
        for person in outsiders:
            client = signed_in(person)
            session = client.session
            session[FACTOR_THERE] = True
            session.save()
            assert client.get(url).status_code == 404, (url, person)
    # … and none of another region's packs.
    assert member(other).get(f"/regions/kent/packs/{pack.reference}/").status_code == 404


def test_who_read_a_pack_is_noted():
    region, _ = make_county(areas=3, months=2)
    pack = leave_issued(region)
    director = member(region)
    director.get(f"{PACKS}{pack.reference}/")
    director.get(f"{PACKS}{pack.reference}/pack.pdf")
    noted = ReadEvent.objects.order_by("pk").values_list("verb", "details")
    assert list(noted) == [("region.pack_read", {"region": "essex"})] * 2
