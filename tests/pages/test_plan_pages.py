"""The plan's pages: what each reader sees, how the filters and pages keep each other, and what is done in place."""

import html
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from actions.models import Action
from actions.services.plan import archive_action, complete_action
from actions.services.progress import add_update, tick_milestone
from actions.workflow import Rag
from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.models import User
from tests import scenarios
from tests.factories import make_board, make_indicator
from tests.integration.clock import Clock, clock_at
from tests.planning import draft, make_owner, make_strand, plan, step, unmeasured
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
PLAN = "/testford/plan/"

type Get = Callable[..., str]


clock = clock_at("2026-11-20")


@pytest.fixture
def get(town: Town, clock: Clock) -> Get:
    """A page's HTML, as somebody of the town sees it: the board's member, unless it says otherwise."""

    def visit(path: str = "", *, role: Role = Role.BOARD_MEMBER, status: int = 200) -> str:
        client = signed_in(town.people[role])
        answer = client.get(f"{PLAN}{path}")
        assert answer.status_code == status
        return html.unescape(answer.content.decode())

    return visit


@pytest.fixture
def owner(town: Town) -> User:
    return town.people[Role.BOARD_MEMBER]


def shown(page: str) -> list[str]:
    """The actions on a page, in order: ["A1", "A3"]."""
    return re.findall(r'<h3><a class="govuk-link" href="/testford/plan/\d+/">(A\d+) ', page)


def strand(page: str, code: str) -> str:
    return page.partition(f'id="s-{code}"')[2].partition("</section>")[0]


# --- The plan --------------------------------------------------------------------------------------


def test_an_empty_plan(get: Get, town: Town):
    make_strand(town)
    assert "The plan has no actions yet" in get()
    assert "Add the first one above." in get(role=Role.COORDINATOR)
    assert "No actions" in get()


def test_actions_stand_under_their_strands(get: Get, town: Town, owner: User):
    prepare = make_strand(town, "prepare")
    plan(town, title="Train housing workers", due_on=date(2026, 11, 5))
    late = unmeasured(town, title="Visit <hotels>", strand=prepare, due_on=date(2026, 11, 8))
    add_update(late, text="Slow", rag=Rag.RED, rag_why="No one & nothing", by=owner)
    step(late, by=town.coordinator, due_on=date(2026, 11, 1))
    page = get()
    assert shown(page) == ["A2", "A1"]
    part = strand(page, "prepare")
    assert "A2 Visit <hotels>" in part
    assert "Not linked to an indicator" in part
    assert "Red: off track" in part
    assert "No one & nothing" in part
    assert "Overdue by 12 days: due 8 November 2026" in part
    assert "0 of 1 milestone done" in part
    assert "Aims to change: Arrests" in strand(page, "prevent")
    assert "1 action: 1 red; 1 overdue" in page
    assert "2 actions" in page


def test_what_is_escaped(town: Town, clock: Clock):
    unmeasured(town, title="Visit <script>alert(1)</script>")
    body = signed_in(town.lead).get(PLAN).content.decode()
    assert "<script>alert" not in body
    assert "Visit &lt;script&gt;" in body


def test_archived_ones_only_for_whoever_asks(get: Get, town: Town, owner: User):
    plan(town)
    complete_action(plan(town), by=owner)
    archive_action(plan(town), why="Not ours", by=town.coordinator)
    page = get()
    assert shown(page) == ["A1", "A2"]
    assert "2 actions" in page
    page = get("?state=archived")
    assert shown(page) == ["A3"]
    assert "1 archived action" in page
    assert shown(get("?state=complete")) == ["A2"]
    assert "1 of 2 actions" in get("?state=open")


