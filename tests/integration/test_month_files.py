"""Every way to a month's lines gives the same rows: the files of its page, the command, the API, and the public's
files. A page shows fewer lines than a file has: some indicators are only on boards' pages, or only behind a ratio."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from actions.models import Kpi
from boards.models import Strand
from boards.rules import DRAFT_READERS, Role
from core.calendar import Month
from core.files.tables import KINDS
from core.models import User
from indicators.disclosure import Audience
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.services.corrections import accept_correction, ask_correction
from reporting.kpis.services import set_kpi
from reporting.models import IndicatorLine, Snapshot
from reporting.months.services import publish_corrections
from tests import measuring, scenarios
from tests.answers import Answer
from tests.exported import plain, rows_of
from tests.factories import make_dimension, make_indicator
from tests.factories.workbooks import NOTES, cells
from tests.integration.command_line import run
from tests.keys import agency_key, bearer, give_key
from tests.planning import make_strand
from tests.ruling import set_rule
from tests.scenarios import Town
from tests.standing import stand

pytestmark = pytest.mark.django_db
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (8, 9, 10, 11))
FIGURES: dict[str, Any] = {
    "arrests": 15,
    "charges": 4,
    "lines.london": 1,
    "lines.leeds": 10,
    "knives": 23,
    "perpetrators": 12,
    "staff": 90,
    "trained": 51,
}
ON_NO_PAGE_OF_A_MONTH = {"knives", "perpetrators", "staff", "trained"}
SECRET = 7654321
ROLES = [role for role in Role if role is not Role.OPERATOR]
type Rows = list[dict[str, Any]]  # in the order of the file


def make_files_town() -> Town:
    """August to October are published, the last two of them also for the public, and October in two versions; November
    is a draft. Only the CSP's page shows knives and perpetrators, and only their share shows the staff and those
    trained. Arrests and knives have a KPI each."""
    town = scenarios.make_town()
    origin = make_dimension(town.area, "origin", ["london", "leeds"])
    make_indicator(town.police, "lines", dimension=origin, position=2)
    on_boards: dict[str, Any] = {"boards": (town.csp,), "shown_on": "boards"}
    knives = make_indicator(town.police, "knives", position=3, **on_boards)
    make_indicator(town.police, "perpetrators", position=4, **on_boards)
    of_ratio: dict[str, Any] = {"boards": (town.csp,), "shown_on": "ratios"}
    staff = make_indicator(town.police, "staff", position=5, **of_ratio)
    trained = make_indicator(town.police, "trained", part_of=staff, position=6, **of_ratio)
    make_indicator(
        town.police,
        "share-trained",
        position=7,
        collection="ratio",
        ratio="share",
        per=100,
        numerator=trained,
        denominator=staff,
        unit_one="of the staff",
        unit_many="of the staff",
    )
    officer = town.people[Role.INFORMATION]
    set_rule(town.area, indicator=knives, kind="round", suppress_to=7, base=5, why="The agreement", by=officer)
    for code in ("arrests", "knives"):
        measuring.take_in(town, code, *measuring.SEEN * 4, last=AUGUST.previous)
    for place, month in enumerate((AUGUST, SEPTEMBER, OCTOBER)):
        scenarios.accept(town, month, FIGURES | {"arrests": 9 + 3 * place, "knives": 23 + 6 * place})
    scenarios.sweep()
    scenarios.publish(town, AUGUST)
    strand = make_strand(town)
    for code in ("arrests", "knives"):
        set_kpi_on(town, code, strand)
    scenarios.publish(town, OCTOBER)
    correct_arrests(town, 16)
    publish_corrections(town.area, by=town.coordinator)
    scenarios.publish_openly(town, SEPTEMBER)
    scenarios.publish_openly(town, OCTOBER)
    scenarios.accept(town, NOVEMBER, FIGURES | {"arrests": SECRET, "perpetrators": SECRET})
    scenarios.sweep()
    return town


made, town = stand(make_files_town)


def set_kpi_on(town: Town, code: str, strand: Strand) -> Kpi:
    indicator = Indicator.objects.select_related("area").get(area=town.area, code=code)
    target = measuring.target_draft(baseline_from=AUGUST + -23, baseline_to=AUGUST, due=AUGUST + 24)
    draft = measuring.kpi_draft(town, title=f"Fewer {code}", strand=strand)
    return set_kpi(indicator, draft, target, went_on_why=measuring.WHY, by=town.coordinator)


def correct_arrests(town: Town, value: int) -> None:
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    period = town.area.periods.get(starts_on=OCTOBER.first_day)
    asked = ask_correction(indicator, None, period, entry=Entry(str(value), note="Twins"), reason="Twins", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()


# --- The ways to a month's lines -------------------------------------------------------------------


def ask(person: User | None, path: str, status: int = 200, *, headers: dict[str, str] | None = None) -> Answer:
    client = Client()
    if person is not None:
        client.force_login(person)
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.content.decode(errors="replace")[:500]
    return answer


def from_page(person: User, month: Month, query: str = "") -> dict[str, Rows]:
    """The rows of the files of a month's page, by their format."""
    return {
        kind: tidy(rows_of(ask(person, f"/testford/{month}/figures.{kind}{query}").content, kind, "lines"))
        for kind in KINDS
    }


