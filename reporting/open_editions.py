"""Finds the public editions that anybody may read. Their pages and files are in reporting.public."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypedDict, cast

from django.db.models import Exists, OuterRef, QuerySet

from boards.models import PartnershipArea, PublicAdvice
from core.calendar import Month
from core.pages import NotHeld
from indicators.disclosure import Audience, Marking
from indicators.selectors.disclosure import newest_marking, or_usual
from reporting.models.documents import DocumentEdition
from reporting.models.editions import EditionWithdrawal, PublicEdition

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Withdrawn(NotHeld):
    """The edition was public once. Its text is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class OpenMonth:
    """A public edition as a reader finds it."""

    key: int
    month: Month
    number: int
    fingerprint: str
    published_at: datetime
    marking: Marking


@dataclass(frozen=True, slots=True)
class PublicMonth(OpenMonth):
    """An area's. `newest` is the number of the month's newest edition. `version` is the month's version that it was
    made from.
    """

    area: PartnershipArea
    due_on: date
    newest: int
    version: int
    taken_at: datetime
    years: tuple[dict[str, Any], ...] = ()  # the totals of a year, as PublicEdition keeps them
    has_signs: bool = False  # whether anybody may read the area's advice on warning signs
    has_documents: bool = False  # whether a document of the year was ever public
    # Only if it was fetched alone:
    signs: str = ""  # those of that advice, one a line
    highlights: int = 0  # of the month, that anybody may read
    kpis: tuple[dict[str, Any], ...] = ()  # as PublicEdition keeps them


class Read(TypedDict):
    marked: str | None
    has_signs: bool
    has_documents: bool


type ReadEdition = WithAnnotations[PublicEdition, Read]

NO_PAGE = "There is no such page, or it is not public."
OF_AREA = ("slug", "name", "ons_code", "longitude", "latitude", "publisher", "contact", "licence")
# What is read of an edition and its area. A version holds more than is public: nothing else of it is read.
READ = (
    *("number", "fingerprint", "published_at", "years", "period__starts_on", "period__due_on"),
    *(f"period__area__{name}" for name in OF_AREA),
    *("snapshot__version", "snapshot__taken_at", "withdrawal__withdrawn_at", "withdrawal__cause__period"),
)
# Neither names another month: if that was marked, the public isn't told.
GONE = "{month} was published here, and has been withdrawn."
GONE_WITH_OTHER = (
    "{month} was published here. We took it down because it also showed figures that have been withdrawn. A new "
    "edition may follow."
)


def all_editions() -> QuerySet[ReadEdition]:
    """Return every edition that was made public, of areas with public pages: the newest month first, each month's
    newest edition first. Each has its withdrawal, what its month is `marked`, whether anybody may read the area's
    advice on warning signs, and whether a document was ever public. One query."""
    editions = PublicEdition.objects.filter(number__isnull=False, period__area__has_public_pages=True)
    return (
        editions.select_related("period__area", "snapshot", "withdrawal__cause")
        .only(*READ)
        .annotate(
            marked=newest_marking("period", Audience.PUBLIC),
            has_signs=Exists(PublicAdvice.objects.filter(area=OuterRef("period__area"), is_public=True)),
            has_documents=Exists(
                DocumentEdition.objects.filter(document__area=OuterRef("period__area"), audience=Audience.PUBLIC.value)
            ),
        )
        .order_by("-period__starts_on", "-number")
    )


def find_withdrawal(edition: PublicEdition) -> EditionWithdrawal | None:
    return getattr(edition, "withdrawal", None)


def describe_gone(edition: PublicEdition) -> str:
    """Return the sentence for the reader of an edition that was withdrawn; empty for any other."""
    withdrawal = find_withdrawal(edition)
    if withdrawal is None:
        return ""
    return (GONE if withdrawal.is_own else GONE_WITH_OTHER).format(month=edition.period.month.label)


def newest_of(editions: Iterable[ReadEdition]) -> list[PublicMonth]:
    """Return each month in its newest edition, without those whose newest edition nobody may read."""
    return [
        make_public_month(edition, newest=edition.number)
        for edition in pick_newest(editions, lambda edition: edition.period_id)
        if find_withdrawal(edition) is None and is_for_the_public(edition.marked)
    ]


def pick_newest[E](editions: Iterable[E], month_of: Callable[[E], Hashable]) -> list[E]:
    """Return the newest edition of each month. They come newest first. Only that one decides: if it is down, an older
    one doesn't return."""
    newest: dict[Hashable, E] = {}
    for edition in editions:
        newest.setdefault(month_of(edition), edition)
    return list(newest.values())


def is_for_the_public(marked: str | None) -> bool:
    """Return whether a month's marking lets the public read it. One marked OFFICIAL-SENSITIVE isn't on public pages."""
    return or_usual(marked, Audience.PUBLIC) is not Marking.SENSITIVE


def make_public_month(edition: ReadEdition, *, newest: int | None) -> PublicMonth:
    period, snapshot = edition.period, edition.snapshot
    return PublicMonth(
        key=edition.pk,
        area=period.area,
        month=period.month,
        due_on=period.due_on,
        number=cast("int", edition.number),
        newest=cast("int", newest),
        fingerprint=edition.fingerprint,
        version=snapshot.version,
        taken_at=snapshot.taken_at,
        published_at=cast("datetime", edition.published_at),
        marking=or_usual(edition.marked, Audience.PUBLIC),
        years=tuple(edition.years),
        has_signs=edition.has_signs,
        has_documents=edition.has_documents,
    )
