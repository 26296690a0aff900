"""The record of a meeting, as it is filled in: of the agenda of the day, as the page showed it, by one or by two."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest

from actions.models import Action, AgendaItem, Challenge, Meeting
from actions.services.challenges import withdraw
from actions.services.meetings import call_off, change_meeting, record_meeting
from actions.services.plan import archive_action, complete_action
from actions.services.progress import add_update
from actions.workflow import Rag
from boards.rules import Role
from core.models import AuditEvent
from tests import challenging
from tests.answers import Answer
from tests.factories import make_member
from tests.integration.clock import Clock
from tests.meeting import draft, item, meet, record, strategic_group
from tests.pages.test_meeting_pages import address, ask, said, words
from tests.planning import make_strand, plan
from tests.scenarios import Town, make_town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
URL = address("meeting-record", 1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Things are planned and asked a day before the meetings of these tests."""
    clock = Clock(monkeypatch)
    clock("2026-10-14")
    return clock


@pytest.fixture
def town(clock: Clock) -> Town:
    return make_town()


def redden(town: Town, action: Action, why: str = "No trainer") -> Action:
    add_update(action, text=f"Late: {why}", rag=Rag.RED, rag_why=why, by=town.coordinator)
    return action


def fields_of(answer: Answer) -> dict[str, Any]:
    """What a browser would send back of its form: hidden fields, ticked boxes, chosen options and texts."""
    form = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if found.get("type") == "hidden" and found["name"] not in ("typed_by", "csrfmiddlewaretoken"):
            sent[found["name"]] = unescape(found["value"]) if "value" in found else ""
        elif found.get("type") == "checkbox" and " checked" in tag:
            sent.setdefault(found["name"], []).append(found["value"])
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        sent[name] = "".join(re.findall(r'value="([^"]*)" selected', options))
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent[name] = unescape(text).strip()
    return sent


def opened(town: Town, **typed: Any) -> dict[str, Any]:
    """The form as it is opened now, with this typed into it."""
    return fields_of(ask(town.coordinator, URL)) | typed


def kept() -> list[tuple[str, str, bool]]:
    return list(AgendaItem.objects.values_list("why", "words", "is_discussed"))


# --- Filled in -------------------------------------------------------------------------------------


def test_is_recorded_from_its_form_with_something_added(town):
    red, other, strand = redden(town, plan(town)), plan(town), make_strand(town, "pursue")
    meet(town, held_on=date(2026, 10, 14))
    page = ask(town.coordinator, URL).content.decode()
    assert f'value="action-{red.pk}"' in page
    assert f'<option value="action-{other.pk}">A2 Train all housing workers' in page
    more = {"more_1": f"strand-{strand.pk}", "more_2": f"action-{other.pk}", "more_3": f"strand-{strand.pk}"}
    typed = opened(town, discussed_red=[f"action-{red.pk}"], notes="Said", **more)
    answer = ask(town.coordinator, URL, **typed)
    assert answer.status_code == 302, words(answer)
    assert kept() == [
        ("red", "A1 Train all housing workers (red): No trainer", True),
        ("added", "Strand: Pursue", True),
        ("added", "A2 Train all housing workers", True),
    ]


def test_nothing_that_was_ticked_or_typed_is_lost(town):
    red, strand = redden(town, plan(town)), make_strand(town, "pursue")
    meet(town, held_on=date(2026, 10, 14))
    typed = opened(town, discussed_red=[f"action-{red.pk}"], more_2=f"strand-{strand.pk}", notes="Ring 07700 900123")
    add_update(red, text="Better", rag=Rag.GREEN, by=town.coordinator)
    for notes, sentence in (("Ring 07700 900123", "looks like"), ("x" * 4001, "Shorten the notes")):
        answer = ask(town.coordinator, URL, **typed | {"notes": notes})
        assert sentence in words(answer)
        assert {**fields_of(answer), "agenda": "", "not_personal": ""} == {
            **typed,
            "notes": notes,
            "agenda": "",
            "not_personal": "",
        }
    empty = ask(town.coordinator, URL, **typed | {"notes": " ", "discussed_red": [], "more_2": ""})
    assert "Tick what was discussed, or enter what was said." in words(empty)