def from_command(month: Month, folder: Path, *options: object) -> dict[str, Rows]:
    found = {}
    for kind in KINDS:
        file = folder / f"month.{kind}"
        ran = run("export_month", "--area", "testford", "--month", month, "--format", kind, "--output", file, *options)
        assert ran.status == 0, ran.err
        found[kind] = tidy(rows_of(file.read_bytes(), kind, "lines"))
    return found


def from_api(secret: str, month: Month, query: str = "") -> dict[str, Rows]:
    path, key = f"/api/v1/areas/testford/months/{month}/lines", bearer(secret)
    return {
        "json": tidy(rows_of(ask(None, f"{path}?size=500{query}", headers=key).content, "json", "lines")),
        "csv": tidy(rows_of(ask(None, f"{path}.csv?{query}", headers=key).content, "csv")),
    }


def tidy(rows: list[dict[str, str]]) -> Rows:
    """Rows with numbers as numbers. A workbook has fewer digits of a ratio."""
    return [
        {name: round(cell, 10) if isinstance(cell, float) else cell for name, cell in plain(row).items()}
        for row in rows
    ]


def all_the_same(*ways: dict[str, Rows]) -> Rows:
    found = {(place, kind): rows for place, way in enumerate(ways) for kind, rows in way.items()}
    first = next(iter(found.values()))
    for way, rows in found.items():
        assert rows == first, way
    return first


def lines_of(town: Town, month: Month, version: int) -> list[IndicatorLine]:
    """All that the version has, whatever a file makes of it."""
    snapshot = Snapshot.objects.get(period__area=town.area, period__starts_on=month.first_day, version=version)
    return list(snapshot.lines.order_by("position"))


def check_against(rows: Rows, lines: list[IndicatorLine]) -> None:
    """The rows are exactly these lines: each with its code, its category, its state and its value."""
    assert [(row["indicator"], row["category"], row["state"]) for row in rows] == [
        (line.indicator_code, line.category_code, line.state) for line in lines
    ]
    for row, line in zip(rows, lines, strict=True):
        exact = line.numerator / line.denominator * line.per if line.ratio and line.value is not None else line.value
        assert row["value"] == ("" if exact is None else pytest.approx(exact))
    assert {row["indicator"] for row in rows} >= ON_NO_PAGE_OF_A_MONTH


# --- For partners ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_every_way_says_the_same_rows_of_a_published_month(town: Town, tmp_path: Path, role: Role):
    _, secret = give_key(town, town.coordinator)
    _, of_agency = agency_key(town)
    ways = [from_command(OCTOBER, tmp_path), from_api(secret, OCTOBER), from_api(of_agency, OCTOBER)]
    rows = all_the_same(from_page(town.people[role], OCTOBER), *ways)
    check_against(rows, lines_of(town, OCTOBER, 2))
    first = [from_command(OCTOBER, tmp_path, "--version-number", 1), from_api(secret, OCTOBER, "&version=1")]
    rows = all_the_same(from_page(town.people[role], OCTOBER, "?version=1"), *first)
    check_against(rows, lines_of(town, OCTOBER, 1))


@pytest.mark.parametrize("role", ROLES)
def test_only_those_who_read_drafts_have_the_rows_of_a_draft(town: Town, tmp_path: Path, role: Role):
    person = town.people[role]
    if role in DRAFT_READERS:
        rows = all_the_same(from_page(person, NOVEMBER), from_command(NOVEMBER, tmp_path))
        check_against(rows, lines_of(town, NOVEMBER, 1))
        return
    for kind in KINDS:
        for query in ("", "?version=1", "?audience=public"):
            ask(person, f"/testford/{NOVEMBER}/figures.{kind}{query}", 403)


def test_no_key_has_the_rows_of_a_draft(town: Town):
    for _, secret in (give_key(town, town.coordinator), agency_key(town)):
        for path in ("lines", "lines.csv", "lines?version=1"):
            ask(None, f"/api/v1/areas/testford/months/{NOVEMBER}/{path}", 404, headers=bearer(secret))


@pytest.mark.parametrize("person", [scenarios.make_outsider, lambda: None])
def test_nobody_from_outside_has_any_row(town: Town, person):
    outsider = person()
    for month in (OCTOBER, NOVEMBER):
        for kind in KINDS:
            ask(outsider, f"/testford/{month}/figures.{kind}", 404 if outsider else 302)


