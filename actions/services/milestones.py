"""Add an action's milestones, change them, and mark them as done.

A removed milestone stays in the database and no longer counts. A new due date, a removal and a mark as not done need a
reason. These are among the changes of its action.
"""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, ChangedField, Milestone
from actions.permissions import check_can_update
from actions.services.progress import check_open, keep_change, locked, read_title
from boards.permissions import check_can_coordinate
from boards.services.setup import changes_between
from core import audit
from core.models import User
from core.months import date_label
from core.services.reasons import checked_reason
from core.services.revisions import check_revision, now_has
from core.services.sent_once import is_sent_twice
from core.transitions import TransitionRefused


@transaction.atomic
def add_milestone(action: Action, *, title: str, due_on: date, by: User) -> Milestone:
    """Add a milestone to an open action.

    Raises PermissionDenied, TransitionRefused (the action isn't open), or ValidationError by field.
    """
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
    """Change a milestone's title or due date. A new due date needs a reason, and the old one is saved.

    `revision` is the one that the form was opened with. Raises PermissionDenied, ChangedMeanwhile (somebody else saved
    first), TransitionRefused (it was removed, or the action isn't open), or ValidationError by field.
    """
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
    """Remove a milestone that isn't done and isn't needed. It stays in the database and no longer counts.

    Raises as change_milestone does; also TransitionRefused if it is done.
    """
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
    """Mark a milestone as done; or, with a reason, as not done.

    Raises PermissionDenied, TransitionRefused (it was removed, the action isn't open, or somebody else marked it as not
    done), or ValidationError (no reason).
    """
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
    """Mark milestones as done, all of them or none. Raises as tick_milestone does."""
    for milestone in milestones:
        tick_milestone(milestone, done=True, by=by)


def open_milestones(action: Action) -> list[Milestone]:
    return list(action.milestones.filter(done_at=None, removed_at=None))


# --- What they have in common -----------------------------------------------------------------------


def _find(milestone: Milestone) -> Milestone:
    """Return the milestone as it is now, with its open action, locked. Raises TransitionRefused."""
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
            f"{milestone.removed_by} took {_quoted(milestone)} out of {milestone.action.reference} on {day}: "
            f"{milestone.removed_why}"
        )


def _fill(milestone: Milestone, title: str, due_on: date) -> None:
    """Set the fields. Raises ValidationError by field."""
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
