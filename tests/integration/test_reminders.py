"""Reminders of returns: to the right people, on the right day, once; and what became of those that failed."""

import smtplib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from boards.models import Agency, Membership
from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month, date_label
from core.identity.sign_in import set_reminded
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.models import AuditEvent, OutboxEntry
from core.timetable import STOPPED_AFTER, JobFailed, SomeFailed
from indicators.models import Observation, ReminderKind, Submission
from indicators.selectors import reminders
from indicators.selectors.reminders import Reminder, failed_reminders, read_key
from indicators.selectors.returns import ReturnStatus
from indicators.services.letters import REMINDERS, send_again
from indicators.services.returns import save_draft
from tests.factories import make_agency, make_indicator, make_member
from tests.letters import claim, claimed_rows, deliver, grow_old, leave_failed, send, told_of
from tests.scenarios import Town, accept, entries, give_back, make_town, open_month, submit

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)  # a Thursday; due on Tuesday, 10 November
FIRST, ENDED, SOON, DUE = date(2026, 10, 1), date(2026, 11, 2), date(2026, 11, 5), date(2026, 11, 10)
OVERDUE, CONTACT, COORDINATOR = date(2026, 11, 11), date(2026, 11, 13), date(2026, 11, 17)
LEAD, HEALTH = "agency-lead@testford.example", "lead@health.example"

type Morning = Callable[[date], list[tuple[str, str]]]


@pytest.fixture
def clock() -> Iterator[Callable[[date], None]]:
    """Sets the day that it is; a moment keeps its own."""
    real = timezone.localdate
    with pytest.MonkeyPatch.context() as patch:
        yield lambda today: patch.setattr(
            "django.utils.timezone.localdate", lambda moment=None: real(moment) if moment else today
        )


@pytest.fixture
def town(db, clock: Callable[[date], None]) -> Town:
    """October was opened on its first day, and nothing is in."""
    clock(FIRST)
    town = make_town()
    open_month(town, OCTOBER)
    return town


@pytest.fixture
def health(town: Town) -> Agency:
    """A second agency that owes a return, with a lead of its own."""
    health = make_agency(town.area, "health")
    make_indicator(health, "woundings")
    make_member(town.area, Role.AGENCY_LEAD, agency=health, email=HEALTH)
    return health


@pytest.fixture
def morning(clock: Callable[[date], None], mailoutbox: list[EmailMessage]) -> Morning:
    """The beat runs on a day: what it sent, as (kind, address), in order."""

    def run_on(today: date) -> list[tuple[str, str]]:
        clock(today)
        before = set(told_of(LetterKind.RETURNS).values_list("pk", flat=True))
        mails = len(mailoutbox)
        assert send(REMINDERS) == len(mailoutbox) - mails
        new = told_of(LetterKind.RETURNS).exclude(pk__in=before).order_by("pk").select_related("person")
        assert [[each.person.email] for each in new] == [mail.to for mail in mailoutbox[mails:]]
        return [(kind_of(each), each.person.email) for each in new]

    return run_on


@pytest.fixture
def broken_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> int:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr(EmailMessage, "send", fail)


def kind_of(entry: OutboxEntry) -> str:
    return read_key(entry)[2].value


def failed(town: Town) -> list[OutboxEntry | None]:
    return [reminder.entry for reminder in failed_reminders(open_month(town, OCTOBER))]


# --- To whom, and when


@pytest.mark.parametrize(
    ("today", "sent"),
    [
        (FIRST, []),
        (date(2026, 10, 20), []),
        (ENDED, [("opened", LEAD)]),
        (SOON, [("soon", LEAD)]),
        (DUE, [("due", LEAD)]),
        (OVERDUE, [("overdue", LEAD)]),
        (date(2026, 11, 14), []),  # a Saturday
        (date(2026, 11, 16), [("overdue", LEAD), ("overdue_contact", "agency-contact@testford.example")]),
        (
            COORDINATOR,
            [
                ("overdue_contact", "agency-contact@testford.example"),
                ("overdue_coordinator", "coordinator@testford.example"),
            ],
        ),
        (date(2027, 3, 1), []),
    ],
)
def test_each_kind_goes_to_the_right_people(town: Town, morning: Morning, today: date, sent: list[tuple[str, str]]):
    assert morning(today) == sent


