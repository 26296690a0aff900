"""Every number of the pack of one year on can be had from the history file: a script works them out by itself."""

import ast
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from actions.models import Kpi
from boards.models import Board, PartnershipArea, ReportingPeriod
from core.calendar import Month
from indicators.models import Indicator, Population, RecordingChange
from indicators.workflow import RecordingState
from reporting.models import PackKind
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.shapes import Cell, Table
from reporting.packs.presenters.sources import Order
from tests.integration.command_line import run
from tests.integration.test_demo import load

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).with_name("recompute_year.py")
OCTOBER = Month(2026, 10)
NUMBER = r"(\d+(?:,\d{3})*(?:\.\d+)?)"
NAMES = [Month(2026, number).name for number in range(1, 13)]

type Rows = list[tuple[Cell, ...]]


@pytest.fixture(scope="module")
def demo(standing) -> PartnershipArea:
    return standing(load)


def test_the_script_knows_nothing_of_the_product():
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)


CODES = ["csp", "lscb", "sab", "hwbb", "strategic"]


@dataclass(frozen=True)
class Told:
    """What the packs of a board say, and what the script found, by one run for all boards."""

    tables: dict[str, Rows]
    found: dict[str, Any]
    levels: list[str]  # of its own, as the script found them


@pytest.fixture(scope="module")
def told(demo: PartnershipArea, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    tables = {code: tables_of(demo, code) for code in CODES}
    asked = {
        code: [ask_level(demo, row, cell) for row in of.get("impact", []) for cell in row[1:3]]
        for code, of in tables.items()
    }
    found = recompute(demo, [each for of in asked.values() for each in of], tmp_path_factory.mktemp("year"))
    levels = iter(found["levels"])
    told = {code: Told(tables[code], found, list(islice(levels, len(asked[code])))) for code in CODES}
    assert list(levels) == []
    return told


@pytest.mark.parametrize("code", CODES)
def test_each_number_of_the_pack_can_be_had_from_the_history_file(
    demo: PartnershipArea, told: dict[str, Told], code: str
):
    tables, found = told[code].tables, told[code].found
    codes = dict(Indicator.objects.filter(area=demo).values_list("title", "code"))
    for row in tables["years"]:
        check_years(row, found["years"][codes[plain(row[0].text)]])
    # What is worked out from two counts is checked by the year.
    counts = set(Indicator.objects.filter(area=demo, ratio="").values_list("code", flat=True))
    for row in tables["changed"]:
        if (of := codes[plain(row[0].text)]) in counts:
            check_single(row, found["months"][of])
    for row in tables["months"]:
        if (of := codes[plain(row[0].text)]) in counts:
            check_months(row, found["months"][of])
    for row in tables.get("kpis", []):
        check_kpi(row, found["kpis"][re.match(r"K(\d+)", row[0].text)[1]])
    levels = [cell.text for row in tables.get("impact", []) for cell in row[1:3]]
    assert levels == told[code].levels
    assert len(tables["years"]) >= 4
    assert code not in ("csp", "strategic") or (tables["kpis"] and levels)


def recompute(area: PartnershipArea, levels: list[dict[str, str]], folder: Path) -> dict[str, Any]:
    exported = run("export_figures", "--area", area.slug)
    assert exported.status == 0
    history, set_up = folder / "history.csv", folder / "set-up.json"
    history.write_text(exported.out, encoding="utf-8")
    set_up.write_text(json.dumps(describe_set_up(area) | {"levels": levels}), encoding="utf-8")
    command = [sys.executable, "-I", str(SCRIPT), str(history), str(set_up)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


# --- What the pack says ---------------------------------------------------------------------------


def tables_of(area: PartnershipArea, code: str) -> dict[str, Rows]:
    """The rows of the first table of each chapter."""
    period = ReportingPeriod.objects.select_related("area").get(area=area, starts_on=OCTOBER.first_day)
    order = Order(period, Board.objects.get(area=area, code=code), PackKind.YEAR)
    found = {}
    for chapter in make_pack(order, include_drafts=False).pack.chapters:
        for table in [block for block in chapter.blocks if isinstance(block, Table)][:1]:
            found[chapter.key] = list(table.rows)
    return found


def plain(title: str) -> str:
    """Without what a pack spells out: "National Referral Mechanism (NRM) referrals"."""
    return {
        "National Referral Mechanism (NRM) referrals": "NRM referrals",
        "Knife or gun woundings at accident and emergency (A&E)": "Knife or gun woundings at A&E",
    }.get(title, title)


def ask_level(area: PartnershipArea, row: tuple[Cell, ...], cell: Cell) -> dict[str, str]:
    """Which months a level is of, as the pack says."""
    title = plain(row[0].more[-1])
    first, last = (read_label(label) for label in cell.more[0].split(" to "))
    return {"indicator": Indicator.objects.get(area=area, title=title).code, "first": str(first), "last": str(last)}


def read_label(label: str) -> Month:
    name, year = label.split()
    return Month(int(year), NAMES.index(name) + 1)


def check_years(row: tuple[Cell, ...], found: dict[str, Any] | None) -> None:
    _, said, added = row
    if found is None:
        assert said.text == "Can’t be compared"
        return
    if found["way"]:
        pattern = rf"(Up|Down) {NUMBER}(?: percentage points)? on .* \({NUMBER}%?, was {NUMBER}%?\)"
        told = re.fullmatch(pattern, said.text)
        assert told, said.text
        way, change, now, before = told.groups()
        assert (way, change, now, before) == (
            "Up" if found["way"] > 0 else "Down",
            found["change"],
            found["now"],
            found["before"],
        )
        side = "higher" if found["way"] > 0 else "lower"
        more = " ".join(said.more)
        assert said.is_strong == bool(found["is_more_than_chance"])
        if not re.match("(Rising|Falling) for three years", more):
            assert said.is_strong == (f" is {side} than the year before" in more)
    else:
        told = re.fullmatch(rf"Level with .* \({NUMBER}%?\)", said.text)
        assert told, said.text
        assert told[1] == found["now"] == found["before"]
    assert re.findall(NUMBER, added.text) == found["cases"]
    assert (len(found["months"]) == 12) == ("all twelve months" in added.text)
    if len(found["months"]) < 12:
        assert all(NAMES[int(found["months"][place][-2:]) - 1] in added.text for place in (0, -1))


def check_single(row: tuple[Cell, ...], months: dict[str, str]) -> None:
    _, before, now, change, _ = row
    one, other = months.get(str(OCTOBER)), months.get(str(OCTOBER + -12))
    assert strip(before.text) == (other or "no figure")
    assert strip(now.text) == one
    assert one is not None
    if other is None:
        assert change.text == "Can’t be compared"
        return
    moved = int(one) - int(other)
    words = f"{'Up' if moved > 0 else 'Down'} {abs(moved)} on" if moved else "Level with"
    assert change.text == f"{words} October 2025" or change.text == "Can’t be compared"


def check_months(row: tuple[Cell, ...], months: dict[str, str]) -> None:
    shown = {str(OCTOBER + (place - 11)): strip(cell.text) for place, cell in enumerate(row[1:])}
    figures = {month: text for month, text in shown.items() if re.fullmatch(NUMBER, text)}
    assert figures == {month: months[month] for month in shown if month in months}
    assert figures


def strip(text: str) -> str:
    """Without the marks of a provisional or revised figure."""
    return re.sub(r" \[[pr]\]", "", text)


def check_kpi(row: tuple[Cell, ...], found: dict[str, Any]) -> None:
    _, baseline, now, _, said = row
    assert re.match(NUMBER, baseline.text)[1] == found["start"]
    assert re.match(NUMBER, now.text)[1] == found["value"]
    for more in now.more[1:]:
        assert more == f"baseline: {found['baseline']}"
    told_of = re.sub(r" per [\d,]+", "", said.text)  # of a rate
    spoken = re.sub(r"in \w+ 20\d\d", "", told_of)  # of what is there on a day the month is named
    assert re.match(r"[^:,]+", said.text)[0] == found["state"]
    for name, pattern in {
        "value": rf": {NUMBER}[ %]*(?: in|,)",
        "lower": rf"between {NUMBER}",
        "upper": rf"between .* and {NUMBER}[ %]* by chance",
        "baseline": rf"baseline (?:of|is) {NUMBER}",
        "trajectory": rf"trajectory(?:, which)? is {NUMBER}",
        "target": rf"target (?:of|is) {NUMBER}",
    }.items():
        for told in re.findall(pattern, told_of):
            assert told == found[name], (name, said.text)
    spans = {str(found["months"]), str(found["figures"])}
    assert set(re.findall(NUMBER, spoken)) <= spans | {found[name] for name in found if name != "state"}


# --- The set-up -----------------------------------------------------------------------------------


def describe_set_up(area: PartnershipArea) -> dict[str, Any]:
    return {
        "month": str(OCTOBER),
        "indicators": [describe_indicator(each) for each in Indicator.objects.filter(area=area)],
        "kpis": [describe_kpi(each) for each in Kpi.objects.filter(area=area)],
    }


def describe_indicator(indicator: Indicator) -> dict[str, Any]:
    counts = [count for count in (indicator.numerator, indicator.denominator) if count is not None]
    return {
        "code": indicator.code,
        "counts_as": indicator.counts_as,
        "asked": indicator.asked,
        "ratio": indicator.ratio,
        "per": indicator.per,
        "numerator": indicator.numerator.code if indicator.numerator else "",
        "denominator": indicator.denominator.code if indicator.denominator else "",
        "residents": list_residents(indicator),
        "starts": sorted({name(day) for each in (indicator, *counts) for day in list_starts(each)}),
    }


def name(day: date) -> str:
    return str(Month.of(day))


def list_starts(indicator: Indicator) -> list[date]:
    """The days from which it is defined or recorded otherwise than before."""
    _, *definitions = sorted(indicator.definitions.values_list("applies_from", flat=True))
    changes = RecordingChange.objects.filter(indicator=indicator, state=RecordingState.CONFIRMED.value)
    return [*definitions, *changes.values_list("applies_from", flat=True)]


def list_residents(indicator: Indicator) -> dict[int, int]:
    """By year, of the ages that a rate is of: bands of five years, or all ages."""
    if not indicator.ages:
        return {}
    found: dict[tuple[int, str], int] = {}
    for held in Population.objects.filter(area=indicator.area).order_by("edition"):
        found[held.year, held.ages] = held.residents
    first, _, last = indicator.ages.partition("-")
    years: dict[int, int] = {}
    for (year, ages), residents in found.items():
        if ages == indicator.ages or (last and "-" in ages and int(first) <= int(ages.split("-")[0]) < int(last)):
            years[year] = years.get(year, 0) + residents
    return years


def describe_kpi(kpi: Kpi) -> dict[str, Any]:
    target = kpi.targets.latest("version")
    return {
        "number": kpi.number,
        "indicator": kpi.indicator.code,
        "better": target.better,
        "target": target.target,
        "baseline_from": name(target.baseline_from),
        "baseline_to": name(target.baseline_to),
        "begins": name(target.begins),
        "due": name(target.due),
        "steps": target.steps,
    }
