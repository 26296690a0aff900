"""The page of one figure: what it says, what its lead and the coordinator do there, and who reads it."""

import re
from html import unescape
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from boards.rules import Role
from core.calendar import Month
from core.forms import kept
from core.forms.pages import TOKEN
from indicators.models import Correction, Observation
from indicators.selectors.figures import open_corrections
from indicators.services.corrections import accept_correction
from reporting.months.tasks import roll_up_area
from tests.answers import Answer
from tests.factories import make_agency, make_dimension, make_indicator, make_member
from tests.measuring import take_in
from tests.scenarios import Town, accept, make_town, newest_lines, open_month, publish, submit, sweep
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2024, 10)
FIGURES = {"arrests": 12, "charges": 4}
ARRESTS = "/testford/figures/2024-10/arrests/"
ASKED = {"value": "10", "reason": "", "note": "", "why": "Two were counted twice"}


@pytest.fixture
def lead(town: Town) -> Client:
    return signed_in(town.lead)


@pytest.fixture
def coordinator(town: Town) -> Client:
    return signed_in(town.coordinator)


def words(response: Answer) -> str:
    """The page's text, on one line."""
    main = response.content.decode().partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def said(response: Answer) -> list[str]:
    """What the next page would say: the messages, and why something was refused."""
    request = response.wsgi_request
    left = request.session.get(kept.LEFT, {}).get("refusal")
    return [*map(str, request._messages._queued_messages), *([left] if left else [])]


def decide(client: Client, correction: Correction, **fields: Any) -> Answer:
    return client.post(reverse("reporting:correction-decide", args=["testford", correction.pk]), fields)


def mark(client: Client, code: str = "arrests", **fields: Any) -> Answer:
    return client.post(reverse("reporting:figure-mark", args=["testford", OCTOBER, code]), fields)


# --- What it says ---------------------------------------------------------------------------------


def history_row(page: str, what: str, who: str, figures: str) -> int:
    """Where a row of the history stands in the page's words; 0 for nowhere."""
    day = r"\d+ \w+ \d{4}, \d\d:\d\d"
    found = re.search(rf"{re.escape(what)} {day}, {who} {re.escape(figures)}", page)
    return found.start() if found else 0


def test_says_what_it_is_and_what_happened_to_it(town: Town, lead: Client):
    accept(town, OCTOBER, FIGURES)
    page = words(lead.get(ARRESTS))
    assert page.startswith("Arrests, October 2024 How many arrests? Figure 12 Supplied by Police")
    assert "In the return, submitted by agency-lead on" in page
    assert "Accepted By coordinator," in page
    accepted, entered = (
        history_row(page, "Accepted", "coordinator", "12 12"),
        history_row(page, "Entered in the return", "agency-lead", "No figure 12"),
    )
    assert 0 < accepted < entered  # the newest first


def test_a_correction_is_in_the_history_with_its_reason(town: Town, lead: Client, coordinator: Client):
    accept(town, OCTOBER, FIGURES)
    lead.post(ARRESTS, ASKED | {"note": "Two withdrawn"})
    decide(coordinator, Correction.objects.get(), decision="accept")
    page = words(lead.get(ARRESTS))
    assert "Figure 10 Note Two withdrawn" in page
    assert history_row(page, "Corrected", "coordinator", "12 10 Two were counted twice")
    assert "Earlier corrections" in page
    assert "Two were counted twice Accepted by coordinator," in page


def test_a_figure_that_is_not_accepted_yet_says_so(town: Town, coordinator: Client):
    submit(town, OCTOBER, FIGURES)
    page = words(coordinator.get(ARRESTS))
    assert "Accepted Not yet, so it doesn’t count in the month" in page
    assert "Mark as provisional" not in page


def test_a_figure_of_a_return_that_never_came_comes_in_the_return(town: Town, lead: Client):
    publish(town, OCTOBER)
    assert "The agency still has the October 2024 return. Enter the figure there." in words(lead.get(ARRESTS))


def test_a_figure_that_a_file_left_out(town: Town, lead: Client):
    take_in(town, "charges", 4, last=OCTOBER)
    publish(town, OCTOBER)
    page = words(lead.get(ARRESTS))
    assert "Figure No figure Supplied by Police Where it came from It is still awaited." in page
    assert "No figure arrived for October 2024. If you have it now" in page
    assert lead.post(ARRESTS, ASKED).status_code == 302
    accept_correction(Correction.objects.get(), by=town.coordinator)
    assert "Where it came from From a correction, not from a return or a file" in words(lead.get(ARRESTS))


