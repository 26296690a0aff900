"""Save a board with what it answers for: a row for each line, which challenges and offers of support may be about."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError

from boards.models import Board, PartnershipArea, Responsibility
from boards.permissions import check_can_coordinate
from boards.services.setup import lock_area, save_part, store
from core import audit
from core.models import User


class Rewording(NamedTuple):
    """A line that something is about, and what it would read from now on."""

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
    """Save a board with what it answers for. Raises as save_part and set_responsibilities do; then neither is saved."""
    save_part(board, area=area, by=by)
    set_responsibilities(board, responsibilities, same=same, by=by)
    return board


@transaction.atomic
def set_responsibilities(board: Board, texts: list[str], *, same: Collection[Rewording] = (), by: User) -> None:
    """Say what a board answers for, in this order. A line that stays, or is reworded in its place, stays the same
    row. `same` are those of which somebody said that they are the same in other words: needed where something is
    about the line.

    Raises PermissionDenied, or ValidationError for a line that goes, or would say something else, though something is
    about it.
    """
    check_can_coordinate(board.area, by=by)
    lock_area(board.area)
    held = list(board.responsibilities.all())
    before = [duty.text for duty in held]
    if texts == before:
        return
    asked = rewordings(board, texts)
    unsaid = [rewording.question for rewording in asked if rewording not in same]
    if unsaid:
        raise ValidationError({"responsibilities": unsaid})
    kept = matched(held, texts)
    for duty in held:
        if duty not in kept:
            remove_responsibility(duty)
    for position, (text, row) in enumerate(zip(texts, kept, strict=True)):
        found = row or Responsibility(board=board)
        found.text, found.position = text, position
        store(found)
    details: dict[str, Any] = {"same": asked} if asked else {}
    changes = {"responsibilities": ["\n".join(before), "\n".join(texts)]}
    audit.record("board.responsibilities_set", board, by=by, area=board.area.slug, changes=changes, **details)


def rewordings(board: Board, texts: list[str]) -> list[Rewording]:
    """The board's lines that something is about and that these texts would have say something else."""
    if board._state.adding:
        return []
    kept = zip(matched(list(board.responsibilities.all()), texts), texts, strict=True)
    reworded = [(duty, text) for duty, text in kept if duty is not None and duty.text != text]
    return [Rewording(duty.text, text) for duty, text in reworded if is_asked_about(duty)]


def is_asked_about(duty: Responsibility) -> bool:
    """Whether a row of another app, such as a challenge, keeps it from being deleted."""
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: duty}).exists()
        for relation in Responsibility._meta.related_objects
        if relation.on_delete is models.PROTECT
    )


def matched(held: list[Responsibility], texts: list[str]) -> list[Responsibility | None]:
    """For each text the row that has it; of those left over, one after the other where they are as many."""
    free = list(held)
    found: list[Responsibility | None] = []
    for text in texts:
        same = next((duty for duty in free if duty.text == text), None)
        found.append(same)
        if same is not None:
            free.remove(same)
    if found.count(None) == len(free):
        reworded = iter(free)
        return [duty or next(reworded) for duty in found]
    return found


def remove_responsibility(duty: Responsibility) -> None:
    """Raises ValidationError where something is about it."""
    try:
        duty.delete()
    except ProtectedError:
        raise ValidationError(
            {
                "responsibilities": f"“{duty.text}” has a challenge or an offer of support, so you can’t remove it. "
                f"Keep the line, or reword it in the same place and keep the number of lines."
            }
        ) from None
