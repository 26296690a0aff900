"""Add an action to the plan, change, complete, reopen and archive it, and hand over one person's open work.

A button that somebody presses twice does it once: the second press has the same person and text. Milestones and
updates are in actions.services.progress.
"""

from dataclasses import dataclass, fields, replace
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, ActionMove, Challenge, ChangedField, Meeting
from actions.permissions import check_can_update
from actions.selectors.plan import is_member, list_open_actions, list_open_challenges
from actions.services.challenges import hand_over_challenge
from actions.services.progress import (
    OUT_OF_RANGE,
    ExpectationDraft,
    check_open,
    expect_of_action,
    is_in_range,
    judgement_before,
    keep_change,
    locked,
    open_milestones,
    read_text,
    read_title,
    write_update,
)
from actions.workflow import ACTION, ActionState, MeetingState, Rag
from boards.models import Agency, Board, PartnershipArea, Strand
from boards.permissions import check_can_coordinate
from boards.services.area import changes_between, lock_area, next_number, why_not_chosen
from core import audit
from core.calendar import date_label
from core.forms.pages import check_revision, checked_reason, is_sent_twice, now_has
from core.labels import TransitionRefused
from core.models import User
from core.texts import one_line, read_reason
from indicators.models import Indicator


@transaction.atomic
def complete_action(action: Action, *, by: User, text: str = "") -> Action:
    """Mark an action as complete, with an update if there is one."""
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
    _record_move(action, "completed", before=ActionState.OPEN, by=by)
    return action


@transaction.atomic
def reopen_action(action: Action, *, why: str, by: User) -> Action:
    """Reopen a complete action, with its last RAG before."""
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
    """Archive an action. It leaves the plan, but people can still find it among archived ones."""
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
    _record_move(action, "archived", before=before, by=by, why=why)
    return action


@transaction.atomic
def bring_back(action: Action, *, why: str, by: User) -> Action:
    """Bring an archived action back into the plan: open, with its last RAG."""
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
    _record_move(action, verb, before=before, by=by, why=why)
    return action


def _check_same(action: Action, text: str, *, by: User) -> None:
    """Accept a second press of the button, with the same text. Raise TransitionRefused for anything else: the action
    was complete before that."""
    newest, who = action.updates.first(), action.completed_by
    if newest is not None and is_sent_twice(newest, text=text, made_by=by) and is_sent_twice(action, completed_by=by):
        return
    when = timezone.localtime(action.completed_at)
    raise TransitionRefused(
        f"{'You' if who == by else who} marked {action.reference} as complete on {date_label(when.date())} at "
        f"{when:%H:%M}. We didn’t save your update: what you typed is below. To add it, reopen the action first."
    )


def _was_last_move(action: Action, before: ActionState, after: ActionState, *, why: str, by: User) -> bool:
    # Meta.ordering has the newest first.
    last = action.moves.first()
    move = {"before": before.value, "after": after.value, "why": why, "made_by": by}
    return last is not None and is_sent_twice(last, **move)


def _record_move(action: Action, verb: str, *, before: ActionState, by: User, why: str = "") -> None:
    ActionMove.objects.create(
        action=action, before=before.value, after=action.state, why=why, made_at=timezone.now(), made_by=by
    )
    details = {"from": before.value, "to": action.state} | ({"why": why} if why else {})
    audit.record(f"action.{verb}", action, by=by, area=action.area.slug, **details)


def _check_step(action: Action, after: ActionState) -> None:
    ACTION.check(before=ActionState(action.state), after=after, thing=action.reference)


def _describe_owner(action: Action) -> str:
    return ActionState(action.state).label.lower()


NO_MEASURE = "Choose the indicator that this action aims to change, or say why there is none."
TWO_ANSWERS = "You chose an indicator, so leave this reason empty."
LONGEST_NO_MEASURE: int = Action._meta.get_field("no_measure_why").max_length or 0


@dataclass(frozen=True, slots=True)
class ActionDraft:
    """The content of an action."""

    title: str
    strand: Strand
    board: Board
    agency: Agency
    owner: User
    starts_on: date
    due_on: date
    measure: Indicator | None = None
    no_measure_why: str = ""
    decided_in: Meeting | None = None  # set only when it is added


