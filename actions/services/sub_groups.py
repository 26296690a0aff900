"""Set up a sub-group, change it, retire it, and bring it back."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import SubGroup
from actions.models.meetings import LONGEST_REMIT
from actions.selectors.plan import list_members
from actions.workflow import MeetingState
from boards.models import CODE, Board, PartnershipArea
from boards.permissions import check_can_coordinate
from boards.services.choices import why_not_chosen
from boards.services.setup import changes_between, lock_area
from core import audit
from core.models import User
from core.services.reasons import checked_reason
from core.services.revisions import check_revision, now_has
from core.services.sent_once import is_sent_twice
from core.texts import one_line, tidy_text
from core.transitions import TransitionRefused

LONGEST_NAME: int = SubGroup._meta.get_field("name").max_length or 0
LONGEST_CODE: int = SubGroup._meta.get_field("code").max_length or 0
TAKEN_CODES = frozenset({"add"})  # one of our addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class SubGroupDraft:
    """The content of a sub-group."""

    name: str
    remit: str
    board: Board
    members: tuple[User, ...] = ()
    chair: User | None = None


@transaction.atomic
def add_sub_group(area: PartnershipArea, code: str, draft: SubGroupDraft, *, by: User) -> SubGroup:
    """Set up a sub-group. Addresses use its code, so it can't change.

    Raises PermissionDenied, or ValidationError by field for an invalid draft.
    """
    check_can_coordinate(area, by=by)
    # Two sub-groups added together could otherwise take the same code.
    lock_area(area)
    code = code.strip()
    group = SubGroup(area=area, code=code)
    wrong = _wrong_code(area, code)
    _fill(group, draft, held=frozenset(), errors={"code": wrong} if wrong else {})
    group.save()
    group.members.set(draft.members)
    details = {"reports_to": group.board.code, "members": _named(draft.members), "chair": _email(group.chair)}
    audit.record("sub_group.added", group, by=by, area=area.slug, **details)
    return group


@transaction.atomic
def change_sub_group(group: SubGroup, draft: SubGroupDraft, *, revision: int, by: User) -> SubGroup:
    """Change a sub-group, or its members. `revision` is the one that the form was opened with.

    Raises PermissionDenied, ChangedMeanwhile (somebody else saved first), TransitionRefused (it is retired), or
    ValidationError by field.
    """
    check_can_coordinate(group.area, by=by)
    group = _locked(group)
    if group.retired:
        raise TransitionRefused(f"{group} is retired: bring it back first.")
    before = SubGroup.objects.select_related("board", "chair").get(pk=group.pk)
    members = list(group.members.all())
    _fill(group, draft, held=frozenset(person.pk for person in members), errors={})
    changes = changes_between(before, group)
    names, chosen = _named(members), _named(draft.members)
    if names != chosen:
        changes["members"] = [names, chosen]
    if not changes:
        return group  # nothing to do, or a form that was sent twice
    check_revision(before, revision, told=now_has(before, changes, name=before))
    group.revision += 1
    # Not `changes`: “members” isn't a column.
    group.save(update_fields=["name", "remit", "board", "chair", "revision"])
    group.members.set(draft.members)
    audit.record("sub_group.changed", group, by=by, area=group.area.slug, changes=changes)
    return group


@transaction.atomic
def retire_sub_group(group: SubGroup, *, why: str, by: User) -> SubGroup:
    """Retire a sub-group: it no longer meets. Its page and its meetings stay.

    Raises PermissionDenied, TransitionRefused (it is retired, or a meeting of it is planned), or ValidationError (no
    reason).
    """
    group, why = _begin(group, why, missing="Say why you are retiring it.", by=by)
    if group.retired:
        if is_sent_twice(group, retired_why=why, retired_by=by):
            return group
        raise TransitionRefused(f"{group} is retired already.")
    planned = group.meetings.filter(state=MeetingState.PLANNED.value).order_by("held_on").first()
    if planned is not None:
        raise TransitionRefused(f"{planned.reference} of {group} is planned. Call it off or record it first.")
    group.retired, group.retired_at, group.retired_by, group.retired_why = True, timezone.now(), by, why
    return _save_state(group, "retired", why=why, by=by)


@transaction.atomic
def bring_back_sub_group(group: SubGroup, *, why: str, by: User) -> SubGroup:
    """Bring a retired sub-group back.

    Raises PermissionDenied, TransitionRefused (it isn't retired), or ValidationError (no reason).
    """
    group, why = _begin(group, why, missing="Say why you are bringing it back.", by=by)
    if not group.retired:
        if is_sent_twice(group, brought_back_why=why, brought_back_by=by):
            return group
        raise TransitionRefused(f"{group} isn’t retired, so you can already use it.")
    group.retired, group.retired_at, group.retired_by, group.retired_why = False, None, None, ""
    group.brought_back_at, group.brought_back_by, group.brought_back_why = timezone.now(), by, why
    return _save_state(group, "brought_back", why=why, by=by)


# --- What they have in common -----------------------------------------------------------------------


def _begin(group: SubGroup, why: str, *, missing: str, by: User) -> tuple[SubGroup, str]:
    """Check the permission and the reason. Raises PermissionDenied or ValidationError."""
    check_can_coordinate(group.area, by=by)
    why = checked_reason(why, missing=missing)
    return _locked(group), why


def _locked(group: SubGroup) -> SubGroup:
    """Return it as it is now, locked: nobody can plan a meeting of it before the end of the transaction."""
    lock_area(group.area)
    return SubGroup.objects.select_related("area", "board", "chair").get(pk=group.pk)


def _save_state(group: SubGroup, act: str, *, why: str, by: User) -> SubGroup:
    group.revision += 1
    parts = [f"{name}_{part}" for name in ("retired", "brought_back") for part in ("at", "by", "why")]
    group.save(update_fields=["retired", "revision", *parts])
    audit.record(f"sub_group.{act}", group, by=by, area=group.area.slug, why=why)
    return group


def _named(people: Iterable[User]) -> str:
    return ", ".join(sorted(person.email for person in people))


def _email(person: User | None) -> str:
    return person.email if person else ""


# --- A draft, held against the area -----------------------------------------------------------------


def _fill(group: SubGroup, draft: SubGroupDraft, *, held: frozenset[int], errors: dict[str, str]) -> None:
    """Set a sub-group's fields from a draft; `held` are its current members. Raises ValidationError by field."""
    name = one_line(draft.name)
    remit = tidy_text(draft.remit)
    errors = errors | _find_faults(name, remit) | _wrong_board(group, draft) | _wrong_people(group, draft, held)
    if errors:
        raise ValidationError(errors)
    group.name, group.remit, group.board, group.chair = name, remit, draft.board, draft.chair


def _wrong_code(area: PartnershipArea, code: str) -> str:
    if not code:
        return "Enter a code."
    if len(code) > LONGEST_CODE:
        return f"Shorten the code to {LONGEST_CODE} characters; it has {len(code):,}."
    try:
        CODE(code)
    except ValidationError as wrong:
        return wrong.messages[0]
    if code in TAKEN_CODES:
        return f"“{code}” is already the address of another page: choose another code."
    if SubGroup.objects.filter(area=area, code=code).exists():
        return f"“{code}” is already in use: choose another code."
    return ""


def _find_faults(name: str, remit: str) -> dict[str, str]:
    errors = {}
    if not name:
        errors["name"] = "Enter a name."
    elif len(name) > LONGEST_NAME:
        errors["name"] = f"Shorten the name to {LONGEST_NAME} characters; it has {len(name):,}."
    if not remit:
        errors["remit"] = "Enter what the sub-group has to do."
    elif len(remit) > LONGEST_REMIT:
        errors["remit"] = f"Shorten the remit to {LONGEST_REMIT:,} characters; it has {len(remit):,}."
    return errors


def _wrong_board(group: SubGroup, draft: SubGroupDraft) -> dict[str, str]:
    """Find a retired board. The one that it already reports to may be retired."""
    why_not = why_not_chosen(draft.board, area_id=group.area_id, held=[group.board_id])
    return {"board": why_not} if why_not else {}


def _wrong_people(group: SubGroup, draft: SubGroupDraft, held: frozenset[int]) -> dict[str, str]:
    """Find people without a role. Current members may have lost every role in the area."""
    errors = {}
    new = {person.pk: person for person in draft.members if person.pk not in held}
    known = set(list_members(group.area).filter(pk__in=new).values_list("pk", flat=True))
    strangers = [str(person) for pk, person in new.items() if pk not in known]
    if strangers:
        has = "has" if len(strangers) == 1 else "have"
        errors["members"] = f"{', '.join(strangers)} {has} no role in {group.area.name}: choose people who do."
    if draft.chair is not None and draft.chair not in draft.members:
        errors["chair"] = f"{draft.chair} isn’t a member: choose a member."
    return errors
