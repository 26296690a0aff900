"""The coordinator's grid: where each return is, with whom and how long; accepting several at once; and
an agency's own release."""

import re
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from boards.models import Agency
from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month
from core.forms import kept
from core.models import User
from indicators.figures import Entry
from indicators.models import Observation, Submission
from indicators.services.corrections import ask_correction
from indicators.services.returns import accept_return, release_return, save_draft
from tests.answers import Answer
from tests.factories import make_agency, make_indicator, make_member
from tests.integration.clock import Clock, clock_at
from tests.scenarios import Town, accept, give_back, open_month, publish, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
FIGURES = {"arrests": 12, "charges": 4}
GRID = reverse("reporting:return-grid", args=["testford", OCTOBER])


clock = clock_at("2026-11-04")  # a Wednesday; October is due on Tuesday 10 November


@pytest.fixture
def nhs(town: Town) -> Agency:
    """Another agency, whose lead is the police's too."""
    nhs = make_agency(town.area, "nhs", name="NHS", position=1)
    make_indicator(nhs, "woundings", boards=(town.csp,), position=2)
    town.lead.memberships.create(area=town.area, role=Role.AGENCY_LEAD.value, agency=nhs)
    return nhs


@pytest.fixture
def releasing(town: Town) -> Agency:
    """The police ask for their own release."""
    town.police.needs_release = True
    town.police.save()
    return town.police


def get(user: User, url: str = GRID) -> Answer:
    client = signed_in(user)
    return client.get(url)


def post(user: User, url: str, data: dict[str, Any]) -> Answer:
    """As from a page that was opened just now: it carries each return's revision."""
    client = signed_in(user)
    seen = {f"revision:{one.agency.code}": one.revision for one in Submission.objects.select_related("agency")}
    agency = url.rstrip("/").split("/")[-2]
    return client.post(url, {**seen, "revision": seen.get(f"revision:{agency}", 0), **data})


def said(response: Answer) -> list[str]:
    """What the next page would say: the messages, and why something was refused."""
    request = response.wsgi_request
    left = request.session.get(kept.LEFT, {}).get("refusal")
    return [*map(str, request._messages), *([left] if left else [])]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split()).replace(" .", ".")


def rows(response: Answer) -> dict[str, str]:
    """What the first table says of each agency: the state of its return, with whom that is and how long."""
    table = response.content.decode().partition("<table")[2].partition("</table>")[0]
    cells = [re.split(r"</t[hd]>", row) for row in table.partition("<tbody>")[2].split("</tr>")[:-1]]
    return {words(name): words(state.replace("</strong><br>", " | ")) for name, state, *_ in cells}


def boxes(response: Answer) -> list[str]:
    return re.findall(r'name="agency" type="checkbox" value="([\w-]+)"', response.content.decode())


# --- Where each one is ----------------------------------------------------------------------------


POLICE, NHS = "Not reminded yet. Remind now for Police", "Not reminded yet. Remind now for NHS"


def test_each_state_says_with_whom_it_is_and_how_long(town: Town, nhs: Agency, clock: Clock):
    open_month(town, OCTOBER)
    assert rows(get(town.coordinator)) == {
        "Police": f"Not started | With agency-lead since 1 November 2026, 3 working days. {POLICE}",
        "NHS": f"Not started | With agency-lead since 1 November 2026, 3 working days. {NHS}",
    }
    save_draft(town.police, open_month(town, OCTOBER), {"arrests": Entry("1")}, revision=0, by=town.lead)
    submit(town, OCTOBER, {"woundings": 1}, agency=nhs)
    assert rows(get(town.coordinator)) == {
        "Police": f"Draft | With agency-lead since 1 November 2026, 3 working days. {POLICE}",
        "NHS": "Submitted | With you since 4 November 2026.",
    }
    clock("2026-11-09")
    give_back(town, submit(town, OCTOBER, FIGURES))
    accept_return(nhs.submissions.get(), by=town.coordinator)
    clock("2026-11-17")
    assert rows(get(town.coordinator)) == {
        "Police": "Sent back | With agency-lead since 9 November 2026, 6 working days. "
        f"Sent back: “Please check the arrests.” {POLICE}",
        "NHS": "Accepted | Accepted by coordinator on 9 November 2026.",
    }


