"""Finds the editions of a region that anybody may read. An edition is down as soon as one of its sources is."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, cast

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from boards.models import Consent, Region, RegionPlace
from core.calendar import Month
from core.pages import NotHeld
from indicators.disclosure import Audience, disclose
from indicators.selectors.disclosure import newest_marking, or_usual
from reporting.charts.multiples import MONTHS
from reporting.models.editions import PublicLine
from reporting.models.region_editions import RegionEdition, RegionEditionSource
from reporting.open_editions import NO_PAGE, OpenMonth, Withdrawn, is_for_the_public, pick_newest
from reporting.public.totals import list_consents, list_editions
from reporting.regions.cells import Whole, make_whole, whole_lines
from reporting.workflow import EditionState

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

GONE = (
    "{month} was published here. We took it down because one of its areas no longer shows its figures here. A new "
    "edition may follow."
)


@dataclass(frozen=True, slots=True)
class RegionMonth(OpenMonth):
    """A region's. `content` is empty if it was found in a list. `marking` is the strictest of its areas' months."""

    slug: str
    name: str
    content: dict[str, Any]


class Read(TypedDict):
    has_source_down: bool
    marked: str | None


type ReadEdition = WithAnnotations[RegionEdition, Read]


def all_editions() -> QuerySet[ReadEdition]:
    """Return every edition of a region that was made public: by the region's name, the newest month and edition first.
    Each has its region, whether a source of it is down, and what its areas' months are `marked`, at the strictest. One
    query.

    An edition of fewer areas than a region needs can't be: each source has a consent of its own.
    """
    sources = RegionEditionSource.objects.filter(edition=OuterRef("pk"))
    area = "public_edition__period__area"
    consented = Exists(Consent.objects.in_force(timezone.localdate()).filter(pk=OuterRef("consent")))
    placed = Exists(RegionPlace.objects.filter(region=OuterRef("edition__region"), area=OuterRef(area)))
    is_up = Q(consented, placed, public_edition__withdrawal__isnull=True, **{f"{area}__has_public_pages": True})
    marked = sources.order_by().annotate(marked=newest_marking("public_edition__period", Audience.PUBLIC))
    # The names of markings sort as they do.
    strictest = marked.values("edition").annotate(strictest=Max("marked")).values("strictest")
    editions = RegionEdition.objects.filter(number__isnull=False).select_related("region").defer("content")
    return editions.annotate(has_source_down=Exists(sources.exclude(is_up)), marked=Subquery(strictest)).order_by(
        "region__name", "-starts_on", "-number"
    )


def find_region_month(slug: str, month: Month) -> RegionMonth:
    """Return the newest edition of a region's month. One query. Raises NotHeld if none is public, and Withdrawn if it
    was public once.
    """
    editions = all_editions().filter(region__slug=slug, starts_on=month.first_day)
    newest = editions.defer(None).first()
    if newest is None:
        raise NotHeld(NO_PAGE)
    # The newest edition decides. If it is down, an older one doesn't return.
    if is_down(newest):
        raise Withdrawn(GONE.format(month=month.label))
    return make_month(newest, newest.content)


def list_region_months(slug: str) -> list[RegionMonth]:
    """Return a region's months that anybody may read, the newest first. One query. Raises NotHeld if there is none."""
    months = newest_of(all_editions().filter(region__slug=slug))
    if not months:
        raise NotHeld(NO_PAGE)
    return months


def list_series(slug: str, first: Month, last: Month, *, with_content: bool = True) -> list[RegionMonth]:
    """Return the months from the first to the last that anybody may read, the newest first, with all that they show if
    that is asked for. One query.
    """
    editions = all_editions().filter(region__slug=slug, starts_on__range=(first.first_day, last.first_day))
    return newest_of(editions.defer(None) if with_content else editions, with_content=with_content)


def find_indicator(slug: str, month: Month, code: str) -> tuple[RegionMonth, list[RegionMonth]]:
    """Return a region's month that has an indicator, with the months up to it that anybody may read, without what they
    show. Two queries. Raises NotHeld if the month isn't public or has no such indicator, and Withdrawn if it was public
    once.
    """
    region_month = find_region_month(slug, month)
    if all(line["code"] != code for line in region_month.content["lines"]):
        raise NotHeld(NO_PAGE)
    return region_month, list_series(slug, month + -(MONTHS - 1), month, with_content=False)


