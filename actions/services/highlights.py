"""Add a highlight, change it, add a picture, archive it, and bring it back.

Nothing is deleted. Each time somebody saves a public highlight, they confirm again that it names nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Highlight, HighlightKind
from actions.models.highlights import LONGEST_STORY
from actions.pictures import Picture, guess_content_type
from boards.models import Board, PartnershipArea, Strand
from boards.permissions import check_can_coordinate
from boards.services.area import changes_between, why_not_chosen
from core import audit
from core.calendar import date_label
from core.database import lock_row
from core.files import objects
from core.forms.pages import check_revision, checked_reason, is_sent_twice, now_has, now_told
from core.labels import TransitionRefused
from core.models import StoredObject, User
from core.texts import one_line, tidy_text

LONGEST_TITLE: int = Highlight._meta.get_field("title").max_length or 0
LONGEST_REACH_OF: int = Highlight._meta.get_field("reach_of").max_length or 0
LONGEST_ALT: int = Highlight._meta.get_field("picture_alt").max_length or 0
LARGEST_REACH = 10_000_000  # people
FIRST_YEAR, LAST_YEAR = 2000, 2100
NOT_CHECKED = "The public can read it. Check that it doesn’t name anyone, then tick the box."
NO_ALT = "Describe what the picture shows."
PICTURE_FIELDS = ("picture", "picture_small", "picture_width", "picture_height", "picture_alt")
# Kept out of the audit log: the picture must be gone once somebody removes it.
NOT_LOGGED = {*PICTURE_FIELDS[:4], "revision"}


@dataclass(frozen=True, slots=True)
class HighlightDraft:
    """The content of a highlight."""

    kind: HighlightKind
    title: str
    strand: Strand
    boards: tuple[Board, ...]
    starts_on: date
    story: str
    ends_on: date | None = None
    reach: int | None = None
    reach_of: str = ""
    is_public: bool = False


@transaction.atomic
def add_highlight(area: PartnershipArea, draft: HighlightDraft, *, names_nobody: bool = False, by: User) -> Highlight:
    """Add a highlight. `names_nobody` confirms that somebody checked it, if the public can read it."""
    check_can_coordinate(area, by=by)
    highlight = Highlight(area=area, added_at=timezone.now(), added_by=by)
    _fill(highlight, draft, current=frozenset(), names_nobody=names_nobody)
    highlight.save()
    highlight.boards.set(draft.boards)
    audit.record("highlight.added", highlight, by=by, area=area.slug, is_public=highlight.is_public)
    return highlight


@transaction.atomic
def change_highlight(
    highlight: Highlight, draft: HighlightDraft, *, revision: int, names_nobody: bool = False, by: User
) -> Highlight:
    """Change a highlight."""
    highlight = _begin(highlight, by=by)
    before = _stored(highlight)
    boards = list(highlight.boards.all())
    _fill(highlight, draft, current=frozenset(board.pk for board in boards), names_nobody=names_nobody)
    changes = _changes(before, highlight)
    names, chosen = _named(boards), _named(draft.boards)
    if names != chosen:
        changes["boards"] = [names, chosen]
    if not changes:
        return highlight  # nothing to do, or a form that was sent twice
    shown = changes | ({"boards": [", ".join(map(str, boards)), ""]} if names != chosen else {})
    check_revision(before, revision, told=now_has(before, shown, name=f"“{before}”"))
    highlight.revision += 1
    highlight.save(update_fields=[*(name for name in changes if name != "boards"), "revision"])
    highlight.boards.set(draft.boards)
    audit.record("highlight.changed", highlight, by=by, area=highlight.area.slug, changes=changes)
    return highlight


@transaction.atomic
def set_picture(
    highlight: Highlight, picture: Picture | None, *, alt: str, revision: int, names_nobody: bool = False, by: User
) -> Highlight:
    """Set a picture with its description. Without a picture, set only the description of the current one."""
    highlight = _begin(highlight, by=by)
    before = _stored(highlight)
    current = highlight.picture_id or ""
    highlight.picture_alt = alt = one_line(alt)
    errors = {}
    if picture is None and not current:
        errors["picture"] = "Choose a picture."
    if not alt:
        errors["alt"] = NO_ALT
    elif len(alt) > LONGEST_ALT:
        errors["alt"] = f"Shorten the description to {LONGEST_ALT} characters; it has {len(alt):,}."
    if highlight.is_public and not names_nobody:
        # For each picture anew: a tick for the text doesn't say who can be recognised.
        errors["names_nobody"] = NOT_CHECKED
    if errors:
        raise ValidationError(errors)
    act = ""
    # By the hash: the same file gives the same bytes, so sending it twice changes nothing.
    if picture is not None and picture.sha256 != current:
        act = "replaced" if current else "added"
    if act or alt != before.picture_alt:
        now = {"the picture": "the one above" if current else "", "its words": before.picture_alt}
        check_revision(before, revision, told=now_told(now, name=f"“{before}”"))
        if act and picture is not None:
            highlight.picture, highlight.picture_small = map(_put, (picture.content, picture.small))
            highlight.picture_width, highlight.picture_height = picture.width, picture.height
        _save_picture(highlight, before, act, by=by)
    return highlight


@transaction.atomic
def remove_picture(highlight: Highlight, *, by: User) -> Highlight:
    """Remove the picture."""
    highlight = _begin(highlight, by=by)
    if highlight.picture_id is not None:  # or somebody pressed the button twice
        before = _stored(highlight)
        highlight.picture = highlight.picture_small = None
        highlight.picture_alt = ""
        highlight.picture_width = highlight.picture_height = None
        _save_picture(highlight, before, "removed", by=by)
    return highlight


@transaction.atomic
def archive_highlight(highlight: Highlight, *, why: str, by: User) -> Highlight:
    """Archive a highlight: only the list of archived ones shows it.

    From then on only partners can read it, so public packs with it leave the public pages. Packs that were issued to
    partners keep it.
    """
    why = checked_reason(why, missing="Say why you are archiving it.")
    check_can_coordinate(highlight.area, by=by)
    highlight = _locked(highlight)
    if is_sent_twice(highlight, archived_why=why, archived_by=by):
        return highlight
    _check_shown(highlight)
    # In the same save: a constraint refuses an archived highlight that is public.
    was_public, highlight.is_public = highlight.is_public, False
    highlight.archived_at, highlight.archived_by, highlight.archived_why = timezone.now(), by, why
    _save_state(highlight)
    audit.record("highlight.archived", highlight, by=by, area=highlight.area.slug, why=why, was_public=was_public)
    return highlight


@transaction.atomic
def bring_back_highlight(highlight: Highlight, *, why: str, by: User) -> Highlight:
    """Bring an archived highlight back, for partners."""
    why = checked_reason(why, missing="Say why you are bringing it back.")
    check_can_coordinate(highlight.area, by=by)
    highlight = _locked(highlight)
    if highlight.archived_at is None:
        if is_sent_twice(highlight, brought_back_why=why, brought_back_by=by):
            return highlight
        raise TransitionRefused(f"“{highlight}” isn’t archived, so it already appears.")
    # It stays for partners only: the public may read it again once somebody has checked it again.
    highlight.archived_at = highlight.archived_by = None
    highlight.archived_why = ""
    highlight.brought_back_at, highlight.brought_back_by, highlight.brought_back_why = timezone.now(), by, why
    _save_state(highlight, "brought_back_at", "brought_back_by", "brought_back_why")
    audit.record("highlight.brought_back", highlight, by=by, area=highlight.area.slug, why=why)
    return highlight


# --- What they have in common -----------------------------------------------------------------------


def _begin(highlight: Highlight, *, by: User) -> Highlight:
    """Return the highlight as it is now, locked until the end of the transaction."""
    check_can_coordinate(highlight.area, by=by)
    highlight = _locked(highlight)
    _check_shown(highlight)
    return highlight


def _check_shown(highlight: Highlight) -> None:
    """Raise TransitionRefused if it is archived."""
    if highlight.archived_at is not None:
        raise TransitionRefused(f"“{highlight}” is archived: bring it back first.")


def _locked(highlight: Highlight) -> Highlight:
    return lock_row(Highlight.objects.select_related("area", "strand"), highlight.pk)


def _stored(highlight: Highlight) -> Highlight:
    return Highlight.objects.select_related("strand").get(pk=highlight.pk)


def _put(content: bytes) -> StoredObject:
    return objects.put(content, guess_content_type(content))


def _save_picture(highlight: Highlight, before: Highlight, act: str, *, by: User) -> None:
    if act:
        objects.delete_soon([before.picture_id, before.picture_small_id])
    changes = _changes(before, highlight)
    highlight.revision += 1
    highlight.save(update_fields=[*PICTURE_FIELDS, "revision"])
    details = {"picture": act} if act else {}
    audit.record("highlight.changed", highlight, by=by, area=highlight.area.slug, changes=changes, **details)


def _save_state(highlight: Highlight, *others: str) -> None:
    highlight.revision += 1
    highlight.save(update_fields=["is_public", "archived_at", "archived_by", "archived_why", "revision", *others])


def _changes(before: Highlight, after: Highlight) -> dict[str, list[str]]:
    return {name: words for name, words in changes_between(before, after).items() if name not in NOT_LOGGED}


def _named(boards: Iterable[Board]) -> str:
    return ", ".join(sorted(board.code for board in boards))


# --- A draft, held against the area -----------------------------------------------------------------


def _fill(highlight: Highlight, draft: HighlightDraft, *, current: frozenset[int], names_nobody: bool) -> None:
    """Set a highlight's fields from a draft; `current` are its current boards."""
    words = {
        "title": one_line(draft.title),
        "story": tidy_text(draft.story),
        "reach_of": one_line(draft.reach_of),
    }
    errors = _find_faults(words) | _wrong_parts(highlight, draft, current) | _wrong_days(draft)
    errors |= _wrong_reach(draft.reach, words["reach_of"])
    if draft.is_public and not names_nobody:
        errors["names_nobody"] = NOT_CHECKED
    if errors:
        raise ValidationError(errors)
    for field in fields(draft):
        if field.name != "boards":
            setattr(highlight, field.name, words.get(field.name, getattr(draft, field.name)))


