"""Reads public editions with their lines, withdrawals of months, and the advice that an area shows to anybody."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from actions.selectors.highlights import count_public
from boards.models import PartnershipArea, PublicAdvice, PublicStatements, ReportingPeriod
from core.calendar import Month
from core.pages import NotHeld
from indicators.disclosure import Audience, Marking
from indicators.models.disclosure import MonthMarking
from reporting.models.documents import Document
from reporting.models.editions import MonthWithdrawal, PublicEdition, PublicLine, Replacement
from reporting.open_editions import (
    NO_PAGE,
    READ,
    PublicMonth,
    ReadEdition,
    Withdrawn,
    all_editions,
    describe_gone,
    find_withdrawal,
    is_for_the_public,
    make_public_month,
    newest_of,
)
from reporting.public import replica


def read_editions[T](months: Iterable[PublicMonth], ask: Callable[[str], T]) -> T:
    """Read something of editions that the primary has just named, from the replica if it has them. `ask` gets the alias
    of the database. With a replica, one more query.

    Their lines never change. The fingerprint is made of them, so no other edition can have this key and fingerprint.
    """
    wanted = {(month.key, month.fingerprint) for month in months}

    def has_all(alias: str) -> bool:
        editions = PublicEdition.objects.using(alias).filter(pk__in=[key for key, _ in wanted])
        return wanted <= set(editions.values_list("pk", "fingerprint"))

    return replica.read(ask, has_all=has_all)


def list_public_lines(edition: PublicEdition, *, using: str = DEFAULT_DB_ALIAS) -> list[PublicLine]:
    return list(PublicLine.objects.using(using).filter(edition=edition.pk).order_by("position"))


def edition_lines(month: PublicMonth) -> list[PublicLine]:
    edition = PublicEdition(pk=month.key)
    return read_editions([month], lambda using: list_public_lines(edition, using=using))


def lines_of_months(
    months: Iterable[PublicMonth], *, code: str = "", using: str = DEFAULT_DB_ALIAS
) -> dict[int, list[PublicLine]]:
    """Return the lines of several editions by the edition's key, or only one indicator's. One query."""
    lines = PublicLine.objects.using(using).filter(edition__in=[month.key for month in months]).order_by("position")
    by_edition: dict[int, list[PublicLine]] = defaultdict(list)
    for line in lines.filter(indicator_code=code) if code else lines:
        by_edition[line.edition_id].append(line)
    return by_edition


def greatest_by_place(months: Iterable[PublicMonth], *, using: str = DEFAULT_DB_ALIAS) -> dict[str, int]:
    """Return the indicators that any of these editions splits by place, with the greatest count shown for one place.
    One query.
    """
    keys = [month.key for month in months]
    lines = PublicLine.objects.using(using).filter(edition__in=keys, longitude__isnull=False)
    counts = lines.order_by().values_list("indicator_code").annotate(Max("value"))
    return {code: greatest or 0 for code, greatest in counts}


def find_public(slug: str, month: Month, number: str = "") -> PublicMonth:
    """Return the newest edition of a month, or the one with that number, with all that its page shows beside the lines.
    One query. Raises NotHeld if none is public, and Withdrawn if it was public once.
    """
    advice = PublicAdvice.objects.filter(area=OuterRef("period__area"), is_public=True)
    of_month = all_editions().filter(period__area__slug=slug, period__starts_on=month.first_day).only(*READ, "kpis")
    highlights = count_public("period__area", month)
    editions = list(of_month.annotate(signs=Subquery(advice.values("signs")), highlights=highlights))
    for edition in editions:
        if number in ("", str(edition.number)) and is_for_the_public(edition.marked):
            if gone := describe_gone(edition):
                raise Withdrawn(gone)
            public_month = make_public_month(edition, newest=editions[0].number)
            return replace(
                public_month,
                signs=edition.signs or "",
                highlights=edition.highlights,
                kpis=tuple(edition.kpis),
            )
    raise NotHeld(NO_PAGE)


def list_open_editions(areas: Iterable[int]) -> list[ReadEdition]:
    """Return the editions of these areas that anybody may read, and those that were withdrawn, the newest first. One
    query."""
    return list(all_editions().filter(period__area__in=areas))


def public_months(slug: str) -> list[PublicMonth]:
    """Return the months of an area that anybody may read, the newest first, each in its newest edition. One query.
    Raises NotHeld if there is none.
    """
    months = newest_of(all_editions().filter(period__area__slug=slug))
    if not months:
        raise NotHeld(NO_PAGE)
    return months


@dataclass(frozen=True, slots=True)
class FeedEdition:
    """An edition as a feed tells of it. `gone` is the sentence for the reader of one that was withdrawn."""

    month: Month
    number: int
    published_at: datetime
    changed_at: datetime
    gone: str = ""


def list_feed_editions(slug: str) -> tuple[PartnershipArea, list[FeedEdition]]:
    """Return the area and its editions, also the withdrawn ones, what changed last first. One query. Raises NotHeld if
    none was ever public, or the area's pages are off.
    """
    # A month that is marked against the public isn't named at all, as on its page.
    shown = [edition for edition in all_editions().filter(period__area__slug=slug) if is_for_the_public(edition.marked)]
    if not shown:
        raise NotHeld(NO_PAGE)
    editions = [make_feed_edition(edition) for edition in shown]
    editions.sort(key=lambda edition: (edition.changed_at, edition.month, edition.number), reverse=True)
    return shown[0].period.area, editions


def make_feed_edition(edition: PublicEdition) -> FeedEdition:
    number, published_at = cast("int", edition.number), cast("datetime", edition.published_at)
    withdrawal = find_withdrawal(edition)
    changed_at = withdrawal.withdrawn_at if withdrawal else published_at
    return FeedEdition(edition.period.month, number, published_at, changed_at, describe_gone(edition))


def newest_with_history(slug: str) -> tuple[Month, frozenset[Month]] | None:
    """Return the newest month that anybody may read, with the earlier months of which its edition shows a figure; None
    if nothing is public. Two queries.
    """
    try:
        newest = public_months(slug)[0]
    except NotHeld:
        return None
    histories = [line.history for line in lines_of_months([newest])[newest.key]]
    return newest.month, frozenset(
        newest.month + -back
        for history in histories
        for back, value in enumerate(reversed(history))
        if back and value is not None
    )


def list_months_with(area: PartnershipArea, code: str) -> list[Month]:
    """Return the months, the oldest first, whose editions anybody may read and have a line of an indicator. One
    query."""
    lines = PublicLine.objects.filter(
        edition__period__area=area,
        edition__number__isnull=False,
        edition__withdrawal__isnull=True,
        indicator_code=code,
        category_code="",
    )
    days = lines.order_by("edition__period__starts_on").values_list("edition__period__starts_on", flat=True)
    return [Month.of(day) for day in days.distinct()]


def list_areas_with_months() -> list[PartnershipArea]:
    """Return the areas that have a month that anybody may read. One query."""
    months = newest_of(all_editions())
    return list({month.area.pk: month.area for month in months}.values())


def list_areas_ever_public() -> dict[str, int]:
    """Return the key of each area with a month that anybody may read or could read before it was withdrawn, by its name
    in addresses. One query."""
    return {
        edition.period.area.slug: edition.period.area_id
        for edition in all_editions()
        if is_for_the_public(edition.marked)
    }


def find_public_advice(slug: str) -> PublicAdvice:
    """Return the advice of an area whose public pages are on. One query. Raises NotHeld."""
    advice = (
        PublicAdvice.objects.filter(is_public=True, area__slug=slug, area__has_public_pages=True)
        .select_related("area")
        .first()
    )
    if advice is None:
        raise NotHeld(NO_PAGE)
    return advice


def find_open_area(slug: str) -> PartnershipArea | None:
    """Return an area whose public pages are on, with its statements. One query."""
    areas = PartnershipArea.objects.select_related("statements")
    return areas.filter(slug=slug.replace("\x00", ""), has_public_pages=True).first()


def find_public_statements(slug: str) -> PublicStatements:
    """Return what an area whose public pages are on adds to the statements; nothing is saved if it has added nothing.
    One query. Raises NotHeld."""
    area = find_open_area(slug)
    if area is None:
        raise NotHeld(NO_PAGE)
    return getattr(area, "statements", None) or PublicStatements(area=area)


def list_areas_with_advice() -> list[PartnershipArea]:
    """Return the areas whose advice anybody may read. One query."""
    return list(PartnershipArea.objects.filter(has_public_pages=True, advice__is_public=True))


LAST = MonthWithdrawal.objects.filter(period=OuterRef("pk")).order_by("-id").values("last_number")[:1]
NEWEST = PublicEdition.objects.filter(period=OuterRef("pk"), number__isnull=False).order_by("-number")
MARKED = MonthMarking.objects.filter(period=OuterRef("pk"), audience=Audience.PUBLIC.value).order_by("-id")


def withdrawn_periods() -> QuerySet[ReportingPeriod]:
    """Return the months whose figures nobody may read: withdrawn, and without an edition of their own since; or marked
    against the public.
    """
    # By number and not by time: a clock may be put back.
    numbered = ReportingPeriod.objects.annotate(
        withdrawn_after=Subquery(LAST),
        newest=Coalesce(Subquery(NEWEST.values("number")[:1]), 0),
        marked=Subquery(MARKED.values("marking")[:1]),
    )
    return numbered.filter(Q(withdrawn_after__gte=F("newest")) | Q(marked=Marking.SENSITIVE.value))


def list_withdrawn_months(area: PartnershipArea) -> frozenset[Month]:
    """Return an area's months whose figures nobody may read. One query."""
    return list_withdrawn_in(area.slug)