def test_a_meeting_to_come_and_one_that_was_called_off_are_not_recorded(town):
    meet(town, held_on=date(2026, 12, 4))
    call_off(meet(town), why="Snow", by=town.coordinator)
    for number, sentence in (
        (1, "M1 is on 4 December 2026: you can record it from that day."),
        (2, "M2 was cancelled, so there is nothing to record."),
    ):
        answer = ask(town.coordinator, address("meeting-record", number))
        assert (answer.status_code, said(answer)) == (302, [sentence])
        sent = ask(town.coordinator, address("meeting-record", number), notes="Typed", revision="0")
        assert (sent.status_code, "Typed</textarea>" in sent.content.decode()) == (200, True)


def test_a_record_is_amended_from_its_form(town):
    first, second = make_strand(town, "prevent"), make_strand(town, "pursue")
    record(town, meet(town, held_on=date(2026, 10, 14)), item(first), item(second, is_discussed=False))
    typed = opened(town)
    assert typed["discussed_strand"] == [f"strand-{first.pk}"]
    typed["discussed_strand"] = [f"strand-{second.pk}"]
    assert "Say why you are changing the record" in words(ask(town.coordinator, URL, **typed))
    ask(town.coordinator, URL, **typed | {"why": "The minutes say so"})
    assert [each.words for each in AgendaItem.objects.filter(is_discussed=True)] == ["Pursue"]


# --- The agenda of the day ---------------------------------------------------------------------------


def test_it_is_the_agenda_of_the_meetings_day_whatever_became_of_it_since(town, clock):
    board = strategic_group(town)
    red, done, later_red, gone = redden(town, plan(town)), redden(town, plan(town), "No room"), plan(town), plan(town)
    asked, strand = challenging.ask(town), make_strand(town, "pursue")
    meet(town, board=board, held_on=date(2026, 10, 15))
    clock("2026-10-20")
    add_update(red, text="Worse", rag=Rag.RED, rag_why="No one at all", by=town.coordinator)
    complete_action(Action.objects.get(pk=done.pk), by=town.coordinator)
    archive_action(gone, why="Not ours", by=town.coordinator)
    redden(town, later_red)
    withdraw(asked, why="Asked twice", seen=1, by=town.people[Role.STRATEGIC])
    new, new_action = challenging.ask(town, strand=strand), redden(town, plan(town))

    page = ask(town.coordinator, URL).content.decode()
    body = words(ask(town.coordinator, URL))
    assert "Red actions A1 Train all housing workers (red): No trainer A2 Train all housing workers (red): No" in body
    assert "Open challenges C1, about Strand: Prevent: answer due 28 October 2026" in body
    for kind, offered in (("action", [later_red, gone]), ("challenge", [])):
        found = set(map(int, re.findall(rf'<option value="{kind}-(\d+)"', page)))
        assert found == {thing.pk for thing in offered}
    assert f"challenge-{new.pk}" not in page
    assert f"action-{new_action.pk}" not in page
    shown = words(ask(town.coordinator, address("meeting-view", 1)))
    assert "This shows how things stood on 15 October 2026." in shown
    assert "A1 Train all housing workers (red): No trainer" in shown
    assert "A3" not in shown

    typed = opened(town, more_1=f"action-{gone.pk}", discussed_challenge=[f"challenge-{asked.pk}"])
    assert ask(town.coordinator, URL, **typed).status_code == 302
    assert kept() == [
        ("red", "A1 Train all housing workers (red): No trainer", False),
        ("red", "A2 Train all housing workers (red): No room", False),
        ("challenge", "C1, about Strand: Prevent: answer due 28 October 2026", True),
        ("added", "A4 Train all housing workers", True),
    ]


# --- What the form showed is what is recorded --------------------------------------------------------


def test_what_changes_while_the_form_is_open_changes_nothing(town):
    red, green, asked = redden(town, plan(town)), plan(town), challenging.ask(town)
    meet(town, board=strategic_group(town), held_on=date(2026, 10, 14))
    typed = opened(town, discussed_challenge=[f"challenge-{asked.pk}"], more_1=f"action-{green.pk}")
    add_update(red, text="Better", rag=Rag.GREEN, by=town.coordinator)
    redden(town, green)
    withdraw(asked, why="Asked twice", seen=1, by=town.people[Role.STRATEGIC])
    challenging.ask(town)
    assert ask(town.coordinator, URL, **typed).status_code == 302
    assert kept() == [
        ("red", "A1 Train all housing workers (red): No trainer", False),
        ("challenge", "C1, about Strand: Prevent: answer due 28 October 2026", True),
        ("added", "A2 Train all housing workers", True),
    ]


