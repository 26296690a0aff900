"""All returns of one person as one workbook: taken, filled in, sent, looked at by area, and saved by one button."""

import csv
import io
from collections.abc import Mapping

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from boards.models import Membership
from indicators.imports.figures import read_figure_file
from indicators.models import Submission
from tests.answers import Answer
from tests.factories import make_dimension, make_indicator
from tests.factories.workbooks import workbook
from tests.integration.clock import clock_at
from tests.pages.test_returns_together import EDIT, fields_of, lead_too_in, summary, text_of
from tests.scenarios import Town, make_town, open_month, submit
from tests.together import OCTOBER, drafts, make_towns, state
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
FILE = reverse("together:file", args=[OCTOBER])


clock = clock_at("2026-11-05", autouse=True)


@pytest.fixture
def towns() -> list[Town]:
    """Derby, which counts lines by origin too, and Leeds are theirs; York is not."""
    towns = [*make_towns("derby", "leeds"), make_town("york")]
    dimension = make_dimension(towns[0].area, "origin", ["london", "hull"])
    make_indicator(towns[0].police, "lines", dimension=dimension, position=2)
    return towns


@pytest.fixture
def client(towns: list[Town]) -> Client:
    return signed_in(towns[0].lead)


def take(client: Client, kind: str = "csv") -> bytes:
    answer = client.get(reverse("together:template", args=[OCTOBER, kind]))
    assert answer.status_code == 200
    return answer.content


def rows_of(content: bytes) -> list[dict[str, str]]:
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return [dict(zip(lines[1], line, strict=True)) for line in lines[2:]]


