"""Changes of recording, which two people make, and the names of levels, which change no reading."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from core.models import User
from indicators.models import Indicator, LevelName, RecordingChange
from indicators.selectors.returns import list_boxes
from indicators.selectors.series import get_pasts
from indicators.services.setup import (
    ask_recording_change,
    confirm_recording_change,
    decline_recording_change,
    name_level,
)
from indicators.workflow import RecordingState
from reporting.models import IndicatorLine
from reporting.months.rollup import roll_up
from tests.factories import make_member
from tests.measuring import take_in
from tests.scenarios import Town, newest_lines, publish, stale_months, sweep

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
WHY = "The new custody system counts each arrest"


@pytest.fixture
def analyst(town: Town) -> User:
    return make_member(town.area, Role.ANALYST)


@pytest.fixture
def arrests(town: Town) -> Indicator:
    return Indicator.objects.get(area=town.area, code="arrests")


def count(town: Town, *values: int, last: Month = OCTOBER) -> None:
    """Arrests of so many months, the last of them open."""
    take_in(town, "arrests", *values, last=last)
    take_in(town, "charges", *[3] * len(values), last=last)


def line(town: Town, month: Month = OCTOBER) -> IndicatorLine:
    sweep()
    return newest_lines(town, month)["arrests"]


def ask(arrests: Indicator, by: User, *, month: Month = OCTOBER, why: str = WHY) -> RecordingChange:
    return ask_recording_change(arrests, month=month, why=why, by=by)


# --- A change of recording -----------------------------------------------------------------------------------


def test_it_changes_nothing_before_a_second_person_confirms_it(town, arrests, analyst):
    count(town, *[9] * 14)
    before = line(town)
    change = ask(arrests, town.coordinator)

    assert stale_months(town) == []
    with pytest.raises(PermissionDenied, match="Someone else has to confirm it"):
        confirm_recording_change(change, by=town.coordinator)
    assert line(town).method == before.method == "judged"


def test_confirmed_it_starts_the_series_anew_without_an_arrow(town, arrests, analyst):
    count(town, *[9] * 14)
    confirm_recording_change(ask(arrests, town.coordinator), by=analyst)
    found = line(town)

    assert (found.movement, found.no_arrow_reason) == ("none", "new_recording")
    assert (found.method, found.figures) == ("too_early", 0)
    assert [(step["from"], step.get("why", "")) for step in found.steps] == [("2020-01-01", ""), ("2026-10-01", WHY)]
    past = get_pasts(town.police, OCTOBER.next, list_boxes(town.police, OCTOBER.next))["arrests"]
    assert (past.comparable, past.least) == ((9,), None)


def test_what_is_published_stays_as_it_was(town, arrests, analyst):
    count(town, *[9] * 14)
    publish(town, OCTOBER)
    before = line(town)
    confirm_recording_change(ask(arrests, town.coordinator), by=analyst)
    roll_up(ReportingPeriod.objects.all())

    assert line(town).pk == before.pk


def test_it_can_be_declined_and_asked_for_again(town, arrests, analyst):
    change = ask(arrests, town.coordinator)
    assert decline_recording_change(change, by=analyst).state == RecordingState.DECLINED
    with pytest.raises(TransitionRefused, match="is declined"):
        confirm_recording_change(change, by=analyst)
    ask(arrests, analyst)


def test_a_confirmed_one_is_there_for_good(town, arrests, analyst):
    change = confirm_recording_change(ask(arrests, town.coordinator), by=analyst)
    for decide in (confirm_recording_change, decline_recording_change):
        with pytest.raises(TransitionRefused, match="is confirmed"):
            decide(change, by=make_member(town.area, Role.ANALYST))


@pytest.mark.parametrize(
    ("month", "why", "sentence"),
    [
        (OCTOBER, "  ", "Say what is recorded differently"),
        (Month(2020, 1), WHY, "its series starts then"),
        (Month(2019, 5), WHY, "its series starts then"),
    ],
)
def test_bad_input_is_refused(town, arrests, month, why, sentence):
    with pytest.raises(ValidationError, match=sentence):
        ask(arrests, town.coordinator, month=month, why=why)
    assert not RecordingChange.objects.exists()


def test_a_month_has_one_at_a_time(town, arrests, analyst):
    ask(arrests, town.coordinator)
    with pytest.raises(ValidationError, match="already been asked for or confirmed"):
        ask(arrests, analyst)


def test_a_definition_begins_a_series_anyway(town, arrests):
    arrests.definitions.create(applies_from=OCTOBER.first_day, text="People")
    with pytest.raises(ValidationError, match="A new definition starts in October 2026"):
        ask(arrests, town.coordinator)


@pytest.mark.parametrize("role", [Role.BOARD_MEMBER, Role.BOARD_CHAIR, Role.STRATEGIC, Role.INFORMATION])
def test_others_may_neither_ask_nor_confirm(town, arrests, role):
    other = make_member(town.area, role, board=town.csp) if "board" in role.value else make_member(town.area, role)
    change = ask(arrests, town.coordinator)
    for act in (
        lambda: ask(arrests, other),
        lambda: confirm_recording_change(change, by=other),
        lambda: decline_recording_change(change, by=other),
        lambda: name_level(arrests, None, since=OCTOBER, name="A", reason="B", by=other),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.both_databases
def test_the_database_wants_two_people(town, arrests):
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        RecordingChange.objects.create(
            indicator=arrests,
            applies_from=date(2026, 10, 1),
            why=WHY,
            state=RecordingState.CONFIRMED.value,
            asked_at=now,
            asked_by=town.coordinator,
            decided_at=now,
            decided_by=town.coordinator,
        )


# --- The name of a level -------------------------------------------------------------------------------------


def test_a_name_stands_on_the_lines_to_come_and_changes_no_reading(town, arrests):
    count(town, *[40] * 20, *[12] * 14)
    before = line(town)
    assert before.level_since is not None
    name_level(
        arrests,
        None,
        since=Month.of(before.level_since),
        name="The new team",
        reason="It began in May",
        by=town.coordinator,
    )
    after = line(town)

    assert (after.level_name, after.level_reason) == ("The new team", "It began in May")
    assert [level.get("name") for step in after.steps for level in step.get("levels", ())] == ["The new team"]
    for name in ("usual", "lower", "upper", "level", "level_since", "level_before", "signal", "judgement"):
        assert getattr(after, name) == getattr(before, name)


def test_a_name_and_a_reason_are_wanted(town, arrests):
    with pytest.raises(ValidationError) as refused:
        name_level(arrests, None, since=OCTOBER, name=" ", reason="", by=town.coordinator)
    assert set(refused.value.message_dict) == {"name", "reason"}
    assert not LevelName.objects.exists()
