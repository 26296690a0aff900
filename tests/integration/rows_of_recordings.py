"""A change of recording that waits and one that is confirmed, the name of a level, and how each constraint of theirs is
violated."""

from collections.abc import Callable
from datetime import date

from django.utils import timezone

from boards.rules import Role
from core.calendar import Month
from indicators.models import Category, Indicator, LevelName, RecordingChange
from indicators.services.setup import ask_recording_change, confirm_recording_change, name_level
from indicators.workflow import RecordingState
from tests.factories import make_member
from tests.integration.rows import twice
from tests.scenarios import Town


def leave_recordings(town: Town) -> None:
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    asked, confirmed = (
        ask_recording_change(arrests, month=month, why="A new system", by=town.coordinator)
        for month in (Month(2026, 9), Month(2026, 8))
    )
    assert asked.state == RecordingState.ASKED
    # Not the town's analyst: elsewhere the coordinator has their second factor reset.
    confirm_recording_change(confirmed, by=make_member(town.area, Role.ANALYST))
    split = Indicator.objects.filter(area=town.area).exclude(dimension=None).first() or arrests
    part = Category.objects.filter(dimension=split.dimension_id).first()
    name_level(split, part, since=Month(2026, 8), name="The new team", reason="It began", by=town.coordinator)


ASKED, CONFIRMED = (
    RecordingChange.objects.filter(state=state.value) for state in RecordingState if state != "declined"
)
RECORDING_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("one_recording_change_per_month", lambda town: twice(ASKED)),
    ("recording_changes_on_the_first", lambda town: ASKED.update(applies_from=date(2026, 9, 2))),
    ("recording_change_has_its_reason", lambda town: ASKED.update(why="")),
    ("recording_change_decided_at_by", lambda town: ASKED.update(decided_at=timezone.now())),
    ("recording_change_decided_at_by", lambda town: ASKED.update(decided_by=town.lead)),
    ("recording_change_decided_at_by", lambda town: CONFIRMED.update(decided_at=None)),
    ("recording_change_confirmed_by_another", lambda town: CONFIRMED.update(decided_by=town.coordinator)),
    ("level_begins_on_the_first", lambda town: LevelName.objects.update(since=date(2026, 8, 2))),
    ("level_has_name_and_reason", lambda town: LevelName.objects.update(name="")),
    ("level_has_name_and_reason", lambda town: LevelName.objects.update(reason="")),
]
