"""A decision or a challenge is written down from the big screen in two taps, and finished after the meeting."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from actions.models import Challenge, MeetingNote, NoteKind
from boards.rules import Role
from core.models import AuditEvent, User
from tests.factories import make_member
from tests.meeting import SEPTEMBER, meet, note
from tests.planning import plan
from tests.scenarios import Town, accept, make_outsider, publish, sweep
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PRESENT = "/testford/2026-09/present/"


@pytest.fixture
def shown(town: Town) -> Town:
    """Its September is on the screen, with an action that is late."""
    accept(town, SEPTEMBER, {"arrests": 2, "charges": 1})
    sweep()
    publish(town, SEPTEMBER)
    today = timezone.localdate()
    plan(town, title="Train the doctors", starts_on=today - timedelta(days=60), due_on=today - timedelta(days=3))
    return town


def read(person: User, url: str) -> str:
    answer = signed_in(person).get(url)
    assert answer.status_code == 200, answer.content
    return unescape(answer.content.decode())


def links(page: str, words: str) -> list[str]:
    return [url for url, said in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>([^<]*)', page) if said.strip() == words]


def tap(person: User, screen: str, words: str, text: str) -> str:
    """Two taps: the link on the screen, and the button below the box. Return where they lead."""
    client = signed_in(person)
    (first, *_) = links(unescape(client.get(screen).text), words)
    page = client.get(first).text
    assert page.count("<textarea") == 1
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = client.post(reverse("actions:note-add", args=["testford"]), hidden | {"text": text})
    assert answer.status_code == 302, answer.content
    return str(answer.headers["Location"])


@pytest.mark.parametrize("screen", [f"{PRESENT}?chart=arrests", f"{PRESENT}?show=plan"])
@pytest.mark.parametrize("kind", NoteKind)
def test_two_taps_save_a_draft_and_lead_back_to_the_screen(shown, screen, kind):
    strategic = shown.people[Role.STRATEGIC]
    words = f"Note a {kind.label.lower()}"
    assert tap(strategic, screen, words, "Why so many?") == screen
    saved = MeetingNote.objects.get()
    assert (saved.kind, saved.text, saved.noted_by, saved.period.month) == (kind, "Why so many?", strategic, SEPTEMBER)
    of_chart = "chart" in screen
    assert (saved.indicator is not None) == of_chart
    assert (saved.action is not None) == (not of_chart and kind is NoteKind.CHALLENGE)
    assert AuditEvent.objects.get(verb="meeting_note.added").details == {"kind": kind}


def test_the_screen_of_a_board_is_led_back_to_and_says_that_it_is_saved(shown):
    strategic = shown.people[Role.STRATEGIC]
    client = signed_in(strategic)
    (first, *_) = links(unescape(client.get(f"{PRESENT}?board=csp&show=plan").text), "Note a challenge")
    page = client.post(
        first, {**dict(p.split("=") for p in first.split("?")[1].split("&")), "text": "Why?"}, follow=True
    )
    assert page.redirect_chain == [(f"{PRESENT}?show=plan&board=csp", 302)]
    assert "The draft is saved." in page.text


def test_a_challenge_becomes_one_and_its_draft_goes(shown):
    strategic = shown.people[Role.STRATEGIC]
    tap(strategic, f"{PRESENT}?chart=arrests", "Note a challenge", "Why so many?")
    tap(strategic, f"{PRESENT}?show=plan", "Note a decision", "Share the list")
    for home in ("/testford/", "/testford/mine/"):
        assert "Finish 2 notes from a meeting" in read(strategic, home)
    (url,) = links(read(strategic, reverse("actions:note-list", args=["testford"])), "Raise this challenge")
    client = signed_in(strategic)
    page = unescape(client.get(url).text)
    assert "Arrests, September 2026" in page
    assert "Why so many?</textarea>" in page
    (answerer,) = re.findall(r'<option value="([^"]+)">[^<]*', page)[:1]
    due = timezone.localdate() + timedelta(days=14)
    typed = {"question": "Why so many arrests?", "to": answerer}
    typed |= {
        "due_on_0": str(due.day),
        "due_on_1": str(due.month),
        "due_on_2": str(due.year),
        "due_on": f"{due:%d %B %Y}",
    }
    answer = client.post(url, typed, follow=True)
    assert Challenge.objects.get().question == "Why so many arrests?", answer.text
    assert MeetingNote.objects.get().kind == NoteKind.DECISION


def test_a_decision_is_offered_to_whoever_records_the_meeting(shown):
    strategic = shown.people[Role.STRATEGIC]
    note(shown, text="Share the list of schools")
    note(shown, NoteKind.CHALLENGE, "Why so few?", action=plan(shown))
    meeting = meet(shown)
    page = read(shown.coordinator, reverse("actions:meeting-record", args=["testford", meeting.number]))
    assert "Share the list of schools" in page
    assert "Why so few?" not in page
    assert "Finish a note from a meeting" in read(shown.coordinator, "/testford/")
    client, url = (
        signed_in(shown.coordinator),
        reverse("actions:note-delete", args=["testford", MeetingNote.objects.first().pk]),
    )
    assert "Share the list of schools" in client.get(url).text
    assert MeetingNote.objects.count() == 2
    client.post(url)
    client.post(url)
    assert MeetingNote.objects.get().kind == NoteKind.CHALLENGE
    assert "Finish a note" not in read(shown.coordinator, "/testford/")
    assert "Finish a note" in read(strategic, "/testford/")


def test_nobody_else_reads_it(shown):
    challenge = note(shown, NoteKind.CHALLENGE, "A secret thought", action=plan(shown))
    note(shown, text="A secret decision")
    listed, delete = (
        reverse("actions:note-list", args=["testford"]),
        reverse("actions:note-delete", args=["testford", challenge.pk]),
    )
    other = make_member(shown.area, Role.STRATEGIC)
    for reader in (other, make_outsider(), shown.lead, shown.people[Role.BOARD_CHAIR], shown.people[Role.ANALYST]):
        client = signed_in(reader)
        assert "secret" not in client.get(listed).text
        assert client.post(delete).status_code in (403, 404)
        raising = client.get(f"/testford/challenges/raise/?action=1&note={challenge.pk}")
        assert "secret" not in raising.text
    assert "secret thought" not in signed_in(shown.coordinator).get(listed).text
    assert signed_in(shown.coordinator).post(delete).status_code == 404
    assert MeetingNote.objects.count() == 2


def test_who_may_write_which(shown):
    late = plan(shown)
    chart = f"{PRESENT}?chart=arrests"
    for person, decides in ((shown.coordinator, 1), (shown.lead, 0), (shown.people[Role.BOARD_MEMBER], 0)):
        page = read(person, chart)
        assert len(links(page, "Note a decision")) == decides
        assert not links(page, "Note a challenge")
        with pytest.raises(PermissionDenied):
            note(shown, NoteKind.CHALLENGE, action=late, by=person)
    note(shown, by=shown.coordinator)
    with pytest.raises(PermissionDenied):
        note(shown, by=shown.lead)
    with pytest.raises(PermissionDenied):
        note(shown, by=make_outsider())


@pytest.mark.parametrize("text", ["", "x" * 1001])
def test_what_is_typed_stays_in_the_box(shown, text):
    url = f"{reverse('actions:note-add', args=['testford'])}?kind=decision&month=2026-09&indicator=arrests"
    answer = signed_in(shown.people[Role.STRATEGIC]).post(
        url, {"text": text, "month": "2026-09", "indicator": "arrests"}
    )
    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert text in answer.text
    assert not MeetingNote.objects.exists()


def test_a_month_that_is_not_published_leads_to_no_note(shown):
    accept(shown, SEPTEMBER.next, {"arrests": 3, "charges": 1})
    sweep()
    page = read(shown.coordinator, "/testford/2026-10/present/?chart=arrests")
    assert "Note a decision" not in page
    url = f"{reverse('actions:note-add', args=['testford'])}?month=2026-10"
    assert signed_in(shown.coordinator).get(url).status_code == 404
