"""Who reads of which meeting, what was discussed, what was not looked at, and what an agenda proposes."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from actions.models import Action, Challenge, Meeting
from actions.permissions import can_read_meeting
from actions.presenters.meetings import proposed_agenda
from actions.selectors.meetings import find_silence, not_looked_at, readable_meetings, strands_discussed
from actions.services.challenges import answer, escalate, press, withdraw
from actions.services.plan import archive_action, bring_back, complete_action, reopen_action
from actions.services.progress import add_update
from actions.workflow import Rag, WhyProposed
from boards.models import Board, Strand
from boards.permissions import access_to
from boards.rules import Role
from core.calendar import Month
from tests import challenging, scenarios
from tests.factories import make_agency, make_board, make_indicator, make_member
from tests.integration.clock import Clock
from tests.meeting import draft, hold, item, make_group, meet, record, strategic_group
from tests.planning import make_strand, open_work, plan, unmeasured
from tests.publishing import publish_months
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    Clock(monkeypatch)("2026-11-25")
    return make_town()


@pytest.fixture
def strands(town: Town) -> list[Strand]:
    return [make_strand(town, code) for code in ("prevent", "pursue", "prepare")]


def words_of(points) -> list[str]:
    return [point.words for point in points]


# --- Reading ---------------------------------------------------------------------------------------


def test_the_filter_and_the_permission_agree_for_every_character(town):
    sab, group = make_board(town.area, "sab"), strategic_group(town)
    people = {
        **town.people,
        "sab": make_member(town.area, Role.BOARD_MEMBER, board=sab),
        "group": make_member(town.area, Role.BOARD_CHAIR, board=group),
        "operator": scenarios.make_operator(),
        "outsider": scenarios.make_outsider(),
    }
    gone = make_member(town.area, Role.ANALYST)
    hidden = make_group(town, "hidden", board=sab, members=(gone, people[Role.AGENCY_LEAD]))
    gone.memberships.all().delete()
    people["gone"] = gone
    others = [meet(town), meet(town, board=group), meet(town, board=sab)]
    meetings = [*others, meet(town, sub_group=make_group(town)), meet(town, sub_group=hidden)]

    read = {}
    for name, person in people.items():
        access = access_to(town.area, by=person)
        found = set(readable_meetings(access).values_list("number", flat=True))
        assert found == {meeting.number for meeting in meetings if can_read_meeting(access, meeting)}
        read[str(name)] = found
    assert read == {
        **{name: {1, 2, 3, 4, 5} for name in ("strategic", "coordinator", "analyst", "information", "operator")},
        **{name: set() for name in ("agency-approver", "agency-contact", "outsider", "gone")},
        "agency-lead": {4, 5},
        "board-member": {1, 4},
        "board-chair": {1, 4},
        "sab": {3, 5},
        "group": {2},
    }


# --- Discussed -------------------------------------------------------------------------------------


def test_a_strand_is_discussed_by_itself_by_its_actions_and_by_challenges_about_either(town):
    codes = ("itself", "action", "challenge", "asked", "unticked", "nothing")
    itself, action, challenge, asked, unticked, _ = strands = [make_strand(town, code) for code in codes]
    record(
        town,
        meet(town, held_on=TODAY),
        item(itself),
        item(plan(town, strand=action)),
        item(challenging.ask(town, strand=challenge)),
        item(challenging.ask(town, action=plan(town, strand=asked))),
        item(unticked, is_discussed=False),
        item(town.area.indicators.get(code="arrests")),
    )
    hold(town, held_on=TODAY)

    nothing, found = (
        {strand for strand, was in of_one.items() if was} for of_one in strands_discussed(Meeting.objects.all())
    )
    assert (found, nothing) == (set(strands[:4]), set())


def test_who_was_silent_about_what_and_for_how_long(town, strands):
    prevent, pursue, prepare = strands
    for day, things in ((1, [pursue]), (2, [prevent, pursue]), (3, []), (4, []), (5, [prevent])):
        hold(town, *things, held_on=date(2026, 11, day))
    hold(town, prepare, held_on=date(2026, 11, 6), board=make_board(town.area, "sab"))
    meet(town, held_on=date(2026, 11, 7))

    found = find_silence(town.area, town.csp.meetings).strands
    assert [(silent.strand, silent.words) for silent in found] == [
        (prepare, "never discussed in 5 meetings"),
        (pursue, "not discussed in the last 3 meetings"),
    ]


def test_nothing_is_called_not_looked_at_before_there_were_meetings_enough(town, strands):
    for day, sentence in (
        (1, "No meeting is recorded. A strand needs attention after 3 meetings that didn’t discuss it."),
        (2, "1 meeting is recorded. A strand needs attention after 3 meetings that didn’t discuss it."),
        (3, "2 meetings are recorded. A strand needs attention after 3 meetings that didn’t discuss it."),
    ):
        silence = find_silence(town.area, Meeting.objects.filter(board=town.csp))
        assert (silence.words, list(silence.strands)) == (sentence, [])
        hold(town, held_on=date(2026, 11, day))
    silence = find_silence(town.area, Meeting.objects.filter(board=town.csp))
    assert (silence.words, len(silence.strands)) == ("", 3)


def test_an_area_says_after_how_many_meetings(town, strands):
    town.area.silent_meetings = 1
    hold(town, strands[0])
    assert [silent.words for silent in find_silence(town.area, town.csp.meetings).strands] == [
        "never discussed in 1 meeting"
    ] * 2


# --- Not looked at ---------------------------------------------------------------------------------


def fill(town: Town, number: int) -> None:
    nobody = make_agency(town.area, f"nobody-{number}")
    make_indicator(nobody, f"unsupplied-{number}")
    unmeasured(town)
    plan(town)
    challenging.ask(town)
    strand, board = make_strand(town, f"strand-{number}"), strategic_group(town)
    for day in (1, 2, 3):
        hold(town, board=board, held_on=date(2026, 11, day))
    hold(town, strand, board=board, held_on=date(2026, 11, 4))


def test_what_was_not_looked_at(town, monkeypatch):
    fill(town, 1)
    off = make_indicator(make_agency(town.area, "off", retired=True), "off")
    make_indicator(make_agency(town.area, "imports"), "imported", collection="import")
    make_indicator(make_agency(town.area, "old"), "old", retired_from=date(2026, 1, 1))
    left = make_agency(town.area, "left")
    make_member(town.area, Role.AGENCY_LEAD, agency=left).memberships.get().user.delete()
    make_indicator(left, "left")
    late, judged = challenging.ask(town), challenging.ask(town)
    answer(judged, text="It is done.", seen=1, by=judged.answerer)
    withdraw(challenging.ask(town), why="Asked twice", seen=1, by=town.people[Role.STRATEGIC])

    Clock(monkeypatch)("2026-12-25")
    found = not_looked_at(town.area, *open_work(town.area), today=date(2026, 12, 25))

    assert [str(silent.strand) for silent in found.silence.strands] == ["Prevent"]
    assert [action.reference for action in found.unmeasured] == ["A1"]
    assert [indicator.code for indicator in found.unsupplied] == ["left", "off", "unsupplied-1"]
    assert [challenge.number for challenge in found.unanswered] == [1, late.number]
    assert off in found.unsupplied


# --- What an agenda proposes ------------------------------------------------------------------------

SEPTEMBER = Month(2026, 9)


def make_a_signal(town: Town) -> None:
    """Twelve months of arrests as they are, and then far too many."""
    arrests = [*(10 + number % 3 for number in range(12)), 90]
    publish_months(town, SEPTEMBER + -12, {"arrests": arrests, "charges": [4] * 13})


def redden(town: Town, action):
    add_update(action, text="Late", rag=Rag.RED, rag_why="No one has the figures", by=town.coordinator)
    return action


def test_proposes_what_stands_out_what_is_red_what_is_asked_and_what_was_silent(town, strands):
    make_a_signal(town)
    other = make_board(town.area, "sab")
    red, _, other_red = redden(town, plan(town)), plan(town), redden(town, plan(town, board=other))
    challenging.ask(town, due_on=date(2026, 12, 9))
    challenging.ask(town, due_on=date(2026, 12, 8), board=town.csp, action=red)
    for day in (1, 2, 3):
        hold(town, strands[0], held_on=date(2026, 11, day))

    points = proposed_agenda(meet(town, held_on=TODAY))
    assert words_of(points) == [
        points[0].words,
        "A1 Train all housing workers (red): No one has the figures",
        "C2, about A1 Train all housing workers: answer due 8 December 2026",
        "C1, about Strand: Prevent: answer due 9 December 2026",
        "Prepare: never discussed in 3 meetings",
        "Pursue: never discussed in 3 meetings",
    ]
    assert points[0].words.startswith("Arrests. Worse: 90 in September, usually ")
    assert [point.why for point in points] == [
        WhyProposed.SIGNAL,
        WhyProposed.RED,
        *[WhyProposed.CHALLENGE] * 2,
        *[WhyProposed.STRAND] * 2,
    ]
    group = proposed_agenda(meet(town, held_on=TODAY, board=strategic_group(town)))
    assert f"{other_red} (red): No one has the figures" in words_of(group)
    assert [point.why for point in group].count(WhyProposed.SIGNAL) == 1
    sab = proposed_agenda(meet(town, held_on=TODAY, board=other))
    assert words_of(sab) == [f"{other_red} (red): No one has the figures"]


def test_a_sub_group_is_proposed_what_its_own_meetings_decided(town, strands):
    group = make_group(town)
    decided = hold(town, strands[0], sub_group=group)
    red = redden(town, plan(town, decided_in=decided))
    redden(town, plan(town))
    challenging.ask(town, action=red)
    challenging.ask(town)
    points = proposed_agenda(meet(town, sub_group=group, held_on=TODAY))
    assert words_of(points) == [
        "A1 Train all housing workers (red): No one has the figures",
        "C1, about A1 Train all housing workers: answer due 9 December 2026",
    ]


def test_proposes_the_strands_that_the_last_meeting_left_out_the_longest_silent_first(town, strands):
    prevent, pursue, prepare = strands
    protect, purge = make_strand(town, "protect"), make_strand(town, "purge")
    assert agendas(town, 20) == [[]]
    for day, things in ((1, [purge, prepare]), (2, [pursue, prepare]), (3, [prevent])):
        hold(town, *things, held_on=date(2026, 11, day))
    assert agendas(town, 1, 2, 3) == [
        [f"{strand}: never discussed in 1 meeting" for strand in (prevent, protect, pursue)],
        [
            "Prevent: never discussed in 2 meetings",
            "Protect: never discussed in 2 meetings",
            "Purge: not discussed in the last meeting",
        ],
        [
            "Protect: never discussed in 3 meetings",
            "Purge: not discussed in the last 2 meetings",
            "Prepare: not discussed in the last meeting",
        ],
    ]


def test_a_sub_group_is_proposed_the_strands_that_it_has_to_do_with(town, strands):
    prevent, pursue, prepare = strands
    group = make_group(town)
    first = hold(town, prevent, sub_group=group, held_on=date(2026, 11, 1))
    assert agendas(town, 2, sub_group=group) == [[]]
    plan(town, strand=pursue, decided_in=first)
    plan(town, strand=prepare)
    hold(town, sub_group=group, held_on=date(2026, 11, 3))
    assert agendas(town, 20, sub_group=group) == [
        ["Pursue: never discussed in 2 meetings", "Prevent: not discussed in the last meeting"]
    ]


def test_a_long_reason_is_shortened(town):
    action = plan(town)
    add_update(action, text="Late", rag=Rag.RED, rag_why="late " * 99, by=town.coordinator)
    (point,) = proposed_agenda(meet(town, held_on=TODAY))
    assert (len(point.words), point.words[-1]) == (300, "…")


def test_a_sub_group_of_the_strategic_group_looks_at_every_indicator(town):
    make_a_signal(town)
    looks = {"period": scenarios.open_month(town, SEPTEMBER), "version": 1, "held_on": TODAY}
    groups = [
        make_group(town, "of-all", board=strategic_group(town)),
        make_group(town, "of-sab", board=make_board(town.area, "sab")),
    ]
    of_all, of_sab = (meet(town, sub_group=group, **looks) for group in groups)
    assert [point.words.partition(".")[0] for point in proposed_agenda(of_all)] == ["Arrests"]
    assert proposed_agenda(of_sab) == []


def test_a_version_that_isnt_there_has_no_signals(town):
    assert proposed_agenda(meet(town, period=draft(town).period, version=9)) == []


# --- As it was on the day ----------------------------------------------------------------------------


def when(monkeypatch: pytest.MonkeyPatch, town: Town, day: str, act: Callable[[], object]) -> None:
    """Do something on a day."""
    Clock(monkeypatch)(day)
    act()


def agendas(town: Town, *days: int, **options: Any) -> list[list[str]]:
    """What is proposed for meetings on these days of November."""
    return [words_of(proposed_agenda(meet(town, held_on=date(2026, 11, day), **options))) for day in days]


def test_an_action_is_red_from_the_update_that_says_so_to_the_next(town, monkeypatch):
    Clock(monkeypatch)("2026-11-02")
    action = plan(town)

    def say(rag: Rag, why: str = "") -> Callable[[], object]:
        return lambda: add_update(action, text=f"{rag} {why}", rag=rag, rag_why=why, by=town.coordinator)

    when(monkeypatch, town, "2026-11-04", say(Rag.RED, "No trainer"))
    when(monkeypatch, town, "2026-11-06", say(Rag.RED, "No room"))
    when(monkeypatch, town, "2026-11-08", say(Rag.AMBER, "Hard"))
    Clock(monkeypatch)("2026-11-20")
    red = "A1 Train all housing workers (red)"
    found = agendas(town, 1, 3, 4, 5, 6, 7, 8, 19, 20, 30)
    assert found == [[], [], [f"{red}: No trainer"], [f"{red}: No trainer"], *[[f"{red}: No room"]] * 2, *[[]] * 4]


def test_an_action_that_left_the_plan_and_came_back_was_not_red_between(town, monkeypatch):
    Clock(monkeypatch)("2026-11-02")
    complete, archived = redden(town, plan(town)), redden(town, plan(town))

    def do(act: Callable[..., object], action: Action, **options: Any) -> Callable[[], object]:
        return lambda: act(Action.objects.get(pk=action.pk), **options, by=town.coordinator)

    when(monkeypatch, town, "2026-11-04", do(complete_action, complete))
    when(monkeypatch, town, "2026-11-04", do(archive_action, archived, why="Not ours"))
    when(monkeypatch, town, "2026-11-08", do(reopen_action, complete, why="Not done"))
    when(monkeypatch, town, "2026-11-08", do(bring_back, archived, why="Ours"))
    Clock(monkeypatch)("2026-11-20")
    found = [[words.partition(" ")[0] for words in agenda] for agenda in agendas(town, 3, 4, 5, 7, 8, 20)]
    assert found == [["A1", "A2"], ["A2"], [], [], ["A1", "A2"], ["A1", "A2"]]

    when(monkeypatch, town, "2026-11-21", do(archive_action, archived, why="Not ours"))
    found = [[words.partition(" ")[0] for words in agenda] for agenda in agendas(town, 20, 21, 22)]
    assert found == [["A1", "A2"], ["A1", "A2"], ["A1"]]


def test_a_challenge_stands_where_it_stood_from_its_day_to_the_day_it_was_closed(town, monkeypatch):
    Clock(monkeypatch)("2026-11-02")
    chaired = make_board(town.area, "sab")
    make_member(town.area, Role.BOARD_CHAIR, board=chaired)
    asked, by = challenging.ask(town, due_on=date(2026, 11, 16)), town.people[Role.STRATEGIC]

    def do(act: Callable[..., object], **options: Any) -> Callable[[], object]:
        return lambda: act(Challenge.objects.get(pk=asked.pk), **{"by": by} | options)

    when(monkeypatch, town, "2026-11-04", do(answer, text="Soon.", seen=1, by=asked.answerer))
    when(monkeypatch, town, "2026-11-06", do(press, text="When?", due_on=date(2026, 11, 18)))
    when(monkeypatch, town, "2026-11-08", do(escalate, to=chaired, why="Late", due_on=date(2026, 11, 27)))
    when(monkeypatch, town, "2026-11-10", do(withdraw, why="Asked twice"))
    Clock(monkeypatch)("2026-11-20")
    waits = [
        [words.removeprefix("C1, about Strand: Prevent: ") for words in agenda]
        for agenda in agendas(town, *range(1, 12))
    ]
    assert waits == [
        [],
        *[["answer due 16 November 2026"]] * 2,
        *[["answered, needs a decision"]] * 2,
        *[["answer due 18 November 2026"]] * 2,
        *[["escalated, answer due 27 November 2026"]] * 2,
        ["withdrawn that day"],
        [],
    ]
    assert [len(agenda) for agenda in agendas(town, 7, 8, 9, 11, board=chaired)] == [0, 1, 1, 0]


def test_a_chair_who_is_asked_again_is_still_the_one_who_has_to_answer(town, monkeypatch):
    Clock(monkeypatch)("2026-11-02")
    asked, by = challenging.ask(town), town.people[Role.STRATEGIC]

    def do(act: Callable[..., object], **options: Any) -> Callable[[], object]:
        return lambda: act(Challenge.objects.get(pk=asked.pk), **{"by": by} | options)

    when(monkeypatch, town, "2026-11-04", do(answer, text="Soon.", seen=1, by=asked.answerer))
    when(monkeypatch, town, "2026-11-06", do(press, text="When?", due_on=date(2026, 11, 18)))
    when(monkeypatch, town, "2026-11-08", do(escalate, to=town.csp, why="Late"))
    when(monkeypatch, town, "2026-11-10", do(answer, text="In May.", seen=4, by=town.people[Role.BOARD_CHAIR]))
    when(monkeypatch, town, "2026-11-12", do(press, text="Which year?", due_on=date(2026, 11, 27)))
    Clock(monkeypatch)("2026-11-20")
    waits = [words.removeprefix("C1, about Strand: Prevent: ") for (words,) in agendas(town, 7, 9, 11, 13, 20)]
    assert waits == [
        "answer due 18 November 2026",  # the member was asked again, and escalation came later
        "escalated, answer due 18 November 2026",
        "answered, needs a decision",
        *["escalated, answer due 27 November 2026"] * 2,
    ]


def test_a_challenge_that_went_further_was_the_former_boards_until_then(town, monkeypatch):
    """… whose meeting looked at it."""
    Clock(monkeypatch)("2026-11-02")
    first, further = make_board(town.area, "first", name="First board"), make_board(town.area, "second", name="Second")
    for board in (first, further):
        make_member(town.area, Role.BOARD_CHAIR, board=board)
    asked, by = challenging.ask(town), town.people[Role.STRATEGIC]

    def to(board: Board) -> Callable[[], object]:
        return lambda: escalate(Challenge.objects.get(pk=asked.pk), to=board, why="Late", by=by)

    when(monkeypatch, town, "2026-11-04", to(first))
    when(monkeypatch, town, "2026-11-10", to(further))
    Clock(monkeypatch)("2026-11-20")
    assert [len(agenda) for agenda in agendas(town, 3, 5, 9, 11, 20, board=first)] == [0, 1, 1, 0, 0]
    assert [len(agenda) for agenda in agendas(town, 3, 5, 9, 11, 20, board=further)] == [0, 0, 0, 1, 1]


def test_what_is_still_to_come_is_proposed_what_there_is_today(town, monkeypatch):
    action, asked = redden(town, plan(town)), challenging.ask(town)
    assert [len(agenda) for agenda in agendas(town, 25, 30)] == [2, 2]
    complete_action(Action.objects.get(pk=action.pk), by=town.coordinator)
    withdraw(asked, why="Asked twice", seen=1, by=town.people[Role.STRATEGIC])
    assert agendas(town, 30) == [[]]
    assert agendas(town, 25) == [["C1, about Strand: Prevent: withdrawn that day"]]
