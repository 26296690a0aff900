"""What the public page of one indicator is made from: a region's editions, and the areas' public editions that they are
made of. Nothing here knows a figure that those don't show."""

from functools import cached_property
from typing import Any

from core.calendar import Month
from core.pages import NotHeld
from reporting.charts.multiples import MONTHS
from reporting.public.presenters.region_indicator import PublicIndicator, make_indicator, make_view
from reporting.public.region_selectors import (
    NO_PAGE,
    find_region_month,
    list_contents,
    list_series,
    list_sources,
    list_wholes,
)


class PublicIndicatorPage:
    """An indicator of a region's month as anybody may read it. Two queries, and three more to make the page. Raises
    NotHeld if the month isn't public or has no such indicator, and Withdrawn if it was public once.
    """

    def __init__(self, slug: str, month: Month, code: str) -> None:
        self.region_month = find_region_month(slug, month)
        if code not in self.lines:
            raise NotHeld(NO_PAGE)
        self.code = code
        self.series = list_series(slug, month + -(MONTHS - 1), month, with_content=False)

    @cached_property
    def lines(self) -> dict[str, dict[str, Any]]:
        return {line["code"]: line for line in self.region_month.content["lines"]}

    def make_view(self, *, as_rates: bool = False, over_a_year: bool = False) -> PublicIndicator:
        """Return the page in words and pictures."""
        sources, contents = list_sources(self.region_month), list_contents(self.series)
        months = {
            one.month: line for one in self.series for line in contents[one.key]["lines"] if line["code"] == self.code
        }
        wholes = list_wholes(sources, self.code)
        return make_view(
            self.region_month,
            self.lines[self.code],
            months,
            sources,
            make_indicator(self.lines[self.code], wholes),
            {whole.cell.area_id: whole.line for whole in wholes},
            as_rates=as_rates,
            over_a_year=over_a_year,
        )
