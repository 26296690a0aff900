"""The feed about an area's months: what happened to each, and never a figure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from boards.models import PartnershipArea
from core.calendar import Month
from reporting.public.presenters.publisher import make_publisher
from reporting.public.selectors import FeedEdition

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
    area: PartnershipArea,
    entries: Iterable[Entry],
    *,
    title: str,
    words: str,
    page: str,
    feed_path: str,
    absolute: Absolute,
    rights: str = "",
) -> str:
    """Return an Atom feed, what changed last first. `page` is the path of what the feed is about, `feed_path` the
    feed's own, and `rights` say how the figures can be reused."""
    feed = Atom1Feed(
        title=f"{area.name}: {title}",
        link=absolute(page),
        description="",
        subtitle=words,
        feed_url=absolute(feed_path),
        author_name=area.name,
        feed_copyright=rights,
        language="en-GB",
    )
    newest_first = sorted(entries, key=lambda entry: entry.changed_at, reverse=True)
    for entry in newest_first[:MOST_ENTRIES]:
        feed.add_item(
            title=entry.title,
            link=absolute(entry.link),
            description=entry.words,
            unique_id=absolute(entry.id),
            unique_id_is_permalink=False,
            pubdate=entry.published_at,
            updateddate=entry.changed_at,
            categories=(entry.kind.value,),
        )
    return feed.writeString("utf-8")


def make_public_feed(area: PartnershipArea, editions: Sequence[FeedEdition], *, absolute: Absolute) -> str:
    """Return the feed that anybody reads: an entry for each edition."""
    return make_feed(
        area,
        list_public_entries(area, editions),
        title="months that anyone can read",
        words="When a month was made public, corrected or withdrawn. The figures are on the pages.",
        page=reverse("reporting:public-list", args=[area.slug]),
        feed_path=reverse("reporting:public-feed", args=[area.slug]),
        absolute=absolute,
        rights=make_publisher(area).terms,
    )


def list_public_entries(area: PartnershipArea, editions: Sequence[FeedEdition]) -> Iterator[Entry]:
    gone = {(edition.month, edition.number) for edition in editions if edition.gone}
    for edition in editions:
        page = reverse("reporting:public-month", args=[area.slug, edition.month])
        yield Entry(
            id=f"{page}?edition={edition.number}",
            kind=find_kind(edition, gone),
            title=f"{edition.month.label}, {describe(edition)}",
            words=edition.gone or f"The figures for {edition.month.label} are public, in edition {edition.number}.",
            link=page if edition.gone else f"{page}?edition={edition.number}",
            published_at=edition.published_at,
            changed_at=edition.changed_at,
        )


def find_kind(edition: FeedEdition, gone: Collection[tuple[Month, int]]) -> EntryKind:
    """Return what happened to an edition's month. A month that comes back after a withdrawal is public anew."""
    if edition.gone:
        return EntryKind.PUBLIC_WITHDRAWN
    is_new = edition.number == 1 or (edition.month, edition.number - 1) in gone
    return EntryKind.PUBLIC_PUBLISHED if is_new else EntryKind.PUBLIC_CORRECTED


def describe(edition: FeedEdition) -> str:
    return f"edition {edition.number}" + (": withdrawn" if edition.gone else "")
