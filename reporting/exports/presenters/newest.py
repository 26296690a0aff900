"""What does the newest version of a month show one audience?"""

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
    """Return the newest version of a month that the reader may see, or the one with that number. Four queries. It has
    the month's marking for that audience, unless `marking` is given. For the public, it is the newest with a public
    edition; if none has one, what an edition would show. Raises NotHeld, or AudienceRefused.
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
    # A version doesn't say which KPIs the public may know.
    return replace(view, kpis=tuple(list_kpi_marks(snapshot))) if audience is Audience.PARTNERS else view
