"""What a partners' export says, an import takes back: into the same area it changes nothing, and into another
one that is set up alike it makes the same export again."""

import csv
import io
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boards.models import ReportingPeriod
from core.calendar import Month
from core.files.opendocument import NO_XML
from core.files.sheets import guarded
from core.models import AuditEvent
from indicators.imports.figures import COLUMNS
from indicators.models import Category, FigureChange, Indicator, Observation
from indicators.services.corrections import mark_provisional
from indicators.services.setup import save_category, save_indicator
from indicators.trend import CellState
from tests.factories import make_agency, make_dimension, make_indicator
from tests.factories.workbooks import NOTES as SHEET_OF_NOTES
from tests.factories.workbooks import SHEET, cells, parts_of
from tests.integration.command_line import Ran, confirmed_by, run
from tests.scenarios import Town, accept, make_town, open_month, publish, sweep

pytestmark = pytest.mark.django_db
AUGUST, SEPTEMBER, OCTOBER = (Month(2026, number) for number in (8, 9, 10))
KINDS = ("csv", "xlsx", "ods")
NOTES = (
    "Counted twice, then once",
    'They said "none", and\nwrote\r\nit down',
    "=1+1",
    "'=1+1",
    "'tis",
    "-5",
    "+1",
    "@x",
    "🦆 مرحبا עברית",
)


def make_full_town(slug: str = "testford") -> Town:
    """The police also count lines by origin, and seizures with a part of them; the NHS woundings."""
    town = make_town(slug)
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london", "leeds"]), position=2)
    seizures = make_indicator(town.police, "seizures", position=3)
    make_indicator(town.police, "knives", part_of=seizures, position=4)
    for number in range(len(NOTES)):
        make_indicator(town.police, f"noted-{number}", position=number + 5)
    make_indicator(make_agency(town.area, "nhs"), "woundings", position=20)
    return town


FIGURES: dict[str, Any] = {"arrests": 12, "charges": 0, "lines.london": 3, "lines.leeds": 0} | {
    "seizures": 9,
    "knives": 4,
}


def fill(town: Town, tmp_path: Path) -> None:
    """Three months: one is published, one a draft that lacks some figures, one without its return. Their
    notes come from a file."""
    noted = {f"noted-{number}": number for number in range(len(NOTES))}
    accept(town, AUGUST, FIGURES | noted)
    accept(town, SEPTEMBER, FIGURES | noted | {"arrests": None, "charges": CellState.AWAITED, "lines.leeds": None})
    wounded = [["nhs", "woundings", "", str(month), "1", "", "From “ISTV”"] for month in (AUGUST, SEPTEMBER)]
    assert take_in(town, tmp_path, csv_of(wounded)).status == 0
    open_month(town, OCTOBER)
    sweep()
    publish(town, AUGUST)


def csv_of(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue().encode()


def export(town: Town, tmp_path: Path, kind: str = "csv", *options: Any) -> bytes:
    file = tmp_path / f"export.{kind}"
    ran = run("export_figures", "--area", town.area.slug, "--format", kind, "--output", file, *options)
    assert (ran.status, ran.out) == (0, ""), ran.err
    return file.read_bytes()


def take_in(town: Town, tmp_path: Path, content: bytes, kind: str = "csv") -> Ran:
    file = tmp_path / f"import.{kind}"
    file.write_bytes(content)
    return run("import_figures", "--area", town.area.slug, *confirmed_by(town.area.slug), file)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode().partition("\n")[2], newline="")))


def state_of(town: Town) -> tuple[Any, ...]:
    return (
        list(Observation.objects.filter(indicator__area=town.area).order_by("pk").values()),
        list(ReportingPeriod.objects.filter(area=town.area).order_by("pk").values()),
        AuditEvent.objects.count(),
        FigureChange.objects.count(),
    )


@pytest.fixture(scope="module")
def made(standing, tmp_path_factory: pytest.TempPathFactory) -> Town:
    def make() -> Town:
        town = make_full_town()
        fill(town, tmp_path_factory.mktemp("filled"))
        return town

    return standing(make)


@pytest.fixture
def town(made: Town) -> Town:
    return deepcopy(made)


@pytest.mark.parametrize("kind", KINDS)
def test_into_the_same_area_nothing_changes(town: Town, tmp_path: Path, kind: str):
    before = state_of(town)
    ran = take_in(town, tmp_path, export(town, tmp_path, kind), kind)
    assert ran.status == 0, ran.err
    last = ran.out.splitlines()[-1]
    figures = sum(bool(row["value"]) or row["state"] != "awaited" for row in rows_of(export(town, tmp_path)))
    assert last == f"total: 0 new, 0 replaced, {figures} already held"
    assert state_of(town) == before


@pytest.mark.parametrize("kind", KINDS)
def test_into_another_area_that_is_set_up_alike_the_export_is_the_same(town: Town, tmp_path: Path, kind: str):
    exported = export(town, tmp_path)
    other = make_full_town("otherford")
    assert take_in(other, tmp_path, export(town, tmp_path, kind), kind).status == 0
    open_month(other, OCTOBER)
    sweep()
    assert export(other, tmp_path) == exported
    one, another = (json.loads(export(each, tmp_path, "json"))["figures"] for each in (town, other))
    assert one == another


