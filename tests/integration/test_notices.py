"""E-mails about challenges, actions and milestones: to the right person, once, all of one moment in one."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.models import Action, Challenge
from actions.presenters.letters import MARKING, failed_letters
from actions.selectors.notices import Notice, Wait, failed_notices, notices_due, still_due
from actions.selectors.plan import own_actions
from actions.services.challenges import accept, answer, escalate, hand_over_challenge, press, withdraw
from actions.services.letters import NOTICES, send_notices_again
from actions.services.plan import change_action, complete_action
from actions.services.progress import add_update, remove_milestone, tick_milestone
from actions.workflow import NoticeKind, Rag
from boards.models import Membership
from boards.permissions import access_to
from boards.rules import Role
from core.calendar import Month
from core.identity.sign_in import set_reminded
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.models import AuditEvent, OutboxEntry, User
from core.timetable import MOST_TRIES, STOPPED_AFTER
from indicators.models import Indicator
from tests import scenarios
from tests.challenging import ANSWER, QUESTION, ask
from tests.factories import make_board, make_member
from tests.integration.clock import Clock
from tests.letters import claimed_rows, grow_old, leave_failed, let_another_day_come, send, told_of
from tests.planning import draft, step, unmeasured
from tests.scenarios import Town, make_town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2026, 9)
WEDNESDAY, TWO_WEEKS = "2026-11-04", date(2026, 11, 18)
MEMBER, CHAIR, STRATEGIC = (
    f"{role}@testford.example" for role in (Role.BOARD_MEMBER, Role.BOARD_CHAIR, Role.STRATEGIC)
)

type Told = Callable[..., list[tuple[str, list[str]]]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(monkeypatch)
    clock(WEDNESDAY)
    return clock


@pytest.fixture
def told(clock: Clock, mailoutbox: list[EmailMessage]) -> Told:
    """The task runs, on another day where one is given: to whom it sent e-mails, each with the notices in it."""

    def run_on(day: str = "") -> list[tuple[str, list[str]]]:
        if day:
            clock(day)
        let_another_day_come()
        before, mails = set(notes().values_list("pk", flat=True)), len(mailoutbox)
        assert send(NOTICES) == len(mailoutbox) - mails
        new = list(notes().exclude(pk__in=before).order_by("pk").select_related("person"))
        found = []
        for mail in mailoutbox[mails:]:
            (address,) = mail.to
            kinds = [kind_of(notice) for notice in new if notice.person.email == address]
            found.append((address, kinds))
        assert all(notice.sent_at for notice in new)
        return sorted(found)

    return run_on


@pytest.fixture
def broken_mail() -> Iterator[pytest.MonkeyPatch]:
    def fail(*_: Any, **__: Any) -> int:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EmailMessage, "send", fail)
        yield patch


def due(town: Town, **options: Any) -> Action:
    """An action that is due in a week, for the board's member."""
    return unmeasured(town, **{"due_on": date(2026, 11, 11)} | options)


def answered(town: Town, challenge: Challenge, *, by: User | None = None) -> Challenge:
    seen = challenge.entries.count()
    return answer(challenge, text=ANSWER, seen=seen, by=by or town.people[Role.BOARD_MEMBER])


# --- The life of a challenge -----------------------------------------------------------------------


def test_whoever_is_to_act_is_told_at_each_turn_and_nobody_twice(town: Town, told: Told):
    strategic, second = town.people[Role.STRATEGIC], make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
    challenge = ask(town)
    assert told() == [(MEMBER, ["turn"])]
    assert told() == []
    answered(town, challenge)
    assert told() == [(STRATEGIC, ["answered"])]
    assert told() == []
    press(challenge, text="How often?", by=strategic)
    assert told() == [(MEMBER, ["turn"])]
    hand_over_challenge(challenge, second, why="They left", by=town.coordinator)
    assert told() == [(second.email, ["turn"])]
    escalate(challenge, to=town.csp, why="It waits too long", by=strategic)
    assert told() == [(CHAIR, ["turn"])]
    answered(town, challenge, by=town.people[Role.BOARD_CHAIR])
    assert told() == [(STRATEGIC, ["answered"])]
    accept(challenge, by=strategic)
    assert told() == []
    assert [told(day) for day in ("2026-11-13", "2026-11-18", "2026-11-19")] == [[], [], []]


