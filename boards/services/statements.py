"""Save what an area adds to the privacy notice and the accessibility statement."""

from copy import copy

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea, PublicStatements
from boards.permissions import check_can_coordinate
from boards.services.advice import in_a_line
from boards.services.setup import changes_between, lock_area
from core import audit
from core.models import User
from core.services.revisions import check_revision, now_has
from core.texts import tidy_text

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
    held = PublicStatements.objects.filter(area=area).first() or PublicStatements(area=area)
    before = copy(held)
    held.privacy, held.accessibility = parts["privacy"], parts["accessibility"]
    changes = changes_between(before, held)
    if changes:
        check_revision(before, revision, told=now_has(before, in_a_line(changes), name="This page"))
        held.revision += 1
        held.changed_at, held.changed_by = timezone.now(), by
        held.save(update_fields=[*changes, "revision", "changed_at", "changed_by"] if held.pk else None)
        verb = "statements.changed" if before.pk else "statements.added"
        audit.record(verb, held, by=by, area=area.slug, changes=changes)
    return held


def tidy_lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in tidy_text(text).splitlines())