def test_a_split_whole_has_its_categories_and_their_total(town: Town, lead: Client):
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london", "leeds"]))
    accept(town, OCTOBER, FIGURES | {"lines.london": 3, "lines.leeds": 2})
    response = lead.get("/testford/figures/2024-10/lines/")
    assert "Total 5 Supplied by Police Lines by Origin Origin October 2024 London 3 Leeds 2 All 5" in words(response)
    assert 'href="/testford/figures/2024-10/lines/london/"' in response.content.decode()
    assert "Ask to correct" not in words(response)
    part = words(lead.get("/testford/figures/2024-10/lines/london/"))
    assert part.startswith("Lines, London, October 2024 How many lines? Origin: London. Figure 3")
    assert "Ask to correct this figure" in part


@pytest.mark.parametrize(
    ("figures", "total"),
    [({"london": 3, "leeds": None}, "Not available"), ({}, "No figure")],
)
def test_a_whole_has_no_total_as_long_as_a_part_has_no_figure(town: Town, lead: Client, figures, total: str):
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london", "leeds"]))
    open_month(town, OCTOBER)
    if figures:
        accept(town, OCTOBER, FIGURES | {f"lines.{part}": value for part, value in figures.items()})
    assert f"Total {total} Supplied by" in words(lead.get("/testford/figures/2024-10/lines/"))
    sweep()
    line = newest_lines(town, OCTOBER)["lines"]
    assert (line.value, line.state) == (None, "not_available" if figures else "awaited")


def test_a_long_history_costs_no_more_queries(town: Town, lead: Client, django_assert_max_num_queries):
    accept(town, OCTOBER, FIGURES)
    for value in range(20):
        lead.post(ARRESTS, ASKED | {"value": str(value)})
        accept_correction(Correction.objects.latest("id"), by=town.coordinator)
    with django_assert_max_num_queries(12):
        page = words(lead.get(ARRESTS))
    assert page.count("Two were counted twice Accepted by coordinator") == 20


@pytest.mark.parametrize(
    "path",
    [
        "2024-11/arrests/",
        "2024-10/nope/",
        "2024-10/arrests/london/",
        "2024-10/lines/nope/",
        "2024-13/arrests/",
    ],
)
def test_what_there_is_not_is_not_found(town: Town, lead: Client, path: str):
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["leeds"]))
    make_dimension(town.area, "other", ["london"])
    open_month(town, OCTOBER)
    assert lead.get(f"/testford/figures/{path}").status_code == 404


# --- Asking ---------------------------------------------------------------------------------------


def test_a_lead_asks_and_reads_what_became_of_it(town: Town, lead: Client, coordinator: Client):
    accept(town, OCTOBER, FIGURES)
    response = lead.post(ARRESTS, ASKED)
    assert (response.status_code, response["Location"]) == (302, ARRESTS)
    assert said(response) == [
        "You asked to correct Arrests for October 2024. The coordinator will decide. This page will show the decision."
    ]
    page = words(lead.get(ARRESTS))
    assert "A correction has been requested From 12 To 10 Why Two were counted twice Asked by agency-lead," in page
    assert "Ask to correct this figure" not in page
    assert "Withdraw the request" in page
    assert "Accept the correction" not in page
    declined = decide(coordinator, Correction.objects.get(), decision="decline", comment="It was 12")
    assert said(declined) == ["You declined the correction of Arrests, October 2024."]
    page = words(lead.get(ARRESTS))
    assert "Declined by coordinator," in page
    assert "“It was 12”" in page
    assert "Ask to correct this figure" in page


def test_what_was_typed_comes_back_with_every_error(town: Town, lead: Client):
    accept(town, OCTOBER, FIGURES)
    note = "<script>" + "y" * 600
    response = lead.post(ARRESTS, {"value": "12a\x00", "reason": "", "note": "n", "why": ""})
    body = response.content.decode()
    assert response.status_code == 200
    assert "<title>Error: Arrests, October 2024" in body
    assert '<a href="#value">Arrests: enter a whole number, such as 12. You entered “12a”.</a>' in body
    assert '<a href="#why">Say why the figure needs to change' in body
    assert 'aria-describedby="value-error" value="12a"' in body
    long = lead.post(ARRESTS, ASKED | {"note": note}).content.decode()
    assert "shorten the note to 500 characters; it has 608." in long
    assert f'value="&lt;script&gt;{"y" * 600}"' in long
    assert not Correction.objects.exists()


