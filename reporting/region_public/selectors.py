"""Which editions of a region may anybody read? An edition is down as soon as one of its sources is."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from boards.models import LEAST_AREAS, Consent, PartnershipArea, Region, RegionPlace, ReportingPeriod
from core.months import Month
from core.not_held import NotHeld
from core.selectors import as_day, as_moment, fetch_rows
from core.statements import statement
from indicators.disclosure import Audience, Marking
from indicators.selectors.markings import MARKED_FOR_PUBLIC, or_usual
from indicators.workflow import EditionState
from reporting.models.editions import PublicEdition
from reporting.models.region_editions import RegionEdition, RegionEditionSource
from reporting.models.withdrawals import EditionWithdrawal
from reporting.public.selectors.editions import Withdrawn
from reporting.regions.columns import PUBLIC_WHOLES, Whole, list_shown, read_whole

NO_PAGE = "There is no such page, or it is not public."
GONE = (
    "{month} was published here. We took it down because one of its areas no longer shows its figures here. A new "
    "edition may follow."
)


@dataclass(frozen=True, slots=True)
class RegionMonth:
    """A region's public edition as a reader finds it. `content` is empty if it was found in a list. `marking` is the
    strictest of its areas' months.
    """

    key: int
    slug: str
    name: str
    month: Month
    number: int
    fingerprint: str
    published_at: datetime
    marking: Marking
    content: dict[str, Any]


# One statement by hand, because it is the whole cost of an answer of "not modified". See core.selectors. An edition of
# fewer areas than a region needs can't be: each source has a consent of its own.
PUBLIC = statement(
    """
    SELECT edition.id, region.slug, region.name, edition.starts_on, edition.number, edition.fingerprint,
        edition.published_at,
        EXISTS (
            SELECT 1 FROM {source} source
            JOIN {consent} consent ON consent.id = source.consent_id
            JOIN {public_edition} own ON own.id = source.public_edition_id
            JOIN {period} period ON period.id = own.period_id
            JOIN {area} area ON area.id = period.area_id
            LEFT JOIN {place} place ON place.region_id = edition.region_id AND place.area_id = area.id
            LEFT JOIN {withdrawal} withdrawal ON withdrawal.edition_id = own.id
            WHERE source.edition_id = edition.id AND (
                consent.agreed_at IS NULL OR consent.withdrawn_at IS NOT NULL
                OR consent.starts_on > %s OR consent.ends_on < %s
                OR place.id IS NULL OR withdrawal.id IS NOT NULL OR NOT area.has_public_pages
            )
        ),
        (
            SELECT MAX({marked}) FROM {source} source JOIN {public_edition} own ON own.id = source.public_edition_id
            WHERE source.edition_id = edition.id
        ),
        {{content}}
    FROM {edition} edition JOIN {region} region ON region.id = edition.region_id
    WHERE edition.number IS NOT NULL AND {{which}}
    ORDER BY region.name, edition.starts_on DESC, edition.number DESC
""",
    # The strictest of its areas: their names sort as they do.
    marked=statement(MARKED_FOR_PUBLIC, period="own.period_id"),
    source=RegionEditionSource,
    consent=Consent,
    public_edition=PublicEdition,
    period=ReportingPeriod,
    area=PartnershipArea,
    place=RegionPlace,
    withdrawal=EditionWithdrawal,
    edition=RegionEdition,
    region=Region,
)


def find_region_month(slug: str, month: Month) -> RegionMonth:
    """Return the newest edition of a region's month. One query. Raises NotHeld if none is public, and Withdrawn if it
    was public once.
    """
    today = timezone.localdate().isoformat()
    which = PUBLIC.format(content="edition.content", which="region.slug = %s AND edition.starts_on = %s")
    rows = fetch_rows(which, [today, today, slug, str(month.first_day)])
    if not rows:
        raise NotHeld(NO_PAGE)
    # The newest edition decides. If it is down, an older one doesn't return.
    if is_down(rows[0]):
        raise Withdrawn(GONE.format(month=month.label))
    return make_month(rows[0])


def list_region_months(slug: str) -> list[RegionMonth]:
    """Return a region's months that anybody may read, the newest first. One query. Raises NotHeld if there is none."""
    months = list_newest("region.slug = %s", slug)
    if not months:
        raise NotHeld(NO_PAGE)
    return months


