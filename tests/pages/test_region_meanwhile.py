"""What a region saves while somebody publishes: never a version under the key of another."""

import pytest
from django.utils import timezone

from reporting.models import RegionMonth, VersionWithdrawal
from reporting.regions import services
from tests.factories import make_user
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
