"""What a pack says of a month, to partners and to the public: each word and number out of the month's own view."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from boards.models import Board, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from indicators.disclosure import Audience
from indicators.models import Indicator
from indicators.services.setup import retire_indicator
from indicators.trend import CellState
from reporting.exports.presenters.months import export_rows, newest_view
from reporting.models import PackCharts, PackKind, PackScope
from reporting.months.services import hash_corrections, list_corrections, publish_corrections
from reporting.packs.presenters import sources
from reporting.packs.presenters.order import CHAPTERS, make_pack
from reporting.packs.presenters.shapes import Pack
from reporting.packs.presenters.sources import Order, read_sources
from reporting.packs.services.issue import issue_pack
from tests import scenarios
from tests.factories import make_board, make_dimension, make_indicator
from tests.integration.test_revisions import correct
from tests.publishing import publish_months
from tests.ruling import set_rule
from tests.scenarios import Town, accept, open_month, publish, publish_openly, sweep
from tests.standing import stand

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (9, 10, 11))


def make_october() -> Town:
    """Arrests 9, then 12; charges not available, then 4. September and October 2026 are published."""
    town = scenarios.make_town()
    accept(town, SEPTEMBER, {"arrests": 9, "charges": None})
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    publish(town, OCTOBER)
    return town


made, october = stand(make_october)


@pytest.fixture(autouse=True)
def two_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two indicators here stand for many. What a pack of so few leaves out, tests/integration/test_short_packs.py
    tests."""
    monkeypatch.setattr(sources, "FEW", 0)


def order_of(town: Town, month: Month = OCTOBER, *, board: Board | None = None, **options: Any) -> Order:
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)
    return Order(period, board or town.csp, **options)


def pack_of(town: Town, month: Month = OCTOBER, *, drafts: bool = False, **options: Any) -> Pack:
    return make_pack(order_of(town, month, **options), include_drafts=drafts).pack


def issue(town: Town, month: Month = OCTOBER, **options: Any) -> None:
    order = order_of(town, month, meeting="Board", meeting_on=date(2026, 11, 27), **options)
    issue_pack(order, seen=make_pack(order, include_drafts=False).token, by=town.coordinator)


def chapter(pack: Pack, key: str) -> dict[str, Any]:
    (found,) = (each for each in pack.as_data()["chapters"] if each["key"] == key)
    return found


def rows(pack: Pack, key: str, place: int = 0) -> list[list[str]]:
    """The texts of a chapter's table, each cell with its smaller lines."""
    tables = [block for block in chapter(pack, key)["blocks"] if block["kind"] == "table"]
    return [["; ".join([cell["text"], *cell["more"]]) for cell in row] for row in tables[place]["rows"]]


def words(pack: Pack, key: str) -> str:
    return json.dumps(chapter(pack, key), ensure_ascii=False)


# --- What it is made of ---------------------------------------------------------------------------


def test_a_months_pack_has_its_chapters_in_order(october: Town):
    pack = pack_of(october)
    assert [(each.key, each.title) for each in pack.chapters] == [
        ("changed", "No figure for this month can be judged yet"),
        ("month", "Testford in October 2026"),
        ("figures", "Two years at a glance"),
        ("plan", "Decisions and red actions"),
        ("challenges", "Open challenges"),
        ("others", "Each indicator"),
        ("highlights", "Highlights"),
        ("responsibilities", "What this board is responsible for"),
        ("revisions", "Revisions since the last pack"),
        ("missing", "Missing figures, and why"),
        ("method", "Method and definitions"),
    ]
    assert [each.key for each in pack.chapters if each.is_wide] == ["month", "figures"]


def test_a_chapter_of_which_there_is_nothing_to_say_is_a_line(october: Town):
    lines = {each.key: each.line for each in pack_of(october).chapters if not each.blocks}
    assert lines == {
        "changed": "We need 12 earlier figures to say what is usual.",
        "plan": "This board has no action in the plan, and has agreed none at its meetings.",
        "challenges": "No challenge is open, and none was closed since the last pack.",
        "highlights": "No highlight was reported in October 2026.",
        "responsibilities": "No responsibilities are written down yet. The coordinator adds them in Set-up.",
        "revisions": lines["revisions"],
        "missing": "No figure for October 2026 is missing.",
    }
    assert lines["revisions"].startswith("None of this board’s figures was revised. This is the first pack issued")


