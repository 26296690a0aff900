"""What people send that is far too long costs little time. A sentence says what to do, and nothing typed is lost."""

import html
import re
from collections.abc import Iterator
from time import thread_time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from boards.models import Agency
from boards.rules import Role
from core.calendar import Month
from indicators.imports.figures import COLUMNS
from indicators.models import IndicatorDefinition, Submission
from tests.factories.spreadsheets import cell, parts_with, row_with, spreadsheet, table
from tests.factories.workbooks import packed
from tests.highlights import strand_of
from tests.scenarios import Town, make_town, open_month
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
RETURN, CATALOGUE = "/testford/returns/2026-10/police/", "/testford/setup/catalogue/"
DEFINITION = "/testford/setup/indicators/arrests/definitions/2020-01/"
BLANKS = " " * 60_000
POSTCODES = "SS1 2AB " * 2_500
SOON = 5.0  # seconds of CPU for a page; they took from 11 to 40


def make_october() -> Town:
    town = make_town()
    open_month(town, OCTOBER)
    return town


made, town = stand(make_october)


@pytest.fixture
def lead(town: Town) -> Client:
    return signed_in(town.people[Role.AGENCY_LEAD])


@pytest.fixture
def coordinator(town: Town) -> Client:
    return signed_in(town.people[Role.COORDINATOR])


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """All of a test's requests together are answered soon."""
    began = thread_time()
    yield
    assert thread_time() - began < SOON


def say(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())


def errors(answer: Any) -> list[str]:
    """What the error summary says."""
    summary = re.search(r'error-summary__list">(.*?)</ul>', answer.content.decode(), re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", summary[1], re.DOTALL) if summary else []
    return [html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in lines]


def hidden(answer: Any, name: str) -> str:
    return html.unescape(re.findall(f'name="{name}"[^>]* value="([^"]*)"', answer.content.decode())[0])


# --- Files ------------------------------------------------------------------------------------------


def with_note(xml: str) -> bytes:
    """A spreadsheet of figures with a single row."""
    figure = map(cell, ("police", "arrests", "", "2026-10", "1", ""))
    note = f'<table:table-cell office:value-type="string">{xml}</table:table-cell>'
    return packed(parts_with(table(row_with(*map(cell, COLUMNS)) + row_with(*figure, note))))


@pytest.mark.parametrize(
    "note",
    [f"<text:p>a{BLANKS}b</text:p>", '<text:p>a<text:s text:c="60000"/>b</text:p>', f"<text:p>{'x' * 60_000}</text:p>"],
    ids=["blanks", "repeated blanks", "letters"],
)
def test_a_long_note_in_a_spreadsheet_is_named_by_its_cell(town: Town, lead: Client, note: str):
    content = with_note(note)
    assert len(content) < 2_000
    answer = lead.post(f"{RETURN}file/", {"file": SimpleUploadedFile("return.ods", content)})
    told = "G2 of the sheet “Sheet1” has too much text: more than 10,000 characters. Shorten it."
    assert told in say(answer)
    assert not Submission.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "ods"])
@pytest.mark.parametrize("day", [f"04/10/2026{' ' * 30_000}x", f"04/10/2026{'x' * 30_000}"], ids=["blanks", "letters"])
def test_a_long_date_in_a_file_of_records_is_named_by_its_row(lead: Client, kind: str, day: str):
    rows = [("Date", "Kind"), *((each, "Arrest") for each in ("03/10/2026", day, "05/10/2026"))]
    content = spreadsheet(rows) if kind == "ods" else "\n".join(map(",".join, rows)).encode()

    def send(**typed: str) -> Any:
        return lead.post(f"{RETURN}records/", {"file": SimpleUploadedFile(f"records.{kind}", content), **typed})

    columns = send(mapping="new", act="look")
    meant = {"name": "Crimes", "month": "Date", "kind": "Kind", "act": "columns"}
    kinds = send(headings=hidden(columns, "headings"), **meant)
    counted = send(content=hidden(kinds, "content"), act="kinds", **{"kind-0": "arrests"})
    assert "1 row has no date that we can read: row 3. We don’t count rows without a date." in say(counted)
    assert "2 counted for October 2026" in say(counted)