def test_what_is_done_before_the_next_run_is_not_told(town: Town, told: Told):
    withdraw(ask(town), why="Asked twice", by=town.people[Role.STRATEGIC])
    answered(town, ask(town))
    assert told() == [(STRATEGIC, ["answered"])]


def test_every_chair_is_told_and_again_when_what_one_answered_is_pressed(town: Town, told: Told):
    second = make_member(town.area, Role.BOARD_CHAIR, board=town.csp)
    make_member(town.area, Role.BOARD_CHAIR, board=make_board(town.area, "sab"))
    challenge = ask(town)
    escalate(challenge, to=town.csp, why="It waits", by=town.people[Role.STRATEGIC])
    assert told() == sorted([(CHAIR, ["turn"]), (second.email, ["turn"])])
    assert told() == []
    answered(town, challenge, by=second)
    assert told() == [(STRATEGIC, ["answered"])]
    press(challenge, text="When?", by=town.people[Role.STRATEGIC])
    assert told() == sorted([(CHAIR, ["turn"]), (second.email, ["turn"])])


def test_whoever_left_the_board_is_told_of_nothing(town: Town, told: Told):
    ask(town)
    town.people[Role.BOARD_MEMBER].memberships.update(role=Role.ANALYST.value, board=None)
    assert told() == []


def test_an_answer_of_the_askers_own_is_told_to_the_others(town: Town, told: Told):
    strategic, other = town.people[Role.STRATEGIC], make_member(town.area, Role.STRATEGIC)
    strategic.memberships.create(area=town.area, role=Role.BOARD_CHAIR.value, board=town.csp)
    challenge = ask(town)
    escalate(challenge, to=town.csp, why="It waits", by=other)
    told()
    answered(town, challenge, by=strategic)
    assert told() == [(other.email, ["answered"])]


def test_whoever_answered_the_own_question_as_the_chair_is_not_told_of_it(town: Town, told: Told):
    strategic = town.people[Role.STRATEGIC]
    strategic.memberships.create(area=town.area, role=Role.BOARD_CHAIR.value, board=town.csp)
    challenge = ask(town)
    escalate(challenge, to=town.csp, why="It waits", by=strategic)
    answered(town, challenge, by=strategic)
    assert told() == []


def test_an_answer_is_told_only_to_whoever_sits_in_the_group_still(town: Town, told: Told):
    answered(town, ask(town))
    town.people[Role.STRATEGIC].memberships.update(role=Role.ANALYST.value)
    assert told() == []


def test_the_answer_to_somebody_who_left_the_group_is_told_to_the_others(town: Town, told: Told):
    answered(town, ask(town))
    town.people[Role.STRATEGIC].memberships.update(role=Role.ANALYST.value)
    others = [make_member(town.area, Role.STRATEGIC).email for _ in range(2)]
    assert told() == [(email, ["answered"]) for email in sorted(others)]


def test_what_was_done_while_others_e_mails_went_out_is_not_told(town: Town, clock: Clock):
    second = make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
    due(town)
    later = due(town, owner=second, title="Visit 20 landlords")
    clock("2026-11-06")
    claims = claimed_rows(NOTICES, today=timezone.localdate())
    first = next(claims)
    complete_action(later, by=second)
    assert [notice.person.email for notice in first] == [MEMBER]
    assert list(claims) == []