def test_an_agenda_that_is_missing_or_forged_is_said_and_ticks_stay_where_they_fit(town):
    red, strand = redden(town, plan(town)), make_strand(town, "pursue")
    meet(town, held_on=date(2026, 10, 14))
    meet(town, held_on=date(2026, 10, 14))
    of_other = fields_of(ask(town.coordinator, address("meeting-record", 2)))["agenda"]
    typed = opened(town, discussed_red=[f"action-{red.pk}"], more_1=f"strand-{strand.pk}", notes="Said")
    for agenda in ("", "forged", f"{typed['agenda']}x", of_other):
        answer = ask(town.coordinator, URL, **typed | {"agenda": agenda})
        assert "We didn’t receive the agenda with your form" in words(answer)
        again = fields_of(answer)
        assert {name: again[name] for name in typed if name != "agenda"} == {
            name: typed[name] for name in typed if name != "agenda"
        }
        assert not AgendaItem.objects.exists()
    assert ask(town.coordinator, URL, **again).status_code == 302
    assert [words for _, words, is_discussed in kept() if is_discussed] == [
        "A1 Train all housing workers (red): No trainer",
        "Strand: Pursue",
    ]


def test_a_tick_in_another_group_finds_its_place_and_one_without_a_place_is_said(town):
    action = plan(town)
    meet(town, held_on=date(2026, 10, 14))
    typed = opened(town, discussed_red=[f"action-{action.pk}", "action-999"], discussed_signal=["nonsense"], notes="x")
    answer = ask(town.coordinator, URL, **typed)
    assert "You ticked something that is no longer available" in words(answer)
    assert fields_of(answer)["more_1"] == f"action-{action.pk}"
    assert ask(town.coordinator, URL, **fields_of(answer)).status_code == 302
    assert kept() == [("added", "A1 Train all housing workers", True)]


def test_a_meeting_that_was_changed_meanwhile_has_another_agenda(town):
    red = redden(town, plan(town))
    meeting = meet(town, held_on=date(2026, 10, 14))
    typed = opened(town, discussed_red=[f"action-{red.pk}"], notes="Said")
    other = draft(town, board=strategic_group(town), held_on=date(2026, 10, 14))
    redden(town, plan(town))
    change_meeting(meeting, other, revision=0, by=town.coordinator)
    answer = ask(town.coordinator, URL, **typed)
    assert "M1 was changed after you opened this form, so its agenda is different." in words(answer)
    assert "A2 Train all housing workers (red)" in words(answer)
    again = fields_of(answer)
    assert (again["discussed_red"], again["notes"], again["revision"]) == ([f"action-{red.pk}"], "Said", "1")
    assert not AgendaItem.objects.exists()
    assert ask(town.coordinator, URL, **again).status_code == 302
    assert [is_discussed for _, _, is_discussed in kept()] == [True, False]


def test_it_survives_a_session_that_ended(town):
    red, strand = redden(town, plan(town)), make_strand(town, "pursue")
    meet(town, held_on=date(2026, 10, 14))
    client = signed_in(town.coordinator)
    page = client.get(URL)
    proof = re.search(r'name="typed_by" value="([^"]+)"', page.content.decode())
    assert proof is not None
    ticks = {"discussed_red": [f"action-{red.pk}"], "more_2": f"strand-{strand.pk}", "notes": "Said"}
    typed = fields_of(page) | ticks
    client.logout()
    client.post(URL, typed | {"typed_by": proof[1]})
    add_update(red, text="Better", rag=Rag.GREEN, by=town.coordinator)
    client.force_login(town.coordinator)
    again = fields_of(client.get(URL))
    assert {name: again[name] for name in ticks} == ticks
    assert client.post(URL, again).status_code == 302
    assert [(why, is_discussed) for why, _, is_discussed in kept()] == [("red", True), ("added", True)]


# --- Two recorders ---------------------------------------------------------------------------------


