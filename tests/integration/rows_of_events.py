"""An event with what was expected of it, and how each of their constraints is violated."""

from collections.abc import Callable
from datetime import date

from actions.models import Event, EventAim, Expectation
from actions.services.events import remove_event
from tests.happening import expect, tell
from tests.integration.rows import twice
from tests.scenarios import Town

type Violation = tuple[str, Callable[[Town], object]]


def leave_events(town: Town) -> None:
    """One with its aim and an expectation, and one that was removed."""
    expect(town, tell(town))
    remove_event(tell(town), why="It was told twice", by=town.coordinator)


THERE, REMOVED = (Event.objects.filter(removed_at__isnull=is_there) for is_there in (True, False))
AIM, SAID = EventAim.objects.filter(event__number=1), Expectation.objects.all()
EVENT_CASES: list[Violation] = [
    ("one_event_per_number", lambda town: twice(THERE)),
    ("events_count_from_one", lambda town: THERE.update(number=0)),
    ("event_ends_after_its_start", lambda town: THERE.update(ends_on=date(2026, 9, 13))),
    ("event_says_what_and_who", lambda town: THERE.update(title="")),
    ("event_says_what_and_who", lambda town: THERE.update(said_by="")),
    ("event_removed_at_by_why", lambda town: THERE.update(removed_why="Told twice")),
    ("event_removed_at_by_why", lambda town: REMOVED.update(removed_why="")),
    ("event_removed_at_by_why", lambda town: REMOVED.update(removed_by=None)),
    ("one_aim_per_indicator", lambda town: twice(AIM)),
    ("expectation_of_an_action_or_an_event", lambda town: twice(SAID, event=None)),
    ("expectation_in_per_cent", lambda town: twice(SAID, percent=101)),
    ("expectation_in_per_cent", lambda town: twice(SAID, percent=0)),
    ("expectation_in_per_cent", lambda town: twice(SAID, way="rise", percent=1001)),
    ("expectation_in_per_cent", lambda town: twice(SAID, way="stay")),
    ("expectation_by_a_month", lambda town: twice(SAID, by_month=date(2027, 6, 2))),
]
