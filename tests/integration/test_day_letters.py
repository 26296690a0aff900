"""One letter a person a day, of all that is due for them: whose turn it is, and what is new."""

import re
import smtplib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMessage

from boards.rules import Role
from boards.services.regions import give_consent
from core.calendar import Month
from core.identity.sign_in import set_reminded
from core.letter_kinds import LetterKind
from core.mail.daily import Source, load_sources
from core.models import OutboxEntry, User
from core.tasks import send_letters
from core.timetable import JobFailed
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.services.corrections import ask_correction
from indicators.services.returns import release_return
from reporting.months.services import hash_corrections, list_corrections, list_fresh, publish_corrections, take_back
from tests.challenging import ask, offer
from tests.factories import make_agency, make_indicator, make_member
from tests.integration.rows_of_withdrawals import publish_fresh
from tests.integration.test_revisions import accept_request
from tests.letters import grow_old, letters_of_a_day, send, told_of
from tests.meeting import make_group, meet
from tests.scenarios import Town, accept, give_back, make_town, open_month, publish, submit, sweep

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)  # due on Tuesday, 10 November
FIGURES = {"arrests": 7_654, "charges": 4}
type At = Callable[[str], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Sets the clock: `at("2026-11-05 10:00")`, in the time of London's winter."""

    def set_clock(moment: str) -> None:
        then = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: then)

    set_clock("2026-11-04 10:00")
    return set_clock


@pytest.fixture
def town(db: None, at: At) -> Town:
    return make_town()


def to(outbox: list[Any], person: User) -> list[str]:
    """The subjects of what somebody got."""
    return [mail.subject.partition(": ")[2] for mail in outbox if mail.to == [person.email]]


def words(mail: EmailMessage) -> str:
    return re.sub(r"\s+", " ", str(mail.body))


# --- One a day -------------------------------------------------------------------------------------


def test_all_that_is_due_for_a_person_is_one_letter(town: Town, at: At, mailoutbox):
    open_month(town, OCTOBER)
    ask(town, agency=town.police, answerer=town.lead)
    at("2026-11-05 08:00")
    assert send_letters() == 1
    (mail,) = mailoutbox
    assert mail.to == [town.lead.email]
    assert mail.subject.endswith("October 2026 figures from Police are due on 10 November 2026, and 1 more thing")
    assert "You have 2 things to do or to read." in words(mail)
    assert "Challenge C1" in words(mail)
    assert mail.body.count("http") == 3  # a link for each, and the switch
    names = {letters_of_a_day().get().message_id, *told_of(LetterKind.RETURNS).values_list("message_id", flat=True)}
    assert len(names) == 1


def test_what_comes_later_that_day_waits_for_the_next(town: Town, at: At, mailoutbox):
    ask(town, agency=town.police, answerer=town.lead)
    assert send_letters() == 1
    ask(town, agency=town.police, answerer=town.lead)
    at("2026-11-04 15:00")
    assert send_letters() == 0
    at("2026-11-05 08:00")
    assert send_letters() == 1
    assert ["C1" in words(mail) for mail in mailoutbox] == [True, False]
    assert "C2" in words(mailoutbox[1])


def test_a_letter_of_several_sources_is_tried_again_by_the_same_name(town: Town, at: At, monkeypatch, mailoutbox):
    open_month(town, OCTOBER)
    challenge = ask(town, agency=town.police, answerer=town.lead)
    at("2026-11-05 08:00")
    with monkeypatch.context() as away:
        away.setattr(EmailMessage, "send", lambda *_: 1 / 0)
        assert send_letters() == 1
    name = letters_of_a_day().get(sent_at=None, fault="division by zero").message_id
    grow_old(timedelta(minutes=6))
    submit(town, OCTOBER, FIGURES)
    send_letters()
    (mail,) = [mail for mail in mailoutbox if mail.to == [town.lead.email]]
    assert mail.message()["Message-ID"] == name
    assert challenge.reference in words(mail)
    assert "are due" not in words(mail)  # it is in


def test_what_no_letter_told_that_day_stands_in_the_next_ones_one(town: Town, at: At, monkeypatch, mailoutbox):
    ask(town, agency=town.police, answerer=town.lead)
    with monkeypatch.context() as away:
        away.setattr(EmailMessage, "send", lambda *_: 1 / 0)
        send_letters()
    open_month(town, OCTOBER)
    at("2026-11-05 08:00")
    assert send_letters() == 1
    (mail,) = mailoutbox
    assert "You have 2 things to do or to read." in words(mail)
    assert (letters_of_a_day().get().occasion, send_letters()) == ("2026-11-05", 0)


