"""The return as a file: taken, filled in, sent, looked at, and only then saved."""

import csv
import gc
import io
import json
import re
import time
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.calendar import Month
from core.models import AuditEvent
from indicators.forms.returns import ANOTHER_FILE
from indicators.imports import figures
from indicators.imports.figures import FigureRow, read_figure_file
from indicators.models import Observation, Submission
from indicators.services.returns import save_draft
from tests.answers import Answer
from tests.factories import make_agency, make_dimension, make_indicator
from tests.factories.spreadsheets import spreadsheet
from tests.factories.workbooks import HEADER, changed, packed, parts_of, workbook
from tests.scenarios import Town, accept, entries, make_town, open_month, submit
from tests.tiers import vary_at_release
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)


@pytest.fixture
def town() -> Town:
    """The police also count lines by origin, and seizures, of which some are of knives."""
    town = make_town()
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london", "leeds"]), position=2)
    seizures = make_indicator(town.police, "seizures", position=3)
    make_indicator(town.police, "knives", part_of=seizures, position=4)
    open_month(town, OCTOBER)
    return town


@pytest.fixture
def lead(town: Town) -> Client:
    return signed_in(town.lead)


def url(name: str, *more: str, area: str = "testford", month: Month = OCTOBER) -> str:
    return reverse(f"indicators:{name}", args=[area, month, "police", *more])


def take(client: Client, kind: str) -> bytes:
    answer = client.get(url("return-template", kind))
    assert answer.status_code == 200
    return answer.content


def send(client: Client, content: bytes, name: str = "return.csv") -> Answer:
    return client.post(url("return-file"), {"file": SimpleUploadedFile(name, content)})


def csv_of(*rows: str, header: str = ",".join(HEADER)) -> bytes:
    return "\n".join([header, *rows]).encode()


def fill_in(content: bytes, **typed: tuple[str, str, str]) -> bytes:
    """The CSV template with figure, state and note in some rows: arrests=("12", "", "")."""
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    header = lines[1]
    for line in lines[2:]:
        name = "_".join(filter(None, [line[header.index("indicator")], line[header.index("category")]]))
        if name in typed:
            for column, cell in zip(("value", "state", "note"), typed[name], strict=True):
                line[header.index(column)] = cell
    target = io.StringIO()
    csv.writer(target).writerows(lines)
    return target.getvalue().encode()


def text_of(answer: Answer) -> str:
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def confirm(client: Client, answer: Answer) -> Answer:
    """Press the button of the preview: send its hidden fields."""
    body = answer.content.decode()
    form = body[body.index("<main") :].partition("<form")[2].partition("</form>")[0]
    fields = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    }
    action = re.search(r'action="([^"]*)"', form)
    assert action
    return client.post(unescape(action[1]), fields | {"then": "save"})


def draft(town: Town) -> dict[str, tuple[str, str, str]]:
    held = Submission.objects.filter(agency=town.police).first()
    return {name: (entry.value, entry.reason, entry.note) for name, entry in (held.entries if held else {}).items()}


def nothing_saved(town: Town) -> bool:
    return not Submission.objects.exists() and not Observation.objects.exists()


# --- Taken ----------------------------------------------------------------------------------------


def test_the_page_says_how_and_links_to_both_files(lead):
    page = lead.get(url("return-file"))
    assert page.status_code == 200
    assert url("return-template", "xlsx") in page.content.decode()
    assert url("return-template", "ods") in page.content.decode()
    assert url("return-template", "csv") in page.content.decode()
    assert "at most 2 MB. We don’t store it." in text_of(page)
    assert "There is a problem" not in text_of(page)


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_the_template_holds_what_the_form_holds(town, lead, kind):
    save_draft(
        town.police, open_month(town, OCTOBER), entries({"arrests": 12, "charges": None}), revision=0, by=town.lead
    )
    answer = lead.get(url("return-template", kind))
    assert "OFFICIAL-SENSITIVE" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    rows = read_figure_file(answer.content, name_of_file=f"x.{kind}").rows
    assert [(row.name, row.value, row.state) for row in rows] == [
        ("arrests", "12", "figure"),
        ("charges", "", "not_available"),
        ("lines.london", "", ""),
        ("lines.leeds", "", ""),
        ("seizures", "", ""),
        ("knives", "", ""),
    ]


