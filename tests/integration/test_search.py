"""Search: each person finds what their pages show them, all of it and nothing else, on both databases."""

import re
from copy import deepcopy
from html import unescape

import pytest
from django.db import connection
from django.utils import timezone

from actions.models import Way
from actions.services.challenges import answer
from actions.services.events import remove_event
from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.models import User
from indicators.figures import Entry
from indicators.models import Pathway
from indicators.services.names import grant_view, note_name
from indicators.services.returns import return_return, save_draft
from reporting.kpis.services import retire_kpi
from reporting.pages.selectors import Sought
from tests import challenging, duty, highlights, meeting, scenarios
from tests.factories import make_agency, make_board, make_dimension, make_indicator, make_member, make_pathway
from tests.happening import indicator, tell
from tests.measuring import SEEN, history, set_one, target_draft
from tests.planning import plan
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (8, 9, 10, 11))
CHARACTERS = (
    "operator",
    "lead",
    "lead-2",
    "approver",
    "contact",
    "member",
    "member-2",
    "chair",
    "strategic",
    "coordinator",
    "analyst",
    "information",
)


def fill(town: Town) -> list[str]:
    """One thing of each kind with the word zebra for the town's board and for another board; all of their pages."""
    area, sab = town.area, make_board(town.area, "sab", name="Zebra safeguarding board")
    nhs = make_agency(area, "nhs", name="Zebra trust")
    lead = make_member(area, Role.AGENCY_LEAD, agency=nhs, email=f"lead-2@{area.slug}.example")
    make_member(area, Role.BOARD_MEMBER, board=sab, email=f"member-2@{area.slug}.example")
    make_indicator(town.police, "stripes", title="Zebra crossings", boards=(town.csp,), position=5)
    make_indicator(nhs, "ills", title="Illnesses", boards=(sab,), position=6)
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        scenarios.accept(town, month, {"arrests": 2, "charges": 1, "stripes": 3})
    refused = scenarios.submit(town, Month(2026, 11), {"arrests": 2, "charges": 1, "stripes": 3})
    return_return(refused, comment="The zebra is no horse", by=town.coordinator)
    other = save_draft(nhs, scenarios.open_month(town, OCTOBER), {"ills": Entry("4")}, revision=0, by=lead)
    scenarios.sweep()
    for month in (AUGUST, SEPTEMBER):
        scenarios.publish(town, month)
    chair = make_member(area, Role.BOARD_CHAIR, board=sab)
    return [
        f"/{area.slug}/indicators/stripes/",
        *(
            one.get_absolute_url()
            for one in (plan(town, title="Count zebras"), plan(town, board=sab, title="Feed a zebra"))
        ),
        *(
            one.get_absolute_url()
            for one in (
                challenging.ask(town, question="Where is the zebra?"),
                challenging.ask(town, question="Whose zebra is it?", board=sab, answerer=chair),
            )
        ),
        *(
            one.get_absolute_url()
            for one in (
                meeting.record(town, meeting.meet(town), notes="A zebra came in."),
                meeting.record(town, meeting.meet(town, board=sab), notes="It left."),  # the board is named so
            )
        ),
        f"/{area.slug}/highlights/{highlights.tell(town, story='We met a zebra at the market.').pk}/",
        *(
            scenarios.issue(town, SEPTEMBER, board=board, meeting="Zebra day").get_absolute_url()
            for board in (town.csp, sab)
        ),
        f"/{area.slug}/events/#{tell(town, title='A zebra is let loose').reference.lower()}",
        refused.get_absolute_url(),
        other.get_absolute_url(),
    ]


@pytest.fixture(scope="module")
def filled(standing) -> tuple[Town, Town, list[str], list[str]]:
    def make() -> tuple[Town, Town, list[str], list[str]]:
        town, other = scenarios.make_town(), scenarios.make_town("otherton")
        return town, other, fill(town), fill(other)

    return standing(make)