def test_the_cover_says_what_it_is(october: Town):
    order = order_of(october, meeting="Strategic meeting", meeting_on=date(2026, 11, 27))
    pack = make_pack(order, include_drafts=False).pack
    facts = dict(pack.cover.facts)
    assert (pack.cover.board, pack.cover.title) == (october.csp.name, "Board pack for October 2026")
    assert facts["Meeting"] == "Strategic meeting, 27 November 2026"
    assert facts["Pack number"] == "TESTFORD-2026-10-CSP, not issued"
    assert facts["Marking"] == pack.marking == "OFFICIAL-SENSITIVE"
    assert facts["Completeness"] == "All 2 figures in"
    assert facts["Version"] == "1, published"
    assert facts["Approved"].startswith(f"By {october.coordinator.name}, on ")
    assert facts["Figures"].startswith("As at ")
    assert pack.imprint.startswith("TESTFORD-2026-10-CSP, not issued · Version 1, published · Figures as at ")
    assert pack.title == f"{october.csp.name}: board pack for October 2026, Testford"


def test_a_draft_says_so(town: Town):
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    sweep()
    made = make_pack(order_of(town), include_drafts=True)
    assert made.pack.cover.state == "Draft: not published, and the figures may still change"
    assert dict(made.pack.cover.facts)["Approved"] == "Not yet"
    assert "is a draft. Publish it first" in made.obstacle
    assert made.file_name == "OFFICIAL-SENSITIVE testford csp 2026-10 v1 draft.pdf"


def test_every_figure_has_its_row_and_its_chart(october: Town):
    pack = pack_of(october)
    # Two years: nothing before September, when they were counted first.
    assert rows(pack, "figures") == [
        ["Arrests", "12", "9", "Up 3", *[""] * 22, "9", "12"],
        ["Charges", "4", "[x]", "No arrow", *[""] * 22, "", "4"],
    ]
    (table, key) = chapter(pack, "figures")["blocks"]
    assert [[cell["mark"] for cell in row][-2:] for row in table["rows"]] == [["usual", "usual"], ["gap", "usual"]]
    assert [mark["look"] for mark in table["marks"]] == ["gap"]
    assert key["rows"] == (("[x]", "not available"),)
    (_, tiles) = chapter(pack, "others")["blocks"]
    assert tiles["are_large"]
    assert [(tile["question"], tile["text"], tile["chart"]["alt"][:40]) for tile in tiles["tiles"]] == [
        ("Arrests", "12", "12 many, up 3 since September. Too early"),
        ("Charges", "4", "4 many. No arrow: the figure for Septemb"),
    ]


def test_every_indicator_can_have_a_full_page(october: Town):
    pack = pack_of(october, scope=PackScope.ALL)
    assert "others" not in {each.key for each in pack.chapters}
    blocks = chapter(pack, "indicators")["blocks"]
    assert [(block["text"], block["starts_page"]) for block in blocks if block["kind"] == "heading"] == [
        ("Arrests", True),
        ("Charges", True),
    ]
    assert rows(pack, "indicators", 0)[0] == ["October 2026", "12", "Up 3", "Too early to tell"]
    pictures = [block for block in blocks if block["kind"] == "picture"]
    assert pictures[0]["alt"].startswith("12 many, up 3 since September. Too early to tell")
    assert ("Full pages for", "Every indicator") in pack.cover.facts