def test_a_turn_that_begins_on_a_saturday_is_told_on_monday(town: Town, told: Told, clock: Clock):
    clock("2026-11-07")
    ask(town)
    assert told() == []
    assert told("2026-11-08") == []
    assert told("2026-11-09") == [(MEMBER, ["turn"])]


@pytest.mark.parametrize(("day", "sent"), [("2026-11-09", [(MEMBER, ["turn"])]), ("2026-11-10", [])])
def test_a_turn_is_made_good_for_three_working_days(town: Town, told: Told, day: str, sent: list[Any]):
    ask(town)
    assert told(day) == sent


def test_an_unanswered_challenge_is_due_soon_and_then_overdue(town: Town, told: Told):
    ask(town, due_on=TWO_WEEKS)
    told()
    run = {day: told(f"2026-11-{day:02}") for day in range(5, 30)}
    assert {day: sent for day, sent in run.items() if sent} == {
        13: [(MEMBER, ["soon"])],
        19: [(MEMBER, ["overdue"])],
    }


def test_the_chair_is_told_that_an_escalated_one_is_due(town: Town, told: Told):
    challenge = ask(town, due_on=TWO_WEEKS)
    escalate(challenge, to=town.csp, why="It waits", by=town.people[Role.STRATEGIC])
    told()
    assert told("2026-11-13") == [(CHAIR, ["soon"])]
    answered(town, challenge, by=town.people[Role.BOARD_CHAIR])
    assert told("2026-11-19") == []


def test_one_that_is_due_soon_already_is_one_thing_in_the_letter(town: Town, told: Told, mailoutbox):
    ask(town, due_on=date(2026, 11, 6))
    assert told() == [(MEMBER, ["turn", "soon"])]
    assert mailoutbox[-1].subject == f"{MARKING}: 1 thing to do in Testford: challenge C1"
    assert str(mailoutbox[-1].body).count("Challenge C1") == 1


# --- Actions and milestones ------------------------------------------------------------------------


def test_an_open_action_is_due_soon_and_then_overdue(town: Town, told: Told):
    due(town)
    run = {day: told(f"2026-11-{day:02}") for day in range(4, 25)}
    assert {day: sent for day, sent in run.items() if sent} == {6: [(MEMBER, ["soon"])], 12: [(MEMBER, ["overdue"])]}


def test_another_due_day_is_told_of_again(town: Town, told: Told):
    action = due(town)
    assert told("2026-11-06") == [(MEMBER, ["soon"])]
    later = draft(town, no_measure_why="No one counts it", due_on=date(2026, 11, 25))
    change_action(action, later, revision=0, why="The trainer left", by=town.coordinator)
    assert told("2026-11-12") == []
    assert told("2026-11-20") == [(MEMBER, ["soon"])]


def test_a_complete_action_and_a_milestone_that_is_done_are_told_to_nobody(town: Town, told: Told):
    complete_action(due(town), by=town.coordinator)
    tick_milestone(step(due(town, due_on=date(2027, 3, 31)), by=town.coordinator), done=True, by=town.coordinator)
    assert told("2026-11-06") == []
    assert told("2026-11-24") == []


def test_a_milestone_that_was_taken_out_is_told_to_nobody(town: Town, clock: Clock, broken_mail):
    action = due(town, due_on=date(2027, 3, 31))
    first, second = (step(action, by=town.coordinator, due_on=date(2026, 11, 11)) for _ in range(2))
    remove_milestone(first, why="Not needed", revision=0, by=town.coordinator)
    clock("2026-11-06")
    send(NOTICES)
    assert [notice.milestone for notice in failed_notices(town.area)] == [second]
    remove_milestone(second, why="Not needed", revision=0, by=town.coordinator)
    assert failed_notices(town.area) == []
    assert notes().count() == 1


