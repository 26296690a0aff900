"""Events, what was expected of them and what came of them, as pages: over months that were really published."""

import csv
import re
from datetime import date
from html import unescape
from typing import Any

import pytest

from actions.models import Event, Expectation, Way
from boards.rules import Role
from core.calendar import Month
from indicators.judgement.promises import promises
from indicators.models import Observation
from indicators.services.corrections import mark_provisional
from indicators.trend import NOT_SHOWN
from reporting.months.presenters.words import describe_often
from tests.factories import make_board
from tests.happening import expect, foresee, indicator, tell
from tests.planning import plan
from tests.publishing import publish_months
from tests.scenarios import Town, accept, make_town, publish, sweep
from tests.standing import stand
from tests.unit.test_impact_results import AFTER, BEFORE
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
FIRST, BEGAN = Month(2022, 10), date(2025, 10, 3)
FELL = "Fell by 36% compared with the 12 months before (between 22% and 48%, allowing for chance)."
VERDICT = (
    "Better: 160 from October 2025 to September 2026, where about 249 is usual; 14 of them in September. The year "
    "as a whole is lower than the year before"
)
EVENTS, IMPACT, PAGE = "/testford/events/", "/testford/impact/", "/testford/impact/e1/arrests/"


def make_published() -> Town:
    """Four years of arrests, which fell by 36 % in October 2025, and of charges, which are steady; the operation."""
    town = make_town()
    steady = [*BEFORE, *BEFORE[:12]]
    publish_months(town, FIRST, {"arrests": [*BEFORE, *AFTER], "charges": steady})
    expect(town, tell(town, starts_on=BEGAN))
    return town


made, town = stand(make_published)


def words(html: bytes) -> str:
    main = html.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def read(town: Town, url: str, role: Role = Role.BOARD_MEMBER, status: int = 200) -> str:
    answer = signed_in(town.people[role]).get(url)
    assert answer.status_code == status, answer.content.decode()
    return words(answer.content)


def html_of(town: Town, url: str) -> str:
    return signed_in(town.people[Role.BOARD_MEMBER]).get(url).content.decode()


# --- Outcome


def test_the_page_says_what_came_of_it_and_how_sure_that_is(town: Town):
    page = read(town, PAGE)
    assert f"{FELL} {VERDICT}. We count from October 2025" in page
    assert "This doesn’t show that one caused the other. How this was worked out" in page
    assert "At other months None of 13 other months had a change that large." in page
    assert "Before October 2024 to September 2025 20.8 18.3 to 23.6" in page
    assert "After October 2025 to September 2026 13.3 11.3 to 15.6" in page
    assert "Should fall by about 20% by June 2027. coordinator" in page
    assert "said afterwards" in page
    assert "None recorded." in page


def test_months_older_than_a_version_holds_are_looked_at_too(town: Town):
    """48 months are published, and a version holds 36."""
    assert "October 2022 to September 2026: many a month." in read(town, PAGE)


def test_an_analyst_gets_the_series_as_it_was_compared(town: Town):
    answer = signed_in(town.people[Role.ANALYST]).get(f"{PAGE}series.csv")
    marking, *lines = answer.content.decode("utf-8-sig").splitlines()
    rows = list(csv.DictReader(lines))
    assert marking == "OFFICIAL-SENSITIVE"
    assert [int(row["value"]) for row in rows] == [*BEFORE, *AFTER]
    assert [row["side"] for row in rows] == ["not compared"] * 24 + ["before"] * 12 + ["after"] * 12
    assert 'e <- which(d$month == "2025-10")' in read(town, PAGE)


def test_what_else_names_the_indicator_within_a_year_stands_beside_it(town: Town):
    plan(town, starts_on=date(2026, 9, 1), title="Train all housing workers")
    tell(town, starts_on=date(2024, 9, 30), title="Far away")  # counted from October 2024, 12 months before
    tell(town, starts_on=date(2024, 9, 15), title="Farther away")
    page = read(town, PAGE)
    assert "A1 Train all housing workers Action started, 1 September 2026" in page
    assert "Far away" in page
    assert "Farther away" not in page


