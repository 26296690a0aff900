"""A region's pages that a process keeps: whatever changes, the next reader sees what a new process would show."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.models import Consent, PartnershipArea, Region, ReportingPeriod, Shows
from boards.rules import RegionRole
from indicators.models import Indicator, IndicatorDefinition
from reporting.models import Snapshot, VersionWithdrawal
from tests.factories import make_user
from tests.pages.test_region_pages import INDICATOR, MONTH, add_population, make_simple, member, text_of
from tests.regional import OCTOBER, publish_lines

pytestmark = pytest.mark.django_db
type Change = Callable[[dict[str, Indicator]], object]
FILTERED = f"{MONTH}?section=nowhere"
# What a page doesn't read, and a form's empty fields.
MEANINGLESS = "x=1&section=&sort=no&utm_source=letter&chart=nhs&version=2"
PAGES = (MONTH, f"{MONTH}?as=rates", INDICATOR.format("arrests"), f"{INDICATOR.format('arrests')}?as=rates&over=year")


def read(client: Client, url: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', r"\1", client.get(url).content.decode())


def read_anew(client: Client, url: str) -> str:
    caches["pages"].clear()
    return read(client, url)


def correct(found: dict[str, Indicator]) -> None:
    publish_lines(found["Cedar"].area, OCTOBER, {found["Cedar"]: [5, 41]})


def take_back(found: dict[str, Indicator], name: str = "Ash") -> None:
    newest = Snapshot.objects.filter(period__area=found[name].area).order_by("-version")[0]
    VersionWithdrawal.objects.create(
        snapshot=newest, why="A mistake", withdrawn_at=timezone.now(), withdrawn_by=make_user()
    )


def withdraw(found: dict[str, Indicator]) -> None:
    Consent.objects.filter(area=found["Dale"].area).update(withdrawn_at=timezone.now(), withdrawn_by=make_user())


def consent_to_less(found: dict[str, Indicator]) -> None:
    Consent.objects.filter(area=found["Dale"].area).update(shows=Shows.PUBLIC.value)


CHANGES: dict[str, Change] = {
    "a corrected figure": correct,
    "a version taken back": take_back,
    "a consent withdrawn": withdraw,
    "a consent to what is public only": consent_to_less,
    "a number of residents": lambda found: add_population(found["Ash"], 20_000, 2022),
    "cases of visitors": lambda found: Indicator.objects.filter(pk=found["Ash"].pk).update(
        counts_residents=False, residents_why="Ash has the airport."
    ),
    "a reworded definition": lambda found: IndicatorDefinition.objects.filter(indicator=found["Dale"]).update(
        text="Something else."
    ),
    "another name of an area": lambda found: PartnershipArea.objects.filter(pk=found["Ash"].area_id).update(name="Oak"),
    "another name of the region": lambda found: Region.objects.update(name="Wessex"),
}


def make_region() -> tuple[Region, dict[str, Indicator]]:
    """Four towns with residents, of which Ash has corrected its month once."""
    region, found = make_simple(values={"Ash": [5, 10], "Beech": [5, 20], "Cedar": [5, 40], "Dale": [5, 30]})
    publish_lines(found["Ash"].area, OCTOBER, {found["Ash"]: [5, 11]})
    Indicator.objects.update(counts_residents=True)
    for number, indicator in enumerate(found.values(), 1):
        add_population(indicator, 10_000 * number, 2020)
    return region, found


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_on_every_page_at_once(change: Change):
    region, found = make_region()
    director = member(region)
    before = {url: read(director, url) for url in PAGES}
    assert before == {url: read(director, url) for url in PAGES}
    change(found)
    after = {url: read(director, url) for url in PAGES}
    assert all(after[url] != before[url] for url in PAGES)
    assert after == {url: read_anew(director, url) for url in PAGES}


def test_a_late_month_is_late_from_its_day_on(monkeypatch):
    region, found = make_region()
    director = member(region)
    take_back(found, "Dale")
    ReportingPeriod.objects.filter(area=found["Dale"].area).update(due_on=timezone.localdate())
    assert "The agencies’ returns are due on" in text_of(director.get(MONTH))
    real, tomorrow = timezone.localdate, timezone.localdate() + timedelta(1)
    monkeypatch.setattr(timezone, "localdate", lambda moment=None: real(moment) if moment else tomorrow)
    assert "The agencies’ returns were due on" in text_of(director.get(MONTH))


@pytest.mark.parametrize("url", PAGES)
def test_another_reader_gets_the_same_page_in_their_own_frame(url: str):
    region, _ = make_region()
    director, analyst = member(region), member(region, RegionRole.ANALYST)
    first, second = (read(client, url).partition("<main") for client in (director, analyst))
    assert first[2] == second[2]
    assert "Set-up</a>" in first[0]
    assert "Set-up</a>" not in second[0]


def test_only_pages_without_a_filter_are_kept():
    region, _ = make_region()
    director = member(region)

    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert director.get(url).status_code == 200
        return len(asked)

    for url in PAGES:
        assert count(url) > count(url) == 11
    assert count(FILTERED) == count(FILTERED) > 7


@pytest.mark.parametrize("url", PAGES)
def test_what_a_page_does_not_read_takes_no_place_in_the_cache(url: str):
    """Otherwise somebody could push out all other pages by addresses that differ in it."""
    region, _ = make_region()
    director = member(region)
    first = read(director, url)
    with CaptureQueriesContext(connection) as asked:
        assert read(director, f"{url}{'&' if '?' in url else '?'}{MEANINGLESS}") == first
    assert len(asked) == 11