def test_a_milestone_is_told_to_the_owner_of_its_action(town: Town, told: Told):
    action = due(town, due_on=date(2027, 3, 31))
    step(action, by=town.coordinator, due_on=date(2026, 11, 11))
    to_begin = due(town, starts_on=date(2026, 11, 10), due_on=date(2027, 3, 31))
    step(to_begin, by=town.coordinator, due_on=date(2026, 11, 11))
    assert told("2026-11-06") == [(MEMBER, ["soon"])]  # the other action hasn't begun
    assert told("2026-11-10") == [(MEMBER, ["soon"])]
    assert told("2026-11-12") == [(MEMBER, ["overdue", "overdue"])]


# --- No update this month ---------------------------------------------------------------------------


def test_an_owner_who_has_said_nothing_is_told_once_a_month(town: Town, told: Told, mailoutbox):
    """Three working days before the month ends: November 2026 on a Monday, December on a Thursday."""
    action = due(town, due_on=date(2027, 3, 31))
    due(town, title="Write the guide", starts_on=date(2026, 12, 1), due_on=date(2027, 3, 31))  # to begin
    said = due(town, title="Visit 20 landlords", due_on=date(2027, 3, 31))
    add_update(said, text="On track", rag=Rag.GREEN, by=town.people[Role.BOARD_MEMBER])
    add_update(action, text="Begun", rag=Rag.GREEN, by=town.coordinator)  # not its owner’s
    run = {day: told(f"2026-11-{day:02}") for day in range(4, 31)}
    assert {day: sent for day, sent in run.items() if sent} == {25: [(MEMBER, ["update"])]}
    assert mailoutbox[-1].subject == f"{MARKING}: 1 thing to do in Testford: an update of A1"
    text = str(mailoutbox[-1].body)
    assert (
        "Action A1, “Train all housing workers”, has no update this month: update its progress by 30 November" in text
    )
    assert "You get this because you own an action in Testford." in text
    assert told("2026-12-01") == []
    assert told("2026-12-23") == []
    assert told("2026-12-24") == [(MEMBER, ["update"] * 3)]
    assert told("2026-12-29") == []


def test_a_missing_update_is_made_good_until_the_month_ends(town: Town, told: Told):
    due(town, due_on=date(2027, 3, 31))
    assert told("2026-11-30") == [(MEMBER, ["update"])]


def test_an_update_that_is_owed_is_a_thing_beside_the_day_it_is_due(town: Town, told: Told, mailoutbox):
    action = due(town, due_on=date(2026, 11, 30))
    assert told("2026-11-25") == [(MEMBER, ["soon", "update"])]
    assert mailoutbox[-1].subject == f"{MARKING}: 2 things to do in Testford: action A1, an update of A1"
    complete_action(action, by=town.coordinator)
    assert told("2026-11-26") == []


def test_one_that_failed_is_shown_until_the_update_is_there_or_the_month_is_over(
    town: Town, clock: Clock, broken_mail, told: Told
):
    action = due(town, due_on=date(2026, 12, 1))
    clock("2026-11-25")
    assert send(NOTICES) == 1
    (letter,) = failed_letters(failed_notices(town.area))
    assert letter.things == ["Action A1: no update this month"]
    give_up()
    broken_mail.undo()
    assert told("2026-11-26") == [(MEMBER, ["soon"])]  # of its day alone
    assert failed(town) == ["update"]
    clock("2026-12-01")
    assert failed(town) == []
    clock("2026-11-27")
    assert again(town, town.people[Role.BOARD_MEMBER]).sent_at
    notes().filter(occasion__endswith=":update").update(sent_at=None, fault="The server was down")
    assert failed(town) == ["update"]
    add_update(action, text="On track", rag=Rag.GREEN, by=town.people[Role.BOARD_MEMBER])
    assert failed(town) == []