def test_a_form_sent_twice_asks_once_and_keeps_what_was_typed(town: Town, lead: Client):
    accept(town, OCTOBER, FIGURES)
    lead.post(ARRESTS, ASKED)
    again = lead.post(ARRESTS, ASKED | {"value": "9"})
    assert again.status_code == 409
    assert "agency-lead has already asked to correct this figure." in words(again)
    assert 'value="9"' in again.content.decode()
    assert Correction.objects.count() == 1


def test_a_second_press_leads_to_what_was_asked(town: Town, lead: Client):
    accept(town, OCTOBER, FIGURES)
    answers = [lead.post(ARRESTS, ASKED | {TOKEN: "of one page"}) for _ in range(2)]
    assert [answer.headers.get("Location") for answer in answers] == [ARRESTS, ARRESTS]
    assert Correction.objects.count() == 1


def test_while_the_return_is_with_the_lead_the_page_leads_there(town: Town, lead: Client):
    open_month(town, OCTOBER)
    response = lead.get(ARRESTS)
    assert "The agency still has the October 2024 return. Enter the figure there." in words(response)
    assert 'href="/testford/returns/2024-10/police/"' in response.content.decode()
    assert lead.post(ARRESTS, ASKED).status_code == 409


def test_nothing_typed_asks_for_everything(town: Town, lead: Client):
    accept(town, OCTOBER, FIGURES)
    page = words(lead.post(ARRESTS, {}))
    fault = "Arrests: enter a number (0 if there were none), or choose why you don’t have the figure."
    assert f"There is a problem {fault} Say why the figure needs to change" in page


# --- Deciding -------------------------------------------------------------------------------------


def test_the_coordinator_accepts_and_the_month_is_brought_up_to_date(
    town: Town, lead: Client, coordinator: Client, django_capture_on_commit_callbacks, monkeypatch
):
    asked_for = []
    monkeypatch.setattr(roll_up_area, "delay", asked_for.append)
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    with django_capture_on_commit_callbacks(execute=True):
        lead.post(ARRESTS, ASKED)
    assert asked_for == []  # asking changes no figure
    page = words(coordinator.get(ARRESTS))
    assert "October 2024 gets a new version for the boards. The published version stays as it was." in page
    with django_capture_on_commit_callbacks(execute=True):
        response = decide(coordinator, Correction.objects.get(), decision="accept")
    assert (response.status_code, response["Location"]) == (302, "/testford/corrections/publish/")
    assert said(response) == ["You accepted the correction of Arrests, October 2024."]
    assert asked_for == [town.area.pk]


def test_a_refused_decision_is_said(town: Town, lead: Client, coordinator: Client):
    accept(town, OCTOBER, FIGURES)
    lead.post(ARRESTS, ASKED)
    asked = Correction.objects.get()
    assert said(decide(coordinator, asked, decision="decline", comment=" ")) == [
        "Say why you decline it. The agency’s lead will read your comment."
    ]
    assert said(decide(coordinator, asked, decision="nope")) == ["Nothing was decided. Press one of the buttons below."]
    assert said(decide(lead, asked, decision="accept")) == ["Only a coordinator of Testford can do this."]
    assert said(decide(lead, asked, decision="withdraw")) == [
        "You withdrew your request to correct Arrests, October 2024."
    ]
    assert said(decide(coordinator, asked, decision="accept")) == [
        "The correction of Arrests, October 2024 is withdrawn, so it can't become accepted."
    ]
    assert Observation.objects.get(indicator__code="arrests").value == 12


def test_the_coordinator_marks_a_figure_and_confirms_it(town: Town, coordinator: Client):
    accept(town, OCTOBER, FIGURES)
    response = mark(coordinator, decision="mark", why="The custody audit is not done")
    assert (response["Location"], said(response)) == (
        ARRESTS,
        ["You marked Arrests for October 2024 as provisional."],
    )
    page = words(coordinator.get(ARRESTS))
    assert "Figure 12 [p] [p] provisional: may still change" in page
    assert history_row(page, "Marked as provisional", "coordinator", "12 12 The custody audit is not done")
    assert "Confirm the figure" in page
    assert said(mark(coordinator, decision="confirm")) == ["You confirmed Arrests for October 2024."]
    assert "[p]" not in words(coordinator.get(ARRESTS)).replace("show [p] beside", "")


