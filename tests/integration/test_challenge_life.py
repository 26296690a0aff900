"""A worked example: a challenge's whole life through the services, day by day."""

from dataclasses import dataclass
from datetime import date

import pytest

from actions.models import Challenge
from actions.presenters.challenges import AnswerTime, answer_times, challenge_view
from actions.selectors.challenges import with_entries
from actions.services.challenges import (
    ChallengeDraft,
    accept,
    answer,
    escalate,
    hand_over_challenge,
    press,
    raise_challenge,
)
from actions.workflow import ChallengeState
from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.models import AuditEvent, User
from indicators.models import Indicator
from tests import scenarios
from tests.factories import make_agency, make_indicator, make_member
from tests.integration.clock import Clock, clock_at
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
QUESTION = "Cuckooed houses rose from 31 to 34. What is done about it, by whom?"
FIRST = "Housing officers visit twice a week."
LACKS = "Which houses are made safe, and how many by Christmas?"
WHY = "Two weeks without an answer."
SECOND = "Nine houses have new locks and a named officer. Twelve more follow by 20 December."


@dataclass
class People:
    raiser: User
    member: User  # of the board that is asked
    chair: User  # of it


clock = clock_at()


@pytest.fixture
def asked(town: Town) -> Indicator:
    """October's cuckooed houses, published."""
    housing = make_agency(town.area, "council-housing", name="Council, housing")
    cuckooed = make_indicator(housing, "cuckooed", title="Cuckooed houses", boards=(town.csp,))
    make_member(town.area, Role.AGENCY_LEAD, agency=housing)
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    return cuckooed


@pytest.fixture
def people(town: Town) -> People:
    return People(
        town.people[Role.STRATEGIC],
        town.people[Role.BOARD_MEMBER],
        town.people[Role.BOARD_CHAIR],
    )


def now(challenge: Challenge, today: date) -> tuple[ChallengeState, str, date, str]:
    """Its state, whose turn it is and since when, and what is due."""
    challenge = with_entries(Challenge.objects.filter(pk=challenge.pk)).get()
    view = challenge_view(challenge, today=today)
    return view.state, view.turn, view.since, view.due


