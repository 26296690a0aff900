"""What a pack says of impact: a board's own events, as they could be told in its month, for partners alone."""

from datetime import date

import pytest

from actions.models import Event, Way
from boards.models import ReportingPeriod
from core.calendar import Month
from indicators.disclosure import Audience
from reporting.models import PackKind
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.shapes import Chapter, Paragraph, Picture, Table
from reporting.packs.presenters.sources import Order
from tests.factories import make_board
from tests.happening import expect, foresee, indicator, tell
from tests.publishing import publish_months
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.unit.test_impact_results import AFTER, BEFORE

pytestmark = pytest.mark.django_db
FIRST, LAST = Month(2022, 10), Month(2026, 9)
FELL = "Fell by 36% compared with the 12 months before (between 22% and 48%, allowing for chance)."


def make_published() -> Town:
    """Arrests fell by 36 % in October 2025, when the board's operation began."""
    town = make_town()
    publish_months(town, FIRST, {"arrests": [*BEFORE, *AFTER], "charges": [*BEFORE, *BEFORE[:12]]})
    foresee(town, tell(town, starts_on=date(2025, 10, 3)))
    return town


made, town = stand(make_published)


def chapter(town: Town, month: Month = LAST, **options) -> Chapter | None:
    period = ReportingPeriod.objects.get(area=town.area, starts_on=month.first_day)
    order = Order(period, options.pop("board", town.csp), **options)
    chapters = {each.key: each for each in make_pack(order, include_drafts=True).pack.chapters}
    return chapters.get("impact")


def rows(found: Chapter | None) -> list[list[str]]:
    assert found is not None
    [table] = [block for block in found.blocks if isinstance(block, Table)]
    return [[cell.text for cell in row] for row in table.rows]


def test_it_tells_what_came_of_the_boards_events_with_a_chart(town: Town):
    found = chapter(town)
    assert rows(found) == [
        [
            "E1 Operation Raptor",
            "Arrests",
            FELL,
            "Should fall by about 20% by June 2027",
        ]
    ]
    assert found is not None
    [picture] = [block for block in found.blocks if isinstance(block, Picture)]
    assert picture.notes[0].startswith(f"{FELL} Better: ")
    assert rows(chapter(town, kind=PackKind.YEAR)) == [
        [
            "E1 Operation Raptor",
            "20.8",
            "13.3",
            FELL,
        ]
    ]


def test_it_tells_whether_what_was_expected_came_by_its_month(town: Town):
    expect(town, Event.objects.get(), percent=60, by_month=Month(2026, 3))

    def told(month: Month) -> tuple[str, ...]:
        found = chapter(town, month)
        assert found is not None
        [table] = [block for block in found.blocks if isinstance(block, Table)]
        return table.rows[0][3].more

    assert told(Month(2026, 2)) == ("Written afterwards: too early to check",)
    assert told(LAST) == ("Written afterwards: less than expected",)


def test_an_older_pack_knows_no_later_month(town: Town):
    early = chapter(town, Month(2025, 11))
    assert early is not None
    assert [block.text for block in early.blocks if isinstance(block, Paragraph)][1:] == [
        "It is too early to say for 1."
    ]
    assert rows(chapter(town, Month(2025, 12)))[0][2] == (
        "Fell by 34% compared with the 12 months before (between 9% and 53%, allowing for chance)."
    )
    assert chapter(town, Month(2025, 9)) is None


def test_another_boards_events_are_not_in_it_but_the_whole_areas_are(town: Town):
    other = make_board(town.area, "sab")
    foresee(town, tell(town, board=other, starts_on=date(2025, 11, 3), title="Another’s"))
    foresee(town, tell(town, board=None, starts_on=date(2025, 11, 3), title="Everyone’s"))
    assert [row[0] for row in rows(chapter(town))] == ["E3 Everyone’s", "E1 Operation Raptor"]
    assert [row[0] for row in rows(chapter(town, board=other))] == ["E2 Another’s"]


def test_no_public_pack_has_it(town: Town):
    assert chapter(town, audience=Audience.PUBLIC) is None
    assert rows(chapter(town, kind=PackKind.APPENDIX)) == rows(chapter(town))  # what members of a public board get


def test_a_long_list_is_cut(town: Town):
    """What somebody said beforehand is a row, except what is too close to call, which is named."""
    for month in range(1, 8):
        foresee(town, tell(town, board=None, starts_on=date(2026, month, 3)))
    found = chapter(town)
    told = [row for row in rows(found) if row[2].startswith("Fell")]
    assert [row[0] for row in told] == ["E1 Operation Raptor"]
    assert all(
        row[2] == "Not judged here: the fall from October 2025 is in the same months: see E1."
        for row in rows(found)[:-1]
    )
    assert "too close to call: " in last_words(found)


def test_what_is_too_close_to_call_is_named_and_what_nobody_foresaw_counted(town: Town):
    charges = indicator(town, "charges")
    quiet = tell(town, board=None, starts_on=date(2025, 10, 3), title="Quiet", aims=((charges, Way.FALL),))
    foresee(town, quiet, indicator=charges)
    tell(town, board=None, starts_on=date(2025, 11, 3), title="No one expected anything of it")
    found = chapter(town)
    assert last_words(found) == (
        "1 is too close to call: E2 (charges); for 1 more, no one said beforehand what to expect: see the impact page."
    )
    assert [row[0] for row in rows(found)] == ["E1 Operation Raptor"]


def last_words(found: Chapter | None) -> str:
    assert found is not None
    block = found.blocks[-1]
    assert isinstance(block, Paragraph)
    return block.text
