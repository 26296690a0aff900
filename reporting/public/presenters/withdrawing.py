"""What goes down with a month? Says exactly which editions, files and packs, for the people who decide."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.files import KINDS
from core.months import Month
from reporting.models import IssuedPack
from reporting.public.reach import Reach

PAGES = "the month’s page, two years at a glance, lines on the map, and about the figures"


@dataclass(frozen=True, slots=True)
class Goes:
    """An edition that goes down, with the references of its packs. `is_own`: it is the withdrawn month's own."""

    month: Month
    number: int
    is_own: bool
    packs: tuple[str, ...]

    @property
    def words(self) -> str:
        """ "October 2026: edition 1 with its pages and files, and the packs ANYTOWN-2026-10-CSP-1"."""
        packs = f", and the packs {', '.join(self.packs)}" if self.packs else ""
        return f"{self.month.label}: edition {self.number} with its pages and files{packs}"


@dataclass(frozen=True, slots=True)
class ReachView:
    """`waiting` are the months whose editions in progress are declined. `again` are those that get a new edition."""

    goes: tuple[Goes, ...]
    waiting: tuple[str, ...]
    again: tuple[str, ...]
    pages: str = PAGES
    files: str = ", ".join(kind.label for kind in KINDS.values())


def describe_reach(reach: Reach, month: Month) -> ReachView:
    packs: dict[int | None, list[IssuedPack]] = defaultdict(list)
    for pack in reach.packs:
        packs[pack.edition_id].append(pack)
    goes = tuple(
        Goes(
            month=each.period.month,
            number=each.number or 0,
            is_own=each.period.month == month,
            packs=tuple(pack.reference for pack in packs[each.pk]),
        )
        for each in reach.editions
    )
    others = {each.period.month for each in (*reach.editions, *reach.waiting)} - {month}
    return ReachView(
        goes=goes,
        waiting=label([each.period.month for each in reach.waiting]),
        again=label(sorted(others)),
    )


def label(months: Sequence[Month]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(month.label for month in months))