def test_whoever_is_told_owes_it_on_the_page_too(town: Town, clock: Clock):
    clock("2026-11-25")
    action = due(town, due_on=date(2027, 3, 31))
    member = town.people[Role.BOARD_MEMBER]

    def owed() -> tuple[list[Action | None], list[Action]]:
        told = [notice.action for notice in notices_due(date(2026, 11, 25)) if notice.wait.person == member]
        own = own_actions(access_to(town.area, by=member), today=date(2026, 11, 25))
        return told, [each.action for each in own if each.is_owed]

    assert owed() == ([action], [action])
    clock("2026-10-31")
    add_update(action, text="On track", rag=Rag.GREEN, by=member)
    assert owed() == ([action], [action])
    clock("2026-11-25")
    add_update(action, text="On track", rag=Rag.GREEN, by=member)
    assert owed() == ([], [])


# --- To whom not -----------------------------------------------------------------------------------


def leave(town: Town) -> None:
    Membership.objects.filter(user=town.people[Role.BOARD_MEMBER]).delete()


def switch_off(town: Town) -> None:
    set_reminded(is_reminded=False, by=town.people[Role.BOARD_MEMBER])


def stop(town: Town) -> None:
    User.objects.filter(email=MEMBER).update(is_active=False)


@pytest.mark.parametrize("act", [leave, switch_off, stop])
def test_who_left_or_wants_no_emails_is_told_nothing(town: Town, told: Told, act):
    due(town)
    ask(town)
    act(town)
    assert told("2026-11-06") == []


def test_a_role_in_another_area_is_none_here(town: Town, told: Told):
    elsewhere = make_town("elsewhere")
    due(town)
    due(elsewhere, due_on=date(2026, 12, 31))
    member = town.people[Role.BOARD_MEMBER]
    leave(town)
    make_member(elsewhere.area, Role.ANALYST)
    member.memberships.create(area=elsewhere.area, role=Role.ANALYST.value)
    assert told("2026-11-06") == []


def test_two_areas_are_told_in_one_e_mail(town: Town, told: Told, mailoutbox):
    elsewhere = make_town("elsewhere")
    member = town.people[Role.BOARD_MEMBER]
    member.memberships.create(area=elsewhere.area, role=Role.BOARD_MEMBER.value, board=elsewhere.csp)
    due(town)
    due(elsewhere, owner=member)
    assert told("2026-11-06") == [(MEMBER, ["soon", "soon"])]
    (mail,) = mailoutbox
    assert mail.subject.endswith("1 thing to do in Testford: action A1, and 1 more thing")
    for town_name in ("Testford", "Elsewhere"):
        assert f"1 thing is waiting for you in {town_name}." in mail.body


@pytest.mark.parametrize("today", [date(2026, 11, 6), date(2026, 11, 25)])
def test_more_of_all_costs_no_more(town: Town, clock: Clock, today: date):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            notices_due(today)
        return len(asked)

    ask(town)
    step(due(town), by=town.coordinator, due_on=date(2026, 11, 11))
    few = queries()
    for slug in ("harlow", "basildon"):
        other = make_town(slug)
        for _ in range(3):
            challenge = ask(other)
            step(due(other), by=other.coordinator, due_on=date(2026, 11, 11))
        escalate(challenge, to=other.csp, why="It waits", by=other.people[Role.STRATEGIC])
    assert queries() == few
    assert len(notices_due(today)) == (3 + 2 * 9 if today.day == 6 else 1 + 2 * 3)


# --- What it says ----------------------------------------------------------------------------------


def letter(told: Told, outbox: list[EmailMessage], day: str = "") -> tuple[str, str, str]:
    """The subject, the plain text and the HTML of the newest e-mail."""
    assert told(day)
    message = outbox[-1]
    (alternative,) = message.alternatives  # type: ignore[attr-defined]
    return str(message.subject), str(message.body), str(alternative.content)


