"""Whose turn a challenge is, who may judge it, and where it stands: on a board's page as in its pack."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone

from actions.models import Challenge
from actions.permissions import can_read_about
from actions.presenters.challenges import AnswerTime, answer_times
from actions.presenters.todo import asked_tasks
from actions.selectors.challenges import challenges_for, for_times, left_behind, list_asked, readable_offers
from actions.selectors.plan import to_answer
from actions.services import challenges
from actions.services.challenges import take_up
from actions.workflow import ChallengeState
from boards.models import Board, Membership, ReportingPeriod, Responsibility
from boards.permissions import access_to
from boards.rules import Role
from boards.todo import Task
from core.calendar import Month, date_label
from core.labels import TransitionRefused
from core.models import User
from indicators.models import Indicator, IndicatorBoard
from reporting.packs.services import issue as packs
from reporting.pages.presenters.indicators import board_thread
from tests import challenging, scenarios
from tests.factories import make_board, make_member
from tests.integration.clock import Clock, clock_at
from tests.integration.test_pack_content import pack_of, rows
from tests.integration.test_pack_plan import plan_one
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)


clock = clock_at()


def tasks_of(town: Town, user: User) -> list[Task]:
    access = access_to(town.area, by=user)
    behind = left_behind(town.area) if access.can_coordinate else []
    return asked_tasks(access, behind, today=timezone.localdate())


def test_nobody_judges_their_own_answer_nor_disposes_of_what_they_owe(town: Town):
    both = make_member(town.area, Role.STRATEGIC, email="both@testford.example")
    both.memberships.create(area=town.area, role=Role.BOARD_MEMBER.value, board=town.csp)
    challenge = challenging.ask(town, answerer=both)
    with pytest.raises(PermissionDenied, match="You have to answer this challenge, so someone else in the group"):
        challenges.withdraw(challenge, why="Never mind", by=both)
    with pytest.raises(PermissionDenied, match="You have to answer this challenge"):
        challenges.escalate(challenge, to=town.csp, why="Not for me", by=both)
    challenge = challenges.answer(challenge, text="It is done.", seen=1, by=both)
    for act in (challenges.accept, challenges.press):
        with pytest.raises(PermissionDenied, match="someone else in the group must decide if it is good enough"):
            act(challenge, text="It will do", by=both)
    assert tasks_of(town, both) == []
    assert challenges.accept(challenge, by=town.people[Role.STRATEGIC]).closed_by == town.people[Role.STRATEGIC]


def test_a_chair_who_is_in_the_group_does_not_withdraw_what_was_escalated_to_them(town: Town):
    chair, raiser = town.people[Role.BOARD_CHAIR], town.people[Role.STRATEGIC]
    chair.memberships.create(area=town.area, role=Role.STRATEGIC.value)
    challenge = challenges.escalate(challenging.ask(town), to=town.csp, why="It waits", by=raiser)
    with pytest.raises(PermissionDenied, match="You have to answer this challenge"):
        challenges.withdraw(challenge, why="Never mind", by=chair)
    raiser.memberships.create(area=town.area, role=Role.BOARD_CHAIR.value, board=make_board(town.area, "sab"))
    with pytest.raises(ValidationError, match="The chair of the Board sab raised this question"):
        challenges.escalate(challenge, to=Board.objects.get(code="sab"), why="Higher", by=raiser)


def test_what_a_chair_answered_is_pressed_at_the_chair(town: Town):
    chair, member, raiser = (town.people[role] for role in (Role.BOARD_CHAIR, Role.BOARD_MEMBER, Role.STRATEGIC))
    challenge = challenges.escalate(challenging.ask(town), to=town.csp, why="It waits", by=raiser)
    with pytest.raises(TransitionRefused, match="C1 is already waiting for an answer"):
        challenges.press(challenge, text="Still nothing", by=raiser)
    challenge = challenges.answer(challenge, text="Soon.", seen=2, by=chair)
    challenge = challenges.press(challenge, text="When?", by=raiser)
    assert challenge.state == ChallengeState.ESCALATED
    assert [list(to_answer(access_to(town.area, by=user))) for user in (chair, member)] == [[challenge], []]
    assert challenges.answer(challenge, text="In March.", seen=4, by=chair).state == ChallengeState.ANSWERED


def test_a_chair_who_is_missing_is_not_stood_in_for_by_a_hand_over(town: Town):
    raiser, second = town.people[Role.STRATEGIC], make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
    challenge = challenges.escalate(challenging.ask(town), to=town.csp, why="It waits", by=raiser)
    with pytest.raises(TransitionRefused, match="the chair of the Board csp has to answer"):
        challenges.hand_over_challenge(challenge, second, why="They left", by=town.coordinator)
    Membership.objects.filter(role=Role.BOARD_CHAIR.value).delete()
    (task,) = (task for task in tasks_of(town, town.coordinator) if "C1" in task.name)
    assert (task.status_label, "has no chair" in task.hint) == ("No chair", True)
    sab = make_board(town.area, "sab")
    make_member(town.area, Role.BOARD_CHAIR, board=sab)
    assert challenges.escalate(challenge, to=sab, why="They have a chair", by=raiser).escalated_to == sab
    with pytest.raises(ValidationError, match="It is already waiting for the chair of the Board sab"):
        challenges.escalate(challenge, to=sab, why="Again", by=raiser)


def test_whoever_left_the_board_neither_answers_for_it_nor_reads_on(town: Town):
    member = town.people[Role.BOARD_MEMBER]
    challenge = challenging.ask(town)
    member.memberships.all().delete()
    member.memberships.create(area=town.area, role=Role.AGENCY_LEAD.value, agency=town.police)
    access = access_to(town.area, by=member)
    assert (list(to_answer(access)), list(Challenge.objects.readable_by(access))) == ([], [])
    with pytest.raises(PermissionDenied):
        challenges.answer(challenge, text=challenging.ANSWER, seen=1, by=member)


def test_an_offer_to_the_strategic_group_is_its_members_to_take_up(town: Town):
    group, strategic = make_board(town.area, "strategic"), town.people[Role.STRATEGIC]
    support = challenging.offer(town, board=group)
    assert [task.url for task in tasks_of(town, strategic)] == [support.get_absolute_url()]
    assert take_up(support, by=strategic).state == "taken_up"


def leave_ids_unlike(town: Town) -> None:
    """So that nothing that a board's own is found by has the board's id by chance."""
    plan_one(town)
    Responsibility.objects.create(board=make_board(town.area, "other"), text="Something else")
    for place in IndicatorBoard.objects.all():
        place.delete()
        IndicatorBoard.objects.create(indicator=place.indicator, board=place.board)


def test_a_board_reads_what_is_about_its_own_wherever_it_reads(town: Town):
    """The permission, the filter, the thread on a page, the board's page and its pack agree."""
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    sab, group = make_board(town.area, "sab"), make_board(town.area, "strategic")
    at_sab, at_csp = (make_member(town.area, Role.BOARD_MEMBER, board=board) for board in (sab, town.csp))
    at_group = make_member(town.area, Role.BOARD_MEMBER, board=group)
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    period = ReportingPeriod.objects.get(area=town.area, starts_on=OCTOBER.first_day)
    of_police = {"board": None, "agency": town.police, "answerer": town.lead}
    leave_ids_unlike(town)
    asked = {
        "duty": challenging.ask(town, responsibility=challenging.make_responsibility(town), **of_police),
        "action": challenging.ask(town, action=plan_one(town), **of_police),
        "figure": challenging.ask(town, indicator=arrests, period=period, **of_police),
        "strand": challenging.ask(town, **of_police),
    }
    offers = [
        challenging.offer(town, responsibility=challenging.make_responsibility(town), agency=town.police),
        challenging.offer(town, agency=town.police),
    ]
    own = {asked["duty"], asked["action"], asked["figure"]}
    for person, board, expected in (
        (at_csp, town.csp, own),
        (at_sab, sab, set()),
        (at_group, group, set(asked.values())),
    ):
        access = access_to(town.area, by=person)
        assert set(Challenge.objects.readable_by(access)) == expected
        assert {each for each in asked.values() if can_read_about(access, each)} == expected
        on_pages = [
            *list_asked(access, Q(responsibility=asked["duty"].responsibility)),
            *list_asked(access, Q(action=asked["action"].action)),
            *list_asked(access, Q(indicator=arrests)),
            *list_asked(access, Q(strand=asked["strand"].strand)),
        ]
        for read in (on_pages, board_thread(access, board).challenges):
            assert set(read) == set(expected)
        assert set(challenges_for(board)) == expected
        if board != group:
            told = expected and offers[:1]
            assert list(readable_offers(access)) == list(told)
            assert [each for each in offers if can_read_about(access, each)] == list(told)


