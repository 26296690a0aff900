"""Figures as files: that page, CSV, workbook and JSON say the same to each audience, who gets what, and what
it costs."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.files.tables import KINDS
from core.models import User
from indicators.disclosure import Audience, Marking
from indicators.figures import Entry
from indicators.models import Category, Indicator
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.disclosure import mark_month
from indicators.services.setup import retire_indicator, save_category
from reporting.exports.presenters.history import make_history_file
from reporting.models import IndicatorLine
from reporting.months.presenters.series import SERIES_COLUMNS
from reporting.months.services import publish_corrections
from reporting.public.presenters.month import PUBLIC_COLUMNS
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.answers import Answer
from tests.exported import plain, rows_of
from tests.factories import make_dimension, make_indicator
from tests.factories.workbooks import NOTES, cells
from tests.integration.command_line import run
from tests.ruling import set_rule
from tests.scenarios import Town
from tests.standing import stand

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (8, 9, 10, 11))
FIGURES: dict[str, Any] = {
    "arrests": 15,
    "charges": 4,
    "lines.london": 1,
    "lines.leeds": 10,
    "lines.hull": 6,
    "knives": 23,
}


def make_public_town() -> Town:
    """August to October, of which September and October are public; small figures are withheld, knives rounded."""
    town = scenarios.make_town()
    origin = make_dimension(town.area, "origin", ["london", "leeds", "hull"])
    make_indicator(town.police, "lines", dimension=origin, position=2)
    knives = make_indicator(town.police, "knives", position=3)
    officer = town.people[Role.INFORMATION]
    set_rule(town.area, indicator=knives, kind="round", suppress_to=7, base=5, why="The agreement", by=officer)
    for place, month in enumerate((AUGUST, SEPTEMBER, OCTOBER)):
        scenarios.accept(town, month, FIGURES | {"arrests": 9 + 3 * place, "knives": 23 + 6 * place})
    scenarios.publish(town, OCTOBER)
    scenarios.publish_openly(town, SEPTEMBER)
    scenarios.publish_openly(town, OCTOBER)
    return town


made, town = stand(make_public_town)


@pytest.fixture
def member(town: Town) -> User:
    return town.people[Role.BOARD_MEMBER]


def ask(user: User | None, path: str, status: int = 200, *, area: str = "testford") -> Answer:
    client = Client()
    if user is not None:
        client.force_login(user)
    answer = client.get(f"/{area}/{path}")
    assert answer.status_code == status, answer.content.decode(errors="replace")
    return answer


def text_of(answer: Answer) -> str:
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def all_the_same(user: User | None, path: str, query: str = "", rows_are: str = "figures") -> list[dict[str, str]]:
    """The rows of a file, which are the same in each format."""
    found = {kind: ask(user, f"{path}.{kind}{query}") for kind in KINDS}
    for kind, answer in found.items():
        assert answer.headers["Content-Type"] == KINDS[kind].content_type
        assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    rows = {kind: rows_of(answer.content, kind, rows_are) for kind, answer in found.items()}
    assert rows["csv"]
    for several in zip(*rows.values(), strict=True):
        assert all(plain(one) == plain(several[0]) for one in several)
    return rows["csv"]


# --- A month --------------------------------------------------------------------------------------


def test_the_files_of_a_public_month_say_the_same(town: Town):
    rows = all_the_same(None, "public/2026-10/figures")
    assert tuple(rows[0]) == PUBLIC_COLUMNS
    document = json.loads(ask(None, "public/2026-10/figures.json").content)
    del document["figures"]
    about = {"area": "testford", "month": "2026-10", "audience": "public", "edition": 1}
    assert document == about | {"licence": "These figures have no licence."}
    for kind in KINDS:
        name = ask(None, f"public/2026-10/figures.{kind}").headers["Content-Disposition"]
        assert name == f'attachment; filename="testford-2026-10.{kind}"'


@pytest.mark.parametrize("kind", KINDS)
def test_a_public_file_is_asked_for_again_by_its_tag(town: Town, kind: str):
    first = ask(None, f"public/2026-10/figures.{kind}")
    answer = Client().get(f"/testford/public/2026-10/figures.{kind}", headers={"If-None-Match": first.headers["ETag"]})
    assert answer.status_code == 304
    assert ask(None, f"public/2026-10/figures.{kind}").content == first.content


def test_a_month_is_marked_and_named_by_its_version(town: Town, member: User):
    answer = ask(member, "2026-10/figures.xlsx")
    assert 'filename="OFFICIAL-SENSITIVE testford 2026-10 v1.xlsx"' in answer.headers["Content-Disposition"]
    assert cells(answer.content)["A1"] == ("s", "OFFICIAL-SENSITIVE")
    public = ask(member, "2026-10/figures.csv?audience=public")
    assert 'filename="testford 2026-10 v1 public.csv"' in public.headers["Content-Disposition"]
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    officer = town.people[Role.INFORMATION]
    mark_month(period, audience=Audience.PARTNERS, marking=Marking.OFFICIAL, why="Agreed", by=officer)
    lowered = ask(member, "2026-10/figures.csv")
    assert lowered.content.decode("utf-8-sig").startswith("OFFICIAL\nindicator,")
    assert 'filename="OFFICIAL testford 2026-10 v1.csv"' in lowered.headers["Content-Disposition"]


def test_an_earlier_version_has_its_files(town: Town, member: User):
    correct(town, "arrests", 99)
    publish_corrections(town.area, by=town.coordinator)
    for version, value in (("?version=1", "15"), ("", "99")):
        rows = rows_of(ask(member, f"2026-10/figures.csv{version}").content, "csv")
        assert rows[0]["value"] == value
    assert "?version=1" in re.findall(r'href="([^"]*figures\.csv[^"]*)"', html_of(ask(member, "2026-10/?version=1")))[0]
    assert "October 2026 has no version “7”" in text_of(ask(member, "2026-10/figures.csv?version=7", 404))
    told = [text for _, text in cells(ask(member, "2026-10/figures.xlsx").content, NOTES).values()]
    assert told[told.index("Provisional and revised figures") + 1 :][:2] == ["Arrests", "Revised, was 15: Twins."]
    assert "Version 2, published." in told


def html_of(answer: Answer) -> str:
    return unescape(answer.content.decode())


def correct(town: Town, code: str, value: int) -> None:
    """October's figure is another one, in a draft."""
    indicator = Indicator.objects.get(area=town.area, code=code)
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    asked = ask_correction(indicator, None, period, entry=Entry(str(value), note="Twins"), reason="Twins", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()


def test_what_is_not_there_is_said(town: Town, member: User):
    assert "August 2026 isn’t public." in text_of(ask(member, "2026-08/figures.csv?audience=public", 404))
    assert "There is no audience “press”" in text_of(ask(member, "2026-10/figures.csv?audience=press", 404))
    assert "No figures for “nope”" not in text_of(ask(member, "indicators/nope/figures.csv?audience=public", 404))
    ask(member, "2027-01/figures.csv", 404)


def test_a_month_that_is_marked_up_or_withdrawn_is_not_public(town: Town, member: User):
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    officer = town.people[Role.INFORMATION]
    mark_month(period, audience=Audience.PUBLIC, marking=Marking.SENSITIVE, why="Asked for", by=officer)
    september = ReportingPeriod.objects.get(area=town.area, starts_on=SEPTEMBER.first_day)
    withdraw_month(september.editions.get(number=1).period, why="Wrong", by=officer)
    for path in (
        "2026-10/figures.csv",
        "2026-09/figures.csv",
        "indicators/arrests/figures.json",
        "exports/history.xlsx",
    ):
        ask(member, f"{path}?audience=public", 404)
    sentence = "Nothing in Testford is public. To make a month public, the coordinator must ask"
    assert sentence in text_of(ask(member, "exports/history.csv?audience=public", 404))
    assert "No figures for “arrests” are public yet." in text_of(
        ask(member, "indicators/arrests/figures.csv?audience=public", 404)
    )


# --- An indicator ---------------------------------------------------------------------------------


def test_an_indicator_is_the_same_in_each_format(town: Town, member: User):
    rows = all_the_same(member, "indicators/lines/figures")
    assert tuple(rows[0]) == SERIES_COLUMNS
    assert [(row["month"], row["value"]) for row in rows if row["category"] == "leeds"] == [
        ("2026-08", "10"),
        ("2026-09", "10"),
        ("2026-10", "10"),
    ]
    document = json.loads(ask(member, "indicators/lines/figures.json").content)
    assert (document["indicator"], document["audience"], document["version"]) == ("lines", "partners", 1)
    told = [text for _, text in cells(ask(member, "indicators/lines/figures.xlsx").content, NOTES).values()]
    assert {"Lines, Testford", "What lines counts.", "Counts only, never a person’s details."} <= set(told)


@pytest.mark.parametrize("code", ["arrests", "charges", "lines", "knives"])
def test_an_indicator_says_to_the_public_what_the_edition_says(town: Town, member: User, code: str):
    rows = all_the_same(member, f"indicators/{code}/figures", "?audience=public")
    of_public = [
        (row["month"], row["category"], row["value"])
        for row in rows_of(ask(None, "public/2026-10/figures.csv").content, "csv")
        if row["indicator"] == code
    ]
    assert sorted((row["month"], row["category"], row["value"]) for row in rows) == sorted(of_public)
    for row in rows:
        assert (row["state"] == "withheld") == (not row["value"])


def test_the_publics_indicator_has_no_arrow_between_rounded_or_withheld_figures(town: Town, member: User):
    knives = all_the_same(member, "indicators/knives/figures", "?audience=public")
    assert [row["value"] for row in knives] == ["25", "30", "35"]
    assert {(row["movement"], row["change"]) for row in knives} == {("none", "")}
    charges = all_the_same(member, "indicators/charges/figures", "?audience=public")
    assert {(row["movement"], row["change"], row["signal"]) for row in charges} == {("none", "", "")}
    of_month = rows_of(ask(member, "2026-10/figures.csv?audience=public").content, "csv")
    for code, newest in (("knives", knives[-1]), ("charges", charges[-1])):
        (row,) = [row for row in of_month if row["indicator"] == code]
        same = newest.keys() & row.keys()
        assert {name: newest[name] for name in same} == {name: row[name] for name in same}


# --- The whole history ----------------------------------------------------------------------------


def test_the_history_is_the_same_in_each_format(town: Town, member: User):
    rows = all_the_same(member, "exports/history")
    assert [row["month"] for row in rows] == sorted(row["month"] for row in rows)
    assert len(rows) == 3 * 6
    name = ask(member, "exports/history.csv").headers["Content-Disposition"]
    assert 'filename="OFFICIAL-SENSITIVE testford history to 2026-10.csv"' in name
    assert json.loads(ask(member, "exports/history.json").content)["months"][-1] == {
        "month": "2026-10",
        "version": 1,
        "state": "published",
    }


def test_whoever_reads_drafts_has_them_in_the_history_and_nobody_else(town: Town, member: User):
    correct(town, "arrests", 99)
    scenarios.accept(town, NOVEMBER, FIGURES | {"arrests": 77})
    scenarios.sweep()
    seen = {person: rows_of(ask(person, "exports/history.csv").content, "csv") for person in (member, town.coordinator)}
    arrests = {
        person: [(row["month"], row["value"]) for row in rows if row["indicator"] == "arrests"]
        for person, rows in seen.items()
    }
    assert arrests[member] == [("2026-08", "9"), ("2026-09", "12"), ("2026-10", "15")]
    assert arrests[town.coordinator][2:] == [("2026-10", "99"), ("2026-11", "77")]
    name = ask(town.coordinator, "exports/history.csv").headers["Content-Disposition"]
    assert "to 2026-11 with drafts.csv" in name
    told = [text for _, text in cells(ask(town.coordinator, "exports/history.xlsx").content, NOTES).values()]
    assert "Boards don’t see October 2026 and November 2026 yet." in told


def test_a_category_that_no_published_month_has_is_no_news(town: Town, member: User):
    """That a line from there was seen is for the boards to know once the month is published."""
    origin = Indicator.objects.get(area=town.area, code="lines").dimension
    save_category(Category(dimension=origin, code="ghent", name="Ghent"), area=town.area, by=town.coordinator)
    scenarios.accept(town, NOVEMBER, FIGURES | {"lines.ghent": 2})
    scenarios.sweep()
    assert b"ghent" not in ask(member, "exports/history.csv").content
    assert b"ghent" in ask(town.coordinator, "exports/history.csv").content
    for kind in KINDS:
        assert b"ghent" not in ask(member, f"exports/history.{kind}?audience=public").content


def test_the_page_of_a_month_offers_each_format_that_there_is(member: User, monkeypatch: pytest.MonkeyPatch):
    kinds = {kind: each.label for kind, each in KINDS.items()} | {"tsv": "TSV"}
    monkeypatch.setitem(KINDS, "tsv", replace(KINDS["csv"], label="TSV"))
    page = ask(member, "2026-10/").content.decode()
    links = [
        f'<a class="govuk-link" href="/testford/2026-10/figures.{kind}">{label}</a>' for kind, label in kinds.items()
    ]
    assert f"Download the figures: {', '.join(links)}; <a" in page


def test_a_state_that_is_not_known_is_in_no_file(town: Town):
    """A draft's line, since the database refuses any change of a published one."""
    scenarios.accept(town, NOVEMBER, FIGURES)
    scenarios.sweep()
    drafts = IndicatorLine.objects.filter(snapshot__state="draft", indicator_code="arrests")
    assert drafts.update(state="lost", value=None, signal="", judgement="") == 1
    with pytest.raises(ValueError, match="lost"):
        make_history_file(town.area, audience=Audience.PARTNERS, include_drafts=True)


def test_the_history_can_be_of_an_indicator_or_a_month(town: Town, member: User):
    rows = rows_of(ask(member, "exports/history.csv?indicator=arrests&month=2026-09").content, "csv")
    assert [(row["indicator"], row["month"], row["value"]) for row in rows] == [("arrests", "2026-09", "12")]
    rows = rows_of(ask(member, "exports/history.csv?audience=public&indicator=lines&month=2026-10").content, "csv")
    assert {(row["indicator"], row["month"]) for row in rows} == {("lines", "2026-10")}
    sentence = "Testford has no figures of the indicator “nope” for October 2026 that you can read yet."
    assert sentence in text_of(ask(member, "exports/history.csv?indicator=nope&month=2026-10", 404))
    assert "“soon” is not a month" in text_of(ask(member, "exports/history.csv?month=soon", 404))
    sentence = "Testford has made no figures of the indicator “nope” public."
    assert sentence in text_of(ask(member, "exports/history.csv?audience=public&indicator=nope", 404))


def test_the_publics_history_says_what_the_newest_edition_says(town: Town, member: User):
    rows = all_the_same(member, "exports/history", "?audience=public")
    newest = rows_of(ask(None, "public/2026-10/figures.csv").content, "csv")

    def by_key(some: list[dict[str, str]]) -> list[list[str]]:
        return sorted(list(row.values()) for row in some)

    assert by_key(rows) == by_key(newest)
    assert (
        'filename="testford history to 2026-10 public.csv"'
        in ask(member, "exports/history.csv?audience=public").headers["Content-Disposition"]
    )


def test_what_only_an_earlier_edition_shows_stays_in_the_publics_history(town: Town, member: User):
    retire_indicator(Indicator.objects.get(area=town.area, code="arrests"), month=NOVEMBER, by=town.coordinator)
    scenarios.accept(town, NOVEMBER, {name: value for name, value in FIGURES.items() if name != "arrests"})
    scenarios.publish(town, NOVEMBER)
    scenarios.publish_openly(town, NOVEMBER)
    rows = rows_of(ask(member, "exports/history.csv?audience=public").content, "csv")
    assert [(row["month"], row["value"]) for row in rows if row["indicator"] == "arrests"] == [
        ("2026-08", "9"),
        ("2026-09", "12"),
        ("2026-10", "15"),
    ]
    assert rows[-1]["month"] == "2026-11"


def test_a_later_edition_of_an_earlier_month_is_the_newest_that_shows_it(town: Town, member: User):
    """September is told otherwise after October was published."""
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=SEPTEMBER.first_day)
    asked = ask_correction(arrests, None, period, entry=Entry("50", note="Twins"), reason="Twins", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    publish_corrections(town.area, by=town.coordinator)
    scenarios.publish_openly(town, SEPTEMBER)
    rows = rows_of(ask(member, "exports/history.csv?audience=public&indicator=arrests").content, "csv")
    assert [(row["month"], row["value"], row["symbol"]) for row in rows] == [
        ("2026-08", "9", ""),
        ("2026-09", "50", "[r]"),
        ("2026-10", "15", ""),
    ]


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.BOARD_MEMBER, Role.COORDINATOR])
def test_every_file_that_the_page_links_is_there(town: Town, role: Role):
    scenarios.open_month(town, NOVEMBER)
    scenarios.sweep()
    person = town.people[role]
    html = html_of(ask(person, "exports/"))
    links = re.findall(r'(?:href|formaction)="/testford/([^"]*(?:figures|history)\.[^"]*)"', html)
    months = 3 + (role is Role.COORDINATOR)
    assert len(links) == len(KINDS) * (months + 2 + 4 + 4 + 1)
    for link in links:
        ask(person, link)