@pytest.fixture
def filled(town: Town, clock: Clock, owner: User) -> dict[str, str]:
    """Actions that differ, each by one thing, and the filter that finds it."""
    sab, prepare = make_board(town.area, "sab"), make_strand(town, "prepare")
    other = make_owner(town)
    plan(town)  # A1
    plan(town, strand=prepare)  # A2
    plan(town, board=sab)  # A3
    plan(town, owner=other)  # A4
    unmeasured(town)  # A5
    plan(town, due_on=date(2026, 11, 19))  # A6
    plan(town, due_on=date(2026, 11, 20))  # A7
    plan(town, due_on=date(2026, 11, 30))  # A8
    add_update(plan(town), text="Slow", rag=Rag.AMBER, rag_why="Late", by=owner)  # A9
    complete_action(plan(town, due_on=date(2026, 11, 19)), by=owner)  # A10
    return {
        "strand=prepare": "A2",
        "board=sab": "A3",
        f"owner={other.pk}": "A4",
        "measure=none": "A5",
        "due=overdue": "A6",
        "due=month": "A7 A8",
        "rag=amber": "A9",
        "rag=blue": "A10",
        "due=later&measure=some&strand=prevent": "A1 A3 A4 A9",
        "agency=police&state=complete": "A10",
        "due=overdue&rag=blue": "",
    }


def test_each_filter(get: Get, filled: dict[str, str]):
    for query, found in filled.items():
        assert sorted(shown(get(f"?{query}")), key=lambda name: int(name[1:])) == found.split(), query


def test_filters_are_named_and_taken_away(get: Get, filled: dict[str, str]):
    page = get("?board=csp&due=month&page=7&utm=x")
    chosen = page.partition('aria-label="Chosen filters"')[2].partition("</ul>")[0]
    assert "Board: Board csp" in chosen
    assert "Due: Due this month" in chosen
    assert re.findall(r'href="([^"]+)"', chosen) == ["?due=month", "?board=csp"]
    assert "2 of 10 actions" in page
    page = get("?rag=purple&owner=0&board=csp")
    assert "“purple” isn’t an option under “RAG”, so we left that filter out." in page
    assert "“0” isn’t an option under “Owner”" in page
    assert shown(page) == shown(get("?board=csp"))
    assert "No action matches these filters" in get("?due=overdue&rag=blue")


