"""An area's set-up: save its agencies, boards and strands, its settings, its signs and its public statements.

Addresses and files use the code of an agency, a board or a strand, so it never changes.
"""

from collections.abc import Collection, Iterator
from copy import copy
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone

from boards.models import Board, PartnershipArea, PublicAdvice, PublicStatements, Region, Responsibility, Strand
from boards.permissions import check_can_coordinate
from boards.services.months import mark_unpublished_stale
from core import audit
from core.forms.pages import check_revision, now_has
from core.models import User
from core.texts import LONGEST_TEXT, bounded, one_line, tidy_text

FIXED = ("code", "area")  # for every part with these fields
NOT_ON_LINES = (Strand,)  # a month's lines don't show these, so no month needs a new roll-up


@transaction.atomic
def save_part[Part: models.Model](part: Part, *, area: PartnershipArea, by: User) -> Part:
    """Save a part of the area's set-up, new or changed.

    Raises PermissionDenied, or ValidationError if the part isn't valid.
    """
    _begin(part, area=area, by=by)
    before = stored(part)
    if before is not None:
        check_fixed(part, before=before)
    store(part)
    changes = changes_between(before, part) if before else {}
    if before is None or changes:
        _note(part, "changed" if before else "added", area=area, by=by, changes=changes)
    return part


@transaction.atomic
def retire_part(part: models.Model, *, area: PartnershipArea, by: User) -> None:
    """Retire a part. Everything that already uses it stays."""
    _set_retired(part, True, area=area, by=by)


@transaction.atomic
def bring_back_part(part: models.Model, *, area: PartnershipArea, by: User) -> None:
    """Bring back a retired part."""
    _set_retired(part, False, area=area, by=by)


def _set_retired(part: Any, retired: bool, *, area: PartnershipArea, by: User) -> None:
    _begin(part, area=area, by=by)
    # As it is now, under the lock. A second press must find it done.
    part.refresh_from_db()
    if part.retired == retired:
        return  # somebody pressed the button twice
    part.retired = retired
    part.save(update_fields=["retired"])
    _note(part, "retired" if retired else "brought_back", area=area, by=by)


def _begin(part: Any, *, area: PartnershipArea, by: User) -> None:
    check_can_coordinate(area, by=by)
    lock_area(area)
    if part.area != area:
        raise ValidationError(f"{part} belongs to another area.")


def _note(
    part: models.Model, act: str, *, area: PartnershipArea, by: User, changes: dict[str, list[str]] | None = None
) -> None:
    details = {"changes": changes} if changes else {}
    audit.record(f"{part._meta.model_name}.{act}", part, by=by, area=area.slug, **details)
    if not isinstance(part, NOT_ON_LINES):
        mark_unpublished_stale(area)


def set_return_days(area: PartnershipArea, *, due_day: int, check_days: int, by: User) -> PartnershipArea:
    """Set the day of the next month on which returns are due, and the working days that the coordinator has to check
    one.

    Months that are already open keep their due dates. Raises PermissionDenied, or ValidationError if a number is out of
    range.
    """
    return change_area(area, by=by, due_day=due_day, check_days=check_days)


def set_silent_meetings(area: PartnershipArea, *, silent_meetings: int, by: User) -> PartnershipArea:
    """Set after how many meetings in a row without discussion a strand needs attention.

    Raises PermissionDenied, or ValidationError if the number is out of range.
    """
    return change_area(area, by=by, silent_meetings=silent_meetings)


def set_publisher(area: PartnershipArea, *, publisher: str, contact: str, licence: str, by: User) -> PartnershipArea:
    """Set who publishes the area's figures, whom to ask about them, and their licence, as each public page says.

    Raises PermissionDenied, or ValidationError by field.
    """
    return change_area(area, by=by, publisher=publisher, contact=contact, licence=licence)


@transaction.atomic
def change_area(area: PartnershipArea, *, by: User, **values: Any) -> PartnershipArea:
    """Set fields of an area, as its coordinator."""
    check_can_coordinate(area, by=by)
    lock_area(area)
    area = PartnershipArea.objects.get(pk=area.pk)
    for name, value in values.items():
        setattr(area, name, value)
    changes = changes_between(PartnershipArea.objects.get(pk=area.pk), area)
    if changes:
        store(area)
        audit.record("area.changed", area, by=by, area=area.slug, changes=changes)
    return area


