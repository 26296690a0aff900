"""How do we describe where lines come from? Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.trend import CellState

NOT_SHOWN = CellState.WITHHELD.label.lower()
FEW = 2  # places that a headline names


@dataclass(frozen=True, slots=True)
class Origin:
    """Where lines come from. `count` is None if there is no figure to show. `text` is what to show ("10", "[x]",
    "not shown"). `movement` is up, down, level or none, and `words` describes it ("Up 2").
    """

    code: str
    name: str
    count: int | None
    text: str
    movement: str
    words: str
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    longitude: float
    latitude: float


def headline(what: str, origins: Sequence[Origin]) -> str:
    """Return the finding: "Lines into the town: the most from Birmingham, 10"."""
    known = [origin for origin in origins if origin.count is not None]
    most = max((origin.count or 0 for origin in known), default=0)
    is_whole = len(known) == len(origins)
    if not known:
        found = "no figures"
    elif most == 0:
        found = "none" if is_whole else "none in the figures shown"
    elif len(origins) == 1:
        found = f"{known[0].text} from {known[0].name}"
    else:
        first = [origin for origin in known if origin.count == most]
        names = " and ".join(origin.name for origin in first) if len(first) <= FEW else f"{len(first)} places"
        count = f"{first[0].text}{' each' if len(first) > 1 else ''}"
        found = f"the most from {names}, {count}" if is_whole else f"the largest number shown is {count}, from {names}"
    return f"{what}: {found}"


def describe_map(what: str, town: str, placed: Sequence[Origin], unplaced: Sequence[Origin]) -> str:
    """Describe the whole map, for somebody who can't see it."""
    parts = [describe_origin(origin) for origin in placed]
    if unplaced:
        parts.append(f"not on the map: {', '.join(map(describe_origin, unplaced))}")
    return f"{what}, to {town} from: {'; '.join(parts)}."


def beside(unplaced: Sequence[Origin]) -> str:
    """Return what is listed beside the map, or nothing."""
    return f"Not on the map: {'; '.join(map(describe_origin, unplaced))}." if unplaced else ""


def describe_origin(origin: Origin) -> str:
    """ "Birmingham 10, up 1"."""
    moved = f", {origin.words[:1].lower()}{origin.words[1:]}" if origin.words and origin.count is not None else ""
    return f"{origin.name} {origin.text}{moved}"


def reading_aid(drawn: Sequence[Origin]) -> str:
    """Explain the kinds of lines on the map."""
    counts = [origin.count for origin in drawn]
    parts = []
    if any(counts):
        parts.append("Wider means more.")
    if 0 in counts:
        parts.append("Dashed: none this month.")
    unknown = [origin.text for origin in drawn if origin.count is None]
    if unknown:
        parts.append(f"Dotted: {NOT_SHOWN if set(unknown) == {NOT_SHOWN} else 'no figure'}.")
    return " ".join(parts)