def test_a_return_is_with_its_agency_once_its_month_has_ended(town: Town, clock: Clock):
    clock("2026-11-30")
    open_month(town, NOVEMBER)
    of_november = reverse("reporting:return-grid", args=["testford", NOVEMBER])
    assert "With agency-lead from 1 December 2026. " in rows(get(town.coordinator, of_november))["Police"]
    clock("2026-12-02")
    expected = f"With agency-lead since 1 December 2026, 2 working days. {POLICE}"
    assert expected in rows(get(town.coordinator, of_november))["Police"]


def test_what_was_never_handed_in_is_overdue(town: Town, nhs: Agency, clock: Clock):
    give_back(town, submit(town, OCTOBER, FIGURES))
    clock("2026-11-13")
    page = get(town.coordinator)
    assert rows(page)["NHS"] == (
        "Not started Overdue | With agency-lead since 1 November 2026, 10 working days. "
        f"Due 10 November 2026, 3 working days overdue. {NHS}"
    )
    assert "Overdue" not in rows(page)["Police"]  # it came in time, and was given back
    assert "One is overdue." in page.content.decode()


def test_a_closed_month_still_says_with_whom_a_return_is(town: Town, nhs: Agency, clock: Clock):
    submit(town, OCTOBER, FIGURES)
    close_month(open_month(town, OCTOBER), by=town.coordinator, missing=["NHS"], why="Early")
    page = get(town.coordinator)
    assert rows(page) == {
        "Police": "Submitted | With you since 4 November 2026.",
        "NHS": f"Not started | With agency-lead since 1 November 2026, 3 working days. {NHS}",
    }
    assert boxes(page) == ["police"]


def test_a_release_stands_between_the_agency_and_the_coordinator(town: Town, releasing: Agency, clock: Clock):
    submission = submit(town, OCTOBER, FIGURES)
    page = get(town.coordinator)
    assert rows(page) == {"Police": f"Submitted | With agency-approver, to release it, since 4 November 2026. {POLICE}"}
    assert boxes(page) == []
    clock("2026-11-06")
    release_return(submission, by=town.people[Role.AGENCY_APPROVER])
    page = get(town.coordinator)
    assert rows(page) == {"Police": "Released | With you since 6 November 2026."}
    assert boxes(page) == ["police"]


# --- Several at once ------------------------------------------------------------------------------


def test_the_chosen_returns_are_accepted(town: Town, nhs: Agency, clock: Clock):
    submit(town, OCTOBER, FIGURES)
    submit(town, OCTOBER, {"woundings": 1}, agency=nhs)
    assert boxes(get(town.coordinator)) == ["police", "nhs"]

    answer = post(town.coordinator, GRID, {"agency": ["police", "nhs"]})

    assert (answer.status_code, answer["Location"]) == (302, GRID)
    assert said(answer) == ["You accepted 2 returns for October 2026: Police; NHS."]
    assert set(Submission.objects.values_list("state", flat=True)) == {"accepted"}
    assert Observation.objects.signed_off().count() == 3


def test_one_that_is_refused_is_told_and_keeps_no_other_back(town: Town, nhs: Agency, releasing: Agency, clock: Clock):
    submit(town, OCTOBER, FIGURES)
    submit(town, OCTOBER, {"woundings": 1}, agency=nhs)
    make_indicator(make_agency(town.area, "fire", name="Fire", position=2), "fires")

    answer = post(town.coordinator, GRID, {"agency": ["police", "nhs", "fire", "no one"]})

    assert said(answer) == [
        "You accepted 1 return for October 2026: NHS.",
        "The return from Police wasn’t accepted. "
        "The return from Police for October 2026 is waiting for the agency’s approver to release it.",
        "The return from Fire wasn’t accepted: no one has started it.",
    ]
    assert set(Submission.objects.values_list("agency__code", "state")) == {
        ("police", "submitted"),
        ("nhs", "accepted"),
    }


@pytest.mark.parametrize("chosen", [{}, {"agency": "no one"}, {"agency": "\x00"}])
def test_nothing_chosen_is_said(town: Town, clock: Clock, chosen: dict[str, Any]):
    submit(town, OCTOBER, FIGURES)
    assert said(post(town.coordinator, GRID, chosen)) == ["Choose at least one return to accept."]
    assert Submission.objects.get().state == "submitted"


