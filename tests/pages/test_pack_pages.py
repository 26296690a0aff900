"""The pages of board packs: choosing one, issuing it, the register, and reading what was issued."""

import re
from hashlib import sha256
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from boards.models import Board
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import TOKEN
from core.models import User
from indicators.disclosure import Audience
from indicators.models import IndicatorBoard
from reporting.models import IssuedPack, PackKind
from reporting.months.services import hash_corrections, list_corrections, publish_corrections
from reporting.packs.views import packs
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.answers import Answer
from tests.factories import make_area, make_board, make_member
from tests.integration.clock import Clock
from tests.integration.test_revisions import correct
from tests.pdf import text_of
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (9, 10, 11))
LIST, MAKE = "/testford/packs/", "/testford/packs/make/"
CSP = f"{MAKE}?board=csp&month=2026-10"
MEETING = {"meeting": "Board meeting", "meeting_on": "27 11 2026"}
# Days as they are said back.
IN_FULL = {"27 11 2026": "27 November 2026", "30 9 2026": "30 September 2026", "1 1 2099": "1 January 2099"}
REFERENCE = "TESTFORD-2026-10-CSP-1"


def make_october() -> Town:
    """September and October published, November open."""
    town = scenarios.make_town()
    for month, arrests in ((SEPTEMBER, 9), (OCTOBER, 12)):
        scenarios.accept(town, month, {"arrests": arrests, "charges": 30})
    scenarios.publish(town, OCTOBER)
    scenarios.accept(town, NOVEMBER, {"arrests": 7_654_321, "charges": 30})
    scenarios.sweep()
    return town


made, october = stand(make_october)


@pytest.fixture
def other(october: Town) -> Board:
    """Another board, of charges only, with a member."""
    board = make_board(october.area, "sab")
    charges = IndicatorBoard.objects.get(indicator__code="charges")
    IndicatorBoard.objects.create(indicator=charges.indicator, board=board)
    make_member(october.area, Role.BOARD_MEMBER, board=board, email="sab@testford.example")
    return board


def ask(person: User, path: str, **typed: Any) -> Answer:
    client = signed_in(person)
    return client.post(path, typed) if typed else client.get(path)


def read(person: User, path: str, status: int = 200) -> str:
    """The page's words, each once and without markup."""
    answer = ask(person, path)
    assert answer.status_code == status
    return words_of(answer)


def words_of(answer: Answer) -> str:
    body = re.sub(r"<(?:select|svg)\b.*?</(?:select|svg)>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


def seen_in(answer: Answer) -> str:
    found = re.search(r'name="seen" value="(\w+)"', answer.content.decode())
    assert found
    return found[1]


def issue(town: Town, path: str = CSP, **typed: Any) -> Answer:
    """As the coordinator does it on the page."""
    return ask(town.coordinator, path, **{"seen": seen_in(ask(town.coordinator, path))} | MEETING | typed)


def publish_correction(town: Town, value: int, *, code: str = "arrests", note: str = "") -> None:
    correct(town, OCTOBER, value, code=code, note=note)
    publish_corrections(town.area, by=town.coordinator, seen=hash_corrections(list_corrections(town.area)))


def publish_second_edition(town: Town, value: int) -> None:
    publish_correction(town, value)
    scenarios.publish_openly(town, OCTOBER)


# --- The form -------------------------------------------------------------------------------------


def test_it_offers_only_what_one_may_read(october: Town, other: Board):
    html = ask(october.people[Role.BOARD_MEMBER], LIST).content.decode()

    assert '<option value="csp">Board csp</option>' in html
    assert 'value="sab"' not in html
    assert '<option value="2026-10" selected>October 2026</option>' in html
    assert 'value="2026-11"' not in html
    assert '<option value="2026-11">November 2026 (open)</option>' in ask(october.coordinator, LIST).content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("board=sab&month=2026-10", "Choose the board from the list"),
        ("month=2026-10", "Choose the board"),
        ("board=csp&month=2026-11", "Choose the month from the list"),
        ("board=csp&month=x", "Choose the month from the list"),
        ("board=csp&month=2026-10&kind=week", "Choose the kind of pack from the list"),
        ("board=csp&month=2026-10&audience=all", "Choose the readers from the list"),
        ("board=csp&month=2026-10&scope=some", "Choose the indicators that have a full page from the list"),
        ("board=csp&month=2026-10&meeting_on=31+2+2026", "must be a real day: there is no 31 February 2026"),
        ("board=csp&month=2026-10&meeting=" + "x" * 121, "is too long: shorten it to 120 characters"),
        ("board=csp&month=2026-10&kind=appendix&audience=public", "A partners’ appendix is never for the public"),
        ("board=csp%00&month=2026-10", "Choose the board from the list"),
    ],
)
def test_a_wrong_choice_is_said(october: Town, other: Board, typed: str, sentence: str):
    answer = ask(october.people[Role.BOARD_MEMBER], f"{MAKE}?{typed}")

    assert "Error: Make a pack" in answer.content.decode()
    assert sentence in words_of(answer)


