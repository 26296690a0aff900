"""Members are told of their board's packs: once, with a link and no figure; and what became of letters that failed."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.identity.sign_in import set_reminded
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail import letters as links
from core.mail.letters import site_address
from core.models import AuditEvent, OutboxEntry, User
from indicators.disclosure import Audience
from reporting.models import IssuedPack, PackKind
from reporting.packs.presenters.letters import WHAT_IT_IS
from reporting.packs.selectors import get_letters
from reporting.packs.services.letters import PACKS, send_again
from tests.factories import make_board, make_member
from tests.letters import claim, claimed_rows, deliver, grow_old, let_it_be_day, send, told_of
from tests.scenarios import Town, accept, issue, make_town, publish, publish_openly
from tests.standing import stand

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
CHAIR, MEMBER = "board-chair@testford.example", "board-member@testford.example"
SECRET = 7654


def make_october() -> Town:
    town = make_town()
    accept(town, OCTOBER, {"arrests": SECRET, "charges": SECRET})
    publish(town, OCTOBER)
    return town


made, october = stand(make_october)


@pytest.fixture
def pack(october: Town) -> IssuedPack:
    return issue(october, OCTOBER)


@pytest.fixture
def broken_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> int:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr(EmailMessage, "send", fail)


def told(outbox: list[EmailMessage]) -> list[str]:
    return sorted(address for mail in outbox for address in mail.to)


# --- To whom


def test_each_member_of_the_board_is_told_once(pack: IssuedPack, october: Town, mailoutbox):
    make_member(october.area, Role.BOARD_MEMBER, board=make_board(october.area, "sab"))
    assert send(PACKS) == 2
    assert send(PACKS) == 0
    assert send(PACKS) == 0
    assert told(mailoutbox) == [CHAIR, MEMBER]
    assert {letter.person.email for letter in told_of(LetterKind.PACKS).exclude(sent_at=None)} == {CHAIR, MEMBER}


def test_somebody_with_two_seats_is_told_once(pack: IssuedPack, october: Town, mailoutbox):
    Membership.objects.create(
        area=october.area, user=october.people[Role.BOARD_CHAIR], role=Role.BOARD_MEMBER.value, board=october.csp
    )
    send(PACKS)
    assert told(mailoutbox) == [CHAIR, MEMBER]


def test_of_the_strategic_groups_pack_its_members_are_told(october: Town, mailoutbox):
    issue(october, OCTOBER, board=make_board(october.area, "strategic"))
    send(PACKS)
    assert told(mailoutbox) == ["strategic@testford.example"]


def test_who_switched_e_mails_off_is_not_told_and_is_counted(pack: IssuedPack, october: Town, mailoutbox):
    set_reminded(is_reminded=False, by=october.people[Role.BOARD_CHAIR])
    send(PACKS)
    assert told(mailoutbox) == [MEMBER]
    letters = get_letters(pack)
    assert (letters.sent, letters.on_their_way, letters.failed, letters.unwanted) == (1, 0, [], 1)
    set_reminded(is_reminded=False, by=october.people[Role.BOARD_MEMBER])  # after it was sent
    assert get_letters(pack).unwanted == 1


def test_who_is_switched_off_is_not_told(pack: IssuedPack, october: Town, mailoutbox):
    User.objects.filter(email=CHAIR).update(is_active=False)
    send(PACKS)
    assert told(mailoutbox) == [MEMBER]


@pytest.mark.parametrize(("days", "told"), [(2, 2), (3, 0)])
def test_of_a_pack_that_is_three_days_old_nobody_is_told_by_itself(
    pack: IssuedPack, mailoutbox, monkeypatch, days: int, told: int
):
    later = timezone.now() + timedelta(days=days, minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert (send(PACKS), send(PACKS)) == (told, 0)
    assert len(mailoutbox) == told


def test_issuing_it_on_its_page_tells_the_members(
    october: Town, client, mailoutbox, monkeypatch, django_capture_on_commit_callbacks
):
    let_it_be_day(monkeypatch)
    client.force_login(october.coordinator)
    page = f"{reverse('reporting:pack-make', args=['testford'])}?board=csp&month=2026-10"
    seen = client.get(page).context["made"].token
    typed = {"seen": seen, "meeting": "Board meeting", "meeting_on": "27 11 2026"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(page, typed)
    assert answer.status_code == 302, answer.content.decode()
    assert told(mailoutbox) == [CHAIR, MEMBER]


# --- What it says


def test_it_says_which_pack_for_which_meeting_and_why(pack: IssuedPack, october: Town, mailoutbox, settings):
    settings.SITE_URL = "https://dashboard.example"
    october.people[Role.BOARD_CHAIR].name = "O’Neill <b> & Sons"
    october.people[Role.BOARD_CHAIR].save()
    send(PACKS)
    (mail,) = [each for each in mailoutbox if each.to == [CHAIR]]
    assert mail.subject == f"{settings.MARKING}: The CSP pack for October 2026, for the meeting on 27 November 2026"
    text, ((html, kind),) = str(mail.body), mail.alternatives
    assert kind == "text/html"
    assert text.startswith(f"{settings.MARKING}\n\nHello O’Neill <b> & Sons,\n")
    assert "Hello O’Neill &lt;b&gt; &amp; Sons," in html
    for words in (
        "The CSP pack for October 2026 is ready: Board meeting, 27 November 2026.",
        "Pack number: TESTFORD-2026-10-CSP-1",
        "Read the pack",
        "You get this as a member of the Board csp.",
        "https://dashboard.example/account/link/",
        "https://dashboard.example/account/reminders/",
    ):
        assert words in text
        assert words in html


def test_it_has_no_figure_and_nothing_attached(pack: IssuedPack, mailoutbox):
    send(PACKS)
    message = mailoutbox[0].message()
    assert message["Auto-Submitted"] == "auto-generated"
    assert mailoutbox[0].attachments == []
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "style=" not in str(mailoutbox[0].alternatives)
    whole = str(mailoutbox[0].body) + str(mailoutbox[0].alternatives)
    for figure in (f"{SECRET}", f"{SECRET:,}"):
        assert figure not in whole


def test_its_link_leads_that_person_to_the_pack(pack: IssuedPack, october: Town, mailoutbox, client):
    send(PACKS)
    (mail,) = [each for each in mailoutbox if each.to == [MEMBER]]
    (address,) = [line for line in str(mail.body).splitlines() if "/account/link/" in line]
    path = address.removeprefix(site_address(""))
    link = links.read(path.rstrip("/").rpartition("/")[2])
    assert link.user_id == october.people[Role.BOARD_MEMBER].pk
    client.force_login(october.people[Role.BOARD_MEMBER])
    assert client.get(path).url == pack.get_absolute_url()
    client.force_login(october.people[Role.BOARD_CHAIR])
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    ("options", "subject", "about"),
    [
        ({"kind": PackKind.YEAR}, "OFFICIAL-SENSITIVE: The CSP pack on the year to October 2026", "the year before"),
        ({"audience": Audience.PUBLIC}, "The CSP pack for October 2026", "how the board’s indicators are doing"),
    ],
)
def test_each_kind_says_what_it_is(october: Town, mailoutbox, options, subject: str, about: str):
    publish_openly(october, OCTOBER)
    issue(october, OCTOBER, **options)
    send(PACKS)
    assert mailoutbox[0].subject == f"{subject}, for the meeting on 27 November 2026"
    assert about in mailoutbox[0].body


def test_every_kind_has_its_words():
    assert set(WHAT_IT_IS) == set(PackKind)


def test_a_line_break_in_a_name_does_not_break_the_subject(october: Town, mailoutbox):
    october.csp.short_name = "CSP\nBcc: everybody@test.example"
    october.csp.save()
    issue(october, OCTOBER)
    send(PACKS)
    assert "\n" not in mailoutbox[0].subject
    assert mailoutbox[0].message()["Bcc"] is None


# --- One that fails


def test_what_a_killed_worker_had_claimed_is_tried_again_by_the_same_name(pack: IssuedPack, mailoutbox):
    claimed = next(claimed_rows(PACKS, today=timezone.localdate()))[0]
    assert send(PACKS) == 1
    assert (get_letters(pack).on_their_way, get_letters(pack).failed) == (1, [])
    OutboxEntry.objects.filter(pk=claimed.pk).update(claimed_at=timezone.now() - timedelta(minutes=61))
    grow_old(timedelta(minutes=61))
    assert (get_letters(pack).on_their_way, get_letters(pack).failed) == (0, [claimed])
    assert send(PACKS) == 1
    assert (mailoutbox[-1].to, mailoutbox[-1].message()["Message-ID"]) == ([claimed.person.email], claimed.message_id)
    assert (send(PACKS), get_letters(pack).sent) == (0, 2)


def test_what_a_killed_worker_had_claimed_for_somebody_who_left_the_board_is_left(pack: IssuedPack):
    claimed = next(claimed_rows(PACKS, today=timezone.localdate()))[0]
    send(PACKS)
    OutboxEntry.objects.filter(pk=claimed.pk).update(claimed_at=timezone.now() - timedelta(minutes=61))
    grow_old(timedelta(minutes=61))
    claimed.person.memberships.all().delete()
    assert send(PACKS) == 0


@pytest.fixture
def broken(pack: IssuedPack, broken_mail: None) -> OutboxEntry:
    """The chair's, which failed."""
    User.objects.filter(email=MEMBER).update(is_reminded=False)
    (envelope,) = claim(PACKS, today=timezone.localdate())
    (letter,) = deliver(envelope)
    return letter