def test_a_whole_month_day_by_day_sends_each_once(town: Town, morning: Morning):
    sent = {day: morning(day) for day in (FIRST + timedelta(days=n) for n in range(70))}
    assert {day: kinds for day, kinds in sent.items() if kinds} == {
        ENDED: [("opened", LEAD)],
        SOON: [("soon", LEAD)],
        DUE: [("due", LEAD)],
        OVERDUE: [("overdue", LEAD)],
        CONTACT: [("overdue_contact", "agency-contact@testford.example")],
        COORDINATOR: [("overdue_coordinator", "coordinator@testford.example")],
    }


def test_every_lead_of_an_agency_is_reminded_and_no_other_agencys(town: Town, health: Agency, morning: Morning):
    second = make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    make_member(town.area, Role.AGENCY_LEAD, agency=make_agency(town.area, "fire"))  # owes nothing
    assert sorted(morning(SOON)) == sorted(("soon", address) for address in (LEAD, second.email, HEALTH))


def test_another_area_is_left_alone(town: Town, morning: Morning):
    elsewhere = make_town("elsewhere")
    assert morning(SOON) == [("soon", LEAD)]
    open_month(elsewhere, OCTOBER)
    assert morning(SOON) == [("soon", "agency-lead@elsewhere.example")]


@pytest.mark.parametrize("hand_in", [submit, accept])
def test_an_agency_whose_return_is_in_hears_nothing(town: Town, health: Agency, morning: Morning, hand_in):
    hand_in(town, OCTOBER, {"arrests": 4, "charges": 1})
    for day in (SOON, DUE, OVERDUE):
        assert [address for _, address in morning(day)] == [HEALTH]
    assert morning(CONTACT) == []
    assert morning(COORDINATOR) == [("overdue_coordinator", "coordinator@testford.example")]  # about health


def test_a_return_that_waits_for_its_agencys_release_is_in(town: Town, morning: Morning):
    town.police.needs_release = True
    town.police.save()
    submit(town, OCTOBER, {"arrests": 4, "charges": 1})
    assert morning(DUE) == []


def given_back(town: Town, returned_on: date) -> Submission:
    submission = submit(town, OCTOBER, {"arrests": 4, "charges": 1 + Submission.objects.count()})
    submission = give_back(town, submission)
    submission.returned_at = datetime.combine(returned_on, time(12), UTC)
    submission.save()
    return submission


def test_a_return_that_was_given_back_is_owed_again_and_never_overdue(town: Town, morning: Morning):
    """Not to its lead, and above all not to the coordinator who returned it."""
    given_back(town, date(2026, 10, 20))
    sent = {day: morning(day) for day in (date(2026, 10, 21) + timedelta(days=n) for n in range(60))}
    assert {day: kinds for day, kinds in sent.items() if kinds} == {
        date(2026, 10, 21): [("returned", LEAD)],
        SOON: [("soon", LEAD)],
        DUE: [("due", LEAD)],
    }


def test_one_that_is_given_back_after_the_due_day_comes_back_to_its_leads(town: Town, morning: Morning):
    given_back(town, CONTACT)
    assert morning(CONTACT) == [("returned", LEAD)]
    assert [morning(day) for day in (CONTACT, COORDINATOR, date(2026, 11, 20))] == [[], [], []]


def test_of_a_second_time_nobody_is_told_and_the_other_reminders_still_go(town: Town, morning: Morning):
    given_back(town, date(2026, 10, 20))
    assert morning(date(2026, 10, 20)) == [("returned", LEAD)]
    told_of(LetterKind.RETURNS).update(claimed_at=datetime(2026, 10, 20, 13, tzinfo=UTC))
    given_back(town, DUE)
    assert morning(DUE) == [("due", LEAD)]


def test_a_month_that_was_opened_late_is_told_of_then(town: Town, morning: Morning, clock):
    clock(date(2026, 11, 7))  # a Saturday
    elsewhere = make_town("elsewhere")
    assert open_month(elsewhere, OCTOBER).opened_on == date(2026, 11, 7)
    assert ("opened", "agency-lead@elsewhere.example") in morning(date(2026, 11, 9))


def test_nobody_is_told_of_months_that_were_opened_for_figures_of_the_past(town: Town, morning: Morning, clock):
    clock(COORDINATOR)
    for month in (OCTOBER + -3, OCTOBER + -2, OCTOBER + -1):
        open_month(town, month)
    OutboxEntry.objects.all().delete()
    assert {kind for kind, _ in morning(COORDINATOR)} == {"overdue_contact", "overdue_coordinator"}  # October's