def test_nothing_is_lost_of_what_was_typed(october: Town):
    html = ask(
        october.coordinator, f"{MAKE}?board=x&month=2026-09&kind=year&audience=public&meeting=A+%26+B&meeting_on=31+2"
    ).content.decode()

    for option in ("2026-09", "year", "public"):
        assert f'<option value="{option}" selected>' in html
    assert 'value="A &amp; B"' in html
    assert 'value="31 2"' in html


@pytest.mark.parametrize(
    "day", ["27 11 2026", "27/11/2026", "27.11.2026", "2026-11-27", "27 November 2026", " 27  nov 2026"]
)
def test_a_day_may_be_typed_as_people_do(october: Town, day: str):
    assert "Meeting Autumn, 27 November 2026" in read(
        october.coordinator, f"{CSP}&meeting=Autumn&meeting_on={day}"
    ).replace("MeetingAutumn", "Meeting Autumn")


def test_an_area_without_boards_or_months_says_so(db):
    area = make_area("newtown")
    coordinator = make_member(area, Role.COORDINATOR)

    assert "Newtown has no boards yet. The coordinator adds them" in read(coordinator, "/newtown/packs/")
    make_board(area)
    assert "There is no month that you can read yet" in read(coordinator, "/newtown/packs/make/")


def test_a_pack_goes_to_whom_the_board_usually_sends_it(october: Town):
    scenarios.publish_openly(october, OCTOBER)
    assert "The month, for partners" in read(october.coordinator, CSP)

    Board.objects.filter(code="csp").update(packs_are_public=True)
    assert "The month, for the public" in read(october.coordinator, CSP)
    assert "The month, for partners" in read(october.coordinator, f"{CSP}&audience=partners")
    assert "Partners’ appendix, for partners" in read(october.coordinator, f"{CSP}&kind=appendix")


def test_a_board_without_indicators_has_a_pack_that_says_so(october: Town):
    make_board(october.area, "hwbb")
    assert "No indicators are set up for this board in October 2026" in read(
        october.coordinator, f"{MAKE}?board=hwbb&month=2026-10"
    )


def test_a_month_without_figures_has_a_pack_that_says_so(db):
    town = scenarios.make_town("newtown")
    scenarios.open_month(town, NOVEMBER)
    scenarios.sweep()
    words = read(town.coordinator, "/newtown/packs/make/?board=csp&month=2026-11")

    assert "0 of 2 figures in" in words
    assert "November 2026 is a draft. Publish it first:" in words


# --- What would be issued -------------------------------------------------------------------------


def test_a_draft_is_shown_with_its_file(october: Town):
    answer = ask(october.people[Role.BOARD_MEMBER], f"{CSP}&kind=year&scope=signals&meeting=Autumn")
    words = words_of(answer)

    assert "Pack numberTESTFORD-2026-10-CSP, not issued" in words
    assert "The coordinator can issue it for a meeting." in words
    assert "Issue this pack" not in words
    url = re.search(r'href="([^"]+)">Download the draft', answer.content.decode())
    assert url
    draft = ask(october.people[Role.BOARD_MEMBER], unescape(url[1]))
    assert draft.headers["Content-Type"] == "application/pdf"
    assert "One year on: November 2025 to October 2026" in text_of(draft.content)
    assert "Meeting Autumn" in text_of(draft.content)
    assert IssuedPack.objects.count() == 0


def test_the_button_names_the_act(october: Town):
    assert "Issue this pack to the Board csp" in read(october.coordinator, CSP)


