"""The data package of all public figures: valid by its own validator, the same as the pages say, and without anything
that was withdrawn."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from frictionless import Package, Report

from indicators.disclosure import Audience, Marking
from indicators.services.disclosure import mark_month
from indicators.trend import NOT_SHOWN
from reporting.public.selectors import waiting_replacements
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import prepare_replacements, withdraw_month
from tests import scenarios
from tests.integration.test_editions import correct
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in
from tests.withdrawn import (
    OCTOBER,
    SEPTEMBER,
    make_public_town,
    officer_of,
    period_of,
    publish_again,
    told_in,
)

pytestmark = pytest.mark.django_db
HERE = "/testford/public/"
AUGUST = SEPTEMBER.previous
NAMES = ("datapackage.json", "figures.csv", "years.csv", "indicators.csv", "editions.csv")


made, town = stand(make_public_town)


def get(name: str) -> bytes:
    answer = Client().get(f"{HERE}{name}")
    assert answer.status_code == 200, name
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.content


def rows(name: str = "figures.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(get(name).decode(), newline="")))


def validate(folder: Path) -> Report:
    """By the validator of those who made the format."""
    return Package(str(folder / "datapackage.json")).validate()


def lay_out(folder: Path) -> None:
    for name in NAMES:
        (folder / name).write_bytes(get(name))


def test_it_is_valid_by_its_own_validator(town: Town, tmp_path: Path):
    scenarios.accept(town, OCTOBER.next, {"arrests": 2, "charges": None, "lines.london": 3, "lines.leeds": 40})
    scenarios.publish(town, OCTOBER.next)
    scenarios.publish_openly(town, OCTOBER.next)  # with withheld figures, and one that isn't available
    lay_out(tmp_path)
    report = validate(tmp_path)
    assert report.valid, report.to_summary()
    assert [task.stats.get("rows", 0) > 0 for task in report.tasks] == [True, False, True, True]  # no year is over
    assert {"[c]", "[x]"} & {row["symbol"] for row in rows()}


def test_its_description_explains_each_symbol_that_its_files_have(town: Town):
    described = json.loads(get("datapackage.json"))["description"]
    assert f"[c] is not shown: {NOT_SHOWN}; " in described
    assert "[x] is not available, or awaited: not received yet; " in described
    assert {row["symbol"] for row in rows() if row["symbol"] and f"{row['symbol'][:3]} is " not in described} == set()


def test_the_validator_would_find_a_changed_figure(town: Town, tmp_path: Path):
    lay_out(tmp_path)
    figures = tmp_path / "figures.csv"
    for old, new in (("7351", "7352"), (",arrests,", ",nothing,"), ("2026-09", "soon")):
        figures.write_bytes(get("figures.csv").replace(old.encode(), new.encode(), 1))
        assert not validate(tmp_path).valid


def test_the_archive_has_the_same_files(town: Town, tmp_path: Path):
    with zipfile.ZipFile(io.BytesIO(get("datapackage.zip"))) as archive:
        assert tuple(archive.namelist()) == NAMES
        assert all(archive.read(name) == get(name) for name in NAMES)
    assert get("datapackage.zip") == get("datapackage.zip")


def test_its_figures_are_those_of_the_newest_editions(town: Town, tmp_path: Path):
    output = tmp_path / "history.csv"
    call_command("export_figures", area="testford", audience="public", output=output)
    assert output.read_bytes().partition(b"month,area")[1:] == get("figures.csv").partition(b"month,area")[1:]
    september = next(row for row in rows() if (row["month"], row["indicator"]) == ("2026-09", "arrests"))
    assert september["value"] == "7351"
    correct(town, SEPTEMBER, "arrests", 7352)
    scenarios.publish_openly(town, SEPTEMBER)
    september = next(row for row in rows() if (row["month"], row["indicator"]) == ("2026-09", "arrests"))
    assert september["value"] == "7352"
    assert rows("editions.csv")[-1]["edition"] == "2"


def test_it_starts_with_no_mark_and_no_marking(town: Town):
    mark_month(
        period_of(town, OCTOBER), audience=Audience.PUBLIC, marking=Marking.OFFICIAL, why="x", by=officer_of(town)
    )
    assert get("figures.csv").startswith(b"month,area,indicator,")
    assert json.loads(get("datapackage.json"))["marking"] == "OFFICIAL"


@pytest.mark.parametrize("how", ["withdrawn", "urgent", "marked"])
def test_a_withdrawn_month_is_gone_from_it_straight_away(town: Town, tmp_path: Path, how: str):
    scenarios.accept(town, AUGUST, {"arrests": 5, "charges": 12, "lines.london": 31, "lines.leeds": 32})
    scenarios.publish(town, AUGUST)
    scenarios.publish_openly(town, AUGUST)
    tag = Client().get(f"{HERE}figures.csv").headers["ETag"]
    assert told_in(get("figures.csv").decode())
    september = period_of(town, SEPTEMBER)
    if how == "marked":
        mark_month(september, audience=Audience.PUBLIC, marking=Marking.SENSITIVE, why="x", by=officer_of(town))
    else:
        withdraw_month(september, why="Wrong", is_urgent=how == "urgent", by=officer_of(town))
    # A reader who has the old one is told that it changed.
    assert Client().get(f"{HERE}figures.csv", headers={"If-None-Match": tag}).status_code == 200
    for again in (False, True):
        if again:
            prepare_replacements(waiting_replacements())
            publish_again(town, OCTOBER)
        everything = b"".join(get(name) for name in NAMES).decode()
        assert told_in(everything) == []
        assert {row["month"] for row in rows()} >= {"2026-08"} | ({"2026-10"} if again else set())
        assert not [row for row in rows() if row["month"] == "2026-09" and row["value"]]
        lay_out(tmp_path)
        assert validate(tmp_path).valid


def test_without_a_public_month_there_is_none(town: Town):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))  # October repeats it
    for name in (*NAMES, "datapackage.zip"):
        assert Client().get(f"{HERE}{name}").status_code == 404
    turn_public_pages(town.area, on=False, by=town.coordinator)
    assert Client().get(f"{HERE}figures.csv").status_code == 404


def test_it_costs_two_queries_and_one_if_it_is_known(town: Town, django_assert_num_queries):
    with django_assert_num_queries(2):
        tag = Client().get(f"{HERE}datapackage.zip").headers["ETag"]
    with django_assert_num_queries(1):
        assert Client().get(f"{HERE}datapackage.zip", headers={"If-None-Match": tag}).status_code == 304


def test_it_is_the_same_for_whoever_is_signed_in(town: Town):
    member = signed_in(town.lead)
    answer = member.get(f"{HERE}figures.csv")
    assert answer.content == get("figures.csv")
    assert not answer.cookies
    assert member.post(f"{HERE}figures.csv").status_code == 405