@pytest.mark.parametrize("audience", Audience)
def test_page_pack_and_file_say_the_same(october: Town, audience: Audience):
    """The public is shown 12 arrests, and of 4 charges that they are withheld."""
    set_rule(october.area, kind="suppress", below=5, why="Agreed", by=october.people[Role.INFORMATION])
    publish_openly(october, OCTOBER)
    view = newest_view(october.area, OCTOBER, audience=audience, include_drafts=False)
    pack = pack_of(october, audience=audience)
    in_pack = {row[0].split(";")[0]: row[1].replace("[c]", "") for row in rows(pack, "figures")}
    in_file = {row["title"]: "" if row["value"] is None else f"{row['value']:,}" for row in export_rows(view)}
    assert in_pack == in_file == {"Arrests": "12", "Charges": "4" if audience is Audience.PARTNERS else ""}
    client = Client()
    if audience is Audience.PARTNERS:
        client.force_login(october.coordinator)
    public = "public/" if audience is Audience.PUBLIC else ""
    page = client.get(f"/testford/{public}2026-10/").content.decode()
    for row in rows(pack, "figures"):
        assert row[1].replace("[c]", "not shown") in page
        words = row[3].removeprefix("not shown: ").lower()  # on the page, the column before says so
        assert words.replace("’", "&#x27;") in page.lower() or words in page.lower()


def test_what_is_withheld_is_nowhere_in_the_publics(october: Town):
    publish_openly(october, OCTOBER)
    text = json.dumps(pack_of(october, audience=Audience.PUBLIC).as_data(), ensure_ascii=False)
    assert "[c]" in text
    assert "4 charges" not in text
    pack = pack_of(october, audience=Audience.PUBLIC)
    assert rows(pack, "missing") == [["Charges", "Not shown", "Not shown: to protect people", "Police"]]
    (table,) = chapter(pack, "missing")["blocks"]
    assert table["caption"] == "Figures for October 2026 that are not shown"
    assert f"By {october.coordinator}" not in text  # who approved it, the public isn't told
    (_, tiles) = chapter(pack, "others")["blocks"]
    assert [(tile["question"], bool(tile["chart"])) for tile in tiles["tiles"]] == [
        ("Arrests", True),
        ("Charges", False),
    ]
    assert pack.cover.asks == ()
    assert pack.marking == ""
    assert dict(pack.cover.facts)["Version"] == "Edition 1 for the public, of version 1"


def test_the_appendix_has_what_the_public_pack_withholds(october: Town):
    publish_openly(october, OCTOBER)
    pack = pack_of(october, kind=PackKind.APPENDIX)
    assert [row[:2] for row in rows(pack, "figures")] == [["Charges", "4"]]
    assert pack.cover.title == "Partners’ appendix to the public pack for October 2026"
    assert pack.marking == "OFFICIAL-SENSITIVE"


def test_an_appendix_to_a_pack_that_shows_all_is_needless(october: Town):
    set_rule(october.area, kind="show", why="Agreed", by=october.people[Role.INFORMATION])
    publish_openly(october, OCTOBER)
    made = make_pack(order_of(october, kind=PackKind.APPENDIX), include_drafts=False)
    assert "no appendix is needed" in made.obstacle
    assert "already shows all of this board’s figures" in words(made.pack, "changed")


def stand_out(town: Town) -> None:
    """October’s arrests are far above what is usual, and it is good to have few."""
    arrests, charges = [*(10 + place % 3 for place in range(13)), 40], [3 + place % 2 for place in range(14)]
    publish_months(town, OCTOBER + -13, {"arrests": arrests, "charges": charges})


def test_only_what_stands_out_has_a_full_page(town: Town):
    stand_out(town)
    pack = pack_of(town)
    shown = chapter(pack, "indicators")
    assert shown["title"] == "What stands out, in full"
    assert [block["text"] for block in shown["blocks"] if block["kind"] == "heading"] == ["Arrests"]
    (beside,) = [block for block in shown["blocks"] if block["kind"] == "abreast"]  # its code, for a phone
    assert [picture["alt"] for picture in beside["right"]] == ["QR code of localhost:8000/testford/i/arrests/2026-10/"]
    assert beside["left"][1]["text"] == "On a phone: localhost:8000/testford/i/arrests/2026-10/"
    assert "QR code" not in words(pack_of(town, audience=Audience.PUBLIC), "indicators")
    others = chapter(pack, "others")
    assert others["title"] == "The other indicators"
    assert [tile["question"] for tile in others["blocks"][1]["tiles"]] == ["Charges"]
    assert len(rows(pack, "figures")) == 2
    quiet = pack_of(town, Month(2026, 9))
    assert "indicators" not in {each.key for each in quiet.chapters}
    assert len(chapter(quiet, "others")["blocks"][1]["tiles"]) == 2