def test_pressing_the_button_twice_says_that_it_is_done_already(town: Town, clock: Clock):
    submit(town, OCTOBER, FIGURES)
    post(town.coordinator, GRID, {"agency": "police"})
    assert said(post(town.coordinator, GRID, {"agency": "police"})) == [
        "The return from Police wasn’t accepted. "
        "The return from Police for October 2026 is accepted, so it can't become accepted."
    ]


# --- Read by whoever only follows returns ---------------------------------------------------------


def test_it_is_read_with_whom_each_is_and_since_when(town: Town, nhs: Agency, releasing: Agency, clock: Clock):
    open_month(town, OCTOBER)
    submit(town, OCTOBER, {"woundings": 1}, agency=nhs)
    clock("2026-11-11")
    for role in (Role.STRATEGIC, Role.BOARD_CHAIR):
        answer = get(town.people[role])
        assert rows(answer) == {
            "Police": "Not started Overdue | With its lead since 1 November 2026, 8 working days.",
            "NHS": "Submitted | With the coordinator since 4 November 2026, 5 working days.",
        }
        assert "2 returns: 1 not started, 1 with the coordinator, 1 overdue." in words(answer.content.decode())
    submit(town, OCTOBER, FIGURES)
    assert rows(get(town.people[Role.STRATEGIC]))["Police"] == "Submitted | With its approver since 11 November 2026."
    assert rows(get(town.people[Role.AGENCY_APPROVER]))["Police"] == "Submitted | With you since 11 November 2026."


def test_whoever_reads_it_finds_no_button_and_nothing_of_other_agencies(town: Town, nhs: Agency, clock: Clock):
    for agency, figures in ((town.police, FIGURES), (nhs, {"woundings": 1})):
        give_back(town, submit(town, OCTOBER, figures, agency=agency))
    said_to_own, of_all = "Sent back: “Please check the arrests.”", [Role.STRATEGIC, Role.BOARD_CHAIR]
    for role in of_all:
        page = get(town.people[role]).content.decode()
        main = page.partition("<main")[2].partition("</main>")[0]
        assert "<button" not in main
        assert "<form" not in main
        assert "Please check" not in page
        assert "/returns/2026-10/police/" not in page
    own = get(town.people[Role.AGENCY_APPROVER])
    assert rows(own)["Police"].endswith(said_to_own)
    assert "Please check" not in rows(own)["NHS"]
    assert "/returns/2026-10/police/" in own.content.decode()
    assert "/returns/2026-10/nhs/" not in own.content.decode()


def test_it_is_found_from_the_home_the_menu_and_the_month(town: Town, nhs: Agency, clock: Clock):
    accept(town, OCTOBER.previous, FIGURES)
    publish(town, OCTOBER.previous)
    open_month(town, OCTOBER)
    home, month = "/testford/", reverse("reporting:month-view", args=["testford", OCTOBER.previous])
    for role in (Role.STRATEGIC, Role.BOARD_CHAIR, Role.AGENCY_APPROVER):
        person = town.people[role]
        assert f'See where each return is: <a class="govuk-link" href="{GRID}">' in get(person, home).content.decode()
        assert "See where each return is" in get(person, month).content.decode()
        returns = get(person, "/testford/returns/")
        leads_on = returns.headers["Location"] if returns.status_code == 302 else returns.content.decode()
        assert GRID in leads_on
    for page in (home, month):
        member = get(town.people[Role.BOARD_MEMBER], page).content.decode()
        assert "See where each return is" not in member


# --- Decisions on one -----------------------------------------------------------------------------

DECIDE = reverse("reporting:return-decide", args=["testford", OCTOBER, "police"])


def test_a_figure_is_accepted_as_provisional(town: Town, clock: Clock):
    submit(town, OCTOBER, FIGURES)
    answer = post(town.coordinator, DECIDE, {"decision": "accept", "provisional": ["charges", "no-such-box"]})
    assert (answer["Location"], said(answer)) == (GRID, ["You accepted Police, October 2026."])
    assert set(Observation.objects.values_list("indicator__code", "is_provisional")) == {
        ("arrests", False),
        ("charges", True),
    }


