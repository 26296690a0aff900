"""What does a region's pack read? The region's month as its pages show it, with every indicator's months."""

from functools import cached_property
from typing import Any

from django.utils import timezone

from boards.region_permissions import RegionAccess
from core.months import Month
from indicators.disclosure import Disclosed
from reporting.models.line_fields import Line
from reporting.region_packs.presenters.sources import Sources
from reporting.regions.presenters.files import find_made_at
from reporting.regions.presenters.indicator import IndicatorView, view_indicator
from reporting.regions.presenters.lines import view_lines
from reporting.regions.presenters.matrix import make_matrix
from reporting.regions.presenters.rows import make_rows
from reporting.regions.presenters.states import describe_residents, view_areas
from reporting.regions.readings import RegionMonthPage
from reporting.regions.selectors import find_every_series, list_wholes, make_set_up


class RegionPackPage(RegionMonthPage):
    """A region's month with all that a pack has: twelve queries at most, however many areas and indicators. Raises
    NotHeld for a month that no area published."""

    @cached_property
    def lines(self) -> dict[str, dict[int, Disclosed[Line]]]:
        """Return each area's line with its months, by the indicator's code and the area's key. One query."""
        found: dict[str, dict[int, Disclosed[Line]]] = {}
        for whole in list_wholes(self.parts.values(), make_set_up(self.set_up)):
            found.setdefault(whole.cell.indicator_code, {})[whole.cell.area_id] = whole.line
        return found

    @cached_property
    def every_own(self) -> dict[str, dict[str, Any]]:
        """Return the region's own lines with their months. One query."""
        saved = self.saved  # brings what is saved up to date
        every = find_every_series(self.region, self.month, self.key)
        own = {code: {**every.get(code, {}), **fields} for code, fields in saved.items()}
        return {code: fields for code, fields in own.items() if "value" in fields and "history" in fields}

    def view_indicators(self) -> tuple[IndicatorView, ...]:
        figures = self.get_figures(with_rates=True)
        return tuple(
            view_indicator(figures, one, self.lines[one.code], self.every_own.get(one.code, {}))
            for one in self.indicators
        )


def gather_sources(access: RegionAccess, month: Month) -> Sources:
    """Return what a pack of this month is made from today. Raises NotHeld."""
    page = RegionPackPage(access, month)
    figures = page.get_figures(with_rates=True)
    return Sources(
        slug=access.region.slug,
        figures=figures,
        areas=tuple(view_areas(access.places, page.parts, month, today=timezone.localdate())),
        matrix=make_matrix(figures, as_rates=True),
        rows=tuple(make_rows(figures, with_rates=True)),
        views=page.view_indicators(),
        lines=tuple(view_lines(page.list_origin_cells(), page.partners, page.parts, page.find_greatest())),
        residents_note=describe_residents(page.names, page.residents, month),
        marking=page.marking,
        taken_at=find_made_at(page.parts),
    )
