"""Highlights as a page shows them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from actions.models import Highlight, HighlightKind
from actions.selectors.highlights import MonthHighlight
from core.calendar import date_label

LONGEST_OPENING = 240  # characters
SMALL = 200  # pixels: the longer side of a small picture
END_OF_SENTENCE = re.compile(r"[.!?…][”’)]*(?=\s)")


@dataclass(frozen=True, slots=True)
class HighlightView:
    """A highlight as pages show it. `alt` is empty without a picture."""

    key: int
    kind: str
    title: str
    strand: str
    days: str
    story: str
    reach: str  # "1,240 pupils of year 8"; empty if nobody counted
    alt: str
    width: int
    height: int

    @property
    def opening(self) -> str:
        return first_sentences(self.story)

    @property
    def facts(self) -> str:
        """Return "Campaign (Prevent), 2 to 20 October 2026. Reached 1,240 pupils in Year 8."."""
        return join_facts(f"{self.kind} ({self.strand}), {self.days}", self.reached)

    @property
    def public_facts(self) -> str:
        """Return the same without the strand, a word of the partners' plan."""
        return join_facts(f"{self.kind}, {self.days}", self.reached)

    @property
    def reached(self) -> str:
        return f"Reached {self.reach}" if self.reach else ""

    @property
    def small_width(self) -> int:
        # SMALL is among the divisors, so that a smaller picture isn't enlarged.
        return max(1, self.width * SMALL // max(self.width, self.height, SMALL))

    @property
    def small_height(self) -> int:
        return max(1, self.height * SMALL // max(self.width, self.height, SMALL))


def join_facts(*facts: str) -> str:
    return " ".join(f"{fact}." for fact in facts if fact)


def make_view(highlight: Highlight | MonthHighlight) -> HighlightView:
    """Make the view. Reads its strand too."""
    return HighlightView(
        key=highlight.pk,
        kind=HighlightKind(highlight.kind).label,
        title=highlight.title,
        strand=str(highlight.strand),
        days=describe_days(highlight.starts_on, highlight.ends_on),
        story=highlight.story,
        reach=f"{highlight.reach:,} {highlight.reach_of}" if highlight.reach is not None else "",
        alt=highlight.picture_alt,
        width=highlight.picture_width or 0,
        height=highlight.picture_height or 0,
    )


def make_views(highlights: Iterable[Highlight | MonthHighlight]) -> list[HighlightView]:
    return [make_view(highlight) for highlight in highlights]


def describe_days(first: date, last: date | None) -> str:
    """ "2 October 2026", "2 to 20 October 2026", "28 October to 3 November 2026"."""
    if last is None or last == first:
        return date_label(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {date_label(last)}"
    if first.year == last.year:
        return f"{date_label(first).removesuffix(f' {first.year}')} to {date_label(last)}"
    return f"{date_label(first)} to {date_label(last)}"


def first_sentences(text: str) -> str:
    """Return as many whole sentences as fit; of a very long one, its first words."""
    text = " ".join(text.split())
    if len(text) <= LONGEST_OPENING:
        return text
    ends = [match.end() for match in END_OF_SENTENCE.finditer(text) if match.end() <= LONGEST_OPENING]
    if ends:
        return text[: ends[-1]]
    return f"{text[:LONGEST_OPENING].rsplit(' ', 1)[0]}…"