def test_what_stands_out_comes_first_with_its_chart_and_what_is_done(town: Town):
    stand_out(town)
    found = chapter(pack_of(town), "changed")["blocks"]
    heading, beside, chance = found
    assert (heading["text"], beside["kind"]) == ("Arrests", "abreast")
    said = [block["text"] for block in beside["left"]]
    assert said[0].startswith("40 many, up 30 since September. Worse: 40 in October, usually 3 to 23")
    assert said[-1] == "No action or open challenge is about this indicator yet."
    assert beside["right"][0]["svg"].startswith("<svg ")
    assert chapter(pack_of(town), "changed")["title"] == "What stands out: 1 of 2 figures"
    assert chance["text"].startswith("By chance alone, something stands out about once in ")


def test_a_board_of_which_nothing_is_asked_is_told_so(october: Town):
    assert pack_of(october).cover.asks == ("There is nothing to decide: this pack is for information.",)


def test_an_alarm_and_a_missing_figure_are_asked_about(town: Town):
    stand_out(town)
    assert pack_of(town).cover.asks == ("Ask what is being done about arrests, which got worse.",)
    open_month(town, NOVEMBER)
    publish(town, NOVEMBER)
    assert pack_of(town, NOVEMBER).cover.asks == ("Ask Police for the figures that are missing.",)


def test_lines_by_origin_stand_beside_their_map(town: Town):
    town.area.longitude, town.area.latitude = 0.71, 51.54
    town.area.save()
    dimension = make_dimension(town.area, "origin", ["london", "leeds"])
    dimension.categories.filter(code="london").update(longitude=-0.13, latitude=51.51)
    dimension.categories.filter(code="leeds").update(longitude=-1.55, latitude=53.8)
    make_indicator(town.police, "lines", dimension=dimension, boards=(town.csp,), position=5)
    accept(town, OCTOBER, {"arrests": 1, "charges": 1, "lines.london": 3, "lines.leeds": 2})
    publish(town, OCTOBER)
    found = chapter(pack_of(town), "map")
    assert found["title"] == "The lines on the map"
    (abreast,) = (block for block in found["blocks"] if block["kind"] == "abreast")
    (table,), (picture,) = abreast["left"], abreast["right"]
    assert [[cell["text"] for cell in row][:2] for row in table["rows"]] == [
        ["London", "3"],
        ["Leeds", "2"],
        ["All", "5"],
    ]
    assert picture["svg"].startswith("<svg ")
    assert "London 3" in picture["alt"]


# --- Revisions, and what is missing ---------------------------------------------------------------


def test_what_was_revised_since_the_last_pack(october: Town):
    issue(october)
    correct(october, SEPTEMBER, 8)
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))
    accept(october, NOVEMBER, {"arrests": 11, "charges": 3})
    publish(october, NOVEMBER)
    pack = pack_of(october, NOVEMBER)
    assert "The board’s last pack, TESTFORD-2026-10-CSP-1, was issued on" in words(pack, "revisions")
    assert rows(pack, "revisions")[0][:4] == ["Arrests", "9", "8", "Two arrests were counted <twice>."]
    assert "1 figure was revised: see “Revisions”." in words(pack, "changed")


def test_what_was_revised_before_the_last_pack_is_not_told_again(october: Town):
    """October’s second version is older than September’s pack, which was issued late."""
    correct(october, OCTOBER, 14)
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))
    issue(october, SEPTEMBER)
    pack = pack_of(october)
    assert "None of this board’s figures was revised." in words(pack, "revisions")
    issue(october)
    assert "The board’s last pack, TESTFORD-2026-10-CSP-1" in words(pack_of(october), "revisions")
    assert "The board’s last pack, TESTFORD-2026-10-CSP-1" in words(pack_of(october, kind=PackKind.YEAR), "revisions")


