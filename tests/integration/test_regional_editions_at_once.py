"""Two regions that share areas ask and publish at the same moment: each count is decided about once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from boards.rules import RegionRole
from core.models import User
from reporting.models import RegionalRest, RegionEdition
from reporting.public.region_publishing import RegionPeriod
from reporting.public.services import agree, ask_consent, publish_edition
from tests.factories.regions import make_region, make_region_member
from tests.integration.at_once import at_once
from tests.shires import OCTOBER, Shire, make_shire

pytestmark = pytest.mark.both_databases


@pytest.fixture
def shire(shared_database: str) -> Shire:
    """Two more towns than make a total: any four of the first five do."""
    return make_shire(2, 3, 3, 2, 2, 12)


def make_own(shire: Shire, slug: str, *names: str) -> Shire:
    region = make_region(*(shire.towns[name].area for name in names), slug=slug)
    return Shire(region, shire.towns, make_region_member(region), make_region_member(region, RegionRole.ANALYST))


FOUR = ("ashford", "bexford", "cranford", "dunford")


@pytest.mark.parametrize(
    ("other", "second"),
    [((*FOUR, "fenford"), "derived"), (("ashford", "bexford", "cranford", "elford", "fenford"), "settled")],
)
def test_each_count_is_decided_about_once(
    shire: Shire, others: ThreadPoolExecutor, other: tuple[str, ...], second: str
):
    """The same counts follow from the first total. Others would give some away, so the second total is withheld."""
    both = [make_own(shire, "kent", *FOUR), make_own(shire, "sussex", *other)]
    told = at_once(
        others, [lambda own=own: ask_consent(RegionPeriod(own.region, OCTOBER), by=own.analyst) for own in both]
    )
    assert told == ["", ""]
    outcomes = {own.total(RegionEdition.objects.get(region=own.region))[0] for own in both}
    assert second in outcomes
    assert outcomes <= {"shown", "refused", second}
    assert RegionalRest.objects.values("total").distinct().count() == 1
    for own in both:
        edition = RegionEdition.objects.get(region=own.region)
        agree(edition, by=own.director, seen=edition.fingerprint)
    editions = list(RegionEdition.objects.select_related("region"))
    published = [lambda one=one: publish_edition(one, by=find_director(both, one)) for one in editions]
    assert at_once(others, published) == ["", ""]


def find_director(shires: list[Shire], edition: RegionEdition) -> User:
    return next(own.director for own in shires if own.region == edition.region)
