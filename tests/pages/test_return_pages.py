"""The pages of a return, as a lead and the coordinator use them, and as a broken form does."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from boards.models import Agency, Membership, ReportingPeriod
from boards.rules import Role
from boards.services.months import close_month
from core.models import User
from indicators.figures import Entry
from indicators.models import Category, Indicator, IndicatorDefinition, Observation, Submission
from indicators.services.returns import save_draft
from tests.factories import make_agency, make_dimension, make_indicator, make_member
from tests.integration.return_pages import CHECK, EDIT, OCTOBER, RECEIPT, SUBMIT, Page, fields, said, url
from tests.scenarios import Town, accept, newest_lines, open_month, publish, stale_months, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db

FIGURES = {"arrests": 12, "charges": 4}


@pytest.fixture
def october(town: Town) -> ReportingPeriod:
    return open_month(town, OCTOBER)


@pytest.fixture
def lead(client: Client, town: Town, october: ReportingPeriod) -> Client:
    """The police's lead, signed in."""
    client.force_login(town.lead)
    return client


@pytest.fixture
def coordinator(town: Town) -> Client:
    return signed_in(town.coordinator)


DECIDE, GRID = url("reporting:return-decide"), reverse("reporting:return-grid", args=["testford", OCTOBER])


# --- Entering -------------------------------------------------------------------------------------


def test_the_form_has_a_box_for_each_figure_and_last_months_beside_it(lead: Client, town: Town):
    origin = make_dimension(town.area, "origin", ["london", "leeds"])
    make_indicator(town.police, "lines", dimension=origin)
    page = Page(lead.get(EDIT))
    boxes = [name for name in page.controls if name.endswith("-value")]
    assert boxes == ["arrests-value", "lines-london-value", "lines-leeds-value", "charges-value"]
    assert page.controls["lines-london-value"]["name"] == "lines.london:value"
    assert {(control["type"], control["inputmode"]) for name, control in page.controls.items() if name in boxes} == {
        ("text", "numeric")
    }
    assert page.value("revision") == "0"
    assert len(page.ids) == len(set(page.ids))


def test_no_text_of_a_row_is_markup(lead: Client, town: Town, october: ReportingPeriod):
    """Neither what the set-up says, nor what somebody types, nor what others saved meanwhile."""
    odd = "<b onclick='x'>\"&"
    origin = make_dimension(town.area, "origin", ["london"])
    Category.objects.update(name=odd, longitude=0.1, latitude=51.5)
    parts = [make_indicator(town.police, "plain"), make_indicator(town.police, "lines", dimension=origin)]
    arrests = Indicator.objects.get(code="arrests")
    make_indicator(
        town.police, "share", collection="ratio", ratio="share", numerator=parts[0], denominator=arrests, per=100
    )
    Indicator.objects.update(title=odd, question=odd)
    IndicatorDefinition.objects.update(text=odd)
    hidden = {name: Page(lead.get(EDIT)).value(name) for name in ("revision", "opened")}
    other = make_member(town.area, Role.AGENCY_LEAD, agency=town.police, email="other@testford.example")
    save_draft(town.police, october, {"plain": Entry("1", "", odd)}, revision=0, by=other)
    typed = {f"{row}:{part}": odd for row in ("plain", "lines.london") for part in ("value", "note")}
    meanwhile = lead.post(EDIT, {**hidden, "then": "save", **typed})
    assert lead.post(EDIT, {"revision": "1", "then": "save", **typed}).status_code == 302
    for answer in (meanwhile, lead.get(EDIT)):
        page = Page(answer)
        assert b"<b onclick" not in answer.content
        assert {page.value(f"{row}-{part}") for row in ("plain", "lines-london") for part in ("value", "note")} == {odd}
        for words in (
            f"What is counted: {odd}{odd}",
            f"{odd}: “{odd}” isn’t a whole number",
            f"Another place for {odd}",
        ):
            assert words in page.text
    assert f"Saved since you opened this page: 1: {odd}" in Page(meanwhile).text
    assert f"You entered “{odd}”" in page.text