def test_all_of_them_are_listed_with_what_came_of_each(town: Town):
    plan(town, starts_on=date(2026, 9, 1))
    tell(town, starts_on=date(2022, 9, 1), title="Long ago")
    page = read(town, IMPACT)
    assert page.index("A1 Train all") < page.index("E1 Operation Raptor") < page.index("E2 Long ago")
    assert f"{FELL} {VERDICT}." in page
    assert "Too early to say: we need 3 months after the event. Look again once November 2026 is published." in page
    assert "The event is before the first published figure, which is for October 2022." in page


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("e9/arrests/", "Testford has no action or event “e9”, or it was removed."),
        ("a1/arrests/", "Testford has no action or event “a1”, or it was removed."),
        ("e1/charges/", "E1 doesn’t name the indicator “charges”."),
        ("e1/nothing/series.csv", "E1 doesn’t name the indicator “nothing”."),
    ],
)
def test_what_isnt_there_is_said_in_a_sentence(town: Town, path, sentence):
    assert sentence in read(town, f"{IMPACT}{path}", status=404)


def test_nothing_is_compared_before_a_month_is_published(db: None):
    town = make_town()
    tell(town)
    assert "No published month has a figure for it yet." in read(town, PAGE)
    signed_in(town.people[Role.BOARD_MEMBER]).get(f"{PAGE}series.csv")
    assert read(town, f"{PAGE}series.csv", status=404)


def test_the_actions_page_says_what_was_expected_and_what_came_of_it(town: Town):
    plan(town, starts_on=date(2025, 10, 1))
    page = read(town, "/testford/plan/1/")
    assert "Arrests , before and after Action started, 1 October 2025 No one said beforehand" in page
    assert f"{FELL} {VERDICT}." in page


def test_it_is_marked_on_the_chart_of_what_it_may_move(town: Town):
    answer = signed_in(town.people[Role.BOARD_MEMBER]).get("/testford/indicators/arrests/").content.decode()
    assert f'Operation: <a class="govuk-link" href="{PAGE}">E1 Operation Raptor</a>' in answer
    assert "Operation Raptor" not in read(town, "/testford/indicators/charges/")


def test_what_came_of_what_was_expected_is_judged_by_the_range(town: Town):
    event = Event.objects.get()
    for percent in (36, 60, 10):
        expect(town, event, percent=percent, by_month=Month(2026, 9))
    expect(town, event, way=Way.RISE, percent=10, by_month=Month(2026, 9))
    came = [
        "Too early to check: look again once June 2027 is published.",
        "As expected: a fall of 36% (between 22% and 48%).",
        "Less than expected: a fall of 36% (between 22% and 48%).",
        "More than expected: a fall of 36% (between 22% and 48%).",
    ]
    for page in (read(town, PAGE), read(town, IMPACT)):
        assert re.findall("|".join(re.escape(each) for each in came), page) == [*came, came[2]]


def test_a_provisional_month_is_named_where_it_is_compared(town: Town):
    accept(town, Month(2026, 10), {"arrests": 13, "charges": 20})
    figure = Observation.objects.get(indicator__code="arrests", period__starts_on=date(2026, 10, 1))
    mark_provisional(figure, is_provisional=True, by=town.coordinator, why="Late cases come")
    sweep()
    publish(town, Month(2026, 10))
    for url in (PAGE, IMPACT):
        assert "Provisional, so it may still change: October 2026." in read(town, url)
    rows = signed_in(town.people[Role.ANALYST]).get(f"{PAGE}series.csv").content.decode().splitlines()
    assert [row for row in rows if ",yes," in row] == ["2026-10,13,yes,after,"]


def test_the_method_page_says_how_ratios_kpis_and_before_and_after_are_told(town: Town):
    page = signed_in(town.people[Role.BOARD_MEMBER]).get("/testford/method/").content.decode()
    assert "<strong>We don’t judge averages</strong>" in page
    assert f"<strong>[c]</strong> in what the public sees: not shown: {NOT_SHOWN}." in page
    for path in ("indicators/", "kpis/", "impact/"):
        assert f'href="/testford/{path}"' in page.partition("<main")[2].partition("</main>")[0]


