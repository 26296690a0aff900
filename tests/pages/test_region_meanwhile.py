"""What a region saves while somebody publishes: never a version under the key of another."""

import pytest
from django.utils import timezone

from reporting.models import RegionMonth, VersionWithdrawal
from reporting.regions import readings, services
from reporting.regions.selectors import find_saved_series
from tests.factories import make_indicator, make_user
from tests.pages.test_region_pages import INDICATOR, MONTH, make_simple, member, row_of
from tests.regional import OCTOBER, publish_lines

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", [MONTH, INDICATOR.format("arrests")])
def test_a_version_published_meanwhile_and_then_taken_back_is_not_saved(monkeypatch, address: str):
    region, found = make_simple(values={"Ash": [5, 10], "Beech": [5, 20], "Cedar": [5, 40]})
    director, real, newer = member(region), services.list_series, []

    def meanwhile(*args):
        newer.append(publish_lines(found["Cedar"].area, OCTOBER, {found["Cedar"]: [5, 7_000]}))
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(services, "list_series", meanwhile)
        assert director.get(address).status_code == 200
    assert len(newer) == 1
    VersionWithdrawal.objects.create(
        snapshot=newer[0], why="A mistake", withdrawn_at=timezone.now(), withdrawn_by=make_user()
    )
    assert row_of(director.get(MONTH), "Arrests")[0] == "70 up 55"
    assert "7,030" not in director.get(INDICATOR.format("arrests")).content.decode()
    assert RegionMonth.objects.get().lines["arrests"]["value"] == 70


def test_a_page_of_one_indicator_is_of_the_versions_that_it_began_with(monkeypatch):
    """… though all areas publish the month again before it reads the region's own line, and without the indicator."""
    region, found = make_simple(values={"Ash": [5, 10], "Beech": [5, 20], "Cedar": [5, 40]})
    director, real, newer = member(region), find_saved_series, []

    def meanwhile(*args):
        for arrests in found.values():
            other = make_indicator(arrests.owner, f"others-{arrests.pk}")
            newer.append(publish_lines(arrests.area, OCTOBER, {other: [1, 1]}))
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(readings, "find_saved_series", meanwhile)
        answer = director.get(INDICATOR.format("arrests"))
    assert len(newer) == 3
    assert answer.status_code == 200
    assert all(name in answer.content.decode() for name in found)
    # Nothing is saved: what it rests on has changed.
    assert not RegionMonth.objects.exists()
    assert director.get(INDICATOR.format("arrests")).status_code == 404
