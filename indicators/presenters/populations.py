"""The populations that are held, as a table of ages by years, and where they come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from indicators.ages import LABELS
from indicators.models import Population


@dataclass(frozen=True, slots=True)
class Residents:
    """What counts of an age band in a year, and what was held before it was corrected, the newest first."""

    count: str
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    years: str
    source: str
    licence: str
    file: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Populations:
    years: list[int]
    bands: list[tuple[str, list[Residents | None]]]
    sources: list[Source]


def make_populations(held: Sequence[Population]) -> Populations:
    """Of rows in which a newer edition comes before an older one."""
    editions: dict[tuple[int, str], list[Population]] = {}
    for row in held:
        editions.setdefault((row.year, row.ages), []).append(row)
    years = sorted({row.year for row in held}, reverse=True)
    bands = [
        (label, [_make_residents(editions.get((year, ages), [])) for year in years])
        for ages, label in LABELS.items()
        if any((year, ages) in editions for year in years)
    ]
    return Populations(years, bands, _make_sources(held))


def _make_residents(editions: Sequence[Population]) -> Residents | None:
    if not editions:
        return None
    newest, *before = (f"{row.residents:,}" for row in editions)
    return Residents(newest, tuple(before))


def _make_sources(held: Sequence[Population]) -> list[Source]:
    """One for each import, also where its numbers were corrected since: the newest first."""
    imports: dict[tuple[str, str, str, datetime], set[int]] = {}
    for row in held:
        imports.setdefault((row.source, row.licence, row.name_of_file, row.imported_at), set()).add(row.year)
    found = [Source(", ".join(map(str, sorted(years))), *told) for told, years in imports.items()]
    return sorted(found, key=lambda each: each.imported_at, reverse=True)
