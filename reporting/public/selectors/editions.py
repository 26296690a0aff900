"""Which editions of a month may anybody read, and what do they show?"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Max

from actions.selectors.highlights import PUBLIC_COUNT, first_and_last_day
from boards.models import PartnershipArea, PublicAdvice, ReportingPeriod
from core import replica
from core.months import Month
from core.not_held import NotHeld
from core.selectors import as_day, as_moment, fetch_rows
from core.statements import statement
from indicators.disclosure import Audience, Marking
from indicators.selectors.markings import MARKED_FOR_PUBLIC, or_usual
from reporting.models.editions import PublicEdition, PublicLine
from reporting.models.withdrawals import EditionWithdrawal, MonthWithdrawal


class Withdrawn(NotHeld):
    """The edition was public once. Its text is a sentence for the reader."""


def read_editions[T](months: Iterable["PublicMonth"], ask: Callable[[str], T]) -> T:
    """Read something of editions that the primary has just named, from the replica if it has them. `ask` gets the alias
    of the database. With a replica, one more query.

    Their lines never change. The fingerprint is made of them, so no other edition can have this key and fingerprint.
    """
    wanted = {(month.key, month.fingerprint) for month in months}

    def has_all(alias: str) -> bool:
        found = PublicEdition.objects.using(alias).filter(pk__in=[key for key, _ in wanted])
        return wanted <= set(found.values_list("pk", "fingerprint"))

    return replica.read(ask, has_all=has_all)


def list_public_lines(edition: PublicEdition, *, using: str = DEFAULT_DB_ALIAS) -> list[PublicLine]:
    return list(PublicLine.objects.using(using).filter(edition=edition.pk).order_by("position"))


def edition_lines(month: "PublicMonth") -> list[PublicLine]:
    edition = PublicEdition(pk=month.key)
    return read_editions([month], lambda using: list_public_lines(edition, using=using))


def lines_of_months(
    months: Iterable["PublicMonth"], *, code: str = "", using: str = DEFAULT_DB_ALIAS
) -> dict[int, list[PublicLine]]:
    """Return the lines of several editions by the edition's key, or only one indicator's. One query."""
    lines = PublicLine.objects.using(using).filter(edition__in=[month.key for month in months]).order_by("position")
    found: dict[int, list[PublicLine]] = defaultdict(list)
    for line in lines.filter(indicator_code=code) if code else lines:
        found[line.edition_id].append(line)
    return found


def greatest_by_place(months: Iterable["PublicMonth"], *, using: str = DEFAULT_DB_ALIAS) -> dict[str, int]:
    """Return the indicators that any of these editions splits by place, with the greatest count shown for one place.
    One query.
    """
    keys = [month.key for month in months]
    lines = PublicLine.objects.using(using).filter(edition__in=keys, longitude__isnull=False)
    counts = lines.order_by().values_list("indicator_code").annotate(Max("value"))
    return {code: greatest or 0 for code, greatest in counts}


@dataclass(frozen=True, slots=True)
class PublicMonth:
    """A public edition as a reader finds it. `newest` is the number of the month's newest edition. `version` is the
    month's version that it was made from.
    """

    key: int
    area: PartnershipArea
    month: Month
    due_on: date
    number: int
    newest: int
    fingerprint: str
    version: int
    taken_at: datetime
    published_at: datetime
    marking: Marking
    has_signs: bool = False  # whether anybody may read the area's advice on warning signs
    # Only if it was fetched alone:
    signs: str = ""  # those of that advice, one a line
    told: int = 0  # highlights of the month that anybody may read
    kpis: tuple[dict[str, Any], ...] = ()  # as PublicEdition keeps them


# One statement by hand, because it is the whole cost of an answer of "not modified". See core.selectors.
TOLD = PUBLIC_COUNT.format(area="area.id", first="%s", last="%s")
# By way of the edition: a version holds more than is public, so nothing here imports its model.
SNAPSHOTS = PublicEdition.snapshot.field.related_model._meta.db_table
NO_PAGE = "There is no such page, or it is not public."
OWN, OTHER = "own", "other"  # why an edition is down: for its own month, or for one that it repeats
LISTED = {"signs": "''", "told": 0, "kpis": "'[]'"}  # for a list of months
AREA_READ = ("id", "slug", "name", "longitude", "latitude")
PUBLIC = statement(
    """
    SELECT edition.id, edition.number, edition.fingerprint, edition.published_at, period.starts_on, period.due_on,
        snapshot.version, snapshot.taken_at,
        CASE WHEN cause.period_id = edition.period_id THEN '{own}' WHEN cause.id IS NOT NULL THEN '{other}' END,
        {marked}, {columns},
        (SELECT {{signs}} FROM {advice} advice WHERE advice.area_id = area.id AND advice.is_public),
        {{told}}, {{kpis}}
    FROM {edition} edition
    JOIN {period} period ON period.id = edition.period_id
    JOIN {area} area ON area.id = period.area_id
    JOIN {snapshot} snapshot ON snapshot.id = edition.snapshot_id
    LEFT JOIN {withdrawal} withdrawal ON withdrawal.edition_id = edition.id
    LEFT JOIN {cause} cause ON cause.id = withdrawal.cause_id
    WHERE area.has_public_pages AND edition.number IS NOT NULL {{which}}
    ORDER BY period.starts_on DESC, edition.number DESC