def test_what_stands_in_the_way_takes_the_buttons_place(october: Town):
    words = read(october.coordinator, f"{MAKE}?board=csp&month=2026-11")

    assert "It can’t be issued as it is. November 2026 is a draft. Publish it first:" in words
    assert "Issue this pack" not in words


# --- Issuing --------------------------------------------------------------------------------------


def test_a_pack_is_issued(october: Town, django_capture_on_commit_callbacks, monkeypatch):
    Clock(monkeypatch)("2026-12-01")  # letters go out by day
    with django_capture_on_commit_callbacks(execute=True):
        answer = issue(october)

    pack = IssuedPack.objects.get()
    assert answer.headers["Location"] == f"{LIST}{REFERENCE}/"
    assert (pack.meeting, pack.meeting_on.isoformat(), pack.issued_by) == (
        "Board meeting",
        "2026-11-27",
        october.coordinator,
    )
    assert {address for letter in mail.outbox for address in letter.to} == {
        "board-member@testford.example",
        "board-chair@testford.example",
    }


def test_the_page_says_the_number_and_who_is_told(october: Town):
    client = signed_in(october.coordinator)
    answer = client.post(CSP, {"seen": seen_in(client.get(CSP))} | MEETING, follow=True)

    assert f"Pack {REFERENCE} is issued. 2 members will get an email." in words_of(answer)


def test_a_board_without_members_is_told_to_nobody(october: Town):
    make_board(october.area, "hwbb")
    client = signed_in(october.coordinator)
    path = f"{MAKE}?board=hwbb&month=2026-10"
    answer = client.post(path, {"seen": seen_in(client.get(path))} | MEETING, follow=True)

    assert "is issued. No emails will be sent, because no member of the board has them switched on." in words_of(answer)


@pytest.mark.parametrize(
    ("typed", "target", "sentence"),
    [
        ({"meeting": " "}, "issue_meeting", "Enter the meeting"),
        ({"meeting": "\x00"}, "issue_meeting", "Null characters are not allowed."),
        ({"meeting": "x" * 121}, "issue_meeting", "The meeting is too long: shorten it to 120 characters"),
        ({"meeting_on": ""}, "issue_meeting_on", "Enter the day of the meeting"),
        ({"meeting_on": "29 2 2027"}, "issue_meeting_on", "The day of the meeting must be a real day"),
        ({"meeting_on": "30 9 2026"}, "issue_meeting_on", "The meeting can’t be before October 2026"),
        ({"meeting_on": "1 1 2099"}, "issue_meeting_on", "The meeting is more than a year away"),
    ],
)
def test_it_is_issued_for_a_meeting(october: Town, typed: dict[str, str], target: str, sentence: str):
    answer = issue(october, **{"meeting": "Autumn & winter"} | typed)

    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    assert f'<li><a href="#{target}">{sentence}' in html
    assert f'id="{target}"' in html
    for name, text in (MEETING | {"meeting": "Autumn & winter"} | typed).items():
        control = next(each for each in re.findall(r"<input[^>]+>", html) if f'id="issue_{name}"' in each)
        assert f'value="{IN_FULL.get(text, text)}"' in control or not text
    assert not IssuedPack.objects.exists()


def test_only_a_coordinator_issues(october: Town):
    token = seen_in(ask(october.coordinator, CSP))
    for role in (Role.BOARD_MEMBER, Role.STRATEGIC, Role.ANALYST, Role.INFORMATION):
        answer = ask(october.people[role], CSP, seen=token, **MEETING)
        assert answer.status_code == 403
        assert "Only a coordinator of Testford can issue a pack." in words_of(answer)
    assert not IssuedPack.objects.exists()


def test_what_changed_since_it_was_opened_is_not_issued(october: Town):
    token = seen_in(ask(october.coordinator, CSP))
    publish_correction(october, 13)

    answer = ask(october.coordinator, CSP, seen=token, **MEETING)

    assert "This pack has changed since you opened it. Look at it again." in words_of(answer)
    assert 'value="Board meeting"' in answer.content.decode()
    assert seen_in(answer) != token  # it is looked at again on the very page
    assert not IssuedPack.objects.exists()


def test_a_second_press_leads_to_the_pack_that_was_issued(october: Town):
    sent = {"seen": seen_in(ask(october.coordinator, CSP)), TOKEN: "of one page"} | MEETING

    first, second = (ask(october.coordinator, CSP, **sent) for _ in range(2))

    assert second.headers["Location"] == first.headers["Location"] == IssuedPack.objects.get().get_absolute_url()