def test_figures_that_a_file_brought_are_asked_of_nobody(town: Town, morning: Morning):
    period = open_month(town, OCTOBER)
    for code in ("arrests", "charges"):
        Observation.objects.create(
            indicator=town.area.indicators.get(code=code),
            period=period,
            value=1,
            imported_from="figures.csv",
            signed_off_at=timezone.now(),
        )
    assert [morning(day) for day in (ENDED, SOON, DUE, OVERDUE, CONTACT, COORDINATOR)] == [[]] * 6


def test_a_retired_agency_that_began_a_return_hears_nothing(town: Town, morning: Morning):
    save_draft(town.police, open_month(town, OCTOBER), entries({"arrests": 1}), revision=0, by=town.lead)
    town.police.retired = True
    town.police.save()
    assert morning(DUE) == []


def test_a_closed_month_takes_no_returns_and_reminds_nobody(town: Town, morning: Morning):
    close_month(open_month(town, OCTOBER), by=town.coordinator, missing=[], why="Early")
    assert morning(DUE) == []


def test_a_retired_agency_owes_nothing(town: Town, morning: Morning):
    town.police.retired = True
    town.police.save()
    assert morning(DUE) == []


def test_somebody_switched_off_or_not_to_be_reminded_hears_nothing(town: Town, morning: Morning):
    set_reminded(is_reminded=False, by=town.lead)
    assert morning(SOON) == []
    set_reminded(is_reminded=True, by=town.lead)
    assert morning(SOON) == [("soon", LEAD)]
    town.lead.is_active = False
    town.lead.save()
    assert morning(DUE) == []


# --- What it says


def letter(morning: Morning, outbox: list[EmailMessage], today: date) -> tuple[str, str, str]:
    """The subject, the plain text and the HTML of the newest e-mail of a day."""
    assert morning(today)
    message = outbox[-1]
    (alternative,) = message.alternatives  # type: ignore[attr-defined]
    assert alternative.mimetype == "text/html"
    return str(message.subject), str(message.body), str(alternative.content)


@pytest.mark.parametrize(
    ("today", "words", "left"),
    [
        (ENDED, "are due on 10 November 2026", ": 6 working days left."),
        (SOON, "are due on 10 November 2026", ": 3 working days left."),
        (DUE, "are due today, 10 November 2026", "."),
        (OVERDUE, "were due on 10 November 2026", ": 1 working day overdue."),
        (CONTACT, "were due on 10 November 2026", ": 3 working days overdue."),
        (COORDINATOR, "were due on 10 November 2026", ": 5 working days overdue."),
    ],
)
def test_the_subject_begins_with_the_marking(town, morning, mailoutbox, today: date, words: str, left: str):
    subject, text, html = letter(morning, mailoutbox, today)
    heading = f"October 2026 figures from Police {words}"
    assert subject == f"{settings.MARKING}: {heading}"
    assert f"{heading}{left}" in text
    assert f"{heading}{left}" in html
    assert text.startswith(f"{settings.MARKING}\n")


def test_it_is_text_and_html_that_say_the_same(town: Town, morning: Morning, mailoutbox, settings):
    settings.SITE_URL = "https://dashboard.example"
    town.lead.name = "O’Neill <b> & Sons"
    town.lead.save()
    _, text, html = letter(morning, mailoutbox, ENDED)
    sent = mailoutbox[-1].message()
    assert sent.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]
    assert sent["Auto-Submitted"] == "auto-generated"
    assert '<html lang="en-GB">' in html
    assert "style=" not in html
    assert "<table" not in html
    assert "Hello O’Neill <b> & Sons," in text
    assert "Hello O’Neill &lt;b&gt; &amp; Sons," in html
    for words in ("The month is over", "Nothing has been entered yet.", "You get this as agency lead for Police."):
        assert words in text
        assert words in html
    assert text.count("https://dashboard.example/account/link/") == 1
    assert html.count('href="https://dashboard.example/account/link/') == 1
    assert "https://dashboard.example/account/reminders/" in text
    assert 'href="https://dashboard.example/account/reminders/"' in html


def test_it_says_how_far_the_return_is_and_no_figure(town: Town, morning: Morning, mailoutbox):
    period = open_month(town, OCTOBER)
    save_draft(town.police, period, entries({"arrests": 7654321, "charges": 1}), revision=0, by=town.lead)
    _, text, html = letter(morning, mailoutbox, SOON)
    assert "A draft is saved, but it has not been submitted yet." in text
    assert "7654321" not in text + html
    assert "7,654,321" not in text + html