@transaction.atomic
def add_action(
    area: PartnershipArea, draft: ActionDraft, *, expected: ExpectationDraft | None = None, by: User
) -> Action:
    """Add an action to the plan: open and green, with the area's next number. If somebody said what they expect of its
    measure, save that too."""
    check_can_coordinate(area, by=by)
    # For the number: two actions added together would get the same one.
    lock_area(area)
    action = Action(area=area, number=next_number(Action, area), added_at=timezone.now(), added_by=by)
    _fill(action, draft)
    action.save()
    details = {"owner": action.owner.email, "due_on": str(action.due_on)}
    details |= {"decided_in": action.decided_in.reference} if action.decided_in else {}
    audit.record("action.added", action, by=by, area=area.slug, **details)
    if expected is not None:
        if action.measure is None:
            raise ValidationError({"way": "It is not linked to an indicator, so leave this empty."})
        # In the same transaction: if it is refused, the action isn't added either.
        expect_of_action(action, replace(expected, indicator=action.measure), by=by)
    return action


@transaction.atomic
def change_action(action: Action, draft: ActionDraft, *, revision: int, why: str = "", by: User) -> Action:
    """Change an open action. A new owner or due date needs a reason, and the old one is saved."""
    check_can_coordinate(action.area, by=by)
    action = locked(action)
    check_open(action)
    before = Action.objects.select_related("owner").get(pk=action.pk)
    _fill(action, draft)
    changes = changes_between(before, action)
    if not changes:
        return before  # nothing to do, or a form that was sent twice
    check_revision(before, revision, told=now_has(before, changes, name=action.reference))
    kept = [field for field in (ChangedField.OWNER, ChangedField.DUE_ON) if field.value in changes]
    why = checked_reason(why, missing=_why_missing(kept))
    action.revision += 1
    steps = action.milestones.filter(removed_at=None)
    # No constraint can compare two tables, and milestones are added under the same lock.
    if late := steps.exclude(due_on__range=(action.starts_on, action.due_on)).first():
        raise ValidationError(
            {
                "due_on": f"“{late.title}” is due on {date_label(late.due_on)}, outside these dates. Change that due "
                f"date first."
            }
        )
    action.save(update_fields=[*changes, "revision"])
    for field in kept:
        keep_change(action, field, *_describe_change(before, action, field), why=why, by=by)
    audit.record("action.changed", action, by=by, area=action.area.slug, changes=changes, why=why)
    return action


@transaction.atomic
def hand_over(owner: User, to: User, *, area: PartnershipArea, why: str, by: User) -> list[Action]:
    """Hand all open actions of somebody in the area over to another person.

    Raises PermissionDenied, or ValidationError: no reason, nobody to take over, nothing to hand over.
    """
    check_can_coordinate(area, by=by)
    why = check_heir(owner, to, area=area, why=why)
    owned = Action.objects.filter(area=area, owner=owner, state=ActionState.OPEN.value)
    # PostgreSQL checks the condition again once it has the lock. What somebody else handed over is left out.
    actions = list(owned.select_for_update(of=("self",)).select_related("area").order_by("pk"))
    if not actions:
        raise ValidationError(f"{owner} has no open actions in {area.name} now.")
    for action in actions:
        action.owner = to
        action.revision += 1
        action.save(update_fields=["owner", "revision"])
        keep_change(action, ChangedField.OWNER, *told_apart(owner, to), why=why, by=by)
        people = {"from": owner.email, "to": to.email}
        audit.record("action.handed_over", action, by=by, area=area.slug, **people, why=why)
    return actions


def check_heir(owner: User, to: User, *, area: PartnershipArea, why: str) -> str:
    """Return the reason to save. Raises ValidationError by field if there is none, or nobody to take over."""
    why, wrong = read_reason(
        why, missing="Say why you are handing this over. The page of each action and challenge will show the reason."
    )
    errors = {"why": wrong} if wrong else {}
    if to == owner:
        errors["to"] = "This person already has the work: choose someone else."
    elif not is_member(to, area):
        errors["to"] = _no_member(to, area)
    if errors:
        raise ValidationError(errors)
    return why


# --- A draft, held against the area -----------------------------------------------------------------


def _fill(action: Action, draft: ActionDraft) -> None:
    """Set an action's fields from a draft."""
    title, wrong = read_title(draft.title)
    why = one_line(draft.no_measure_why)
    errors = {"title": wrong} if wrong else {}
    errors |= _wrong_parts(action, draft) | _wrong_days(draft) | _wrong_measure(draft, why)
    errors |= _wrong_meeting(action, draft.decided_in)
    if errors:
        raise ValidationError(errors)
    for field in fields(draft):
        if field.name != "decided_in" or action._state.adding:
            setattr(action, field.name, getattr(draft, field.name))
    action.title, action.no_measure_why = title, why


