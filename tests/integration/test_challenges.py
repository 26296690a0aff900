"""Challenges and offers of support through the services: who may, what is refused, who reads what."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from actions.models import Challenge, Support
from actions.models.challenges import LONGEST_ANSWER, LONGEST_QUESTION
from actions.permissions import can_read_about
from actions.selectors.challenges import (
    answerers_in,
    can_be_asked,
    chaired,
    challenges_for,
    find_challenge,
    left_behind,
    readable_offers,
)
from actions.services.challenges import (
    accept,
    answer,
    decline,
    escalate,
    hand_over_challenge,
    press,
    raise_challenge,
    take_up,
    withdraw,
    withdraw_support,
)
from actions.services.plan import archive_action
from boards.models import Agency, Board, Membership, ReportingPeriod
from boards.permissions import access_to
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent, User
from indicators.models import Indicator
from tests import scenarios
from tests.challenging import ANSWER, ask, draft, in_days, make_responsibility, make_strand, offer
from tests.factories import make_agency, make_board, make_member
from tests.planning import plan
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)


@pytest.fixture
def raiser(town: Town) -> User:
    return town.people[Role.STRATEGIC]


@pytest.fixture
def member(town: Town) -> User:
    return town.people[Role.BOARD_MEMBER]


@pytest.fixture
def chair(town: Town) -> User:
    return town.people[Role.BOARD_CHAIR]


def answered(town: Town) -> Challenge:
    challenge = ask(town)
    return answer(challenge, text=ANSWER, seen=1, by=town.people[Role.BOARD_MEMBER])


def faults(refused: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str]]:
    return refused.value.message_dict


# --- Raising ---------------------------------------------------------------------------------------


def test_an_areas_challenges_are_counted(town, raiser):
    assert [ask(town).number, ask(town).number] == [1, 2]


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.STRATEGIC, Role.OPERATOR)])
def test_only_the_strategic_group_raises(town, role):
    with pytest.raises(PermissionDenied, match="member of the strategic group"):
        raise_challenge(draft(town), by=town.people[role])
    assert not Challenge.objects.exists()


def test_one_is_about_exactly_one_thing(town, raiser):
    for wrong in (
        replace(draft(town), responsibility=make_responsibility(town)),
        replace(draft(town), strand=None),
        replace(draft(town), strand=None, indicator=Indicator.objects.get(area=town.area, code="arrests")),
    ):
        with pytest.raises(ValidationError) as refused:
            raise_challenge(wrong, by=raiser)
        assert faults(refused)["about"] == [
            "Choose what it is about: an indicator in a month, an action, a strand, a responsibility or a pathway step."
        ]


def test_a_month_that_the_boards_cannot_read_is_not_asked_about(town, raiser):
    period = scenarios.open_month(town, OCTOBER)
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    with pytest.raises(ValidationError) as refused:
        ask(town, indicator=arrests, period=period)
    assert faults(refused) == {"about": ["October 2026 is not published yet. You can ask when the boards can read it."]}


def test_what_belongs_to_another_area_is_refused(town, raiser):
    other = scenarios.make_town("elsewhere")
    for wrong in (
        {"board": other.csp, "answerer": other.people[Role.BOARD_MEMBER]},
        {"agency": other.police, "answerer": other.lead},
        {"strand": make_strand(other)},
        {"responsibility": make_responsibility(other)},
    ):
        with pytest.raises(PermissionDenied, match="in this area"):
            ask(town, **wrong)
    with pytest.raises(ValidationError) as refused:
        ask(town, answerer=other.people[Role.BOARD_MEMBER])
    assert faults(refused)["to"][0].endswith("doesn’t answer for the Board csp: choose someone who does.")
    assert not Challenge.objects.exists()


def test_who_is_asked_answers_for_that_board_or_agency(town, raiser):
    assert ask(town, board=None, agency=town.police, answerer=town.lead).answerer == town.lead
    for wrong in (
        town.lead,
        town.coordinator,
        make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "sab")),
    ):
        with pytest.raises(ValidationError, match="doesn’t answer for the Board csp"):
            ask(town, answerer=wrong)
    with pytest.raises(ValidationError, match="doesn’t answer for Police"):
        ask(town, board=None, agency=town.police, answerer=town.people[Role.AGENCY_APPROVER])


def test_somebody_who_left_is_not_asked(town, raiser, member):
    member.is_active = False
    member.save()
    with pytest.raises(ValidationError, match="doesn’t answer for"):
        ask(town)


def test_nobody_asks_themselves(town, raiser):
    Membership.objects.create(user=raiser, area=town.area, role=Role.BOARD_MEMBER.value, board=town.csp)
    with pytest.raises(ValidationError, match="You can’t ask yourself"):
        ask(town, answerer=raiser)


def test_a_board_that_is_retired_is_not_asked(town, raiser):
    town.csp.retired = True
    town.csp.save()
    with pytest.raises(ValidationError, match="Board csp is retired"):
        ask(town)


@pytest.mark.parametrize("is_offer", [False, True])
def test_what_was_chosen_is_read_again_before_it_is_saved(town, raiser, is_offer):
    def refused(sentence: str, **given: object) -> None:
        with pytest.raises(ValidationError) as refusal:
            offer(town, **given) if is_offer else ask(town, **given)
        assert sentence in str(faults(refusal))

    duty, action = make_responsibility(town), plan(town)
    archive_action(action, why="Not ours", by=town.coordinator)
    action.state = "open"  # as it was when it was chosen
    refused("A1 is archived", action=action)
    type(duty).objects.filter(pk=duty.pk).delete()
    refused("Choose what it is about", responsibility=duty)
    type(town.csp).objects.filter(pk=town.csp.pk).update(retired=True)
    refused("Board csp is retired")


def test_the_strategic_groups_members_answer_for_it(town, raiser):
    group = make_board(town.area, "strategic")
    other = make_member(town.area, Role.STRATEGIC)
    assert ask(town, board=group, answerer=other).board == group


@pytest.mark.parametrize(
    ("options", "field", "sentence"),
    [
        ({"question": " \r\n "}, "question", "Enter the question."),
        (
            {"question": "x" * (LONGEST_QUESTION + 1)},
            "question",
            "Shorten the question to 2,000 characters; it has 2,001.",
        ),
        ({"due_on": in_days(-1)}, "due_on", "The answer can’t be due before today"),
        ({"board": None}, "to", "Choose who it goes to: a board or an agency."),
    ],
)
def test_a_question_that_does_not_hold(town, options, field, sentence):
    with pytest.raises(ValidationError) as refused:
        ask(town, **options)
    assert list(faults(refused)) == [field]
    assert faults(refused)[field][0].startswith(sentence)


# --- Answering -------------------------------------------------------------------------------------


def test_only_its_answerer_answers(town, member, chair, raiser):
    challenge = ask(town)
    for other in (chair, raiser, town.coordinator):
        with pytest.raises(PermissionDenied, match=f"Only {member} can answer"):
            answer(challenge, text=ANSWER, seen=1, by=other)
    assert answer(challenge, text=ANSWER, seen=1, by=member).state == "answered"


def test_of_an_escalated_one_only_the_chair(town, member, chair, raiser):
    challenge = escalate(ask(town), to=town.csp, why="No answer", by=raiser)
    with pytest.raises(PermissionDenied, match="Only the chair of the Board csp"):
        answer(challenge, text=ANSWER, seen=2, by=member)
    assert answer(challenge, text=ANSWER, seen=2, by=chair).state == "answered"


def test_an_answerer_without_a_role_here_any_more_answers_nothing(town, member):
    challenge = ask(town)
    Membership.objects.filter(user=member).delete()
    with pytest.raises(PermissionDenied):
        answer(challenge, text=ANSWER, seen=1, by=member)


def test_a_long_answer_is_kept_whole(town, member):
    text = "Line by line.\r\n" + "é" * (LONGEST_ANSWER - 14)
    challenge = answer(ask(town), text=text, seen=1, by=member)
    kept = challenge.entries.last().text
    assert kept == text.replace("\r\n", "\n")
    assert len(kept) == LONGEST_ANSWER


def test_what_was_not_seen_is_not_accepted(town, member, raiser):
    challenge = answered(town)
    press(challenge, text="How many?", by=raiser)
    answer(challenge, text="Nine", seen=3, by=member)
    with pytest.raises(ChangedMeanwhile, match="answered on"):
        accept(challenge, seen=2, by=raiser)
    assert accept(challenge, seen=4, by=raiser).state == "accepted"


# --- Judging an answer -----------------------------------------------------------------------------


def test_only_the_strategic_group_judges(town, member, chair):
    challenge = answered(town)
    for by in (member, chair, town.coordinator, town.people[Role.ANALYST]):
        for act in (
            lambda by: accept(challenge, by=by),
            lambda by: press(challenge, text="More", by=by),
            lambda by: escalate(challenge, to=town.csp, why="Why", by=by),
            lambda by: withdraw(challenge, why="Why", by=by),
        ):
            with pytest.raises(PermissionDenied):
                act(by)
    challenge.refresh_from_db()
    assert challenge.state == "answered"


def test_steps_that_the_table_has_not(town, member, raiser):
    challenge = ask(town)
    with pytest.raises(TransitionRefused, match="C1 is raised, so it can't become answer accepted"):
        accept(challenge, by=raiser)
    with pytest.raises(TransitionRefused):
        press(challenge, text="More", by=raiser)
    withdraw(challenge, why="Asked by mistake", by=raiser)
    for act in (
        lambda: answer(challenge, text=ANSWER, seen=2, by=member),
        lambda: escalate(challenge, to=town.csp, why="Why", by=raiser),
        lambda: hand_over_challenge(challenge, town.people[Role.BOARD_CHAIR], why="Why", by=town.coordinator),
    ):
        with pytest.raises(TransitionRefused):
            act()
    assert challenge.entries.count() == 2


def test_what_is_withdrawn_says_when_by_whom_and_why(town, raiser):
    challenge = withdraw(ask(town), why="Asked  by\nmistake", by=raiser)
    assert (challenge.closed_by, challenge.entries.last().text) == (raiser, "Asked by mistake")
    event = AuditEvent.objects.get(verb="challenge.withdrawn")
    assert event.details == {"from": "raised", "to": "withdrawn", "why": "Asked by mistake"}


def test_reasons_are_needed(town, raiser):
    challenge = answered(town)
    for act, field in (
        (lambda: press(challenge, text=" ", by=raiser), "text"),
        (lambda: escalate(challenge, to=town.csp, why="", by=raiser), "why"),
        (lambda: withdraw(challenge, why="", by=raiser), "why"),
        (lambda: hand_over_challenge(challenge, raiser, why="", by=town.coordinator), "why"),
    ):
        with pytest.raises(ValidationError) as refused:
            act()
        assert list(faults(refused)) == [field]


def test_it_is_escalated_only_to_a_chair_of_this_area(town, raiser):
    challenge, other = ask(town), scenarios.make_town("elsewhere")
    with pytest.raises(PermissionDenied, match="another area"):
        escalate(challenge, to=other.csp, why="Why", by=raiser)
    with pytest.raises(ValidationError) as refused:
        escalate(challenge, to=make_board(town.area, "sab"), why="Why", by=raiser)
    assert faults(refused) == {"to": ["The Board sab has no chair: choose another board."]}


# --- Somebody left ---------------------------------------------------------------------------------


def test_the_coordinator_hands_over_within_the_board(town, member, chair):
    challenge = ask(town)
    for wrong, sentence in ((member, "answers it already"), (town.lead, "doesn’t answer for the Board csp")):
        with pytest.raises(ValidationError, match=sentence):
            hand_over_challenge(challenge, wrong, why="Left", by=town.coordinator)
    with pytest.raises(PermissionDenied):
        hand_over_challenge(challenge, chair, why="Left", by=member)
    challenge = hand_over_challenge(challenge, chair, why="Left", by=town.coordinator)
    assert (challenge.answerer, challenge.state) == (chair, "raised")
    assert challenge.entries.last().text == f"From {member} to {chair}.\n\nLeft"
    event = AuditEvent.objects.get(verb="challenge.handed_over")
    assert event.details == {"from": member.email, "to": chair.email, "why": "Left"}


def test_challenges_that_nobody_can_answer_are_found(town, member, chair, raiser):
    own, escalated = ask(town), ask(town)
    escalate(escalated, to=town.csp, why="Why", by=raiser)
    closed = ask(town)
    withdraw(closed, why="Why", by=raiser)
    assert list(left_behind(town.area)) == []
    Membership.objects.filter(user=member).update(role=Role.ANALYST.value, board=None)
    assert list(left_behind(town.area)) == [own]
    chair.is_active = False
    chair.save()
    assert sorted(each.number for each in left_behind(town.area)) == [1, 2]


CHANGES = {
    "nothing": lambda town: None,
    "the member has another role": lambda town: change_role(
        town, Role.BOARD_MEMBER, role=Role.ANALYST.value, board=None
    ),
    "the member sits elsewhere": lambda town: change_role(
        town, Role.BOARD_MEMBER, board=make_board(town.area, "elsewhere")
    ),
    "the member cannot sign in": lambda town: User.objects.filter(pk=town.people[Role.BOARD_MEMBER].pk).update(
        is_active=False
    ),
    "the member left": lambda town: Membership.objects.filter(user=town.people[Role.BOARD_MEMBER]).delete(),
    "the board is retired": lambda town: Board.objects.filter(pk=town.csp.pk).update(retired=True),
    "the group is retired": lambda town: Board.objects.filter(code="strategic").update(retired=True),
    "the agency is retired": lambda town: Agency.objects.filter(pk=town.police.pk).update(retired=True),
    "the lead has another agency": lambda town: change_role(
        town, Role.AGENCY_LEAD, agency=make_agency(town.area, "other")
    ),
    "the lead only approves": lambda town: change_role(town, Role.AGENCY_LEAD, role=Role.AGENCY_APPROVER.value),
    "the judge left the group": lambda town: change_role(town, Role.STRATEGIC, role=Role.ANALYST.value),
    "the chair is a member": lambda town: change_role(town, Role.BOARD_CHAIR, role=Role.BOARD_MEMBER.value),
}


def change_role(town: Town, held: Role, **values: object) -> None:
    Membership.objects.filter(user=town.people[held]).update(**values)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_those_left_behind_are_those_whose_answerer_cannot_be_asked(town, raiser, change):
    make_board(town.area, "strategic", position=9)
    group = Board.objects.get(code="strategic")
    other = make_member(town.area, Role.STRATEGIC)
    challenges = [
        ask(town),
        ask(town, agency=town.police, answerer=town.lead),
        ask(town, board=group, answerer=other),
        ask(town, answerer=town.people[Role.BOARD_CHAIR]),
    ]
    escalated = ask(town)
    escalate(escalated, to=town.csp, why="Why", by=raiser)
    Membership.objects.filter(user=other).exclude(role=Role.STRATEGIC.value).delete()
    town.people[Role.STRATEGIC] = other
    change(town)

    found = answerers_in(town.area)
    members = set(Membership.objects.filter(user__is_active=True).values_list("user", flat=True))
    expected = {
        each.number
        for each in challenges
        if each.answerer_id in members
        and not can_be_asked(found, board=each.board_id, agency=each.agency_id, user=each.answerer_id)
    }
    if town.csp.pk not in chaired(found):
        expected.add(escalated.number)
    assert {each.number for each in left_behind(town.area)} == expected


# --- Who can be asked, and who reads ---------------------------------------------------------------


def test_who_can_be_asked(town, member, chair, raiser):
    make_board(town.area, "strategic", position=9)
    make_member(town.area, Role.AGENCY_LEAD, agency=make_agency(town.area, "old", retired=True))
    found = answerers_in(town.area)
    assert [answerer.words for answerer in found] == [
        f"{chair}, Board csp (chair)",
        f"{member}, Board csp",
        f"{raiser}, Board strategic",
        f"{town.lead}, Police",
    ]
    assert chaired(found) == {town.csp.pk: [chair]}


def test_the_filter_of_what_one_reads_is_the_permission(town, raiser):
    sab = make_board(town.area, "sab")
    at_sab = make_member(town.area, Role.BOARD_CHAIR, board=sab)
    ask(town)
    ask(town, board=None, agency=town.police, answerer=town.lead)
    escalate(ask(town), to=sab, why="Why", by=raiser)
    offer(town), offer(town, board=None, agency=town.police), offer(town, board=sab)
    people = [*town.people.values(), at_sab, scenarios.make_operator(), scenarios.make_outsider()]
    seen = {}
    for user in people:
        access = access_to(town.area, by=user)
        may = {each for each in Challenge.objects.all() if not access.is_outsider and can_read_about(access, each)}
        assert set(Challenge.objects.readable_by(access)) == may
        may_offers = {each for each in Support.objects.all() if not access.is_outsider and can_read_about(access, each)}
        assert set(readable_offers(access)) == may_offers
        seen[user] = sorted(each.number for each in may)
    assert seen[at_sab] == [3]
    assert seen[town.lead] == [2]
    assert seen[town.people[Role.BOARD_MEMBER]] == [1, 3]
    assert seen[people[-1]] == []
    assert find_challenge(access_to(town.area, by=at_sab), 1) is None
    assert [each.number for each in challenges_for(sab)] == [3]


# --- Support ---------------------------------------------------------------------------------------


def test_the_people_of_a_board_take_an_offer_up(town, member, raiser):
    support = offer(town)
    for other in (town.lead, raiser, town.coordinator):
        with pytest.raises(PermissionDenied, match="Only people who answer for Board csp"):
            take_up(support, by=other)
    taken = take_up(support, why="From Monday", by=member)
    assert (taken.reference, taken.state, taken.decided_by, taken.decided_why) == (
        "S1",
        "taken_up",
        member,
        "From Monday",
    )
    assert take_up(support, why="From Monday", by=member) == taken  # the button, pressed twice
    with pytest.raises(TransitionRefused, match="S1 is taken up, so it can't become not taken up"):
        decline(support, why="Not now", by=member)
    assert [event.verb for event in AuditEvent.objects.filter(verb__startswith="support.").order_by("id")] == [
        "support.offered",
        "support.taken_up",
    ]


def test_leads_decide_for_their_agency(town, raiser):
    support = offer(town, board=None, agency=town.police)
    with pytest.raises(ValidationError, match="Say why you are declining it"):
        decline(support, why=" ", by=town.lead)
    assert decline(support, why="We have two", by=town.lead).state == "declined"


def test_whoever_offers_withdraws(town, member, raiser):
    support = offer(town)
    with pytest.raises(PermissionDenied):
        withdraw_support(support, why="No one is free", by=member)
    assert withdraw_support(support, why="No one is free", by=raiser).state == "withdrawn"
    event = AuditEvent.objects.get(verb="support.withdrawn")
    assert event.details == {"from": "offered", "to": "withdrawn", "why": "No one is free"}


def test_an_offer_of_nothing_or_to_another_area_is_refused(town, raiser):
    with pytest.raises(ValidationError, match="Enter what you offer"):
        offer(town, offer="")
    with pytest.raises(PermissionDenied):
        offer(town, board=scenarios.make_town("elsewhere").csp)
    assert not Support.objects.exists()


def test_periods_are_of_the_area_too(town):
    other = scenarios.make_town("elsewhere")
    scenarios.accept(other, SEPTEMBER, {"arrests": 1, "charges": 1})
    scenarios.publish(other, SEPTEMBER)
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    with pytest.raises(PermissionDenied):
        ask(town, indicator=arrests, period=ReportingPeriod.objects.get(area=other.area))