def test_the_method_page_says_how_chance_in_a_month_and_in_a_measured_town_differ(town: Town):
    """A month's page repeats the first, of as many as it has; the second is measured on figures that vary more."""
    page = signed_in(town.people[Role.BOARD_MEMBER]).get("/testford/method/").content.decode()
    of_16, of_25 = (f"of {many}, {describe_often(many)}" for many in (16, 25))
    assert (
        f"at least one of them stands out by chance: {of_16}; {of_25}. Real figures may vary by more than chance alone"
        in page
    )
    assert f"About once in {promises().years_to_a_judgement} years, we would wrongly see" in page


# --- Listed


def folded(town: Town, name: str) -> str:
    """Return a folded table of the list of outcomes; empty without it."""
    html = html_of(town, IMPACT)
    return words(f"<main{html.partition(f'''id="{name}">''')[2].partition('</details>')[0]}</main>".encode())


def test_only_what_somebody_said_beforehand_is_in_full(town: Town):
    """The operation's expectation came afterwards."""
    assert folded(town, "others").strip().startswith("No one said beforehand what to expect: 1")
    foresee(town, Event.objects.get(), percent=30)
    assert folded(town, "others") == ""
    assert FELL in read(town, IMPACT)


def test_what_was_said_beforehand_stands_beside_what_came_on_one_scale(town: Town):
    """What was said afterwards is no test of anything, and has no row."""
    assert "vv-forest" not in html_of(town, IMPACT)
    foresee(town, Event.objects.get(), percent=30)
    charges = indicator(town, "charges")
    foresee(town, tell(town, starts_on=BEGAN, aims=((charges, Way.FALL),)), indicator=charges)
    page = html_of(town, IMPACT)
    forest = page.partition('<figure class="vv-forest">')[2].partition("</figure>")[0]
    fell, close = forest.split('<li class="vv-forest__row">')[1:]
    assert "Of 2 expectations, 1 was followed by a change that is more than chance" in forest
    assert "A fall of 36% (between 22% and 48%)." in fell
    assert "Said beforehand: should fall by about 30% by " in fell
    assert "Too close to call: anything from a fall of " in close
    # Along a scale from a fall of a half to a rise of a half.
    assert re.findall(r'class="vv-forest__(?:point|said)[^"]*" x1?="(\d+)', fell) == ["14", "20"]
    assert "vv-forest__point--close" in close
    assert "vv-forest__point--close" not in fell
    assert '<figure class="vv-forest">' in html_of(town, PAGE)
    # Below, the same is told in full only to who unfolds it.
    assert '<details class="govuk-details" id="told">' in page
    assert folded(town, "told").strip().startswith("In words: 1")
    assert page.count("A fall of 36%") == 1


def test_what_is_too_close_to_call_is_counted_and_folded(town: Town):
    charges = indicator(town, "charges")
    foresee(town, tell(town, starts_on=BEGAN, aims=((charges, Way.FALL),)), indicator=charges)
    assert folded(town, "close").strip().startswith("Too close to call: 1")


def test_a_change_is_told_once_at_the_event_where_it_is_clearest(town: Town):
    """Two months late, the same fall would be claimed of another event. Who foresaw it comes first."""
    late = tell(town, starts_on=date(2025, 12, 3), title="Late")
    elsewhere = "Not judged here: the fall from {} is in the same months: see {}."
    pages = [f"{IMPACT}{event}/arrests/" for event in ("e1", "e2")]
    assert FELL in read(town, pages[0])
    assert elsewhere.format("October 2025", "E1") in read(town, pages[1])
    assert read(town, IMPACT).count("Fell by") == 1
    foresee(town, late, percent=30, by_month=Month(2026, 9))
    assert elsewhere.format("December 2025", "E2") in read(town, pages[0])
    assert read(town, IMPACT).count("Fell by") == 1
    foresee(town, Event.objects.get(number=1), percent=30)
    page = read(town, pages[1])
    assert elsewhere.format("October 2025", "E1") in page
    assert "Not clear: the fall is reported under E1." in page


# --- Told on pages


def typed(**given: Any) -> dict[str, Any]:
    return {
        "kind": "outside",
        "title": "First lockdown",
        "board": "",
        "starts_on": "23/3/2026",
        "said_by": "Government",
        "aims": "arrests:fall",
        **given,
    }


