"""The audit log is a record: whatever becomes of it, every page and every rule says the same."""

from collections.abc import Callable
from datetime import date
from html import unescape
from re import sub
from typing import Any

import pytest

from actions.models import Action, Meeting
from actions.presenters.meetings import proposed_agenda
from actions.selectors.meetings import find_meeting, last_act_on
from actions.services import challenges, engagement, highlights, meetings, progress
from actions.services import plan as life
from actions.services.meetings import bring_back_sub_group, retire_sub_group
from actions.workflow import Rag
from boards.rules import Role
from core.calendar import Month
from core.models import User
from indicators.models import Category, Indicator
from indicators.services import names, setup
from tests import challenging
from tests.engagement import count, hear
from tests.engagement import tell as tell_session
from tests.factories import make_board, make_dimension, make_member
from tests.highlights import tell as tell_highlight
from tests.integration.clock import Clock
from tests.integration.rows import empty_the_record
from tests.meeting import draft as meeting_draft
from tests.meeting import item, make_group, meet, record
from tests.planning import plan, step
from tests.scenarios import Town, make_town
from tests.visiting import signed_in

type On = Callable[..., Any]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> On:
    """Does something on a day of November, by the coordinator unless it is said who."""
    clock = Clock(monkeypatch)

    def do(day: int, act: Callable[..., Any], *args: Any, **options: Any) -> Any:
        clock(f"2026-11-{day:02}")
        return act(*args, **options)

    return do


def live(on: On) -> Town:
    """A town in which everything was undone, moved or looked at that could be."""
    town: Town = on(2, make_town)
    plan_lives(town, on)
    challenge_lives(town, on)
    told_lives(town, on)
    set_up_lives(town, on)
    meeting_lives(town, on)
    return town


def plan_lives(town: Town, on: On) -> None:
    """A1 left the plan and came back, A2 was complete for a while, A3 is archived, and A4 was complete before."""
    by: dict[str, Any] = {"by": town.coordinator}
    back, again, gone, over = (on(2, plan, town) for _ in range(4))
    ticked = on(2, step, back, **by)
    for action in (back, again, gone, over):
        on(3, progress.add_update, action, text="Late", rag=Rag.RED, rag_why="No trainer", **by)
    on(3, progress.tick_milestone, ticked, done=True, **by)
    on(4, progress.tick_milestone, ticked, done=False, why="Not so", **by)
    on(4, life.archive_action, back, why="Not ours", **by)
    on(4, life.complete_action, again, **by)
    on(8, life.bring_back, back, why="Ours", **by)
    on(8, life.reopen_action, again, why="Not done", **by)
    on(9, life.archive_action, gone, why="Not ours", **by)
    on(9, life.complete_action, over, **by)
    on(10, life.archive_action, over, why="Told", **by)


def challenge_lives(town: Town, on: On) -> None:
    """An answer to it was due on three days, one after the other."""
    by: dict[str, Any] = {"by": town.people[Role.STRATEGIC]}
    chaired = on(2, make_board, town.area, "sab")
    on(2, make_member, town.area, Role.BOARD_CHAIR, board=chaired)
    asked = on(2, challenging.ask, town, due_on=date(2026, 11, 16))
    on(4, challenges.answer, asked, text="Soon.", seen=1, by=asked.answerer)
    on(6, challenges.press, asked, text="When?", due_on=date(2026, 11, 18), **by)
    on(8, challenges.escalate, asked, to=chaired, why="Late", due_on=date(2026, 11, 27), **by)


def told_lives(town: Town, on: On) -> None:
    """A highlight, a session, what was said in it, and a sub-group: gone, and back; and a sub-group that is gone."""
    by: dict[str, Any] = {"by": town.coordinator}
    told = on(2, tell_highlight, town)
    on(3, highlights.archive_highlight, told, why="Told twice", **by)
    on(4, highlights.bring_back_highlight, told, why="It wasn’t", **by)
    session = on(2, tell_session, town)
    voice = on(2, hear, session, by=town.lead)
    on(3, engagement.close_voice, voice, did="Lamps were put up.", revision=0, by=town.lead)
    on(4, engagement.archive_session, session, why="Told twice", **by)
    on(5, engagement.bring_back_session, session, why="It wasn’t", by=town.lead)
    on(6, engagement.reopen_voice, voice, why="They are dark", revision=1, **by)
    back, gone = on(2, make_group, town), on(2, make_group, town, "perpetrators")
    for group in (back, gone):
        on(3, retire_sub_group, group, why="Done", **by)
    on(4, bring_back_sub_group, back, why="Needed", **by)