def written(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO("OFFICIAL-SENSITIVE\r\n")
    text.seek(0, io.SEEK_END)
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def fill_in(content: bytes, figures: Mapping[tuple[str, str, str], str]) -> bytes:
    """Figures by area, indicator and category."""
    rows = rows_of(content)
    for row in rows:
        row["value"] = figures.get((row["area"], row["indicator"], row["category"]), row["value"])
    return written(rows)


def send(client: Client, content: bytes, name: str = "returns.csv") -> Answer:
    return client.post(FILE, {"file": SimpleUploadedFile(name, content)})


def save(client: Client, preview: Answer) -> Answer:
    return client.post(EDIT, {**fields_of(preview), "then": "save"}, follow=True)


FIGURES = {("derby", "arrests", ""): "3", ("derby", "lines", "hull"): "5", ("leeds", "charges", ""): "0"}


# --- Taken -------------------------------------------------------------------------------------------


def test_it_has_a_row_for_each_area_question_and_category(client):
    rows = rows_of(take(client))
    assert [(row["area"], row["place"], row["agency"], row["indicator"], row["category"]) for row in rows] == [
        ("derby", "Derby", "police", "arrests", ""),
        ("derby", "Derby", "police", "charges", ""),
        ("derby", "Derby", "police", "lines", "london"),
        ("derby", "Derby", "police", "lines", "hull"),
        ("leeds", "Leeds", "police", "arrests", ""),
        ("leeds", "Leeds", "police", "charges", ""),
    ]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_workbook_is_read_back_as_it_was_written(client, kind):
    csv_file = read_figure_file(take(client), name_of_file="returns.csv")
    sheet = read_figure_file(take(client, kind), name_of_file=f"returns.{kind}")
    assert not sheet.faults
    told = [[(row.area, row.agency, row.name, row.month) for row in file.rows] for file in (csv_file, sheet)]
    assert told[0] == told[1]
    assert len(told[0]) == 6


def test_what_was_submitted_is_not_in_it(client, towns):
    submit(towns[1], OCTOBER, {"arrests": 1, "charges": 1})
    assert {row["area"] for row in rows_of(take(client))} == {"derby"}


def test_it_is_marked_and_named(client):
    answer = client.get(reverse("together:template", args=[OCTOBER, "xlsx"]))
    assert "OFFICIAL-SENSITIVE 2026-10 returns.xlsx" in answer.headers["Content-Disposition"]


# --- Sent --------------------------------------------------------------------------------------------


def test_the_round_trip_saves_every_area_by_one_button(client, towns):
    preview = send(client, fill_in(take(client), FIGURES))
    said = text_of(preview)
    assert "3 of 6 figures for October 2026 from 2 returns change. Nothing has been saved yet." in said
    assert "Derby Derby: changes from your file Figure Form now File Arrests line 3 Nothing yet 3" in said
    assert not Submission.objects.exists()
    for _ in range(2):  # a double press
        assert "Draft saved: Derby; Leeds." in text_of(save(client, preview))
    assert drafts(towns[0]) == {"arrests": "3", "lines.hull": "5"}
    assert drafts(towns[1]) == {"charges": "0"}


def test_a_fault_in_one_area_does_not_hold_up_the_other(client, towns):
    preview = send(client, fill_in(take(client), FIGURES | {("leeds", "arrests", ""): "many"}))
    assert [words.partition(":")[0] for words in summary(preview)] == ["Leeds, Line 7, value"]
    assert "You can save the rest now, without Leeds." in text_of(preview)
    assert "Draft saved: Derby." in text_of(save(client, preview))
    assert drafts(towns[1]) == {}


@pytest.mark.parametrize("slug", ["york", "no-such-town"])
def test_a_row_of_an_area_that_is_not_theirs_is_answered_as_of_none(client, towns, slug):
    open_month(towns[2], OCTOBER)
    rows = rows_of(fill_in(take(client), FIGURES))
    preview = send(client, written([*rows, rows[0] | {"area": slug}]))
    assert summary(preview) == [
        f"Line 9, area: You don’t enter a return for “police” in “{slug}”, so this row is left out."
    ]
    assert f"{slug}/" not in preview.content.decode()
    save(client, preview)
    assert drafts(towns[0]) == {"arrests": "3", "lines.hull": "5"}
    assert Submission.objects.filter(period__area=towns[2].area).count() == 0


def test_a_workbook_that_was_taken_before_the_membership_went_is_no_way_in(client, towns):
    content = fill_in(take(client), FIGURES)
    lead_too_in(towns[0].lead, "hull")
    preview_before = send(client, content)
    Membership.objects.filter(area=towns[1].area, user=towns[0].lead).delete()

    preview = send(client, content)

    assert "You don’t enter a return for “police” in “leeds”" in summary(preview)[0]
    said = text_of(save(client, preview_before))
    assert "Nothing was saved for “leeds/police”" in said
    assert drafts(towns[1]) == {}
    assert drafts(towns[0]) == {"arrests": "3", "lines.hull": "5"}


def test_rows_without_an_area_that_two_areas_might_mean_are_asked_about(client):
    rows = [{name: cell for name, cell in row.items() if name != "area"} for row in rows_of(take(client))[:2]]
    rows[0]["value"] = "3"
    preview = send(client, written(rows))
    assert "Enter this row’s area in the area column." in summary(preview)[0]
    assert "there is nothing to save" in text_of(preview)


def test_the_same_figure_twice_is_told(client):
    rows = rows_of(fill_in(take(client), FIGURES))
    assert "is already in line 3." in summary(send(client, written([*rows, rows[0]])))[0]


def test_the_template_of_one_return_is_taken_too(client, towns):
    one = client.get(reverse("indicators:return-template", args=["leeds", OCTOBER, "police", "csv"])).content
    preview = send(client, fill_in(one, FIGURES))
    assert "Leeds Leeds: changes from your file Figure Form now File Charges line 4 Nothing yet 0" in text_of(preview)


def test_one_workbook_of_all_is_refused_row_by_row_where_one_return_is_asked_for(client):
    url = reverse("indicators:return-file", args=["leeds", OCTOBER, "police"])
    content = fill_in(take(client), FIGURES)
    answer = client.post(url, {"file": SimpleUploadedFile("returns.csv", content)})
    assert "This row is for another area, derby." in text_of(answer)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "returns.csv", "The file is empty."),
        (b"%PDF-1.7", "returns.xlsx", "This file is a PDF, whatever its name says."),
        (b"a,b,c\n1,2,3\n", "returns.csv", "no header in the first 12 rows"),
        (
            workbook([["Agency code", "Indicator code", "Month"], ["police", "arrests", "2026-10"]]),
            "x.xlsx",
            "is missing",
        ),
    ],
)
def test_a_wrong_file_gets_a_sentence(client, content, name, sentence):
    answer = send(client, content, name)
    assert any(sentence in words for words in [*summary(answer), text_of(answer)])
    assert not Submission.objects.exists()


def test_a_file_of_another_month_changes_nothing(client, towns):
    rows = [row | {"month": "2026-09", "value": "3"} for row in rows_of(take(client))]
    answer = send(client, written(rows))
    assert "This return is for October 2026, but the row says 2026-09." in summary(answer)[0]
    assert "can be saved until the file is right" in text_of(answer)


def test_rows_of_a_return_that_was_submitted_meanwhile_are_left_out(client, towns):
    content = fill_in(take(client), FIGURES)
    submit(towns[1], OCTOBER, {"arrests": 1, "charges": 1})
    preview = send(client, content)
    assert "The return for Leeds no longer accepts figures, so its rows are left out." in text_of(preview)
    save(client, preview)
    assert (state(towns[0]), state(towns[1])) == ("draft", "submitted")


def test_a_file_that_is_wrong_all_over_saves_nothing(client, towns):
    rows = rows_of(fill_in(take(client), FIGURES))
    preview = send(client, written([*rows, *[rows[4] | {"value": f"x{each}"} for each in range(320)]]))
    assert "we stopped reading at line" in " ".join(summary(preview))
    assert 'name="derby/police/revision"' not in preview.content.decode()