def _wrong_parts(action: Action, draft: ActionDraft) -> dict[str, str]:
    """Find wrong parts. What it already has may be out of use: a retired board, an owner who left."""
    errors = {}
    parts = {"strand": draft.strand, "board": draft.board, "agency": draft.agency, "measure": draft.measure}
    for name, part in parts.items():
        why_not = part and why_not_chosen(part, area_id=action.area_id, held=[getattr(action, f"{name}_id")])
        if why_not:
            errors[name] = why_not
    # The owner may have left the area: people must still be able to change the rest.
    if draft.owner.pk != action.owner_id and not is_member(draft.owner, action.area):
        errors["owner"] = _no_member(draft.owner, action.area)
    return errors


def _wrong_meeting(action: Action, meeting: Meeting | None) -> dict[str, str]:
    """Find a wrong meeting. The meeting that decided an action is set when the action is added, and stays."""
    if meeting is None or meeting.pk == action.decided_in_id:
        return {}
    if not action._state.adding:
        return {"decided_in": "You can’t change which meeting decided this action."}
    if meeting.area_id != action.area_id:
        return {"decided_in": f"{meeting} belongs to another area."}
    if meeting.state != MeetingState.HELD:
        return {"decided_in": f"{meeting.reference} isn’t recorded yet: record the meeting first."}
    return {}


def _no_member(person: User, area: PartnershipArea) -> str:
    return f"{person} has no role in {area.name}: choose someone who does."


def _wrong_days(draft: ActionDraft) -> dict[str, str]:
    days = {"starts_on": draft.starts_on, "due_on": draft.due_on}
    errors = {name: OUT_OF_RANGE for name, day in days.items() if not is_in_range(day)}
    if not errors and draft.due_on <= draft.starts_on:
        errors["due_on"] = f"The action starts on {date_label(draft.starts_on)}: choose a later due date."
    return errors


def _wrong_measure(draft: ActionDraft, why: str) -> dict[str, str]:
    if draft.measure is None:
        if not why:
            return {"measure": NO_MEASURE}
        if len(why) > LONGEST_NO_MEASURE:
            return {"no_measure_why": f"Shorten the reason to {LONGEST_NO_MEASURE} characters; it has {len(why):,}."}
        return {}
    return {"no_measure_why": TWO_ANSWERS} if why else {}


def _why_missing(kept: list[ChangedField]) -> str:
    """Return the message if the reason is missing; empty if none is needed."""
    words = " and the ".join(field.label.lower() for field in kept)
    return f"Say why you are changing the {words}." if kept else ""


def _describe_change(before: Action, after: Action, field: ChangedField) -> tuple[str, str]:
    if field is ChangedField.OWNER:
        return told_apart(before.owner, after.owner)
    return date_label(before.due_on), date_label(after.due_on)


def told_apart(one: User, other: User) -> tuple[str, str]:
    """Return two people by name, with their e-mail addresses if the names are the same."""
    if str(one) != str(other):
        return str(one), str(other)
    return f"{one} ({one.email})", f"{other} ({other.email})"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The result. `refused` are the challenges that stay unchanged, each with the reason: for example, the new person
    doesn't answer for its board or agency."""

    actions: list[Action]
    challenges: list[Challenge]
    refused: list[tuple[Challenge, str]]


@transaction.atomic
def hand_over_work(left: User, to: User, *, area: PartnershipArea, why: str, by: User) -> HandedOver:
    """Hand over every open action of somebody in the area, and each open challenge that the new person can answer.

    Raises PermissionDenied, or ValidationError: no reason, nobody to take over, or nothing that they could take over.
    """
    check_can_coordinate(area, by=by)
    why = check_heir(left, to, area=area, why=why)
    actions = hand_over(left, to, area=area, why=why, by=by) if list_open_actions(left.pk, area) else []
    challenges, refused = [], []
    # PostgreSQL checks the condition again once it has the lock. What somebody else handed over is left out.
    locked = list_open_challenges(left.pk, area).select_for_update(of=("self",))
    # Each is a transaction inside this one: a refusal undoes that challenge only.
    for challenge in locked:
        try:
            challenges.append(hand_over_challenge(challenge, to, why=why, by=by))
        except ValidationError as refusal:
            refused.append((challenge, " ".join(refusal.messages)))
        except (TransitionRefused, PermissionDenied) as refusal:
            refused.append((challenge, str(refusal)))
    if not actions and not challenges:
        if refused:
            raise ValidationError({"to": [f"{challenge.reference}: {sentence}" for challenge, sentence in refused]})
        raise ValidationError(f"{left} has no open work in {area.name} now.")
    return HandedOver(actions, challenges, refused)