def test_the_notes_name_no_kpi_whose_indicator_the_sheet_lacks(town: Town):
    content = ask(town.people[Role.BOARD_MEMBER], f"/testford/{OCTOBER}/figures.xlsx").content
    codes = {row["indicator"] for row in rows_of(content, "xlsx")}
    told = [text for _, text in cells(content, NOTES).values()]
    kpis = told[told.index("KPIs") + 1 : told.index("Indicators and their sources")]
    assert kpis[::2] == ["K1 Fewer arrests", "K2 Fewer knives"]
    assert {text.removeprefix("For ").partition(".")[0] for text in kpis[1::2]} == {"arrests", "knives"} <= codes
    rows = {row["indicator"]: row for row in rows_of(content, "xlsx") if not row["category"]}
    assert {code for code, row in rows.items() if row["target"]} == {"arrests", "knives"}


def test_the_notes_count_the_figures_of_their_sheet(town: Town):
    """A figure that no page of the month shows is awaited too."""
    december = NOVEMBER.next
    scenarios.open_month(town, december)
    scenarios.sweep()
    for month, sentence in ((OCTOBER, "All 8 figures in."), (december, "0 of 8 figures in; awaited from Police.")):
        content = ask(town.coordinator, f"/testford/{month}/figures.xlsx").content
        wholes = [row for row in rows_of(content, "xlsx") if not row["category"]]
        assert len(wholes) == 8
        told = [text for _, text in cells(content, NOTES).values()]
        assert told[told.index("Figures in") + 1] == sentence


def test_the_command_names_each_revised_and_provisional_figure(town: Town):
    """Also those that no page of the month shows."""
    IndicatorLine.objects.filter(snapshot__state="draft", indicator_code="perpetrators").update(is_provisional=True)
    ran = run("export_month", "--area", "testford", "--month", NOVEMBER)
    assert "Provisional, so they may still change: Perpetrators." in ran.err


def test_the_page_of_files_lists_every_indicator(town: Town):
    member = town.people[Role.BOARD_MEMBER]
    page = ask(member, "/testford/exports/").content.decode()
    codes = {line.indicator_code for line in lines_of(town, OCTOBER, 2)}
    for code in codes:
        assert f'<option value="{code}">' in page
        assert f'href="/testford/indicators/{code}/figures.csv"' in page
        assert rows_of(ask(member, f"/testford/indicators/{code}/figures.csv").content, "csv")


# --- For the public --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("month", [SEPTEMBER, OCTOBER])
def test_every_way_says_the_same_rows_to_the_public(town: Town, tmp_path: Path, role: Role, month: Month):
    of_public = "--audience", Audience.PUBLIC.value
    page = from_page(town.people[role], month, "?audience=public")
    rows = all_the_same(page, from_command(month, tmp_path, *of_public))
    assert {row["indicator"] for row in rows} >= ON_NO_PAGE_OF_A_MONTH
    told = [(row["indicator"], row["category"], row["value"]) for row in rows]
    for public in of_edition(month):
        assert [
            (row["indicator"], row["category"], row["value"]) for row in public if row["month"] == str(month)
        ] == told


def of_edition(month: Month) -> list[Rows]:
    """The rows of the public page's files, and of the API without a key."""
    paths = {kind: f"/testford/public/{month}/figures.{kind}" for kind in KINDS}
    files = [rows_of(ask(None, path).content, kind) for kind, path in paths.items()]
    answer = ask(None, f"/api/v1/public/areas/testford/months/{month}?size=500")
    return [tidy(rows) for rows in (*files, rows_of(answer.content, "json"))]


def test_what_the_public_may_not_know_is_in_none_of_its_files(town: Town):
    """Charges of 4 and a line from London are small, and knives are rounded. A split in two is in no edition."""
    member = town.people[Role.BOARD_MEMBER]
    partners, public = from_page(member, OCTOBER)["json"], from_page(member, OCTOBER, "?audience=public")["json"]
    true = {(row["indicator"], row["category"]): row for row in partners}
    assert (true["charges", ""]["value"], true["lines", "london"]["value"], true["knives", ""]["value"]) == (4, 1, 35)
    shown = {(row["indicator"], row["category"]): row for row in public}
    assert shown.keys() == true.keys() - {("lines", "london"), ("lines", "leeds")}
    charges = shown["charges", ""]
    assert (charges["state"], charges["value"], charges["previous"]) == ("withheld", "", "")
    assert (shown["knives", ""]["value"], shown["knives", ""]["change"]) == (35, "")
    for row in public:
        assert (row["target"], row["target_month"], row["kpi_state"]) == ("", "", "")
    for kind in KINDS:
        ask(town.coordinator, f"/testford/{NOVEMBER}/figures.{kind}?audience=public", 404)
        ask(None, f"/testford/public/{NOVEMBER}/figures.{kind}", 404)


def test_a_file_of_a_published_month_has_no_figure_of_a_draft(town: Town):
    for role in ROLES:
        for query in ("", "?version=1", "?audience=public"):
            for kind in ("csv", "json"):
                content = ask(town.people[role], f"/testford/{OCTOBER}/figures.{kind}{query}").content
                assert str(SECRET).encode() not in content
    draft = json.loads(ask(town.coordinator, f"/testford/{NOVEMBER}/figures.json").content)
    assert SECRET in [line["value"] for line in draft["lines"]]
