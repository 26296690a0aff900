"""The demonstration's region: fourteen real towns, made one by one, each whole or not at all."""

import pytest
from django.test import Client
from django.utils import timezone

from boards.models import Consent, PartnershipArea, Region, ReportingPeriod
from boards.permissions import find_region_access
from boards.services.regions import withdraw_consent
from core.models import User
from indicators.services.open_data import import_police_months
from reporting.management.demo import essex, places
from reporting.models import IndicatorLine, PublicLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def region() -> Region:
    southend = places.read("southend")
    places.make_accounts(places.set_up(southend), places.SOUTHEND)
    places.make_region(by=places.make_operator())
    return Region.objects.get()


def test_each_request_makes_one_town_and_the_last_makes_none(region, monkeypatch):
    towns = essex.list_towns()
    # Five of them: tests/functional/test_region_towns.py has all fourteen made.
    few = [*towns[:4], next(town for town in towns if town["slug"] == "southend")]
    monkeypatch.setattr(essex, "list_towns", lambda: few)
    director = User.objects.get(email="director@essex.example")
    assert find_region_access(director, "essex").shows == {}
    assert [essex.make_next_town(region) for _ in range(3)] == ["Basildon", "Braintree", "Brentwood"]
    access = find_region_access(director, "essex")
    assert (len(access.shows), access.missing) == (3, 0)
    july = IndicatorLine.objects.filter(snapshot__period__area__slug="basildon", indicator_code="police-drugs")
    assert [line.value for line in july.order_by("snapshot__period__starts_on")] == [33, 31, 51, 45, 39, 32, 33]
    assert PublicLine.objects.filter(edition__period__area__slug="basildon").count() == 21

    # A fault of ours in the middle leaves no half town.
    with monkeypatch.context() as patch:
        patch.setattr(essex, "show_region", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            essex.make_next_town(region)
    assert not PartnershipArea.objects.filter(slug="castle-point").exists()

    assert [essex.make_next_town(region) for _ in range(3)] == ["Castle Point", "Southend-on-Sea", ""]
    access = find_region_access(director, "essex")
    assert len(access.shows) == 5
    assert [place.slug for place in access.places] == ["basildon", "braintree", "brentwood", "castle-point", "southend"]


def test_a_town_that_withdrew_its_consent_is_not_given_it_again(region, client: Client):
    essex.make_next_town(region)
    given = Consent.objects.get(region=region)
    withdraw_consent(given, by=given.agreed_by)
    assert [town["slug"] for town in essex.list_left(region)][:1] == ["braintree"]
    client.force_login(User.objects.get(email="analyst@essex.example"))
    client.post("/regions/essex/towns/")
    assert list(Consent.objects.filter(area__slug="basildon")) == [given]
    assert Consent.objects.in_force(timezone.localdate()).get().area.slug == "braintree"


def test_a_visitor_presses_a_button_and_leaves_when_they_like(region, client: Client, settings):
    client.force_login(User.objects.get(email="analyst@essex.example"))
    page = "/regions/essex/towns/"
    first = client.get("/regions/essex/").content.decode()
    assert f'<form method="post" action="{page}">' in first
    assert "are made in about a minute." in first
    assert "to agree before this region" not in first
    assert "0 of 14 towns made" in client.get(page).content.decode()
    assert not PartnershipArea.objects.filter(slug="basildon").exists()
    after = client.post(page, follow=True)
    assert after.request["QUERY_STRING"] == "going=on"
    assert "data-going-on" in after.content.decode()
    left = client.get(page).content.decode()
    assert "1 of 14 towns made" in left
    assert "Make Braintree, the next town" in left
    assert "data-going-on" not in left
    settings.REGION_MAKERS = {}
    assert client.get(page).status_code == 404


def test_figures_that_somebody_brought_in_by_hand_stay(region):
    area = PartnershipArea.objects.get(slug="southend")
    months = list(essex.read_counts("Southend-on-Sea"))[:1]
    import_police_months(area, months, by=None)
    town = next(town for town in essex.list_towns() if town["slug"] == "southend")
    essex.make_town(region, town)
    assert ReportingPeriod.objects.get(area=area).status == "open"
