"""What the pages of a month cost, and that page, pack and file say the same."""

import csv
import io
import json
import re
import subprocess
from html.parser import HTMLParser

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from boards.rules import Role
from boards.services.months import mark_stale
from core.calendar import Month
from indicators.models import Indicator
from indicators.services.returns import return_return
from reporting.models import Snapshot
from tests import scenarios
from tests.factories import make_dimension, make_indicator
from tests.services import find_poppler
from tests.visiting import signed_in

OCTOBER = Month(2026, 10)


def visit(user, url: str) -> tuple[str, list[str]]:
    client = signed_in(user)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode(), [query["sql"] for query in queries.captured_queries]


def test_a_page_kept_from_before_reads_no_lines(town):
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3})
    scenarios.publish(town, OCTOBER)
    member = town.people[Role.BOARD_MEMBER]
    first, _ = visit(member, "/testford/2026-10/")
    again, queries = visit(member, "/testford/2026-10/")
    assert without_tokens(again) == without_tokens(first)
    # It asks which of them stand out, since what is being done about those isn't kept, and reads nothing else of them.
    assert not [sql for sql in queries if '."history"' in sql]


def without_tokens(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)


@pytest.mark.parametrize(
    "change",
    ["figures", "stale", "board", "responsibility", "status"],
)
def test_a_kept_page_is_never_out_of_date(town, change, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = False  # as where a worker sweeps, and the page only says so
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3})
    scenarios.sweep()
    reader = town.people[Role.STRATEGIC]
    url = "/testford/2026-10/csp/"
    before, _ = visit(reader, url)
    if change == "figures":
        return_return(town.police.submissions.get(), comment="Look again.", by=town.coordinator)
        scenarios.sweep()
        expected = "Awaited from Police"
    elif change == "stale":
        mark_stale(town.area, OCTOBER)
        expected = "Figures for this month have changed since."
    elif change == "board":
        town.csp.short_name = "Safer Testford"
        town.csp.save()
        expected = "Safer Testford"
    elif change == "responsibility":
        town.csp.responsibilities.create(text="Closure orders")
        expected = "Closure orders"
    else:
        scenarios.publish(town, OCTOBER)
        expected = "Published"
    after, _ = visit(reader, url)
    assert expected not in before
    assert expected in after


def test_without_a_worker_whoever_opens_a_stale_month_brings_it_up_to_date(town):
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3})
    scenarios.sweep()
    Indicator.objects.filter(code="arrests").update(title="People arrested")
    mark_stale(town.area, OCTOBER)
    html, _ = visit(town.people[Role.STRATEGIC], "/testford/2026-10/")
    assert "People arrested" in html
    assert "Figures for this month have changed since." not in html


def test_a_page_kept_for_one_reader_is_not_shown_to_another(town):
    """The strategic group's draft and its links don't reach a board member through the kept page."""
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 3})
    scenarios.sweep()
    visit(town.people[Role.STRATEGIC], "/testford/2026-10/")
    client = signed_in(town.people[Role.BOARD_MEMBER])
    response = client.get("/testford/2026-10/")
    assert response.status_code == 403
    assert "October 2026 is not published yet" in response.content.decode()
    scenarios.publish(town, OCTOBER)
    coordinator, _ = visit(town.coordinator, "/testford/2026-10/")
    lead, _ = visit(town.lead, "/testford/2026-10/")
    assert "/testford/2026-10/csp/" in coordinator
    assert "/testford/2026-10/csp/" not in lead
    assert "/testford/setup/" not in lead


class Rows(HTMLParser):
    """The cells of the table of figures, by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.in_table = self.in_cell = False

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.in_table = dict(attrs).get("class") == "vv-table vv-table--month"
        elif self.in_table and tag == "tr":
            self.rows.append([])
        elif self.in_table and tag in ("td", "th"):
            self.in_cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.in_cell = False

    def handle_data(self, data):
        if self.in_cell:
            self.rows[-1][-1] += data


def test_page_pack_and_file_say_the_same(town, tmp_path):
    """Each line's label, figure and movement, with a zero, a reason and a split one among them."""
    origin = make_dimension(town.area, "origin", ["london", "leeds", "york"])
    make_indicator(town.police, "lines", dimension=origin, boards=(town.csp,), position=2)
    september = {"arrests": 1200, "charges": None, "lines.london": 0, "lines.leeds": 4, "lines.york": 9}
    october = {"arrests": 1034, "charges": 2, "lines.london": 0, "lines.leeds": 5, "lines.york": None}
    scenarios.accept(town, OCTOBER.previous, september)
    scenarios.accept(town, OCTOBER, october)
    scenarios.sweep()
    scenarios.publish(town, OCTOBER)

    page, _ = visit(town.people[Role.STRATEGIC], "/testford/2026-10/")
    table = Rows()
    table.feed(page)
    cells = {row[0]: row for row in table.rows if len(row) == 5}

    out = io.StringIO()
    call_command("export_month", area="testford", month="2026-10", stdout=out)
    exported = json.loads(out.getvalue())
    out = io.StringIO()
    call_command("export_month", area="testford", month="2026-10", format="csv", stdout=out)
    marking, *rest = out.getvalue().splitlines()
    assert marking == "OFFICIAL-SENSITIVE"
    rows = list(csv.DictReader(rest))

    pdf = tmp_path / "pack.pdf"
    call_command("build_pack", area="testford", month="2026-10", board="csp", output=pdf, stdout=io.StringIO())
    words = subprocess.run(
        [find_poppler() / "pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout

    assert len(exported["lines"]) == len(rows) == 6
    for line, row in zip(exported["lines"], rows, strict=True):
        assert {key: "" if value is None else str(value) for key, value in line.items()} == row
        label = line["title"] + (f", {line['category'].capitalize()}" if line["category"] else "")
        _, previous, figure, change, *_ = cells[label]
        assert figure == ("[x]" if line["value"] is None else f"{line['value']:,}")
        assert previous == ("[x]" if line["previous"] is None else f"{line['previous']:,}")
        if line["movement"] in ("up", "down"):
            assert change.startswith(f"{line['movement'].capitalize()} {abs(line['change']):,} since September")
        assert figure in words
        assert re.search(rf"{re.escape(line['title'])}", words)
        if line["movement"] in ("up", "down"):
            assert f"{line['movement'].capitalize()} {abs(line['change']):,}" in words
    assert exported["version"] == Snapshot.objects.get(period__starts_on="2026-10-01").version
