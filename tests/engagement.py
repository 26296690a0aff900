"""Sessions with the community, made through services."""

from datetime import date
from typing import Any

from actions.models import CountedIndicator, EngagementSession, SessionCount, Voice
from actions.services.engagement import SessionDraft, add_session, add_voice, count_indicator
from core.models import User
from indicators.models import Indicator
from tests.scenarios import Town

SAID = "The path behind the station is dark, and no one walks there after five."


def draft(**given: Any) -> SessionDraft:
    told: dict[str, Any] = {
        "held_on": date(2026, 10, 8),
        "title": "An evening at the community centre",
        "groups": 2,
        "groups_named": "Parents of year 8; residents of the harbour flats",
        "people": 31,
        **given,
    }
    return SessionDraft(**told)


def tell(town: Town, *, by: User | None = None, **given: Any) -> EngagementSession:
    """A session of the police, that their lead tells of."""
    return add_session(town.police, draft(**given), by=by or town.lead)


def hear(session: EngagementSession, *, by: User, said: str = SAID, due_on: date = date(2026, 11, 30)) -> Voice:
    return add_voice(session, said=said, due_on=due_on, by=by)


def count(town: Town, code: str = "arrests", counts: SessionCount = SessionCount.SESSIONS) -> CountedIndicator:
    """An indicator of the police counts their sessions."""
    indicator = Indicator.objects.get(area=town.area, code=code)
    counted = count_indicator(indicator, counts, by=town.coordinator)
    assert counted is not None
    return counted