def set_up_lives(town: Town, on: On) -> None:
    """An indicator that was changed in each way, and names that were looked at."""
    by: dict[str, Any] = {"by": town.coordinator}
    arrests = Indicator.objects.get(code="arrests")
    arrests.source = "Custody records"
    on(3, setup.save_indicator, arrests, boards=[town.csp], **by)
    on(4, setup.define, arrests, text="Arrests and cautions.", applies_from=Month(2026, 12), **by)
    on(5, setup.reword_definition, arrests.definitions.get(applies_from="2026-12-01"), text="Both.", **by)
    on(6, count, town)
    on(6, engagement.count_indicator, arrests, None, **by)
    on(7, setup.retire_indicator, arrests, month=Month(2027, 1), **by)
    on(8, setup.bring_back_indicator, arrests, **by)
    make_dimension(town.area, "origin", ["london"]).categories.update(longitude=-0.1, latitude=51.5)
    viewer = town.people[Role.ANALYST]
    on(3, names.grant_view, town.area, user=viewer, why="County lines", by=town.people[Role.INFORMATION])
    on(4, names.reveal_names, town.area, origin=Category.objects.get(code="london"), why="A meeting", by=viewer)


def meeting_lives(town: Town, on: On) -> None:
    """M1 was recorded, amended, and changed; M2 to M7 are still to be recorded."""
    held = on(2, meet, town, held_on=date(2026, 11, 2))
    action = item(Action.objects.earliest("number"))
    on(3, record, town, held, action)
    on(4, record, town, held, action, notes="It was said twice.", why="The minutes say so")
    other = make_member(town.area, Role.COORDINATOR)
    moved = meeting_draft(town, held_on=date(2026, 11, 1))
    on(5, meetings.change_meeting, held, moved, revision=2, why="A slip", by=other)
    for day in (3, 4, 6, 8, 10, 12):
        on(20, meet, town, held_on=date(2026, 11, day))


def read(user: User, url: str) -> str:
    client = signed_in(user)
    answer = client.get(url)
    assert answer.status_code == 200
    return sub(r"\s+", " ", unescape(sub(r"(?s)<script.*?</script>|<[^>]+>", " ", answer.content.decode())))


def said(town: Town) -> dict[str, Any]:
    """What the product says of that."""
    planned = Meeting.objects.filter(state="planned").order_by("held_on")
    held = find_meeting(town.area, 1)
    assert held is not None
    return {
        "agendas": [[point.words.partition(" (")[0] for point in proposed_agenda(meeting)] for meeting in planned],
        "last act": last_act_on(held),
        "indicator": read(town.coordinator, "/testford/indicators/arrests/").partition("About this indicator")[2],
        "looks at names": read(town.people[Role.INFORMATION], "/testford/names/").partition("Who has looked")[2],
    }


def forget() -> None:
    empty_the_record()


@pytest.mark.django_db
def test_every_page_says_the_same_without_it(on):
    town = live(on)
    before = said(town)
    forget()
    assert said(town) == before

    a1, a2, a3, a4 = ([f"A{number} Train all housing workers"] for number in (1, 2, 3, 4))
    of_plan = [[words for words in agenda if words.startswith("A")] for agenda in before["agendas"]]
    all_of_them = a1 + a2 + a3 + a4
    assert of_plan == [all_of_them, a1 + a3 + a4, a3 + a4, all_of_them, a1 + a2, a1 + a2]
    of_challenge = [words.partition("Prevent: ")[2] for agenda in before["agendas"] for words in agenda]
    assert [words for words in of_challenge if words] == [
        "answer due 16 November 2026",
        "answered, needs a decision",
        "answer due 18 November 2026",
        *["escalated, answer due 27 November 2026"] * 3,
    ]
    assert before["last act"].did == "changed"
    for words in (
        "Counted from sessions with the community.",
        "Definition from December 2026 added.",
        "Changed: source.",
        "Retired from January 2027.",
    ):
        assert words in before["indicator"]
    assert "4 November 2026, 10:00 analyst" in before["looks at names"]
    assert "London A meeting" in before["looks at names"]