def test_a_draft_comes_back_as_it_was_typed(lead: Client):
    typed = {"arrests:value": "12a", "arrests:note": '"><script>', "charges:reason": "not_applicable"}
    response = lead.post(EDIT, {"revision": "0", "then": "save", **typed})
    assert (response.status_code, response["Location"]) == (302, EDIT)
    assert said(response) == ["Draft saved. 2 figures still need correcting. They are marked below."]
    again = lead.get(EDIT)
    page = Page(again)
    assert [page.value(name) for name in ("arrests-value", "arrests-note", "charges-reason", "revision")] == [
        "12a",
        '"><script>',
        "not_applicable",
        "1",
    ]
    assert b'"><script>' not in again.content
    assert page.links == {}  # marked beside the rows: nothing was submitted
    assert "Enter a whole number, such as 12. You entered “12a”." in page.text
    assert "Say in the note why there is no figure." in page.text


def test_a_draft_without_errors_says_that_one_can_leave(lead: Client):
    response = lead.post(EDIT, {"revision": "0", "then": "save", "arrests:value": "12"})
    assert said(response) == ["Draft saved. You can leave and come back later."]
    assert "vv-return__row--error" not in lead.get(EDIT).content.decode()


def test_from_the_form_to_the_coordinator(lead: Client):
    response = lead.post(EDIT, fields({"arrests": "1 200", "charges": None}))
    assert (response.status_code, response["Location"]) == (302, CHECK)
    page = Page(lead.get(CHECK))
    assert page.title.startswith("Check October 2024 figures from Police")
    assert "1,200" in page.text
    assert "The system was down" in page.text
    response = lead.post(SUBMIT, {"revision": page.value("revision")})
    assert (response.status_code, response["Location"]) == (302, RECEIPT)
    receipt = Page(lead.get(RECEIPT))
    assert receipt.title.startswith("October 2024 figures from Police are submitted")
    assert "The coordinator (coordinator) checks them" in receipt.text
    assert Submission.objects.get().state == "submitted"
    assert "arrests-value" not in Page(lead.get(EDIT)).controls  # read now, and not typed in


def test_a_return_for_a_month_that_is_not_over_asks_before_it_is_sent(lead: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2024, 10, 31, 12, tzinfo=UTC))
    lead.post(EDIT, fields(FIGURES))
    page = Page(lead.get(CHECK))
    assert "October 2024 isn’t over until 31 October 2024" in page.text
    refused = lead.post(SUBMIT, {"revision": page.value("revision")}, follow=True)
    assert "Confirm that you mean this month" in Page(refused).links["is_early"]
    assert Submission.objects.get().state == "draft"
    lead.post(SUBMIT, {"revision": page.value("revision"), "is_early": "on"})
    assert Submission.objects.get().state == "submitted"


def test_the_menu_of_a_return_names_its_own_month(lead: Client, town: Town):
    publish(town, OCTOBER.previous)
    menu = lead.get(EDIT).content.decode().split("</nav>")[0]
    assert "Months: </span>October 2024" in menu
    assert 'rel="prev" href="/testford/2024-09/"' in menu  # another month's return is another paper


def test_each_error_is_a_link_to_its_control(lead: Client, town: Town):
    origin = make_dimension(town.area, "origin", ["london"])
    make_indicator(town.police, "lines", dimension=origin)
    for name in ("cautions", "warnings"):
        make_indicator(town.police, name)
    typed = {
        "arrests:value": "12a",
        "cautions:reason": "not_available",
        "warnings:reason": "because",
        "warnings:note": "Down",
    }
    lead.post(EDIT, {"revision": "0", "then": "check", **typed})
    page = Page(lead.get(CHECK))
    assert page.title.startswith("Error: ")
    assert "There is a problem" in page.text
    errors = {place: words for place, words in page.links.items() if place in page.controls}
    assert {place: words.partition(":")[0] for place, words in errors.items()} == {
        "arrests-value": "Arrests",
        "charges-value": "Charges",
        "cautions-note": "Cautions",
        "warnings-reason": "Warnings",
        "lines-london-value": "Lines, London",
    }
    for place in errors:
        described = page.controls[place]["aria-describedby"]
        assert described == f"{place}-error"
        assert described in page.ids
    assert page.value("arrests-value") == "12a"
    # The same without the check in between.
    assert Page(lead.post(SUBMIT, {"revision": page.value("revision")}, follow=True)).links == page.links
    assert not Observation.objects.exists()