def test_the_public_is_told_what_its_editions_say_differently(october: Town):
    publish_openly(october, SEPTEMBER)
    issue(october, SEPTEMBER, audience=Audience.PUBLIC)
    correct(october, SEPTEMBER, 18)
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))
    publish_openly(october, SEPTEMBER)
    publish_openly(october, OCTOBER)
    pack = pack_of(october, audience=Audience.PUBLIC)
    assert rows(pack, "revisions") == [["Arrests", "9", "18"]]
    assert "September 2026, edition 2, published on" in words(pack, "revisions")
    assert "1 figure was revised" in words(pack, "changed")
    assert "counted" not in words(pack, "revisions")  # an agency’s reason is for partners


def test_the_appendix_tells_revisions_of_its_own_indicators(october: Town):
    publish_openly(october, OCTOBER)
    issue(october, kind=PackKind.APPENDIX)
    correct(october, OCTOBER, 14)
    correct(october, OCTOBER, 3, code="charges")
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))
    publish_openly(october, OCTOBER)
    pack = pack_of(october, kind=PackKind.APPENDIX)
    assert [row[:3] for row in rows(pack, "revisions")] == [["Charges", "4", "3"]]
    assert "The board’s last appendix, TESTFORD-2026-10-CSP-1" in words(pack, "revisions")
    assert "see “Revisions”" in words(pack, "changed")


def test_the_appendix_has_an_indicator_of_which_an_earlier_month_is_withheld(town: Town):
    accept(town, SEPTEMBER, {"arrests": 3, "charges": 8})
    accept(town, OCTOBER, {"arrests": 12, "charges": 9})
    publish(town, OCTOBER)
    publish_openly(town, OCTOBER)
    pack = pack_of(town, kind=PackKind.APPENDIX)
    assert [row[:3] for row in rows(pack, "figures")] == [["Arrests", "12", "3"]]


def test_without_an_earlier_pack_revisions_are_told_from_the_month_before(october: Town):
    correct(october, OCTOBER, 14)
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))
    pack = pack_of(october)
    assert rows(pack, "revisions")[0][:3] == ["Arrests", "12", "14"]
    assert "This is the first pack issued to this board. Since September 2026 was published" in words(pack, "revisions")
    old = make_pack(order_of(october, version=1), include_drafts=False)
    assert "superseded by version 2" in old.obstacle
    assert rows(old.pack, "figures")[0][1] == "12"


def test_why_a_figure_is_missing(town: Town):
    accept(town, OCTOBER, {"arrests": CellState.NOT_APPLICABLE, "charges": None})
    publish(town, OCTOBER)
    open_month(town, NOVEMBER)
    publish(town, NOVEMBER)
    assert rows(pack_of(town), "missing") == [
        ["Arrests", "Not applicable", "The system was down", "Police"],
        ["Charges", "Not available", "The system was down", "Police"],
    ]
    awaited = rows(pack_of(town, NOVEMBER), "missing")[0]
    assert awaited[:2] == ["Arrests", "Awaited"]
    assert awaited[2].startswith("Awaited from Police (due ")


def test_no_figure_is_missing(october: Town):
    assert "No figure for October 2026 is missing." in words(pack_of(october), "missing")


# --- Boards and months that have little to say ----------------------------------------------------


def test_a_board_without_indicators(october: Town):
    board = make_board(october.area, "sab")
    pack = pack_of(october, board=board)
    assert [each.key for each in pack.chapters] == [
        "changed",
        "month",
        "plan",
        "challenges",
        "highlights",
        "responsibilities",
        "revisions",
        "missing",
        "method",
    ]
    assert "No indicators are set up for this board in October 2026." in words(pack, "changed")
    assert "No responsibilities are written down yet." in words(pack, "responsibilities")


def test_a_month_without_figures(town: Town):
    open_month(town, OCTOBER)
    publish(town, OCTOBER)
    pack = pack_of(town)
    assert dict(pack.cover.facts)["Completeness"] == "0 of 2 figures in; awaited from Police"
    assert [row[1] for row in rows(pack, "figures")] == ["awaited", "awaited"]