def list_withdrawn_in(slug: str) -> frozenset[Month]:
    """Return the same for an area's slug. One query."""
    periods = withdrawn_periods().filter(area__slug=slug).order_by()
    return frozenset(Month.of(day) for day in periods.values_list("starts_on", flat=True))


def waiting_replacements() -> QuerySet[Replacement]:
    """Return the months that wait for a new edition, the oldest withdrawal and month first."""
    waiting = Replacement.objects.filter(is_tried=False).select_related("period__area", "withdrawal")
    return waiting.order_by("withdrawal", "period__starts_on")


def list_refused(area: PartnershipArea) -> dict[int, str]:
    """Return by the month's key why no new edition could be prepared, after its newest withdrawal. One query."""
    tried = Replacement.objects.filter(period__area=area).order_by("withdrawal")
    # The newest comes last, and wins.
    return dict(tried.values_list("period", "refused"))


def find_month_withdrawal(period: ReportingPeriod) -> MonthWithdrawal | None:
    """Return a month's newest withdrawal, with its reason. One query."""
    withdrawals = MonthWithdrawal.objects.filter(period=period).select_related(
        "withdrawn_by", "explanation__given_by", "period__area"
    )
    return withdrawals.order_by("-id").first()


def list_unexplained(area: PartnershipArea) -> QuerySet[MonthWithdrawal]:
    """Return the urgent withdrawals that nobody has given a reason for."""
    withdrawals = MonthWithdrawal.objects.filter(period__area=area, is_urgent=True, explanation=None)
    return withdrawals.select_related("period", "withdrawn_by").order_by("pk")


def list_waiting_documents(area: PartnershipArea) -> list[Document]:
    """Return the documents of the year that somebody asked to make public. One query."""
    asked = Document.objects.filter(area=area, public_asked_at__isnull=False).select_related("public_asked_by")
    return list(asked.order_by("public_asked_at"))
