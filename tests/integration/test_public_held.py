"""A figure that is held between two quarters shows the public what its own month shows, and no more."""

from datetime import date
from typing import Any

import pytest

from core.calendar import Month
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.services.corrections import accept_correction, ask_correction
from indicators.trend import CellState
from reporting.models import PublicEdition, PublicLine
from reporting.months.services import publish_corrections
from tests.factories import make_indicator
from tests.scenarios import Town, accept, make_town, publish, publish_openly, sweep

pytestmark = pytest.mark.django_db
JUNE, JULY, AUGUST, SEPTEMBER = (Month(2026, number) for number in range(6, 10))


def make_staff_town(*, staff: str, trained: str) -> Town:
    """A share of the staff, asked for as often as is said."""
    town = make_town()
    counts: dict[str, Any] = {"boards": (town.csp,), "defined_from": date(2026, 6, 1)}
    whole = make_indicator(town.police, "staff", asked=staff, position=2, **counts)
    part = make_indicator(town.police, "trained", asked=trained, part_of=whole, position=3, **counts)
    made_of: dict[str, Any] = {
        "ratio": "share",
        "per": 100,
        "numerator": part,
        "denominator": whole,
        "polarity": "higher",
    }
    make_indicator(town.police, "share", collection="ratio", **made_of, **counts)
    return town


def take(town: Town, month: Month, **figures: object) -> None:
    accept(town, month, {"arrests": 12, "charges": 6, **figures})
    publish(town, month)


def read(edition: PublicEdition) -> dict[str, PublicLine]:
    return {line.indicator_code: line for line in edition.lines.filter(category_code="")}


def test_a_part_that_is_withheld_stays_so_where_it_is_held():
    """July's 90 staff and 88 trained would tell that two aren't; August's 120 staff hide nothing of it."""
    town = make_staff_town(staff="monthly", trained="quarterly")
    for month, figures in ((JUNE, {"staff": 80, "trained": 50}), (JULY, {"staff": 90, "trained": 88})):
        accept(town, month, {"arrests": 12, "charges": 6, **figures})
    take(town, AUGUST, staff=120)
    lines = read(publish_openly(town, AUGUST))
    assert lines["staff"].history[-2:] == [90, 120]
    assert lines["trained"].history[-2:] == [None, None]
    assert lines["share"].history[-2:] == [None, None]


def test_a_whole_that_came_late_stays_withheld_where_it_is_held():
    """July's 88 trained were public before its 90 staff came: to hold those in August would tell that two aren't."""
    town = make_staff_town(staff="quarterly", trained="monthly")
    accept(town, JUNE, {"arrests": 12, "charges": 6, "staff": 80, "trained": 50})
    take(town, JULY, staff=CellState.AWAITED, trained=88)
    assert read(publish_openly(town, JULY))["trained"].value == 88
    staff = Indicator.objects.select_related("area", "owner__area").get(area=town.area, code="staff")
    period = town.area.periods.get(starts_on=JULY.first_day)
    asked = ask_correction(staff, None, period, entry=Entry("90"), reason="It came late", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    sweep()
    publish_corrections(town.area, by=town.coordinator)
    take(town, AUGUST, trained=50)
    lines = read(publish_openly(town, AUGUST))
    assert lines["staff"].history[-2:] == [None, None]
    assert (lines["share"].value, lines["share"].denominators[-1]) == (None, None)


def test_a_whole_that_is_shown_hides_the_part_beside_which_it_is_held():
    """To withhold July's 90 in August would help nobody: it is August's 88 that isn't shown."""
    town = make_staff_town(staff="quarterly", trained="monthly")
    accept(town, JUNE, {"arrests": 12, "charges": 6, "staff": 80, "trained": 50})
    accept(town, JULY, {"arrests": 12, "charges": 6, "staff": 90, "trained": 51})
    take(town, AUGUST, trained=88)
    lines = read(publish_openly(town, AUGUST))
    assert lines["staff"].history[-2:] == [90, 90]
    assert lines["trained"].history[-2:] == [51, None]
    assert lines["share"].history[-2:] == [567, None]


def test_the_public_is_told_of_which_month_a_figure_is():
    town = make_staff_town(staff="quarterly", trained="monthly")
    accept(town, JUNE, {"arrests": 12, "charges": 6, "staff": 80, "trained": 50})
    accept(town, JULY, {"arrests": 12, "charges": 6, "staff": 90, "trained": 51})
    take(town, AUGUST, trained=52)
    staff = read(publish_openly(town, AUGUST))["staff"]
    assert (staff.value, staff.of_when) == (90, date(2026, 7, 1))
    assert staff.steps[-1]["held"] == [2]
