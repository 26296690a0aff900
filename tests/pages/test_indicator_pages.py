"""The page of an indicator and the page of all of them: what they cost, whom they show what, and that
page, data and file say the same."""

import csv
import json
import re
from html import unescape

import pytest

from boards.rules import Role
from boards.services.months import mark_stale
from core.calendar import Month
from core.models import User
from indicators.models import Indicator, Observation
from indicators.services.setup import define, retire_indicator, reword_definition
from reporting.models import Snapshot
from reporting.months.services import publish_corrections
from tests import scenarios
from tests.factories import make_dimension, make_indicator
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in

SEPTEMBER, OCTOBER, NOVEMBER = Month(2026, 9), Month(2026, 10), Month(2026, 11)
MOST_QUERIES, OF_RULE, OF_HISTORY, OF_PLAN = 11, 2, 2, 1
LIST, PAGE, FILE = "/testford/indicators/", "/testford/indicators/arrests/", "/testford/indicators/arrests/figures.csv"


def ask(user: User, url: str):
    client = signed_in(user)
    return client.get(url)


def read(user: User, url: str, status: int = 200) -> str:
    answer = ask(user, url)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def table_of(html: str, heading: str) -> list[list[str]]:
    """The rows under a heading's id, as the words of their cells."""
    body = html.partition(f'aria-labelledby="{heading}"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [text_of(cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def link_to(words: str, html: str) -> str:
    return re.findall(rf'href="([^"]*)">{re.escape(words)}', html)[0]


def titles(html: str) -> list[str]:
    return re.findall(r'vv-card__title"><a [^>]*>([^<]+)', html)


def fill(town: Town, last: Month, values: list[int], **others: object) -> None:
    """Accepted months up to the last, one for each value of arrests."""
    for place, value in enumerate(values):
        scenarios.accept(town, last + (place - len(values) + 1), {"arrests": value, "charges": 1, **others})
    scenarios.sweep()


def make_published_town() -> Town:
    town = scenarios.make_town()
    fill(town, OCTOBER, [10, 12, 11, 13, 9, 10, 12, 11, 10, 12, 11, 10, 12, 40])
    for back in range(13, -1, -1):
        scenarios.publish(town, OCTOBER + -back)
    return town


made, published = stand(make_published_town)


def test_page_data_and_file_say_the_same(town):
    fill(town, SEPTEMBER.previous, [10, 12, 11, 13, 9, 10, 12, 11, 10, 12, 11, 10, 12, 40])
    age = make_dimension(town.area, "age", ["young", "old"])
    make_indicator(town.police, "stops", dimension=age, boards=(town.csp,), position=2)
    figures = {"arrests": 9, "charges": 1, "stops.young": 0, "stops.old": 3}
    scenarios.accept(town, SEPTEMBER, figures | {"arrests": None})
    scenarios.accept(town, OCTOBER, figures | {"stops.old": 5})
    scenarios.sweep()
    for code in ("arrests", "stops"):
        html = read(town.coordinator, f"/testford/indicators/{code}/")
        data = json.loads(re.search(r'<script id="chart-data" type="application/json">(.*?)</script>', html)[1])
        marking, *lines = (
            ask(town.coordinator, f"/testford/indicators/{code}/figures.csv").content.decode("utf-8-sig").splitlines()
        )
        rows = list(csv.DictReader(lines))
        whole = [row for row in rows if not row["category"]]
        table = table_of(html, "s-months")[::-1]
        assert marking == "OFFICIAL-SENSITIVE"
        assert len(table) == len(whole) == len(data["values"]) == 16
        for cells, row, value, month, shows, usual in zip(
            table, whole, data["values"], data["months"], data["shows"], data["usual"], strict=True
        ):
            assert cells[0] == month == Month.parse(row["month"]).label
            assert row["value"] == ("" if value is None else str(value))
            shorthand = {"not_available": "[x]", "awaited": "awaited"}
            assert cells[1] == (shorthand[row["state"]] if value is None else str(value))
            assert row["movement"] in ("up", "down", "level", "none")
            if row["movement"] in ("up", "down"):
                assert cells[2] == f"{row['movement'].capitalize()} {abs(int(row['change']))}"
            assert cells[3] == usual
            assert bool(usual) == bool(row["upper"])
            assert cells[4] == shows
            assert (row["signal"] in ("", "none", "too_early")) == (":" not in shows)
        for part_data in data["parts"]:
            name = part_data["name"].lower()
            assert [row["value"] for row in rows if row["category"] == name] == [
                "" if value is None else str(value) for value in part_data["values"]
            ]
        newest = {row["category"]: row for row in rows}
        exported = Snapshot.objects.get(period__starts_on=OCTOBER.first_day).lines.filter(indicator_code=code)
        for line in exported:
            row = newest[line.category_code]
            assert (row["value"], row["movement"]) == ("" if line.value is None else str(line.value), line.movement)
            assert row["upper"] == ("" if line.upper is None else str(int(line.upper)))


def test_what_its_parts_do_not_cover_is_said_once(town):
    whole = Indicator.objects.get(area=town.area, code="arrests")
    for position, place in enumerate(("inside", "outside"), 2):
        make_indicator(town.police, place, title=f"From {place}", part_of=whole, position=position)
    said = "From inside (3) and from outside (3) don’t cover all 13: the other 7 are in neither, or we don’t know."
    months = {
        SEPTEMBER.previous: ({"arrests": 13, "inside": 3, "outside": 3}, 1),
        SEPTEMBER: ({"arrests": 6, "inside": 3, "outside": 3}, 0),
        OCTOBER: ({"arrests": 13, "inside": 3, "outside": None}, 0),
    }
    for month, (figures, times) in months.items():
        scenarios.accept(town, month, {"charges": 1} | figures)
        scenarios.sweep()
        html = read(town.coordinator, f"/testford/indicators/arrests/?month={month}")
        assert (html.count(said), html.count("don’t cover all")) == (times, times)


def test_a_signal_is_said_in_sentence_verdict_chart_and_table(published):
    html = read(published.people[Role.BOARD_MEMBER], PAGE)
    words = text_of(html)
    assert "40 many, up 28 since September. Worse: 40 in October, usually 3 to 23" in words
    assert "Worse: 40 in October, usually 3 to 23" in words
    assert html.count('class="vv-chart__mark vv-mark--worse" href=') == 1
    assert table_of(html, "s-months")[0] == ["October 2026", "40", "Up 28", *table_of(html, "s-months")[0][3:]]
    assert table_of(html, "s-months")[0][4] == "Worse: more than usual"
    assert table_of(html, "s-months")[0][5] == "Up 28 on October 2025"


def test_readers_see_the_newest_month_that_they_may(published):
    scenarios.accept(published, NOVEMBER, {"arrests": 7654321, "charges": 1})
    scenarios.sweep()
    member, strategic = published.people[Role.BOARD_MEMBER], published.people[Role.STRATEGIC]
    for url in (LIST, PAGE, FILE):
        draft = f"{url}?month=2026-11"
        assert "7654321" not in read(member, url).replace(",", "")
        read(member, draft, 403)
        assert "7654321" in read(strategic, draft).replace(",", "")
    for url in (LIST, PAGE):
        assert link_to("The draft of November 2026", read(strategic, url)).endswith("?month=2026-11")
        assert "The draft of" not in read(member, url)
    assert "Arrests, October 2026" in read(strategic, PAGE)
    assert table_of(read(strategic, PAGE), "s-months")[0][:2] == ["October 2026", "40"]
    assert "7654321" not in read(strategic, FILE) + read(strategic, LIST).replace(",", "")
    assert "Arrests, November 2026" in read(strategic, f"{PAGE}?month=2026-11")


def test_a_draft_of_a_published_month_is_kept_from_board_members(published):
    """A correction makes a second version: until it is published, boards see the first."""
    of_october = Observation.objects.filter(period__starts_on=OCTOBER.first_day, indicator__code="arrests")
    of_october.update(value=14)
    mark_stale(published.area, OCTOBER)
    scenarios.sweep()
    assert table_of(read(published.people[Role.BOARD_MEMBER], PAGE), "s-months")[0][1] == "40"
    assert table_of(read(published.people[Role.STRATEGIC], PAGE), "s-months")[0][1] == "40"
    assert link_to("The draft of October 2026", read(published.people[Role.STRATEGIC], PAGE)) == "?month=2026-10"
    draft = read(published.people[Role.STRATEGIC], f"{PAGE}?month=2026-10")
    assert table_of(draft, "s-months")[0][1] == "14 [r]"
    assert "Boards still see the published version" in draft
    first = read(published.people[Role.STRATEGIC], f"{PAGE}?month=2026-10&version=1")
    assert table_of(first, "s-months")[0][1] == "40"
    assert "This is version 1 of October 2026." in first
    assert "Superseded" not in first  # by a draft
    publish_corrections(published.area, by=published.coordinator)
    assert "Superseded" in read(published.people[Role.BOARD_MEMBER], f"{PAGE}?month=2026-10&version=1")
    read(published.people[Role.BOARD_MEMBER], f"{PAGE}?month=2026-10&version=3", 404)


def test_where_figures_came_from_is_for_those_who_read_drafts(published):
    assert "Where its figures came from" not in read(published.people[Role.BOARD_MEMBER], PAGE)
    rows = table_of(read(published.people[Role.ANALYST], PAGE), "s-history")
    assert len(rows) == 14
    month, figure, note, origin, signed_off = rows[0]
    assert (month, figure, note, origin) == ("October 2026", "40", "Checked", "Return from Police")
    assert signed_off.endswith(f", {published.coordinator}")


def test_the_history_of_figures_comes_in_pages(published):
    fill(published, OCTOBER + -14, [1] * 14)
    first, second, beyond = (
        table_of(read(published.coordinator, f"{PAGE}?page={page}"), "s-history") for page in ("1", "2", "99")
    )
    assert (len(first), len(second)) == (24, 4)
    assert second == beyond
    assert read(published.coordinator, f"{PAGE}?page=x").count("Older figures") == 1


def test_a_figure_that_is_not_signed_off_is_in_no_history(published):
    scenarios.submit(published, NOVEMBER, {"arrests": 4321, "charges": 1})
    scenarios.sweep()
    html = read(published.people[Role.STRATEGIC], PAGE)
    assert "4321" not in html
    assert "4,321" not in html
    assert "November 2026" not in [row[0] for row in table_of(html, "s-history")]


def test_the_passport_tells_what_is_set_up_and_what_changed(published):
    indicator = Indicator.objects.get(code="arrests")
    indicator.why_it_matters, indicator.source = "It shows <harm>.", "Custody records"
    indicator.save()
    reworded = reword_definition(indicator.definitions.get(), text="Arrests, counted once.", by=published.coordinator)
    define(reworded.indicator, text="Arrests & cautions.", applies_from=NOVEMBER, by=published.coordinator)
    words = text_of(read(published.people[Role.BOARD_MEMBER], PAGE).partition("s-passport")[2])
    for said in (
        "Definition from November 2026 Arrests & cautions.",
        "Definition from January 2020 Arrests, counted once.",
        "Why it matters It shows <harm>.",
        "Source Custody records",
        "Supplied by Police",
        "Boards Board csp",
        "Lower is better: Nothing can be said either way.",
        "Partners see every figure; for the public, figures from 1 to 4 are withheld, and other figures that would "
        "reveal them.",
        "Definition from November 2026 added.",
        "Definition reworded.",
    ):
        assert said in words, said


def test_what_people_typed_is_escaped(published):
    make_indicator(
        published.police, "odd", title="<b>Odd</b>", question="<i>Why?</i>", unit_many="</script>", position=2
    )
    scenarios.accept(published, NOVEMBER, {"arrests": 1, "charges": 1, "odd": 2})
    scenarios.sweep()
    for url in (LIST, "/testford/indicators/odd/"):
        html = read(published.coordinator, f"{url}?month=2026-11")
        assert "<b>Odd" not in html
        assert "<i>Why" not in html
        assert html.count("</script>") == html.count("<script")
        assert "&lt;b&gt;Odd" in html


@pytest.mark.parametrize("url", ["/testford/indicators/nope/", "/testford/indicators/nope/figures.csv"])
def test_an_unknown_indicator_is_said_to_be_one(published, url):
    assert "Testford has no indicator “nope”" in read(published.coordinator, url, 404)


def test_another_areas_indicator_is_an_unknown_one(published):
    other = scenarios.make_town("elsewhere")
    make_indicator(other.police, "secret", boards=(other.csp,), position=2)
    assert "secret" in read(published.coordinator, "/testford/indicators/secret/", 404)
    assert ask(published.coordinator, "/elsewhere/indicators/secret/").status_code == 404


def test_a_retired_indicator_shows_the_last_month_that_holds_it(published):
    indicator = Indicator.objects.get(code="arrests")
    retire_indicator(indicator, month=NOVEMBER, by=published.coordinator)
    scenarios.accept(published, NOVEMBER, {"charges": 1})
    scenarios.sweep()
    for role in (Role.STRATEGIC, Role.BOARD_MEMBER):
        words = text_of(read(published.people[role], PAGE))
        assert "Arrests, October 2026" in words
        assert "Arrests isn’t collected from November 2026 onwards." in words
    assert titles(read(published.people[Role.STRATEGIC], f"{LIST}?month=2026-11")) == ["Charges"]
    sentence = "Arrests wasn’t collected in November 2026, so it has no figure for that month."
    assert sentence in read(published.people[Role.STRATEGIC], f"{PAGE}?month=2026-11", 404)


def test_an_indicator_that_no_readable_month_holds_says_so(published):
    make_indicator(published.police, "new", defined_from=NOVEMBER.first_day, boards=(published.csp,), position=2)
    scenarios.accept(published, NOVEMBER, {"arrests": 1, "charges": 1, "new": 7})
    scenarios.sweep()
    assert "7" in read(published.people[Role.STRATEGIC], "/testford/indicators/new/")
    sentence = "no month with the indicator “new” that you can read yet"
    assert sentence in read(published.people[Role.BOARD_MEMBER], "/testford/indicators/new/", 404)


def test_an_area_without_a_month_says_so(town):
    html = read(town.coordinator, LIST)
    assert "has no month that you can read yet" in html
    assert "/testford/setup/indicators/" in html
    for url in (PAGE, FILE):
        assert "has no month that you can read yet" in read(town.coordinator, url, 404)


def test_without_a_worker_whoever_opens_a_stale_month_brings_it_up_to_date(town):
    fill(town, OCTOBER, [10, 12])
    for url in (LIST, PAGE):
        Indicator.objects.filter(code="arrests").update(title=f"Arrested at {len(url)}")
        mark_stale(town.area, OCTOBER)
        assert f"Arrested at {len(url)}" in read(town.coordinator, url)


def test_a_kept_page_is_never_out_of_date(published, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = False  # as where a worker sweeps, and the page only says so
    reader = published.people[Role.STRATEGIC]
    before = read(reader, PAGE)
    mark_stale(published.area, OCTOBER)
    assert "Figures for this month have changed since." in read(reader, PAGE)
    scenarios.sweep()
    Indicator.objects.filter(code="arrests").update(why_it_matters="Because of harm.")
    assert "Because of harm." in read(reader, PAGE)
    published.csp.name = "Safer Testford"
    published.csp.save()
    after = read(reader, PAGE)
    assert "Safer Testford" in after
    assert "Safer Testford" not in before


def test_a_page_kept_for_a_coordinator_is_not_shown_to_others(published):
    setup = "/testford/setup/indicators/arrests/edit/"
    assert setup in read(published.coordinator, PAGE)
    assert setup not in read(published.people[Role.STRATEGIC], PAGE)
    assert setup not in read(published.people[Role.BOARD_MEMBER], PAGE)


def test_the_file_has_a_name_with_its_marking(published):
    answer = ask(published.people[Role.BOARD_MEMBER], FILE)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="OFFICIAL-SENSITIVE testford arrests 2026-10 v1.csv"' in answer["Content-Disposition"]


def test_tiles_and_rows_of_the_month_lead_to_the_indicator(published):
    """As of that month."""
    of_october = f"{PAGE}?month=2026-10"
    html = read(published.people[Role.BOARD_MEMBER], "/testford/2026-10/")
    assert html.count(f'<a href="{of_october}">') >= 2
    own = read(published.people[Role.BOARD_MEMBER], "/testford/2026-10/csp/")
    assert f'<a href="{of_october}">' in own
    assert of_october in read(published.people[Role.BOARD_MEMBER], "/testford/2026-10/year/")
