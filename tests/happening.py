"""Events and what was expected of them, made through services."""

from datetime import date
from typing import Any

import pytest

from actions.models import Event, EventKind, Expectation, Way
from actions.services.events import EventDraft, add_event
from actions.services.progress import ExpectationDraft, expect_of_event
from core.calendar import Month
from indicators.models import Indicator
from tests.integration.clock import Clock
from tests.scenarios import Town

BEGAN = date(2026, 9, 14)


def indicator(town: Town, code: str = "arrests") -> Indicator:
    return Indicator.objects.get(area=town.area, code=code)


def draft(town: Town, **given: Any) -> EventDraft:
    """An operation of the board that should bring arrests down, unless options say otherwise."""
    told: dict[str, Any] = {
        "kind": EventKind.OPERATION,
        "title": "Operation Raptor",
        "board": town.csp,
        "starts_on": BEGAN,
        "said_by": "Police, operations",
        "aims": ((indicator(town), Way.FALL),),
        **given,
    }
    return EventDraft(**told)


def tell(town: Town, *, by: Any = None, **given: Any) -> Event:
    return add_event(town.area, draft(town, **given), by=by or town.coordinator)


def expected(town: Town, **given: Any) -> ExpectationDraft:
    told: dict[str, Any] = {
        "indicator": indicator(town),
        "way": Way.FALL,
        "percent": 20,
        "by_month": Month(2027, 6),
        **given,
    }
    return ExpectationDraft(**told)


def expect(town: Town, event: Event, *, by: Any = None, **given: Any) -> Expectation:
    return expect_of_event(event, expected(town, **given), by=by or town.coordinator)


def foresee(town: Town, event: Event, **given: Any) -> Expectation:
    """Expect the same on the event's first day."""
    with pytest.MonkeyPatch.context() as patch:
        Clock(patch)(event.starts_on.isoformat())
        return expect(town, event, **given)