def test_pages_and_filters_keep_each_other(get: Get, town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("actions.views.plan.ACTIONS_A_PAGE", 2)
    for number in range(5):
        plan(town, due_on=date(2026, 12, 1 + number))
    unmeasured(town)
    page = get("?measure=some&page=2")
    assert shown(page) == ["A3", "A4"]
    assert "Page 2 of 3" in page
    links = dict(re.findall(r'rel="(prev|next)" href="([^"]+)"', page))
    assert links == {"prev": "?measure=some&page=1#s-strands", "next": "?measure=some&page=3#s-strands"}
    assert shown(get(links["next"].partition("#")[0])) == ["A5"]
    # A filter that is chosen anew begins at the first page: the form has no page in it.
    form = page.partition('class="vv-filters"')[2].partition("</form>")[0]
    assert 'name="page"' not in form
    for odd in ("page=99", "page=x", "page=-1", "page="):
        assert shown(get(f"?measure=some&{odd}"))


def test_a_boards_own_work_plan(get: Get, town: Town):
    town.csp.responsibilities.create(text="Community policing")
    plan(town)
    plan(town, board=make_board(town.area, "sab"))
    page = get("?board=csp")
    assert "<h1" in page
    assert "Work plan of the Board csp" in page
    assert "Community policing" in page
    assert shown(page) == ["A1"]
    assert "Nothing is listed yet" in get("?board=sab")


def test_a_strands_page(get: Get, town: Town, owner: User):
    prepare = make_strand(town, "prepare")
    prepare.summary = "Get ready"
    prepare.save()
    action = plan(town, strand=prepare, due_on=date(2026, 11, 1))
    add_update(action, text="Slow", rag=Rag.RED, rag_why="Late", by=owner)
    plan(town, strand=prepare)
    archive_action(plan(town, strand=prepare), why="Not ours", by=town.coordinator)
    plan(town)
    page = get("strands/prepare/")
    assert "Get ready" in page
    assert shown(page) == ["A1", "A2"]
    counts = page.partition('class="vv-counts">')[2].partition("</ul>")[0]
    words = [re.sub(r"<[^>]+>", "", row).strip() for row in counts.split("</li>")]
    assert words == ["1 Red: off track", "1 Green: on track", "1 overdue", ""]
    assert "/testford/plan/strands/prevent/" in page
    get("strands/nope/", status=404)


# --- An action -------------------------------------------------------------------------------------


def test_an_actions_page(get: Get, town: Town, owner: User):
    action = plan(town)
    add_update(action, text="A trainer is\n\nbooked <b>", rag=Rag.AMBER, rag_why="Late", by=owner)
    add_update(action, text="She is ill", rag=Rag.RED, rag_why="No trainer", by=owner)
    milestone = step(action, by=town.coordinator)
    tick_milestone(milestone, done=True, by=owner)
    page = get("1/")
    assert "Train all housing workers" in page
    assert page.index("She is ill") < page.index("A trainer is")
    assert "1 of 1 milestone done" in page
    assert f"Done on 20 November 2026 by {owner}" in page
    assert "No month that you can read has a figure for Arrests yet." in page
    assert "There are no updates yet" not in page
    get("2/", status=404)
    get(f"{10**30}/", status=404)


def test_old_owners_and_due_dates_stay_with_their_reasons(get: Get, town: Town):
    action = plan(town)
    coordinator = signed_in(town.coordinator)
    typed = typed_of(town, action, due_on="30 6 2027", why="The trainer left")
    coordinator.post(f"{PLAN}1/change/", typed)
    page = get("1/")
    assert "Due date: 31 March 2027, then 30 June 2027" in page
    assert "The trainer left" in page


def test_updates_come_in_pages(get: Get, town: Town, owner: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("actions.views.plan.UPDATES_A_PAGE", 2)
    action = plan(town)
    for number in range(3):
        add_update(action, text=f"Step {number}", rag=Rag.GREEN, by=owner)
    assert "Step 2" in get("1/")
    assert "Step 0" not in get("1/")
    assert "Step 0" in get("1/?page=2")


def test_the_figure_is_the_newest_that_the_reader_may_see(get: Get, town: Town):
    """October is a draft, which a board's member doesn't see."""
    scenarios.accept(town, SEPTEMBER, {"arrests": 21, "charges": 1})
    scenarios.accept(town, OCTOBER, {"arrests": 7654, "charges": 1})
    scenarios.sweep()
    scenarios.publish(town, SEPTEMBER)
    plan(town)
    page = get("1/")
    assert "September 2026." in page
    assert ">21<" in page
    assert "7,654" not in page
    assert "Lower is better." in page
    page = get("1/", role=Role.ANALYST)
    assert "7,654" in page
    assert "Up 7,633 since September" in page


def test_what_each_reader_can_do_there(get: Get, town: Town):
    action = plan(town)
    step(action, by=town.coordinator)
    links = {
        role: set(re.findall(r'href="/testford/plan/1/([a-z-]+)/', get("1/", role=role)))
        for role in (Role.BOARD_MEMBER, Role.AGENCY_LEAD, Role.COORDINATOR, Role.STRATEGIC, Role.BOARD_CHAIR)
    }
    own = {"update", "complete", "expect"}
    assert links == {
        Role.BOARD_MEMBER: own,
        Role.AGENCY_LEAD: own,
        Role.COORDINATOR: own | {"change", "archive", "milestones"},
        Role.STRATEGIC: set(),
        Role.BOARD_CHAIR: set(),
    }
    assert 'type="checkbox"' in get("1/")
    assert 'type="checkbox"' not in get("1/", role=Role.STRATEGIC)


# --- What is done ----------------------------------------------------------------------------------


def typed_of(town: Town, action: Action | None = None, **other: Any) -> dict[str, Any]:
    """What stands in the boxes of the form."""
    held: Any = action or draft(town)
    return {
        "title": held.title,
        "strand": held.strand.pk,
        "board": held.board.pk,
        "agency": held.agency.pk,
        "owner": held.owner.pk,
        "starts_on": f"{held.starts_on:%d %m %Y}",
        "due_on": f"{held.due_on:%d %m %Y}",
        "measure": held.measure.pk,
        "no_measure_why": "",
        "revision": action.revision if action else "",
    } | other


def refusals(answer: Any) -> list[str]:
    """What the error summary says; nothing typed is lost."""
    assert answer.status_code == 200
    summary = html.unescape(answer.content.decode()).partition("govuk-error-summary__list")[2].partition("</ul>")[0]
    return [" ".join(words.split()) for words in re.findall(r"<li>(?:<a [^>]*>)?(.*?)(?:</a>)?</li>", summary, re.S)]


def test_adding_an_action(town: Town, clock: Clock):
    coordinator = signed_in(town.coordinator)
    assert f'<option value="{town.csp.pk}" selected>' in (
        coordinator.get(f"{PLAN}add/?board=csp&strand=nope").content.decode()
    )
    answer = coordinator.post(f"{PLAN}add/", typed_of(town))
    assert answer["Location"] == f"{PLAN}1/"
    assert "A1 is in the plan" in coordinator.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "Enter the title"),
        ({"title": "To train"}, "Start with the verb itself: “Train all housing workers”, not “To train”."),
        ({"owner": ""}, "Choose the owner"),
        ({"owner": "999999"}, "Choose the owner from the list"),
        ({"due_on": "31 2 2027"}, "The due date must be a real day: there is no 31 February 2027"),
        ({"due_on": "1 4 2026"}, "The action starts on 1 April 2026: choose a later due date."),
        ({"measure": ""}, "Choose the indicator that this action aims to change, or say why there is none."),
        ({"no_measure_why": "No one counts it"}, "You chose an indicator, so leave this reason empty."),
        (
            {"title": "Ring 07700 900123"},
            "“07700 900123” looks like a telephone number. Remove it, or confirm that it doesn’t identify anyone.",
        ),
    ],
)
def test_what_does_not_hold_is_said_and_stays_in_the_boxes(town: Town, clock: Clock, typed: Any, words: str):
    answer = signed_in(town.coordinator).post(f"{PLAN}add/", typed_of(town, title="Train 500 people") | typed)
    assert refusals(answer) == [words]
    if "title" not in typed:
        assert 'value="Train 500 people"' in answer.content.decode()
    assert not Action.objects.exists()


