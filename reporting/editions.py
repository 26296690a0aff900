"""Which editions of a month are public, and what would the next one say?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from actions.selectors.highlights import PUBLIC_COUNT, days_of
from boards.models import PartnershipArea, PublicAdvice, ReportingPeriod
from core.months import Month
from core.selectors import as_day, as_moment, fetch_rows
from indicators.disclosure import Audience, AudienceRefused, Marking
from indicators.models import Indicator
from indicators.selectors.disclosure import effective_rules
from indicators.selectors.markings import MARKED_FOR_PUBLIC, or_usual
from indicators.workflow import EditionState
from reporting.models import EditionWithdrawal, IndicatorLine, PublicEdition, PublicLine, Snapshot
from reporting.public_lines import GivenAway, Issued, Prepared, prepare
from reporting.selectors import NotHeld

READ = ("indicator_code", "category_code", "history", "steps")  # of a line that an edition was made of


class Withdrawn(NotHeld):
    """The edition was public once. Its text is a sentence for the reader."""


def prepare_edition(snapshot: Snapshot) -> Prepared:
    """The edition that a version would make now, beside all that is public already. Nine queries, however
    many months. The period's area is read too."""
    period = snapshot.period
    lines = list(IndicatorLine.objects.filter(snapshot=snapshot).order_by("position"))
    prepared = prepare(period.month, lines, effective_rules(period.area), issued_editions(period.area))
    describe(prepared, period)
    return prepared


def describe(prepared: Prepared, period: ReportingPeriod) -> None:
    """Copy what stands beside the figures: what is counted, why it matters, and where from."""
    indicators = {
        indicator.code: indicator
        for indicator in Indicator.objects.filter(area=period.area_id).prefetch_related("definitions")
    }
    for line in prepared.lines:
        indicator = indicators.get(line.indicator_code)
        if indicator is None or line.category_code:
            continue
        in_force = [each for each in indicator.definitions.all() if each.applies_from <= period.starts_on]
        line.definition = in_force[-1].text if in_force else ""
        line.why_it_matters, line.source = indicator.why_it_matters, indicator.source


def issued_editions(area: PartnershipArea) -> list[Issued]:
    """All that is public of an area, or was, in the order in which it was published. Three queries."""
    editions = list(
        PublicEdition.objects.filter(period__area=area, state=EditionState.PUBLISHED.value)
        .select_related("period")
        .order_by("published_at", "id")
    )
    lines: dict[int, list[PublicLine]] = defaultdict(list)
    for line in PublicLine.objects.filter(edition__in=[one.pk for one in editions]).order_by("position"):
        lines[line.edition_id].append(line)
    true: dict[int, list[IndicatorLine]] = defaultdict(list)
    snapshots = {one.snapshot_id for one in editions}
    for kept in IndicatorLine.objects.filter(snapshot__in=snapshots).only("snapshot_id", *READ):
        true[kept.snapshot_id].append(kept)
    return [Issued(one.period.month, lines[one.pk], true[one.snapshot_id]) for one in editions]


def newest_edition(period: ReportingPeriod) -> PublicEdition | None:
    """The newest that was published, with its withdrawal."""
    published = PublicEdition.objects.filter(period=period, state=EditionState.PUBLISHED.value)
    return published.select_related("withdrawal").order_by("-number").first()


def published_edition(period: ReportingPeriod, snapshot: Snapshot | None = None) -> PublicEdition | None:
    """The newest that anybody can read, or the newest of that version."""
    published = PublicEdition.objects.filter(
        period=period, state=EditionState.PUBLISHED.value, withdrawal__isnull=True, period__area__has_public_pages=True
    )
    if snapshot is not None:
        published = published.filter(snapshot=snapshot)
    return published.select_related("snapshot").order_by("-number").first()


def lines_for_the_public(snapshot: Snapshot) -> list[PublicLine]:
    """What the public sees of a version; or would see, while it has no edition.

    Raises AudienceRefused where such an edition would give something away.
    """
    edition = published_edition(snapshot.period, snapshot)
    if edition is not None:
        return public_lines_of(edition)
    prepared = prepare_edition(snapshot)
    if prepared.given_away:
        raise AudienceRefused(given_away_words(prepared.given_away))
    return prepared.lines


MOST_NAMED = 3  # figures in a refusal


def given_away_words(found: Sequence[GivenAway]) -> str:
    """A sentence that says which figures an edition would give away, without saying them."""
    names = [f"{one.label} in {one.month.label}" for one in found[:MOST_NAMED]]
    more = f", and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return (
        f"With what is public already, somebody could work out {'; '.join(names)}{more}. Nothing was published. "
        "A stricter rule may help: the information officer decides."
    )