def test_a_coordinator_sends_it_again(october: Town, broken: OutboxEntry, monkeypatch, mailoutbox):
    monkeypatch.undo()
    again = send_again(broken, by=october.coordinator)
    assert (again.pk, again.fault) == (broken.pk, "")
    assert told(mailoutbox) == [CHAIR]
    event = AuditEvent.objects.get(verb="pack_letter.sent_again")
    assert (event.actor_id, event.target_id, event.area) == (october.coordinator.pk, str(broken.person_id), "testford")
    assert event.details["of"] == ["TESTFORD-2026-10-CSP-1"]
    with pytest.raises(TransitionRefused):
        send_again(broken, by=october.coordinator)
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.OPERATOR)])
def test_nobody_else_sends_it_again(october: Town, broken: OutboxEntry, role: Role):
    with pytest.raises(PermissionDenied):
        send_again(broken, by=october.people[role])
    assert not AuditEvent.objects.filter(verb="pack_letter.sent_again").exists()


def leave(chair: User) -> None:
    Membership.objects.filter(user=chair).delete()


def switch_off(chair: User) -> None:
    set_reminded(is_reminded=False, by=chair)


@pytest.mark.parametrize("act", [leave, switch_off])
def test_one_that_nobody_needs_any_more_is_not_shown_nor_sent(
    october: Town, pack: IssuedPack, broken: OutboxEntry, act
):
    act(User.objects.get(email=CHAIR))
    assert get_letters(pack).failed == []
    with pytest.raises(TransitionRefused):
        send_again(broken, by=october.coordinator)


