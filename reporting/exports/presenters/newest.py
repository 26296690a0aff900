"""What does a month say to one audience, line by line? Its files, its command and the API take all their lines here."""

from contextlib import suppress
from dataclasses import dataclass, replace

from boards.models import PartnershipArea, ReportingPeriod
from core.months import Month
from core.not_held import NotHeld
from indicators.disclosure import Audience
from indicators.selectors.markings import get_marking
from reporting.models.snapshots import Snapshot
from reporting.months.presenters.month import month_view
from reporting.months.presenters.shapes import MonthView
from reporting.months.selectors.kpis import list_kpi_marks
from reporting.months.selectors.lines import list_lines_of_file
from reporting.months.selectors.versions import find_month, find_successor, find_version, latest_snapshot, list_versions
from reporting.public.editions import lines_for_the_public, published_edition
from reporting.public.presenters.month import public_view
from reporting.public.selectors.editions import PublicMonth, edition_lines, find_public


@dataclass(frozen=True, slots=True)
class FoundVersion:
    """A version of a month that a reader may see, with its month, and the published version that replaced it."""

    snapshot: Snapshot
    period: ReportingPeriod
    successor: Snapshot | None = None

    @property
    def marking(self) -> str:
        """Return how the month is marked for partners. No query: the month was found with it."""
        return str(get_marking(self.period).value)

    @property
    def facts(self) -> tuple[object, ...]:
        """Return everything that its figures and what is said about them depend on. No query."""
        version, period = self.snapshot, self.period
        replaced = self.successor and (self.successor.version, self.successor.published_at)
        return (
            (period.area.slug, period.area.name, period.starts_on, period.due_on, period.status),
            (version.pk, version.state, version.fingerprint, version.timeliness, replaced),
            self.marking,
        )


def find_newest(
    area: PartnershipArea, month: Month, *, include_drafts: bool, version: int | None = None
) -> FoundVersion:
    """Return the newest version of a month that the reader may see, or the one with that number. Two queries. Raises
    NotHeld."""
    period = find_month(area, month).period
    if version is None:
        snapshot, successor = latest_snapshot(period, include_drafts=include_drafts), None
    else:
        versions = list_versions(period, include_drafts=include_drafts)
        snapshot = find_version(versions, str(version), month=month)
        successor = find_successor(snapshot, versions)
    snapshot.period = period
    return FoundVersion(snapshot, period, successor)


def view_for_partners(found: FoundVersion) -> MonthView:
    """Return the view of all lines of a version, with its KPIs. Two queries."""
    view = month_view(
        found.snapshot,
        list_lines_of_file(found.snapshot),
        area=found.period.area,
        period=found.period,
        audience=Audience.PARTNERS,
        marking=found.marking,
        successor=found.successor,
    )
    return replace(view, kpis=tuple(list_kpi_marks(found.snapshot)))


def newest_view(
    area: PartnershipArea,
    month: Month,
    *,
    audience: Audience,
    include_drafts: bool,
    version: int | None = None,
) -> MonthView:
    """Return the newest version of a month that the reader may see, or the one with that number. Four queries. For the
    public, it is the newest with a public edition; if none has one, what an edition would show. Raises NotHeld, or
    AudienceRefused.
    """
    if audience is Audience.PARTNERS:
        found = find_newest(area, month, include_drafts=include_drafts, version=version)
        return view_for_partners(found)
    return view_for_the_public(area, month, include_drafts=include_drafts, version=version)


def view_for_the_public(area: PartnershipArea, month: Month, *, include_drafts: bool, version: int | None) -> MonthView:
    """Return what the public sees of a month; of a version, or without an edition, what it would see."""
    if version is None:
        with suppress(NotHeld):
            return view_of_edition(find_public(area.slug, month))
    found = find_newest(area, month, include_drafts=include_drafts, version=version)
    period = found.period
    return month_view(
        found.snapshot,
        lines_for_the_public(found.snapshot),
        area=area,
        period=period,
        audience=Audience.PUBLIC,
        marking=get_marking(period, audience=Audience.PUBLIC),
        successor=found.successor,
        is_public=published_edition(period, found.snapshot) is not None,
    )


def view_of_edition(month: PublicMonth) -> MonthView:
    """Return the view of all lines of a public edition. One query."""
    return public_view(month, edition_lines(month)).month
