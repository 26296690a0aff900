"""The grid names whom a return is with and when they were reminded, and a button reminds them, once a day."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.models import AuditEvent, OutboxEntry, User
from core.texts import one_line
from tests import scenarios
from tests.factories import make_member, make_membership
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
GRID, REMIND = "/testford/returns/2026-10/", "/testford/returns/2026-10/police/remind/"


def make_open_town() -> Town:
    town = make_town()
    scenarios.open_month(town, OCTOBER)
    return town


made, town = stand(make_open_town)


def read(town: Town, address: str = GRID) -> str:
    return one_line(signed_in(town.coordinator).get(address).content.decode())


def press(town: Town, person: User | None = None) -> str:
    answer = signed_in(person or town.coordinator).post(REMIND, follow=True)
    return one_line(answer.content.decode())


def test_the_grid_names_who_has_it_and_the_button_reminds_them(town: Town):
    page = read(town)
    assert f"With {town.lead} since" in page
    assert "Not reminded yet." in page
    answer = press(town)
    assert f"The reminder to {town.lead} has been sent." in answer
    assert "Last reminded on" in answer
    assert "Remind now" not in answer
    (letter,) = mail.outbox
    assert letter.to == [town.lead.email]
    assert "The coordinator asked us to remind you." in letter.body
    assert AuditEvent.objects.get(verb="reminder.sent_now").details["to"] == [str(town.lead)]


def test_a_double_press_sends_one_e_mail(town: Town):
    press(town)
    assert "Police has already been reminded of its October 2026 return today." in press(town)
    assert len(mail.outbox) == 1
    assert OutboxEntry.objects.filter(occasion__contains=":now:").count() == 1


def test_the_next_day_it_can_be_pressed_again(town: Town):
    press(town)
    entry = OutboxEntry.objects.get(occasion__contains=":now:")
    key, _, _ = entry.occasion.rpartition(":")
    yesterday = timezone.localdate() - timedelta(days=1)
    OutboxEntry.objects.filter(pk=entry.pk).update(occasion=f"{key}:{yesterday:%Y%m%d}")
    assert "Remind now" in read(town)
    press(town)
    assert len(mail.outbox) == 2


def test_an_approver_is_reminded_of_a_release_and_never_of_their_own(town: Town):
    town.police.needs_release = True
    town.police.save()
    approver = make_member(town.area, Role.AGENCY_APPROVER, agency=town.police)
    make_membership(town.lead, town.area, Role.AGENCY_APPROVER, agency=town.police, board=None).save()
    scenarios.submit(town, OCTOBER, {"arrests": 3, "charges": 2})
    approvers = [town.people[Role.AGENCY_APPROVER], approver]
    assert f"With {approvers[0]}, {approvers[1]}, to release it, since" in read(town)
    press(town)
    assert [letter.to for letter in mail.outbox] == [[person.email] for person in approvers]
    assert "waiting for you to release them" in mail.outbox[0].body


def test_what_is_with_the_coordinator_reminds_nobody(town: Town):
    scenarios.submit(town, OCTOBER, {"arrests": 3, "charges": 2})
    assert "Remind now" not in read(town)
    assert "isn’t with the agency now, so no one was reminded" in press(town)
    assert mail.outbox == []


def test_whom_no_e_mail_reaches_is_named_without_a_button(town: Town):
    User.objects.filter(pk=town.lead.pk).update(is_reminded=False)
    page = read(town)
    assert f"With {town.lead} since" in page
    assert "Remind now" not in page
    assert "No one at Police gets reminders by email." in press(town)
    Membership.objects.filter(user=town.lead).delete()
    assert "The agency has no lead. Add one under People." in read(town)


def test_one_that_failed_is_said_and_can_be_sent_again(town: Town, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise OSError("The mail server is down")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
    assert f"The reminder to {town.lead} could not be sent: " in press(town)
    page = read(town)
    assert "Reminders that were not sent" in page
    assert "Send it again" in page
    assert "Remind now" not in page
    assert "Not reminded yet." in page


def test_only_a_coordinator_reminds(town: Town):
    for role in (Role.AGENCY_LEAD, Role.ANALYST, Role.BOARD_MEMBER):
        assert signed_in(town.people[role]).post(REMIND).status_code == 403
    assert signed_in(town.coordinator).post("/testford/returns/2026-10/nobody/remind/").status_code == 404
    assert mail.outbox == []
