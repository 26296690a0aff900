"""Two people issue a region’s pack at the same moment: each pack has its number, and nobody waits for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from boards.models import Consent, Region
from boards.region_permissions import find_region_access
from boards.roles import RegionRole
from core.models import User
from reporting.models import IssuedRegionPack
from reporting.region_packs.presenters.gather import gather_sources
from reporting.region_packs.presenters.pack import make_pack, make_token
from reporting.region_packs.services import issue_pack
from reporting.regions.readings import RegionMonthPage
from tests.factories import make_user
from tests.factories.regions import make_region_member
from tests.integration.at_once import at_once
from tests.integration.test_rollup_at_once import SOON, half_done, on_its_own
from tests.region_packs import MEETING, issue
from tests.regional import OCTOBER, make_county


@pytest.fixture
def region(shared_database: str) -> Region:
    region, _ = make_county(areas=4, months=2)
    return region


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def see(region: Region, by: User) -> str:
    """The token of the pack on somebody's screen."""
    return make_token(make_pack(gather_sources(find_region_access(by, region.slug), OCTOBER)))


def issue_seen(region: Region, seen: str, by: User) -> IssuedRegionPack:
    return issue_pack(region, OCTOBER, meeting=MEETING, meeting_on=timezone.localdate(), seen=seen, by=by)


def test_each_gets_a_number_of_its_own(region: Region, others: ThreadPoolExecutor):
    people = [make_region_member(region), make_region_member(region, RegionRole.ANALYST)]
    seen = {person: see(region, person) for person in people}
    told = at_once(others, [lambda by=by: issue_seen(region, seen[by], by) for by in people])
    assert told == ["", ""]
    packs = IssuedRegionPack.objects.order_by("number")
    assert [pack.number for pack in packs] == [1, 2]
    assert [pack.reference for pack in packs] == ["ESSEX-2026-10-REGION-1", "ESSEX-2026-10-REGION-2"]
    assert {pack.issued_by for pack in packs} == set(people)
    assert {pack.sources.count() for pack in packs} == {4}


def test_a_permission_withdrawn_at_the_same_moment_is_in_the_pack_or_refuses_it(
    region: Region, others: ThreadPoolExecutor
):
    director = make_region_member(region)
    seen, officer = see(region, director), make_user()
    gone = Consent.objects.filter(region=region).first()
    assert gone

    def withdraw() -> None:
        with transaction.atomic():
            held = Consent.objects.select_for_update().get(pk=gone.pk)
            held.withdrawn_at, held.withdrawn_by = timezone.now(), officer
            held.save()

    told = at_once(others, [lambda: issue_seen(region, seen, director), withdraw])
    gone.refresh_from_db()
    assert gone.withdrawn_at
    packs = list(IssuedRegionPack.objects.all())
    if told[0]:
        assert "This pack has changed since you opened it" in told[0]
        assert not packs
    else:
        assert packs[0].issued_at <= gone.withdrawn_at


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer, whatever it writes")
def test_a_page_is_read_while_a_pack_is_being_issued(region: Region, others: ThreadPoolExecutor):
    """It saves the region's own figures, a row that points at the region."""
    director = make_region_member(region)
    page = RegionMonthPage(find_region_access(director, region.slug), OCTOBER)
    page.work_out()  # as somebody has looked at it before
    with half_done(others, lambda: issue(region, by=director)):
        assert others.submit(on_its_own(page.work_out)).result(SOON)
