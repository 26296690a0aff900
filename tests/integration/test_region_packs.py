"""A region's packs are issued no more, and stay as they were: the database refuses a change, and an area in one
without its consent."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from boards.models import Consent, Shows
from boards.retention import load_kinds
from boards.services.regions import withdraw_consent
from core.files import objects
from core.pages import NotHeld
from reporting.models import IssuedRegionPack, RegionPackSource, Snapshot
from reporting.region_packs.selectors import find_pack
from tests import scenarios
from tests.factories import make_user
from tests.factories.regions import join_region, make_region
from tests.region_packs import leave_issued, leave_pack
from tests.regional import make_county
from tests.retained import give_notice

pytestmark = pytest.mark.django_db


def withdraw(consent: Consent) -> None:
    """As its area's officer does it."""
    consent.withdrawn_at, consent.withdrawn_by = timezone.now(), make_user()
    consent.save()


@pytest.mark.both_databases
@pytest.mark.parametrize("change", ["withdrawn", "not agreed", "another region", "public only"])
def test_the_database_refuses_figures_without_a_permission(change: str):
    region, towns = make_county(areas=3, months=2)
    consent = Consent.objects.get(area=towns[0])
    snapshot = Snapshot.objects.get(period__area=towns[0])
    pack = leave_pack(region)
    if change == "withdrawn":
        withdraw(consent)
    elif change == "not agreed":
        Consent.objects.filter(pk=consent.pk).update(agreed_at=None, agreed_by=None)
    elif change == "another region":
        pack = leave_pack(make_region(slug="kent"), reference="KENT-1")
    else:
        Consent.objects.filter(pk=consent.pk).update(shows=Shows.PUBLIC.value)
    with pytest.raises(IntegrityError, match="A region shows what an area permits"), transaction.atomic():
        RegionPackSource.objects.create(pack=pack, consent=consent, snapshot=snapshot)


@pytest.mark.both_databases
def test_the_database_refuses_another_areas_version():
    region, towns = make_county(areas=3, months=2)
    pack, consent = leave_pack(region), Consent.objects.get(area=towns[0])
    with pytest.raises(IntegrityError, match="can link two areas"), transaction.atomic():
        RegionPackSource.objects.create(
            pack=pack, consent=consent, snapshot=Snapshot.objects.get(period__area=towns[1])
        )


@pytest.mark.both_databases
def test_an_issued_pack_refuses_any_change():
    region, _ = make_county(areas=3, months=2)
    pack = leave_issued(region)
    rows = IssuedRegionPack.objects.filter(pk=pack.pk)
    empty = {"content": {}, "pdf": b"", "removed_on": timezone.localdate()}
    for change in (empty, {"content": {}}, {"meeting": "x"}, {"sha256": "1" * 64}, {"reference": "X-1"}):
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            rows.update(**change)
    for act in (rows.delete, pack.sources.first().delete, pack.sources.first().save):
        with pytest.raises(Exception, match=r"stays as it was|protected"), transaction.atomic():
            act()
    if connection.vendor == "sqlite":  # it has a REPLACE
        columns = ", ".join(field.column for field in IssuedRegionPack._meta.concrete_fields)
        table = IssuedRegionPack._meta.db_table
        with (
            pytest.raises(IntegrityError, match="stays as it was"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}")


@pytest.mark.both_databases
def test_a_pack_goes_under_the_retention_rule_and_leaves_its_number():
    region, _ = make_county(areas=3, months=2)
    pack = leave_issued(region)
    (kind,) = [each for each in load_kinds() if each.code == "region_packs"]
    soon = timezone.now() + timedelta(days=1)
    assert kind.count("", soon) == 1
    with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
        kind.remove("", soon, 5)  # nobody announced it
    give_notice(kind.code, older_than=soon, area="")
    kept = IssuedRegionPack.objects.values("reference", "sha256", "meeting", "issued_at").get()
    assert kind.remove("", soon, 5).count == 1
    assert IssuedRegionPack.objects.values(*kept).get() == kept
    assert pack.sources.count() == 3
    with pytest.raises(NotHeld, match=r"was removed on .* under the retention rule"):
        find_pack(region, pack.reference)


def test_a_withdrawal_by_its_own_officer_keeps_the_pack():
    """The consent's page says so."""
    town = scenarios.make_town()
    region, _ = make_county(areas=3, months=2)
    consent = join_region(region, town.area)
    pack = leave_issued(region)
    withdraw_consent(consent, by=town.coordinator)
    assert objects.read(find_pack(region, pack.reference).pdf) == objects.read(pack.pdf)
