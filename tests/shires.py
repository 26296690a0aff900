"""A region whose areas have published October openly, each with its counts of arrests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from boards.models import Region
from boards.rules import RegionRole
from core.calendar import Month
from core.models import User
from reporting.models import RegionEdition
from reporting.public.region_publishing import RegionPeriod
from reporting.public.services import agree, ask_consent, publish_edition
from tests.factories.regions import make_region, make_region_member
from tests.publishing import publish_months
from tests.scenarios import Town, make_town, publish_openly

OCTOBER = Month(2026, 10)
NAMES = ("ashford", "bexford", "cranford", "dunford", "elford", "fenford", "garford")


@dataclass
class Shire:
    """A region with its towns, a director and an analyst."""

    region: Region
    towns: dict[str, Town]
    director: User
    analyst: User

    def publish(self, month: Month = OCTOBER) -> RegionEdition:
        """The analyst asks, and the director approves the month and makes it public."""
        edition = ask_consent(RegionPeriod(self.region, month), by=self.analyst)
        agree(edition, by=self.director, seen=edition.fingerprint)
        publish_edition(edition, by=self.director)
        edition.refresh_from_db()
        return edition

    def total(self, edition: RegionEdition, code: str = "arrests") -> tuple[str, int | None]:
        found = edition.totals.get(indicator_code=code)
        return found.outcome, found.value


def make_shire(*counts: int | None, slug: str = "essex") -> Shire:
    """A region whose towns counted so many arrests in October, and ten charges each."""
    towns = {
        name: publish_town(name, {"arrests": [count], "charges": [10]})
        for name, count in zip(NAMES, counts, strict=False)
    }
    region = make_region(*(town.area for town in towns.values()), slug=slug)
    return Shire(region, towns, make_region_member(region), make_region_member(region, RegionRole.ANALYST))


def publish_town(
    name: str,
    figures: Mapping[str, Sequence[int | None]],
    first: Month = OCTOBER,
    *,
    set_up: Callable[[Town], object] = lambda town: None,
) -> Town:
    """Publish a new town's months for its boards, and the last of them for everybody."""
    town = make_town(name)
    set_up(town)
    publish_months(town, first, figures)
    publish_openly(town, first + (len(next(iter(figures.values()))) - 1))
    return town