def test_submitting_what_was_never_begun_shows_every_box_as_missing(lead: Client):
    page = Page(lead.post(SUBMIT, {"revision": "0"}, follow=True))
    assert {"arrests-value", "charges-value"} <= set(page.links) & set(page.controls)
    assert not Submission.objects.exists()


def test_a_button_pressed_twice_submits_once(lead: Client):
    lead.post(EDIT, fields(FIGURES))
    answers = [lead.post(SUBMIT, {"revision": "1"}) for _ in range(2)]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, RECEIPT), (302, RECEIPT)]
    assert Observation.objects.count() == 2


# --- Refused, and nothing of it lost --------------------------------------------------------------


def test_a_form_that_somebody_overtook_keeps_what_was_typed_on_the_page(
    lead: Client, town: Town, october: ReportingPeriod
):
    other = make_member(town.area, Role.AGENCY_LEAD, agency=town.police, email="other@testford.example")
    save_draft(town.police, october, {"arrests": Entry("7")}, revision=0, by=other)
    response = lead.post(EDIT, fields(FIGURES))
    page = Page(response)
    assert response.status_code == 409
    assert "other saved this return after you opened it." in page.text
    assert page.title.startswith("Error: ")
    assert [page.value(name) for name in ("arrests-value", "charges-value", "revision")] == ["12", "4", "1"]
    assert Submission.objects.get().draft["arrests"]["value"] == "7"
    # Having looked, the lead saves again.
    assert lead.post(EDIT, fields(FIGURES, revision=page.value("revision"))).status_code == 302
    assert Submission.objects.get().draft["arrests"]["value"] == "12"


@pytest.mark.parametrize("revision", [None, "", "x", "-1", "1.0", "٣", "9" * 400, "\x00", "0\x00", "5"])
def test_a_form_without_its_revision_saves_nothing(lead: Client, revision: str | None):
    sent = fields(FIGURES)
    if revision is None:
        del sent["revision"]
    else:
        sent["revision"] = revision
    response = lead.post(EDIT, sent)
    page = Page(response)
    assert response.status_code == 409
    assert "This form is out of date." in page.text
    assert (page.value("arrests-value"), page.value("revision")) == ("12", "0")
    assert not Submission.objects.exists()


@pytest.mark.parametrize("revision", ["", "x", "0", "2", "9" * 400])
def test_a_submission_of_another_revision_is_refused_with_a_message(lead: Client, revision: str):
    lead.post(EDIT, fields(FIGURES))
    response = lead.post(SUBMIT, {"revision": revision})
    assert (response.status_code, response["Location"]) == (302, EDIT)
    assert said(response) == ["This return was saved again after you checked it. Check the answers again."]
    assert Submission.objects.get().state == "draft"


def test_a_very_long_note_is_a_sentence(lead: Client):
    lead.post(EDIT, fields(FIGURES, **{"arrests:note": "x" * 5000}))
    page = Page(lead.get(CHECK))
    assert page.links["arrests-note"] == "Arrests: shorten the note to 500 characters; it has 5,000."
    assert page.value("arrests-note") == "x" * 5000


def test_a_very_long_figure_is_a_sentence(lead: Client):
    lead.post(EDIT, fields(FIGURES | {"arrests": "9" * 5000}))
    page = Page(lead.get(CHECK))
    assert page.links["arrests-value"].startswith("Arrests: enter a number of at most 1,000,000,000")


def test_null_bytes_are_dropped(lead: Client):
    """PostgreSQL takes none in a text."""
    sent = fields({"arrests": "1\x002"}) | {"charges:reason": "not_\x00available", "charges:note": "Do\x00wn"}
    assert lead.post(EDIT, sent).status_code == 302
    assert lead.post(SUBMIT, {"revision": "1"}).status_code == 302
    assert set(Observation.objects.values_list("value", "note")) == {(12, ""), (None, "Down")}


def test_boxes_that_nobody_asked_for_are_not_kept(lead: Client):
    lead.post(EDIT, fields(FIGURES | {"elsewhere": 5}, **{"arrests:other": "x", "draft": "y"}))
    assert sorted(Submission.objects.get().draft) == ["arrests", "charges"]