def test_a_boards_page_has_what_was_closed_since_the_pack_before_would_have_been(town: Town, clock):
    """A board that never had a pack: what was closed before the month before was published isn't told any more."""
    clock("2026-10-10")
    answerer = town.people[Role.BOARD_MEMBER]
    challenge = challenges.answer(challenging.ask(town), text=challenging.ANSWER, seen=1, by=answerer)
    clock("2026-10-12")
    challenges.accept(challenge, by=town.people[Role.STRATEGIC])
    access = access_to(town.area, by=town.people[Role.BOARD_MEMBER])
    for month, day in ((OCTOBER.previous, "2026-10-20"), (OCTOBER, "2026-11-20")):
        scenarios.accept(town, month, {"arrests": 12, "charges": 4})
        assert list(board_thread(access, town.csp).challenges) == [challenge]
        clock(day)
        scenarios.publish(town, month)
    assert board_thread(access, town.csp).challenges == []
    (chapter,) = (each for each in pack_of(town).chapters if each.key == "challenges")
    assert (chapter.blocks, bool(chapter.line)) == ((), True)


def test_a_wait_is_whose_turn_it_was(town: Town, clock: Clock):
    """Five days with the police, who did not answer; three with the chair, who did; then two more."""
    raiser, chair = town.people[Role.STRATEGIC], town.people[Role.BOARD_CHAIR]
    clock("2026-11-02")
    challenge = challenging.ask(town, board=None, agency=town.police, answerer=town.lead)
    clock("2026-11-07")
    challenges.escalate(challenge, to=town.csp, why="It waits", by=raiser)
    clock("2026-11-10")
    challenges.answer(challenge, text="Soon.", seen=2, by=chair)
    challenges.press(challenge, text="When?", by=raiser)
    today = clock("2026-11-12")
    times = answer_times(for_times(Challenge.objects.all()), today=today)
    assert times == [AnswerTime("Board csp", 3, 1, 1, 2), AnswerTime("Police", None, 0, 0, 0)]