@pytest.fixture
def town(filled: tuple[Town, Town, list[str], list[str]]) -> Town:
    return deepcopy(filled[0])


def person(town: Town, character: str) -> User:
    roles = {"lead": Role.AGENCY_LEAD, "approver": Role.AGENCY_APPROVER, "contact": Role.AGENCY_CONTACT}
    roles |= {"member": Role.BOARD_MEMBER, "chair": Role.BOARD_CHAIR}
    if character == "operator":
        return User.objects.filter(is_superuser=True).first() or scenarios.make_operator()
    if character.endswith("-2"):
        return User.objects.get(email=f"{character}@{town.area.slug}.example")
    return town.people[roles.get(character) or Role(character)]


def search(user: User, words: str, *, slug: str = "testford") -> str:
    answer = signed_in(user).get(f"/{slug}/search/", {"q": words})
    assert answer.status_code == 200
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def found(html: str) -> list[str]:
    return [unescape(url) for url in re.findall(r'<li class="vv-break"><a class="govuk-link" href="([^"]+)"', html)]


def is_own_return(path: str, user: User) -> bool:
    """Others may read a return; but it is found by its agency's people."""
    agency = path.rstrip("/").rpartition("/")[2]
    return Membership.objects.filter(user=user, agency__code=agency, area__slug=path.split("/")[1]).exists()


@pytest.mark.parametrize("character", CHARACTERS)
def test_each_finds_what_they_may_open_and_nothing_else(filled, character):
    town, _, pages, others = filled
    user = person(town, character)
    client = signed_in(user)
    may_open = {path for path in pages if client.get(path).status_code == 200}
    expected = {path for path in may_open if "/returns/" not in path or is_own_return(path, user)}

    urls = found(search(user, "zebra"))

    assert set(urls) == expected
    assert len(urls) == len(expected)
    assert not set(urls) & set(others)


def test_an_outsider_is_told_of_nothing(filled):
    town, other, _, _ = filled

    assert signed_in(other.coordinator).get("/testford/search/", {"q": "zebra"}).status_code == 404
    assert signed_in(town.coordinator).get("/otherton/search/", {"q": "zebra"}).status_code == 404


def test_somebody_of_two_areas_finds_those_of_the_one_asked(filled):
    town, other, pages, others = filled
    both = make_member(town.area, Role.COORDINATOR)
    Membership.objects.create(user=both, area=other.area, role=Role.BOARD_MEMBER.value, board=other.csp)

    assert set(found(search(both, "zebra"))) <= set(pages)
    elsewhere = set(found(search(both, "zebra", slug="otherton")))
    assert elsewhere < set(others)
    assert elsewhere


def test_all_the_words_are_needed(town):
    assert found(search(town.coordinator, "zebra market"))[0].startswith("/testford/highlights/")
    assert len(found(search(town.coordinator, "zebra market"))) == 1
    assert found(search(town.coordinator, "zebra giraffe")) == []


def test_a_draft_is_not_found_before_it_is_published(town):
    """An indicator that only a draft holds."""
    make_indicator(town.police, "new", title="Giraffes", defined_from=OCTOBER.first_day, boards=(town.csp,), position=9)
    scenarios.sweep()

    assert found(search(town.people[Role.BOARD_MEMBER], "giraffes")) == []
    assert found(search(town.coordinator, "giraffes")) == []


def test_what_was_said_to_a_challenge_is_found_by_those_who_read_it(town):
    challenge = challenging.ask(town, question="Why so few?", board=town.csp)
    answer(challenge, text="Because of an okapi", seen=challenge.entries.count(), by=town.people[Role.BOARD_MEMBER])

    assert found(search(town.people[Role.BOARD_MEMBER], "okapi")) == [challenge.get_absolute_url()]
    assert found(search(person(town, "member-2"), "okapi")) == []