def test_the_spreadsheet_locks_all_but_what_is_filled_in(town, lead):
    save_draft(
        town.police, open_month(town, OCTOBER), entries({"arrests": 12, "charges": "=1+1"}), revision=0, by=town.lead
    )
    content = lead.get(url("return-template", "ods")).content
    sheet = parts_of(content)["content.xml"].decode()
    assert 'table:protected="true"' in sheet
    assert "protection-key" not in sheet  # no password
    unlocked = set(re.findall(r'<style:style style:name="([^"]+)"[^>]*><style:table-cell-properties[^>]*"none"', sheet))
    assert unlocked == {"r-value", "r-state", "r-note"}
    assert sheet.count('table:content-validation-name="value"') == 6
    assert sheet.count("<office:annotation>") == 6
    assert "table:formula" not in sheet
    typed = {row.name: row.value for row in read_figure_file(content, name_of_file="x.ods").rows}
    assert typed["charges"] == "=1+1"  # as it was typed, with its fault
    assert "dc:date" not in parts_of(content)["meta.xml"].decode()


def test_there_is_no_other_kind(lead):
    assert lead.get(url("return-template", "pdf")).status_code == 404


# --- Sent, and looked at --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_an_untouched_template_changes_nothing(town, lead, kind):
    save_draft(
        town.police, open_month(town, OCTOBER), entries({"arrests": 12, "charges": None}), revision=0, by=town.lead
    )
    page = send(lead, take(lead, kind), f"return.{kind}")
    assert "0 of 6 figures for October 2026 from Police change. There is nothing to save." in text_of(page)
    assert "Upload another file" in text_of(page)
    assert 'name="then"' not in page.content.decode()


def test_shows_what_would_change_and_saves_nothing(town, lead):
    events = AuditEvent.objects.count()
    page = send(
        lead, fill_in(take(lead, "csv"), arrests=("1,200", "", ""), lines_london=("", "Comes later", "On Friday"))
    )
    text = text_of(page)
    assert "2 of 6 figures for October 2026 from Police change. Nothing has been saved yet." in text
    assert "Arrests line 3 Nothing yet 1,200" in text
    assert "Lines, London line 5 Nothing yet Comes later On Friday" in text
    assert nothing_saved(town)
    assert AuditEvent.objects.count() == events


def test_the_button_saves_it_as_a_draft_and_leaves_the_rest(town, lead):
    save_draft(
        town.police,
        open_month(town, OCTOBER),
        entries({"arrests": 3, "charges": 4, "knives": "2a"}),
        revision=0,
        by=town.lead,
    )
    template = fill_in(take(lead, "csv"), charges=("", "", ""), knives=("", "", ""))
    page = send(lead, fill_in(template, arrests=("12", "", "A “raid” & more <b>")))
    answer = confirm(lead, page)
    assert answer.status_code == 302
    assert draft(town) == {
        "arrests": ("12", "", "A “raid” & more <b>"),
        "charges": ("4", "", ""),
        "knives": ("2a", "", ""),
    }


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(town, lead):
    page = send(lead, fill_in(take(lead, "csv"), arrests=("12", "", "")))
    save_draft(town.police, open_month(town, OCTOBER), entries({"charges": 9}), revision=0, by=town.lead)
    answer = confirm(lead, page)
    assert answer.status_code == 409
    assert draft(town) == {"charges": ("9", "", "")}
    assert 'value="12"' in answer.content.decode()


def test_a_row_that_only_somebody_else_changed_is_taken_from_them(town, lead):
    period = open_month(town, OCTOBER)
    saved = save_draft(town.police, period, entries({"charges": 5}), revision=0, by=town.lead)
    page = send(lead, fill_in(take(lead, "csv"), arrests=("12", "", "")))
    save_draft(town.police, period, entries({"charges": 9}), revision=saved.revision, by=town.lead)
    body = confirm(lead, page).content.decode()
    typed = {name: re.search(rf'name="{name}:value"[^>]* value="([^"]*)"', body)[1] for name in ("arrests", "charges")}
    assert typed == {"arrests": "12", "charges": "9"}


