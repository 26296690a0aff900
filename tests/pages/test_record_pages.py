"""A file of records by page: its columns are chosen once, it is counted, and no row of it is kept anywhere."""

import html
import logging
import re
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers import serialize
from django.test import Client
from django.urls import reverse

from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.models import AuditEvent, Session
from indicators.imports import records
from indicators.models import ColumnMapping, FigureImport, Observation
from tests.factories import make_agency, make_dimension, make_indicator, make_member
from tests.integration.test_figure_imports import confirm
from tests.scenarios import Town, make_town, open_month, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
RETURN, PAST = "/testford/returns/2026-10/police/records/", "/testford/history/records/police/"
SECRET = "Jo Bloggs"  # stands in each record, and may stand nowhere else
HEADINGS = "Name,Date,Town,Offence,Origin"
OCTOBERS = (
    "03/10/2026,Testford,Arrest,",
    "04/10/2026,Testford,Arrest,",
    "05/10/2026,Elsewhere,Arrest,",
    "06/10/2026,Testford,Line,London",
    "30/09/2026,Testford,Line,Leeds",
)


@pytest.fixture
def town() -> Town:
    town = make_town()
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london", "leeds"]), position=2)
    return town


@pytest.fixture
def lead(town: Town) -> Client:
    open_month(town, OCTOBER)
    return sign_in(town, Role.AGENCY_LEAD)


@pytest.fixture
def coordinator(town: Town) -> Client:
    return sign_in(town, Role.COORDINATOR)


def sign_in(town: Town, role: Role) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(town.people[role])
    return client


def records_file(*rows: str, headings: str = HEADINGS) -> SimpleUploadedFile:
    named = [f"{SECRET},{row}" for row in rows or OCTOBERS]
    return SimpleUploadedFile("records.csv", "\n".join([headings, *named]).encode())


def say(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())


def held(answer: Any, name: str) -> str:
    return html.unescape(re.findall(f'name="{name}"[^>]* value="([^"]*)"', answer.content.decode())[0])


def look(client: Client, path: str, file: SimpleUploadedFile, mapping: str = "new", **more: str) -> Any:
    return client.post(path, {"file": file, "mapping": mapping, "act": "look", **more})


def choose(client: Client, path: str, shown: Any, file: SimpleUploadedFile | None, **more: str) -> Any:
    typed = {"headings": held(shown, "headings"), "name": "Crimes", "month": "Date", "act": "columns", **more}
    return client.post(path, typed | ({"file": file} if file else {}))


def decide(client: Client, path: str, shown: Any, **kinds: str) -> Any:
    typed = {name.replace("_", "-"): value for name, value in kinds.items()}
    return client.post(path, typed | {"content": held(shown, "content"), "act": "kinds"})


def map_offences(client: Client, path: str) -> Any:
    """The first time: the columns, then what each offence counts as."""
    columns = look(client, path, records_file())
    kinds = choose(client, path, columns, records_file(), kind="Offence", only="Town", only_values="testford")
    return decide(client, path, kinds, kind_0="arrests")


def search_everything(text: str) -> list[str]:
    """The models in whose rows a text stands."""
    return [
        model.__name__
        for model in apps.get_models()
        if model is not Session and text in serialize("json", model._default_manager.all())
    ]


# --- A return -----------------------------------------------------------------------------------------


def test_the_first_time_its_columns_are_chosen_and_then_it_is_counted(town: Town, lead: Client):
    columns = look(lead, RETURN, records_file())
    assert "What the columns mean" in say(columns)
    assert '<option value="Date" selected>' in columns.content.decode()
    kinds = choose(lead, RETURN, columns, records_file(), kind="Offence", only="Town", only_values="testford")
    assert "The column “Offence” has 2 different values" in say(kinds)
    assert "Arrest 2 rows" in say(kinds)
    shown = decide(lead, RETURN, kinds, kind_0="arrests")
    said = say(shown)
    assert "5 rows are in the file: 2 counted for October 2026." in said
    assert "Not counted, because of the kind under “Offence”: Line (2)." in said
    assert "1 row is left out, because “Town” doesn’t say “testford”." in said
    assert "1 of 4 figures for October 2026 from Police changes. Nothing has been saved yet." in said
    assert held(shown, "arrests:value") == "2"
    assert held(shown, "charges:value") == ""