def test_the_agenda_is_not_looked_through(town):
    """It names challenges, which not everybody who reads the meeting may read."""
    own = challenging.ask(town, question="Where is the quagga?", agency=town.police, answerer=town.lead)
    meeting.hold(town, own, held_on=timezone.localdate(), board=town.csp)

    assert found(search(town.lead, "quagga")) == [own.get_absolute_url()]
    assert found(search(person(town, "member-2"), "quagga")) == []


def test_names_of_lines_are_not_looked_through(town):
    """They are need-to-know, and shown on one page alone, for a reason; also to those who may see them."""
    officer, viewer = town.people[Role.INFORMATION], town.people[Role.ANALYST]
    dimension = make_dimension(town.area, "origin", ["london"])
    dimension.categories.update(longitude=-0.1, latitude=51.5)
    origin = dimension.categories.get()
    grant_view(town.area, user=viewer, why="Works on county lines", by=officer)
    note_name(town.area, origin=origin, name="Quagga line", by=viewer)

    assert [found(search(each, "quagga")) for each in (viewer, officer, town.coordinator)] == [[], [], []]


def test_an_indicator_is_found_by_a_part(town):
    origin = make_dimension(town.area, "origin", ["okapia"])
    make_indicator(town.police, "lines", dimension=origin, boards=(town.csp,), position=9)
    scenarios.accept(town, NOVEMBER, {"arrests": 1, "charges": 1, "stripes": 1, "lines.okapia": 4})
    scenarios.publish(town, NOVEMBER)
    assert found(search(town.coordinator, "okapia")) == ["/testford/indicators/lines/"]


def test_postgresql_knows_english(town):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite finds letters as they stand.")
    challenge = challenging.ask(town, question="Who trains the okapis?")

    assert found(search(town.coordinator, "training okapi")) == [challenge.get_absolute_url()]
    assert found(search(town.coordinator, '"trains the okapis" -zebra')) == [challenge.get_absolute_url()]


def test_what_is_archived_is_not_found(town):
    told = highlights.tell(town, title="An okapi")
    assert found(search(town.coordinator, "okapi"))
    type(told).objects.filter(pk=told.pk).update(
        archived_at=told.added_at, archived_by=town.coordinator, archived_why="Told twice"
    )
    assert found(search(town.coordinator, "okapi")) == []


def test_an_event_is_found_by_who_says_so_and_by_what_it_may_move_until_it_is_removed(town):
    told = tell(town, title="Patrols", said_by="The quagga unit", aims=((indicator(town, "charges"), Way.RISE),))
    path = f"/testford/events/#{told.reference.lower()}"
    assert found(search(town.lead, "quagga")) == [path]
    assert path in found(search(town.lead, "charges"))
    remove_event(told, why="It was told twice", by=town.coordinator)
    assert found(search(town.lead, "quagga")) == []


def test_pathways_members_of_the_group_and_the_duty_are_found(town):
    assert found(search(town.lead, "okapi")) == []
    pathway = make_pathway(town.area, "found", town.police, uncounted="with-a-plan")
    meeting.seat(town, "Keeper of the okapi", substitute="Vet")
    duty.authority(town, "Okapi prison", contact="Governor")
    group, of_duty = "/testford/group/", "/testford/duty/"
    assert found(search(town.lead, "okapi")) == [group, of_duty]
    for words, path in (
        ("vet", group),
        ("strategic group keeper", group),
        ("governor", of_duty),
        ("serious violence duty", of_duty),
        (pathway.title, pathway.get_absolute_url()),
        (pathway.steps.first().name, pathway.get_absolute_url()),
    ):
        assert path in found(search(town.lead, words)), words
    Pathway.objects.update(retired=True)
    assert pathway.get_absolute_url() not in found(search(town.lead, pathway.title))


