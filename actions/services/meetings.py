"""Plan a meeting, change it, call it off, and record what was discussed.

A record can be amended, with a reason: the audit log keeps the earlier ticks. Nothing is deleted.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, AgendaItem, Challenge, Meeting, SubGroup
from actions.models.meetings import LONGEST_NOTES, LONGEST_REMIT
from actions.presenters.meetings import shortened
from actions.selectors.as_at import as_at
from actions.selectors.meetings import KINDS, Key, Thing, key_of_item, make_key
from actions.selectors.plan import list_members
from actions.services.progress import OUT_OF_RANGE, is_in_range
from actions.workflow import MEETING, MeetingState, WhyProposed
from boards.models import CODE, Board, PartnershipArea, ReportingPeriod
from boards.permissions import check_can_coordinate
from boards.services.area import changes_between, lock_area, next_number, why_not_chosen
from core import audit
from core.calendar import date_label
from core.database import lock_row
from core.forms.pages import check_revision, checked_reason, is_sent_twice, now_has, now_told
from core.labels import TransitionRefused
from core.models import User
from core.texts import one_line, tidy_text

ONE_BODY = "Choose who meets: a board or a sub-group."
NO_MONTH = "Choose the month that the meeting looks at."
NOTHING_SAID = "Tick what was discussed, or enter what was said."
# A change never touches the record: notes and ticks have their own service.
FIELDS = ("board", "sub_group", "held_on", "period", "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingDraft:
    """The content of a meeting: its body, its day, and the month in a version."""

    board: Board | None = None
    sub_group: SubGroup | None = None
    held_on: date
    period: ReportingPeriod | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """Something on the agenda: why it was proposed, its subject, its text, and whether it was discussed."""

    why: WhyProposed
    thing: Thing
    words: str
    is_discussed: bool

    @property
    def key(self) -> Key:
        return make_key(self.thing)


@transaction.atomic
def plan_meeting(area: PartnershipArea, draft: MeetingDraft, *, by: User) -> Meeting:
    """Plan a meeting, with the area's next number. A meeting that was held is planned first too."""
    check_can_coordinate(area, by=by)
    # For the number, and to keep retire_sub_group out until this is saved.
    lock_area(area)
    draft = _read_again(draft)
    meeting = Meeting(area=area, number=next_number(Meeting, area), planned_at=timezone.now(), planned_by=by)
    _fill(meeting, draft)
    meeting.save()
    details = {"body": str(meeting.body), "held_on": str(meeting.held_on)} | _looked_at(meeting)
    audit.record("meeting.planned", meeting, by=by, area=area.slug, **details)
    return meeting


@transaction.atomic
def change_meeting(meeting: Meeting, draft: MeetingDraft, *, revision: int, why: str = "", by: User) -> Meeting:
    """Change who meets, when, or which month they look at.

    A meeting that was held needs a reason, and its agenda doesn't change.
    """
    check_can_coordinate(meeting.area, by=by)
    # As in plan_meeting: a sub-group mustn't retire before this is saved.
    lock_area(meeting.area)
    meeting, draft = _locked(meeting), _read_again(draft)
    _refuse(why_not_changed(meeting))
    is_held = meeting.state == MeetingState.HELD
    before = Meeting.objects.select_related("area", "board", "sub_group", "period").get(pk=meeting.pk)
    _fill(meeting, draft)
    changes = changes_between(before, meeting)
    if not changes:
        return before  # nothing to do, or a form that was sent twice
    now, yours = _facts(before), _facts(meeting)
    differs = {label: words for label, words in now.items() if words != yours[label]}
    check_revision(before, revision, told=now_told(differs or now, name=before.reference))
    if is_held:
        why = checked_reason(why, missing="The meeting has been held, so say why you are changing it.")
    meeting.revision += 1
    meeting.changed_at, meeting.changed_by = timezone.now(), by
    meeting.save(update_fields=[*FIELDS, "changed_at", "changed_by", "revision"])
    details = {"why": why} if is_held else {}
    audit.record("meeting.changed", meeting, by=by, area=meeting.area.slug, changes=changes, **details)
    return meeting


@transaction.atomic
def call_off(meeting: Meeting, *, why: str, by: User) -> Meeting:
    """Call off a planned meeting."""
    check_can_coordinate(meeting.area, by=by)
    why = checked_reason(why, missing="Say why you are cancelling it. Everyone invited can read the reason.")
    meeting = _locked(meeting)
    if is_sent_twice(meeting, called_off_why=why, called_off_by=by):
        return meeting
    _refuse(why_not_called_off(meeting))
    MEETING.check(before=MeetingState(meeting.state), after=MeetingState.CALLED_OFF, thing=meeting.reference)
    meeting.state, meeting.called_off_why = MeetingState.CALLED_OFF.value, why
    meeting.called_off_at, meeting.called_off_by = timezone.now(), by
    meeting.revision += 1
    meeting.save(update_fields=["state", "called_off_at", "called_off_by", "called_off_why", "revision"])
    audit.record("meeting.called_off", meeting, by=by, area=meeting.area.slug, **_steps(), why=why)
    return meeting


