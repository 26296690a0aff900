"""The form beyond typing and saving: what is unusual, nil returns, pastes, two leads, a session that
ended, an origin that is new, the approver's release."""

import re
from collections.abc import Mapping
from datetime import date
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards.models import Membership, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.figures import Entry
from indicators.imports.figures import read_figure_file
from indicators.models import Category, FigureChange, Indicator, Observation, Submission
from indicators.selectors.returns import list_boxes
from indicators.selectors.series import get_background, get_pasts
from indicators.services.entries import check_entries
from indicators.services.past_figures import import_figures
from indicators.services.returns import (
    ReturnHasErrors,
    accept_return,
    release_return,
    return_return,
    save_draft,
    submit_return,
)
from indicators.services.setup import save_indicator
from reporting.models import Snapshot
from tests.answers import Answer
from tests.factories import make_agency, make_dimension, make_indicator, make_member
from tests.integration.return_pages import CHECK, EDIT, OCTOBER, RECEIPT, SUBMIT, Page, fields, said, url
from tests.measuring import HEAD, take_in
from tests.scenarios import Town, accept, open_month, publish, submit, sweep
from tests.visiting import signed_in

NIL = url("indicators:return-nil")


@pytest.fixture
def october(town: Town) -> ReportingPeriod:
    return open_month(town, OCTOBER)


@pytest.fixture
def lead(client: Client, town: Town, october: ReportingPeriod) -> Client:
    client.force_login(town.lead)
    return client


def years_of(town: Town, arrests: list[int]) -> None:
    """A run of months before October, with these arrests and two or three charges."""
    charges = [2 + number % 2 for number in range(len(arrests))]
    for code, values in (("arrests", arrests), ("charges", charges)):
        take_in(town, code, *values, last=OCTOBER.previous)


STEADY = [9, 11, 10, 12, 8, 10, 11, 9, 10, 12, 9, 11, 10]


# --- What is unusual --------------------------------------------------------------------------------


def test_a_new_category_is_held_against_the_last_year_of_the_others(lead: Client, town: Town):
    origin = make_dimension(town.area, "origin", ["london", "leeds"])
    make_indicator(town.police, "lines", dimension=origin)
    for ago in range(14, 0, -1):
        figures = {"lines.london": 90 if ago > 12 else ago % 4, "lines.leeds": 1}
        accept(town, OCTOBER + -ago, {"arrests": 10, "charges": 2} | figures)
    Category.objects.create(dimension=origin, code="derby", name="Derby", position=2)
    boxes = list_boxes(town.police, OCTOBER)
    pasts = get_pasts(town.police, OCTOBER, boxes)
    assert sorted(pasts["lines.derby"].beside) == sorted([ago % 4 for ago in range(1, 13)] + [1] * 12)
    assert (max(pasts["lines.leeds"].beside), pasts["arrests"].beside) == (3, ())
    typed = {"arrests": "10", "charges": "2", "lines.london": "1", "lines.leeds": "1", "lines.derby": "40"}
    saved = save_draft(
        town.police, open_month(town, OCTOBER), {k: Entry(v) for k, v in typed.items()}, revision=0, by=town.lead
    )
    with pytest.raises(ReturnHasErrors) as refused:
        submit_return(town.police, open_month(town, OCTOBER), revision=saved.revision, by=town.lead)
    assert refused.value.questions == {
        "lines.derby:note": "Lines, Derby: 40 is far more than any of the others in the last year, when the most was "
        "3. Correct it or, if it is right, say why in the note."
    }


def test_a_row_shows_last_month_the_usual_range_and_a_small_chart(lead: Client, town: Town):
    years_of(town, STEADY)
    html = lead.get(EDIT).content.decode()
    row = html[html.index('data-row="arrests"') : html.index('data-row="charges"')]
    past = get_pasts(town.police, OCTOBER, list_boxes(town.police, OCTOBER))["arrests"]
    # B = 132, E = 13: root = sqrt(132.375 / 13) = 3.19, half = 0.5 × sqrt(14 / 13); (3.19 ∓ 3 half)² − 3/8.
    assert (past.least, past.most) == (3, 22)
    assert ">3 to 22<" in row
    assert re.search(r'data-label="Sep">10<', row)
    assert "Last 13 months: lowest 8, highest 12." in row


def test_an_unusual_figure_asks_for_a_comment_and_then_passes(lead: Client, town: Town):
    years_of(town, STEADY)
    lead.post(EDIT, fields({"arrests": 40, "charges": 2}))
    page = Page(lead.get(CHECK))
    assert page.links == {
        "arrests-note": "Arrests: 40 is more than the usual range of 3 to 22. "
        "Correct it or, if it is right, say why in the note."
    }
    assert page.title.startswith("Error: ")
    # Nor does the button of an older page get past it.
    assert lead.post(SUBMIT, {"revision": "1"})["Location"] == CHECK
    assert not Observation.objects.filter(period__starts_on=OCTOBER.first_day).exists()
    lead.post(EDIT, fields({"arrests": 40, "charges": 2}, revision="1") | {"arrests:note": "Operation Censor"})
    assert "Operation Censor" in Page(lead.get(CHECK)).text
    assert lead.post(SUBMIT, {"revision": "2"})["Location"] == RECEIPT
    # Whoever decides reads the question and its answer, from the return and beside the tick of the grid.
    coordinator = signed_in(town.coordinator)
    question = "Arrests: 40 is more than the usual range of 3 to 22. “Operation Censor”"
    for read in (coordinator.get(EDIT), coordinator.get(reverse("reporting:return-grid", args=["testford", OCTOBER]))):
        assert question in " ".join(Page(read).text.split())
    assert "3 to 22" in Page(coordinator.get(EDIT)).text