def under_way(period: ReportingPeriod) -> PublicEdition | None:
    """The one that waits for consent, or for being published."""
    waiting = (EditionState.ASKED.value, EditionState.AGREED.value)
    return PublicEdition.objects.filter(period=period, state__in=waiting).first()


def public_lines_of(edition: PublicEdition) -> list[PublicLine]:
    return list(PublicLine.objects.filter(edition=edition).order_by("position"))


def lines_of_months(months: Iterable["PublicMonth"], *, code: str = "") -> dict[int, list[PublicLine]]:
    """The lines of several editions by the edition's key; only an indicator's, where one is named. One query."""
    lines = PublicLine.objects.filter(edition__in=[month.key for month in months]).order_by("position")
    found: dict[int, list[PublicLine]] = defaultdict(list)
    for line in lines.filter(indicator_code=code) if code else lines:
        found[line.edition_id].append(line)
    return found


@dataclass(frozen=True, slots=True)
class PublicMonth:
    """A public edition as a reader finds it. `newest` is the number of the month's newest; `version` the
    month's version that it was made of."""

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
    told: int = 0  # highlights of the month that anybody may read; only counted where it is found by itself


# One statement by hand: it is all that an answer of "not modified" costs. See core.selectors.
TOLD = PUBLIC_COUNT.format(area="area.id", first="%s", last="%s")
AREA_READ = ("id", "slug", "name", "longitude", "latitude")
PUBLIC = f"""
    SELECT edition.id, edition.number, edition.fingerprint, edition.published_at, period.starts_on, period.due_on,
        snapshot.version, snapshot.taken_at, withdrawal.withdrawn_at,
        {MARKED_FOR_PUBLIC.format(period="period.id")}, {", ".join(f"area.{column}" for column in AREA_READ)},
        EXISTS (SELECT 1 FROM {PublicAdvice._meta.db_table} advice WHERE advice.area_id = area.id AND advice.is_public),
        {{told}}
    FROM {PublicEdition._meta.db_table} edition
    JOIN {ReportingPeriod._meta.db_table} period ON period.id = edition.period_id
    JOIN {PartnershipArea._meta.db_table} area ON area.id = period.area_id
    JOIN {Snapshot._meta.db_table} snapshot ON snapshot.id = edition.snapshot_id
    LEFT JOIN {EditionWithdrawal._meta.db_table} withdrawal ON withdrawal.edition_id = edition.id
    WHERE area.slug = %s AND area.has_public_pages AND edition.number IS NOT NULL {{month}}
    ORDER BY period.starts_on DESC, edition.number DESC
"""  # noqa: S608


def find_public(slug: str, month: Month, number: str = "") -> PublicMonth:
    """The newest edition of a month, or the one of that number. One query.

    Raises NotHeld where nothing of it is public, and Withdrawn where it was.
    """
    first, last = (str(day) for day in days_of(month))
    rows = fetch_rows(PUBLIC.format(month="AND period.starts_on = %s", told=TOLD), [last, first, slug, first])
    for row in rows:
        if number in ("", str(row[1])) and is_for_the_public(row):
            if row[8] is not None:
                raise Withdrawn(f"{month.label} was published here, and has been withdrawn.")
            return public_month(row, newest=rows[0][1])
    raise NotHeld("There is no such page, or it isn’t public.")


def public_months(slug: str) -> list[PublicMonth]:
    """The months of an area that anybody may read, the newest first, each in its newest edition. One query.

    Raises NotHeld where there is none.
    """
    found: dict[object, PublicMonth | None] = {}
    for row in fetch_rows(PUBLIC.format(month="", told=0), [slug]):
        if row[4] not in found:
            is_public = row[8] is None and is_for_the_public(row)
            found[row[4]] = public_month(row, newest=row[1]) if is_public else None
    months = [month for month in found.values() if month is not None]
    if not months:
        raise NotHeld("There is no such page, or it isn’t public.")
    return months


def is_for_the_public(row: Sequence[Any]) -> bool:
    """Whether the marking lets the public have it: a month that is marked OFFICIAL-SENSITIVE goes off its pages."""
    return or_usual(row[9], Audience.PUBLIC) is not Marking.SENSITIVE


def public_month(row: Sequence[Any], *, newest: int) -> PublicMonth:
    key, number, fingerprint, published_at, starts_on, due_on, version, taken_at, _, marked, *area, has_signs, told = (
        row
    )
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
        has_signs=bool(has_signs),
        told=told,
    )
