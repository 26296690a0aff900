"""The plan on a timeline: the same actions as the list, for the same readers, filtered alike."""

import html
import re
from collections.abc import Callable
from datetime import date

import pytest

from actions.services.plan import archive_action, change_action, complete_action
from actions.services.progress import add_update, remove_milestone, tick_milestone
from actions.workflow import Rag
from boards.rules import Role
from core.models import User
from tests import scenarios
from tests.factories import make_board
from tests.integration.clock import Clock, clock_at
from tests.planning import draft, make_strand, plan, step, unmeasured
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PLAN = "/testford/plan/"
TIMELINE = f"{PLAN}timeline/"

type Get = Callable[..., str]


clock = clock_at("2026-11-20")


@pytest.fixture
def get(town: Town, clock: Clock) -> Get:
    """A page's HTML, as somebody of the town sees it: the board's member, unless it says otherwise."""

    def visit(query: str = "", *, role: Role = Role.BOARD_MEMBER, path: str = TIMELINE) -> str:
        client = signed_in(town.people[role])
        answer = client.get(f"{path}{query}")
        assert answer.status_code == 200
        return html.unescape(answer.content.decode())

    return visit


@pytest.fixture
def owner(town: Town) -> User:
    return town.people[Role.BOARD_MEMBER]


def rows(page: str) -> list[str]:
    return page.split('<li class="vv-span">')[1:]


def shown(page: str) -> list[str]:
    """The actions that are drawn, in order."""
    return [match[1] for row in rows(page) if (match := re.search(r">(A\d+) ", row))]


def said(row: str) -> str:
    """What a row says to somebody who listens."""
    return re.sub(r"<[^>]+>", "", row.partition("<svg")[0])


def signs(row: str) -> list[str]:
    return re.findall(r'<use href="#(\w+)"', row.partition("</svg>")[0])


def listed(page: str) -> list[str]:
    """The actions of the plan's list."""
    return re.findall(r'<h3><a class="govuk-link" href="/testford/plan/\d+/">(A\d+) ', page)


# --- A row -----------------------------------------------------------------------------------------


def test_a_row_says_what_its_bar_shows(get: Get, town: Town, owner: User):
    action = plan(town, title="Visit inns & bars", starts_on=date(2026, 3, 2), due_on=date(2026, 11, 6))
    add_update(action, text="Slow", rag=Rag.AMBER, rag_why="Late", by=owner)
    met = step(action, by=town.coordinator, due_on=date(2026, 5, 1))
    tick_milestone(met, done=True, by=owner)
    step(action, by=town.coordinator, due_on=date(2026, 8, 1))
    gone = step(action, by=town.coordinator, due_on=date(2026, 9, 1))
    remove_milestone(gone, why="Not needed", revision=gone.revision, by=town.coordinator)
    plan(town)
    page = get()
    row, _ = rows(page)
    assert said(row) == (
        "A1 Visit inns & bars: amber, from 2 March to 6 November 2026, 1 of 2 milestones met, 1 missed, 14 days overdue"
    )
    assert signs(row) == ["grid", "met", "not", "amber"]
    assert 'class="late" fill="url(#hatch)"' in row
    assert ">6 Nov</text>" in row
    assert "Today, 20 November 2026" in page
    assert "2 actions: 1 amber, 1 green; 1 overdue" in page


def test_titles_are_escaped(town: Town, clock: Clock):
    unmeasured(town, title="Visit <script>alert(1)</script>")
    client = signed_in(town.lead)
    body = client.get(TIMELINE).content.decode()
    assert "<script>alert" not in body
    assert body.count("Visit &lt;script&gt;") == 2  # the row's, and the table's


def test_a_row_is_one_stop_and_its_picture_none(get: Get, town: Town):
    step(plan(town), by=town.coordinator)
    (row,) = rows(get())
    row = row.partition("</li>")[0]
    assert re.findall(r"<a [^>]*href=\"([^\"]+)\"", row) == [f"{PLAN}1/"]
    assert "tabindex" not in row
    assert row.count("<svg") == row.count('<svg aria-hidden="true"') == 1


def test_every_sign_that_is_used_is_there_and_explained(get: Get, town: Town, owner: User):
    action = plan(town, starts_on=date(2020, 1, 6), due_on=date(2026, 11, 6))
    tick_milestone(step(action, by=town.coordinator, due_on=date(2026, 5, 1)), done=True, by=owner)
    step(action, by=town.coordinator, due_on=date(2026, 8, 1))
    step(plan(town), by=town.coordinator)
    complete_action(plan(town), by=owner)
    page = get()
    used = {sign for row in rows(page) for sign in signs(row)}
    assert used >= {"met", "not", "yet", "before", "green", "blue"}
    assert {sign for sign in used if f'id="{sign}"' not in page} == set()
    key = page.partition('aria-label="What the signs mean"')[2].partition("</ul>")[0]
    assert {sign for sign in used - {"grid"} if f'href="#{sign}"' not in key} == set()
    assert "Started earlier" in key
    assert "Amber: at risk" not in key
    assert "Original due date" not in key


def test_what_it_was_due_at_first_is_a_hollow_mark(get: Get, town: Town, clock: Clock):
    action = plan(town, due_on=date(2027, 1, 29))
    for due_on in (date(2027, 2, 26), date(2027, 3, 31)):
        action = change_action(
            action, draft(town, due_on=due_on), revision=action.revision, why="The trainer left", by=town.coordinator
        )
        clock("2026-11-21")
    (row,) = rows(get())
    assert "originally due 29 January 2027" in said(row)
    assert signs(row) == ["grid", "moved", "green"]
    action = change_action(
        action, draft(town, due_on=date(2027, 1, 29)), revision=action.revision, why="She is back", by=town.coordinator
    )
    (row,) = rows(get())
    assert "first due" not in said(row)
    assert signs(row) == ["grid", "green"]