@transaction.atomic
def record_meeting(
    meeting: Meeting, items: Sequence[ItemDraft], *, notes: str, revision: int, why: str = "", by: User
) -> Meeting:
    """Record what was and wasn't discussed at a meeting.

    For a recorded meeting, amend the record, which needs a reason. Everything on the agenda stays, ticked or not.
    """
    check_can_coordinate(meeting.area, by=by)
    meeting = _locked(meeting)
    is_amended = meeting.state == MeetingState.HELD
    _refuse(why_not_recorded(meeting))
    if not is_amended:
        MEETING.check(before=MeetingState(meeting.state), after=MeetingState.HELD, thing=meeting.reference)
    notes = tidy_text(notes)
    stored = {key_of_item(item): item for item in meeting.items.select_related(*KINDS)}
    errors = _wrong_items(meeting, items, stored) | _wrong_notes(notes)
    if not errors and not notes and not any(item.is_discussed for item in items):
        errors["discussed"] = NOTHING_SAID
    if errors:
        raise ValidationError(errors)
    # In the agenda's words of the day, on both sides: a later title would look like a change.
    ticked = sorted(str(item) for item in stored.values() if item.is_discussed)
    now = sorted(_keep_wording(item, stored) for item in items if item.is_discussed)
    if is_amended and (ticked, meeting.notes) == (now, notes):
        return meeting  # nothing to do, or a form that was sent twice
    sentence = (
        f"{meeting.reference} was changed after you opened this form."  # its page says what changed, and shows both
    )
    check_revision(meeting, revision, told=sentence)
    if is_amended:
        why = checked_reason(why, missing="Say why you are changing the record. The audit log keeps the reason.")
    changes = {"notes": [meeting.notes, notes]} if meeting.notes != notes else {}
    _store_items(meeting, items, stored)
    meeting.notes = notes
    if is_amended:
        meeting.amended_at, meeting.amended_by = timezone.now(), by
    else:
        meeting.state, meeting.recorded_at, meeting.recorded_by = MeetingState.HELD.value, timezone.now(), by
    meeting.revision += 1
    people = ["recorded_at", "recorded_by", "amended_at", "amended_by"]
    meeting.save(update_fields=["state", *people, "notes", "revision"])
    details = {"why": why, "changes": changes} if is_amended else _steps(MeetingState.HELD)
    discussed = {"before": ticked, "after": now} if is_amended else now
    audit.record("meeting.recorded", meeting, by=by, area=meeting.area.slug, discussed=discussed, **details)
    return meeting


# --- What can't be done, as a sentence for the user; empty where it can ------------------------------


def why_not_changed(meeting: Meeting) -> str:
    return _was_called_off(meeting, "changed")


def why_not_called_off(meeting: Meeting) -> str:
    if meeting.state == MeetingState.HELD:
        return f"{meeting.reference} was held on {date_label(meeting.held_on)}, so it can’t be cancelled."
    return _was_called_off(meeting, "cancelled again")


def why_not_recorded(meeting: Meeting) -> str:
    if meeting.state == MeetingState.PLANNED and meeting.held_on > timezone.localdate():
        return f"{meeting.reference} is on {date_label(meeting.held_on)}: you can record it from that day."
    if meeting.state == MeetingState.CALLED_OFF:
        return f"{meeting.reference} was cancelled, so there is nothing to record."
    return ""


def _was_called_off(meeting: Meeting, done: str) -> str:
    if meeting.state != MeetingState.CALLED_OFF or meeting.called_off_at is None:
        return ""
    day = date_label(timezone.localdate(meeting.called_off_at))
    return f"{meeting.reference} was cancelled on {day}, so it can’t be {done}."


def _refuse(sentence: str) -> None:
    """Raise TransitionRefused if there is a refusal."""
    if sentence:
        raise TransitionRefused(sentence)


# --- What they have in common -----------------------------------------------------------------------


def _facts(meeting: Meeting) -> dict[str, str]:
    """Return the values of its form, as text for the second of two people."""
    period = meeting.period
    return {
        "who meets": str(meeting.body),
        "date": date_label(meeting.held_on),
        "month that it looks at": f"{period.month.label}, version {meeting.version}" if period else "",
    }


