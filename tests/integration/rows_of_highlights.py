"""Two highlights, one of them archived, and how each constraint of theirs is violated."""

from collections.abc import Callable
from datetime import date

from django.utils import timezone

from actions.models import Highlight
from actions.services.highlights import archive_highlight
from tests.highlights import picture, tell
from tests.scenarios import Town


def leave_highlights(town: Town) -> None:
    tell(town, reach=12, reach_of="pupils", picture=picture())
    archive_highlight(tell(town, title="Bare"), why="Told twice", by=town.coordinator)


SHOWN, ARCHIVED = (Highlight.objects.filter(archived_at__isnull=is_shown) for is_shown in (True, False))
HIGHLIGHT_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("highlight_tells_something", lambda town: SHOWN.update(story="")),
    ("highlight_ends_after_its_start", lambda town: SHOWN.update(ends_on=date(2026, 9, 13))),
    ("reach_says_of_whom", lambda town: SHOWN.update(reach=None)),
    ("reach_says_of_whom", lambda town: SHOWN.update(reach_of="")),
    ("picture_has_its_words", lambda town: SHOWN.update(picture_alt="")),
    ("picture_has_its_words", lambda town: SHOWN.update(picture=None)),
    ("picture_has_its_words", lambda town: SHOWN.update(picture_small=None)),
    ("picture_has_its_words", lambda town: SHOWN.update(picture_width=None)),
    ("picture_has_its_words", lambda town: ARCHIVED.update(picture_alt="A stall")),
    ("highlight_archived_at_by_why", lambda town: SHOWN.update(archived_at=timezone.now())),
    ("highlight_archived_at_by_why", lambda town: ARCHIVED.update(archived_by=None)),
    ("highlight_archived_at_by_why", lambda town: ARCHIVED.update(archived_why="")),
    ("highlight_brought_back_at_by_why", lambda town: SHOWN.update(brought_back_why="So it is")),
    (
        "highlight_brought_back_at_by_why",
        lambda town: SHOWN.update(brought_back_at=timezone.now(), brought_back_by=town.lead),
    ),
    (
        "highlight_brought_back_at_by_why",
        lambda town: SHOWN.update(brought_back_by=town.lead, brought_back_why="So it is"),
    ),
    ("an_archived_highlight_is_not_public", lambda town: ARCHIVED.update(is_public=True)),
]
