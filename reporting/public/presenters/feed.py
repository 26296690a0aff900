"""What does a feed say about an area's months? What happened to each, and never a figure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from boards.models import PartnershipArea
from core.calendar import Month
from reporting.public.selectors import Told

ATOM = "application/atom+xml"
CONTENT_TYPE = f"{ATOM}; charset=utf-8"
MOST_ENTRIES = 60
type Absolute = Callable[[str], str]  # makes an address of a path


class EntryKind(StrEnum):
    """What happened to a month, in the code that a reader's program looks for."""

    MONTH_PUBLISHED = "month.published"
    MONTH_CORRECTED = "month.corrected"
    PUBLIC_PUBLISHED = "public.published"
    PUBLIC_CORRECTED = "public.corrected"
    PUBLIC_WITHDRAWN = "public.withdrawn"


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to a month, under an `id` that stays: a reader that has it learns that it changed. `link` and `id`
    are paths."""

    id: str
    kind: EntryKind
    title: str
    words: str
    link: str
    published_at: datetime
    changed_at: datetime


def make_feed(
    area: PartnershipArea, entries: Iterable[Entry], *, title: str, words: str, page: str, own: str, absolute: Absolute
) -> str:
    """Return an Atom feed, what changed last first. `page` is the path of what the feed is about, and `own` the feed's
    own."""
    feed = Atom1Feed(
        title=f"{area.name}: {title}",
        link=absolute(page),
        description="",
        subtitle=words,
        feed_url=absolute(own),
        author_name=area.name,
        language="en-GB",
    )
    newest_first = sorted(entries, key=lambda each: each.changed_at, reverse=True)
    for each in newest_first[:MOST_ENTRIES]:
        feed.add_item(
            title=each.title,
            link=absolute(each.link),
            description=each.words,
            unique_id=absolute(each.id),
            unique_id_is_permalink=False,
            pubdate=each.published_at,
            updateddate=each.changed_at,
            categories=(each.kind.value,),
        )
    return feed.writeString("utf-8")


def make_public_feed(area: PartnershipArea, told: Sequence[Told], *, absolute: Absolute) -> str:
    """Return the feed that anybody reads: an entry for each edition."""
    return make_feed(
        area,
        list_public_entries(area, told),
        title="months that anybody can read",
        words="When a month was made public, corrected or withdrawn. The figures are on the pages.",
        page=reverse("reporting:public-list", args=[area.slug]),
        own=reverse("reporting:public-feed", args=[area.slug]),
        absolute=absolute,
    )


def list_public_entries(area: PartnershipArea, told: Sequence[Told]) -> Iterator[Entry]:
    gone = {(each.month, each.number) for each in told if each.gone}
    for each in told:
        page = reverse("reporting:public-month", args=[area.slug, each.month])
        yield Entry(
            id=f"{page}?edition={each.number}",
            kind=find_kind(each, gone),
            title=f"{each.month.label}, {describe(each)}",
            words=each.gone or f"The figures for {each.month.label} are public, in edition {each.number}.",
            link=page if each.gone else f"{page}?edition={each.number}",
            published_at=each.published_at,
            changed_at=each.changed_at,
        )


def find_kind(each: Told, gone: Collection[tuple[Month, int]]) -> EntryKind:
    """Return what happened to an edition's month. A month that comes back after a withdrawal is public anew."""
    if each.gone:
        return EntryKind.PUBLIC_WITHDRAWN
    is_new = each.number == 1 or (each.month, each.number - 1) in gone
    return EntryKind.PUBLIC_PUBLISHED if is_new else EntryKind.PUBLIC_CORRECTED


def describe(each: Told) -> str:
    return f"edition {each.number}" + (": withdrawn" if each.gone else "")