def test_a_coordinator_tells_of_an_event_and_what_they_expect(town: Town):
    client = signed_in(town.people[Role.COORDINATOR])
    answer = client.post(f"{EVENTS}add/", typed(aims_3="charges:rise"))
    assert answer.status_code == 302
    assert answer["Location"] == "/testford/events/2/expect/"
    told = Event.objects.get(number=2)
    assert [(aim.indicator.code, aim.way) for aim in told.aims.all()] == [("arrests", "fall"), ("charges", "rise")]
    indicator = told.aims.get(way="rise").indicator_id
    wanted = {"indicator": indicator, "way": "rise", "percent": "30", "by_month": "2026-12"}
    assert client.post(answer["Location"], wanted).status_code == 302
    page = read(town, EVENTS)
    assert "E2 First lockdown Something from outside, 23 March 2026. Testford. Source: Government." in page
    assert "Charges: Should rise by about 30% by December 2026." in page


def test_what_is_wrong_is_said_beside_its_box_and_nothing_is_lost(town: Town):
    client = signed_in(town.people[Role.COORDINATOR])
    page = words(client.post(f"{EVENTS}add/", {}).content)
    for sentence in (
        "Choose the kind of event",
        "Enter in a few words what happened.",
        "Enter the first day",
        "Enter the source, such as “Police, operations”.",
        "Choose at least one indicator that it may change.",
    ):
        assert sentence in page
    page = words(client.post(f"{EVENTS}add/", typed(ends_on="22/3/2026")).content)
    assert "It started on 23 March 2026: choose a later last day." in page
    twice = client.post(f"{EVENTS}add/", typed(aims_2="arrests:rise")).content
    assert "You chose both a fall and a rise for " in words(twice)
    assert b'value="First lockdown"' in twice
    wrong = words(client.post(f"{EVENTS}1/expect/", {"percent": "a fifth"}).content)
    assert "Enter the percentage as a whole number, such as 20" in wrong
    assert Event.objects.count() == Expectation.objects.count() == 1


def test_a_chair_is_offered_their_own_board_alone(town: Town):
    client = signed_in(town.people[Role.BOARD_CHAIR])
    page = client.get(f"{EVENTS}add/").content.decode()
    assert f'<option value="{town.csp.pk}">' in page
    refused = client.post(f"{EVENTS}add/", typed())
    assert refused.status_code == 403
    assert "Only the coordinator and a chair (for their own board’s events)" in words(refused.content)
    assert client.post(f"{EVENTS}add/", typed(board=town.csp.pk)).status_code == 302


def test_who_can_change_an_event_is_named(town: Town):
    other = make_board(town.area, "sab", name="Safeguarding Adults Board")
    happened = {
        tell(town, board=None): "Only the coordinator can change E2.",
        tell(town, board=other): "Only the coordinator and a chair of Safeguarding Adults Board can change E3.",
    }
    for event, sentence in happened.items():
        assert sentence in read(town, f"{EVENTS}{event.number}/change/", Role.BOARD_CHAIR, 403)


def test_an_event_is_changed_and_removed_with_a_page_in_between(town: Town):
    client = signed_in(town.people[Role.COORDINATOR])
    held = typed(title="Operation Falcon", kind="operation", revision=0)
    assert client.post(f"{EVENTS}1/change/", held).status_code == 302
    assert "E1 Operation Falcon" in read(town, EVENTS)
    assert "E1 was changed after you opened this form" in words(
        client.post(f"{EVENTS}1/change/", typed(revision=0)).content
    )
    assert "Enter the reason" in words(client.post(f"{EVENTS}1/remove/", {"why": ""}).content)
    assert client.post(f"{EVENTS}1/remove/", {"why": "It was told twice"}).status_code == 302
    assert "There are no events yet." in read(town, EVENTS)
    assert read(town, PAGE, status=404)
    assert "Testford has no event E1, or it was removed." in read(town, f"{EVENTS}1/change/", Role.COORDINATOR, 404)


def test_an_action_is_added_with_what_is_expected_of_its_measure(town: Town):
    client = signed_in(town.people[Role.COORDINATOR])
    page = words(client.get("/testford/plan/add/").content)
    assert "Should the indicator go up or down?" in page
    assert "Should the indicator go up or down?" not in words(
        client.get(f"/testford/plan/{plan(town).number}/change/").content
    )
