"""Mark an action as complete or reopen it; archive it or bring it back.

A button that somebody presses twice does it once: the second press has the same person and text.
"""

from django.db import transaction
from django.utils import timezone

from actions.models import Action, ActionMove
from actions.permissions import check_can_update
from actions.services.milestones import open_milestones
from actions.services.progress import judgement_before, locked, read_text, write_update
from actions.workflow import ACTION, ActionState, Rag
from boards.permissions import check_can_coordinate
from boards.services.setup import lock_area
from core import audit
from core.models import User
from core.months import date_label
from core.services.reasons import checked_reason
from core.services.sent_once import is_sent_twice
from core.transitions import TransitionRefused


@transaction.atomic
def complete_action(action: Action, *, by: User, text: str = "") -> Action:
    """Mark an action as complete, with an update if there is one.

    Raises PermissionDenied, TransitionRefused (milestones are open, it is archived, or somebody else was first), or
    ValidationError (the text is too long).
    """
    check_can_update(action, by=by)
    text = read_text(text) or "Complete."
    action = locked(action)
    # Before the table of states, which would refuse the second press.
    if action.state == ActionState.COMPLETE:
        _check_same(action, text, by=by)
        return action
    _check_step(action, ActionState.COMPLETE)
    # Under the action's lock, which every act on a milestone takes: none can open before the save.
    waiting = [f"“{milestone.title}”" for milestone in open_milestones(action)]
    if waiting:
        raise TransitionRefused(
            f"{action.reference} can’t be complete yet: {', '.join(waiting)} {'is' if len(waiting) == 1 else 'are'} "
            "still to do. Tick what is done. The coordinator can remove the others."
        )
    action.state, action.rag, action.rag_why = ActionState.COMPLETE.value, Rag.BLUE.value, ""
    action.completed_at, action.completed_by = timezone.now(), by
    action.save(update_fields=["state", "rag", "rag_why", "completed_at", "completed_by"])
    write_update(action, text, by=by)
    _note(action, "completed", before=ActionState.OPEN, by=by)
    return action


@transaction.atomic
def reopen_action(action: Action, *, why: str, by: User) -> Action:
    """Reopen a complete action, with its last RAG before.

    Raises PermissionDenied, TransitionRefused, or ValidationError (no reason).
    """
    check_can_update(action, by=by)
    why = checked_reason(why, missing="Say why you are reopening it.")
    action = locked(action)
    if _was_last_move(action, ActionState.COMPLETE, ActionState.OPEN, why=why, by=by):
        return action
    if action.state != ActionState.COMPLETE:  # the coordinator brings an archived one back
        raise TransitionRefused(f"{action.reference} is {_describe_owner(action)}, so it can’t be reopened.")
    return _open_again(action, "reopened", f"Reopened: {why}", why=why, by=by)


@transaction.atomic
def archive_action(action: Action, *, why: str, by: User) -> Action:
    """Archive an action. It leaves the plan, but people can still find it among archived ones.

    Raises PermissionDenied, TransitionRefused, or ValidationError (no reason).
    """
    check_can_coordinate(action.area, by=by)
    why = checked_reason(why, missing="Say why you are archiving it.")
    # The area before the action, as for a challenge, an offer or a meeting: they check that it isn't archived.
    lock_area(action.area)
    action = locked(action)
    before = ActionState(action.state)
    if before is ActionState.ARCHIVED and is_sent_twice(action, archived_why=why, archived_by=by):
        return action
    _check_step(action, ActionState.ARCHIVED)
    action.state, action.archived_why = ActionState.ARCHIVED.value, why
    action.archived_at, action.archived_by = timezone.now(), by
    action.save(update_fields=["state", "archived_at", "archived_by", "archived_why"])
    _note(action, "archived", before=before, by=by, why=why)
    return action


@transaction.atomic
def bring_back(action: Action, *, why: str, by: User) -> Action:
    """Bring an archived action back into the plan: open, with its last RAG.

    Raises PermissionDenied, TransitionRefused, or ValidationError (no reason).
    """
    check_can_coordinate(action.area, by=by)
    why = checked_reason(why, missing="Say why you are bringing it back into the plan.")
    action = locked(action)
    if _was_last_move(action, ActionState.ARCHIVED, ActionState.OPEN, why=why, by=by):
        return action
    if action.state != ActionState.ARCHIVED:
        raise TransitionRefused(f"{action.reference} is {_describe_owner(action)}, so it is already in the plan.")
    return _open_again(action, "brought_back", f"Brought back into the plan: {why}", why=why, by=by)


def _open_again(action: Action, verb: str, text: str, *, why: str, by: User) -> Action:
    before = ActionState(action.state)
    _check_step(action, ActionState.OPEN)
    action.state = ActionState.OPEN.value
    # A constraint refuses an open action that is blue.
    action.rag, action.rag_why = judgement_before(action)
    action.completed_at = action.completed_by = action.archived_at = action.archived_by = None
    action.archived_why = ""
    states = ["state", "rag", "rag_why", "completed_at", "completed_by"]
    action.save(update_fields=[*states, "archived_at", "archived_by", "archived_why"])
    write_update(action, text, by=by)
    _note(action, verb, before=before, by=by, why=why)
    return action


def _check_same(action: Action, text: str, *, by: User) -> None:
    """Accept a second press of the button, with the same text. Raise TransitionRefused for anything else: the action
    was complete before that."""
    newest, who = action.updates.first(), action.completed_by
    if newest is not None and is_sent_twice(newest, text=text, made_by=by) and is_sent_twice(action, completed_by=by):
        return
    when = timezone.localtime(action.completed_at)
    raise TransitionRefused(
        f"{'You' if who == by else who} said on {date_label(when.date())} at {when:%H:%M} that {action.reference} is "
        "complete. We didn’t save yours: what you typed is below. To add it, reopen the action first."
    )


def _was_last_move(action: Action, before: ActionState, after: ActionState, *, why: str, by: User) -> bool:
    # Meta.ordering has the newest first.
    last = action.moves.first()
    move = {"before": before.value, "after": after.value, "why": why, "made_by": by}
    return last is not None and is_sent_twice(last, **move)


def _note(action: Action, verb: str, *, before: ActionState, by: User, why: str = "") -> None:
    ActionMove.objects.create(
        action=action, before=before.value, after=action.state, why=why, made_at=timezone.now(), made_by=by
    )
    details = {"from": before.value, "to": action.state} | ({"why": why} if why else {})
    audit.record(f"action.{verb}", action, by=by, area=action.area.slug, **details)


def _check_step(action: Action, after: ActionState) -> None:
    ACTION.check(before=ActionState(action.state), after=after, thing=action.reference)


def _describe_owner(action: Action) -> str:
    return ActionState(action.state).label.lower()