def test_the_approver_releases_and_then_the_coordinator_accepts(town: Town, releasing: Agency, clock: Clock):
    submission = submit(town, OCTOBER, FIGURES)
    approver = town.people[Role.AGENCY_APPROVER]

    early = post(town.coordinator, DECIDE, {"decision": "accept"})
    assert said(early) == [
        "The return from Police for October 2026 is waiting for the agency’s approver to release it."
    ]
    answer = post(approver, DECIDE, {"decision": "release"})
    assert answer["Location"] == reverse("reporting:area-home", args=["testford"])
    assert said(answer) == ["You released Police, October 2026. It is now with the coordinator."]
    assert post(approver, DECIDE, {"decision": "accept"}).status_code == 302  # refused with a sentence
    submission.refresh_from_db()
    assert (submission.state, submission.released_by) == ("released", approver)
    post(town.coordinator, DECIDE, {"decision": "accept"})
    submission.refresh_from_db()
    assert submission.state == "accepted"


def test_the_approver_gives_back_until_the_release_and_not_after(town: Town, releasing: Agency, clock: Clock):
    approver = town.people[Role.AGENCY_APPROVER]
    submission = submit(town, OCTOBER, FIGURES)
    post(approver, DECIDE, {"decision": "return", "comment": "Charges are last month’s."})
    submission.refresh_from_db()
    assert (submission.state, submission.returned_by) == ("returned", approver)
    post(approver, DECIDE, {"decision": "release"})
    submission.refresh_from_db()
    assert submission.state == "returned"
    release_return(submit(town, OCTOBER, FIGURES), by=approver)

    answer = post(approver, DECIDE, {"decision": "return", "comment": "Too late?"})

    assert said(answer) == [
        "The return is no longer with you. Ask the coordinator to send it back.",
    ]


def test_another_agencys_approver_is_refused(town: Town, nhs: Agency, releasing: Agency, clock: Clock):
    submission = submit(town, OCTOBER, FIGURES)
    stranger = make_member(town.area, Role.AGENCY_APPROVER, agency=nhs)
    for decision in ("release", "accept", "return", ""):
        assert post(stranger, DECIDE, {"decision": decision, "comment": "No"}).status_code == 403
    submission.refresh_from_db()
    assert submission.state == "submitted"


def test_a_comment_that_is_too_long_is_said_and_not_cut(town: Town, clock: Clock):
    submission = submit(town, OCTOBER, FIGURES)
    comment = "x" * 2001
    answer = post(town.coordinator, DECIDE, {"decision": "return", "comment": comment})
    assert said(answer) == ["Shorten the comment to 2,000 characters: it has 2,001. The return has not been sent back."]
    page = answer.client.get(answer["Location"]).content.decode()
    assert f"\n{comment}</textarea>" in page
    assert "Shorten" not in answer.client.get(answer["Location"]).content.decode()
    submission.refresh_from_db()
    assert submission.state == "submitted"


def test_no_decision_decides_nothing(town: Town, clock: Clock):
    submission = submit(town, OCTOBER, FIGURES)
    answer = post(town.coordinator, DECIDE, {"comment": "Left in the box"})
    assert said(answer) == [
        "Nothing was decided. Press one of the buttons below.",
    ]
    submission.refresh_from_db()
    assert submission.state == "submitted"


# --- Completeness and what else waits -------------------------------------------------------------


def test_the_year_stands_below_in_letters_and_words(town: Town, nhs: Agency, clock: Clock):
    accept(town, OCTOBER.previous, FIGURES)  # due on 10 October: late
    submit(town, OCTOBER, FIGURES)
    clock("2026-11-12")
    page = words(get(town.coordinator).content.decode())
    _, _, year = page.partition("Returns in the twelve months to October 2026")
    assert "T on time L late M missing – nothing owed" in year
    assert "Police" + " – Nothing owed" * 10 + " L Late T On time 1 1 0 0" in year
    assert "NHS" + " – Nothing owed" * 10 + " M Missing M Missing 0 0 2 0" in year
    assert "All agencies 1 1 2 0" in year


def test_open_corrections_stand_on_the_grid(town: Town, clock: Clock):
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    assert "Corrections waiting for you" not in get(town.coordinator).content.decode()
    ask_correction(
        town.area.indicators.get(code="arrests"),
        None,
        open_month(town, OCTOBER),
        entry=Entry("13"),
        reason="One was logged late.",
        by=town.lead,
    )
    page = get(town.coordinator).content.decode()
    assert "Corrections waiting for you" in page
    assert "One was logged late." in page
