"""What the pack of one year on says beside its figures: KPIs, before and after, what was done, what nobody measured."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from actions.services.engagement import archive_session, close_voice
from actions.services.plan import archive_action, complete_action
from actions.services.progress import tick_milestone
from boards.models import Responsibility
from boards.rules import Role
from core.calendar import Month
from indicators.disclosure import Audience
from reporting.models import PackKind
from reporting.packs.presenters.shapes import Pack
from tests.engagement import hear
from tests.engagement import tell as tell_session
from tests.factories import make_board
from tests.happening import foresee, tell
from tests.integration.clock import Clock
from tests.integration.test_pack_content import pack_of, rows, words
from tests.measuring import LAST, SEEN, history, set_one
from tests.planning import make_strand, plan, step, unmeasured
from tests.scenarios import Town, make_town, publish_openly

pytestmark = pytest.mark.django_db
OF_PARTNERS = {"kpis", "impact", "done", "engagement", "unmeasured", "challenges"}


@pytest.fixture(scope="module")
def made(standing) -> Town:
    return standing(make_published)


def make_published() -> Town:
    """Three years of arrests, until September 2026."""
    town = make_town()
    history(town, *SEEN * 6)
    return town


@pytest.fixture
def town(made: Town, monkeypatch) -> Town:
    """It is November 2026."""
    Clock(monkeypatch)("2026-11-05")
    return deepcopy(made)


def year_of(town: Town, month: Month = LAST, **options: Any) -> Pack:
    return pack_of(town, month, kind=PackKind.YEAR, **options)


def lines(pack: Pack) -> dict[str, str]:
    return {each.key: each.line for each in pack.chapters if not each.blocks}


def test_where_there_is_nothing_each_chapter_is_a_line(town: Town):
    found = lines(year_of(town))
    assert found["kpis"] == "This board has no key performance indicator (KPI) in September 2026."
    assert found["impact"] == "No action or event in the last two years names one of this board’s indicators."
    assert found["done"] == "No action was completed and no milestone was reached in the year."
    assert found["engagement"] == "No session with the community was held in the year."


def test_no_public_pack_has_them(town: Town):
    set_one(town)
    publish_openly(town, LAST)
    public = {each.key for each in year_of(town, audience=Audience.PUBLIC).chapters}
    assert "years" in public
    assert not public & OF_PARTNERS


# --- KPIs -----------------------------------------------------------------------------------------


def test_each_kpi_goes_from_its_baseline_to_now(town: Town, monkeypatch):
    set_one(town)
    Clock(monkeypatch)("2027-01-20")
    history(town, 30, 31, 29, last=LAST + 3)
    assert rows(year_of(town, LAST + 3), "kpis") == [
        [
            "K1 Fewer arrests; Population outcome. Owner: board-member",
            "35.8 a month; Oct 2024 to Sep 2026",
            "90; in 3 months; baseline: 107.5",
            "18 a month; by September 2028",
            "Too close to call: 90 in the 3 months since it started (44 to 164, allowing for chance). It started at "
            "107.5, and should be 103 by now.",
        ]
    ]


def test_a_boards_pack_has_its_own_kpis(town: Town, monkeypatch):
    other = make_board(town.area, "sab")
    set_one(town, board=other)
    Clock(monkeypatch)("2027-01-20")
    history(town, 30, last=LAST.next)
    assert "kpis" in lines(year_of(town, LAST.next))
    assert rows(year_of(town, LAST.next, board=other), "kpis")[0][2:3] == ["30; in the newest month; baseline: 35.8"]


# --- Before and after -----------------------------------------------------------------------------


def test_what_cannot_be_told_of_before_and_after_is_counted(town: Town):
    foresee(town, tell(town, starts_on=date(2026, 4, 3)))
    foresee(town, tell(town, starts_on=date(2026, 9, 3), title="Too late"))
    tell(town, starts_on=date(2026, 5, 3), title="No one expected anything of it")
    pack = year_of(town)
    assert "impact" not in lines(pack)
    assert (
        "1 is too close to call: E1 (arrests); it is too early to say for 1; for 1 more, no one said "
        "beforehand what to expect: see the impact page."
    ) in words(pack, "impact")


# --- What was done --------------------------------------------------------------------------------


def test_what_was_done_is_told_by_strand(town: Town, monkeypatch):
    owner, clock = town.people[Role.BOARD_MEMBER], Clock(monkeypatch)
    pursue = make_strand(town, "pursue")
    clock("2025-09-20")
    early = plan(town, title="Long before", starts_on=date(2025, 1, 1))
    complete_action(early, by=owner)
    clock("2026-05-20")
    steps = plan(town, title="Train", starts_on=date(2026, 1, 1))
    for number in range(8):
        tick_milestone(step(steps, f"Step {number}", by=town.coordinator), done=True, by=owner)
    complete_action(done := plan(town, title="Close homes", strand=pursue, starts_on=date(2026, 1, 1)), by=owner)
    archive_action(done, why="It is done", by=town.coordinator)
    clock("2026-10-20")
    complete_action(plan(town, title="Too late", starts_on=date(2026, 1, 1)), by=owner)
    pack = year_of(town)
    told = {row[0]: row[1:] for row in rows(pack, "done")}
    assert told == {
        "Prevent": ["None", "8; " + "; ".join(f"A2 Step {number}" for number in range(6)) + "; and 2 more", "1"],
        "Pursue": ["1; A3 Close homes", "None", "0"],
    }
    assert "1 action completed and 8 milestones reached in the year; 1 action open." in words(pack, "done")
    assert "done" in lines(year_of(town, board=make_board(town.area, "sab")))


def test_the_community_is_told_in_numbers(town: Town, monkeypatch):
    clock = Clock(monkeypatch)
    clock("2026-10-10")
    tell_session(town, held_on=date(2025, 9, 30), people=5)
    session = tell_session(town, held_on=date(2025, 10, 1))
    archive_session(tell_session(town, held_on=date(2026, 1, 8)), why="Twice", by=town.lead)
    tell_session(town, held_on=date(2026, 10, 1), people=900)
    voice = hear(session, by=town.lead)
    hear(session, by=town.lead, said="And the bus?", due_on=date(2026, 10, 20))
    hear(session, by=town.lead, said="And the park?")
    close_voice(voice, did="A lamp\nwas put up.", revision=0, by=town.lead)
    clock("2026-11-05")
    pack = year_of(town)
    assert rows(pack, "engagement") == [
        ["Sessions held", "1", "1"],
        ["Groups heard", "2", "2"],
        ["People reached", "31", "5"],
        ["Things that people said", "3", "0"],
        ["of these answered", "1", ""],
        ["not answered yet", "2", ""],
        ["of which overdue", "1", ""],
    ]
    [[where, said, did]] = rows(pack, "engagement", 1)
    assert where == "An evening at the community centre; 1 October 2025"
    assert said.startswith("The path behind the station is dark")
    assert did == "A lamp was put up."


# --- What was not measured ------------------------------------------------------------------------


def test_what_was_not_measured(town: Town):
    make_strand(town, "pursue")
    unmeasured(town, title="Agree a word")
    other = make_board(town.area, "sab")
    Responsibility.objects.create(board=other, text="Adults are safe")
    Responsibility.objects.create(board=town.csp, text="Crime is low")
    pack = year_of(town)
    told = words(pack, "unmeasured")
    assert "A1 Agree a word: no one counts it" in told
    assert "Pursue" in told
    assert "Charges: 0" in told
    assert "Arrests: " not in told
    assert "Crime is low" not in told  # the board has indicators
    assert "): Adults are safe" in words(year_of(town, board=other), "unmeasured")