def test_each_escalation_counts_for_its_own_board(town: Town, clock: Clock, django_assert_num_queries):
    """A board's chair answers after a day. Then another board's chair is asked, and waits."""
    raiser = town.people[Role.STRATEGIC]
    youth = make_board(town.area, "youth")
    make_member(town.area, Role.BOARD_CHAIR, board=youth, email="youth-chair@testford.example")
    clock("2026-11-02")
    challenge = challenging.ask(town, board=None, agency=town.police, answerer=town.lead)
    clock("2026-11-04")
    challenges.escalate(challenge, to=town.csp, why="It waits", by=raiser)
    clock("2026-11-05")
    challenges.answer(challenge, text="Soon.", seen=2, by=town.people[Role.BOARD_CHAIR])
    challenges.escalate(challenge, to=youth, why="Not soon enough", by=raiser)
    today = clock("2026-11-12")
    with django_assert_num_queries(2):
        times = answer_times(for_times(Challenge.objects.all()), today=today)
    assert times == [
        AnswerTime("Board csp", 1, 1, 0, 0),
        AnswerTime("Board youth", None, 0, 1, 7),
        AnswerTime("Police", None, 0, 0, 0),
    ]


def test_a_pack_says_what_became_of_a_challenge(town: Town):
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    raiser, member = town.people[Role.STRATEGIC], town.people[Role.BOARD_MEMBER]

    def row() -> list[str]:
        return rows(pack_of(town), "challenges")[0][1:]

    challenge = challenging.ask(town)
    Challenge.objects.update(due_on=challenging.in_days(-1))
    day = date_label(challenging.in_days(-1))
    assert row()[0] == f"Board csp; Answer by board-member, due {day}; Overdue"
    challenges.answer(challenge, text="Soon.", seen=1, by=member)
    challenges.press(challenge, text="Say when.", due_on=challenging.in_days(3), by=raiser)
    assert row()[1] == "Asked again; Say when.; It is with its answerer."
    challenges.escalate(challenge, to=town.csp, why="No day yet.", by=raiser)
    assert "Answer by the chair of the Board csp" in row()[0]
    escalated = "Escalated to the chair; To the chair of the Board csp. No day yet."
    assert row()[1] == f"{escalated}; It is with the board's chair."
    challenges.withdraw(challenge, why="Asked elsewhere", by=raiser)
    to, state, newest = row()
    assert (to, state) == ("Board csp; Asked of board-member", "Withdrawn; Asked elsewhere")
    assert newest.startswith("Soon.; board-member, ")


def test_what_is_closed_while_a_pack_is_set_is_told_in_the_next(town: Town, monkeypatch: pytest.MonkeyPatch):
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    answerer = town.people[Role.BOARD_MEMBER]
    challenge = challenges.answer(challenging.ask(town), text=challenging.ANSWER, seen=1, by=answerer)

    def build(pack: object) -> bytes:
        challenges.accept(challenge, by=town.people[Role.STRATEGIC])
        return b"%PDF"

    monkeypatch.setattr(packs, "build_pack", build)
    scenarios.issue(town, OCTOBER)
    assert [row[2] for row in rows(pack_of(town), "challenges")] == ["Answer accepted"]