def lock_area(area: PartnershipArea) -> None:
    """Let only one change of an area's set-up run at a time. What a service checks (the last coordinator, a free code,
    a circle of parts) is then still true when it saves."""
    # Don't lock the key. Otherwise nobody could open a month or give a role at the same time: their rows point here.
    PartnershipArea.objects.select_for_update(no_key=True).get(pk=area.pk)


def lock_region(region: Region) -> Region:
    """Lock a region's row until the transaction ends."""
    return Region.objects.select_for_update(no_key=True).get(pk=region.pk)


def next_number(model: type[models.Model], area: PartnershipArea) -> int:
    """Return the next number of an area's rows. The caller has locked the area: two rows added together would get the
    same one."""
    last: int | None = model._default_manager.filter(area=area).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def stored[Part: models.Model](part: Part) -> Part | None:
    """Return the part as stored in the database; None for a new one."""
    return None if part._state.adding else type(part)._default_manager.get(pk=part.pk)


def check_fixed(part: models.Model, *, before: models.Model) -> None:
    """Raise ValidationError if a field changed that never may."""
    for name in {field.name for field in part._meta.fields}.intersection(FIXED):
        if _differs(name, before, part):
            raise ValidationError(f"The {name} of {before} can't change, because addresses and files use it.")


def store(row: models.Model) -> None:
    """Validate a row and save it.

    Raises ValidationError, also if somebody else saved between our check and our save.
    """
    row.full_clean()
    try:
        # A savepoint: on PostgreSQL, a failed save would otherwise end the caller's transaction.
        with transaction.atomic():
            row.save()
    except IntegrityError:
        row.full_clean()  # now it sees the other row and says so
        raise ValidationError("Someone else changed this at the same time. Check it again, then save.") from None


def changes_between(before: models.Model, after: models.Model) -> dict[str, list[str]]:
    """Return what changed, as text for the audit trail: {field: [before, after]}."""
    names = [field.name for field in after._meta.concrete_fields]
    return {
        name: [_describe_value(before, name), _describe_value(after, name)]
        for name in names
        if _differs(name, before, after)
    }


def _differs(name: str, before: models.Model, after: models.Model) -> bool:
    return bool(before.serializable_value(name) != after.serializable_value(name))


def _describe_value(row: models.Model, name: str) -> str:
    value = getattr(row, name)
    return "" if value is None else str(value)


# The signs that an area without its own advice starts with.
USUAL_SIGNS = (
    "A child or young person has new clothes, a new phone or money, and can’t say where they got them",
    "Someone goes missing from home or school, or comes back late and won’t say where they were",
    "A second phone, or lots of calls and messages at all hours",
    "New friends who are older, or control what they do",
    "Train or bus tickets to places where they don’t know anyone",
    "Bruises or other injuries that they can’t explain",
    "They become quiet, afraid or angry, or carry a weapon, such as a knife",
    "Strangers visit a neighbour’s home often, or have moved in",
    "Lots of short visits to a home, day and night",
    "Curtains that are always closed, and a neighbour you rarely see now",
)
MOST_SIGNS = 30
LONGEST_SIGN = 200  # characters
LONGEST_HOW = 2000  # characters
BULLETS = "•·*-–— \t"


@transaction.atomic
def set_advice(
    area: PartnershipArea, *, signs: str, how_to_report: str, is_public: bool, revision: int, by: User
) -> PublicAdvice:
    """Save the signs, one on each line, how to report them in the area's own text, and whether the public can read
    them.

    `revision` is the one that the form was opened with, 0 if there was no advice yet. Raises PermissionDenied,
    ChangedMeanwhile (somebody else saved first), or ValidationError by field if a text is empty or too long.
    """
    check_can_coordinate(area, by=by)
    listed = tidy(signs)
    how_to_report = tidy_lines(how_to_report)
    wrong = {"signs": list(wrong_signs(listed, typed=signs))}
    if len(how_to_report) > LONGEST_HOW:
        wrong["how_to_report"] = [f"Shorten this text to {LONGEST_HOW:,} characters; it has {len(how_to_report):,}."]
    if any(wrong.values()):
        raise ValidationError({name: sentences for name, sentences in wrong.items() if sentences})
    # Lock the area: before the first advice there is no row to lock.
    lock_area(area)
    advice = PublicAdvice.objects.filter(area=area).first() or PublicAdvice(area=area)
    before = copy(advice)
    advice.signs, advice.how_to_report, advice.is_public = "\n".join(listed), how_to_report, is_public
    _save_texts(advice, before, "advice", revision=revision, by=by)
    return advice