def test_next_month_it_is_counted_in_the_same_way(town: Town, lead: Client):
    map_offences(lead, RETURN)
    mapping = ColumnMapping.objects.get()
    assert mapping.kinds == {"Arrest": "arrests"}
    assert len(mapping.ignored) == 1  # the other, without its words
    assert "As “Crimes”" in say(lead.get(RETURN))
    shown = look(lead, RETURN, records_file(*OCTOBERS, OCTOBERS[0]), str(mapping.pk))
    assert held(shown, "arrests:value") == "3"


def test_the_counts_are_saved_as_a_draft_by_the_returns_own_button(town: Town, lead: Client):
    shown = map_offences(lead, RETURN)
    names = ("arrests", "charges", "lines.london", "lines.leeds")
    typed = {f"{name}:{part}": held(shown, f"{name}:{part}") for name in names for part in ("value", "reason", "note")}
    edit = reverse("indicators:return-edit", args=["testford", OCTOBER, "police"])
    lead.post(edit, typed | {"revision": held(shown, "revision"), "opened": held(shown, "opened"), "then": "save"})
    assert town.police.submissions.get().entries["arrests"].value == "2"


def test_a_kind_that_is_new_is_asked_about(town: Town, lead: Client):
    map_offences(lead, RETURN)
    mapping = ColumnMapping.objects.get()
    asked = look(lead, RETURN, records_file(*OCTOBERS, "07/10/2026,Testford,Charge,"), str(mapping.pk))
    assert "New in this file under “Offence”: Charge ." in say(asked)
    shown = decide(lead, RETURN, asked, kind_0="arrests", kind_1="charges")
    assert held(shown, "charges:value") == "1"
    mapping.refresh_from_db()
    assert mapping.kinds == {"Arrest": "arrests", "Charge": "charges"}
    assert len(mapping.ignored) == 1


def test_a_category_without_a_record_gets_0(town: Town, lead: Client):
    columns = look(lead, RETURN, records_file())
    kinds = choose(lead, RETURN, columns, records_file(), kind="Origin", only="Offence", only_values="Line")
    assert '<option value="lines.leeds" selected>' in kinds.content.decode()  # called as a category is
    shown = decide(lead, RETURN, kinds, kind_0="lines.leeds", kind_1="lines.london")
    assert (held(shown, "lines.london:value"), held(shown, "lines.leeds:value")) == ("1", "0")
    assert "1 row is for other months: September 2026." in say(shown)


def test_without_a_column_of_kinds_every_row_counts_as_the_same(town: Town, lead: Client):
    kinds = choose(lead, RETURN, look(lead, RETURN, records_file()), records_file())
    assert "Each row counts as 5 rows" in say(kinds)
    assert "Choose what at least one kind counts as: otherwise nothing would be counted" in say(
        decide(lead, RETURN, kinds, kind_0="")
    )
    assert held(decide(lead, RETURN, kinds, kind_0="charges"), "charges:value") == "4"


def test_a_file_without_the_month_changes_nothing(town: Town, lead: Client):
    map_offences(lead, RETURN)
    mapping = str(ColumnMapping.objects.get().pk)
    answer = look(lead, RETURN, records_file("01/08/2026,Testford,Arrest,"), mapping)
    assert answer.status_code == 302
    assert "The file has no row to count for October 2026: its rows are for August 2026." in say(lead.get(RETURN))