def test_it_names_each_thing_with_its_day_and_no_text(town: Town, told: Told, mailoutbox, settings):
    settings.SITE_URL = "https://dashboard.example"
    action = due(town)
    step(action, by=town.coordinator, due_on=date(2026, 11, 10))
    due(town, title="Open a night shelter", due_on=date(2026, 11, 6), starts_on=date(2026, 11, 1))
    ask(town, question="Why 7654321 of them?", action=action, due_on=date(2026, 11, 5))
    subject, text, html = letter(told, mailoutbox, "2026-11-06")
    assert subject == f"{MARKING}: 4 things to do in Testford: challenge C1, action A2, a milestone of A1, …"
    sentences = [
        "4 things are waiting for you in Testford.",
        "Challenge C1, about “A1 Train all housing workers”, is waiting for your answer. "
        "It was due on 5 November 2026, 1 working day overdue.",
        "Action A2, “Open a night shelter”, is due today, 6 November 2026.",
        "The milestone “Agree the training” of action A1 is due on 10 November 2026, 2 working days left.",
        "Action A1, “Train all housing workers”, is due on 11 November 2026, 3 working days left.",
        "You get this because an answer is due from you and you own an action in Testford.",
    ]
    for sentence in sentences:
        assert sentence in text
        assert sentence in html
    places = [text.index(sentence) for sentence in sentences]
    assert places == sorted(places)
    assert "7654321" not in text + html
    assert text.count("https://dashboard.example/account/link/") == 1
    assert text.startswith(f"{settings.MARKING}\n")


def test_an_indicators_month_is_named(town: Town, told: Told, mailoutbox):
    scenarios.accept(town, SEPTEMBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, SEPTEMBER)
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    ask(town, indicator=arrests, period=town.area.periods.get(), due_on=TWO_WEEKS)
    _, text, _ = letter(told, mailoutbox)
    assert (
        "Challenge C1, about “Arrests, September 2026”, is waiting for your answer. "
        "It is due on 18 November 2026, 10 working days left." in text
    )
    assert QUESTION not in text


def follow(message: EmailMessage, user: User) -> str:
    """Where the link leads somebody who is signed in."""
    path = next(word for word in str(message.body).split() if "/account/link/" in word).removeprefix(settings.SITE_URL)
    client = signed_in(user)
    return client.get(path)["Location"]


def test_the_link_leads_to_all_that_they_owe(town: Town, told: Told, mailoutbox):
    ask(town)
    told()
    assert follow(mailoutbox[-1], town.people[Role.BOARD_MEMBER]) == reverse("reporting:mine", args=["testford"])


def test_an_answer_alone_leads_to_its_challenge(town: Town, told: Told, mailoutbox):
    first, second = ask(town), ask(town)
    told()
    answered(town, first)
    _, text, _ = letter(told, mailoutbox)
    assert "Challenge C1, about “Strand: Prevent”, has an answer: accept it or ask again." in text
    assert ANSWER not in text
    assert "You get this because you raised a challenge in Testford." in text
    assert follow(mailoutbox[-1], town.people[Role.STRATEGIC]) == first.get_absolute_url()
    press(first, text="How often?", by=town.people[Role.STRATEGIC])
    told()
    answered(town, first)
    answered(town, second)
    _, text, _ = letter(told, mailoutbox)
    assert "2 things are waiting for you" in text
    assert follow(mailoutbox[-1], town.people[Role.STRATEGIC]) == reverse("reporting:mine", args=["testford"])


def test_a_chair_reads_whose_chair(town: Town, told: Told, mailoutbox):
    escalate(ask(town), to=town.csp, why="It waits", by=town.people[Role.STRATEGIC])
    _, text, _ = letter(told, mailoutbox)
    assert f"is waiting for your answer as chair of the {town.csp}. It is due on" in text


# --- Pages that change whose turn it is ------------------------------------------------------------


