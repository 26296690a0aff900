"""Two sessions with the community, one of them archived, with what was said; and how each constraint is violated."""

from collections.abc import Callable

from django.utils import timezone

from actions.models import EngagementSession, Voice
from actions.services.engagement import archive_session, close_voice
from tests.engagement import count, hear, tell
from tests.scenarios import Town


def leave_engagement(town: Town) -> None:
    told = tell(town)
    hear(told, by=town.lead)
    close_voice(hear(told, by=town.lead), did="Lamps were put up.", revision=0, by=town.lead)
    archive_session(tell(town, title="Bare"), why="Told twice", by=town.lead)
    count(town)


SHOWN, ARCHIVED = (EngagementSession.objects.filter(archived_at__isnull=is_shown) for is_shown in (True, False))
OPEN, CLOSED = (Voice.objects.filter(closed_at__isnull=is_open) for is_open in (True, False))
ENGAGEMENT_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("groups_heard_are_named", lambda town: SHOWN.update(groups_named="")),
    ("groups_heard_are_named", lambda town: SHOWN.update(groups=0)),
    ("session_archived_at_by_why", lambda town: SHOWN.update(archived_at=timezone.now())),
    ("session_archived_at_by_why", lambda town: SHOWN.update(archived_why="Told twice")),
    ("session_archived_at_by_why", lambda town: ARCHIVED.update(archived_by=None)),
    ("session_archived_at_by_why", lambda town: ARCHIVED.update(archived_why="")),
    ("session_brought_back_at_by_why", lambda town: SHOWN.update(brought_back_why="So it is")),
    (
        "session_brought_back_at_by_why",
        lambda town: SHOWN.update(brought_back_at=timezone.now(), brought_back_by=town.lead),
    ),
    (
        "session_brought_back_at_by_why",
        lambda town: SHOWN.update(brought_back_by=town.lead, brought_back_why="So it is"),
    ),
    ("voice_says_something", lambda town: OPEN.update(said="")),
    ("voice_closed_at_by", lambda town: OPEN.update(closed_at=timezone.now())),
    ("voice_closed_at_by", lambda town: OPEN.update(did="Lamps were put up.")),
    ("voice_closed_at_by", lambda town: CLOSED.update(closed_by=None)),
    ("voice_closed_at_by", lambda town: CLOSED.update(did="")),
    ("voice_reopened_at_by_why", lambda town: OPEN.update(reopened_why="So it is")),
    ("voice_reopened_at_by_why", lambda town: OPEN.update(reopened_at=timezone.now(), reopened_by=town.lead)),
    ("voice_reopened_at_by_why", lambda town: OPEN.update(reopened_by=town.lead, reopened_why="So it is")),
]