def test_columns_that_are_gone_are_chosen_again(town: Town, lead: Client):
    map_offences(lead, RETURN)
    mapping = str(ColumnMapping.objects.get().pk)
    renamed = HEADINGS.replace("Date", "Occurred")
    shown = look(lead, RETURN, records_file(headings=renamed), mapping)
    assert "The file has no column “Date”. It has: Name; Occurred; Town; Offence; Origin." in say(shown)
    assert "This changes “Crimes” for everyone who uses it." in say(shown)
    chosen = choose(
        lead,
        RETURN,
        shown,
        records_file(headings=renamed),
        was=held(shown, "was"),
        month="Occurred",
        kind="Offence",
        only="Town",
        only_values="testford",
    )
    decide(lead, RETURN, chosen, kind_0="arrests", kind_1="")
    assert ColumnMapping.objects.get().month_column == "Occurred"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"month": ""}, "Choose the column of the date"),
        ({"month": "Day"}, "Choose the column of the date from the list"),
        ({"name": ""}, "Enter the name"),
        ({"only": "Town"}, "Enter the values of “Town” in the rows that count"),
        ({"only_values": "Testford"}, "Choose the column that has these values"),
        ({"only": "Town", "only_values": "jo@mail.example"}, "looks like an email address"),
        ({"kind": "Town", "summed": "Offence"}, "Row 2: the entry under “Offence” isn’t a whole number."),
    ],
)
def test_what_is_wrong_with_the_columns_is_said(town: Town, lead: Client, typed: dict[str, str], sentence: str):
    shown = look(lead, RETURN, records_file())
    wrong = choose(lead, RETURN, shown, records_file(), **typed)
    assert sentence in say(wrong)
    assert held(wrong, "headings")  # so it can be sent again
    assert not ColumnMapping.objects.exists()


def test_without_a_file_nothing_typed_is_lost(town: Town, lead: Client):
    assert "Choose the file" in say(lead.post(RETURN, {"mapping": "new", "act": "look"}))
    shown = look(lead, RETURN, records_file())
    again = choose(lead, RETURN, shown, None, name="Crimes of ours", kind="Offence")
    assert "Choose the file" in say(again)
    assert held(again, "name") == "Crimes of ours"
    assert '<option value="Offence" selected>' in again.content.decode()


def test_a_name_is_given_once(town: Town, lead: Client):
    map_offences(lead, RETURN)
    again = choose(lead, RETURN, look(lead, RETURN, records_file()), records_file())
    assert "There is already a way of counting called “Crimes”. Choose it, or enter another name" in say(again)


def test_a_return_that_was_handed_in_takes_no_file(town: Town, lead: Client):
    submit(town, OCTOBER, {"arrests": 1, "charges": 1, "lines.london": 0, "lines.leeds": 0})
    for answer in (lead.get(RETURN), look(lead, RETURN, records_file())):
        assert answer["Location"] == reverse("indicators:return-edit", args=["testford", OCTOBER, "police"])


# --- Past months --------------------------------------------------------------------------------------


def test_records_of_past_months_make_a_figure_for_each(town: Town, coordinator: Client):
    assert "Files of records" in say(coordinator.get("/testford/history/"))
    rows = ("03/01/2024,Testford,Arrest,", "04/03/2024,Testford,Arrest,", "05/03/2024,Testford,Arrest,")
    columns = look(coordinator, PAST, records_file(*rows))
    kinds = choose(coordinator, PAST, columns, records_file(*rows), kind="Offence")
    shown = decide(coordinator, PAST, kinds, kind_0="arrests")
    assert "3 rows are in the file: 3 counted for January 2024 to March 2024." in say(shown)
    assert "3 figures are new" in say(shown)
    assert not Observation.objects.exists()
    typed = {name: held(shown, name) for name in ("content", "seen")}
    coordinator.post("/testford/history/", typed | {"act": "take"})
    confirm(FigureImport.objects.get(), by=town.people[Role.INFORMATION])
    figures = Observation.objects.order_by("period__starts_on")
    assert [figure.value for figure in figures] == [1, 0, 2]
    assert {figure.imported_from for figure in figures} == {"records.csv"}