def test_it_says_that_the_last_return_was_given_back_and_not_why(town: Town, morning: Morning, mailoutbox):
    """The comment may name a figure, and no figure leaves by e-mail."""
    submission = give_back(town, submit(town, OCTOBER, {"arrests": 4, "charges": 1}))
    submission.returned_at = datetime(2026, 11, 4, 23, 30, tzinfo=UTC)
    submission.save()
    _, text, html = letter(morning, mailoutbox, SOON)
    assert "coordinator sent the return back on 4 November 2026. The comment on its page says why." in text
    assert submission.comment
    assert submission.comment not in text + html


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 10, 20), "October 2026 figures from Police are due on 10 November 2026: 15 working days left."),
        (CONTACT, "October 2026 figures from Police were due on 10 November 2026."),
    ],
)
def test_one_that_was_given_back_says_so_and_not_that_it_is_overdue(town, morning, mailoutbox, today: date, due: str):
    given_back(town, today)
    subject, text, html = letter(morning, mailoutbox, today)
    assert subject == f"{settings.MARKING}: October 2026 figures from Police were sent back to you"
    for words in (f"sent the return back on {date_label(today)}.", "submit the return again.", due):
        assert words in text
        assert words in html
    assert "overdue" not in text + html


def test_the_second_contact_and_the_coordinator_read_why_they_get_it(town: Town, morning: Morning, mailoutbox):
    assert "You get this as agency second contact for Police." in letter(morning, mailoutbox, CONTACT)[1]
    assert "You get this as coordinator for Testford." in letter(morning, mailoutbox, COORDINATOR)[1]


def test_a_line_break_in_a_name_does_not_break_the_subject(town: Town, morning: Morning, mailoutbox):
    town.police.name = "Police\nBcc: everybody@test.example"
    town.police.save()
    subject, _, _ = letter(morning, mailoutbox, SOON)
    assert "\n" not in subject
    assert mailoutbox[-1].message()["Bcc"] is None


# --- Once


def test_a_lead_who_joins_after_the_reminder_still_gets_it(town: Town, morning: Morning):
    morning(SOON)
    joined = make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    assert morning(SOON + timedelta(days=1)) == [("soon", joined.email)]


def test_what_a_killed_worker_had_claimed_is_tried_again_by_the_same_name(
    town: Town, health: Agency, morning: Morning, mailoutbox
):
    claimed = next(claimed_rows(REMINDERS, today=SOON))[0]
    assert (claimed.sent_at, claimed.fault) == (None, "")
    sent = morning(SOON)
    assert len(sent) == 1
    assert claimed.person.email not in sent[0]
    assert failed(town) == []
    assert send(REMINDERS) == 0  # it may be on its way
    OutboxEntry.objects.filter(pk=claimed.pk).update(claimed_at=timezone.now() - timedelta(minutes=61))
    grow_old(timedelta(minutes=61))
    assert failed(town) == [claimed]
    assert send(REMINDERS) == 1
    assert (mailoutbox[-1].to, mailoutbox[-1].message()["Message-ID"]) == ([claimed.person.email], claimed.message_id)
    assert failed(town) == []
    assert send(REMINDERS) == 0


def stop_on_the_way(reminder: OutboxEntry) -> None:
    """Its worker was killed a while ago."""
    OutboxEntry.objects.filter(pk=reminder.pk).update(sent_at=None)
    OutboxEntry.objects.filter(message_id=reminder.message_id).update(sent_at=None)
    grow_old(STOPPED_AFTER)


def test_one_whose_mail_went_out_before_the_kill_goes_out_again_with_the_same_message_id(
    town: Town, morning: Morning, mailoutbox
):
    morning(SOON)
    stop_on_the_way(told_of(LetterKind.RETURNS).get())
    assert send(REMINDERS) == 1
    first, second = mailoutbox
    assert first.to == second.to
    assert first.message()["Message-ID"] == second.message()["Message-ID"]


def test_one_of_a_day_that_is_over_is_not_sent_as_if_it_were_that_day(town: Town, clock, morning: Morning, mailoutbox):
    clock(DUE)
    stop_on_the_way(next(claimed_rows(REMINDERS, today=DUE))[0])
    assert morning(OVERDUE) == [("overdue", LEAD)]
    assert "were due on 10 November 2026" in mailoutbox[0].subject


