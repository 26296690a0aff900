"""Decides who may see the line names, adds or retires one, and shows those of an origin.

A name is written only in its own row. The record of a look says which origin, who and why, but no name.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea
from boards.permissions import access_to, check_decides_alone
from boards.services.area import lock_area
from core import audit
from core.forms.pages import checked_reason
from core.models import User
from core.texts import one_line
from indicators.models import Category, LineName, NameReveal, NameViewer
from indicators.permissions import can_protect
from indicators.selectors.names import is_named, list_origins

LONGEST_NAME: int = LineName._meta.get_field("name").max_length or 0


def check_can_name_viewers(area: PartnershipArea, *, by: User) -> None:
    if not can_protect(access_to(area, by=by)):
        raise PermissionDenied(f"Only an information officer of {area.name} can say who may see line names.")


def check_can_view_names(area: PartnershipArea, *, by: User) -> None:
    if not is_named(access_to(area, by=by)):
        raise PermissionDenied(
            f"Only people chosen by an information officer of {area.name} can see line names. "
            "Ask an information officer."
        )


@transaction.atomic
def grant_view(area: PartnershipArea, *, user: User, why: str, by: User) -> NameViewer:
    """Let a person of the area see line names, until somebody ends it.

    Raises PermissionDenied, or ValidationError.
    """
    check_can_name_viewers(area, by=by)
    check_decides_alone(area, by=by)
    why = checked_reason(why, missing="Say why this person needs to see names.")
    lock_area(area)
    if user.pk == by.pk:
        raise ValidationError({"user": "You can’t give yourself access to names. Ask another information officer."})
    if not user.is_active or access_to(area, by=user).is_outsider:
        raise ValidationError({"user": f"{user} has no role in {area.name}."})
    if NameViewer.objects.filter(area=area, user=user, ended_at__isnull=True).exists():
        raise ValidationError({"user": f"{user} can already see names."})
    viewer = NameViewer.objects.create(area=area, user=user, granted_at=timezone.now(), granted_by=by, why=why)
    audit.record("name_viewer.granted", viewer, by=by, area=area.slug, person=user.email, why=why)
    return viewer


@transaction.atomic
def end_view(viewer: NameViewer, *, why: str, by: User) -> None:
    """End a person's permission to see names. Raises PermissionDenied, or ValidationError."""
    check_can_name_viewers(viewer.area, by=by)
    why = checked_reason(why, missing="Say why you are ending this person’s access.")
    locked = NameViewer.objects.select_for_update(of=("self",)).select_related("area", "user").get(pk=viewer.pk)
    if locked.ended_at is not None:
        raise ValidationError({"why": f"This has already ended: {locked.user} can’t see names."})
    _end(locked, why=why, by=by)


@transaction.atomic
def end_view_of_leaver(area: PartnershipArea, person: User, *, by: User) -> None:
    """End a person's permission to see names with their last role in the area: settings.ENDS_WITH_LAST_ROLE."""
    open_views = NameViewer.objects.filter(area=area, user=person, ended_at__isnull=True)
    for viewer in open_views.select_for_update(of=("self",)).select_related("area", "user"):
        _end(viewer, why="Their last role in the area ended", by=by)


def _end(viewer: NameViewer, *, why: str, by: User) -> None:
    viewer.ended_at, viewer.ended_by = timezone.now(), by
    viewer.save(update_fields=["ended_at", "ended_by"])
    audit.record("name_viewer.ended", viewer, by=by, area=viewer.area.slug, person=viewer.user.email, why=why)


@transaction.atomic
def note_name(area: PartnershipArea, *, origin: Category, name: str, by: User) -> LineName:
    """Save the name of a line from this origin. Raises PermissionDenied, or ValidationError."""
    check_can_view_names(area, by=by)
    _check_origin(area, origin)
    name = one_line(name)
    if not name:
        raise ValidationError({"name": "Enter the name of the line."})
    if len(name) > LONGEST_NAME:
        raise ValidationError({"name": f"Shorten the name to {LONGEST_NAME} characters; it has {len(name)}."})
    lock_area(area)
    # On SQLite iexact ignores the case of A to Z only.
    if LineName.objects.filter(category=origin, name__iexact=name, retired_at__isnull=True).exists():
        raise ValidationError({"name": f"This name is already held for {origin.name}."})
    noted = LineName.objects.create(area=area, category=origin, name=name, noted_at=timezone.now(), noted_by=by)
    _record("names.noted", origin, area=area, by=by)
    return noted


@transaction.atomic
def retire_name(noted: LineName, *, by: User) -> None:
    """Record that a line with that name no longer runs. Pressing the button twice changes nothing more.

    Raises PermissionDenied.
    """
    check_can_view_names(noted.area, by=by)
    locked = LineName.objects.select_for_update(of=("self",)).select_related("area", "category").get(pk=noted.pk)
    if locked.retired_at is not None:
        return
    locked.retired_at, locked.retired_by = timezone.now(), by
    locked.save(update_fields=["retired_at", "retired_by"])
    _record("names.retired", locked.category, area=locked.area, by=by)


@transaction.atomic
def reveal_names(area: PartnershipArea, *, origin: Category, why: str, by: User) -> list[LineName]:
    """Return an origin's names, those in use first. Record who looked and why before anybody sees them.

    Raises PermissionDenied, or ValidationError without a reason.
    """
    check_can_view_names(area, by=by)
    _check_origin(area, origin)
    why = checked_reason(why, missing="Say why you need to see the names. We record the reason with your name.")
    # Save who looks before any name is read: if that fails, nobody sees one.
    NameReveal.objects.create(category=origin, why=why, made_at=timezone.now(), made_by=by)
    _record("names.revealed", origin, area=area, by=by, why=why)
    names = LineName.objects.filter(area=area, category=origin)
    # Not by the database: SQLite and PostgreSQL order letters differently.
    return sorted(names, key=lambda noted: (noted.retired_at is not None, noted.name.casefold()))


def _check_origin(area: PartnershipArea, origin: Category) -> None:
    if not list_origins(area).filter(pk=origin.pk).exists():
        raise ValidationError({"origin": "Choose where the line comes from."})


def _record(verb: str, origin: Category, *, area: PartnershipArea, by: User, **details: str) -> None:
    # The origin only, never the line's name: operators read the audit log, and may not see names.
    audit.record(verb, origin, by=by, area=area.slug, origin=origin.name, **details)