def test_somebody_says_which_months_the_file_covers(town: Town, coordinator: Client):
    rows = ("03/02/2024,Testford,Arrest,",)
    columns = look(coordinator, PAST, records_file(*rows))
    span = {"first": "January 2024", "last": "2024-03"}
    kinds = choose(coordinator, PAST, columns, records_file(*rows), kind="Offence", **span)
    assert "3 figures are new" in say(decide(coordinator, PAST, kinds, kind_0="arrests"))


@pytest.mark.parametrize(
    ("row", "span", "sentence"),
    [
        ("03/02/2024", {"first": "March 2024", "last": "January 2024"}, "January 2024 comes before March 2024"),
        ("03/02/2024", {"first": "soon"}, "“soon” is not a month: write it as 2026-10."),
        ("03/02/1024", {}, "The file would cover February 1024 to March 2024. It can cover at most 20 years."),
    ],
)
def test_a_span_that_cant_be(town: Town, coordinator: Client, row: str, span: dict[str, str], sentence: str):
    rows = (f"{row},Testford,Arrest,", "04/03/2024,Testford,Arrest,")
    columns = look(coordinator, PAST, records_file(*rows))
    answer = choose(coordinator, PAST, columns, records_file(*rows), kind="Offence", **span)
    if 'name="content"' in answer.content.decode():
        decide(coordinator, PAST, answer, kind_0="arrests")
        answer = coordinator.get(PAST)
    assert sentence in say(answer)
    assert not Observation.objects.exists()


def test_of_past_months_faults_are_named_by_figure(town: Town, coordinator: Client):
    make_indicator(town.police, "bail", part_of=town.police.indicators.get(code="charges"), position=5)
    rows = ("03/01/2024,Testford,Bail,", "03/01/2024,Testford,Bail,", "03/01/2024,Testford,Charge,")
    columns = look(coordinator, PAST, records_file(*rows))
    kinds = choose(coordinator, PAST, columns, records_file(*rows), kind="Offence")
    shown = decide(coordinator, PAST, kinds, kind_0="bail", kind_1="charges")
    fault = "charges, 2024-01 and bail, 2024-01: January 2024: “Bail” is 2, and can’t be more than “Charges”, 1."
    assert fault in say(shown)


# --- No row is kept -----------------------------------------------------------------------------------


