"""manage.py make_national: areas as the services would have made them, in an empty database."""

import pytest
from django.db import transaction

from boards.models import PartnershipArea, ReportingPeriod
from indicators.models import Category, Indicator, IndicatorBoard, Observation
from reporting.models import IndicatorLine
from reporting.months.rollup import roll_up_each_area, stale_periods
from tests.integration.command_line import run
from tests.scenarios import make_town

pytestmark = pytest.mark.django_db
WANTED = ("--areas", "3", "--months", "4")


def figures() -> list[tuple[object, ...]]:
    found = Observation.objects.order_by("period__area", "period", "indicator__code", "category__code")
    return list(found.values_list("period__area__slug", "indicator__code", "category__code", "value"))


def lines_of(area: PartnershipArea) -> list[tuple[object, ...]]:
    lines = IndicatorLine.objects.filter(snapshot__period__area=area).order_by("snapshot__period", "position")
    return list(lines.values_list("indicator_code", "category_code", "title", "state", "boards", "ratio"))


def test_each_area_has_a_set_up_of_its_own_and_the_same_as_the_first():
    ran = run("make_national", *WANTED)
    assert (ran.status, ran.out) == (0, f"3 areas (nation-1 and on) with 4 months and {len(figures()):,} figures\n")
    assert ReportingPeriod.objects.filter(status="open").count() == 3
    for indicator in Indicator.objects.select_related("owner", "section", "dimension", "numerator", "denominator"):
        names = ("owner", "section", "dimension", "numerator", "denominator")
        parts = [part for name in names if (part := getattr(indicator, name))]
        assert {part.area_id for part in parts} == {indicator.area_id}
    assert {place.board.area_id == place.indicator.area_id for place in IndicatorBoard.objects.all()} == {True}
    assert Category.objects.exists()
    assert sum(len(report.changed) for report in roll_up_each_area(stale_periods())) == 12
    first, second, third = [lines_of(area) for area in PartnershipArea.objects.order_by("pk")]
    assert first == second == third != []


def test_the_same_seed_makes_the_same_figures():
    made = []
    for seed in ("1", "1", "2"):
        with transaction.atomic():
            run("make_national", *WANTED, "--seed", seed)
            made.append(figures())
            transaction.set_rollback(True)
    assert made[0] == made[1] != made[2]


def test_it_leaves_a_database_with_an_area_alone():
    make_town()
    ran = run("make_national", *WANTED)
    assert (ran.status, ran.err) == (2, "This database has an area already. Choose an empty one with DATABASE_URL.")
    assert not Observation.objects.exists()


@pytest.mark.parametrize("wrong", [("--areas", "0"), ("--months", "1"), ("--areas", "2001"), ("--months", "241")])
def test_it_refuses_a_nation_that_nobody_needs(wrong: tuple[str, str]):
    ran = run("make_national", *wrong)
    assert (ran.status, ran.err) == (2, "Choose 1 to 2,000 areas and 2 to 240 months.")


def test_it_is_refused_in_production(settings):
    settings.PRODUCTION = True
    assert run("make_national", *WANTED).err == "A nation can't be made in production: its figures are made up."