def _locked(meeting: Meeting) -> Meeting:
    """Return the meeting as it is now, locked until the end of the transaction."""
    return lock_row(Meeting.objects.select_related("area", "board", "sub_group", "period"), meeting.pk)


def _steps(after: MeetingState = MeetingState.CALLED_OFF) -> dict[str, str]:
    return {"from": MeetingState.PLANNED.value, "to": after.value}


def _looked_at(meeting: Meeting) -> dict[str, str]:
    """Return the month for the audit log."""
    return {"month": f"{meeting.period.month}, version {meeting.version}"} if meeting.period else {}


# --- A draft, held against the area -----------------------------------------------------------------


def _read_again(draft: MeetingDraft) -> MeetingDraft:
    """Load who meets again, after the area is locked: somebody may have retired the body since it was chosen."""
    board, group = draft.board, draft.sub_group
    return replace(
        draft,
        board=board and Board.objects.get(pk=board.pk),
        sub_group=group and SubGroup.objects.select_related("board").get(pk=group.pk),
    )


def _fill(meeting: Meeting, draft: MeetingDraft) -> None:
    """Set a meeting's fields from a draft."""
    errors = _wrong_body(meeting, draft) | _wrong_month(meeting, draft)
    if not is_in_range(draft.held_on):
        errors["held_on"] = OUT_OF_RANGE
    elif draft.period is not None and draft.held_on < draft.period.month.next.first_day:
        errors["held_on"] = (
            f"{draft.period.month.label} hadn’t ended by then: enter a later day, or choose another month."
        )
    elif meeting.state == MeetingState.HELD and draft.held_on > timezone.localdate():
        errors["held_on"] = "The meeting has been held: enter today’s date or an earlier one."
    if errors:
        raise ValidationError(errors)
    for name in FIELDS:
        setattr(meeting, name, getattr(draft, name))


def _wrong_body(meeting: Meeting, draft: MeetingDraft) -> dict[str, str]:
    """Find a retired body. The one that it already has may be retired."""
    if (draft.board is None) == (draft.sub_group is None):
        return {"body": ONE_BODY}
    body, current = (draft.board, meeting.board_id) if draft.board else (draft.sub_group, meeting.sub_group_id)
    why_not = why_not_chosen(body, area_id=meeting.area_id, held=[current])
    return {"body": why_not} if why_not else {}


def _wrong_month(meeting: Meeting, draft: MeetingDraft) -> dict[str, str]:
    period, version = draft.period, draft.version
    if period is None or version is None:
        if (period is None) != (version is None) or draft.board is not None:
            return {"looks_at": NO_MONTH}
        return {}
    if period.area_id != meeting.area_id:
        return {"looks_at": f"{period.month.label} belongs to another area."}
    if not period.is_published:
        return {"looks_at": f"{period.month.label} is not published yet, so the board can’t read it."}
    if version < 1:
        return {"looks_at": f"{period.month.label} has no version {version}."}
    return {}


# --- What was on the agenda -------------------------------------------------------------------------


def _wrong_notes(notes: str) -> dict[str, str]:
    if len(notes) > LONGEST_NOTES:
        return {"notes": f"Shorten the notes to {LONGEST_NOTES:,} characters; they have {len(notes):,}."}
    return {}


def _wrong_items(meeting: Meeting, items: Sequence[ItemDraft], stored: Collection[Key]) -> dict[str, str]:
    seen = set()
    for item in items:
        if item.key in seen:
            return {"discussed": f"“{item.words or item.thing}” is on the agenda twice."}
        seen.add(item.key)
        if item.thing.area_id != meeting.area_id:
            return {"discussed": f"“{item.thing}” belongs to another area."}
        if item.key not in stored and (wrong := _not_of_its_day(meeting, item.thing)):
            return {"discussed": wrong}
    return {}


def _not_of_its_day(meeting: Meeting, thing: Thing) -> str:
    """Find what was raised after the meeting's day or ended before it: nobody can have discussed it there."""
    at = as_at(meeting)
    if isinstance(thing, Challenge):
        if thing.raised_at >= at.until:
            day = date_label(timezone.localdate(thing.raised_at))
            return f"{thing.reference} was raised on {day}, after the meeting, so it can’t be added."
        over = thing.closed_at
    elif isinstance(thing, Action):
        # A complete action may be archived later: the first of the two counts.
        over = min((moment for moment in (thing.completed_at, thing.archived_at) if moment), default=None)
    else:
        return ""
    if over is not None and over < at.since:
        day = date_label(timezone.localdate(over))
        return f"{thing.reference} ended on {day}, before the meeting, so it can’t be added."
    return ""