def test_another_areas_parts_are_not_offered(town: Town, clock: Clock):
    elsewhere = scenarios.make_town("elsewhere")
    make_indicator(elsewhere.police, "theirs")
    page = signed_in(town.coordinator).get(f"{PLAN}add/").content.decode()
    assert "elsewhere" not in page
    assert "Theirs" not in page
    answer = signed_in(town.coordinator).post(f"{PLAN}add/", typed_of(town, board=elsewhere.csp.pk))
    assert refusals(answer) == ["Choose the board from the list"]


def test_two_who_change_one_action(town: Town, clock: Clock):
    """The second is told what it has now; what they typed stands in the boxes, and is saved when they say so."""
    action = plan(town)
    first, second = signed_in(town.coordinator), signed_in(town.coordinator)
    stale = typed_of(town, action, title="Train a few")
    assert first.post(f"{PLAN}1/change/", typed_of(town, action, title="Train everyone")).status_code == 302

    wrong = second.post(f"{PLAN}1/change/", stale | {"due_on": "1 1 2020"})  # an error of their own comes first …
    assert 'name="revision" value="0"' in wrong.content.decode()  # … and doesn't pass for having been told
    told = second.post(f"{PLAN}1/change/", stale)

    (words,) = refusals(told)
    assert "A1 was changed after you opened this form" in words
    assert "title: Train everyone" in words
    assert 'value="Train a few"' in told.content.decode()
    assert 'name="revision" value="1"' in told.content.decode()
    assert Action.objects.get().title == "Train everyone"
    assert second.post(f"{PLAN}1/change/", stale | {"revision": "1"}).status_code == 302
    assert Action.objects.get().title == "Train a few"


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30])
def test_a_revision_that_is_none(town: Town, clock: Clock, revision: str):
    action = plan(town)
    answer = signed_in(town.coordinator).post(
        f"{PLAN}1/change/", typed_of(town, action, title="Train everyone", revision=revision)
    )
    assert answer.status_code in (200, 302)