def test_a_total_is_asked_about_where_no_part_is_unusual(town: Town, october: ReportingPeriod):
    """Four origins had 3 lines or 4 each. 7 is usual for one of them, and 28 isn't for all."""
    origins = ["derby", "leeds", "london", "wigan"]
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", origins))
    years = [OCTOBER + -ago for ago in range(24, 0, -1)]
    lines = [f"police,lines,{origin},{month},{3 + month.number % 2},," for month in years for origin in origins]
    file = read_figure_file("\n".join([HEAD, *lines]).encode(), name_of_file="lines.csv")
    import_figures(town.area, file.rows, name_of_file="lines.csv", by=None)
    boxes = [box for box in list_boxes(town.police, OCTOBER) if box.category is not None]
    background = get_background(town.police, OCTOBER, boxes)

    def ask(*typed: str, note: str = "") -> dict[str, str]:
        entries = {box.name: Entry(value, note=note) for box, value in zip(boxes, typed, strict=True)}
        return check_entries(boxes, entries, background).questions

    assert ask("4", "4", "4", "4") == {}
    ((name, question),) = ask("7", "7", "7", "7").items()
    assert name == "lines.derby:note"
    assert question.startswith("Lines, Derby: in all, 28 is more than the usual range of 5 to 27. ")
    assert ask("7", "7", "7", "7", note="Operation Censor") == {}
    assert "lines.derby:note" not in ask("3", "40", "3", "3")  # that part is asked about itself


@pytest.mark.parametrize(("months", "asks"), [(5, False), (6, True)])
def test_a_zero_after_months_of_figures_is_asked_about(lead: Client, town: Town, months: int, asks: bool):
    years_of(town, [3] * months)
    lead.post(EDIT, fields({"arrests": 0, "charges": 2}))
    page = Page(lead.get(CHECK))
    assert page.links.get("arrests-note", "").startswith("Arrests: 0 comes after 6 months in a row") == asks


def test_a_new_definition_starts_without_a_usual_range(lead: Client, town: Town):
    years_of(town, STEADY)
    town.police.indicators.get(code="arrests").definitions.create(applies_from=OCTOBER.first_day, text="Anew.")
    past = get_pasts(town.police, OCTOBER, list_boxes(town.police, OCTOBER))["arrests"]
    assert (past.least, past.most, past.under_definition, len(past.values)) == (None, None, 0, 13)


def test_a_box_has_its_definitions_so_far_and_the_words_of_the_last(town: Town):
    before = list_boxes(town.police, OCTOBER)
    definitions = town.police.indicators.get(code="arrests").definitions
    definitions.create(applies_from=date(2026, 11, 1), text="Not yet.")
    definitions.create(applies_from=OCTOBER.first_day, text="Anew.")
    boxes = list_boxes(town.police, OCTOBER)
    assert [box.name for box in boxes] == [box.name for box in before]
    found = {box.name: box for box in boxes}
    assert found["arrests"].definition == "Anew."
    first = {box.name: box for box in before}["arrests"].defined_from
    assert found["arrests"].defined_from == (*first, OCTOBER.first_day)


# --- Nil returns ------------------------------------------------------------------------------------


def test_a_nil_return_is_asked_back_before_it_is_done(lead: Client):
    response = lead.post(EDIT, fields({"arrests": "12"}, then="nil"))
    assert (response.status_code, response["Location"]) == (302, NIL)
    page = Page(lead.get(NIL))
    assert page.title.startswith("Enter 0 in 1 blank row?")
    assert "Charges" in page.text
    assert Submission.objects.get().draft == {"arrests": {"value": "12", "reason": "", "note": ""}}
    response = lead.post(NIL, {"revision": page.value("revision")})
    assert (response.status_code, response["Location"]) == (302, EDIT)
    form = Page(lead.get(EDIT))
    assert (form.value("arrests-value"), form.value("charges-value")) == ("12", "0")


def test_a_nil_return_of_an_older_page_is_refused(lead: Client, town: Town, october: ReportingPeriod):
    lead.post(EDIT, fields({"arrests": "12"}, then="nil"))
    save_draft(town.police, october, {"charges": Entry("9")}, revision=1, by=town.lead)
    response = lead.post(NIL, {"revision": "1"})
    assert said(response)[0].endswith("No 0 was entered.")
    assert set(Submission.objects.get().draft) == {"charges"}