def test_a_full_disk_is_a_sentence_and_nothing_is_half_issued(october: Town, monkeypatch):
    token = seen_in(ask(october.coordinator, CSP))

    def full(**fields: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(IssuedPack.objects, "create", full)
    answer = ask(october.coordinator, CSP, seen=token, **MEETING)

    assert answer.status_code == 200
    assert "it was not issued. Its number is still free. What went wrong: database or disk is full." in words_of(answer)
    monkeypatch.undo()
    assert not IssuedPack.objects.exists()
    assert issue(october).headers["Location"].endswith("-CSP-1/")


# --- The register ---------------------------------------------------------------------------------


def test_an_empty_register_says_whose_turn_it_is(october: Town):
    assert "No pack has been issued yet. Make one above, look at it, and issue it." in read(october.coordinator, LIST)
    words = read(october.people[Role.BOARD_MEMBER], LIST)
    assert "No pack has been issued to a board of yours yet. The coordinator issues packs before a meeting." in words


def test_the_register_says_what_was_issued(october: Town):
    pack = scenarios.issue(october, OCTOBER)
    words = read(october.people[Role.BOARD_CHAIR], LIST)

    assert f"{REFERENCE} Board csp, October 2026 The month, for partners" in words
    assert "ForBoard meeting, 27 November 2026" in words
    assert "by coordinator" in words
    assert f"Showsversion 1 FilePDF of {REFERENCE}, " in words
    assert f"SHA-256 {pack.sha256[:8]}…" in words
    assert "Nothing has changed since." in words


def test_who_sees_no_board_is_told_so(october: Town):
    for path in (LIST, MAKE, f"{LIST}{REFERENCE}/", f"{LIST}{REFERENCE}/pack.pdf"):
        assert "Only board members and people who prepare a month can see packs" in read(october.lead, path, status=403)


def test_a_member_sees_the_packs_of_their_own_boards(october: Town, other: Board):
    scenarios.issue(october, OCTOBER)
    scenarios.issue(october, OCTOBER, board=other)
    member = User.objects.get(email="sab@testford.example")

    words = read(member, LIST)
    assert "TESTFORD-2026-10-SAB-1" in words
    assert REFERENCE not in words
    assert "There is no such pack, or it is for another board." in read(member, f"{LIST}{REFERENCE}/", status=404)
    assert ask(member, f"{LIST}{REFERENCE}/pack.pdf").status_code == 404
    assert REFERENCE in read(october.people[Role.STRATEGIC], LIST)


def test_it_is_filtered_by_board_and_month(october: Town, other: Board):
    for month, board in ((OCTOBER, october.csp), (SEPTEMBER, october.csp), (OCTOBER, other)):
        scenarios.issue(october, month, board=board)

    def shown(query: str) -> list[str]:
        found = re.findall(r"<h3[^>]*><a [^>]*>([^<]+)", ask(october.coordinator, LIST + query).content.decode())
        return [name.removeprefix("TESTFORD-") for name in found]

    assert shown("") == ["2026-10-SAB-1", "2026-09-CSP-1", "2026-10-CSP-1"]
    assert shown("?board=csp") == ["2026-09-CSP-1", "2026-10-CSP-1"]
    assert shown("?board=csp&month=2026-10") == ["2026-10-CSP-1"]
    assert shown("?board=sab&month=2026-09") == []
    words = read(october.coordinator, f"{LIST}?board=sab&month=2026-09")
    assert "Board: Board sab Remove Board: Board sab; Month: September 2026" in words
    assert "No pack matches these filters. Remove a filter, or show every pack." in words
    assert "“nope” isn’t an option under “Board”" in read(october.coordinator, f"{LIST}?board=nope")


def test_it_comes_in_pages(october: Town, monkeypatch):
    monkeypatch.setattr(packs, "PACKS_A_PAGE", 1)
    for month in (SEPTEMBER, OCTOBER):
        scenarios.issue(october, month)

    first = ask(october.coordinator, f"{LIST}?board=csp").content.decode()
    assert "2026-10-CSP-1/" in first
    assert "2026-09-CSP-1/" not in first
    assert 'href="?board=csp&amp;page=2#s-register">Older packs' in first
    assert "2026-09-CSP-1/" in ask(october.coordinator, f"{LIST}?board=csp&page=2").content.decode()


# --- Later corrections ----------------------------------------------------------------------------


def test_a_later_version_says_what_it_changes(october: Town, other: Board):
    scenarios.issue(october, OCTOBER)
    scenarios.issue(october, OCTOBER, board=other)
    publish_correction(october, 1_300, note="Counted once more")

    html = ask(october.coordinator, LIST).content.decode()
    words = words_of(ask(october.coordinator, LIST))
    assert re.search(
        r"Version 2 of October 2026, published on \d+ \w+ \d{4}, changes 1 of the board’s figures: Arrests 12 → "
        r"1,300\.",
        words,
    )
    assert 'href="/testford/changes/2026-10/"' in html
    # The other board has no arrests.
    member = User.objects.get(email="sab@testford.example")
    assert "Nothing has changed since." in read(member, LIST)
    assert "Arrests 12 → 1,300" in read(october.people[Role.BOARD_MEMBER], f"{LIST}{REFERENCE}/")
    # A pack of the new version shows it already.
    scenarios.issue(october, OCTOBER)
    assert "Nothing has changed since." in read(october.coordinator, f"{LIST}TESTFORD-2026-10-CSP-2/")


def test_each_later_version_is_named(october: Town):
    scenarios.issue(october, OCTOBER)
    publish_correction(october, 13)
    publish_correction(october, 31, code="charges")

    words = read(october.coordinator, f"{LIST}{REFERENCE}/")
    assert words.index("Arrests 12 → 13") < words.index("Charges 30 → 31")
    assert words.count("changes 1 of the board’s figures") == 2


def test_more_corrected_figures_cost_no_more_queries(october: Town):
    scenarios.issue(october, OCTOBER)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            read(october.coordinator, LIST)
        return len(asked)

    publish_correction(october, 13)
    of_one = count()
    publish_correction(october, 14)
    publish_correction(october, 31, code="charges")
    assert count() == of_one


def test_figures_of_earlier_months_are_named_too(october: Town):
    scenarios.issue(october, OCTOBER)
    correct(october, SEPTEMBER, 10)
    publish_corrections(october.area, by=october.coordinator, seen=hash_corrections(list_corrections(october.area)))

    assert (
        "changes none of the board’s figures. For Arrests, figures for earlier months have changed, "
        "and results that use them may have changed too."
    ) in read(october.coordinator, f"{LIST}{REFERENCE}/")


def test_a_draft_of_a_correction_is_no_correction_yet(october: Town):
    scenarios.issue(october, OCTOBER)
    correct(october, OCTOBER, 13)

    assert "Nothing has changed since." in read(october.coordinator, LIST)


def test_later_editions_are_compared_for_the_public(october: Town):
    edition = scenarios.publish_openly(october, OCTOBER)
    scenarios.issue(october, OCTOBER, audience=Audience.PUBLIC)
    publish_second_edition(october, 13)

    path = f"{LIST}{REFERENCE}/"
    words = read(october.coordinator, path)
    assert "replaced edition 1, and changes 1 of the board’s figures: Arrests 12 → 13." in words
    assert "was withdrawn" not in words

    withdraw_month(edition.period, why="A secret reason", by=october.people[Role.INFORMATION])
    words = read(october.coordinator, path)
    assert "The pack shows edition 1 of October 2026, which was withdrawn on" in words
    assert "A secret reason" not in words


def test_a_later_edition_that_was_withdrawn_is_not_quoted(october: Town):
    scenarios.publish_openly(october, OCTOBER)
    scenarios.issue(october, OCTOBER, audience=Audience.PUBLIC)
    publish_correction(october, 13)
    second = scenarios.publish_openly(october, OCTOBER)
    withdraw_month(second.period, why="By mistake", by=october.people[Role.INFORMATION])
    publish_second_edition(october, 14)

    words = read(october.coordinator, f"{LIST}{REFERENCE}/")
    assert re.search(r"Edition 2 of October 2026, published on [^,]+, was withdrawn on", words)
    assert "replaced edition 1, and changes 1 of the board’s figures: Arrests 12 → 14." in words
    assert "13" not in words.partition("Later corrections")[2].partition("Download")[0]


def test_what_is_withheld_by_then_is_no_figure(october: Town):
    scenarios.publish_openly(october, OCTOBER)
    scenarios.issue(october, OCTOBER, audience=Audience.PUBLIC)
    publish_second_edition(october, 4)

    words = read(october.coordinator, f"{LIST}{REFERENCE}/")
    assert "Arrests 12 → [c]" in words
    assert "→ 4" not in words


# --- An issued pack -------------------------------------------------------------------------------


def test_an_issued_pack_is_a_page(october: Town):
    pack = scenarios.issue(october, OCTOBER)
    answer = ask(october.people[Role.BOARD_MEMBER], f"{LIST}{REFERENCE}/")
    words = words_of(answer)

    assert pack.sha256 in words
    assert f"Issued as {REFERENCE}" in words
    assert "ForBoard meeting, 27 November 2026" in words
    assert "The month, for partners; version 1 of October 2026" in words
    for chapter in pack.content["chapters"]:
        assert chapter["title"] in words
    assert answer.content.decode().count("<h1") == 1
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert (
        "members" not in words_of(answer).split("Issued as")[1].split("Contents")[0].lower()
    )  # letters: a coordinator


def test_it_stays_as_it_was_whatever_is_renamed(october: Town):
    scenarios.issue(october, OCTOBER)
    Board.objects.filter(code="csp").update(name="Renamed")

    assert "Board csp Board pack for October 2026" in read(october.coordinator, f"{LIST}{REFERENCE}/")


def test_the_very_file_is_given_out(october: Town):
    pack = scenarios.issue(october, OCTOBER)
    answer = ask(october.people[Role.BOARD_MEMBER], f"{LIST}{REFERENCE}/pack.pdf")

    assert sha256(answer.content).hexdigest() == pack.sha256
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="OFFICIAL-SENSITIVE {REFERENCE}.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_public_pack_and_its_appendix_lead_to_each_other(october: Town):
    publish_correction(october, 4)  # so small that the public isn't shown it
    scenarios.publish_openly(october, OCTOBER)
    scenarios.issue(october, OCTOBER, audience=Audience.PUBLIC)
    scenarios.issue(october, OCTOBER, kind=PackKind.APPENDIX)
    scenarios.issue(october, OCTOBER)

    first, second, third = (f"{LIST}TESTFORD-2026-10-CSP-{number}/" for number in (1, 2, 3))
    assert "Partners’ appendixTESTFORD-2026-10-CSP-2" in read(october.coordinator, first)
    assert "The public packTESTFORD-2026-10-CSP-1" in read(october.coordinator, second)
    assert "CSP-1" not in read(october.coordinator, third)


def test_no_such_pack(october: Town):
    assert "There is no such pack" in read(october.coordinator, f"{LIST}NOPE-1/", status=404)


# --- The draft's file -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("kind=week", 400, "Choose the kind of pack from the list."),
        ("audience=all", 400, "Choose the readers from the list."),
        ("scope=x", 400, "from the list."),
        ("meeting_on=31+2+2026", 400, "The day of the meeting must be a real day"),
        ("kind=appendix&audience=public", 400, "A partners’ appendix is never for the public"),
        ("version=9", 404, "October 2026 has no version “9”."),
        ("version=%00", 200, ""),
    ],
)
def test_a_bad_address_of_a_draft_is_refused_with_a_sentence(october: Town, query: str, status: int, sentence: str):
    answer = ask(october.coordinator, f"{LIST}2026-10/csp/?{query}")

    assert answer.status_code == status
    assert sentence in words_of(answer) if sentence else answer.headers["Content-Type"] == "application/pdf"


def test_the_boards_page_leads_to_its_draft_and_its_packs(october: Town):
    html = ask(october.people[Role.BOARD_MEMBER], "/testford/2026-10/csp/").content.decode()

    assert 'href="/testford/packs/2026-10/csp/"' in html
    assert f'href="{LIST}?board=csp"' in html
    assert f'href="{LIST}"' in ask(october.people[Role.BOARD_MEMBER], "/testford/").content.decode()
    assert f'href="{LIST}"' not in ask(october.lead, "/testford/").content.decode()


def test_a_version_of_its_own_is_downloaded(october: Town):
    publish_correction(october, 13)
    answer = ask(october.people[Role.BOARD_MEMBER], f"{LIST}2026-10/csp/?version=1")

    assert " v1 " in answer.headers["Content-Disposition"]
    assert "superseded by version 2" in text_of(answer.content)