def test_a_page_tells_the_next_one_at_once(town: Town, clock: Clock, mailoutbox, django_capture_on_commit_callbacks):
    challenge = ask(town)
    client = signed_in(town.people[Role.BOARD_MEMBER])
    typed = {"act": "answer", "answer-text": ANSWER, "answer-seen": "1"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(challenge.get_absolute_url(), typed).status_code == 302
    assert [mail.to for mail in mailoutbox] == [[STRATEGIC]]


# --- One that fails --------------------------------------------------------------------------------


def notes() -> QuerySet[OutboxEntry]:
    """What people were told of the plan and of challenges, or will be."""
    return told_of(LetterKind.CHALLENGES, LetterKind.ACTIONS)


def kind_of(entry: OutboxEntry) -> str:
    return entry.occasion.rpartition(":")[2]


def failed(town: Town) -> list[str]:
    return [notice.kind for notice in failed_notices(town.area)]


def test_one_e_mail_of_two_things_is_tried_again_as_one_and_leaves_out_what_waits_no_more(
    town: Town, clock: Clock, mailoutbox
):
    action = due(town)
    clock("2026-11-06")
    ask(town)
    (both,) = claimed_rows(NOTICES, today=date(2026, 11, 6))
    assert len({notice.message_id for notice in both}) == 1
    assert sorted(kind_of(notice) for notice in both) == ["soon", "turn"]
    grow_old(STOPPED_AFTER)
    Action.objects.filter(pk=action.pk).update(due_on=date(2027, 3, 31))
    assert send(NOTICES) == 1
    (mail,) = mailoutbox
    assert mail.message()["Message-ID"] == both[0].message_id
    assert "1 thing is waiting for you" in mail.body


@pytest.fixture
def broken(town: Town, clock: Clock, broken_mail: pytest.MonkeyPatch) -> User:
    """The member could not be told of a challenge and of an action."""
    due(town)
    clock("2026-11-06")
    ask(town)
    assert send(NOTICES) == 1
    return town.people[Role.BOARD_MEMBER]


def give_up() -> None:
    """It was tried as often as it is tried by itself."""
    OutboxEntry.objects.filter(sent_at=None).update(tries=MOST_TRIES)


def again(town: Town, person: User, *, by: User | None = None) -> OutboxEntry:
    return send_notices_again(town.area, person, by=by or town.coordinator)


def test_a_coordinator_sends_it_again(town: Town, broken: User, broken_mail, mailoutbox):
    assert sorted(failed(town)) == ["soon", "turn"]
    broken_mail.undo()
    assert again(town, broken).sent_at
    assert failed(town) == []
    assert [mail.to for mail in mailoutbox] == [[MEMBER]]
    event = AuditEvent.objects.get(verb="notice.sent_again")
    assert (event.actor_id, event.target_id, event.area) == (town.coordinator.pk, str(broken.pk), "testford")
    assert sorted(event.details["of"]) == ["action A1", "challenge C1"]
    with pytest.raises(TransitionRefused):
        again(town, broken)
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.OPERATOR)])
def test_nobody_else_sends_it_again(town: Town, broken: User, role: Role):
    with pytest.raises(PermissionDenied):
        again(town, broken, by=town.people[role])
    assert not AuditEvent.objects.filter(verb="notice.sent_again").exists()


def test_another_areas_coordinator_neither_sees_nor_sends_it(town: Town, broken: User, outsider: User):
    with pytest.raises(PermissionDenied):
        again(town, broken, by=outsider)
    area = outsider.memberships.get().area
    assert failed_notices(area) == []
    client = signed_in(outsider)
    assert client.post(reverse("actions:notice-resend", args=[area.slug, broken.pk])).status_code == 404


def settle(town: Town) -> None:
    complete_action(Action.objects.get(), by=town.coordinator)
    answered(town, Challenge.objects.get())


@pytest.mark.parametrize("act", [leave, switch_off, stop, settle])
def test_what_nobody_needs_any_more_is_not_shown_nor_sent(town: Town, broken: User, act):
    act(town)
    assert failed(town) == []
    with pytest.raises(TransitionRefused):
        again(town, broken)


