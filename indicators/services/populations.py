"""Imports how many people live in an area."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea
from boards.services.months import mark_stale
from boards.services.setup import lock_area
from core import audit
from core.models import User
from core.months import Month
from indicators.imports.populations import PopulationFile, PopulationRow
from indicators.models import Population
from indicators.permissions import check_can_import
from indicators.services.provenance import LONGEST, read_provenance


@dataclass(frozen=True, slots=True)
class PopulationsImported:
    """How many populations were added, how many got a new edition, and how many were there already. And how many rows
    of the file are for other areas."""

    new: int
    corrected: int
    held: int
    elsewhere: int


@transaction.atomic
def import_populations(
    area: PartnershipArea, file: PopulationFile, *, source: str, licence: str, by: User | None
) -> PopulationsImported:
    """Save the area's rows of a file without faults, all of them or none. Existing populations stay. A row that differs
    in number, source or licence becomes the next edition. `by` is None at the command line.

    Raises PermissionDenied, or ValidationError with a sentence.
    """
    if by is not None:
        check_can_import(area, by=by)
    source, licence = read_provenance(source, licence)
    rows = _rows_of_area(area, file.rows)
    lock_area(area)
    # Each key's last row wins: the newest edition.
    newest = {(held.year, held.ages): held for held in Population.objects.filter(area=area).order_by("edition")}
    added, now = [], timezone.now()
    for row in rows:
        held = newest.get((row.year, row.ages))
        if held is None or (held.residents, held.source, held.licence) != (row.residents, source, licence):
            added.append(
                Population(
                    area=area,
                    year=row.year,
                    ages=row.ages,
                    edition=held.edition + 1 if held else 1,
                    residents=row.residents,
                    source=source,
                    licence=licence,
                    name_of_file=file.name[:LONGEST],
                    imported_at=now,
                )
            )
    Population.objects.bulk_create(added)
    new = sum(row.edition == 1 for row in added)
    report = PopulationsImported(new, len(added) - new, len(rows) - len(added), len(file.rows) - len(rows))
    if added:
        # A published rate keeps the residents it was published with. A rate without residents gets these.
        mark_stale(area, Month(min(row.year for row in added), 1))
        details = {"file": file.name, "source": source, "new": report.new, "corrected": report.corrected}
        audit.record("populations.imported", area, by=by, area=area.slug, **details)
    return report


def _rows_of_area(area: PartnershipArea, rows: Sequence[PopulationRow]) -> list[PopulationRow]:
    if not area.ons_code:
        raise ValidationError(
            f"{area.name} has no ONS code, so we can’t find its rows. Add the code in the admin first."
        )
    found = [row for row in rows if row.ons_code == area.ons_code]
    if not found:
        codes = sorted({row.ons_code for row in rows})
        there = f"{', '.join(codes[:5])}{' and others' if len(codes) > 5 else ''}"
        raise ValidationError(f"The file has no row for {area.name}, {area.ons_code}. It has {there}.")
    return found
