"""What a region's month says: its areas' cells, what they come to, and what there is to say about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from boards.models import Region, Shows
from boards.permissions import Place, RegionAccess
from core.calendar import Month
from core.pages import NotHeld
from indicators.disclosure import USUAL_MARKING, Audience, Disclosed, Marking
from indicators.selectors.open_data import Residents, list_residents
from reporting.models.line_fields import Line
from reporting.regions.cells import Cell, Indicator, Part, RegionFigures, Whole, make_indicators, order
from reporting.regions.selectors import (
    Fields,
    MonthHeld,
    OriginCell,
    find_greatest,
    find_newest,
    find_saved,
    find_saved_series,
    list_cells,
    list_editions,
    list_months,
    list_origin_cells,
    list_public_months,
    list_saved_series,
    list_standing_out,
    list_versions,
    list_wholes,
    make_set_up,
    read_set_up,
)
from reporting.regions.services import save_region_month, work_out_region_month


def list_showing(access: RegionAccess, shows: Shows) -> list[int]:
    """Return the keys of the areas that show this much."""
    return [place.area_id for place in access.places if place.shows is shows]


def find_newest_month(access: RegionAccess) -> Month | None:
    """Return the month that the region's home shows. One query."""
    return find_newest(list_shown_months(access))


def list_shown_months(access: RegionAccess) -> list[MonthHeld]:
    """Return the months to choose from: those that areas published or, where all show only what is public, those that
    they made public. One query."""
    if partners := list_showing(access, Shows.PARTNERS):
        return list_months(partners)
    return list_public_months(list_showing(access, Shows.PUBLIC))


@dataclass(frozen=True, slots=True)
class ShownMonths:
    """The months that areas show, and which version or edition of one month each of them has."""

    months: list[MonthHeld]
    parts: dict[int, Part]


def read_shown_months(access: RegionAccess, month: Month, months: list[MonthHeld] | None = None) -> ShownMonths:
    """Read what the areas' consents allow now; `months` are those that were read already. Three queries at most. Raises
    NotHeld for a month that no area published."""
    parts = list_versions(list_showing(access, Shows.PARTNERS), month)
    parts |= list_editions(list_showing(access, Shows.PUBLIC), month)
    shown_months = ShownMonths(list_shown_months(access) if months is None else months, parts)
    if not any(part.key for part in shown_months.parts.values()):
        raise NotHeld(f"No area in {access.region.name} has published {month.label}.")
    return shown_months


class RegionMonthPage:
    """What a page of a region's month is made from, as its areas' consents allow today. Eleven queries at most, however
    many areas and indicators. Raises NotHeld, with a sentence, for a month that no area published.

    What the areas have is read once, so that all of a page is of the same versions. `shown_months` is what was read
    already.
    """

    code = ""  # of the page's indicator; empty for all
    # Whether the region's own lines had to be worked out from newer parts than the rest of the page. See `work_out`.
    is_ahead = False

    def __init__(self, access: RegionAccess, month: Month, shown_months: ShownMonths | None = None) -> None:
        self.access, self.month = access, month
        self.places = [place for place in access.places if place.shows is not None]
        self.shown_months = shown_months or read_shown_months(access, month)
        self.months, self.parts = self.shown_months.months, self.shown_months.parts

    @property
    def region(self) -> Region:
        return self.access.region

    @cached_property
    def names(self) -> dict[int, str]:
        return {place.area_id: place.name for place in self.places}

    @cached_property
    def cells(self) -> list[Cell]:
        """Return every area's cells. One query."""
        return list_cells(self.parts.values(), make_set_up(self.set_up))

    @cached_property
    def set_up(self) -> list[tuple[Any, ...]]:
        """Return what the areas say of their indicators today. One query."""
        return read_set_up([part.area_id for part in self.parts.values() if part.key], self.code)

    @cached_property
    def indicators(self) -> list[Indicator]:
        """Return the indicators in the order of the area that has most, each of the others where its section is."""
        return order(make_indicators(self.cells), self.cells)

    def get_figures(self, *, with_rates: bool = False, with_verdicts: bool = False) -> RegionFigures:
        """Return all that the month says; with the residents that rates need, by one more query, and with what verdicts
        need, by three."""
        return RegionFigures(
            region=self.region.name,
            month=self.month,
            places=tuple(self.places),
            parts=self.parts,
            indicators=tuple(self.indicators),
            saved=self.saved,
            residents=self.residents if with_rates else {},
            out=list_standing_out(self.parts.values()) if with_verdicts else {},
            own_months=list_saved_series(self.region, self.month, self.key) if with_verdicts else {},
        )

    @cached_property
    def residents(self) -> dict[int, Residents]:
        """Return the residents of each area. One query."""
        return list_residents([place.area_id for place in self.places], self.month.year)

    @cached_property
    def saved(self) -> Fields:
        """Return the region's own lines. One query, and nine when one of their parts has changed."""
        saved = find_saved(self.region, self.month, self.key)
        if saved is not None and all(self.is_current(saved.get(one.code, {}), one) for one in self.indicators):
            return saved
        return self.work_out()[0]

    def is_current(self, line: Mapping[str, Any], one: Indicator) -> bool:
        return line.get("rests_on") == one.rests_on

    def work_out(self) -> Sequence[Fields]:
        """Work out the region's own lines, and save them if their parts are still those of the key."""
        key = self.key
        lines, series = work_out_region_month(
            self.parts.values(), self.month, names=self.names, indicators=self.indicators
        )
        # Somebody may have published or taken back a version since we read the key.
        self.is_ahead = find_key(self.access, self.month) != key
        if not self.is_ahead:
            save_region_month(self.region, self.month, key, lines=lines, series=series)
        return lines, series

    @cached_property
    def key(self) -> str:
        """Return a digest of the versions and consents that the region's own lines follow from. What follows from the
        areas' set-up is with each line (Indicator.rests_on)."""
        named = (
            settings.RELEASE,
            self.region.pk,
            str(self.month),
            [(place.area_id, place.consent_id, place.name) for place in self.places],
            sorted((part.area_id, part.is_public, part.key or 0) for part in self.parts.values()),
            [
                (str(shown_month.month), shown_month.newest, shown_month.versions)
                for shown_month in self.months
                if shown_month.month <= self.month
            ],
        )
        return sha256(repr(named).encode()).hexdigest()

    def depends_on(self, *choices: object) -> tuple[object, ...]:
        """Return all that a body of this page is made from, as plain data, with the reader's `choices`. What a
        version or an edition says never changes, and its key is here. Two queries.
        """
        region = self.region
        named = (region.pk, region.slug, region.name, str(self.month), self.code, *choices)
        months = [(str(shown_month.month), *shown_month[1:]) for shown_month in self.months]
        today = str(timezone.localdate())  # a month is late from a day on
        return ("region", *named, self.access.places, self.parts, months, self.set_up, self.residents, today)

    @property
    def partners(self) -> list[Place]:
        """Return the areas that show their published months."""
        return [place for place in self.places if place.shows is Shows.PARTNERS]

    def list_origin_cells(self) -> list[Disclosed[OriginCell]]:
        """Return what the areas split by place. Only those that show their published months: a map of public editions
        would show more than each of them. One query."""
        return list_origin_cells([part.key for part in self.parts.values() if part.key and not part.is_public])

    def find_greatest(self) -> dict[str, int]:
        """Return the greatest count of one origin in one area over all months: maps share a scale. One query."""
        return find_greatest([place.area_id for place in self.partners])

    @property
    def marking(self) -> Marking:
        """Return the strictest of the areas' markings."""
        marked = [part.marking for part in self.parts.values() if part.key]
        return max(marked, key=list(Marking).index, default=USUAL_MARKING[Audience.PARTNERS])