def test_who_records_second_sees_what_the_first_wrote_and_amends_it_with_a_reason(town):
    first, second, strand = redden(town, plan(town)), redden(town, plan(town)), make_strand(town, "pursue")
    meet(town, held_on=date(2026, 10, 14))
    mine = opened(town, discussed_red=[f"action-{second.pk}"], notes="What I heard.")
    theirs = opened(town, discussed_red=[f"action-{first.pk}"], more_1=f"strand-{strand.pk}", notes="What they heard.")
    other = make_member(town.area, Role.COORDINATOR)
    assert ask(other, URL, **theirs).status_code == 302

    answer = ask(town.coordinator, URL, **mine)
    body = words(answer)
    assert f"M1 was recorded by {other} on " in body
    assert "If you save, you change the record, so say why." in body
    assert f"The record now, saved by {other}: What they heard. Copy anything you want to keep" in body
    again = fields_of(answer)
    assert again["discussed_red"] == [f"action-{first.pk}", f"action-{second.pk}"]
    assert (again["discussed_added"], again["notes"], again["revision"]) == (
        [f"strand-{strand.pk}"],
        "What I heard.",
        "1",
    )
    assert Meeting.objects.get().notes == "What they heard."

    unreasoned = ask(town.coordinator, URL, **again)
    assert "Say why you are changing the record" in words(unreasoned)
    assert "The record now" in words(unreasoned)
    both = fields_of(unreasoned) | {"notes": "What they heard. What I heard.", "why": "Both were there"}
    assert ask(town.coordinator, URL, **both).status_code == 302
    assert [is_discussed for _, _, is_discussed in kept()] == [True, True, True]
    changes = AuditEvent.objects.filter(verb="meeting.recorded").latest("pk").details["changes"]
    assert changes == {"notes": ["What they heard.", "What they heard. What I heard."]}


def test_who_comes_second_by_a_moment_is_told_all_the_same(town, monkeypatch):
    """The other's record is saved after this one's page has read the meeting."""
    meet(town, held_on=date(2026, 10, 14))
    mine = opened(town, notes="Mine.")

    def after_the_other(meeting: Meeting, *items: Any, **options: Any) -> Meeting:
        record(town, Meeting.objects.get(), notes="Theirs.")
        return record_meeting(meeting, *items, **options)

    monkeypatch.setattr("actions.views.meetings.record_meeting", after_the_other)
    answer = ask(town.coordinator, URL, **mine)
    assert "M1 was recorded by coordinator on " in words(answer)
    assert "by coordinator: Theirs." in words(answer)
    assert (fields_of(answer)["notes"], Meeting.objects.get().notes) == ("Mine.", "Theirs.")


def test_what_only_the_second_had_on_the_agenda_stays_where_it_was(town):
    red = redden(town, plan(town))
    meet(town, held_on=date(2026, 10, 14))
    mine = opened(town, discussed_red=[f"action-{red.pk}"])
    add_update(red, text="Better", rag=Rag.GREEN, by=town.coordinator)
    assert ask(town.coordinator, URL, **opened(town, notes="Nothing")).status_code == 302
    again = fields_of(ask(town.coordinator, URL, **mine))
    assert again["discussed_red"] == [f"action-{red.pk}"]
    assert ask(town.coordinator, URL, **again | {"why": "It was"}).status_code == 302
    assert kept() == [("red", "A1 Train all housing workers (red): No trainer", True)]


def test_of_two_who_amend_the_second_is_told_too(town):
    first, second = make_strand(town, "prevent"), make_strand(town, "pursue")
    meeting = record(town, meet(town, held_on=date(2026, 10, 14)), item(first), item(second, is_discussed=False))
    mine = opened(town, discussed_strand=[], notes="Mine.", why="Mine")
    other = make_member(town.area, Role.COORDINATOR)
    record_as = opened(town, discussed_strand=[f"strand-{second.pk}"], notes="Theirs.", why="Theirs")
    assert ask(other, URL, **record_as).status_code == 302
    answer = ask(town.coordinator, URL, **mine)
    assert f"M1 was recorded by {other} on " in words(answer)
    assert f"by {other}: Theirs." in words(answer)
    assert fields_of(answer)["discussed_strand"] == [f"strand-{second.pk}"]
    meeting.refresh_from_db()
    assert (meeting.notes, Challenge.objects.count()) == ("Theirs.", 0)


def test_the_same_form_twice_is_saved_once(town):
    meet(town, held_on=date(2026, 10, 14))
    typed = opened(town, notes="Said")
    for _ in range(2):
        assert ask(town.coordinator, URL, **typed).status_code == 302
    assert AuditEvent.objects.filter(verb="meeting.recorded").count() == 1