@pytest.mark.parametrize(("kind", "name"), [(workbook, "return.xlsx"), (spreadsheet, "return.ods")])
def test_a_workbook_that_a_spreadsheet_program_saved_again(town, lead, kind, name):
    """Numbers as numbers, and only the columns that are read."""
    rows = [
        ("police", "arrests", None, "2026-10", 12.0, None, None),
        ("police", "charges", None, "2026-10", 0, None, None),
    ]
    page = send(lead, kind([HEADER, *rows]), name)
    confirm(lead, page)
    assert draft(town) == {"arrests": ("12", "", ""), "charges": ("0", "", "")}


# --- What is wrong with it ------------------------------------------------------------------------


def test_says_what_is_wrong_by_row_and_column_and_offers_no_button(town, lead):
    content = workbook(
        [
            ["OFFICIAL-SENSITIVE"],
            HEADER,
            ("police", "arrests", "", "2026-10", "12a"),
            ("police", "charges", "", "2026-10", 5),
        ]
    )
    page = send(lead, content, "return.xlsx")
    text = text_of(page)
    assert "Row 3, Figure (E3): Enter a whole number, such as 12. You entered “12a”." in text
    assert "Correct the file, then upload it again" in text
    assert "<title>Error: " in page.content.decode()
    assert 'name="then"' not in page.content.decode()
    assert nothing_saved(town)


@pytest.mark.parametrize(
    ("row", "place", "sentence"),
    [
        ("nhs,arrests,,2026-10,1,,", "Line 2, agency", "for another agency, nhs"),
        ("police,arrests,,2026-09,1,,", "Line 2, month", "This return is for October 2026, but the row says 2026-09."),
        ("police,nope,,2026-10,1,,", "Line 2, indicator", "“nope” isn’t a figure in this return"),
        ("police,lines,paris,2026-10,1,,", "Line 2, category", "“paris” isn’t one of them: london, leeds"),
        ("police,lines,,2026-10,1,,", "Line 2, category", "lines is split into categories"),
        ("police,arrests,x,2026-10,1,,", "Line 2, category", "arrests isn’t split"),
        ("police,arrests,,2026-10,-1,,", "Line 2, value", "0 or more"),
        ("police,arrests,,2026-10,12.5,,", "Line 2, value", "decimal point"),
        ("police,arrests,,2026-10,１２,,", "Line 2, value", "You entered"),
        ("police,arrests,,2026-10,=1+1,,", "Line 2, value", "is a formula"),
        ("police,arrests,,2026-10,1000000000000,,", "Line 2, value", "at most"),
        ("police,arrests,,2026-10,,awaited,", "Line 2, note", "say in the note when the figure will arrive"),
        ("police,arrests,,2026-10,1,,,,x", "Line 2", "9 columns, but the header has 7"),
        (f"police,arrests,,2026-10,1,,{'n' * 600}", "Line 2, note", "Shorten the note to 500 characters"),
    ],
)
def test_a_row_that_is_wrong(town, lead, row, place, sentence):
    make_agency(town.area, "nhs")
    page = send(lead, csv_of(row, "police,charges,,2026-10,1,,"))
    assert page.status_code == 200
    assert place in text_of(page)
    assert sentence in text_of(page)
    assert 'name="then"' not in page.content.decode()
    assert nothing_saved(town)


def test_parts_above_their_whole(town, lead):
    page = send(lead, csv_of("police,knives,,2026-10,5,,", "police,seizures,,2026-10,3,,"))
    assert "Line 3, value" in text_of(page)
    assert "Seizures: 3 can’t be less than “Knives”, 5" in text_of(page)
    assert 'name="then"' not in page.content.decode()