def test_past_figures_of_very_many_areas(coordinator: Client):
    """Each row might be the same figure as any row before it."""
    rows = "".join(f"police,arrests,,2024-05,1,,,area{number}\n" for number in range(20_000))
    content = f"{','.join(COLUMNS)},area\n{rows}".encode()
    answer = coordinator.post("/testford/history/", {"files_sent": SimpleUploadedFile("past.csv", content)})
    assert answer.status_code == 200
    assert "Line 2, area: This row is for the area area0, but you are importing for testford." in say(answer)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "a." * 8_000 + "a = 1",
            "Line 1 has a key with too many parts. Write each entry as in a downloaded catalogue.",
        ),
        ("a = " + "1" * 5_000, "It has a number with too many digits."),
        (f'[catalogue]\nname = "{"x" * 10_001}"', "Shorten the catalogue’s name to 10,000 characters; it has 10,001."),
    ],
)
def test_a_catalogue_that_nobody_wrote(coordinator: Client, content: str, sentence: str):
    file = SimpleUploadedFile("newer.toml", content.encode())
    answer = coordinator.post(CATALOGUE, {"source": "file", "file": file})
    assert errors(answer) == [sentence]


def test_a_long_definition_in_a_catalogue(coordinator: Client):
    content = coordinator.get("/testford/setup/catalogue.toml").content.decode()
    longer = re.sub(r"(?m)^definition = .*$", f'definition = "{POSTCODES}"', content, count=1)
    file = SimpleUploadedFile("newer.toml", longer.encode())
    answer = coordinator.post(CATALOGUE, {"source": "file", "file": file})
    [error] = errors(answer)
    assert error.startswith("The indicator “")
    assert error.endswith("”: shorten its definition to 10,000 characters; it has 20,000.")


# --- Forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [POSTCODES * 4, "1 " * 40_000, "a.b@" * 20_000], ids=["postcodes", "digits", "addresses"]
)
def test_a_long_story_is_refused_by_its_own_limit_and_kept(town: Town, coordinator: Client, text: str):
    """Nobody is asked about personal details in it first."""
    typed = {
        "kind": "campaign",
        "title": "See the signs",
        "strand": strand_of(town.area).pk,
        "boards": [town.csp.pk],
        "starts_on": "14 9 2026",
        "story": text,
        "revision": "0",
    }
    answer = coordinator.post("/testford/highlights/add/", typed)
    assert errors(answer) == [f"Shorten this to 4,000 characters; it has {len(text.strip()):,}."]
    assert text.strip() in html.unescape(answer.content.decode())


def test_a_long_definition_is_refused_and_kept(coordinator: Client):
    text = "What arrests counts. " * 500
    answer = coordinator.post(DEFINITION, {"text": text})
    assert errors(answer) == [f"Shorten the text to 10,000 characters; it has {len(text.strip()):,}."]
    assert text.strip() in answer.content.decode()
    assert not IndicatorDefinition.objects.filter(text__contains=text.strip()).exists()


def test_a_long_definition_that_is_stored_stays_and_can_be_changed(town: Town, coordinator: Client):
    """It may be from before there was a limit."""
    stored = "What arrests counts. " * 600 + "The end."
    definition = IndicatorDefinition.objects.get(indicator__area=town.area, indicator__code="arrests")
    IndicatorDefinition.objects.filter(pk=definition.pk).update(text=stored)
    for text, is_taken in (
        (stored, True),
        (stored.replace("The end.", "That’s it"), False),
        (stored.replace("The end.", "The end"), True),
        (stored.replace("The end.", "SS1 2AB"), False),
    ):
        answer = coordinator.post(DEFINITION, {"text": text})
        assert (answer.status_code == 302) is is_taken
        assert (IndicatorDefinition.objects.get(pk=definition.pk).text == text) is is_taken
    assert "“SS1 2AB” looks like a full postcode." in errors(answer)[0]


def test_very_many_domains_are_refused_and_kept(town: Town, coordinator: Client):
    text = "\n".join(f"a{number}.example" for number in range(10_000))
    typed = {"name": "Police", "kind": "police", "position": "0", "domains": text}
    answer = coordinator.post(reverse("boards:agency-edit", args=["testford", "police"]), typed)
    assert errors(answer) == [f"Shorten the domains to 10,000 characters; they have {len(text):,}"]
    assert text in answer.content.decode()
    assert Agency.objects.get(pk=town.police.pk).domains == []


def test_ages_with_very_many_blanks(coordinator: Client):
    answer = coordinator.post(reverse("indicators:indicator-add", args=["testford"]), {"ages": f"10{BLANKS}24"})
    assert any("can’t be made up of bands of five years" in error for error in errors(answer))


def test_a_draft_with_a_long_note_cant_be_handed_in(town: Town, lead: Client):
    typed = {"revision": "0", "arrests:value": "1", "charges:value": "1", "arrests:note": POSTCODES * 10}
    lead.post(RETURN, typed)
    checked = lead.get(f"{RETURN}check/")
    assert errors(checked) == ["Arrests: shorten the note to 500 characters; it has 199,999."]
    lead.post(f"{RETURN}submit/", {"revision": Submission.objects.get().revision})
    assert Submission.objects.get().state == "draft"