def _keep_wording(item: ItemDraft, stored: Mapping[Key, AgendaItem]) -> str:
    """Keep the agenda's first text of an item."""
    row = stored.get(item.key)
    return row.words if row else shortened(item.words or str(item.thing))


def _store_items(meeting: Meeting, items: Sequence[ItemDraft], stored: Mapping[Key, AgendaItem]) -> None:
    """Save the items. New ones are after the existing ones, in order. An existing one that isn't in `items` wasn't
    discussed."""
    ticked = {item.key for item in items if item.is_discussed}
    for key, row in stored.items():
        row.is_discussed = key in ticked
    # Neither calls clean(). Constraints and triggers check each row all the same.
    AgendaItem.objects.bulk_update(stored.values(), ["is_discussed"])
    added = [item for item in items if item.key not in stored]
    AgendaItem.objects.bulk_create(
        AgendaItem(
            meeting=meeting,
            why=item.why.value,
            words=_keep_wording(item, stored),
            position=position,
            is_discussed=item.is_discussed,
            **{item.key[0]: item.thing},
        )
        for position, item in enumerate(added, start=len(stored))
    )


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
    """Set up a sub-group. Addresses use its code, so it can't change."""
    check_can_coordinate(area, by=by)
    # Two sub-groups added together could otherwise take the same code.
    lock_area(area)
    code = code.strip()
    group = SubGroup(area=area, code=code)
    wrong = _wrong_code(area, code)
    _fill_sub_group(group, draft, current=frozenset(), errors={"code": wrong} if wrong else {})
    group.save()
    group.members.set(draft.members)
    details = {"reports_to": group.board.code, "members": _named(draft.members), "chair": _email(group.chair)}
    audit.record("sub_group.added", group, by=by, area=area.slug, **details)
    return group


@transaction.atomic
def change_sub_group(group: SubGroup, draft: SubGroupDraft, *, revision: int, by: User) -> SubGroup:
    """Change a sub-group, or its members."""
    check_can_coordinate(group.area, by=by)
    group = _locked_sub_group(group)
    if group.retired:
        raise TransitionRefused(f"{group} is retired: bring it back first.")
    before = SubGroup.objects.select_related("board", "chair").get(pk=group.pk)
    members = list(group.members.all())
    _fill_sub_group(group, draft, current=frozenset(person.pk for person in members), errors={})
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
    """Retire a sub-group: it no longer meets. Its page and its meetings stay."""
    group, why = _begin(group, why, missing="Say why you are retiring it.", by=by)
    if group.retired:
        if is_sent_twice(group, retired_why=why, retired_by=by):
            return group
        raise TransitionRefused(f"{group} is retired already.")
    planned = group.meetings.filter(state=MeetingState.PLANNED.value).order_by("held_on").first()
    if planned is not None:
        raise TransitionRefused(f"{planned.reference} of {group} is still planned. Cancel it or record it first.")
    group.retired, group.retired_at, group.retired_by, group.retired_why = True, timezone.now(), by, why
    return _save_state(group, "retired", why=why, by=by)


@transaction.atomic
def bring_back_sub_group(group: SubGroup, *, why: str, by: User) -> SubGroup:
    """Bring a retired sub-group back."""
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
    """Check the permission and the reason."""
    check_can_coordinate(group.area, by=by)
    why = checked_reason(why, missing=missing)
    return _locked_sub_group(group), why


def _locked_sub_group(group: SubGroup) -> SubGroup:
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


def _fill_sub_group(group: SubGroup, draft: SubGroupDraft, *, current: frozenset[int], errors: dict[str, str]) -> None:
    """Set a sub-group's fields from a draft; `current` are its current members."""
    name = one_line(draft.name)
    remit = tidy_text(draft.remit)
    errors = errors | _find_faults(name, remit) | _wrong_board(group, draft) | _wrong_people(group, draft, current)
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


def _wrong_people(group: SubGroup, draft: SubGroupDraft, current: frozenset[int]) -> dict[str, str]:
    """Find people without a role. Current members may have lost every role in the area."""
    errors = {}
    new = {person.pk: person for person in draft.members if person.pk not in current}
    members = set(list_members(group.area).filter(pk__in=new).values_list("pk", flat=True))
    strangers = [str(person) for pk, person in new.items() if pk not in members]
    if strangers:
        has = "has" if len(strangers) == 1 else "have"
        errors["members"] = f"{', '.join(strangers)} {has} no role in {group.area.name}: choose people who do."
    if draft.chair is not None and draft.chair not in draft.members:
        errors["chair"] = f"{draft.chair} isn’t a member: choose a member."
    return errors
