"""Which months of an indicator are published, each in its newest version?"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from boards.models import Board
from boards.workflow import MonthStatus
from core.months import Month
from indicators.disclosure import Audience, Disclosed, disclose
from indicators.models import Indicator
from indicators.ratios import Asked
from reporting.models import IndicatorLine, Snapshot
from reporting.models.line_fields import Line, Row

# The columns that the disclosure gate and a series use.
READ = (
    *("indicator_code", "category_code", "title", "unit_one", "unit_many", "polarity", "state", "value", "note"),
    *("revised_why", "boards", "history", "steps", "counts_as", "asked", "ratio", "per", "numerator_code"),
    *("denominator_title", "numerators", "denominators"),
)


class Part(NamedTuple):
    """A line of a published version, with the months up to its own."""

    area: int
    month: Month
    disclosed: Disclosed[Line]

    @property
    def line(self) -> Line:
        return self.disclosed.line

    @property
    def first(self) -> Month:
        return self.month + -(len(self.line.history) - 1)


type Key = tuple[int, str]  # an area and an indicator's code


def list_parts(areas: Collection[int], codes: Iterable[str], *, until: Month | None = None) -> dict[Key, list[Part]]:
    """Return for partners, for each whole indicator, the fewest published lines that have all its months, the newest
    first. Three queries, however many areas and indicators, one more for each three years before, and one if there are
    ratios. `until`: ignore later months.
    """
    published = Snapshot.objects.standing().filter(period__area__in=areas, period__status=MonthStatus.PUBLISHED.value)
    if until is not None:
        published = published.filter(period__starts_on__lte=until.first_day)
    found = published.order_by("version").values_list("period_id", "pk", "period__area_id", "period__starts_on")
    # The newest version of a month comes last, and wins.
    newest = {period: (pk, area, Month.of(day)) for period, pk, area, day in found}
    versions = {pk: (area, month) for pk, area, month in newest.values()}
    lines = IndicatorLine.objects.filter(snapshot__in=list(versions), category_code="", indicator_code__in=list(codes))
    held: dict[Key, dict[Month, int]] = {}
    for code, pk in lines.order_by().values_list("indicator_code", "snapshot_id"):
        area, month = versions[pk]
        held.setdefault((area, code), {})[month] = pk
    parts = _read(held, versions)
    _ask_of_cases([each for own in parts.values() for each in own], versions)
    return parts


def _ask_of_cases(parts: Iterable[Part], versions: dict[int, tuple[int, Month]]) -> None:
    """A ratio is worked out each month, but shows no more than its cases, so it counts as collected as often as they
    are.
    """
    codes = {part.line.numerator_code for part in parts if part.line.ratio}
    if not codes:
        return
    lines = IndicatorLine.objects.filter(snapshot__in=list(versions), category_code="", indicator_code__in=codes)
    rarely = lines.exclude(asked=Asked.MONTHLY.value).order_by()
    asked = {
        (*versions[pk], code): often for pk, code, often in rarely.values_list("snapshot_id", "indicator_code", "asked")
    }
    for part in parts:
        key = (part.area, part.month, part.line.numerator_code)
        part.line.asked = asked.get(key, part.line.asked)


def _read(held: dict[Key, dict[Month, int]], versions: dict[int, tuple[int, Month]]) -> dict[Key, list[Part]]:
    """Each line has 36 months, so one in 36 is enough. Which ones is known only when the newest have been read."""
    parts: dict[Key, list[Part]] = {}
    wanted = {key: max(months) for key, months in held.items()}
    while wanted:
        keys = {held[key][month] for key, month in wanted.items()}
        lines = IndicatorLine.objects.filter(snapshot__in=keys, category_code="")
        rows = lines.filter(indicator_code__in={code for _, code in wanted}).values_list("snapshot_id", *READ)
        for pk, *values in rows.order_by():
            area, month = versions[pk]
            line = Row(dict(zip(READ, values, strict=True)))
            if wanted.get((area, line.indicator_code)) == month:
                (disclosed,) = disclose([line], audience=Audience.PARTNERS)
                parts.setdefault((area, line.indicator_code), []).append(Part(area, month, disclosed))
        older = {key: [month for month in held[key] if month < parts[key][-1].first] for key in wanted}
        wanted = {key: max(months) for key, months in older.items() if months}
    return parts


def list_board_codes(board: Board) -> set[str]:
    """Return a board's indicators. One query."""
    return set(Indicator.objects.filter(boards=board).values_list("code", flat=True))