def test_the_page_sends_it_again_and_says_so(
    october: Town, pack: IssuedPack, broken: OutboxEntry, client, monkeypatch, mailoutbox
):
    client.force_login(october.coordinator)
    path = reverse("reporting:letter-resend", args=["testford", broken.pk])

    def press() -> str:
        answer = client.post(path)
        assert (answer.status_code, answer.url) == (302, pack.get_absolute_url())
        (message,) = client.get(reverse("reminders")).context["messages"]
        return str(message)

    assert press() == "The email to board-chair could not be sent again: Connection unexpectedly closed"
    monkeypatch.undo()
    assert press() == "The email to board-chair has been sent."
    assert "can’t be sent again" in press()
    assert len(mailoutbox) == 1


def test_the_packs_page_tells_its_coordinator_only(october: Town, pack: IssuedPack, broken: OutboxEntry, client):
    client.force_login(october.coordinator)
    page = client.get(pack.get_absolute_url()).content.decode()
    assert "Connection unexpectedly closed" in page
    assert reverse("reporting:letter-resend", args=["testford", broken.pk]) in page
    assert "1 member chose not to get emails: tell them yourself." in page
    client.force_login(october.people[Role.BOARD_CHAIR])
    assert "Connection unexpectedly closed" not in client.get(pack.get_absolute_url()).content.decode()


def test_the_list_says_to_whom_when_and_why(pack: IssuedPack, broken: OutboxEntry, october: Town, rf):
    told_of(LetterKind.PACKS).update(fault="", claimed_at=timezone.now() - timedelta(days=1))
    page = render_to_string(
        "reporting/_pack_letters.html", {"letters": get_letters(pack), "area": october.area}, rf.get("/")
    )
    assert "0 members of the board got an email." in page
    assert "we don’t know if it was sent" in page