def test_a_source_that_fails_holds_up_no_other(town: Town, at: At, mailoutbox):
    def fail(*_: object) -> list[Any]:
        raise RuntimeError("no such thing")

    broken = Source(fail, lambda *_: [])
    ask(town)
    with pytest.raises(JobFailed, match="no such thing"):
        send(broken, *load_sources())
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("kind", [LetterKind.CHALLENGES, None])
def test_each_kind_can_be_switched_off(town: Town, kind: LetterKind | None, mailoutbox):
    ask(town)
    member = town.people[Role.BOARD_MEMBER]
    unwanted = [each.value for each in LetterKind if each is kind or (kind is None and each != "challenges")]
    set_reminded(is_reminded=True, unwanted=unwanted, by=member)
    assert send_letters() == (0 if kind else 1)


def test_the_job_tells_of_every_source_by_day():
    job = django_settings.JOBS["send-letters"]
    assert (job["task"], job["is_by_day"]) == (send_letters.name, True)
    assert len(load_sources()) == 14


# --- Returns and corrections -----------------------------------------------------------------------


def test_an_approver_hears_of_each_release_that_waits(town: Town, at: At, mailoutbox):
    town.police.needs_release = True
    town.police.save()
    approver = town.people[Role.AGENCY_APPROVER]
    other = make_member(town.area, Role.AGENCY_APPROVER, agency=make_agency(town.area, "nhs"))
    returned = submit(town, OCTOBER, FIGURES)
    send_letters()
    assert to(mailoutbox, approver) == ["October 2026 figures from Police are waiting for you to release them"]
    assert to(mailoutbox, other) == []
    assert "7,654" not in words(mailoutbox[0])
    assert "7654" not in words(mailoutbox[0])
    give_back(town, returned)
    at("2026-11-05 08:00")
    submit(town, OCTOBER, FIGURES)
    at("2026-11-06 08:00")
    send_letters()
    assert len(to(mailoutbox, approver)) == 2
    release_return(returned.agency.submissions.get(), by=approver)
    at("2026-11-09 08:00")
    send_letters()
    assert len(to(mailoutbox, approver)) == 2


def test_a_coordinator_hears_of_corrections_and_not_what_they_say(town: Town, at: At, mailoutbox):
    accept(town, OCTOBER, FIGURES)
    arrests = Indicator.objects.get(code="arrests")
    asked = ask_correction(
        arrests, None, open_month(town, OCTOBER), entry=Entry("7651"), reason="Three were youths", by=town.lead
    )
    send_letters()
    assert to(mailoutbox, town.coordinator) == ["1 correction is waiting for your decision in Testford"]
    text = words(mailoutbox[0])
    assert "Requested for: October 2026, Police." in text
    for secret in ("youths", "7651", "7,651", asked.indicator.title):
        assert secret not in text


def test_a_coordinator_hears_of_all_overdue_agencies_in_one_part(town: Town, at: At, mailoutbox):
    for code in ("nhs", "housing"):
        make_indicator(make_agency(town.area, code, name=code.upper()), f"{code}-count")
    open_month(town, OCTOBER)
    at("2026-11-17 08:00")
    send_letters()
    assert to(mailoutbox, town.coordinator) == ["3 returns for October 2026 are overdue in Testford"]
    (mail,) = [mail for mail in mailoutbox if mail.to == [town.coordinator.email]]
    assert "They are from: HOUSING; NHS; Police." in words(mail)


# --- Support and meetings --------------------------------------------------------------------------


def test_those_who_are_offered_support_hear_of_it_and_not_its_words(town: Town, mailoutbox):
    offer(town)
    offer(town, agency=town.police, offer="Someone else’s help")
    send_letters()
    told = {mail.to[0]: words(mail) for mail in mailoutbox}
    assert set(told) == {
        town.people[Role.BOARD_MEMBER].email,
        town.people[Role.BOARD_CHAIR].email,
        town.lead.email,
    }
    assert "S1" in told[town.people[Role.BOARD_CHAIR].email]
    assert "S2" in told[town.lead.email]
    assert not any("analysts" in text or "help" in text for text in told.values())