def test_parts_above_a_whole_that_the_form_holds(town, lead):
    save_draft(town.police, open_month(town, OCTOBER), entries({"seizures": 3}), revision=0, by=town.lead)
    page = send(lead, csv_of("police,arrests,,2026-10,5,,", "police,knives,,2026-10,5,,"))
    assert "Seizures: 3 can’t be less than “Knives”, 5" in text_of(page)
    assert 'name="then"' not in page.content.decode()


def test_a_template_of_another_month(lead, town):
    open_month(town, SEPTEMBER)
    other = lead.get(url("return-template", "xlsx", month=SEPTEMBER)).content
    page = send(lead, other, "return.xlsx")
    assert "This return is for October 2026, but the row says 2026-09." in text_of(page)
    assert 'name="then"' not in page.content.decode()


def test_a_template_of_another_area_with_the_same_codes(town, lead):
    content = take(lead, "csv").replace(b",testford,", b",elsewhere,")
    page = send(lead, fill_in(content, arrests=("12", "", "")))
    assert "This row is for another area, elsewhere." in text_of(page)
    assert 'name="then"' not in page.content.decode()


REPEATED = b'table:number-rows-repeated="1048576"'
BOMB = packed(parts_of(workbook([HEADER])) | {"xl/media/zero.bin": b"\0" * 20_000_000})
MACROS = changed(
    workbook([HEADER]), "[Content_Types].xml", b"spreadsheetml.sheet.main", b"spreadsheetml.sheet.macroEnabled.main"
)


FAR = changed(
    spreadsheet([["", "", "", "", 12]]), "content.xml", b"<table:table-row><", b"<table:table-row %s><" % REPEATED
)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "return.xlsx", "The file is empty."),
        (b"%PDF-1.7", "return.xlsx", "This file is a PDF, whatever its name says."),
        (b"%PDF-1.7", "return.csv", "This file is a PDF, whatever its name says."),
        (b"\xd0\xcf\x11\xe0", "return.xls", "an old Excel file (.xls)"),
        (BOMB, "return.xlsx", "Unpacked, this workbook is larger than 16 MB."),
        (BOMB[:300], "return.xlsx", "This workbook is damaged or cut short."),
        (MACROS, "return.xlsm", "This workbook has macros"),
        (FAR, "return.ods", "The sheet “Sheet1” has something in E1048576"),
        (b"\x01\x02\x00", "return.csv", "This isn’t text"),
        (b"some,words\n1,2", "return.csv", f"{ANOTHER_FILE} There is no header in the first 12 rows"),
        (b"Our own notes", "notes.txt", ANOTHER_FILE),
        (b"agency,indicator,month\n", "return.csv", "The header is missing category, value, state and note."),
        (b"x" * (2 * 1024 * 1024 + 1), "return.csv", "The file is larger than 2 MB."),
        (b"x" * 9_000_000, "return.csv", "The file is larger than 2 MB."),
    ],
)
def test_a_file_that_cannot_be_read(town, lead, content, name, sentence):
    page = send(lead, content, name)
    assert page.status_code == 200
    assert sentence in text_of(page)
    assert "The file you filled in" in text_of(page)
    assert "<title>Error: " in page.content.decode()
    assert nothing_saved(town)


def test_no_file_at_all(lead):
    assert "Choose the file you filled in." in text_of(lead.post(url("return-file")))
    as_text = lead.post(url("return-file"), {"file": "agency,indicator"})
    assert "Choose the file you filled in." in text_of(as_text)


WHOLE = {"arrests": 1, "charges": 1, "lines.london": 1, "lines.leeds": 1, "seizures": 3, "knives": 1}

# --- When the return takes no more ----------------------------------------------------------------


def test_a_return_that_was_accepted_meanwhile(town, lead):
    template = take(lead, "csv")
    accept(town, OCTOBER, WHOLE)
    page = send(lead, fill_in(template, arrests=("12", "", "")))
    assert page.status_code == 409
    assert "no longer accepts figures, so nothing was saved from the file" in text_of(page)
    assert "See the October 2026 figures from Police" in text_of(page)
    assert Observation.objects.get(indicator__code="arrests").value == 1