def test_typing_after_submission_is_refused_and_kept_on_the_page(lead: Client, town: Town):
    submit(town, OCTOBER, FIGURES)
    response = lead.post(EDIT, fields({"arrests": 99, "charges": 4}, revision="1"))
    page = Page(response)
    assert response.status_code == 409
    assert "has been submitted, so it can't be edited." in page.text
    assert page.value("arrests-value") == "99"
    assert Observation.objects.get(indicator__code="arrests").value == 12


def test_in_a_closed_month_the_form_opens_and_is_late(lead: Client, town: Town, october: ReportingPeriod):
    lead.post(EDIT, fields(FIGURES))
    close_month(october, by=town.coordinator, missing=["Police"], why="Early")
    page = Page(lead.get(EDIT))
    assert page.value("arrests-value") == str(FIGURES["arrests"])
    assert "October 2024 is closed without these figures." in page.text
    lead.post(EDIT, fields({"arrests": 11, "charges": 4}, revision="1"))
    lead.post(SUBMIT, {"revision": "2"})
    assert Submission.objects.get().state == "submitted"


def test_the_check_names_who_gets_it_next_and_until_when_it_can_be_withdrawn(lead: Client, town: Town):
    lead.post(EDIT, fields(FIGURES))
    assert "You can withdraw them until the coordinator accepts them." in Page(lead.get(CHECK)).text
    Agency.objects.update(needs_release=True)
    page = Page(lead.get(CHECK)).text
    assert "Police’s approver, agency-approver, checks them and passes them to the coordinator." in page


def test_the_receipt_counts_figures_only(lead: Client, town: Town):
    submit(town, OCTOBER, {"arrests": 12, "charges": None})
    page = Page(lead.get(RECEIPT))
    assert "1 of 2 figures, submitted by agency-lead" in page.text
    assert f'href="{EDIT}#withdraw-hint">Withdraw it</a>' in lead.get(RECEIPT).content.decode()
    assert "withdraw-hint" in Page(lead.get(EDIT)).ids


# --- Other people of the agency ---------------------------------------------------------------------


@pytest.fixture
def contact(town: Town, october: ReportingPeriod) -> Client:
    return signed_in(town.people[Role.AGENCY_CONTACT])


def test_a_second_contact_reads_who_enters_the_figures_and_whom_to_ask(contact: Client, town: Town):
    html, words = contact.get(EDIT).content.decode(), Page(contact.get(EDIT)).text
    assert "Only a lead can enter figures: agency-lead." in words
    assert "ask the coordinator (coordinator) to add another lead. The new lead can be you." in words
    assert f'href="{reverse("help-guide", args=["agency-lead"])}#if-you-are-away"' in html
    save_draft(town.police, ReportingPeriod.objects.get(), {"arrests": Entry("1")}, revision=0, by=town.lead)
    assert ". It is now for agency-lead to submit it by" in " ".join(Page(contact.get(EDIT)).text.split())
    Membership.objects.filter(role=Role.AGENCY_LEAD.value).delete()
    page = Page(contact.get(EDIT))
    assert "Only a lead can enter figures, and Police has none." in page.text
    assert "To get one, ask the coordinator (coordinator) to add a lead." in page.text


def test_only_people_of_the_agency_read_about_its_lead(coordinator: Client, town: Town, october: ReportingPeriod):
    assert "Only a lead can enter figures" not in Page(coordinator.get(EDIT)).text


def test_an_accepted_return_tells_a_lead_how_to_correct_it(lead: Client, contact: Client, town: Town):
    accept(town, OCTOBER, FIGURES)
    assert "To correct a figure, choose its name." in Page(lead.get(EDIT)).text
    assert "The agency’s lead can ask to correct it there." in Page(contact.get(EDIT)).text


# --- The coordinator's side -----------------------------------------------------------------------


def test_the_coordinator_accepts_and_the_month_is_rolled_up(
    coordinator: Client, town: Town, django_capture_on_commit_callbacks
):
    submit(town, OCTOBER, FIGURES)
    assert "comment" in Page(coordinator.get(EDIT)).controls
    with django_capture_on_commit_callbacks(execute=True):
        response = coordinator.post(DECIDE, {"decision": "accept", "revision": "1"})
    assert (response.status_code, response["Location"]) == (302, GRID)
    assert said(response) == ["You accepted Police, October 2024."]
    assert newest_lines(town, OCTOBER)["arrests"].value == 12
    assert stale_months(town) == []


