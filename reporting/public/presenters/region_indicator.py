"""What anybody may read about one indicator in all areas of a region.

Everything comes from figures that the edition shows: the funnel's average, its factor and its limits from the areas'
shown cells, the region's series from totals that are shown, and each usual range from an area's own public edition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from boards.models import LEAST_AREAS, Shows
from boards.permissions import Place
from core.calendar import Month
from core.files.tables import DataFile
from indicators.disclosure import Audience, Disclosed
from indicators.judgement.judge import Counted
from indicators.selectors.open_data import Residents
from reporting.models.line_fields import Line as Kept
from reporting.public.presenters.region_files import find_made_at
from reporting.public.presenters.region_month import Line, describe_line, read_residents
from reporting.public.region_selectors import RegionMonth, Source
from reporting.regions.cells import Indicator, RegionFigures, Told, Whole, judge_totals, make_indicators
from reporting.regions.presenters.files import make_indicator_file as make_partners_file
from reporting.regions.presenters.indicator import IndicatorView, view_indicator
from reporting.regions.presenters.states import describe_residents


@dataclass(frozen=True, slots=True)
class PublicIndicator:
    """An indicator of a region's edition: `view` as the region's own people see one, `line` as its month has it. The
    total is the line's: the view's is only the sum of the cells shown."""

    view: IndicatorView
    line: Line
    figures: RegionFigures
    residents_note: str


def make_indicator(line: Mapping[str, Any], wholes: Sequence[Whole]) -> Indicator:
    """Join the areas' wholes. Whether they count residents is what the edition says, not the areas' set-up of today."""
    said = {name: line[name] for name in ("counts_residents", "residents_why")}
    cells = [whole.cell._replace(**said) for whole in wholes]
    return make_indicators(cells)[line["code"]]


def make_view(
    month: RegionMonth,
    line: Mapping[str, Any],
    months: Mapping[Month, Mapping[str, Any]],
    sources: Sequence[Source],
    indicator: Indicator,
    lines: Mapping[int, Disclosed[Kept]],
    *,
    as_rates: bool = False,
    over_a_year: bool = False,
) -> PublicIndicator:
    """Return an indicator of an edition. `months` are its lines in the editions that anybody may read, this one among
    them; `lines` are the areas' public ones, by the area's key."""
    by_slug = read_residents(month.content)
    residents = {source.area_id: by_slug[source.slug] for source in sources if source.slug in by_slug}
    figures = make_figures(month, sources, indicator, residents)
    totals = {past: tell(past_line) for past, past_line in months.items() if past_line["total"] is not None}
    own_fields = (
        judge_totals(totals, month.month, polarity=indicator.polarity, counted=Counted(indicator.lead.counts_as))
        if month.month in totals
        else {}
    )
    view = view_indicator(
        figures, indicator, lines, own_fields, as_rates=as_rates, over_a_year=over_a_year, least=LEAST_AREAS
    )
    before = {past: past_line for past, past_line in months.items() if past < month.month}
    return PublicIndicator(
        view=view,
        line=describe_line(line, month.content, month.month, before),
        figures=figures,
        residents_note=describe_residents(figures.names, residents, month.month) if indicator.has_rates else "",
    )


def make_figures(
    month: RegionMonth, sources: Sequence[Source], indicator: Indicator, residents: Mapping[int, Residents]
) -> RegionFigures:
    return RegionFigures(
        region=month.name,
        month=month.month,
        places=tuple(
            Place(source.area_id, source.slug, source.name, "", None, None, None, Shows.PUBLIC) for source in sources
        ),
        parts={},
        indicators=(indicator,),
        saved={},
        residents=residents,
    )


def tell(line: Mapping[str, Any]) -> Told:
    total = line["total"]
    return Told(total["value"], tuple(sorted(total["areas"])), line["definition"], total["is_withheld"])


def make_indicator_file(month: RegionMonth, indicator: PublicIndicator) -> DataFile:
    """Return the page as open data: the region's totals, then each area's months."""
    file = make_partners_file(
        month,
        indicator.view,
        indicator.figures,
        marking=month.marking.value,
        made_at=find_made_at(month),
        audience=Audience.PUBLIC,
    )
    code = indicator.view.indicator.code
    return replace(file, stem=f"{month.slug}-{code}-{month.month}", about={**file.about, "edition": month.number})