def test_there_is_no_nil_return_without_blanks(lead: Client):
    lead.post(EDIT, fields({"arrests": 1, "charges": 2}, then="nil"))
    response = lead.get(NIL)
    assert (response.status_code, said(response)[-1]) == (302, "No row is blank, so there is nothing to fill with 0.")


# --- Pasting ----------------------------------------------------------------------------------------


def form_of(response: Answer) -> dict[str, str]:
    """What the button of a preview sends."""
    return {
        control["name"]: control.get("value", "") for control in Page(response).controls.values() if "name" in control
    }


def paste(client: Client, text: str, typed: Mapping[str, object] | None = None, **more: str) -> Answer:
    now = Page(client.get(EDIT))
    held = {"revision": now.value("revision"), "opened": now.value("opened")}
    return client.post(EDIT, fields(typed or {}, then="paste", pasted=text, **held, **more))


def draft() -> dict[str, str]:
    return {name: typed["value"] for name, typed in Submission.objects.get().draft.items()}


TABLE = "Offence\tSeptember\tOctober\nBurglary\t4\t31\nCharges\t3\t6\nArrests\t9\t39.4%\n"


def test_a_pasted_table_is_shown_and_then_saved(lead: Client):
    response = paste(lead, TABLE, {"arrests": 5, "charges": 4})
    page = Page(response)
    assert page.title.startswith("Error: Changes from your paste")
    assert page.links == {
        "row-2": "Row 2: “Burglary” isn’t a figure in this return.",
        "row-4": "Row 4: Enter a whole number, such as 12. You entered “39.4%”.",
    }
    assert "1 of 2 figures for October 2024 from Police changes. Nothing has been saved yet." in page.text
    assert "2 rows have errors and won’t be used." in page.text
    assert draft() == {"arrests": "5", "charges": "4"}  # what was typed, and nothing that was pasted
    response = lead.post(EDIT, form_of(response) | {"then": "pasted"})
    assert said(response)[0].startswith("The figures you pasted are in the table, and the draft is saved.")
    assert draft() == {"arrests": "5", "charges": "6"}


def test_a_block_is_changed_and_previewed_again(lead: Client):
    response = paste(lead, TABLE, {"arrests": 5, "charges": 4})
    form = response.content.decode().partition("Change what you pasted")[2]
    assert unescape(form.partition('spellcheck="false">')[2].partition("</textarea>")[0]).strip() == TABLE.strip()
    again = {"revision": "1", "then": "paste", "pasted": "Arrests\t9", "arrests:value": "5", "charges:value": "4"}
    assert all(f'name="{name}" value="{again[name]}"' in form for name in ("arrests:value", "charges:value"))
    response = lead.post(EDIT, again)
    assert "1 of 2 figures for October 2024 from Police changes." in Page(response).text
    assert draft() == {"arrests": "5", "charges": "4"}
    lead.post(EDIT, form_of(response) | {"then": "pasted"})
    assert draft() == {"arrests": "9", "charges": "4"}


def test_a_column_is_shown_first_too(lead: Client):
    response = paste(lead, "12\n", {"charges": 4}, start="charges:value")
    assert "1 of 2 figures" in Page(response).text
    assert draft() == {"charges": "4"}
    lead.post(EDIT, form_of(response) | {"then": "pasted"})
    assert draft() == {"charges": "12"}


def test_a_paste_of_which_nothing_can_be_taken_has_nothing_to_press(lead: Client):
    response = paste(lead, "Arrests\t0.4\nCharges\tmany")
    assert "There is nothing to save. 2 rows have errors and won’t be used" in Page(response).text
    assert b'value="pasted"' not in response.content


def test_a_paste_is_undone_once_and_what_was_typed_since_stays(lead: Client):
    typed = {"arrests": 5, "charges": 4}
    lead.post(EDIT, form_of(paste(lead, "Arrests\t12\nCharges\t6", typed)) | {"then": "pasted"})
    page = Page(lead.get(EDIT))
    assert "Undo the paste" in page.text
    undo = {name: page.value(name) for name in ("revision", "opened")}
    undo = fields({"arrests": 12, "charges": 7}, then="undo", **undo)
    for _ in range(2):  # a double press
        response = lead.post(EDIT, undo)
        assert response.status_code == 302
        assert draft() == {"arrests": "5", "charges": "7"}
    assert said(response)[-1] == "The figures you pasted have been removed, and the draft is saved."
    assert "Undo the paste" not in Page(lead.get(EDIT)).text


def test_a_paste_is_not_undone_over_what_was_saved_since(lead: Client):
    lead.post(EDIT, form_of(paste(lead, "Arrests\t12")) | {"then": "pasted"})
    page = Page(lead.get(EDIT))
    held = {name: page.value(name) for name in ("revision", "opened")}
    lead.post(EDIT, fields({"arrests": 13}, **held | {"then": "save"}))
    assert "Undo the paste" not in Page(lead.get(EDIT)).text
    assert lead.post(EDIT, fields({"arrests": 12}, **held | {"then": "undo"})).status_code == 409
    assert draft() == {"arrests": "13"}