def test_the_page_says_what_is_missing(town: Town, member: User):
    scenarios.open_month(town, NOVEMBER)
    scenarios.sweep()
    text = text_of(ask(town.coordinator, "exports/"))
    assert "November 2026: 0 of 4 figures in; awaited from Police." in text
    assert "November 2026 Version 1, a draft" in text
    assert "October 2026: All 4 figures in." in text_of(ask(member, "exports/"))
    assert "Not public" in text_of(ask(member, "exports/"))


def test_the_page_of_an_area_without_a_month_says_so(db):
    member = scenarios.make_town("newtown").people[Role.BOARD_MEMBER]
    assert "No month of Newtown is published yet." in text_of(ask(member, "exports/", 404, area="newtown"))


@pytest.mark.parametrize("path", ["", "2026-10/", "indicators/", "indicators/arrests/"])
def test_the_page_is_linked_from_where_figures_are(town: Town, member: User, path: str):
    assert 'href="/testford/exports/"' in html_of(ask(member, path))


def test_a_stale_month_is_brought_up_to_date_where_nobody_sweeps(town: Town, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    asked = ask_correction(indicator, None, period, entry=Entry("99", note="Twins"), reason="Twins", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    rows = rows_of(ask(town.coordinator, "exports/history.csv?indicator=arrests").content, "csv")
    assert rows[-1]["value"] == "99"


def test_the_command_prints_what_the_page_gives(town: Town):
    for audience in Audience:
        for kind in ("csv", "json"):
            ran = run("export_figures", "--area", "testford", "--audience", audience.value, "--format", kind)
            path = f"exports/history.{kind}?audience={audience.value}"
            assert (ran.status, ran.err) == (0, "")
            assert ran.out == ask(town.coordinator, path).content.decode("utf-8-sig")


# --- What it costs --------------------------------------------------------------------------------


# --- The command ----------------------------------------------------------------------------------


def test_a_workbook_goes_to_a_file(town: Town, tmp_path: Path):
    for name, more in (("export_figures", ()), ("export_month", ("--month", "2026-10"))):
        options = ("--area", "testford", *more, "--format", "xlsx")
        ran = run(name, *options)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err == "A workbook isn’t text. Name a file with --output, or redirect with >."
        file = tmp_path / "figures.xlsx"
        assert run(name, *options, "--output", file).status == 0
        path = "2026-10/figures.xlsx" if more else "exports/history.xlsx"
        assert file.read_bytes() == ask(town.coordinator, path).content


def test_the_command_says_which_months_changed_since(town: Town):
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    asked = ask_correction(indicator, None, period, entry=Entry("99", note="Twins"), reason="Twins", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    ran = run("export_figures", "--area", "testford")
    assert ran.err.strip() == "Figures changed since they were rolled up: October 2026. Run manage.py sweep."
    assert run("export_figures", "--area", "testford", "--month", "2026-09").err == ""


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--area", "nowhere"), "There is no area “nowhere”. There are: testford."),
        (("--area", "testford", "--month", "October"), "“October” is not a month"),
        (("--area", "testford", "--indicator", "nope"), "Testford has no figures of the indicator “nope”"),
        (("--area", "testford", "--output", "/no/such/folder/x"), "can't be written: no such file or directory."),
    ],
)
def test_the_command_refuses_with_a_sentence(town: Town, options: tuple[str, ...], sentence: str):
    ran = run("export_figures", *options)
    assert ran.status == 2
    assert sentence in ran.err