def test_what_they_were_told_since_is_left_out(town: Town, broken: User, broken_mail, told: Told):
    assert [letter.entry.is_tried_again for letter in failed_letters(failed_notices(town.area))] == [True]
    give_up()
    assert [letter.entry.is_tried_again for letter in failed_letters(failed_notices(town.area))] == [False]
    broken_mail.undo()
    assert told("2026-11-12") == [(MEMBER, ["overdue"])]
    assert failed(town) == ["turn"]


def test_what_they_were_told_since_is_not_told_again_with_the_rest(town: Town, broken: User, broken_mail, told: Told):
    broken_mail.undo()
    assert [address for address, _ in told("2026-11-12")] == [MEMBER]
    assert failed(town) == []
    assert not notes().filter(sent_at=None).exists()  # with the rest, in one letter


def test_the_page_sends_it_again_and_says_so(town: Town, broken: User, broken_mail, mailoutbox):
    client = signed_in(town.coordinator)
    path, page = reverse("actions:notice-resend", args=["testford", broken.pk]), "/testford/notices/"

    def press() -> str:
        answer = client.post(path)
        assert (answer.status_code, answer["Location"]) == (302, page)
        (message,) = client.get(page).context["messages"]
        return str(message)

    assert press() == "The email to board-member could not be sent again: Connection unexpectedly closed"
    broken_mail.undo()
    assert press() == "The email to board-member has been sent."
    assert "no email to send to board-member again" in press()
    assert len(mailoutbox) == 1
    assert "There is nothing to send again" in client.get(page).content.decode()


def test_the_page_says_who_what_when_and_why(town: Town, broken: User, rf):
    other = ask(town, answerer=town.people[Role.BOARD_CHAIR])
    wait = Wait(town.area, other.answerer, other, other.due_on, turn=1)
    long_ago = timezone.now() - timedelta(days=1)
    leave_failed(Notice(wait, NoticeKind.TURN).occasion, claimed_at=long_ago, fault="")
    letters = list(failed_letters(failed_notices(town.area)))
    page = render_to_string("actions/notice_list.html", {"letters": letters, "area": town.area}, rf.get("/"))
    for words in (
        "board-member",
        "Challenge C1: your turn to answer",
        "Action A1: due soon",
        "Tried on 6 November 2026 at 10:00.",
        "What went wrong: Connection unexpectedly closed",
        "board-chair",
        "we don’t know if it was sent",
    ):
        assert words in page


def test_an_action_comes_before_its_milestones_which_are_named(town: Town, clock: Clock, broken_mail):
    step(due(town), by=town.coordinator, due_on=date(2026, 11, 11))
    clock("2026-11-06")
    send(NOTICES)
    (letter,) = failed_letters(failed_notices(town.area))
    assert letter.things == ["Action A1: due soon", "A milestone of A1, “Agree the training”: due soon"]


def test_the_coordinators_home_leads_there_as_long_as_there_is_one(town: Town, broken: User, broken_mail):
    def home(user: User) -> str:
        client = signed_in(user)
        return client.get("/testford/").content.decode()

    assert "1 email was not sent" in home(town.coordinator)
    assert "/testford/notices/" in home(town.coordinator)
    assert "/testford/notices/" not in home(town.people[Role.STRATEGIC])
    broken_mail.undo()
    again(town, broken)
    with CaptureQueriesContext(connection) as asked:
        assert "/testford/notices/" not in home(town.coordinator)
    assert sum("core_outboxentry" in query["sql"] for query in asked) == 1


def test_just_before_a_claim_only_what_was_found_is_looked_at(town: Town, clock: Clock):
    first = ask(town)
    found = notices_due(timezone.localdate())
    assert [notice.challenge for notice in found] == [first]
    ask(town)
    assert [notice.challenge for notice in still_due(timezone.localdate(), found)] == [first]
    answered(town, first)
    assert still_due(timezone.localdate(), found) == []
