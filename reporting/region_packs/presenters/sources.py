"""What is a region's pack made from? What the areas' consents show of a month today, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from boards.region_permissions import Place
from core.months import Month
from reporting.regions.cells import RegionFigures
from reporting.regions.columns import Part
from reporting.regions.presenters.indicator import IndicatorView
from reporting.regions.presenters.lines import LinesView
from reporting.regions.presenters.matrix import Matrix
from reporting.regions.presenters.rows import MatrixRow
from reporting.regions.presenters.states import AreaView


@dataclass(frozen=True)
class Sources:
    """A region's month: its table, each indicator, and where lines come from. `areas` are all that the region invited,
    `residents_note` says of which year the residents are."""

    slug: str
    figures: RegionFigures
    areas: tuple[AreaView, ...]
    matrix: Matrix
    rows: tuple[MatrixRow, ...]
    views: tuple[IndicatorView, ...]
    lines: tuple[LinesView, ...]
    residents_note: str
    marking: str
    taken_at: datetime

    @property
    def region(self) -> str:
        return self.figures.region

    @property
    def month(self) -> Month:
        return self.figures.month

    @property
    def places(self) -> tuple[Place, ...]:
        return self.figures.places

    @property
    def parts(self) -> Mapping[int, Part]:
        """Return the areas' months that are in the pack, by the area's key."""
        return {area: part for area, part in self.figures.parts.items() if part.key is not None}
