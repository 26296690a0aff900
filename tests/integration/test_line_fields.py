"""What a statement by hand reads of a line, and what a public line takes over: all that is declared, by its name."""

from copy import deepcopy

import pytest

from core.calendar import Month
from reporting.models import IndicatorLine, PublicLine, Snapshot
from reporting.models.line_fields import Line, LineSetUp, list_names
from reporting.months import selectors
from tests import scenarios
from tests.factories import make_dimension, make_indicator
from tests.scenarios import Town

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
FIGURES = {"arrests": 12, "charges": 4, "lines.london": 9, "lines.leeds": 10}


@pytest.fixture(scope="module")
def made(standing) -> Town:
    def make() -> Town:
        town = scenarios.make_town()
        origin = make_dimension(town.area, "origin", ["london", "leeds"])
        make_indicator(town.police, "lines", dimension=origin, position=2)
        scenarios.accept(town, SEPTEMBER, FIGURES)
        scenarios.accept(town, OCTOBER, FIGURES | {"arrests": 30})
        scenarios.publish(town, OCTOBER)
        scenarios.publish_openly(town, OCTOBER)
        return town

    return standing(make)


@pytest.fixture
def snapshot(made: Town, db: None) -> Snapshot:
    return Snapshot.objects.get(period__area=deepcopy(made).area, period__starts_on=OCTOBER.first_day)


def test_the_page_of_an_indicator_reads_what_the_database_has(snapshot: Snapshot):
    kept = list(IndicatorLine.objects.filter(snapshot=snapshot).order_by("position"))
    assert selectors.list_series(snapshot) == kept
    assert [line.title for line in selectors.list_series(snapshot, "charges")] == ["Charges"]


def test_the_page_of_a_month_leaves_out_what_it_does_not_draw(snapshot: Snapshot):
    """… and has each other field as the ORM gives it."""
    series = selectors.list_series(snapshot)
    whole = {line.label: {name: getattr(line, name) for name in list_names(Line)} for line in series}
    for line in selectors.list_lines(snapshot):
        left_out = {*selectors.NOT_ON_A_MONTH, *(selectors.OF_WHOLES if line.category_code else [])}
        seen = {name: value for name, value in vars(line).items() if name not in left_out}
        assert seen == {name: value for name, value in whole[line.label].items() if name not in left_out}
        with pytest.raises(AttributeError):
            line.revised_by  # noqa: B018


def test_a_public_line_takes_over_the_whole_set_up(snapshot: Snapshot):
    kept = {(line.indicator_code, line.category_code): line for line in IndicatorLine.objects.filter(snapshot=snapshot)}
    public = PublicLine.objects.filter(edition__snapshot=snapshot)
    assert {line.indicator_code for line in public} == {code for code, _ in kept}  # a split in two is in no edition
    for line in public:
        own = kept[line.indicator_code, line.category_code]
        assert all(getattr(line, name) == getattr(own, name) for name in list_names(LineSetUp))
