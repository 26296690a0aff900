"""Can people choose a part of an area's set-up for something?"""

from collections.abc import Collection
from typing import Any


def why_not_chosen(part: Any, *, area_id: int, held: Collection[int | None] = ()) -> str:
    """Return the reason why not, as a sentence; empty if they can.

    A retired part that is already in use (its id is in `held`) is allowed.
    """
    if part.area_id != area_id:
        return f"{part} belongs to another area."
    is_retired = getattr(part, "retired", False) or getattr(part, "retired_from", None) is not None
    return f"{part} is retired: choose another." if is_retired and part.pk not in held else ""
