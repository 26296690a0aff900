"""The long table for partners: a row for each line of the months' published versions. Each passes the gate here."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from boards.models import LEAST_AREAS, PartnershipArea, Shows
from boards.permissions import RegionAccess
from core.files.tables import Row
from core.pages import NotHeld
from indicators.disclosure import USUAL_MARKING, Audience, Marking, disclose
from reporting.exports.presenters.months import whole
from reporting.exports.selectors import Standing, TableLine, list_standing, list_table_lines
from reporting.months.presenters.month import tokens
from reporting.months.presenters.words import exact_value
from reporting.public.presenters.table import (
    Asked,
    Source,
    find_public_sources,
    gone_row,
    name_row,
    write_moment,
)


@dataclass(frozen=True, slots=True)
class PartnersSource:
    """An area's months: each in the version that stands, or as one that was taken back."""

    area: PartnershipArea
    versions: tuple[Standing, ...]

    @property
    def depends_on(self) -> tuple[object, ...]:
        versions = [(version.key, version.changed_at, version.is_gone) for version in self.versions]
        return (self.area.name, self.area.ons_code), versions

    @property
    def markings(self) -> list[Marking]:
        return [USUAL_MARKING[Audience.PARTNERS]]

    @property
    def changed_at(self) -> list[datetime]:
        return [version.changed_at for version in self.versions]

    def make_rows(self, asked: Asked) -> Iterator[Row]:
        """Yield the rows. One query."""
        # Whoever asks for all that there is needn't hear of what went.
        versions = [
            version
            for version in self.versions
            if asked.has(version.month) and asked.is_new(version.changed_at) and (asked.since or not version.is_gone)
        ]
        for disclosed in disclose(list_table_lines(versions, asked.codes), audience=Audience.PARTNERS):
            yield make_row(disclosed.line)


def find_partners_sources(areas: Collection[int]) -> list[PartnersSource]:
    """Return what partners see of these areas, by their names. One query."""
    by_area: dict[int, list[Standing]] = {}
    for version in list_standing(areas) if areas else ():
        by_area.setdefault(version.area.pk, []).append(version)
    sources = [PartnersSource(some[0].area, tuple(some)) for some in by_area.values()]
    return sorted(sources, key=lambda source: (source.area.name, source.area.pk))


NOT_YET = "{region} shows no figure before {least} areas have agreed. {missing} more must agree."


def find_region_sources(access: RegionAccess, areas: Collection[int] | None = None) -> list[Source]:
    """Return what a region's areas show, or those of them that are named, by their names: of each what it agreed to,
    and no more. Two queries. Raises NotHeld while too few agreed."""
    if access.missing:
        raise NotHeld(NOT_YET.format(region=access.region.name, least=LEAST_AREAS, missing=access.missing))
    shows = {area: shown for area, shown in access.shows.items() if areas is None or area in areas}
    sources: list[Source] = [
        *find_partners_sources([area for area, shown in shows.items() if shown is Shows.PARTNERS]),
        *find_public_sources([area for area, shown in shows.items() if shown is Shows.PUBLIC]),
    ]
    return sorted(sources, key=lambda source: (source.area.name, source.area.pk))


def make_row(line: TableLine) -> Row:
    version = line.version
    if version.is_gone:
        return gone_row(version.area, version.month, line, version.number, version.changed_at)
    usual = line.usual if line.usual is not None else line.mean
    return {
        **name_row(version.area, version.month, line),
        "value": exact_value(line, line.value, line.numerator, line.denominator),
        "state": line.state,
        "is_provisional": line.is_provisional,
        "movement": line.movement,
        "change": line.as_shown(line.change),
        "signal": tokens(line)[0] or None,
        "usual": line.as_shown(usual),
        "lower": line.as_shown(whole(line.lower)),
        "upper": line.as_shown(whole(line.upper)),
        "numerator": line.numerator if line.ratio else None,
        "denominator": line.denominator if line.ratio else None,
        "rounded_to": None,
        "version": version.number,
        "published_at": write_moment(version.published_at),
    }