def test_no_word_of_a_record_is_kept(town: Town, lead: Client, coordinator: Client, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for client, path in ((lead, RETURN), (coordinator, PAST)):
        ColumnMapping.objects.all().delete()
        assert SECRET not in map_offences(client, path).content.decode()
    assert search_everything(SECRET) == []
    assert not any(SECRET in str(session.get_decoded()) for session in Session.objects.all())
    assert not list(tmp_path.iterdir())
    assert search_everything("Testford") != []  # so it is searched


def test_the_words_of_what_isnt_counted_are_not_kept(town: Town, lead: Client):
    """Somebody may choose a column of names, and see so on the next page."""
    headings, rows = HEADINGS.replace("Name", "Lead officer"), [*OCTOBERS, OCTOBERS[0]]
    columns = look(lead, RETURN, records_file(*rows, headings=headings))
    kinds = choose(lead, RETURN, columns, records_file(*rows, headings=headings), kind="Lead officer")
    assert f"{SECRET} 6 rows" in say(kinds)
    decide(lead, RETURN, kinds, kind_0="")
    assert not ColumnMapping.objects.exists()
    wanted = choose(lead, RETURN, columns, records_file(*rows, headings=headings), kind="Offence")
    decide(lead, RETURN, wanted, kind_0="arrests")
    assert search_everything("Line") == ["Indicator"]  # of which one is called so


@pytest.mark.parametrize("heading", ["Name", "Victim name", "DOB", "Crime No", "Nominal", "Home address", "Child ID"])
def test_a_column_of_people_is_none_of_kinds(town: Town, lead: Client, heading: str):
    headings = HEADINGS.replace("Name", heading)
    columns = look(lead, RETURN, records_file(headings=headings))
    wrong = choose(lead, RETURN, columns, records_file(headings=headings), kind=heading)
    assert f"“{heading}” identifies a record, and does not say what kind it is." in say(wrong)


def test_a_fault_of_ours_keeps_no_word_of_a_record(town: Town, lead: Client, monkeypatch, caplog):
    map_offences(lead, RETURN)

    def fail(cell: object) -> str:
        raise ValueError(f"broken by {cell!r} of {SECRET}")

    monkeypatch.setattr(records, "as_text", fail)
    with caplog.at_level(logging.DEBUG):
        answer = look(lead, RETURN, records_file(), str(ColumnMapping.objects.get().pk))
    assert answer.status_code == 500
    assert SECRET not in answer.content.decode()
    logged = " ".join(
        f"{record.getMessage()} {logging.Formatter().formatException(record.exc_info) if record.exc_info else ''}"
        for record in caplog.records
    )
    assert "RecordsFailed: ValueError in test_record_pages.py" in logged
    assert SECRET not in logged
    assert search_everything(SECRET) == []


def test_a_session_that_ended_keeps_no_word_of_a_record(town: Town, lead: Client):
    shown = look(lead, RETURN, records_file())
    typed_by = held(shown, "typed_by")
    lead.logout()
    answer = choose(lead, RETURN, shown, records_file(), typed_by=typed_by, kind="Offence")
    assert answer.status_code == 302
    assert not any(SECRET in str(session.get_decoded()) for session in Session.objects.all())


def test_a_file_that_came_after_the_session_ended_is_said_to_be_lost(town: Town, lead: Client):
    lead.logout()
    answer = lead.post(RETURN, {"file": records_file(), "mapping": "new", "act": "look"}, follow=True)
    assert "You were signed out, so nothing was saved. Sign in and send it again." in say(answer)


# --- Who may ------------------------------------------------------------------------------------------


def test_another_agency_has_ways_of_its_own(town: Town, lead: Client):
    map_offences(lead, RETURN)
    nhs = make_agency(town.area, "nhs")
    make_indicator(nhs, "wounds")
    other = signed_in(make_member(town.area, Role.AGENCY_LEAD, agency=nhs))
    assert other.get(RETURN).status_code == 403
    page = "/testford/returns/2026-10/nhs/records/"
    assert "Crimes" not in say(other.get(page))
    mapping = ColumnMapping.objects.get()
    assert "Choose the" in say(look(other, page, records_file(), str(mapping.pk)))
    remove = reverse("indicators:mapping-remove", args=["testford", mapping.pk])
    assert other.post(remove).status_code == 403
    assert ColumnMapping.objects.exists()


def test_what_a_page_carries_is_of_one_agency_and_signed(town: Town, lead: Client):
    kinds = choose(lead, RETURN, look(lead, RETURN, records_file()), records_file(), kind="Offence")
    nhs = make_agency(town.area, "nhs")
    make_indicator(nhs, "wounds")
    Membership.objects.create(user=town.lead, area=town.area, role=Role.AGENCY_LEAD, agency=nhs)
    page = "/testford/returns/2026-10/nhs/records/"
    assert decide(lead, page, kinds, kind_0="wounds").status_code == 302
    answer = lead.post(RETURN, {"content": held(kinds, "content") + "x", "act": "kinds"})
    assert answer.status_code == 302
    assert "The page was open too long, so nothing was counted." in say(lead.get(RETURN))
    assert not ColumnMapping.objects.exists()


def test_a_way_of_counting_is_removed_after_a_page_in_between(town: Town, lead: Client):
    map_offences(lead, RETURN)
    page = reverse("indicators:mapping-remove", args=["testford", ColumnMapping.objects.get().pk])
    assert "No figures change." in say(lead.get(page))
    assert ColumnMapping.objects.exists()
    assert "“Crimes” has been removed. No figures changed." in say(lead.post(page, follow=True))
    assert not ColumnMapping.objects.exists()
    acts = AuditEvent.objects.filter(verb__startswith="column_mapping").values_list("verb", flat=True)
    assert sorted(acts) == ["column_mapping.added", "column_mapping.removed"]