def list_series(slug: str, first: Month, last: Month, *, with_content: bool = True) -> list[RegionMonth]:
    """Return the months from the first to the last that anybody may read, the newest first, with all that they show if
    that is asked for. One query.
    """
    which, days = "region.slug = %s AND edition.starts_on BETWEEN %s AND %s", (first.first_day, last.first_day)
    return list_newest(which, slug, *map(str, days), **({"content": "edition.content"} if with_content else {}))


def list_regions_with_months() -> dict[str, str]:
    """Return the names of the regions that have a month that anybody may read, by slug. One query."""
    return {month.slug: month.name for month in list_newest("TRUE")}


def list_newest(which: str, *known: str, content: str = "'{}'") -> list[RegionMonth]:
    """Return the newest editions, one for each region and month, but those that are down. `content` is what to read of
    each. One query.
    """
    today = timezone.localdate().isoformat()
    newest: dict[object, Sequence[Any]] = {}
    for row in fetch_rows(PUBLIC.format(content=content, which=which), [today, today, *known]):
        newest.setdefault((row[1], row[3]), row)
    return [make_month(row) for row in newest.values() if not is_down(row)]


def is_down(row: Sequence[Any]) -> bool:
    """Return whether one of its sources is down, or marked against the public. These are places in the SELECT."""
    return row[7] or or_usual(row[8], Audience.PUBLIC) is Marking.SENSITIVE


def make_month(row: Sequence[Any]) -> RegionMonth:
    key, slug, name, starts_on, number, fingerprint, published_at, _, marked, content = row
    return RegionMonth(
        key=key,
        slug=slug,
        name=name,
        month=Month.of(as_day(starts_on)),
        number=number,
        fingerprint=str(fingerprint),
        published_at=as_moment(published_at),
        marking=or_usual(marked, Audience.PUBLIC),
        content=json.loads(content) if isinstance(content, str) else content,
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
    rows = fetch_rows(PUBLIC_WHOLES.format(keys=", ".join(["%s"] * len(areas))), [*areas, code])
    # What an area's set-up says of residents isn't public: the region's edition says it.
    unsaid = {"counts_residents": None, "residents_why": ""}
    lines = [read_whole(row[:-1], area_id=areas[row[0]], **unsaid) for row in sorted(rows, key=lambda row: row[:2])]
    return list_shown(lines, audience=Audience.PUBLIC)


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
    up = {month.month for month in list_newest("region.slug = %s", region.slug)}
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


# --- What could be in an edition? ------------------------------------------------------------------


def list_consents(region: Region, day: date) -> dict[int, Consent]:
    """Return by area the consents to a region that apply on a day. One query."""
    given = Consent.objects.in_force(day).filter(region=region, area__region_places__region=region)
    # The newest comes last, and wins.
    return {consent.area_id: consent for consent in given.select_related("area").order_by("area__name", "pk")}


def list_editions(areas: Iterable[int], **of_month: object) -> list[PublicEdition]:
    """Return the editions of these areas that anybody may read, each month's newest. One query."""
    newest: dict[int, PublicEdition] = {}
    for edition in (
        PublicEdition.objects.filter(period__area__in=list(areas), number__isnull=False, **of_month)
        .select_related("period__area", "withdrawal")
        .order_by("period__area__name", "number")
    ):
        newest[edition.period_id] = edition
    return [
        edition
        for edition in newest.values()
        if not hasattr(edition, "withdrawal") and edition.period.area.has_public_pages
    ]


def lacks_areas(found: int) -> str:
    """ "Two more areas have to …"; empty if there are enough."""
    if found >= LEAST_AREAS:
        return ""
    return f"A region shows a month of at least {LEAST_AREAS} areas. {found} of them have made it public."