def test_the_reason_for_another_due_date_is_asked_for(town: Town, clock: Clock):
    action = plan(town)
    answer = signed_in(town.coordinator).post(f"{PLAN}1/change/", typed_of(town, action, due_on="30 6 2027"))
    assert refusals(answer) == ["Say why you are changing the due date."]
    assert 'value="30 June 2027"' in answer.content.decode()


def test_saying_how_it_goes(town: Town, clock: Clock, owner: User):
    plan(town)
    client = signed_in(owner)
    answer = client.post(f"{PLAN}1/update/", {"text": "Booked", "rag": "amber", "rag_why": ""})
    assert refusals(answer) == ["Say why it is amber."]
    assert ">\nBooked</textarea>" in answer.content.decode()
    assert refusals(client.post(f"{PLAN}1/update/", {"text": "Booked", "rag": "blue"})) == [
        "Choose the RAG from the list"
    ]
    assert client.post(f"{PLAN}1/update/", {"text": "Booked", "rag": "green", "rag_why": ""})["Location"] == f"{PLAN}1/"
    assert Action.objects.get().updates.get().text == "Booked"


def test_milestones_are_ticked_in_place(town: Town, clock: Clock, owner: User):
    action = plan(town)
    first, second, third = (step(action, f"Take step {n}", by=town.coordinator) for n in (1, 2, 3))
    client = signed_in(owner)
    # While this page was open, somebody else ticked the third: that stays.
    tick_milestone(third, done=True, by=town.coordinator)
    answer = client.post(f"{PLAN}1/milestones/tick/", {"done": [second.pk, "x", "999"]})
    assert answer["Location"] == f"{PLAN}1/#s-milestones"
    done = dict(action.milestones.values_list("pk", "done_by"))
    assert done == {first.pk: None, second.pk: owner.pk, third.pk: town.coordinator.pk}
    answer = client.post(f"{PLAN}1/milestones/tick/", follow=True)
    assert "nothing has changed" in answer.content.decode()
    tick_milestone(first, done=True, by=owner)
    complete_action(action, by=owner)
    answer = client.post(f"{PLAN}1/milestones/tick/", {"done": [first.pk]}, follow=True)
    assert "A1 is complete: reopen it first." in html.unescape(answer.content.decode())


def test_a_milestone_is_not_done_after_all_with_a_reason_on_the_page(town: Town, clock: Clock, owner: User):
    action = plan(town)
    milestone = step(action, by=town.coordinator)
    path = f"{PLAN}1/milestones/{milestone.pk}/undo/"
    client = signed_in(owner)
    assert path not in client.get(f"{PLAN}1/").content.decode()
    tick_milestone(milestone, done=True, by=owner)
    page = client.get(f"{PLAN}1/").content.decode()
    assert path in page
    assert f'id="m-{milestone.pk}"' not in page  # nothing to tick
    assert path not in signed_in(town.people[Role.STRATEGIC]).get(f"{PLAN}1/").content.decode()
    assert refusals(client.post(path, {"why": ""})) == ["Enter the reason"]
    assert client.post(path, {"why": "Half stayed away"})["Location"] == f"{PLAN}1/#s-milestones"
    page = html.unescape(client.get(f"{PLAN}1/").content.decode())
    assert "Milestone: “Agree the training” (done on 20 November 2026), then not done" in page
    assert "20 November 2026, board-member: Half stayed away" in page
    second = signed_in(town.lead).post(path, {"why": "No one came"})
    assert refusals(second) == ["“Agree the training” is already marked as not done."]
    assert "No one came</textarea>" in second.content.decode()


