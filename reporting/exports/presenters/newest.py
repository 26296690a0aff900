"""What does the newest version of a month say to one audience?"""

from dataclasses import replace

from boards.models import PartnershipArea
from core.months import Month
from indicators.disclosure import Audience
from indicators.selectors.markings import get_marking
from reporting.months.presenters.month import month_view
from reporting.months.presenters.shapes import MonthView
from reporting.months.selectors.kpis import list_kpi_marks
from reporting.months.selectors.lines import list_lines
from reporting.months.selectors.versions import find_month, find_successor, find_version, latest_snapshot, list_versions
from reporting.public.editions import lines_for_the_public, published_edition


def newest_view(
    area: PartnershipArea,
    month: Month,
    *,
    audience: Audience,
    include_drafts: bool,
    marking: str | None = None,
    version: int | None = None,
) -> MonthView:
    """The newest version of a month that the reader may see, or the one of that number: four queries.

    It is marked as the month is for that audience, unless `marking` says how.
    The public's is the newest that has a public edition; where none has, what an edition of it would show.

    Raises NotHeld, or AudienceRefused.
    """
    period = find_month(area, month).period
    successor = None
    if version is not None:
        versions = list_versions(period, include_drafts=include_drafts)
        snapshot = find_version(versions, str(version), month=month)
        successor = find_successor(snapshot, versions)
    else:
        edition = published_edition(period) if audience is Audience.PUBLIC else None
        snapshot = edition.snapshot if edition else latest_snapshot(period, include_drafts=include_drafts)
    snapshot.period = period
    view = month_view(
        snapshot,
        list_lines(snapshot) if audience is Audience.PARTNERS else lines_for_the_public(snapshot),
        area=area,
        period=period,
        audience=audience,
        marking=get_marking(period, audience=audience) if marking is None else marking,
        successor=successor,
        is_public=audience is Audience.PUBLIC and published_edition(period, snapshot) is not None,
    )
    # What the public may know of KPIs isn't told by a version.
    return replace(view, kpis=tuple(list_kpi_marks(snapshot))) if audience is Audience.PARTNERS else view
