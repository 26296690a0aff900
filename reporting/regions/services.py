"""Works out a region's own figures of a month and saves them until one of their parts changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from boards.models import Region
from core.calendar import Month
from indicators.disclosure import Audience, disclose
from reporting.impact.selectors import Part as PublishedPart
from reporting.impact.selectors import join, list_parts
from reporting.models import PublicLine, RegionMonth
from reporting.regions.cells import OF_SERIES, Indicator, Owned, Part, judge_sum
from reporting.regions.selectors import Fields


def save_region_month(region: Region, month: Month, key: str, *, lines: Fields, series: Fields) -> None:
    """Save the region's own lines until one of their parts changes. The key must be of the versions that they are of:
    one that comes back, because a newer version was taken back, shows them again."""
    # One statement: whoever comes second writes the same, or what is newer. An older one would be found by its key.
    RegionMonth.objects.bulk_create(
        [RegionMonth(region=region, starts_on=month.first_day, key=key, lines=lines, series=series)],
        update_conflicts=True,
        unique_fields=["region", "starts_on"],
        update_fields=["key", "lines", "series"],
    )


def work_out_region_month(
    parts: Iterable[Part], month: Month, *, names: Mapping[int, str], indicators: Sequence[Indicator]
) -> tuple[Fields, Fields]:
    """Return the region's own line of each indicator, and their series. One that no month has whole has no figures.
    `parts` are the months of the areas, `names` theirs."""
    by_code = {one.code: one for one in indicators}
    owned: dict[str, list[Owned]] = defaultdict(list)
    for area_id, code, published in list_series(list(parts), month, list(by_code)):
        if area_id not in by_code[code].without:
            owned[code].append(Owned(area_id, names[area_id], join(published)))
    fields: Fields = {
        code: {
            "rests_on": one.rests_on,
            **(judge_sum(owned[code], month, polarity=one.polarity) if owned[code] else {}),
        }
        for code, one in by_code.items()
    }
    # Apart: what a page of all indicators reads, and what only a page of one does.
    lines = {code: {name: of[name] for name in of if name not in OF_SERIES} for code, of in fields.items()}
    return lines, {code: {name: of[name] for name in OF_SERIES if name in of} for code, of in fields.items()}


def list_series(parts: list[Part], month: Month, codes: list[str]) -> list[tuple[int, str, list[PublishedPart]]]:
    """Return the published lines of each area and indicator up to a month, with all their months, the newest first. An
    area that shows only what is public has the months of this one's edition."""
    partners = {part.area_id for part in parts if not part.is_public}
    listed_parts = list_parts(partners, codes, until=month)
    series = [(area_id, code, lines) for (area_id, code), lines in sorted(listed_parts.items())]
    editions = {part.key: part.area_id for part in parts if part.is_public and part.key is not None}
    lines = PublicLine.objects.filter(edition__in=editions, category_code="", indicator_code__in=codes)
    for disclosed in disclose(lines, audience=Audience.PUBLIC):
        area_id = editions[disclosed.line.edition_id]
        series.append((area_id, disclosed.line.indicator_code, [PublishedPart(area_id, month, disclosed)]))
    return series
