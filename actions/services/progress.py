"""Update an action's progress, with its RAG. Also has what all acts on an action share."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, ActionChange, ActionUpdate, ChangedField
from actions.models.plan import LONGEST_TEXT
from actions.permissions import check_can_update
from actions.workflow import EXPLAINED, ActionState, Rag
from core import audit
from core.models import User
from core.services.locks import lock_row
from core.texts import one_line, tidy_text
from core.transitions import TransitionRefused

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

    It accepts the same text as last month. The form's page makes sure that a form is accepted once. Raises
    PermissionDenied, TransitionRefused (it isn't open), or ValidationError by field.
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
