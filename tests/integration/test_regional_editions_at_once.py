"""Two regions that share areas publish at the same moment: each count is decided about once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from boards.roles import RegionRole
from reporting.models import RegionalRest, RegionEdition
from reporting.region_public.services import agree, ask_consent, publish_edition
from tests.factories.regions import make_region, make_region_member
from tests.integration.at_once import at_once
from tests.shires import OCTOBER, Shire, make_shire


@pytest.fixture
def shire(shared_database: str) -> Shire:
    """Two more towns than make a total: any four of the first five do."""
    return make_shire(2, 3, 3, 2, 2, 12)


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def agreed(shire: Shire, slug: str, *names: str) -> tuple[RegionEdition, Shire]:
    region = make_region(*(shire.towns[name].area for name in names), slug=slug)
    own = Shire(region, shire.towns, make_region_member(region), make_region_member(region, RegionRole.ANALYST))
    edition = ask_consent(region, OCTOBER, by=own.analyst)
    agree(edition, by=own.director, seen=edition.fingerprint)
    return edition, own


FOUR = ("ashford", "bexford", "cranford", "dunford")


@pytest.mark.parametrize(
    ("other", "published"), [((*FOUR, "fenford"), 2), (("ashford", "bexford", "cranford", "elford", "fenford"), 1)]
)
def test_each_count_is_decided_about_once(
    shire: Shire, others: ThreadPoolExecutor, other: tuple[str, ...], published: int
):
    """The same counts follow from the first total. Others would give some away, so the second is told."""
    both = [agreed(shire, "kent", *FOUR), agreed(shire, "sussex", *other)]
    assert [own.total(edition)[0] for edition, own in both] == ["shown", "shown"]
    told = at_once(others, [lambda one=one: publish_edition(one[0], by=one[1].director) for one in both])
    assert told.count("") == published
    assert all("is out of date" in words for words in told if words)
    assert RegionalRest.objects.count() == len(FOUR)
    assert RegionEdition.objects.filter(number=1).count() == published