def find_key(access: RegionAccess, month: Month) -> str:
    """Return the key of a month as it is now; empty if no area shows it any more. Three queries at most."""
    try:
        return RegionMonthPage(access, month).key
    except NotHeld:
        return ""


class RegionIndicatorPage(RegionMonthPage):
    """The same for one indicator, with its months."""

    def __init__(self, access: RegionAccess, month: Month, code: str, shown_months: ShownMonths | None = None) -> None:
        super().__init__(access, month, shown_months)
        self.code = code

    @cached_property
    def wholes(self) -> list[Whole]:
        """Return the indicator in each area. One query. Raises NotHeld if no area shows it in the month."""
        wholes = list_wholes(self.parts.values(), make_set_up(self.set_up), self.code)
        if not wholes:
            raise NotHeld(f"{self.region.name} shows no indicator “{self.code[:40]}” in {self.month.label}.")
        return wholes

    @property
    def cells(self) -> list[Cell]:
        return [whole.cell for whole in self.wholes]

    @property
    def indicator(self) -> Indicator:
        return self.indicators[0]

    @property
    def lines(self) -> dict[int, Disclosed[Line]]:
        """Return each area's line with its months, by the area's key."""
        return {whole.cell.area_id: whole.line for whole in self.wholes}

    @cached_property
    def saved_line(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the region's own line and its series. One query, unless one of their parts has changed."""
        one = self.indicator
        line, series = find_saved_series(self.region, self.month, self.key, one.code)
        if self.is_current(line, one):
            return line, series
        # All indicators are saved together.
        whole = RegionMonthPage(self.access, self.month, self.shown_months)
        lines, every = whole.work_out()
        self.is_ahead = whole.is_ahead or not self.is_current(lines[one.code], one)
        return lines[one.code], every[one.code]

    @property
    def saved(self) -> Fields:
        return {self.indicator.code: self.saved_line[0]}

    @property
    def own(self) -> dict[str, Any]:
        """Return the fields of the region's own line with its months; empty without one."""
        line, series = self.saved_line
        return {**line, **series} if "value" in line else {}


@dataclass(frozen=True, slots=True)
class Choices:
    """The filters of a region's month: an area's slug, a section's code; empty for all. There is no order by size: it
    would rank the areas."""

    area: str = ""
    section: str = ""
    only_signals: bool = False
    is_by_name: bool = False
    as_rates: bool = False

    @property
    def are_any(self) -> bool:
        return bool(self.area or self.section or self.only_signals)

    @property
    def with_rates(self) -> str:
        """Return the query that asks for the same, with rates. It has nothing else of the address."""
        named = {
            "area": self.area,
            "section": self.section,
            "signal": "yes" if self.only_signals else "",
            "sort": "name" if self.is_by_name else "",
            "as": "rates",
        }
        return f"?{urlencode({name: value for name, value in named.items() if value})}"


def read_choices(query: Mapping[str, str]) -> Choices:
    def read(name: str) -> str:
        # PostgreSQL refuses a NUL.
        return str(query.get(name, "")).replace("\x00", "")[:80]

    return Choices(
        area=read("area"),
        section=read("section"),
        only_signals=read("signal") == "yes",
        is_by_name=read("sort") == "name",
        as_rates=read("as") == "rates",
    )