def test_an_indicator_retired_since_stays_in_its_old_pack(october: Town):
    before = pack_of(october)
    retire_indicator(Indicator.objects.get(code="charges"), month=NOVEMBER, by=october.coordinator)
    accept(october, NOVEMBER, {"arrests": 5})
    publish(october, NOVEMBER)
    assert [row[0] for row in rows(pack_of(october, NOVEMBER), "figures")] == ["Arrests"]
    assert rows(pack_of(october), "figures") == rows(before, "figures")


def test_its_charts_can_be_those_of_the_nhs(town: Town):
    arrests = [10 + place % 3 for place in range(14)]
    publish_months(town, OCTOBER + -13, {"arrests": arrests, "charges": [3] * 14})
    judged, nhs = (pack_of(town, charts=charts) for charts in PackCharts)

    assert "control charts" in dict(nhs.cover.facts)["Charts"]
    assert "Charts" not in dict(judged.cover.facts)
    for pack, is_nhs in ((judged, False), (nhs, True)):
        how, tiles = chapter(pack, "others")["blocks"]
        assert ("so its signals may differ" in how["text"]) is is_nhs
        assert len([tile for tile in tiles["tiles"] if tile["chart"]]) == 2
    found = chapter(judged, "changed")
    assert found["title"] == "Nothing stands out in 2 figures"
    assert found["line"].startswith("By chance alone, something stands out about once in ")
    # What is judged is the same.
    assert rows(judged, "figures") == rows(nhs, "figures")


# --- One year on ----------------------------------------------------------------------------------


def test_one_year_on(town: Town):
    first = Month(2025, 10)
    for place in range(13):
        counted = 10 + place if place < 12 else 60
        accept(town, first + place, {"arrests": counted, "charges": None if place == 5 else 3})
    publish(town, OCTOBER)
    pack = pack_of(town, kind=PackKind.YEAR)
    assert pack.cover.title == "One year on: November 2025 to October 2026"
    assert [each.key for each in pack.chapters] == [
        "changed",
        "years",
        "months",
        "kpis",
        "impact",
        "done",
        "engagement",
        "unmeasured",
        "indicators",
        "others",
        "completeness",
        "challenges",
        "highlights",
        "responsibilities",
        "revisions",
        "method",
    ]
    arrests, charges = rows(pack, "changed")
    assert arrests == ["Arrests", "10", "60", "Up 50 on October 2025", "Oct 2026: worse: more than usual"]
    assert charges[3:] == ["Level with October 2025", "None"]
    too_few = "Left out: November to September. Figures start in October 2025. We need 3 comparable months."
    assert rows(pack, "years")[0] == ["Arrests", "Can’t be compared", too_few]
    assert rows(pack, "months") == [
        ["Arrests", *(str(number) for number in range(11, 22)), "60"],
        ["Charges", *("[x]" if place == 5 else "3" for place in range(1, 13))],
    ]
    march = next(row for row in rows(pack, "completeness") if row[0] == "March 2026")
    assert march == ["March 2026", "1", "2", "Not available: Charges"]


def test_one_year_on_of_a_first_month(october: Town):
    pack = pack_of(october, kind=PackKind.YEAR)
    assert rows(pack, "changed")[0][:4] == ["Arrests", "no figure", "12", "Can’t be compared"]
    assert rows(pack, "months")[0] == ["Arrests", *["–"] * 10, "9", "12"]


# --- How much it costs ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PackKind)
def test_its_chapters_look_nothing_up(october: Town, django_assert_num_queries: DjangoAssertNumQueries, kind: PackKind):
    sources = read_sources(order_of(october, kind=kind), include_drafts=False)
    with django_assert_num_queries(0):
        assert [make(sources) for make in CHAPTERS[kind]]


def test_it_has_what_only_the_boards_own_page_shows(october: Town):
    make_indicator(october.police, "seen", shown_on="boards", boards=(october.csp,), defined_from=OCTOBER.first_day)
    open_month(october, NOVEMBER)
    sweep()
    pack = pack_of(october, NOVEMBER, drafts=True)
    assert dict(pack.cover.facts)["Completeness"] == "0 of 3 figures in; awaited from Police"
    assert len(rows(pack, "figures")) == 3
