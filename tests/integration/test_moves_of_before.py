"""An upgrade finds which agency supplied an indicator before it moved, in its published months."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from core.calendar import Month
from indicators.models import Indicator, IndicatorMove
from indicators.services import setup
from indicators.services.setup import save_indicator
from tests.factories import make_agency
from tests.scenarios import Town, accept, publish

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2026, 9)
fill = import_module("reporting.migrations.0003_moves_of_before").fill


@pytest.fixture(autouse=True)
def _not_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the release before."""
    monkeypatch.setattr(setup, "note_move", lambda *_, **__: None)


def move(town: Town, code: str) -> None:
    indicator = Indicator.objects.get(area=town.area, code=code)
    indicator.owner = make_agency(town.area, f"council-{code}")
    save_indicator(indicator, boards=[town.csp], by=town.coordinator)


def test_what_moved_after_it_was_published_is_found(town: Town):
    accept(town, SEPTEMBER, {"arrests": 12, "charges": 4})
    publish(town, SEPTEMBER)
    move(town, "arrests")
    assert not IndicatorMove.objects.exists()
    fill(apps, None)
    found = IndicatorMove.objects.get()
    assert (found.indicator.code, found.agency, found.moved_by) == ("arrests", town.police, town.coordinator)
    # The month in which it moved: some months before may have been closed, and not published.
    assert Month.of(found.since) == Month.of(timezone.localdate())


def test_what_moved_before_any_month_was_published_has_no_months(town: Town):
    move(town, "arrests")
    accept(town, SEPTEMBER, {"charges": 4})
    publish(town, SEPTEMBER)
    fill(apps, None)
    assert not IndicatorMove.objects.exists()