def test_a_second_acceptance_is_a_message(coordinator: Client, town: Town):
    submit(town, OCTOBER, FIGURES)
    coordinator.post(DECIDE, {"decision": "accept", "revision": "1"})
    response = coordinator.post(DECIDE, {"decision": "accept", "revision": "1"})
    assert (response.status_code, response["Location"]) == (302, EDIT)
    assert said(response)[-1] == "The return from Police for October 2024 is accepted, so it can't become accepted."


@pytest.mark.parametrize("comment", ["", "   ", "\x00"])
def test_a_return_is_not_given_back_without_a_word(coordinator: Client, town: Town, comment: str):
    submit(town, OCTOBER, FIGURES)
    response = coordinator.post(DECIDE, {"decision": "return", "comment": comment})
    assert (response.status_code, response["Location"]) == (302, EDIT)
    page = Page(coordinator.get(EDIT))
    assert page.links["comment"] == "Say why you are sending it back. The agency’s lead will read your comment."
    assert page.title.startswith("Error: ")
    assert Submission.objects.get().state == "submitted"


def test_the_lead_reads_why_it_came_back(coordinator: Client, lead: Client, town: Town):
    submit(town, OCTOBER, FIGURES)
    response = coordinator.post(DECIDE, {"decision": "return", "comment": "Twel\x00ve? <b>"})
    assert (response.status_code, response["Location"]) == (302, GRID)
    page = Page(lead.get(EDIT))
    assert "“Twelve? <b>”" in page.text
    assert page.value("arrests-value") == "12"


def test_the_coordinator_does_not_type(coordinator: Client, october: ReportingPeriod):
    assert coordinator.post(EDIT, fields(FIGURES)).status_code == 403
    assert coordinator.post(SUBMIT, {"revision": "0"}).status_code == 403
    assert not Submission.objects.exists()


def test_a_lead_does_not_decide(lead: Client, town: Town):
    submit(town, OCTOBER, FIGURES)
    assert lead.post(DECIDE, {"decision": "accept"}).status_code == 403
    assert Submission.objects.get().state == "submitted"


def test_a_return_that_was_not_begun_cannot_be_decided(coordinator: Client, october: ReportingPeriod):
    assert coordinator.post(DECIDE, {"decision": "accept", "revision": "1"}).status_code == 404


def test_a_decision_that_is_none_changes_nothing(coordinator: Client, town: Town):
    submit(town, OCTOBER, FIGURES)
    coordinator.post(DECIDE, {})
    coordinator.post(DECIDE, {"decision": "burn"})
    assert Submission.objects.get().state == "submitted"


# --- Others ---------------------------------------------------------------------------------------


def test_the_lead_of_another_agency_neither_reads_nor_types(client: Client, town: Town, october: ReportingPeriod):
    council = make_agency(town.area, "council")
    client.force_login(make_member(town.area, Role.AGENCY_LEAD, agency=council))
    for method, address in ((client.get, EDIT), (client.get, CHECK), (client.post, EDIT)):
        assert method(address).status_code == 403
    # The button's page says why on the page that it leads back to.
    client.post(SUBMIT, {"revision": "0"})
    assert not Submission.objects.exists()


def test_another_areas_coordinator_finds_nothing(client: Client, outsider: User, october: ReportingPeriod):
    client.force_login(outsider)
    for method, address in ((client.get, EDIT), (client.post, EDIT), (client.post, DECIDE), (client.get, GRID)):
        assert method(address).status_code == 404


@pytest.mark.parametrize("month", ["2019-01", "0001-01", "0000-00", "9999-12", "2024-13"])
def test_a_month_that_the_area_does_not_hold_is_not_found(lead: Client, coordinator: Client, month: str):
    assert lead.get(f"/testford/returns/{month}/police/").status_code == 404
    assert lead.post(f"/testford/returns/{month}/police/submit/", {"revision": "0"}).status_code == 404
    assert coordinator.get(f"/testford/returns/{month}/").status_code == 404
    assert coordinator.post(f"/testford/returns/{month}/police/decide/").status_code == 404
    assert coordinator.get(f"/testford/{month}/").status_code == 404
    assert coordinator.get(f"/testford/{month}/csp/").status_code == 404


def test_an_agency_that_the_area_has_not_is_not_found(lead: Client):
    assert lead.get(url("indicators:return-edit", agency="fire")).status_code == 404