def _find_faults(words: dict[str, str]) -> dict[str, str]:
    missing = {"title": "Enter a title of a few words.", "story": "Enter what was done."}
    longest = {"title": LONGEST_TITLE, "story": LONGEST_STORY, "reach_of": LONGEST_REACH_OF}
    errors = {name: sentence for name, sentence in missing.items() if not words[name]}
    for name, most in longest.items():
        if len(words[name]) > most:
            errors[name] = f"Shorten this to {most:,} characters; it has {len(words[name]):,}."
    return errors


def _wrong_parts(highlight: Highlight, draft: HighlightDraft, current: frozenset[int]) -> dict[str, str]:
    """Find retired parts. What it already has may be retired."""
    errors = {"strand": why_not_chosen(draft.strand, area_id=highlight.area_id, held=[highlight.strand_id])}
    for board in draft.boards:
        errors["boards"] = why_not_chosen(board, area_id=highlight.area_id, held=current) or errors.get("boards", "")
    if not draft.boards:
        errors["boards"] = "Choose at least one board."
    return {name: sentence for name, sentence in errors.items() if sentence}


def _wrong_days(draft: HighlightDraft) -> dict[str, str]:
    sentence = f"Enter a day between {FIRST_YEAR} and {LAST_YEAR}."
    days = {"starts_on": draft.starts_on, "ends_on": draft.ends_on}
    errors = {name: sentence for name, day in days.items() if day and not FIRST_YEAR <= day.year <= LAST_YEAR}
    if not errors and draft.ends_on and draft.ends_on < draft.starts_on:
        errors["ends_on"] = f"It started on {date_label(draft.starts_on)}: choose a later last day."
    return errors


def _wrong_reach(reach: int | None, reach_of: str) -> dict[str, str]:
    if reach is None:
        return {"reach": "Enter how many people it reached, or leave out who they are."} if reach_of else {}
    if not 0 <= reach <= LARGEST_REACH:
        return {"reach": f"It must be a whole number from 0 to {LARGEST_REACH:,}."}
    return {} if reach_of else {"reach_of": "Enter who they are, such as pupils in year 8."}
