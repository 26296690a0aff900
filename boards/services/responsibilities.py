"""Save a board with its responsibilities: one row for each line. Challenges and offers of support can be about a
row."""

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


def matched(held: list[Responsibility], texts: list[str]) -> list[Responsibility | None]:
    """Return the row for each text. Rows and texts that are left over match in order, if there are as many of each."""
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
    """Remove a responsibility. Raises ValidationError if a challenge or an offer is about it."""
    try:
        duty.delete()
    # Django raises this before it deletes anything, so the transaction is still usable.
    except ProtectedError:
        raise ValidationError(
            {
                "responsibilities": f"“{duty.text}” has a challenge or an offer of support, so you can’t remove it. "
                f"Keep the line, or reword it in the same place and keep the number of lines."
            }
        ) from None
