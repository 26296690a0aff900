"""A day that a test sets: for whatever is counted in days."""

from datetime import UTC, date, datetime

import pytest


class Clock:
    """Stands still at ten in the morning of a day: `clock("2026-11-04")`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def __call__(self, day: str) -> date:
        moment = datetime.fromisoformat(day).replace(hour=10, tzinfo=UTC)
        self.monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        return moment.date()