""",
    marked=statement(MARKED_FOR_PUBLIC, period="period.id"),
    columns=[f"area.{column}" for column in AREA_READ],
    advice=PublicAdvice,
    edition=PublicEdition,
    period=ReportingPeriod,
    area=PartnershipArea,
    snapshot=SNAPSHOTS,
    withdrawal=EditionWithdrawal,
    cause=MonthWithdrawal,
    own=OWN,
    other=OTHER,
)
# Neither names another month: if that was marked, the public isn't told.
GONE = {
    OWN: "{month} was published here, and has been withdrawn.",
    OTHER: (
        "{month} was published here. We took it down because it also showed figures that have been withdrawn. A new "
        "edition may follow."
    ),
}


def find_public(slug: str, month: Month, number: str = "") -> PublicMonth:
    """Return the newest edition of a month, or the one with that number. One query. Raises NotHeld if none is public,
    and Withdrawn if it was public once.
    """
    first, last = (str(day) for day in first_and_last_day(month))
    rows = fetch_rows(
        PUBLIC.format(
            which="AND area.slug = %s AND period.starts_on = %s", signs="advice.signs", told=TOLD, kpis="edition.kpis"
        ),
        [last, first, slug, first],
    )
    for row in rows:
        # These numbers are places in the SELECT of PUBLIC.
        if number in ("", str(row[1])) and is_for_the_public(row):
            if row[8] is not None:
                raise Withdrawn(GONE[row[8]].format(month=month.label))
            return public_month(row, newest=rows[0][1])
    raise NotHeld(NO_PAGE)


def public_months(slug: str) -> list[PublicMonth]:
    """Return the months of an area that anybody may read, the newest first, each in its newest edition. One query.
    Raises NotHeld if there is none.
    """
    months = newest_of(fetch_rows(PUBLIC.format(which="AND area.slug = %s", **LISTED), [slug]))
    if not months:
        raise NotHeld(NO_PAGE)
    return months


@dataclass(frozen=True, slots=True)
class Told:
    """An edition as a feed tells of it. `gone` is the sentence for the reader of one that was withdrawn."""

    month: Month
    number: int
    published_at: datetime
    changed_at: datetime
    gone: str = ""


def list_told(slug: str) -> tuple[PartnershipArea, list[Told]]:
    """Return the area and its editions, also the withdrawn ones, what changed last first. Two queries. Raises NotHeld
    if none was ever public, or the area's pages are off.
    """
    rows = fetch_rows(PUBLIC.format(which="AND area.slug = %s", **LISTED), [slug])
    down = dict(
        EditionWithdrawal.objects.filter(edition__in=[row[0] for row in rows]).values_list("edition", "withdrawn_at")
    )
    found: list[Told] = []
    # A month that is marked against the public isn't named at all, as on its page.
    shown = [row for row in rows if is_for_the_public(row)]
    for row in shown:
        month, published_at = Month.of(as_day(row[4])), as_moment(row[3])
        gone = GONE[row[8]].format(month=month.label) if row[8] is not None else ""
        found.append(Told(month, row[1], published_at, down[row[0]] if gone else published_at, gone))
    if not shown:
        raise NotHeld(NO_PAGE)
    found.sort(key=lambda each: (each.changed_at, each.month, each.number), reverse=True)
    return public_month(shown[0], newest=shown[0][1]).area, found


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


def list_areas_with_months() -> list[PartnershipArea]:
    """Return the areas that have a month that anybody may read. One query."""
    months = newest_of(fetch_rows(PUBLIC.format(which="", **LISTED), []))
    return list({month.area.pk: month.area for month in months}.values())


def newest_of(rows: Iterable[Sequence[Any]]) -> list["PublicMonth"]:
    """Return each month in its newest edition, without those whose newest edition nobody may read."""
    found: dict[object, PublicMonth | None] = {}
    for row in rows:
        # The newest edition decides. If it was withdrawn, an older one doesn't return.
        area_and_month = (row[10], row[4])
        if area_and_month not in found:
            is_public = row[8] is None and is_for_the_public(row)
            found[area_and_month] = public_month(row, newest=row[1]) if is_public else None
    return [month for month in found.values() if month is not None]


def is_for_the_public(row: Sequence[Any]) -> bool:
    """Return whether its marking lets the public read it. A month marked OFFICIAL-SENSITIVE isn't on public pages."""
    return or_usual(row[9], Audience.PUBLIC) is not Marking.SENSITIVE


def public_month(row: Sequence[Any], *, newest: int) -> PublicMonth:
    (
        key,
        number,
        fingerprint,
        published_at,
        starts_on,
        due_on,
        version,
        taken_at,
        _,
        marked,
        *area,
        signs,
        told,
        kpis,
    ) = row
    return PublicMonth(
        key=key,
        area=PartnershipArea.from_db("default", AREA_READ, area),
        month=Month.of(as_day(starts_on)),
        due_on=as_day(due_on),
        number=number,
        newest=newest,
        fingerprint=str(fingerprint),
        version=version,
        taken_at=as_moment(taken_at),
        published_at=as_moment(published_at),
        marking=or_usual(marked, Audience.PUBLIC),
        has_signs=signs is not None,
        signs=signs or "",
        told=told,
        kpis=tuple(json.loads(kpis)),
    )