def test_the_same_as_a_table(get: Get, town: Town):
    plan(town, title="Train", starts_on=date(2026, 3, 2), due_on=date(2026, 11, 6))
    table = get().partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>.*?</t[hd]>", table)]
    assert cells == [
        "Prevent",
        "A1 Train",
        "G: Green: on track",
        "2 March 2026",
        "6 November 2026",
        "No milestones yet",
        "14 days overdue",
    ]


# --- Which actions ---------------------------------------------------------------------------------


def test_an_empty_plan(get: Get, town: Town):
    make_strand(town)
    assert "The plan has no actions yet" in get()
    assert "The coordinator adds them" in get()
    assert f"{PLAN}add/" in get(role=Role.COORDINATOR)
    assert "timeline" not in get(path=PLAN)


def test_it_is_filtered_as_the_list_is(get: Get, town: Town, owner: User):
    sab, prepare = make_board(town.area, "sab"), make_strand(town, "prepare")
    plan(town)
    plan(town, strand=prepare)
    plan(town, board=sab)
    plan(town, owner=town.lead)
    unmeasured(town)
    plan(town, due_on=date(2026, 11, 19))
    plan(town, due_on=date(2026, 11, 30))
    add_update(plan(town), text="Slow", rag=Rag.RED, rag_why="Late", by=owner)
    complete_action(plan(town), by=owner)
    archive_action(plan(town), why="Not ours", by=town.coordinator)
    queries = (
        *("", "?strand=prepare", "?board=sab", f"?owner={town.lead.pk}", "?agency=police", "?rag=red", "?measure=none"),
        *("?due=overdue", "?due=month", "?due=later", "?state=open", "?state=complete", "?state=archived"),
        *("?due=overdue&rag=blue", "?board=csp&rag=purple", "?board=csp&due=later&measure=some"),
    )
    drawn = {query: shown(get(query)) for query in queries}
    assert drawn == {query: listed(get(query, path=PLAN)) for query in queries}
    assert drawn["?state=archived"] == ["A10"]
    assert drawn["?due=overdue&rag=blue"] == []
    assert len({tuple(actions) for actions in drawn.values()}) > 10


def test_list_and_timeline_keep_each_others_filters(get: Get, town: Town):
    plan(town)
    plan(town, board=make_board(town.area, "sab"))
    query = "?board=csp&due=later"
    assert f'href="{TIMELINE}{query}"' in get(query, path=PLAN)
    assert f'href="{PLAN}{query}"' in get(query)
    assert "These actions as a list" in get(query)
    assert f'href="{TIMELINE}"' in get(path=PLAN)
    assert f'href="{PLAN}"' in get()
    assert "Work plan of the Board csp on a timeline" in get(query)
    assert "1 of 2 actions" in get(query)
    form = get(query).partition('class="vv-filters"')[2].partition("</form>")[0]
    assert f'action="{TIMELINE}"' in form
    assert "“purple” isn’t an option under “RAG”" in get("?rag=purple")
    assert f'href="{TIMELINE}?strand=prevent"' in get(path=f"{PLAN}strands/prevent/")


def test_what_ended_long_ago_is_drawn_for_whoever_asks(get: Get, town: Town, clock: Clock, owner: User):
    clock("2026-04-30")
    complete_action(plan(town), by=owner)
    clock("2026-05-01")
    complete_action(plan(town), by=owner)
    clock("2026-11-20")
    plan(town)
    page = get("?board=csp")
    assert shown(page) == ["A2", "A3"]
    assert "3 of 3 actions" in page
    assert "We left out 1 that ended before 1 May 2026." in page
    assert 'href="?board=csp&state=complete"' in page
    page = get("?board=csp&state=complete")
    assert shown(page) == ["A1", "A2"]
    assert "left out" not in page


def test_all_may_have_ended_long_ago(get: Get, town: Town, clock: Clock, owner: User):
    clock("2026-04-30")
    complete_action(plan(town), by=owner)
    clock("2026-11-20")
    page = get()
    assert rows(page) == []
    assert "We left out 1 that ended before 1 May 2026." in page
    assert "No action matches these filters" not in page


def test_strands_stand_in_the_plans_order(get: Get, town: Town):
    prepare = make_strand(town, "prepare")
    plan(town, due_on=date(2027, 2, 1))
    plan(town, strand=prepare)
    plan(town, due_on=date(2027, 1, 1))
    make_strand(town, "protect")
    page = get()
    assert re.findall(r'id="s-(\w+)"', page) == ["prepare", "prevent"]
    assert shown(page) == ["A2", "A3", "A1"]


# --- For whom --------------------------------------------------------------------------------------


def test_whoever_reads_the_plan_reads_its_timeline(get: Get, town: Town, owner: User):
    plan(town)
    complete_action(plan(town), by=owner)
    archive_action(plan(town), why="Not ours", by=town.coordinator)
    for role in town.people:
        for query in ("", "?state=archived"):
            assert shown(get(query, role=role)) == listed(get(query, role=role, path=PLAN))


def test_of_another_area_there_is_nothing(town: Town, clock: Clock):
    elsewhere = scenarios.make_town("elsewhere")
    make_strand(elsewhere)
    plan(elsewhere, title="Elsewhere only")
    client = signed_in(town.coordinator)
    assert client.get("/elsewhere/plan/timeline/").status_code == 404
    plan(town)
    assert "Elsewhere only" not in client.get(TIMELINE).content.decode()
