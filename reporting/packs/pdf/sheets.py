"""Lays a pack out on sheets, so that no page stays nearly empty. A sheet is a run of pages that lie alike, and what
comes next starts a new page. Only Typst knows how full a page gets. So a pack is set, measured and laid out anew, until
no sheet ends on a page less than a third full, or nothing more helps.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

LEAST = 0.36  # of a page's room that is used: a third, and a little for the space below the last line
MOST = 0.92  # of a page that two sheets share
MOST_TRIES = 4  # each takes up to a third of the time that setting the pack takes
MOST_LIFT = 0.5


@dataclass(frozen=True, slots=True)
class Sheet:
    """`parts` are the places of its parts in the pack. `lift` is the share of each page's room that is left free, so
    that enough is left for the last one.
    """

    parts: tuple[int, ...]
    is_wide: bool
    lift: float = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """How many pages a sheet takes, and how much of the last one is used."""

    pages: int
    used: float


def split_chapters(chapters: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the parts of a pack: its chapters, split where a heading starts a page. Each says whether it `goes_on` with
    its chapter."""
    for chapter in chapters:
        blocks = chapter["blocks"]
        inside = [place for place, block in enumerate(blocks) if place and block.get("starts_page")]
        for start, end in pairwise([0, *inside, len(blocks)]) if blocks else [(0, 0)]:
            yield {**chapter, "blocks": blocks[start:end], "goes_on": start > 0}


def first_layout(parts: Sequence[dict[str, Any]], *, is_short: bool) -> list[Sheet]:
    """Return a sheet for each part that starts a page. The first sheet has the cover and the contents, and in a short
    pack the chapters too."""
    sheets = [Sheet((), is_wide=False)]
    for place, part in enumerate(parts):
        follows = part["follows"] and not part["goes_on"] and bool(sheets[-1].parts)
        if (follows or is_short) and sheets[-1].is_wide == part["is_wide"]:
            sheets[-1] = joined(sheets[-1], Sheet((place,), is_wide=part["is_wide"]))
        else:
            sheets.append(Sheet((place,), is_wide=part["is_wide"]))
    return sheets


def joined(first: Sheet, second: Sheet) -> Sheet:
    return Sheet(first.parts + second.parts, first.is_wide)


type Measure = Callable[[list[Sheet]], list[Ending]]


def lay_out(parts: Sequence[dict[str, Any]], measure: Measure, *, is_short: bool) -> list[Sheet]:
    sheets = first_layout(parts, is_short=is_short)
    for _ in range(MOST_TRIES):
        mended = mend(sheets, measure(sheets))
        if mended == sheets:
            break
        sheets = mended
    return sheets


def mend(sheets: list[Sheet], endings: list[Ending]) -> list[Sheet]:
    """Return fewer sheets, or fuller ones. What fits below the sheet before goes there. One that ends on a nearly empty
    page goes on with a neighbour that lies alike, or leaves some room on its earlier pages, or is turned.
    """
    mended: list[Sheet] = []
    takes_next, used_before = False, 1.0
    for place, (sheet, ending) in enumerate(zip(sheets, endings, strict=True)):
        is_short, used = ending.used < LEAST, ending.used
        goes_on = bool(mended) and mended[-1].is_wide == sheet.is_wide
        leads_on = any(following.is_wide == sheet.is_wide for following in sheets[place + 1 : place + 2])
        leads_on = leads_on and not (sheet.is_wide and ending.pages > 1)  # a wide table would only be cut
        fits = ending.pages == 1 and (is_short or used_before + used < MOST)
        if goes_on and (takes_next or fits):
            mended[-1] = joined(mended[-1], sheet)
            takes_next, used_before = False, used_before + used
            continue
        takes_next, used_before = is_short and leads_on, used
        if is_short and not leads_on and ending.pages > 1:
            mended.append(replace(sheet, lift=min(sheet.lift + to_lift(ending), MOST_LIFT)))
        elif is_short and not leads_on and sheet.is_wide:
            mended.append(replace(sheet, is_wide=False))
        else:
            mended.append(sheet)
    return mended


def to_lift(ending: Ending) -> float:
    """Return how much to leave free on each page, so that enough of what they say goes to the last one. The first of
    two pages may have been left before it was full, so both get nearly as much."""
    if ending.pages == 2:
        return 0.4 * (1 - ending.used)
    return (LEAST - ending.used) / (ending.pages - 1) + 0.02