def test_one_tried_again_later_says_what_is_true_then(town: Town, clock, mailoutbox):
    clock(SOON)
    stop_on_the_way(next(claimed_rows(REMINDERS, today=SOON))[0])
    clock(SOON + timedelta(days=1))
    assert send(REMINDERS) == 1
    assert "2 working days left." in mailoutbox[0].body


@pytest.mark.parametrize("day", [SOON, date(2026, 11, 7)])  # a Saturday
def test_one_whose_return_has_come_meanwhile_or_by_night_is_not_tried_again(town: Town, clock, day: date):
    clock(SOON)
    stop_on_the_way(next(claimed_rows(REMINDERS, today=SOON))[0])
    if day == SOON:
        submit(town, OCTOBER, {"arrests": 4, "charges": 1})
    clock(day)
    assert send(REMINDERS) == 0


def test_one_that_was_claimed_before_letters_had_a_name_is_left(town: Town, clock):
    clock(SOON)
    stop_on_the_way(next(claimed_rows(REMINDERS, today=SOON))[0])
    told_of(LetterKind.RETURNS).update(message_id="")
    assert send(REMINDERS) == 0


def test_a_mail_server_that_is_away_is_asked_three_times_and_the_others_wait(
    town: Town, clock, monkeypatch, mailoutbox
):
    for _ in range(4):
        make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    clock(SOON)
    with monkeypatch.context() as away:
        away.setattr(EmailMessage, "send", lambda *_: 1 / 0)
        with pytest.raises(JobFailed, match=r"3 emails in a row could not be sent\. The others wait: division by zero"):
            send(REMINDERS)
    assert told_of(LetterKind.RETURNS).count() == 3
    assert send(REMINDERS) == 2
    grow_old(STOPPED_AFTER)
    assert send(REMINDERS) == 3
    assert len({mail.to[0] for mail in mailoutbox}) == 5


def test_what_fails_in_one_area_holds_up_no_other(town: Town, clock, monkeypatch, mailoutbox):
    open_month(make_town("harlow"), OCTOBER)
    look = reminders._waiting

    def break_off(returns: Sequence[ReturnStatus]) -> list[ReturnStatus]:
        if returns[0].period.area == town.area:
            raise ValueError("a row is broken")
        return look(returns)

    monkeypatch.setattr(reminders, "_waiting", break_off)
    clock(SOON)
    with pytest.raises(SomeFailed, match=r"Testford, October 2026: It stopped: a row is broken \(ValueError\)\."):
        send(REMINDERS)
    assert [mail.to for mail in mailoutbox] == [["agency-lead@harlow.example"]]


def test_one_that_was_sent_is_not_shown_however_long_ago(town: Town, morning: Morning):
    morning(SOON)
    told_of(LetterKind.RETURNS).update(claimed_at=timezone.now() - timedelta(days=1))
    assert failed(town) == []


# --- One that fails


def test_a_fault_of_one_stops_no_other_and_is_kept(town: Town, health: Agency, monkeypatch, mailoutbox):
    send = EmailMessage.send

    def refuse_one(message: EmailMessage, *args: Any, **options: Any) -> int:
        if message.to == [LEAD]:
            raise smtplib.SMTPRecipientsRefused({LEAD: (550, b"No such user")})
        return send(message, *args, **options)

    monkeypatch.setattr(EmailMessage, "send", refuse_one)
    done = [entry for envelope in claim(REMINDERS, today=SOON) for entry in deliver(envelope)]
    assert {each.person.email: (each.sent_at is not None, bool(each.fault)) for each in done} == {
        LEAD: (False, True),
        HEALTH: (True, False),
    }
    assert [mail.to for mail in mailoutbox] == [[HEALTH]]
    (one,) = failed(town)
    assert "No such user" in one.fault
    assert list(claimed_rows(REMINDERS, today=SOON)) == []


def test_a_fault_without_words_or_with_too_many_is_kept_too(town: Town, monkeypatch):
    (envelope,) = claim(REMINDERS, today=SOON)
    faults = {
        "TimeoutError": TimeoutError(),
        "x" * 300: ValueError("x" * 999),
        "Connection refused": ConnectionRefusedError(111, "Connection refused"),
    }
    for kept, fault in faults.items():

        def fail(*_: Any, fault: Exception = fault) -> int:
            raise fault

        monkeypatch.setattr(EmailMessage, "send", fail)
        (reminder,) = deliver(envelope)
        reminder.refresh_from_db()
        assert (reminder.fault, reminder.sent_at) == (kept, None)