def test_those_who_are_invited_to_a_meeting_hear_of_it_and_of_another_day(town: Town, at: At, mailoutbox):
    meeting = meet(town, board=town.csp, held_on=date(2026, 11, 27))
    member = town.people[Role.BOARD_MEMBER]
    send_letters()
    assert to(mailoutbox, member) == ["Board csp meets on 27 November 2026"]
    assert to(mailoutbox, town.people[Role.BOARD_CHAIR]) == ["Board csp meets on 27 November 2026"]
    assert to(mailoutbox, town.lead) == []
    at("2026-11-05 08:00")
    assert send_letters() == 0
    meeting.held_on, meeting.changed_at, meeting.changed_by = date(2026, 12, 4), meeting.planned_at, town.coordinator
    meeting.save()
    send_letters()
    assert to(mailoutbox, member)[1:] == ["Board csp meets on 4 December 2026"]


def test_members_of_a_sub_group_are_invited(town: Town, mailoutbox):
    group = make_group(town, members=[town.lead])
    meet(town, sub_group=group, board=None, held_on=date(2026, 11, 27))
    send_letters()
    assert to(mailoutbox, town.lead) == [f"{group} meets on 27 November 2026"]


# --- A month ---------------------------------------------------------------------------------------


def publish_october(town: Town) -> None:
    accept(town, OCTOBER, FIGURES)
    publish_fresh(town, OCTOBER)


def test_members_of_boards_hear_of_a_month_once_it_has_settled(town: Town, at: At, settings, mailoutbox):
    open_month(town, OCTOBER)
    at("2026-11-20 10:00")
    publish_october(town)
    at("2026-11-20 10:14")
    assert send_letters() == 0
    at("2026-11-20 10:15")
    assert send_letters() == 3
    told = {town.people[role].email for role in (Role.BOARD_MEMBER, Role.BOARD_CHAIR, Role.STRATEGIC)}
    assert {mail.to[0] for mail in mailoutbox} == told
    text = words(mailoutbox[0])
    assert "October 2026 is published in Testford." in text
    assert "No figure for this month can be judged yet." in text
    for secret in ("Arrests", "arrests", "7654", "7,654"):
        assert secret not in text
    at("2026-11-23 08:00")
    assert send_letters() == 0


def test_of_a_version_that_was_taken_back_nobody_hears(town: Town, at: At, mailoutbox):
    open_month(town, OCTOBER)
    at("2026-11-20 10:00")
    publish_october(town)
    take_back(town.area, seen=[each.pk for each in list_fresh(town.area)], why="A slip", by=town.coordinator)
    at("2026-11-20 11:00")
    assert send_letters() == 0
    assert not OutboxEntry.objects.exists()


def test_corrected_figures_are_told_of_as_that(town: Town, at: At, mailoutbox):
    open_month(town, OCTOBER)
    at("2026-11-20 10:00")
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    send_letters()
    accept_request(town, OCTOBER, 7_650)
    sweep()
    publish_corrections(town.area, by=town.coordinator, seen=hash_corrections(list_corrections(town.area)))
    at("2026-11-23 08:00")
    send_letters()
    assert to(mailoutbox, town.people[Role.BOARD_CHAIR]) == [
        "October 2026 is published in Testford",
        "Corrected figures for October 2026 are published in Testford",
    ]
    assert "October 2026, version 2." in words(mailoutbox[-1])


def test_of_a_month_that_was_opened_for_the_past_nobody_hears(town: Town, at: At, mailoutbox):
    at("2026-11-20 10:00")
    accept(town, Month(2025, 3), FIGURES)
    publish(town, Month(2025, 3))
    assert send_letters() == 0


# --- Consents --------------------------------------------------------------------------------------


def test_an_officer_hears_of_a_consent_that_waits(town: Town, mailoutbox):
    give_consent(town.area, starts_on=date(2026, 11, 4), ends_on=date(2027, 11, 4), by=town.coordinator)
    send_letters()
    (mail,) = mailoutbox
    assert mail.to == [town.people[Role.INFORMATION].email]
    assert "Permission to use the figures of Testford needs your agreement" in mail.subject


def test_one_that_is_refused_is_not_tried_again(town: Town, monkeypatch):
    def refuse(*_: Any, **__: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({"someone": (550, b"No such user")})

    monkeypatch.setattr(EmailMessage, "send", refuse)
    give_consent(town.area, starts_on=date(2026, 11, 4), ends_on=date(2027, 11, 4), by=town.coordinator)
    assert send_letters() == 1
    grow_old(timedelta(days=1))
    assert send_letters() == 0
    assert "No such user" in told_of(LetterKind.CONSENTS).get().fault