def test_milestones_are_added_changed_and_taken_out(town: Town, clock: Clock):
    plan(town)
    client = signed_in(town.coordinator)
    assert refusals(client.post(f"{PLAN}1/milestones/add/", {"title": "Book", "due_on": "1 1 2030"})) == [
        "A1 runs from 1 April 2026 to 31 March 2027: choose a due date in that time."
    ]
    client.post(f"{PLAN}1/milestones/add/", {"title": "Book a trainer", "due_on": "1 December 2026"})
    milestone = Action.objects.get().milestones.get()
    path = f"{PLAN}1/milestones/{milestone.pk}/"
    moved = {"title": "Book two trainers", "due_on": "5/12/2026", "revision": "0"}
    assert refusals(client.post(path, moved)) == ["Say why you are changing the due date."]
    client.post(path, moved | {"why": "The hall was taken"})
    milestone.refresh_from_db()
    assert milestone.title == "Book two trainers"
    plan(town)
    assert client.get(f"{PLAN}2/milestones/{milestone.pk}/").status_code == 404  # another action's
    assert f"{path}remove/" in client.get(path).content.decode()
    assert refusals(client.post(f"{path}remove/", {"why": "", "revision": "1"})) == ["Enter the reason"]
    for _ in range(2):  # a button that was pressed twice
        answer = client.post(f"{path}remove/", {"why": "It is done online", "revision": "1"}, follow=True)
        assert "is no longer a milestone of A1" in answer.content.decode()
    page = html.unescape(answer.content.decode())
    assert "No milestones yet" in page
    for words in (
        "“Book a trainer” (due 1 December 2026), then “Book two trainers” (due 5 December 2026)",
        "“Book two trainers” (due 5 December 2026), then removed",
        "20 November 2026, coordinator: It is done online",
    ):
        assert words in page
    (words,) = refusals(client.post(path, moved | {"why": "The hall is free", "revision": "2"}))
    assert words == "coordinator removed “Book two trainers” from A1 on 20 November 2026: It is done online"


def test_two_at_one_milestone(town: Town, clock: Clock):
    """The second is told; what they typed stands in the boxes, and is saved when they say so."""
    milestone = step(plan(town), by=town.coordinator)
    path = f"{PLAN}1/milestones/{milestone.pk}/"
    first, second = signed_in(town.coordinator), signed_in(town.coordinator)
    typed = {"title": "Agree the training", "revision": "0"}
    assert first.post(path, typed | {"due_on": "5 1 2027", "why": "The trainer left"}).status_code == 302
    stale = typed | {"due_on": "6 2 2027", "why": "The hall was taken"}
    told = second.post(path, stale)
    (words,) = refusals(told)
    assert "“Agree the training” was changed after you opened this form" in words
    page = told.content.decode()
    assert 'value="6 February 2027"' in page
    assert "The hall was taken</textarea>" in page
    assert 'name="revision" value="1"' in page
    assert second.post(path, stale | {"revision": "1"}).status_code == 302
    assert 'name="revision" value="2"' in second.get(f"{path}remove/").content.decode()
    (words,) = refusals(first.post(f"{path}remove/", {"why": "Not needed", "revision": "1"}))
    assert "(due 6 February 2027) was changed after you opened this form" in words


