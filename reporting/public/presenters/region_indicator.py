"""What anybody may read about one indicator in all areas of a region.

Everything comes from figures that the edition shows: the funnel's average, its factor and its limits from the areas'
shown cells, the region's series from totals that are shown, and each usual range from an area's own public edition.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from boards.models import LEAST_AREAS, Shows
from boards.permissions import Place
from core.files.tables import DataFile
from indicators.disclosure import Audience
from indicators.judgement.judge import Counted
from indicators.selectors.open_data import Residents
from reporting.public.presenters.files import cut_to_day
from reporting.public.presenters.region_month import Line, make_line, read_residents
from reporting.public.region_selectors import RegionMonth, Source, list_contents, list_sources, list_wholes
from reporting.regions.cells import Indicator, RegionFigures, Told, judge_totals, make_indicators
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


def make_view(
    month: RegionMonth, series: Iterable[RegionMonth], code: str, *, as_rates: bool = False, over_a_year: bool = False
) -> PublicIndicator:
    """Return an indicator of an edition. `series` are the months up to it that anybody may read, this one among them.
    Three queries."""
    sources, contents = list_sources(month), list_contents(series)
    lines = {past.month: line for past in series for line in contents[past.key]["lines"] if line["code"] == code}
    line, wholes = lines[month.month], list_wholes(sources, code)
    # Whether they count residents is what the edition says, not the areas' set-up of today.
    said = {name: line[name] for name in ("counts_residents", "residents_why")}
    indicator = make_indicators(whole.cell._replace(**said) for whole in wholes)[code]
    by_slug = read_residents(month.content)
    residents = {source.area_id: by_slug[source.slug] for source in sources if source.slug in by_slug}
    figures = make_figures(month, sources, indicator, residents)
    totals = {past: tell(past_line) for past, past_line in lines.items() if past_line["total"] is not None}
    own_fields = (
        judge_totals(totals, month.month, polarity=indicator.polarity, counted=Counted(indicator.lead.counts_as))
        if month.month in totals
        else {}
    )
    view = view_indicator(
        figures,
        indicator,
        {whole.cell.area_id: whole.line for whole in wholes},
        own_fields,
        as_rates=as_rates,
        over_a_year=over_a_year,
        least=LEAST_AREAS,
    )
    before = {past: of["total"] for past, of in lines.items() if past < month.month}
    return PublicIndicator(
        view=view,
        line=make_line(line, month.content, month.month, before),
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
        made_at=cut_to_day(month.published_at),
        audience=Audience.PUBLIC,
    )
    code = indicator.view.indicator.code
    return replace(file, stem=f"{month.slug}-{code}-{month.month}", about={**file.about, "edition": month.number})