def list_regions_with_months() -> dict[str, str]:
    """Return the names of the regions that have a month that anybody may read, by slug. One query."""
    return {month.slug: month.name for month in newest_of(all_editions())}


def newest_of(editions: Iterable[ReadEdition], *, with_content: bool = False) -> list[RegionMonth]:
    """Return the newest edition of each region and month, but those that are down."""
    newest = pick_newest(editions, lambda edition: (edition.region_id, edition.starts_on))
    up = [edition for edition in newest if not is_down(edition)]
    return [make_month(edition, edition.content if with_content else {}) for edition in up]


def is_down(edition: ReadEdition) -> bool:
    """Return whether one of its sources is down, or marked against the public."""
    return edition.has_source_down or not is_for_the_public(edition.marked)


def make_month(edition: ReadEdition, content: dict[str, Any]) -> RegionMonth:
    return RegionMonth(
        key=edition.pk,
        slug=edition.region.slug,
        name=edition.region.name,
        month=edition.month,
        number=cast("int", edition.number),
        fingerprint=edition.fingerprint,
        published_at=cast("datetime", edition.published_at),
        marking=or_usual(edition.marked, Audience.PUBLIC),
        content=content,
    )


@dataclass(frozen=True, slots=True)
class Source:
    """An area of a region's edition, and the key of its own public edition there."""

    area_id: int
    slug: str
    name: str
    key: int


def list_sources(edition: RegionMonth) -> list[Source]:
    """Return the areas' public editions that a region's edition is made of, as it names them. One query."""
    # They were saved together, in the order of its areas. An area's name or address may have changed since.
    sources = RegionEditionSource.objects.filter(edition=edition.key).order_by("pk")
    rows = sources.values_list("public_edition__period__area", "public_edition")
    return [
        Source(area_id, area["slug"], area["name"], key)
        for (area_id, key), area in zip(rows, edition.content["areas"], strict=True)
    ]


def list_wholes(sources: Collection[Source], code: str) -> list[Whole]:
    """Return an indicator of these areas' public editions, each with all the months it shows. One query. Raises
    AudienceRefused for a line that says more than its rule allows.
    """
    areas = {source.key: source.area_id for source in sources}
    lines = whole_lines(PublicLine, code).filter(edition__in=areas).order_by("edition", "position")
    # What an area's set-up says of residents isn't public: the region's edition says it.
    wholes = []
    for disclosed in disclose(lines, audience=Audience.PUBLIC):
        line = disclosed.line
        wholes.append(make_whole(disclosed, areas[line.edition_id], line.edition_id, (line.definition, None, "")))
    return wholes


def list_contents(months: Iterable[RegionMonth]) -> dict[int, dict[str, Any]]:
    """Return all that these editions show, by the edition's key. They never change. One query."""
    return dict(RegionEdition.objects.filter(pk__in=[month.key for month in months]).values_list("pk", "content"))


@dataclass(frozen=True, slots=True)
class MonthState:
    """A month of a region, for those who decide: how many of the areas that consent have made it public, the number of
    the region's newest edition (0 for none), and the state of the one in progress.
    """

    month: Month
    areas: int
    consents: int
    number: int
    is_down: bool
    waiting: str


def list_states(region: Region) -> list[MonthState]:
    """Return the months that the areas have made public or that the region has editions of, the newest first. Four
    queries.
    """
    consents = list_consents(region, timezone.localdate())
    areas = Counter(edition.period.month for edition in list_editions(consents))
    up = {month.month for month in newest_of(all_editions().filter(region=region))}
    numbers: dict[Month, int] = {}
    waiting: dict[Month, str] = {}
    for edition in RegionEdition.objects.filter(region=region).defer("content").order_by("pk"):
        if edition.number is not None:
            numbers[edition.month] = edition.number
        elif edition.state != EditionState.DECLINED:
            waiting[edition.month] = edition.state
    return [
        MonthState(
            month=month,
            areas=areas[month],
            consents=len(consents),
            number=numbers.get(month, 0),
            is_down=month not in up,
            waiting=waiting.get(month, ""),
        )
        for month in sorted({*areas, *numbers, *waiting}, reverse=True)
    ]
