"""Pathways in packs: at the end of what came of the work, for partners of the boards that have their indicators."""

from datetime import timedelta

import pytest
from django.utils import timezone

from boards.models import Board, ReportingPeriod
from core.calendar import Month
from indicators.disclosure import Audience
from reporting.models import PackKind
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.shapes import Chapter, Table
from reporting.packs.presenters.sources import Order
from tests import scenarios
from tests.challenging import ask
from tests.factories import make_board, make_pathway
from tests.scenarios import Town
from tests.standing import stand

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)


def make_town_with_a_pathway() -> Town:
    town = scenarios.make_town()
    make_pathway(town.area, "found", town.police, uncounted="with-a-plan")
    make_board(town.area, "hwbb")
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 5})
    scenarios.publish(town, OCTOBER)
    return town


made, town = stand(make_town_with_a_pathway)


def chapters(town: Town, code: str = "csp", **options: object) -> dict[str, Chapter]:
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    board = Board.objects.get(area=town.area, code=code)
    order = Order(period, board, **options)  # type: ignore[arg-type]
    return {chapter.key: chapter for chapter in make_pack(order, include_drafts=False).pack.chapters}


@pytest.mark.parametrize("kind", [PackKind.MONTH, PackKind.YEAR])
def test_a_boards_pack_has_its_pathways_as_a_table(town: Town, kind: PackKind):
    packed = chapters(town, kind=kind)
    blocks = (packed.get("pathways") or packed["impact"]).blocks
    table = next(block for block in blocks if isinstance(block, Table) and block.caption.startswith("People arrested"))
    rows = [[cell.text for cell in row] for row in table.rows]
    assert rows == [
        ["Arrested", "Police", "12", "In 1 of the 12 months."],
        ["Charged", "Police", "5", "In 1 of the 12 months. 42 for each 100 arrested, in the one month with both"],
        ["With a plan", "Police", "–", "No one counts how many of them have a plan."],
    ]


def test_a_board_without_its_indicators_has_none_and_the_public_has_none(town: Town):
    told = repr(chapters(town))
    assert "People arrested" in told
    assert "People arrested" not in repr(chapters(town, "hwbb"))
    scenarios.publish_openly(town, OCTOBER)
    assert "People arrested" not in repr(chapters(town, audience=Audience.PUBLIC))


def test_a_pack_tells_what_was_asked_about_a_step(town: Town):
    step = town.area.pathways.get().steps.get(code="with-a-plan")
    due = timezone.localdate() + timedelta(days=5)
    ask(town, step=step, agency=town.police, answerer=town.lead, due_on=due)
    assert "people arrested, with a plan" in repr(chapters(town)["challenges"])
