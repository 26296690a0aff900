"""A KPI from its baseline on: what is refused, what is frozen, and what each month's version says of it."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from actions.models import Kpi, KpiReview, KpiTarget
from boards.models import Board, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.disclosure import Audience
from indicators.kpis.aims import Step
from indicators.models import Indicator
from indicators.services.setup import define
from indicators.trend import CellState, Polarity
from reporting.kpis.services import change_kpi, move_target, retire_kpi, review_kpi, set_kpi
from reporting.models import KpiLine, Snapshot
from reporting.months import kpi_lines
from reporting.months.services import publish_corrections
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.shapes import Heading
from reporting.packs.presenters.sources import Order
from tests.factories import make_board, make_member
from tests.integration.clock import clock_at
from tests.integration.command_line import run
from tests.measuring import LAST, SEEN, history, kpi_draft, move_one, set_one, take_in, target_draft
from tests.meeting import meet, record, strategic_group
from tests.scenarios import Town, accept, make_outsider, make_town, publish, stale_months, sweep

pytestmark = pytest.mark.django_db
OCTOBER = LAST.next


clock = clock_at()


@pytest.fixture(scope="module")
def made(standing) -> Town:
    return standing(make)


def make() -> Town:
    """36 a month until September 2026, for four years: long enough for other dates."""
    town = make_town()
    history(town, *SEEN * 8)
    return town


@pytest.fixture
def town(db, made, clock) -> Town:
    """It is November."""
    clock("2026-11-05")
    return made


def line_of(town: Town, month: Month, version: int = 1) -> KpiLine:
    found = Snapshot.objects.get(period__area=town.area, period__starts_on=month.first_day, version=version)
    return found.kpi_lines.get()


def state_of() -> tuple[object, ...]:
    rows = (Kpi, KpiTarget, KpiReview)
    return (*[list(model._default_manager.order_by("pk").values()) for model in rows], AuditEvent.objects.count())


# --- Set --------------------------------------------------------------------------------------------


def test_a_target_freezes_its_baseline_and_what_was_said_of_it(town):
    kpi = set_one(town)

    target = kpi.targets.get()
    assert (kpi.reference, target.version, target.reason) == ("K1", 1, "")
    assert target.baseline == pytest.approx(sum(SEEN) / 6)
    assert (target.begins, target.applies_from) == (OCTOBER.first_day, OCTOBER.first_day)
    assert len(target.baseline_figures) == 24
    assert target.baseline_figures[0] == {"month": "2024-10", "version": 1, "value": 36, "of": None}
    assert target.is_enough
    assert target.outlook[0].startswith(
        "In 100 towns with figures like these, a fall of 49.8% from 35.8 a month would stand out in"
    )
    assert AuditEvent.objects.filter(verb="kpi.set", target_id=str(kpi.pk)).exists()


def test_it_is_numbered_by_area(town):
    assert [set_one(town).number, set_one(town).number] == [1, 2]


def test_where_the_town_may_not_see_it_a_reason_is_asked_for(town):
    small = target_draft(target=35.0)
    before = state_of()

    with pytest.raises(ValidationError, match="Say why you are setting it anyway"):
        set_one(town, small, smallest=1, went_on_why="")
    assert state_of() == before

    target = set_one(town, small, smallest=1, went_on_why="It is what we can promise").targets.get()
    assert (target.is_enough, target.went_on_why) == (False, "It is what we can promise")
    assert any("would show in" in offer for offer in target.outlook[1:])


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"target": 40.0}, "target", "Enter a target below the baseline: lower is better here."),
        ({"better": Polarity.HIGHER}, "target", "Enter a target above the baseline: higher is better here."),
        ({"target": float("inf")}, "target", "Enter numbers that are 0 or more."),
        ({"due": LAST}, "due", "Choose a target month in the future: September 2026 isn’t."),
        ({"due": Month(2060, 1)}, "due", "Choose a month within 20 years of the first month that counts."),
        ({"begins": LAST}, "begins", "Choose a first month after the baseline, which ends in September 2026."),
        (
            {"baseline_to": LAST + -24},
            "baseline_to",
            "The baseline’s last month can’t be before its first month.",
        ),
        ({"baseline_from": LAST + -1}, "baseline_to", "Choose at least 3 months for the baseline."),
        (
            {"baseline_to": LAST + 2, "begins": LAST + 3},
            "baseline_from",
            "A baseline can have published months only. For Arrests, October 2026 and November 2026 aren’t published.",
        ),
        ({"steps": (Step(LAST + 30, 20.0),)}, "steps", "Choose months for the steps from October 2026"),
        ({"target": 34.0}, "target", "The target is a change of 5%, and the smallest change worth noticing is 10%"),
    ],
)
def test_a_wrong_target_is_a_sentence_and_saves_nothing(town, wrong, field, sentence):
    before = state_of()

    with pytest.raises(ValidationError) as refused:
        set_one(town, target_draft(**wrong))

    assert sentence in refused.value.message_dict[field][0]
    assert state_of() == before


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"title": " "}, "title", "Say what should change."),
        ({"title": "x" * 121}, "title", "Shorten it to 120 characters; it has 121."),
        ({"why": ""}, "why", "Say why it is measured."),
        ({"smallest": 0}, "smallest", "Enter a percentage from 1 to 1,000."),
        ({"review_every": 25}, "review_every", "Enter a number of months from 1 to 24."),
    ],
)
def test_a_wrong_draft_is_a_sentence(town, wrong, field, sentence):
    with pytest.raises(ValidationError) as refused:
        set_one(town, **wrong)
    assert refused.value.message_dict[field] == [sentence]


def test_what_is_wrong_with_both_is_said_at_once(town):
    with pytest.raises(ValidationError) as refused:
        set_one(town, target_draft(target=50.0), title="")
    assert set(refused.value.message_dict) == {"title", "target"}


def test_a_baseline_has_no_awaited_months(clock):
    clock("2026-11-05")
    town = make_town()
    history(town, *SEEN, None, *SEEN)

    with pytest.raises(ValidationError) as refused:
        set_one(town, target_draft(baseline_from=LAST + -11))
    assert refused.value.message_dict["baseline_from"] == [
        "Every month of a baseline needs its figure. The figure for March 2026 is awaited."
    ]


def test_a_baseline_has_a_figure_in_each_month(town):
    accept(town, OCTOBER, {"arrests": CellState.NOT_AVAILABLE, "charges": 1})
    publish(town, OCTOBER)

    with pytest.raises(ValidationError) as refused:
        set_one(town, target_draft(baseline_to=OCTOBER))
    assert refused.value.message_dict["baseline_from"] == [
        "Each month of a baseline needs a figure, and October 2026 has none."
    ]


def test_a_baseline_is_counted_as_it_is_now(town):
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    define(indicator, applies_from=OCTOBER, text="Each arrest", by=town.coordinator)
    accept(town, OCTOBER, {"arrests": 60, "charges": 1})
    publish(town, OCTOBER)

    with pytest.raises(ValidationError) as refused:
        set_one(town)
    assert refused.value.message_dict["baseline_from"] == [
        "Arrests has been counted differently since October 2026. Choose a baseline that starts then or later."
    ]


def test_only_a_coordinator_sets_moves_changes_and_retires(town):
    kpi = set_one(town)
    acts = [
        lambda by: set_kpi(kpi.indicator, kpi_draft(town), target_draft(), by=by),
        lambda by: change_kpi(kpi, kpi_draft(town, title="Other"), revision=0, by=by),
        lambda by: move_target(kpi, target_draft(target=20.0), reason="Why", seen=1, by=by),
        lambda by: retire_kpi(kpi, why="Why", by=by),
    ]
    for by in (*(person for role, person in town.people.items() if role is not Role.COORDINATOR), make_outsider()):
        for act in acts:
            with pytest.raises(PermissionDenied):
                act(by)


@pytest.mark.both_databases
def test_parts_of_another_area_are_refused(town):
    elsewhere = make_board(make_town("elsewhere").area, "other")
    with pytest.raises(ValidationError, match="belongs to another area"):
        set_one(town, board=elsewhere)
    kpi = set_one(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        Kpi.objects.filter(pk=kpi.pk).update(board=elsewhere)


# --- What a month says ------------------------------------------------------------------------------


def test_setting_one_marks_open_months_and_leaves_a_published_one(town):
    accept(town, OCTOBER, {"arrests": 18, "charges": 1})
    sweep()
    set_one(town)

    assert stale_months(town) == ["2026-10"]
    sweep()
    assert not KpiLine.objects.filter(snapshot__period__starts_on=LAST.first_day).exists()
    assert line_of(town, OCTOBER).value == 18


def test_a_line_copies_all_that_it_shows(town):
    kpi = set_one(town)
    accept(town, OCTOBER, {"arrests": 18, "charges": 1})
    publish(town, OCTOBER)

    line = line_of(town, OCTOBER)
    assert (line.reference, line.title, line.kind, line.indicator_code) == (
        "K1",
        "Fewer arrests",
        "population",
        "arrests",
    )
    assert (line.board_code, line.strand_code, line.owner) == ("csp", "prevent", str(kpi.owner))
    assert (line.months, line.figures, line.state) == (1, 1, "too_early")
    assert line.said == "Too early to tell: 1 month with a figure so far, and 3 are needed."
    assert line.lower == pytest.approx(8.77, abs=0.01)
    assert line.upper == pytest.approx(32.47, abs=0.01)


def test_it_is_judged_by_the_sum_since_it_began(town, clock):
    clock("2027-02-05")
    set_one(town)
    take_in(town, "arrests", 18, 20, 19, last=LAST + 3)
    publish(town, LAST + 3)

    line = line_of(town, LAST + 3)
    assert (line.value, line.months, line.state) == (57.0, 3, "on_course")
    assert line.due_baseline == pytest.approx(3 * sum(SEEN) / 6)
    assert line.due_target == 54
    assert line.said.startswith("On course: 57 in the 3 months since it started")


def test_a_moved_target_is_the_next_version_and_holds_from_the_first_open_month_on(town):
    kpi = set_one(town)
    accept(town, OCTOBER, {"arrests": 18, "charges": 1})
    publish(town, OCTOBER)
    accept(town, OCTOBER.next, {"arrests": 18, "charges": 1})
    moved = move_one(town, kpi)
    publish(town, OCTOBER.next)

    assert (moved.version, moved.applies_from) == (2, OCTOBER.next.first_day)
    assert [line_of(town, month).target for month in (OCTOBER, OCTOBER.next)] == [18, 24]
    assert [target.reason for target in kpi.targets.order_by("version")] == ["", "The first was too far"]


def test_a_correction_works_them_out_again_by_the_target_that_was_published(town):
    kpi = set_one(town)
    history(town, 18, last=OCTOBER)
    move_one(town, kpi)
    change_kpi(kpi, kpi_draft(town, title="Another title"), revision=0, by=town.coordinator)
    take_in(town, "arrests", 21, last=OCTOBER)
    sweep()
    publish_corrections(town.area, by=town.coordinator)

    before, after = line_of(town, OCTOBER), line_of(town, OCTOBER, 2)
    assert (before.value, after.value) == (18, 21)
    assert (after.target, after.target_version, after.title) == (18, 1, "Fewer arrests")


def test_a_correction_keeps_what_was_said_or_says_that_the_rule_is_newer(town, monkeypatch):
    """Published when the range was another one. First a figure of something else is corrected, then its own."""
    set_one(town)
    with monkeypatch.context() as older:
        older.setattr(kpi_lines, "find_range", lambda span, scale, basis: (span.value - 1, span.value + 1))
        history(town, 18, last=OCTOBER)
    for code, figure in (("charges", 4), ("arrests", 21)):
        take_in(town, code, figure, last=OCTOBER)
        sweep()
        publish_corrections(town.area, by=town.coordinator)

    published, kept, corrected = (line_of(town, OCTOBER, version) for version in (1, 2, 3))
    assert (kept.lower, kept.upper, kept.said) == (published.lower, published.upper, published.said)
    assert (published.lower, published.upper) == (17, 19)
    assert corrected.upper > 30
    assert corrected.said.endswith(kpi_lines.NEWER_RULE)


def test_a_retired_one_stays_in_published_months_alone(town):
    kpi = set_one(town)
    history(town, 18, last=OCTOBER)
    accept(town, OCTOBER.next, {"arrests": 18, "charges": 1})
    sweep()
    assert line_of(town, OCTOBER.next)
    retire_kpi(kpi, why="No one looks at it", by=town.coordinator)
    sweep()

    months = KpiLine.objects.values_list("snapshot__period__starts_on", flat=True)
    assert list(months) == [OCTOBER.first_day]
    take_in(town, "arrests", 21, last=OCTOBER)
    sweep()
    assert line_of(town, OCTOBER, 2).value == 21


def test_a_second_roll_up_changes_nothing(town):
    set_one(town)
    accept(town, OCTOBER, {"arrests": 18, "charges": 1})
    sweep()
    before = list(Snapshot.objects.order_by("pk").values())
    ReportingPeriod.objects.filter(area=town.area).update(stale_since="2026-11-05T10:00Z")
    sweep()
    assert list(Snapshot.objects.order_by("pk").values()) == before


@pytest.mark.both_databases
def test_published_lines_targets_and_reviews_stay_as_they_were(town):
    kpi = set_one(town)
    accept(town, OCTOBER, {"arrests": 18, "charges": 1})
    publish(town, OCTOBER)
    review_kpi(kpi, note="Seen", reviewed_on=LAST.first_day.replace(2026, 11, 5), by=town.coordinator)
    line, target, review = line_of(town, OCTOBER), kpi.targets.get(), kpi.reviews.get()
    for row in (line, target, review):
        for act in (row.save, row.delete):
            with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
                act()
    line.pk = None
    with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
        line.save(force_insert=True)


# --- Moved, changed, reviewed, retired ------------------------------------------------------------------


def test_a_moved_target_needs_its_reason_and_another_target(town):
    kpi = set_one(town)
    before = state_of()
    with pytest.raises(ValidationError, match="Say why you are moving the target"):
        move_target(kpi, target_draft(target=20.0), reason=" ", seen=1, by=town.coordinator)
    with pytest.raises(ValidationError, match="K1 already has this target"):
        move_target(kpi, target_draft(), reason="Why", seen=1, by=town.coordinator)
    assert state_of() == before
    move_one(town, kpi)
    with pytest.raises(ChangedMeanwhile, match="The target was moved after you opened this form"):
        move_one(town, kpi, target=20.0)


def test_of_two_changes_the_second_is_told(town):
    kpi = set_one(town)
    change_kpi(kpi, kpi_draft(town, title="Far fewer arrests"), revision=0, by=town.coordinator)
    with pytest.raises(ChangedMeanwhile, match="K1 was changed after you opened this form"):
        change_kpi(kpi, kpi_draft(town, title="Other"), revision=0, by=town.coordinator)
    kpi.refresh_from_db()
    assert (kpi.title, kpi.revision) == ("Far fewer arrests", 1)


def test_a_review_keeps_what_was_shown(town):
    kpi = set_one(town)
    accept(town, OCTOBER, {"arrests": 18, "charges": 1})
    publish(town, OCTOBER)
    owner = kpi.owner

    review = review_kpi(kpi, note="Go on", reviewed_on=LAST.first_day.replace(2026, 11, 5), by=owner)

    assert (review.period.month, review.state, review.made_by) == (OCTOBER, "too_early", owner)
    with pytest.raises(ValidationError, match="Choose today or an earlier day"):
        review_kpi(kpi, note="Go on", reviewed_on=LAST.first_day.replace(2026, 11, 6), by=owner)
    with pytest.raises(ValidationError, match="Say what the review found"):
        review_kpi(kpi, note="", reviewed_on=LAST.first_day.replace(2026, 11, 5), by=owner)
    other = make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
    with pytest.raises(PermissionDenied):
        review_kpi(kpi, note="Go on", reviewed_on=LAST.first_day.replace(2026, 11, 5), by=other)


def test_a_meeting_reviews_it_once_it_was_held(town):
    meeting = meet(town, held_on=LAST.first_day.replace(2026, 11, 5))
    kpi = set_one(town, next_review=meeting)
    with pytest.raises(ValidationError, match="has not been recorded yet, so it can’t have reviewed"):
        review_kpi(kpi, note="Go on", reviewed_on=meeting.held_on, meeting=meeting, by=town.coordinator)
    held = record(town, meeting)
    review = review_kpi(kpi, note="Go on", reviewed_on=held.held_on, meeting=held, by=town.coordinator)
    kpi.refresh_from_db()
    assert (review.meeting, kpi.next_review) == (held, None)


def test_what_is_retired_takes_no_more(town):
    kpi = set_one(town)
    with pytest.raises(ValidationError, match="Say why you are retiring the KPI"):
        retire_kpi(kpi, why="", by=town.coordinator)
    retire_kpi(kpi, why="Done", by=town.coordinator)
    assert retire_kpi(kpi, why="Done", by=town.coordinator).retired_why == "Done"
    for act in (
        lambda: retire_kpi(kpi, why="Again", by=town.coordinator),
        lambda: move_one(town, kpi),
        lambda: change_kpi(kpi, kpi_draft(town), revision=0, by=town.coordinator),
        lambda: review_kpi(kpi, note="x", reviewed_on=LAST.first_day, by=town.coordinator),
    ):
        with pytest.raises(TransitionRefused, match="K1 is retired"):
            act()


# --- In files -----------------------------------------------------------------------------------------


def test_a_file_has_the_newest_kpi_of_each_indicator(town):
    set_one(town)
    set_one(town, target_draft(target=24.0), title="Somewhat fewer arrests")
    accept(town, OCTOBER, {"arrests": 18, "charges": 1})
    publish(town, OCTOBER)

    rows = {row["indicator"]: row for row in json.loads(export())["lines"]}

    told = ("target", "target_month", "kpi_state")
    assert [rows["arrests"][name] for name in told] == [24.0, "2028-09", "too_early"]
    assert [rows["charges"][name] for name in told] == [None, None, None]


def test_no_public_file_has_a_kpi(town):
    set_one(town)
    accept(town, OCTOBER, {"arrests": 18, "charges": 1})
    publish(town, OCTOBER)

    rows = json.loads(export("--audience", "public"))["lines"]

    assert {row["kpi_state"] for row in rows} == {row["target"] for row in rows} == {None}


def export(*options: str) -> str:
    return run("export_month", "--area", "testford", "--month", str(OCTOBER), *options).out


# --- In packs -----------------------------------------------------------------------------------------


def test_a_boards_pack_has_its_own_and_the_groups_all(town):
    set_one(town)
    set_one(town, title="Another", board=make_board(town.area, "sab"))
    strategic_group(town)
    accept(town, OCTOBER, {"arrests": 18, "charges": 1})
    publish(town, OCTOBER)

    assert headings(town, "csp") == ["K1 Fewer arrests"]
    assert headings(town, "strategic") == ["K1 Fewer arrests", "K2 Another"]
    assert headings(town, "csp", audience=Audience.PUBLIC) == []


def headings(town: Town, board: str, **options: Any) -> list[str]:
    """Of the pack's chapter of KPIs."""
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    order = Order(period, Board.objects.get(area=town.area, code=board), **options)
    chapters = {chapter.key: chapter for chapter in make_pack(order, include_drafts=False).pack.chapters}
    return [block.text for block in chapters["kpis"].blocks if isinstance(block, Heading)] if "kpis" in chapters else []
