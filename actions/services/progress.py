"""Say how an action goes: its milestones, and updates with a judgement."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, ActionUpdate, Milestone
from actions.models.plan import LONGEST_TEXT
from actions.permissions import check_can_update
from actions.workflow import EXPLAINED, ActionState, Rag
from boards.permissions import check_can_coordinate
from core import audit
from core.models import User
from core.months import date_label
from core.texts import lines_of, one_line
from core.transitions import TransitionRefused

LONGEST_TITLE: int = Action._meta.get_field("title").max_length or 0
LONGEST_RAG_WHY: int = Action._meta.get_field("rag_why").max_length or 0
FIRST_YEAR, LAST_YEAR = 2000, 2100  # of a day that a plan can name


def locked(action: Action) -> Action:
    """The action as it is now, locked to the end of the transaction."""
    actions = Action.objects.select_for_update(of=("self",))
    return actions.select_related("area", "strand", "board", "agency", "owner", "measure").get(pk=action.pk)


def check_open(action: Action) -> None:
    """Raises TransitionRefused."""
    if action.state == ActionState.ARCHIVED:
        raise TransitionRefused(f"{action.reference} is archived: the coordinator can bring it back into the plan.")
    if action.state != ActionState.OPEN:
        raise TransitionRefused(f"{action.reference} is complete: reopen it first.")


def read_title(title: str) -> tuple[str, str]:
    """A title on one line, and what is wrong with it as a sentence, or nothing."""
    title = one_line(title)
    if not title:
        return title, "Say in a few words what will be done, such as “Train all housing workers”."
    if len(title) > LONGEST_TITLE:
        return title, f"Shorten the title to {LONGEST_TITLE} characters; it has {len(title):,}."
    if title.casefold().startswith("to "):
        return title, "Begin with the verb itself: “Train all housing workers”, not “To train”."
    if title.endswith(".") and not title.endswith("…"):
        return title, "Leave out the full stop: a title isn’t a sentence."
    return title, ""


def is_in_range(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


OUT_OF_RANGE = f"Give a day between {FIRST_YEAR} and {LAST_YEAR}."


def read_text(text: str) -> str:
    """What somebody wrote, as it is kept. Raises ValidationError where it is too long."""
    text = lines_of(text)
    if len(text) > LONGEST_TEXT:
        raise ValidationError({"text": f"Shorten the update to {LONGEST_TEXT:,} characters; it has {len(text):,}."})
    return text


# --- Updates ---------------------------------------------------------------------------------------


@transaction.atomic
def add_update(action: Action, *, text: str, rag: Rag, rag_why: str = "", by: User) -> ActionUpdate:
    """Say how an open action goes: in words, with its judgement from now on, which has a reason where it is amber or
    red. The words of last month are an update too; that a form is taken once is for its page to see to.

    Raises PermissionDenied, TransitionRefused (it isn't open), or ValidationError, by field.
    """
    check_can_update(action, by=by)
    rag_why = one_line(rag_why)
    errors = {}
    if not lines_of(text):
        errors["text"] = "Say what was done, or what stands in the way."
    if rag is Rag.BLUE:
        errors["rag"] = "Blue means complete: say that the action is complete instead."
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
    update = tell(action, text, by=by)
    details = {"from": before, "to": rag.value, "why": rag_why}
    audit.record("action.updated", action, by=by, area=action.area.slug, **details, update=update.pk)
    return update


def tell(action: Action, text: str, *, by: User) -> ActionUpdate:
    """Add to what was said of an action, with its judgement as it is now."""
    return ActionUpdate.objects.create(
        action=action, text=text, rag=action.rag, rag_why=action.rag_why, made_at=timezone.now(), made_by=by
    )


def judgement_before(action: Action) -> tuple[str, str]:
    """How an action was judged, and why, when it was last open."""
    last = action.updates.exclude(rag=Rag.BLUE.value).first()
    return (last.rag, last.rag_why) if last else (Rag.GREEN.value, "")


# --- Milestones ------------------------------------------------------------------------------------


@transaction.atomic
def add_milestone(action: Action, *, title: str, due_on: date, by: User) -> Milestone:
    """Give an open action another step.

    Raises PermissionDenied, TransitionRefused (it isn't open), or ValidationError, by field.
    """
    check_can_coordinate(action.area, by=by)
    action = locked(action)
    check_open(action)
    milestone = Milestone(action=action, position=action.milestones.count() + 1)
    _fill(milestone, title, due_on)
    milestone.save()
    _note("added", milestone, by=by, due_on=str(due_on))
    return milestone


@transaction.atomic
def change_milestone(milestone: Milestone, *, title: str, due_on: date, by: User) -> Milestone:
    """Name a step otherwise, or make it due on another day. Raises as add_milestone does; also
    Milestone.DoesNotExist for one that somebody has taken out."""
    milestone = _locked(milestone, by=by)
    before = (milestone.title, milestone.due_on)
    _fill(milestone, title, due_on)
    if before != (milestone.title, milestone.due_on):
        milestone.save(update_fields=["title", "due_on"])
        words = {"from": [before[0], str(before[1])], "to": [milestone.title, str(milestone.due_on)]}
        _note("changed", milestone, by=by, **words)
    return milestone


@transaction.atomic
def remove_milestone(milestone: Milestone, *, by: User) -> None:
    """Take out a step that isn't needed any more, and wasn't done.

    Raises PermissionDenied, TransitionRefused (it is done, or the action isn't open), or Milestone.DoesNotExist.
    """
    milestone = _locked(milestone, by=by)
    if milestone.is_done:
        raise TransitionRefused(f"“{milestone.title}” is done, so it stays.")
    _note("removed", milestone, by=by, due_on=str(milestone.due_on))
    milestone.delete()


@transaction.atomic
def tick_milestone(milestone: Milestone, *, done: bool, by: User) -> Milestone:
    """Say that a step is done, or that it isn't after all.

    Raises PermissionDenied, TransitionRefused (the action isn't open), or Milestone.DoesNotExist.
    """
    check_can_update(milestone.action, by=by)
    milestone = _find(milestone)
    if milestone.is_done == done:
        return milestone  # a box that was ticked twice
    milestone.done_at, milestone.done_by = (timezone.now(), by) if done else (None, None)
    milestone.save(update_fields=["done_at", "done_by"])
    _note("done" if done else "undone", milestone, by=by)
    return milestone


def open_milestones(action: Action) -> list[Milestone]:
    return list(action.milestones.filter(done_at__isnull=True))


def _locked(milestone: Milestone, *, by: User) -> Milestone:
    check_can_coordinate(milestone.action.area, by=by)
    return _find(milestone)


def _find(milestone: Milestone) -> Milestone:
    """The step as it is now, with its action, which is locked and open. Raises as tick_milestone does."""
    action = locked(milestone.action)
    check_open(action)
    milestone = Milestone.objects.get(pk=milestone.pk)
    milestone.action = action
    return milestone


def _fill(milestone: Milestone, title: str, due_on: date) -> None:
    """Raises ValidationError, by field."""
    title, wrong = read_title(title)
    errors = {"title": wrong} if wrong else {}
    action = milestone.action
    if not action.starts_on <= due_on <= action.due_on:
        errors["due_on"] = (
            f"{action.reference} runs from {date_label(action.starts_on)} to {date_label(action.due_on)}: "
            "the milestone has to be due in that time."
        )
    if errors:
        raise ValidationError(errors)
    milestone.title, milestone.due_on = title, due_on


def _note(act: str, milestone: Milestone, *, by: User, **details: object) -> None:
    action = milestone.action
    audit.record(f"milestone.{act}", milestone, by=by, area=action.area.slug, action=action.reference, **details)