def test_a_return_that_was_handed_in_leads_to_itself(town, lead):
    submit(town, OCTOBER, WHOLE)
    for name in (url("return-file"), url("return-template", "xlsx")):
        answer = lead.get(name)
        assert (answer.status_code, answer.headers["Location"]) == (302, url("return-edit"))


def test_nobody_else_may(town):
    client = signed_in(town.coordinator)
    assert client.get(url("return-file")).status_code == 403
    assert client.get(url("return-template", "csv")).status_code == 403


def test_a_session_that_ended_before_the_button_was_pressed_loses_nothing(town, lead):
    page = send(lead, fill_in(take(lead, "csv"), arrests=("12", "", "")))
    lead.logout()
    assert confirm(lead, page).status_code == 302
    lead.force_login(town.lead)
    assert 'value="12"' in lead.get(url("return-edit")).content.decode()


# --- Memory and time ------------------------------------------------------------------------------


def test_the_same_limit_holds_for_a_file_that_is_sent_and_for_one_that_is_read():
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE == figures.LARGEST_FILE


def test_nothing_is_written_to_a_disk(lead, monkeypatch):
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a file was written")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert "larger than 2 MB" in text_of(send(lead, b"x" * 5_000_000))


def test_the_files_of_one_request_share_the_room(lead):
    half = 1_500_000
    page = lead.post(
        url("return-file"),
        {"another": SimpleUploadedFile("a.csv", b"x" * half), "file": SimpleUploadedFile("b.csv", b"x" * half)},
    )
    assert "larger than 2 MB" in text_of(page)


def test_a_preview_of_thirty_rows_takes_half_a_second_at_most(town, lead):
    for number in range(24):
        make_indicator(town.police, f"more-{number}")
    rows = [("police", row.indicator, row.category, "2026-10", 7) for row in rows_of(take(lead, "csv"))]
    assert len(rows) == 30
    content = workbook([HEADER, *rows])
    began = time.process_time()
    page = send(lead, content, "return.xlsx")
    took = time.process_time() - began
    assert "30 of 30 figures" in text_of(page)
    assert took < 0.5


def rows_of(content: bytes) -> list[FigureRow]:
    return read_figure_file(content, name_of_file="x.csv").rows


def file_of(kind: str, rows: Sequence[Sequence[str]]) -> bytes:
    if kind == "csv":
        return "\n".join(map(",".join, rows)).encode()
    return {"xlsx": workbook, "ods": spreadsheet}[kind](rows)


PACE = 0.1  # seconds of CPU


def time_of(do: Callable[[], object]) -> float:
    """Return the seconds of CPU that something takes."""
    began = time.process_time()
    do()
    return time.process_time() - began


@pytest.mark.parametrize("kind", vary_at_release(["csv", "xlsx", "ods"]))
def test_a_file_of_very_many_rows_is_refused_soon(lead: Client, kind: str):
    rows = [["1"] * len(HEADER)] * 19_900
    # A busy machine needs more time for everything, so the limit is longer where a fixed piece of work takes longer.
    slower = max(1, time_of(lambda: json.loads(json.dumps([[str(each)] * 20 for each in range(40_000)]))) / PACE)
    content = file_of(kind, [HEADER, *rows])
    gc.collect()
    gc.freeze()  # or Python looks again and again through what other tests left
    pages = []
    took = time_of(lambda: pages.append(send(lead, content, f"return.{kind}").content.decode()))
    assert "at least 300 faults" in unescape(pages[0])
    assert took < 5 * slower


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_of_more_rows_than_a_return_needs_is_refused(lead: Client, kind: str):
    months = [str(Month(1900, 1) + number) for number in range(600)]
    rows = [["police", "arrests", "", month, "1", "", ""] for month in months]
    content = file_of(kind, [HEADER, *rows])
    page = unescape(send(lead, content, f"return.{kind}").content.decode())
    assert "The file has more than 500 rows of figures. Remove the rows that aren’t for this return." in page
    page = unescape(send(lead, "\n".join(map(",".join, [HEADER, *rows[:400]])).encode()).content.decode())
    assert "And 350 more." in page