def test_what_can_not_be_marked_is_said(town: Town, coordinator: Client):
    submit(town, OCTOBER, FIGURES)
    assert said(mark(coordinator, decision="mark")) == ["Arrests has no signed-off figure for October 2024."]
    assert mark(coordinator, code="nope", decision="mark").status_code == 404
    assert mark(coordinator, category="london", decision="mark").status_code == 404


# --- Who may --------------------------------------------------------------------------------------

READS = {
    Role.AGENCY_LEAD,
    Role.AGENCY_APPROVER,
    Role.AGENCY_CONTACT,
    Role.COORDINATOR,
    Role.ANALYST,
    Role.INFORMATION,
}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_who_reads_and_what_they_are_offered(town: Town, lead: Client, role: Role):
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london"]))
    accept(town, OCTOBER, FIGURES | {"lines.london": 3})
    client = signed_in(town.people[role])
    paths = [ARRESTS, "/testford/figures/2024-10/lines/", "/testford/figures/2024-10/lines/london/"]
    assert {client.get(path).status_code for path in paths} == {200 if role in READS else 403}
    if role in READS:
        page = words(client.get(ARRESTS))
        assert ("Ask to correct this figure" in page) == (role is Role.AGENCY_LEAD)
        assert ("Mark as provisional" in page) == (role is Role.COORDINATOR)
    lead.post(ARRESTS, ASKED)
    if role in READS:
        page = words(client.get(ARRESTS))
        assert ("Accept the correction" in page) == (role is Role.COORDINATOR)
        assert ("Withdraw the request" in page) == (role is Role.AGENCY_LEAD)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OPERATOR, Role.AGENCY_LEAD)])
def test_nobody_else_asks(town: Town, role: Role):
    accept(town, OCTOBER, FIGURES)
    assert signed_in(town.people[role]).post(ARRESTS, ASKED).status_code == 403
    assert not Correction.objects.exists()


def test_a_lead_of_another_agency_neither_reads_nor_decides(town: Town, lead: Client):
    accept(town, OCTOBER, FIGURES)
    lead.post(ARRESTS, ASKED)
    asked = Correction.objects.get()
    other = signed_in(make_member(town.area, Role.AGENCY_LEAD, agency=make_agency(town.area, "nhs")))
    answers = [other.get(ARRESTS), other.post(ARRESTS, ASKED), decide(other, asked, decision="withdraw")]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert mark(other, decision="mark").status_code == 403
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_another_areas_figures_and_corrections_are_not_there(town: Town, lead: Client):
    accept(town, OCTOBER, FIGURES)
    lead.post(ARRESTS, ASKED)
    asked = Correction.objects.get()
    elsewhere = make_town("elsewhere")
    client = signed_in(elsewhere.coordinator)
    assert client.get(ARRESTS).status_code == 404
    assert decide(client, asked, decision="accept").status_code == 404
    through_own = reverse("reporting:correction-decide", args=["elsewhere", asked.pk])
    assert client.post(through_own, {"decision": "accept"}).status_code == 404
    assert client.get("/elsewhere/figures/2024-10/arrests/").status_code == 404  # no such month there
    asked.refresh_from_db()
    assert asked.state == "asked"


# --- The list of what is open ---------------------------------------------------------------------


def test_open_corrections_are_listed_with_a_link_each(town: Town, lead: Client, django_assert_num_queries):
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london"]))
    accept(town, OCTOBER, FIGURES | {"lines.london": 3})
    assert list(open_corrections(town.area)) == []
    for path in (ARRESTS, "/testford/figures/2024-10/lines/london/"):
        lead.post(path, ASKED)
    with django_assert_num_queries(1):
        html = render_to_string(
            "indicators/_corrections_open.html", {"corrections": open_corrections(town.area), "area": town.area}
        )
    assert f'<a class="govuk-link" href="{ARRESTS}">Arrests, October 2024</a>' in html
    assert 'href="/testford/figures/2024-10/lines/london/">Lines, London, October 2024</a>' in html
    assert list(open_corrections(make_town("elsewhere").area)) == []
    assert render_to_string("indicators/_corrections_open.html", {"corrections": []}).strip() == ""
