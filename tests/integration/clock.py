"""A day that a test sets, or a moment of one: for whatever is counted in days, or in minutes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import timezone

from core.calendar import is_working_day, this_or_next_working_day


class Clock:
    """Stands still at ten in the morning of a day: `clock("2026-11-04")`; or later: `clock("2026-11-04 10:08")`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def __call__(self, day: str) -> date:
        moment = datetime.fromisoformat(day if " " in day else f"{day} 10:00").replace(tzinfo=UTC)
        self.monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        return moment.date()

    def go_on_to_a_working_day(self) -> None:
        """Go on to Monday on a Sunday: no letter is sent at a weekend."""
        if not is_working_day(timezone.localdate()):
            self(str(this_or_next_working_day(timezone.localdate())))


def clock_at(day: str = "", *, autouse: bool = False) -> Any:
    """The fixture of a module: a clock that stands at a day until a test sets another, or goes on until then."""

    @pytest.fixture(autouse=autouse)
    def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
        clock = Clock(monkeypatch)
        if day:
            clock(day)
        return clock

    return clock
