"""Ten years of real figures, by the way that a town's take: a file, the roll-up, an export. See tests/data/london."""

import csv
import json
from collections.abc import Iterable
from itertools import batched
from pathlib import Path
from typing import Any

import pytest

from boards.models import ReportingPeriod
from core.calendar import Month
from reporting.months.rollup import roll_up
from tests import london
from tests.factories import make_agency, make_area, make_indicator
from tests.factories.workbooks import HEADER
from tests.integration.command_line import confirmed_by, run

pytestmark = pytest.mark.django_db
CRIMES = (london.VIOLENCE, london.HOMICIDE, london.ROBBERY)
YEAR = [Month(2019, number) for number in range(1, 13)]

type Lines = dict[str, dict[str, Any]]  # of a month, by the indicator's code


@pytest.fixture(scope="module")
def months(standing, tmp_path_factory) -> dict[Month, Lines]:
    """What `export_month` prints of a few months of a few types of crime."""
    every = [london.FIRST + place for place in range(london.LAST - london.FIRST + 1)]
    looked_at = [*every[12::6], *london.LOCKDOWN]
    return standing(lambda: exported(looked_at, list(london.series(*CRIMES)), tmp_path_factory.mktemp("few")))


@pytest.fixture(scope="module")
def tenth_year(standing, tmp_path_factory) -> dict[Month, Lines]:
    """The same of 2019, of all types."""
    return standing(lambda: exported(YEAR, list(london.series()), tmp_path_factory.mktemp("all")))


def exported(months: list[Month], series: list[london.Series], folder: Path) -> dict[Month, Lines]:
    area = make_area(f"london-{len(series)}", name="London")
    police = make_agency(area)
    for each in series:
        day = london.FIRST.first_day
        make_indicator(police, each.code, defined_from=day, polarity="lower", polarity_reason="Each is harm.")
    for number, some in enumerate(batched(series, 100)):  # a file has 2 MB at most
        file = folder / f"history-{number}.csv"
        write(file, some)
        assert run("import_figures", "--area", area.slug, *confirmed_by(area.slug), file).status == 0
    days = [month.first_day for month in months]
    roll_up(ReportingPeriod.objects.filter(area=area, starts_on__in=days))
    return {month: export(area.slug, month) for month in months}


def write(file: Path, series: Iterable[london.Series]) -> None:
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADER)
        for each in series:
            for place, value in enumerate(each.values):
                writer.writerow(["police", each.code, "", str(london.FIRST + place), value, "", ""])


def export(area: str, month: Month) -> Lines:
    printed = run("export_month", "--area", area, "--month", str(month))
    assert printed.status == 0
    return {line["indicator"]: line for line in json.loads(printed.out)["lines"]}


def lines(months: dict[Month, Lines], crime: str, *of: Month) -> list[dict[str, Any]]:
    return [months[month][each.code] for month in of for each in london.series(crime)]


def test_in_lockdown_violence_was_better_and_nowhere_worse(months: dict[Month, Lines]):
    judgements = [line["judgement"] for line in lines(months, london.VIOLENCE, *london.LOCKDOWN)]

    assert len(judgements) == 12
    assert "worse" not in judgements
    assert judgements.count("better") >= 3


@pytest.mark.release  # the tests above, on fewer months and types
def test_in_the_tenth_year_few_months_have_a_signal(tenth_year: dict[Month, Lines]):
    """By the rules until November 2026, most were Worse."""
    tiers = [line["tier"] for lines in tenth_year.values() for line in lines.values() if line["judgement"]]

    assert len(tiers) > 3000
    assert sum(tier is not None for tier in tiers) <= 0.12 * len(tiers)


def test_homicide_is_read_in_every_month_after_its_twelfth(months: dict[Month, Lines]):
    read = lines(months, london.HOMICIDE, *months)

    assert all(line["judgement"] not in ("too_early", None) for line in read)
    assert all(line["usual"] is not None and line["upper"] is not None for line in read)


def test_a_level_is_named_with_its_first_month(months: dict[Month, Lines]):
    newest = lines(months, london.ROBBERY, max(months))

    assert all("2010-04" <= line["level_since"] <= str(max(months)) for line in newest)
    assert len({line["level_since"] for line in newest}) > 1