def test_the_workbook_of_another_area_has_the_same_figures(town: Town, tmp_path: Path):
    """… and its import the same again: what is on the sheet doesn't depend on where it came from."""
    other = make_full_town("otherford")
    take_in(other, tmp_path, export(town, tmp_path, "xlsx"), "xlsx")
    open_month(other, OCTOBER)
    sweep()
    one, another = (parts_of(export(each, tmp_path, "xlsx")) for each in (town, other))
    assert one[SHEET] == another[SHEET]


@pytest.mark.parametrize("kind", KINDS)
def test_notes_survive_as_they_are(town: Town, tmp_path: Path, kind: str):
    noted = [["police", f"noted-{number}", "", "2026-07", str(number), "", note] for number, note in enumerate(NOTES)]
    assert take_in(town, tmp_path, guarded_csv(noted)).status == 0
    sweep()
    held = {each.indicator.code: each.note for each in of_july(town)}
    assert held == {f"noted-{number}": note for number, note in enumerate(NOTES)}
    other = make_full_town("otherford")
    take_in(other, tmp_path, export(town, tmp_path, kind), kind)
    assert {each.indicator.code: each.note for each in of_july(other)} == held


def guarded_csv(rows: list[list[str]]) -> bytes:
    return csv_of([[guarded(cell) for cell in row] for row in rows])


def of_july(town: Town) -> list[Observation]:
    july = Observation.objects.filter(period__area=town.area, period__starts_on="2026-07-01")
    return list(july.select_related("indicator"))


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(note=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"), max_size=40))
def test_any_note_that_was_imported_is_exported_and_held(town: Town, tmp_path: Path, note: str):
    rows = guarded_csv([["police", "arrests", "", "2026-07", "1", "", note]])
    assert take_in(town, tmp_path, rows).status == 0
    sweep()
    # XML, and so an OpenDocument, has no place for control characters.
    for kind in KINDS if note == NO_XML.sub("", note) else ("csv", "xlsx"):
        ran = take_in(town, tmp_path, export(town, tmp_path, kind), kind)
        assert "total: 0 new, 0 replaced," in ran.out


# --- What stands in the way -----------------------------------------------------------------------


def test_a_split_indicator_is_given_by_its_categories(town: Town, tmp_path: Path):
    lines = [row for row in rows_of(export(town, tmp_path)) if row["indicator"] == "lines"]
    assert {row["category"] for row in lines} == {"london", "leeds"}
    assert [(row["month"], row["value"], row["state"]) for row in lines] == [
        ("2026-08", "3", "figure"),
        ("2026-08", "0", "figure"),
        ("2026-09", "3", "figure"),
        ("2026-09", "", "not_available"),
        ("2026-10", "", "awaited"),
        ("2026-10", "", "awaited"),
    ]


def test_an_awaited_figure_has_its_row_without_its_note(town: Town, tmp_path: Path):
    (row,) = [
        row
        for row in rows_of(export(town, tmp_path))
        if (row["indicator"], row["month"]) == ("charges", "2026-09")
    ]  # fmt: skip
    assert (row["value"], row["state"], row["note"]) == ("", "awaited", "")


@pytest.mark.parametrize("kind", KINDS)
def test_a_category_that_was_added_since_is_awaited_in_earlier_months(town: Town, tmp_path: Path, kind: str):
    origin = Indicator.objects.get(area=town.area, code="lines").dimension
    save_category(Category(dimension=origin, code="hull", name="Hull", position=9), area=town.area, by=town.coordinator)
    sweep()
    rows = [row for row in rows_of(export(town, tmp_path)) if row["category"] == "hull"]
    assert [(row["month"], row["state"]) for row in rows] == [
        ("2026-08", "awaited"),
        ("2026-09", "awaited"),
        ("2026-10", "awaited"),
    ]
    ran = take_in(town, tmp_path, export(town, tmp_path, kind), kind)
    assert "total: 0 new, 0 replaced," in ran.out


def test_an_indicator_is_given_to_the_agency_that_supplies_it_now(town: Town, tmp_path: Path):
    publish(town, OCTOBER)
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    arrests.owner = make_agency(town.area, "prison")
    save_indicator(arrests, boards=[town.csp], by=town.coordinator)
    sweep()
    assert {row["agency"] for row in rows_of(export(town, tmp_path)) if row["indicator"] == "arrests"} == {"prison"}
    assert "total: 0 new, 0 replaced," in take_in(town, tmp_path, export(town, tmp_path)).out


def test_that_a_figure_is_provisional_stands_in_the_notes(town: Town, tmp_path: Path):
    arrests = Observation.objects.get(
        indicator__code="arrests", period__area=town.area, period__starts_on=AUGUST.first_day
    )
    before = export(town, tmp_path)
    mark_provisional(arrests, is_provisional=True, by=town.coordinator, why="Late cases come")
    sweep()
    assert export(town, tmp_path) == before
    told = [text for _, text in cells(export(town, tmp_path, "xlsx"), SHEET_OF_NOTES).values()]
    assert told[told.index("Provisional figures") + 1 :][:2] == ["Arrests, August 2026", "May still change."]
    assert told[told.index("Why figures are awaited") + 1 :][:2] == ["Charges, September 2026", "The system was down"]


def test_one_indicator_or_one_month_alone_can_be_taken_back(town: Town, tmp_path: Path):
    for options in (("--indicator", "lines"), ("--month", "2026-09"), ("--indicator", "arrests", "--month", "2026-08")):
        content = export(town, tmp_path, "csv", *options)
        assert "total: 0 new, 0 replaced," in take_in(town, tmp_path, content).out