def test_a_challenge_from_the_question_to_the_accepted_answer(town: Town, asked, people, clock: Clock):
    # On 5 November: October's figure is asked about.
    today = clock("2026-11-05")
    draft = ChallengeDraft(
        area=town.area,
        indicator=asked,
        period=ReportingPeriod.objects.get(area=town.area, starts_on=OCTOBER.first_day),
        board=town.csp,
        answerer=people.member,
        question=QUESTION,
        due_on=date(2026, 11, 19),
    )
    challenge = raise_challenge(draft, by=people.raiser)
    assert challenge.reference == "C1"
    member_for_board = f"{people.member}, for the Board csp"
    assert now(challenge, today) == (
        ChallengeState.RAISED,
        member_for_board,
        date(2026, 11, 5),
        "Answer due by 19 November 2026, in 14 days",
    )

    # A week later it is answered: it is the strategic group's turn, and nothing is due.
    today = clock("2026-11-12")
    answer(challenge, text=FIRST, seen=1, by=people.member)
    assert now(challenge, today) == (ChallengeState.ANSWERED, "the strategic group", date(2026, 11, 12), "")

    # The answer won't do.
    today = clock("2026-11-13")
    press(challenge, text=LACKS, due_on=date(2026, 11, 27), seen=2, by=people.raiser)
    assert now(challenge, today) == (
        ChallengeState.PRESSED,
        member_for_board,
        date(2026, 11, 13),
        "Answer due by 27 November 2026, in 14 days",
    )

    # Nobody answers: it goes to the chair, with a new day.
    today = clock("2026-12-01")
    assert now(challenge, today)[3] == "Answer was due by 27 November 2026, 4 days ago"
    escalate(challenge, to=town.csp, why=WHY, due_on=date(2026, 12, 8), seen=3, by=people.raiser)
    assert now(challenge, today) == (
        ChallengeState.ESCALATED,
        "the chair of the Board csp",
        date(2026, 12, 1),
        "Answer due by 8 December 2026, in 7 days",
    )

    # The chair answers, and that will do.
    clock("2026-12-04")
    answer(challenge, text=SECOND, seen=4, by=people.chair)
    today = clock("2026-12-07")
    accept(challenge, text="Thank you.", seen=5, by=people.raiser)
    assert now(challenge, today)[:2] == (ChallengeState.ACCEPTED, "")
    challenge.refresh_from_db()
    assert (str(challenge.closed_at.date()), challenge.closed_by) == ("2026-12-07", people.raiser)

    assert [(entry.act, entry.text, entry.made_by, str(entry.made_at.date())) for entry in challenge.entries.all()] == [
        ("raised", QUESTION, people.raiser, "2026-11-05"),
        ("answered", FIRST, people.member, "2026-11-12"),
        ("pressed", LACKS, people.raiser, "2026-11-13"),
        ("escalated", f"To the chair of the Board csp.\n\n{WHY}", people.raiser, "2026-12-01"),
        ("answered", SECOND, people.chair, "2026-12-04"),
        ("accepted", "Thank you.", people.raiser, "2026-12-07"),
    ]
    # 7 days to the first answer; 21 from the pressing to the second, whoever gave it.
    assert answer_times(with_entries(Challenge.objects.all()), today=today) == [AnswerTime("Board csp", 14.0, 2, 0, 0)]
    events = AuditEvent.objects.filter(verb__startswith="challenge.").order_by("happened_at", "id")
    assert [(event.verb, event.actor, event.details) for event in events] == [
        (
            "challenge.raised",
            people.raiser.email,
            {"asked": "Board csp", "answerer": people.member.email, "due_on": "2026-11-19"},
        ),
        ("challenge.answered", people.member.email, {"from": "raised", "to": "answered"}),
        (
            "challenge.pressed",
            people.raiser.email,
            {
                "from": "answered",
                "to": "pressed",
                "why": LACKS,
                "due_before": "2026-11-19",
                "due_on": "2026-11-27",
            },
        ),
        (
            "challenge.escalated",
            people.raiser.email,
            {
                "from": "pressed",
                "to": "escalated",
                "chair_of": "Board csp",
                "why": WHY,
                "due_before": "2026-11-27",
                "due_on": "2026-12-08",
            },
        ),
        ("challenge.answered", people.chair.email, {"from": "escalated", "to": "answered"}),
        ("challenge.accepted", people.raiser.email, {"from": "answered", "to": "accepted", "why": "Thank you."}),
    ]
    assert {(event.area, event.target_type, event.target_id) for event in events} == {
        ("testford", "actions.challenge", str(challenge.pk))
    }


def test_a_wait_goes_on_while_it_is_escalated_or_handed_over(town: Town, asked, people, clock: Clock):
    clock("2026-11-05")
    draft = ChallengeDraft(
        area=town.area,
        indicator=asked,
        period=ReportingPeriod.objects.get(area=town.area, starts_on=OCTOBER.first_day),
        board=town.csp,
        answerer=people.member,
        question=QUESTION,
        due_on=date(2026, 11, 19),
    )
    challenge = raise_challenge(draft, by=people.raiser)
    clock("2026-11-06")
    hand_over_challenge(challenge, people.chair, why="Is away until January", by=town.coordinator)
    today = clock("2026-11-20")
    escalate(challenge, to=town.csp, why=WHY, by=people.raiser)
    assert answer_times(with_entries(Challenge.objects.all()), today=today) == [AnswerTime("Board csp", None, 0, 1, 15)]
    today = clock("2026-11-25")
    answer(challenge, text=SECOND, seen=3, by=people.chair)
    (time,) = answer_times(with_entries(Challenge.objects.all()), today=today)
    assert (time.words, time.waiting_text) == ("20 days, of 1 answer", "None")
