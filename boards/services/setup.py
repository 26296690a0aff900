"""Save a part of an area's set-up: an agency, a board or a strand.

Addresses and files use a part's code, so it never changes.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from boards.models import PartnershipArea, Strand
from boards.permissions import check_can_coordinate
from boards.services.months import mark_unpublished_stale
from core import audit
from core.models import User

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


@transaction.atomic
def change_area(area: PartnershipArea, *, by: User, **values: Any) -> PartnershipArea:
    """Set fields of an area, as its coordinator. Raises PermissionDenied, or ValidationError for a wrong value."""
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
        raise ValidationError("Somebody else changed this at the same time. Check it again, then save.") from None


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
