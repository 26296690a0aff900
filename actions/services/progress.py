"""Update an action's progress with its RAG, keep its milestones, and record what somebody expects of it or of an event.

Also has what all acts on an action share. A removed milestone stays in the database and no longer counts. A new due
date, a removal and a mark as not done need a reason. These are among the changes of its action.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, ActionChange, ActionUpdate, ChangedField, Event, Expectation, Milestone, Way
from actions.models.plan import LONGEST_TEXT
from actions.permissions import check_can_tell_events, check_can_update
from actions.workflow import EXPLAINED, ActionState, Rag
from boards.permissions import check_can_coordinate
from boards.services.area import changes_between, why_not_chosen
from core import audit
from core.calendar import Month, date_label
from core.database import lock_row
from core.forms.pages import check_revision, checked_reason, is_sent_twice, now_has
from core.labels import TransitionRefused
from core.models import User
from core.texts import one_line, tidy_text
from indicators.models import Indicator

LONGEST_TITLE: int = Action._meta.get_field("title").max_length or 0
LONGEST_WORDS: int = ActionChange._meta.get_field("before").max_length or 0
LONGEST_RAG_WHY: int = Action._meta.get_field("rag_why").max_length or 0
FIRST_YEAR, LAST_YEAR = 2000, 2100  # possible years in a plan


def locked(action: Action) -> Action:
    """Return the action as it is now, locked until the end of the transaction."""
    return lock_row(Action.objects.select_related("area", "strand", "board", "agency", "owner", "measure"), action.pk)


def check_open(action: Action) -> None:
    """Raise TransitionRefused if it isn't open."""
    if action.state == ActionState.ARCHIVED:
        raise TransitionRefused(f"{action.reference} is archived: the coordinator can bring it back into the plan.")
    if action.state != ActionState.OPEN:
        raise TransitionRefused(f"{action.reference} is complete: reopen it first.")


def read_title(title: str) -> tuple[str, str]:
    """Return a title on one line, and what is wrong with it as a sentence, or nothing."""
    title = one_line(title)
    if not title:
        return title, "Enter in a few words what will be done, such as “Train all housing workers”."
    if len(title) > LONGEST_TITLE:
        return title, f"Shorten the title to {LONGEST_TITLE} characters; it has {len(title):,}."
    if title.casefold().startswith("to "):
        return title, "Start with the verb itself: “Train all housing workers”, not “To train”."
    if title.endswith(".") and not title.endswith("…"):
        return title, "Remove the full stop: a title isn’t a sentence."
    return title, ""