def test_a_whole_life_on_the_pages(town: Town, clock: Clock, owner: User):
    action = plan(town)
    milestone = step(action, by=town.coordinator)
    client, coordinator = signed_in(owner), signed_in(town.coordinator)
    (words,) = refusals(client.post(f"{PLAN}1/complete/", {"text": "All done"}))
    assert "“Agree the training” is still to do" in words
    tick_milestone(milestone, done=True, by=owner)
    assert client.post(f"{PLAN}1/complete/", {"text": "All done"})["Location"] == f"{PLAN}1/"
    assert refusals(client.post(f"{PLAN}1/reopen/", {"why": ""})) == ["Enter the reason"]
    client.post(f"{PLAN}1/reopen/", {"why": "Two teams were left out"})
    coordinator.post(f"{PLAN}1/archive/", {"why": "It belongs to another plan"})
    page = html.unescape(client.get(f"{PLAN}1/").content.decode())
    assert f"Archived on 20 November 2026 by {town.coordinator}: It belongs to another plan" in page
    (words,) = refusals(client.post(f"{PLAN}1/update/", {"text": "More", "rag": "green"}))
    assert words == "A1 is archived: the coordinator can bring it back into the plan."
    coordinator.post(f"{PLAN}1/bring-back/", {"why": "It doesn’t"})
    page = html.unescape(client.get(f"{PLAN}1/").content.decode())
    told = ["Brought back into the plan: It doesn’t", "Reopened: Two teams were left out", "All done"]
    assert [page.index(words) for words in told] == sorted(page.index(words) for words in told)


def test_what_the_second_of_two_typed_stays_in_its_box(town: Town, clock: Clock, owner: User):
    plan(town)
    signed_in(owner).post(f"{PLAN}1/complete/", {"text": ""})
    answer = signed_in(town.lead).post(f"{PLAN}1/complete/", {"text": "All 40 were trained"})
    (words,) = refusals(answer)
    assert words.startswith("board-member marked A1 as complete on 20 November 2026 at 10:00.")
    assert ">\nAll 40 were trained</textarea>" in answer.content.decode()


def test_what_somebody_left_is_handed_over_from_the_plan_and_from_home(town: Town, clock: Clock):
    gone = make_owner(town)
    plan(town, owner=gone)
    unmeasured(town, owner=gone)
    Membership.objects.filter(user=gone).delete()
    client = signed_in(town.coordinator)
    address = reverse("actions:action-hand-over", args=["testford", gone.pk])
    for path in (PLAN, "/testford/", f"{PLAN}1/"):
        assert address in client.get(path).content.decode()
        assert address not in signed_in(town.lead).get(path).content.decode()
    page = client.get(address).content.decode()
    assert "Hand over 2 actions" in page
    assert refusals(client.post(address, {"to": gone.pk, "why": "They left"})) == [
        "Choose the person who takes over from the list"
    ]
    assert client.post(address, {"to": town.lead.pk, "why": "They left"})["Location"] == PLAN
    assert set(Action.objects.values_list("owner", flat=True)) == {town.lead.pk}
    assert address not in client.get(PLAN).content.decode()
    for path in (address, reverse("actions:action-hand-over", args=["testford", 999])):
        assert "no open actions or challenges now" in client.get(path, follow=True).content.decode()


# --- Where else it is linked -----------------------------------------------------------------------


def test_the_way_there(town: Town, clock: Clock):
    scenarios.accept(town, SEPTEMBER, {"arrests": 21, "charges": 1})
    scenarios.sweep()
    scenarios.publish(town, SEPTEMBER)
    plan(town)
    unmeasured(town)
    client = signed_in(town.people[Role.BOARD_MEMBER])
    assert f'href="{PLAN}"' in client.get("/testford/").content.decode()
    assert f'href="{PLAN}?board=csp"' in client.get("/testford/2026-09/csp/").content.decode()
    page = client.get("/testford/indicators/arrests/").content.decode()
    part = page.partition("Actions that aim to change it")[2].partition("</section>")[0]
    assert re.findall(r">(A\d) ", part) == ["A1"]
    page = client.get("/testford/indicators/charges/").content.decode()
    assert "None in" in page.partition("Actions that aim to change it")[2].partition("</section>")[0]


def test_of_another_area_there_is_nothing(town: Town, clock: Clock):
    elsewhere = scenarios.make_town("elsewhere")
    make_strand(elsewhere)
    plan(elsewhere)
    client = signed_in(town.coordinator)
    assert client.get("/elsewhere/plan/1/").status_code == 404
    assert client.get(f"{PLAN}1/").status_code == 404
    assert client.get(f"{PLAN}1/change/").status_code == 404