def test_a_kpi_is_found_by_its_title_its_indicator_and_its_number(town):
    history(town, *SEEN * 4, last=Month(2026, 7))
    kpi = set_one(
        town, target_draft(baseline_from=Month(2024, 8), baseline_to=Month(2026, 7)), title="A wombat is safe"
    )
    assert found(search(town.lead, "wombat")) == ["/testford/kpis/1/"]
    assert "/testford/kpis/1/" in found(search(town.lead, "arrests"))
    assert found(search(town.lead, "K1")) == ["/testford/kpis/1/"]
    retire_kpi(kpi, why="Done", by=town.coordinator)
    assert found(search(town.lead, "wombat")) == []


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("A1", "/testford/plan/1/"),
        ("c 1", "/testford/challenges/1/"),
        ("M2", "/testford/meetings/2/"),
        ("e1", "/testford/events/#e1"),
    ],
)
def test_a_reference_is_found(town, words, path):
    assert found(search(town.coordinator, words)) == [path]


def test_a_month_finds_its_page_packs_and_own_returns(town):
    assert found(search(town.lead, "August 2026")) == ["/testford/2026-08/", "/testford/returns/2026-08/police/"]
    urls = found(search(town.people[Role.BOARD_MEMBER], "sep 2026"))
    assert urls[0] == "/testford/2026-09/"
    assert [url for url in urls if "/packs/" in url] == ["/testford/packs/TESTFORD-2026-09-CSP-1/"]
    assert "/testford/2026-10/" not in found(search(town.people[Role.BOARD_MEMBER], "2026-10"))
    assert "/testford/2026-10/" in found(search(town.people[Role.ANALYST], "October 2026"))
    assert found(search(town.coordinator, "September 2026 giraffe")) == ["/testford/2026-09/"]


def test_more_than_a_page_says_so(town):
    for number in range(21):
        plan(town, title=f"Measure okapi {number}")

    html = search(town.coordinator, "okapi")

    assert len(found(html)) == 20
    assert "These are the first 20. Add a word to get fewer results." in html


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "Type at least one word to search for."),
        (" \t ", "Type at least one word to search for."),
        ("\x00", "Type at least one word to search for."),
        ("!?", "Enter a word or a number to search for."),
        ("x" * 201, "Search for at most 200 letters: this has 201."),
        ("okapi", "No results for “"),
        ("the", ""),
        ("zebra & | ! ( ) : * <-> ' \" \\", ""),
        ('"zebra -', ""),
        ("C99999999999999999999", ""),
        ("A999999999", ""),
        ("%_", "Enter a word or a number to search for."),
    ],
)
def test_whatever_is_typed_gets_an_answer(town, words, sentence):
    assert sentence in unescape(search(town.coordinator, words))


def test_what_was_typed_is_said_and_escaped(town):
    html = signed_in(town.coordinator).get("/testford/search/", {"q": '<script>"zebra'}).content.decode()

    assert "<script>" not in html.partition("<main")[2]
    assert "&lt;script&gt;&quot;zebra" in html


def test_without_a_word_the_page_says_what_can_be_found(town):
    html = signed_in(town.lead).get("/testford/search/").content.decode()

    assert "A reference (A12, K2, E3, C7, M4) or a month (October 2026) works too." in html
    assert "Type at least one word" not in html


def test_more_things_cost_no_more_queries(town, django_assert_max_num_queries):
    client = signed_in(town.coordinator)
    for number in range(10):
        plan(town, title=f"Zebra {number}")
        highlights.tell(town, title=f"Zebra {number}")
    with django_assert_max_num_queries(17):
        client.get("/testford/search/?q=zebra")


@pytest.mark.parametrize(
    ("words", "month", "besides"),
    [
        ("October 2026", OCTOBER, ""),
        ("packs of oct 2026", OCTOBER, "packs of"),
        ("2026-10 csp", OCTOBER, "csp"),
        ("may 2026", Month(2026, 5), ""),
        ("maybe 2026", None, "maybe 2026"),
        ("2026-13", None, "2026-13"),
        ("october", None, "october"),
    ],
)
def test_a_month_is_read_among_the_words(words, month, besides):
    assert (Sought(words).month, Sought(words).besides) == (month, besides)