def is_in_range(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


OUT_OF_RANGE = f"Enter a day between {FIRST_YEAR} and {LAST_YEAR}."


def read_text(text: str) -> str:
    """Return the text to save. Raises ValidationError if it is too long."""
    text = tidy_text(text)
    if len(text) > LONGEST_TEXT:
        raise ValidationError({"text": f"Shorten the update to {LONGEST_TEXT:,} characters; it has {len(text):,}."})
    return text


# --- Updates ---------------------------------------------------------------------------------------


@transaction.atomic
def add_update(action: Action, *, text: str, rag: Rag, rag_why: str = "", by: User) -> ActionUpdate:
    """Add an update to an open action: a text and its RAG from now on, with a reason for amber or red.

    It accepts the same text as last month. The form's page makes sure that a form is accepted once.
    """
    check_can_update(action, by=by)
    rag_why = one_line(rag_why)
    errors = {}
    if not tidy_text(text):
        errors["text"] = "Enter what was done, or what is in the way."
    if rag is Rag.BLUE:
        errors["rag"] = "Blue means complete: mark the action as complete instead."
    elif rag in EXPLAINED and not rag_why:
        errors["rag_why"] = f"Say why it is {rag.value}."
    elif len(rag_why) > LONGEST_RAG_WHY:
        errors["rag_why"] = f"Shorten the reason to {LONGEST_RAG_WHY} characters; it has {len(rag_why):,}."
    if errors:
        raise ValidationError(errors)
    text = read_text(text)
    rag_why = rag_why if rag in EXPLAINED else ""
    action = locked(action)
    check_open(action)
    before = action.rag
    action.rag, action.rag_why = rag.value, rag_why
    action.save(update_fields=["rag", "rag_why"])
    update = write_update(action, text, by=by)
    details = {"from": before, "to": rag.value, "why": rag_why}
    audit.record("action.updated", action, by=by, area=action.area.slug, **details, update=update.pk)
    return update


def write_update(action: Action, text: str, *, by: User) -> ActionUpdate:
    """Add an update with the action's current RAG."""
    return ActionUpdate.objects.create(
        action=action, text=text, rag=action.rag, rag_why=action.rag_why, made_at=timezone.now(), made_by=by
    )


def judgement_before(action: Action) -> tuple[str, str]:
    """Return the action's RAG and its reason when it was last open."""
    # Meta.ordering has the newest first.
    last = action.updates.exclude(rag=Rag.BLUE.value).first()
    return (last.rag, last.rag_why) if last else (Rag.GREEN.value, "")


def keep_change(action: Action, field: ChangedField, before: str, after: str, *, why: str, by: User) -> None:
    """Save a change of an action: the old and the new value as text, and why."""
    ActionChange.objects.create(
        action=action,
        field=field.value,
        # Cut here: PostgreSQL refuses a longer text, and SQLite doesn't notice.
        before=before[:LONGEST_WORDS],
        after=after[:LONGEST_WORDS],
        why=why,
        made_at=timezone.now(),
        made_by=by,
    )


# --- Milestones ------------------------------------------------------------------------------------


@transaction.atomic
def add_milestone(action: Action, *, title: str, due_on: date, by: User) -> Milestone:
    """Add a milestone to an open action."""
    check_can_coordinate(action.area, by=by)
    action = locked(action)
    check_open(action)
    # Removed ones count too, so no position is used twice.
    milestone = Milestone(action=action, position=action.milestones.count() + 1)
    _fill(milestone, title, due_on)
    milestone.save()
    _note("added", milestone, by=by, due_on=str(due_on))
    return milestone


@transaction.atomic
def change_milestone(
    milestone: Milestone, *, title: str, due_on: date, revision: int, why: str = "", by: User
) -> Milestone:
    """Change a milestone's title or due date. A new due date needs a reason, and the old one is saved."""
    check_can_coordinate(milestone.action.area, by=by)
    milestone = _find(milestone)
    _check_there(milestone)
    before = Milestone.objects.get(pk=milestone.pk)
    _fill(milestone, title, due_on)
    changes = changes_between(before, milestone)
    if not changes:
        return milestone  # nothing to do, or a form that was sent twice
    check_revision(before, revision, told=now_has(before, changes, name=_quoted(before)))
    is_moved = before.due_on != milestone.due_on
    why = checked_reason(why, missing="Say why you are changing the due date." if is_moved else "")
    milestone.revision += 1
    milestone.save(update_fields=[*changes, "revision"])
    if is_moved:
        _keep(milestone, _due(before), _due(milestone), why=why, by=by)
    words = {"from": [before.title, str(before.due_on)], "to": [milestone.title, str(milestone.due_on)]}
    _note("changed", milestone, by=by, **words, why=why)
    return milestone


@transaction.atomic
def remove_milestone(milestone: Milestone, *, why: str, revision: int, by: User) -> Milestone:
    """Remove a milestone that isn't done and isn't needed. It stays in the database and no longer counts."""
    check_can_coordinate(milestone.action.area, by=by)
    why = checked_reason(why, missing="Say why you are removing it.")
    milestone = _find(milestone)
    if is_sent_twice(milestone, removed_why=why, removed_by=by):
        return milestone
    _check_there(milestone)
    # A constraint refuses a removed milestone that is done: a step that was taken stays.
    if milestone.is_done:
        raise TransitionRefused(f"{_quoted(milestone)} is done, so you can’t remove it.")
    check_revision(milestone, revision, told=f"{_due(milestone)} was changed after you opened this form.")
    milestone.revision += 1
    milestone.removed_at, milestone.removed_by, milestone.removed_why = timezone.now(), by, why
    milestone.save(update_fields=["removed_at", "removed_by", "removed_why", "revision"])
    _keep(milestone, _due(milestone), "removed", why=why, by=by)
    _note("removed", milestone, by=by, **{"from": str(milestone.due_on), "to": "removed"}, why=why)
    return milestone


@transaction.atomic
def tick_milestone(milestone: Milestone, *, done: bool, why: str = "", by: User) -> Milestone:
    """Mark a milestone as done; or, with a reason, as not done."""
    check_can_update(milestone.action, by=by)
    why = "" if done else checked_reason(why, missing="Say why you are marking it as not done.")
    milestone = _find(milestone)
    _check_there(milestone)
    if milestone.is_done == done:
        # Somebody ticked a box or pressed a button twice.
        if not done and not is_sent_twice(milestone, undone_why=why, undone_by=by):
            raise TransitionRefused(f"{_quoted(milestone)} is already marked as not done.")
        return milestone
    if done:
        milestone.done_at, milestone.done_by = timezone.now(), by
    else:
        # Before the day is emptied: this text has it.
        _keep(milestone, f"{_quoted(milestone)} (done on {_day(milestone)})", "not done", why=why, by=by)
        milestone.done_at = milestone.done_by = None
        milestone.undone_at, milestone.undone_by, milestone.undone_why = timezone.now(), by, why
    milestone.save(update_fields=["done_at", "done_by", "undone_at", "undone_by", "undone_why"])
    states = ("to do", "done") if done else ("done", "to do")
    _note("done" if done else "undone", milestone, by=by, **dict(zip(("from", "to"), states, strict=True)), why=why)
    return milestone


@transaction.atomic
def tick_milestones(milestones: Iterable[Milestone], *, by: User) -> None:
    """Mark milestones as done, all of them or none."""
    for milestone in milestones:
        tick_milestone(milestone, done=True, by=by)


def open_milestones(action: Action) -> list[Milestone]:
    return list(action.milestones.filter(done_at=None, removed_at=None))


# --- What they have in common -----------------------------------------------------------------------


def _find(milestone: Milestone) -> Milestone:
    """Return the milestone as it is now, with its open action, locked."""
    # The action's lock covers its milestones: every act on one takes it first.
    action = locked(milestone.action)
    check_open(action)
    milestone = Milestone.objects.select_related("removed_by").get(pk=milestone.pk)
    milestone.action = action
    return milestone


def _check_there(milestone: Milestone) -> None:
    """Raise TransitionRefused if it was removed."""
    if milestone.removed_at is not None:
        day = date_label(timezone.localdate(milestone.removed_at))
        raise TransitionRefused(
            f"{milestone.removed_by} removed {_quoted(milestone)} from {milestone.action.reference} on {day}: "
            f"{milestone.removed_why}"
        )


def _fill(milestone: Milestone, title: str, due_on: date) -> None:
    """Set the fields."""
    title, wrong = read_title(title)
    errors = {"title": wrong} if wrong else {}
    action = milestone.action
    if not action.starts_on <= due_on <= action.due_on:
        errors["due_on"] = (
            f"{action.reference} runs from {date_label(action.starts_on)} to {date_label(action.due_on)}: "
            "choose a due date in that time."
        )
    if errors:
        raise ValidationError(errors)
    milestone.title, milestone.due_on = title, due_on


def _quoted(milestone: Milestone) -> str:
    return f"“{milestone.title}”"


def _due(milestone: Milestone) -> str:
    return f"{_quoted(milestone)} (due {date_label(milestone.due_on)})"


def _day(milestone: Milestone) -> str:
    """Return the day on which it was done."""
    return date_label(timezone.localdate(milestone.done_at))


def _keep(milestone: Milestone, before: str, after: str, *, why: str, by: User) -> None:
    keep_change(milestone.action, ChangedField.MILESTONE, before, after, why=why, by=by)


def _note(act: str, milestone: Milestone, *, by: User, **details: object) -> None:
    action = milestone.action
    audit.record(f"milestone.{act}", milestone, by=by, area=action.area.slug, action=action.reference, **details)


MOST_PERCENT = {Way.FALL: 100, Way.RISE: 1000}
LONGEST_MONTHS = 120  # from its start


@dataclass(frozen=True, slots=True)
class ExpectationDraft:
    """What somebody expects. None is what they haven't said."""

    indicator: Indicator | None
    way: Way | None
    percent: int | None
    by_month: Month | None


@transaction.atomic
def expect_of_action(action: Action, draft: ExpectationDraft, *, by: User) -> Expectation:
    """Save what somebody expects of an action."""
    check_can_update(action, by=by)
    action = locked(action)
    check_open(action)
    said = Expectation(action=action, begins_on=action.starts_on)
    return _add(said, draft, action.reference, current=[action.measure_id], by=by)


@transaction.atomic
def expect_of_event(event: Event, draft: ExpectationDraft, *, by: User) -> Expectation:
    """Save what somebody expects of an event, for an indicator that it names."""
    check_can_tell_events(event.area, event.board, by=by)
    event = Event.objects.select_for_update(of=("self",)).select_related("area").get(pk=event.pk)
    if event.removed_at is not None:
        raise TransitionRefused(f"{event.reference} was removed, so you can’t say what you expect of it.")
    aimed_at = [aim.indicator_id for aim in event.aims.all()]
    if draft.indicator is not None and draft.indicator.pk not in aimed_at:
        raise ValidationError(
            {"indicator": f"{event.reference} doesn’t name {draft.indicator}: add this indicator to the event first."}
        )
    said = Expectation(event=event, begins_on=event.starts_on)
    return _add(said, draft, event.reference, current=aimed_at, by=by)


def _add(
    said: Expectation, draft: ExpectationDraft, reference: str, *, current: Collection[int | None], by: User
) -> Expectation:
    """Save it. `current` are the indicators that the action or event names: they may be retired."""
    about = said.action or said.event
    if about is None:
        raise ValueError("Choose an action or an event.")
    if errors := _find_faults(draft, said.begins_on, area_id=about.area_id, current=current):
        raise ValidationError(errors)
    said.indicator, said.way, said.percent = draft.indicator, draft.way, draft.percent  # type: ignore[assignment]
    said.by_month = draft.by_month.first_day  # type: ignore[union-attr]
    same = {"indicator": said.indicator, "way": said.way, "percent": said.percent, "by_month": said.by_month}
    # Only the newest: the same view again, after another one, is a new row.
    newest = about.expectations.order_by("-made_at", "-id").first()
    if newest is not None and is_sent_twice(newest, **same, made_by=by):
        return newest
    said.made_at, said.made_by = timezone.now(), by
    # From here on a trigger refuses any change, so nobody can make it look said beforehand.
    said.save()
    facts = {"about": reference, "indicator": said.indicator.code, "said": said.words}
    audit.record("expectation.added", said, by=by, area=about.area.slug, **facts)
    return said


def _find_faults(
    draft: ExpectationDraft, begins_on: date, *, area_id: int, current: Collection[int | None]
) -> dict[str, str]:
    errors = {}
    if draft.indicator is None:
        errors["indicator"] = "Choose the indicator that should change."
    elif why := why_not_chosen(draft.indicator, area_id=area_id, held=current):
        errors["indicator"] = why
    if draft.way is None:
        errors["way"] = "Say whether it should fall or rise."
    if draft.percent is None:
        errors["percent"] = "Enter by roughly how much, in per cent."
    elif draft.way is not None and not 1 <= draft.percent <= MOST_PERCENT[draft.way]:
        errors["percent"] = f"Enter a {draft.way.value} of 1 to {MOST_PERCENT[draft.way]} per cent."
    if draft.by_month is None:
        errors["by_month"] = "Choose by which month."
    else:
        begins = Month.of(begins_on)
        if draft.by_month < begins:
            errors["by_month"] = f"The work starts in {begins.label}: choose that month or a later one."
        elif draft.by_month - begins > LONGEST_MONTHS:
            errors["by_month"] = f"Choose a month within {LONGEST_MONTHS // 12} years of its start."
    return errors