@pytest.fixture
def broken(town: Town, broken_mail: None) -> OutboxEntry:
    (envelope,) = claim(REMINDERS, today=SOON)
    (reminder,) = deliver(envelope)
    return reminder


def test_a_coordinator_sends_it_again(town: Town, broken: OutboxEntry, monkeypatch, mailoutbox):
    assert failed(town) == [broken]
    monkeypatch.undo()
    again = send_again(broken, by=town.coordinator)
    assert again.pk == broken.pk
    assert again.sent_at
    assert failed(town) == []
    assert [mail.to for mail in mailoutbox] == [[LEAD]]
    event = AuditEvent.objects.get(verb="reminder.sent_again")
    assert (event.actor_id, event.target_id, event.area) == (town.coordinator.pk, str(town.lead.pk), "testford")
    assert event.details["of"] == ["Due in three working days: Police, October 2026"]
    with pytest.raises(TransitionRefused):
        send_again(broken, by=town.coordinator)
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.OPERATOR)])
def test_nobody_else_sends_it_again(town: Town, broken: OutboxEntry, role: Role):
    with pytest.raises(PermissionDenied):
        send_again(broken, by=town.people[role])
    assert AuditEvent.objects.filter(verb="reminder.sent_again").count() == 0


def take_role(town: Town) -> None:
    Membership.objects.filter(user=town.lead).delete()


def switch_off(town: Town) -> None:
    set_reminded(is_reminded=False, by=town.lead)


def hand_in(town: Town) -> None:
    submit(town, OCTOBER, {"arrests": 4, "charges": 1})


def close(town: Town) -> None:
    close_month(open_month(town, OCTOBER), by=town.coordinator, missing=[], why="Early")


def test_a_failed_one_that_calls_it_overdue_is_not_sent_once_it_came_and_was_given_back(town, clock, broken_mail):
    clock(OVERDUE)
    send(REMINDERS)
    assert [kind_of(each) for each in failed(town)] == ["overdue"]
    given_back(town, CONTACT)
    assert failed(town) == []
    clock(CONTACT)
    send(REMINDERS)
    assert [kind_of(each) for each in failed(town)] == ["returned"]


@pytest.mark.parametrize("act", [take_role, switch_off, hand_in, close])
def test_one_that_nobody_needs_any_more_is_not_shown_nor_sent(town: Town, broken: OutboxEntry, act):
    act(town)
    assert failed(town) == []
    with pytest.raises(TransitionRefused):
        send_again(broken, by=town.coordinator)


def test_the_page_sends_it_again_and_says_so(town: Town, broken: OutboxEntry, client, monkeypatch, mailoutbox):
    client.force_login(town.coordinator)
    path = reverse("indicators:reminder-resend", args=[town.area.slug, broken.pk])
    grid = reverse("reporting:return-grid", args=[town.area.slug, OCTOBER])

    def press() -> str:
        answer = client.post(path)
        assert (answer.status_code, answer.url) == (302, grid)
        (message,) = client.get(reverse("reminders")).context["messages"]
        return str(message)

    assert press() == "The reminder to agency-lead could not be sent again: Connection unexpectedly closed"
    monkeypatch.undo()
    assert press() == "The reminder to agency-lead has been sent."
    assert "can’t be sent again" in press()
    assert len(mailoutbox) == 1


def test_the_list_says_to_whom_what_when_and_why(town: Town, broken: OutboxEntry, rf):
    period, long_ago = open_month(town, OCTOBER), timezone.now() - timedelta(days=1)
    first = Reminder(period, town.police, town.lead, ReminderKind.ENDED)
    lost = leave_failed(first.occasion, claimed_at=long_ago, fault="")
    page = render_to_string(
        "indicators/_reminders_failed.html",
        {"failed_reminders": failed_reminders(period), "area": town.area},
        rf.get("/"),
    )
    assert page.count("We will try again automatically.") == 1  # the other is of before letters had a name
    for words in ("agency-lead", "Police: due in three working days", "Connection unexpectedly closed"):
        assert words in page
    assert "we don’t know whether it was sent" in page
    for reminder in (broken, lost):
        assert reverse("indicators:reminder-resend", args=[town.area.slug, reminder.pk]) in page
    assert (
        render_to_string("indicators/_reminders_failed.html", {"failed_reminders": [], "area": town.area}).strip() == ""
    )