def test_what_stood_there_before_a_paste_goes_when_the_return_is_handed_in(lead: Client):
    lead.post(EDIT, form_of(paste(lead, "Arrests\t12\nCharges\t6")) | {"then": "pasted"})
    assert Submission.objects.get().before_paste
    lead.post(SUBMIT, {"revision": str(Submission.objects.get().revision)})
    submission = Submission.objects.get()
    assert (submission.state, submission.before_paste) == ("submitted", {})


def test_a_paste_is_put_over_nothing_that_somebody_else_saved_meanwhile(lead: Client, town: Town):
    shown = form_of(paste(lead, "Arrests\t12"))
    period = town.area.periods.get(starts_on=OCTOBER.first_day)
    save_draft(town.police, period, {"charges": Entry("9")}, revision=int(shown["revision"]), by=town.lead)
    response = lead.post(EDIT, shown | {"then": "pasted"})
    page = Page(response)
    assert response.status_code == 409
    assert (page.value("arrests-value"), page.value("charges-value")) == ("12", "9")
    assert draft() == {"charges": "9"}


def test_a_paste_of_too_many_rows_keeps_what_was_typed(lead: Client):
    response = lead.post(EDIT, fields({"arrests": "12a"}, then="paste", pasted="1\n2\n3"))
    page = Page(response)
    assert response.status_code == 422
    assert "You pasted 3 rows, but the table has only 2." in page.text
    assert page.value("arrests-value") == "12a"
    assert not Submission.objects.exists()


# --- Two at once ------------------------------------------------------------------------------------


def opened(client: Client) -> dict[str, str]:
    """The form's hidden fields, as a browser holds them."""
    page = Page(client.get(EDIT))
    return {name: page.value(name) for name in ("revision", "opened", "typed_by")}


def test_two_leads_keep_what_each_typed(lead: Client, town: Town, october: ReportingPeriod):
    other = make_member(town.area, Role.AGENCY_LEAD, agency=town.police, email="other@testford.example")
    hidden = opened(lead)
    save_draft(town.police, october, {"arrests": Entry("7"), "charges": Entry("3")}, revision=0, by=other)
    response = lead.post(EDIT, {**hidden, "then": "save", "arrests:value": "12"})
    page = Page(response)
    assert response.status_code == 409
    # Both changed the arrests: ours stands, theirs is told. Only they changed the charges.
    assert (page.value("arrests-value"), page.value("charges-value")) == ("12", "3")
    assert page.links["arrests-value"] == "Arrests: saved meanwhile, 7" or "7" in page.links["arrests-value"]
    assert "Saved since you opened this page: 7" in page.text
    assert Submission.objects.get().draft["arrests"]["value"] == "7"
    assert page.value("revision") == "1"


def test_rows_that_only_the_other_changed_are_taken_over(lead: Client, town: Town, october: ReportingPeriod):
    other = make_member(town.area, Role.AGENCY_LEAD, agency=town.police, email="other@testford.example")
    hidden = opened(lead)
    save_draft(town.police, october, {"charges": Entry("3")}, revision=0, by=other)
    page = Page(lead.post(EDIT, {**hidden, "then": "save", "arrests:value": "12"}))
    assert (page.value("arrests-value"), page.value("charges-value")) == ("12", "3")
    assert "Saved since you opened this page" not in page.text
    # The page that came back saves both.
    again = {name: page.value(name) for name in ("revision", "opened", "typed_by")}
    assert lead.post(EDIT, {**again, "then": "save", "arrests:value": "12", "charges:value": "3"}).status_code == 302
    assert {name: typed["value"] for name, typed in Submission.objects.get().draft.items()} == {
        "arrests": "12",
        "charges": "3",
    }


