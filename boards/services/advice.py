"""Save an area's public advice: the warning signs, and how to report them."""

from collections.abc import Iterator
from copy import copy

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea, PublicAdvice
from boards.permissions import check_can_coordinate
from boards.services.setup import changes_between, lock_area
from core import audit
from core.models import User
from core.services.revisions import check_revision, now_has
from core.texts import LONGEST_TEXT, bounded, one_line, tidy_text

# The signs that an area without its own advice starts with.
USUAL_SIGNS = (
    "A child or young person has new clothes, a new phone or money, and can’t say where they got them",
    "Somebody goes missing from home or school, or comes back late and won’t say where they were",
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
    how_to_report = "\n".join(line.rstrip() for line in tidy_text(how_to_report).splitlines())
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
    changes = changes_between(before, advice)
    if changes:
        check_revision(before, revision, told=now_has(before, in_a_line(changes), name="This page"))
        advice.revision += 1
        advice.changed_at, advice.changed_by = timezone.now(), by
        advice.save(update_fields=[*changes, "revision", "changed_at", "changed_by"] if advice.pk else None)
        audit.record("advice.changed" if before.pk else "advice.added", advice, by=by, area=area.slug, changes=changes)
    return advice


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
        yield f"Shorten the signs to {LONGEST_TEXT:,} characters, such as by removing those that are there twice."