def _save_texts(row: Any, before: Any, noun: str, *, revision: int, by: User) -> None:
    """Save an area's own texts, if they changed: the first ones, or others."""
    changes = changes_between(before, row)
    if changes:
        check_revision(before, revision, told=now_has(before, in_a_line(changes), name="This page"))
        row.revision += 1
        row.changed_at, row.changed_by = timezone.now(), by
        row.save(update_fields=[*changes, "revision", "changed_at", "changed_by"] if row.pk else None)
        verb = f"{noun}.{'changed' if before.pk else 'added'}"
        audit.record(verb, row, by=by, area=row.area.slug, changes=changes)


def in_a_line(changes: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the values as text for a sentence."""
    yes_or_no = {"True": "yes", "False": "no"}
    return {
        name: [yes_or_no.get(words, " · ".join(filter(None, words.splitlines()))) for words in pair]
        for name, pair in changes.items()
    }


def tidy(signs: str) -> list[str]:
    """Return the signs, one from each line, without duplicates and without pasted bullets."""
    lines = (one_line(one_line(line).lstrip(BULLETS)) for line in signs.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def wrong_signs(listed: list[str], *, typed: str) -> Iterator[str]:
    if not listed:
        yield "Enter the warning signs, one on each line."
    if len(listed) > MOST_SIGNS:
        yield f"Enter at most {MOST_SIGNS} signs; you entered {len(listed):,}."
    for number, sign in enumerate(listed, start=1):
        if len(sign) > LONGEST_SIGN:
            yield f"Sign {number} is too long: shorten it to {LONGEST_SIGN} characters; it has {len(sign):,}."
            return
    # Short signs many times over: the form looked for no personal details in so much text.
    if 0 < len(listed) <= MOST_SIGNS and not bounded(typed):
        yield f"Shorten the signs to {LONGEST_TEXT:,} characters, for example by removing any that are there twice."


LONGEST = 4000  # characters of each part


@transaction.atomic
def set_statements(
    area: PartnershipArea, *, privacy: str, accessibility: str, revision: int, by: User
) -> PublicStatements:
    """Save both parts. An empty part is left out of its page.

    `revision` is the one that the form was opened with, 0 if nothing was saved yet. Raises PermissionDenied,
    ChangedMeanwhile (somebody else saved first), or ValidationError by field if a text is too long.
    """
    check_can_coordinate(area, by=by)
    parts = {"privacy": tidy_lines(privacy), "accessibility": tidy_lines(accessibility)}
    wrong = {
        name: f"Shorten this text to {LONGEST:,} characters; it has {len(text):,}."
        for name, text in parts.items()
        if len(text) > LONGEST
    }
    if wrong:
        raise ValidationError(wrong)
    # Lock the area: before the first save there is no row to lock.
    lock_area(area)
    statements = PublicStatements.objects.filter(area=area).first() or PublicStatements(area=area)
    before = copy(statements)
    statements.privacy, statements.accessibility = parts["privacy"], parts["accessibility"]
    _save_texts(statements, before, "statements", revision=revision, by=by)
    return statements


def tidy_lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in tidy_text(text).splitlines())


def why_not_chosen(part: Any, *, area_id: int, held: Collection[int | None] = ()) -> str:
    """Return the reason why not, as a sentence; empty if they can.

    A retired part that is already in use (its id is in `held`) is allowed.
    """
    if part.area_id != area_id:
        return f"{part} belongs to another area."
    is_retired = getattr(part, "retired", False) or getattr(part, "retired_from", None) is not None
    return f"{part} is retired: choose another." if is_retired and part.pk not in held else ""


# A board's responsibilities have one row for each line. Challenges and offers of support can be about a row.


class Rewording(NamedTuple):
    """A line that a challenge or an offer is about, and its new text."""

    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before}\n{self.after}"

    @property
    def question(self) -> str:
        return (
            f"A challenge or an offer of support is about “{self.before}”. Does “{self.after}” mean the same in "
            f"different words? If so, tick the box. If not, put “{self.before}” back, because you can’t remove it."
        )


@transaction.atomic
def save_board(
    board: Board, *, responsibilities: list[str], same: Collection[Rewording] = (), area: PartnershipArea, by: User
) -> Board:
    """Save a board with its responsibilities. Raises as save_part and set_responsibilities do; then it saves
    neither."""
    save_part(board, area=area, by=by)
    set_responsibilities(board, responsibilities, same=same, by=by)
    return board


@transaction.atomic
def set_responsibilities(board: Board, texts: list[str], *, same: Collection[Rewording] = (), by: User) -> None:
    """Save a board's responsibilities, in this order.

    A line that stays, or gets new words in the same place, keeps its row. `same` are the rewordings that somebody
    confirmed as the same in meaning. A line with a challenge or an offer needs that. Raises PermissionDenied, or
    ValidationError if such a line is removed or changes its meaning.
    """
    check_can_coordinate(board.area, by=by)
    lock_area(board.area)
    duties = list(board.responsibilities.all())
    before = [duty.text for duty in duties]
    if texts == before:
        return
    reworded = rewordings(board, texts)
    unsaid = [rewording.question for rewording in reworded if rewording not in same]
    if unsaid:
        raise ValidationError({"responsibilities": unsaid})
    kept = matched(duties, texts)
    for duty in duties:
        if duty not in kept:
            remove_responsibility(duty)
    for position, (text, row) in enumerate(zip(texts, kept, strict=True)):
        duty = row or Responsibility(board=board)
        duty.text, duty.position = text, position
        store(duty)
    details: dict[str, Any] = {"same": reworded} if reworded else {}
    changes = {"responsibilities": ["\n".join(before), "\n".join(texts)]}
    audit.record("board.responsibilities_set", board, by=by, area=board.area.slug, changes=changes, **details)


def rewordings(board: Board, texts: list[str]) -> list[Rewording]:
    """Return the lines with a challenge or an offer whose text would change."""
    if board._state.adding:
        return []
    kept = zip(matched(list(board.responsibilities.all()), texts), texts, strict=True)
    reworded = [(duty, text) for duty, text in kept if duty is not None and duty.text != text]
    return [Rewording(duty.text, text) for duty, text in reworded if is_asked_about(duty)]


def is_asked_about(duty: Responsibility) -> bool:
    """Return whether a row of another app, such as a challenge, prevents its deletion."""
    # Found by the relations that protect it, because this app can't import those above that have them.
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: duty}).exists()
        for relation in Responsibility._meta.related_objects
        if relation.on_delete is models.PROTECT
    )


def matched(duties: list[Responsibility], texts: list[str]) -> list[Responsibility | None]:
    """Return the row for each text. Rows and texts that are left over match in order, if there are as many of each."""
    free = list(duties)
    matches: list[Responsibility | None] = []
    for text in texts:
        same = next((duty for duty in free if duty.text == text), None)
        matches.append(same)
        if same is not None:
            free.remove(same)
    if matches.count(None) == len(free):
        reworded = iter(free)
        return [duty or next(reworded) for duty in matches]
    return matches


def remove_responsibility(duty: Responsibility) -> None:
    """Remove a responsibility. Raises ValidationError if a challenge or an offer is about it."""
    try:
        duty.delete()
    # Django raises this before it deletes anything, so the transaction is still usable.
    except ProtectedError:
        raise ValidationError(
            {
                "responsibilities": f"“{duty.text}” has a challenge or an offer of support, so you can’t remove it. "
                f"Keep the line, or reword it without moving it, and keep the same number of lines."
            }
        ) from None