def test_a_form_that_is_sent_twice_is_saved_once_and_is_no_error(lead: Client):
    answers = [lead.post(EDIT, fields({"arrests": 12, "charges": 4})) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Submission.objects.get().revision == 1


@pytest.mark.parametrize("hidden", ["", "[]", "{", '{"arrests": 5}', '{"arrests": ["1", "2", "3", "4"]}', "null"])
def test_a_hidden_field_that_is_not_ours_does_no_harm(lead: Client, town: Town, october: ReportingPeriod, hidden: str):
    save_draft(town.police, october, {"arrests": Entry("7")}, revision=0, by=town.lead)
    response = lead.post(EDIT, {"revision": "0", "opened": hidden, "then": "save", "arrests:value": "12"})
    assert response.status_code == 409
    assert Page(response).value("arrests-value") == "12"


# --- A session that ended, a token that was too old -------------------------------------------------


def test_what_was_typed_when_the_session_had_ended_is_there_after_signing_in(lead: Client, town: Town):
    hidden = opened(lead)
    lead.logout()
    response = lead.post(EDIT, {**hidden, "then": "check", "arrests:value": "12a", "charges:note": "a note"})
    assert (response.status_code, response["Location"]) == (302, f"{reverse('account_login')}?next={EDIT}")
    assert not Submission.objects.exists()
    lead.force_login(town.lead)
    page = Page(lead.get(EDIT))
    assert "We kept what you typed, but it isn’t in the draft yet" in page.text
    assert (page.value("arrests-value"), page.value("charges-note")) == ("12a", "a note")
    # It stays until it is saved.
    assert Page(lead.get(EDIT)).value("arrests-value") == "12a"
    assert lead.post(EDIT, {**hidden, "then": "save", "arrests:value": "12"}).status_code == 302
    assert Page(lead.get(EDIT)).value("arrests-value") == "12"


def test_what_one_person_typed_is_not_shown_to_the_next(lead: Client, town: Town):
    other = make_member(town.area, Role.AGENCY_LEAD, agency=town.police, email="other@testford.example")
    hidden = opened(lead)
    lead.logout()
    lead.post(EDIT, {**hidden, "arrests:value": "12"})
    lead.force_login(other)
    assert Page(lead.get(EDIT)).value("arrests-value") == ""


def test_a_stale_token_loses_nothing(town: Town, october: ReportingPeriod):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(town.lead)
    hidden = opened(strict)
    response = strict.post(EDIT, {**hidden, "csrfmiddlewaretoken": "x" * 64, "arrests:value": "12"})
    assert (response.status_code, response["Location"]) == (302, EDIT)
    page = Page(strict.get(EDIT))
    assert page.value("arrests-value") == "12"
    assert not Submission.objects.exists()


@pytest.mark.parametrize("forged", ["", "1", "1:abc:def"])
def test_a_form_that_another_site_made_is_not_kept(town: Town, october: ReportingPeriod, forged: str):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(town.lead)
    assert strict.post(EDIT, {"typed_by": forged, "arrests:value": "12"}).status_code == 403
    assert Page(strict.get(EDIT)).value("arrests-value") == ""


# --- An origin from the catalogue -------------------------------------------------------------------


@pytest.fixture
def origin(town: Town):
    dimension = make_dimension(town.area, "origin", ["london"])
    dimension.categories.update(longitude=-0.13, latitude=51.51)
    make_indicator(town.police, "lines", dimension=dimension)
    return dimension


def test_a_lead_adds_an_origin_from_the_catalogue(lead: Client, town: Town, origin):
    page = Page(lead.get(EDIT))
    assert "origin-lines" in page.controls
    response = lead.post(EDIT, {"revision": "0", "then": "add:lines", "origin:lines": "leeds", "arrests:value": "12"})
    assert said(response) == ["Leeds now has its own row. Your draft is saved."]
    leeds = Category.objects.get(code="leeds")
    assert (leeds.dimension, leeds.longitude, leeds.latitude) == (origin, -1.55, 53.8)
    page = Page(lead.get(EDIT))
    assert (page.value("arrests-value"), "lines-leeds-value" in page.controls) == ("12", True)
    assert AuditEvent.objects.filter(verb="category.added", actor_id=town.lead.pk).exists()


@pytest.mark.parametrize("code", ["", "atlantis", "london\x00"])
def test_a_place_that_is_not_in_the_catalogue_is_a_sentence(lead: Client, origin, code: str):
    response = lead.post(EDIT, {"revision": "0", "then": "add:lines", "origin:lines": code, "arrests:value": "12"})
    assert said(response) == ["Choose where the line comes from, in the list under “Add another place”."]
    assert Submission.objects.get().draft["arrests"]["value"] == "12"
    assert Category.objects.filter(dimension=origin).count() == 1


def test_a_split_that_is_not_about_places_takes_none(lead: Client, town: Town):
    ages = make_dimension(town.area, "age", ["young"])
    make_indicator(town.police, "stops", dimension=ages)
    lead.post(EDIT, {"revision": "0", "then": "add:stops", "origin:stops": "leeds"})
    assert not Category.objects.filter(code="leeds").exists()


@pytest.fixture
def two_origins(origin) -> None:
    Category.objects.create(dimension=origin, code="leeds", name="Leeds", position=1)


def total_in(response: Answer) -> str:
    found = re.search(r'data-total="lines" aria-label="Total">(.*?)</output>', response.content.decode())
    assert found
    return re.sub("<.*?>", "", found[1]).strip()


@pytest.mark.parametrize(
    ("leeds", "total"),
    [
        (Entry("3"), "1,203 in all"),
        (Entry(), "1,200 so far"),
        (Entry("3a"), "1,200 so far"),
        (Entry(reason="awaited", note="On the 5th"), "1,200 so far"),
        (Entry(reason="not_available", note="The system was down"), "1,200 from those with a figure"),
    ],
)
def test_a_total_stands_above_its_parts_and_says_what_it_holds(
    lead: Client, two_origins, town: Town, october: ReportingPeriod, leeds: Entry, total: str
):
    save_draft(town.police, october, {"lines.london": Entry("1,200"), "lines.leeds": leeds}, revision=0, by=town.lead)
    assert total_in(lead.get(EDIT)) == total
    lead.force_login(town.coordinator)
    assert f"Lines, total {total.removesuffix(' in all')}" in told(lead.get(EDIT))


def test_parts_without_any_figure_have_no_total(lead: Client, two_origins):
    assert total_in(lead.get(EDIT)) == ""


def test_a_total_is_so_far_to_the_receipt_while_a_part_comes_later(lead: Client, two_origins):
    typed = {"arrests": 12, "charges": 4, "lines.london": 7}
    later = {"lines.leeds:reason": "awaited", "lines.leeds:note": "On the 5th"}
    lead.post(EDIT, fields(typed) | later)
    assert "Lines, total 7 so far" in told(lead.get(CHECK))
    lead.post(SUBMIT, {"revision": "1"})
    assert "Lines, total: 7 so far, because a figure is still to come." in told(lead.get(RECEIPT))
    assert "Lines, total 7 so far" in told(lead.get(EDIT))


def told(response: Answer) -> str:
    """A page's words, a blank between each."""
    return " ".join(re.sub("<.*?>", " ", response.content.decode()).split())


# --- Reason and note --------------------------------------------------------------------------------


def unfolded(response: Answer) -> list[str]:
    """The rows whose reason and note are shown."""
    rows = re.findall(r'data-row="(.*?)".*?vv-return__fold"( open)?>', response.content.decode(), re.DOTALL)
    return [name for name, is_open in rows if is_open]


def test_reason_and_note_are_folded_until_they_hold_something(lead: Client):
    assert unfolded(lead.get(EDIT)) == []
    lead.post(EDIT, fields({"arrests": 12, "charges": None}, then="save"))
    assert unfolded(lead.get(EDIT)) == ["charges"]
    lead.post(EDIT, fields({"arrests": 12}, then="save", revision="1") | {"arrests:note": "Right"})
    assert unfolded(lead.get(EDIT)) == ["arrests"]


def test_reason_and_note_are_shown_where_something_is_wrong_or_asked(lead: Client, town: Town):
    years_of(town, STEADY)
    lead.post(EDIT, fields({"arrests": 40}))  # more than usual, and charges are blank
    assert unfolded(lead.get(EDIT)) == []
    assert unfolded(lead.get(CHECK)) == ["arrests", "charges"]
    lead.post(EDIT, fields({"arrests": "12a", "charges": 2}, revision="1"))
    assert unfolded(lead.get(CHECK)) == ["arrests"]


def test_a_row_that_somebody_else_changed_is_unfolded(lead: Client, town: Town, october: ReportingPeriod):
    hidden = opened(lead)
    save_draft(town.police, october, {"arrests": Entry("3", note="Theirs")}, revision=0, by=town.lead)
    assert unfolded(lead.post(EDIT, {**hidden, "then": "save", "arrests:value": "4"})) == ["arrests"]


def test_every_control_is_a_stop_of_tab_where_there_is_no_script(lead: Client):
    html = lead.get(EDIT).content.decode()
    table = html[html.index("<table") : html.index("</table>")]
    assert table.count("<summary") == 4
    assert "tabindex" not in table


def test_the_key_enter_saves_a_draft_where_there_is_no_script(lead: Client):
    """A browser presses the first button of a form."""
    html = lead.get(EDIT).content.decode()
    form = html[html.index('<form method="post" action="/testford/returns') :]
    first = re.search(r"<button[^>]*>", form)
    assert first
    assert 'value="save"' in first[0]


# --- Release by the agency's own approver -----------------------------------------------------------


@pytest.fixture
def submitted(town: Town) -> Submission:
    town.police.needs_release = True
    town.police.save()
    return submit(town, OCTOBER, {"arrests": 12, "charges": 4})


def test_a_return_goes_from_lead_to_approver_to_coordinator(town: Town, submitted: Submission):
    approver = town.people[Role.AGENCY_APPROVER]
    with pytest.raises(TransitionRefused, match="waiting for the agency’s approver to release it"):
        accept_return(submitted, by=town.coordinator)
    with pytest.raises(PermissionDenied, match="Only an approver of Police"):
        release_return(submitted, by=town.lead)
    released = release_return(submitted, by=approver)
    assert (released.state, released.released_by) == ("released", approver)
    assert accept_return(released, by=town.coordinator).state == "accepted"
    verbs = AuditEvent.objects.filter(target_type="indicators.submission").order_by("pk").values_list("verb", flat=True)
    assert [verb.partition(".")[2] for verb in verbs] == ["saved", "submitted", "released", "accepted"]


def test_nobody_releases_what_they_submitted_themselves(town: Town, submitted: Submission):
    approver = town.people[Role.AGENCY_APPROVER]
    Submission.objects.update(submitted_by=approver)
    with pytest.raises(PermissionDenied, match="You submitted this return yourself"):
        release_return(submitted, by=approver)


def test_an_approver_returns_it_before_the_release_and_not_after(town: Town, submitted: Submission):
    approver = town.people[Role.AGENCY_APPROVER]
    assert return_return(submitted, comment="12?", by=approver).state == "returned"
    revision = Submission.objects.get().revision
    again = submit_return(town.police, submitted.period, revision=revision, by=town.lead)
    release_return(again, by=approver)
    with pytest.raises(PermissionDenied, match="The return is no longer with you"):
        return_return(again, comment="Stop", by=approver)


def test_without_a_release_of_its_own_there_is_none(town: Town):
    submission = submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    with pytest.raises(TransitionRefused, match="Police doesn’t release its own returns"):
        release_return(submission, by=town.people[Role.AGENCY_APPROVER])


def test_the_receipt_says_who_gets_it_next_and_by_when(client: Client, town: Town, submitted: Submission):
    ReportingPeriod.objects.update(due_on=date(2999, 1, 7))
    client.force_login(town.lead)
    assert (
        "An approver of Police (agency-approver) checks them and releases them to the coordinator by 7 January 2999."
        in (Page(client.get(RECEIPT)).text)
    )


def test_the_approver_reads_and_decides_on_the_page(client: Client, town: Town, submitted: Submission):
    client.force_login(town.people[Role.AGENCY_APPROVER])
    html = client.get(EDIT).content.decode()
    assert 'value="release"' in html
    assert 'value="return"' in html
    assert 'value="accept"' not in html
    client.force_login(town.coordinator)
    html = client.get(EDIT).content.decode()
    assert 'value="accept"' not in html
    assert 'value="return"' in html


# --- The day of the first submission, and the history -----------------------------------------------


def test_the_day_of_the_first_submission_stays(town: Town):
    submission = submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    Submission.objects.update(handed_in_on=date(2024, 11, 5))
    returned = return_return(submission, comment="12?", by=town.coordinator)
    again = submit_return(town.police, submission.period, revision=returned.revision, by=town.lead)
    assert again.handed_in_on == date(2024, 11, 5)


def test_every_step_of_a_figure_is_written_down(town: Town):
    submission = submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    submission = return_return(submission, comment="12?", by=town.coordinator)
    period = submission.period
    saved = save_draft(
        town.police, period, {"arrests": Entry("2"), "charges": Entry("4")}, revision=submission.revision, by=town.lead
    )
    again = submit_return(town.police, period, revision=saved.revision, by=town.lead)
    accept_return(again, provisional={"arrests"}, by=town.coordinator)
    history = FigureChange.objects.filter(indicator__code="arrests").values_list(
        "act", "value_before", "value_after", "why", "made_by__email"
    )
    lead, coordinator = town.lead.email, town.coordinator.email
    assert list(history) == [
        ("entered", None, 12, "", lead),
        ("taken_out", 12, None, "12?", coordinator),
        ("entered", None, 2, "", lead),
        ("accepted", 2, 2, "", coordinator),
        ("made_provisional", 2, 2, "", coordinator),
    ]
    assert list(Observation.objects.filter(is_provisional=True).values_list("indicator__code", flat=True)) == [
        "arrests"
    ]


def test_the_page_of_another_month_is_another(lead: Client):
    assert lead.get(url("indicators:return-edit", Month(2024, 9))).status_code == 404


# --- What an examiner found -------------------------------------------------------------------------


def test_what_is_accepted_is_what_was_looked_at(client: Client, town: Town):
    """The return is given back and handed in anew while the coordinator has the old one open."""
    submission = submit(town, OCTOBER, {"arrests": 10, "charges": 4})
    seen = submission.revision
    return_return(submission, comment="10?", by=town.coordinator)
    submit(town, OCTOBER, {"arrests": 99, "charges": 4})
    with pytest.raises(ChangedMeanwhile, match="has changed since you opened it"):
        accept_return(submission, by=town.coordinator, revision=seen)
    client.force_login(town.coordinator)
    response = client.post(url("reporting:return-decide"), {"decision": "accept", "revision": seen})
    assert "has changed since you opened it" in said(response)[-1]
    assert not Observation.objects.signed_off().exists()


def test_answers_that_were_checked_before_it_was_given_back_are_not_submitted(lead: Client, town: Town):
    submission = submit(town, OCTOBER, {"arrests": 10, "charges": 4})
    old = str(submission.revision)
    return_return(submission, comment="10?", by=town.coordinator)
    assert lead.post(SUBMIT, {"revision": old})["Location"] == EDIT
    assert Submission.objects.get().state == "returned"


def test_a_return_that_was_handed_in_is_accepted_late_when_its_month_is_published(client: Client, town: Town):
    submit(town, OCTOBER, {"arrests": 10, "charges": 4})
    publish(town, OCTOBER)
    client.force_login(town.coordinator)
    page = Page(client.get(EDIT))
    html = client.get(EDIT).content.decode()
    assert 'value="accept"' in html
    assert 'value="return"' in html
    client.post(url("reporting:return-decide"), {"decision": "accept", "revision": page.value("revision")})
    assert Observation.objects.signed_off().count() == 2


def test_an_indicator_changes_hands_between_months(town: Town):
    submit(town, OCTOBER, {"arrests": 10, "charges": 4})
    arrests = town.police.indicators.get(code="arrests")
    arrests.owner = make_agency(town.area, "council")
    with pytest.raises(
        ValidationError, match="Police has already sent its figure for October 2024: close that month first"
    ):
        save_indicator(arrests, boards=[], by=town.coordinator)
    # And whatever the set-up says, nobody's figure is taken out by another agency's return.
    Indicator.objects.filter(code="arrests").update(owner=arrests.owner)
    member = make_member(town.area, Role.AGENCY_LEAD, agency=arrests.owner)
    period = open_month(town, OCTOBER)
    saved = save_draft(arrests.owner, period, {"arrests": Entry("55")}, revision=0, by=member)
    with pytest.raises(TransitionRefused, match="is already in Police, October 2024"):
        submit_return(arrests.owner, period, revision=saved.revision, by=member)
    assert Observation.objects.get(indicator=arrests).value == 10


def test_parts_of_two_agencies_are_not_above_their_whole(town: Town):
    council = make_agency(town.area, "council")
    whole = town.police.indicators.get(code="arrests")
    make_indicator(council, "of-them", part_of=whole)
    member = make_member(town.area, Role.AGENCY_LEAD, agency=council)
    accept(town, OCTOBER, {"arrests": 3, "charges": 4})
    period = open_month(town, OCTOBER)
    saved = save_draft(council, period, {"of-them": Entry("50", note="So it is")}, revision=0, by=member)
    part = submit_return(council, period, revision=saved.revision, by=member)
    with pytest.raises(TransitionRefused, match="“Of them” is 50, and can’t be more than “Arrests”, 3"):
        accept_return(part, by=town.coordinator)
    assert not part.observations.signed_off().exists()


def test_the_form_shows_what_a_file_brought_for_the_month(lead: Client, town: Town):
    arrests = town.police.indicators.get(code="arrests")
    Observation.objects.create(
        indicator=arrests,
        period=open_month(town, OCTOBER),
        value=7,
        imported_from="years.csv",
        signed_off_at=timezone.now(),
    )
    page = Page(lead.get(EDIT))
    assert (page.value("arrests-value"), page.value("charges-value")) == ("7", "")


def test_a_block_that_did_not_fit_is_there_again(lead: Client):
    block = "1\n2\n3"
    html = lead.post(EDIT, fields({}, then="paste", pasted=block)).content.decode()
    assert f"\n{block}</textarea>" in html
    hidden = opened(lead)
    lead.logout()
    lead.post(EDIT, {**hidden, "then": "paste", "pasted": block})
    lead.force_login(Membership.objects.get(role=Role.AGENCY_LEAD.value).user)
    assert f"\n{block}</textarea>" in lead.get(EDIT).content.decode()


def test_whoever_is_signed_out_is_told_that_what_they_typed_is_kept(lead: Client):
    hidden = opened(lead)
    lead.logout()
    response = lead.post(EDIT, {**hidden, "arrests:value": "12"}, follow=True)
    assert "You were signed out. We saved what you typed. Sign in to see it again." in Page(response).text


def test_somebody_without_any_session_is_told_too(lead: Client):
    """Their browser lost its cookies while the page was open."""
    hidden = opened(lead)
    response = Client(enforce_csrf_checks=True).post(EDIT, {**hidden, "arrests:value": "12"}, follow=True)
    assert response.redirect_chain[-1][0].startswith("/account/login/")
    assert "You were signed out. We saved what you typed. Sign in to see it again." in Page(response).text


def test_a_request_to_correct_survives_the_end_of_the_session(lead: Client, town: Town):
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    path = reverse("indicators:figure-view", args=["testford", OCTOBER, "arrests"])
    proof = Page(lead.get(path)).value("typed_by")
    lead.logout()
    lead.post(path, {"typed_by": proof, "value": "10", "why": "Two were counted twice"})
    lead.force_login(town.lead)
    page = Page(lead.get(path))
    assert page.value("value") == "10"
    assert "Two were counted twice" in page.text
    assert "was not sent" in page.text


def test_how_punctual_returns_were_is_worked_out_when_one_is_handed_in(town: Town):
    open_month(town, OCTOBER)
    sweep()
    submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    sweep()
    assert Snapshot.objects.get(period__starts_on=OCTOBER.first_day).timeliness == {
        "on_time": 0,
        "late": 1,
        "missing": 0,
    }


def test_a_retired_agency_begins_no_return_and_ends_the_one_it_began(
    lead: Client, town: Town, october: ReportingPeriod
):
    town.police.retired = True
    town.police.save()
    assert "arrests-value" not in Page(lead.get(EDIT)).controls
    with pytest.raises(TransitionRefused, match="Police is retired, so it can’t start any more returns"):
        save_draft(town.police, october, {"arrests": Entry("1")}, revision=0, by=town.lead)
    town.police.retired = False
    town.police.save()
    saved = save_draft(town.police, october, {"arrests": Entry("1"), "charges": Entry("2")}, revision=0, by=town.lead)
    town.police.retired = True
    town.police.save()
    assert submit_return(town.police, october, revision=saved.revision, by=town.lead).state == "submitted"
