"""manage.py import_police_uk: import months of street-level crime from data.police.uk."""

import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils import timezone

from boards.management.arguments import ExplainedCommand, Refused, find_area
from boards.models import PartnershipArea
from indicators.imports.open_data import (
    AT_HOME,
    INDICATOR_OF,
    Place,
    PoliceFile,
    PoliceFileRefused,
    PoliceMonth,
    read_police_file,
)
from indicators.management.catalogues import add_confirmer, describe_waiting, find_confirmer
from indicators.models import Collection
from indicators.services.figure_imports import ask_police_of_operator
from indicators.services.open_data import FigureImported, ImportResult, import_police_areas

DESCRIPTION = """\
Count drug, weapon and violence offences in street-level crime files from data.police.uk, with one
month in each file, as each area's figures police-drugs, police-weapons and police-violence. They
count once a second person confirms them. Each file is read once, for all areas.

A place is the whole name before an LSOA's number, letter for letter: "Derby" for "Derby 001A", not
"Derbyshire Dales". Or it is LSOA codes with commas between them. If you leave it out, it is the
area's name. You can give an area several times, with one place each: together they are the area.

Files can be in any order and have months missing. A month that was imported before is replaced,
and its line says so. All files are checked first: if one is refused, nothing is saved for any area.

Prints a line for each file and area to stdout and everything else to stderr.
Exit status: 0 done; 2 bad use or a bad file, and nothing was saved."""

EXAMPLE = """\
examples:
  manage.py import_police_uk --area southend --lsoa-name Southend-on-Sea 2018-0*-essex-street.csv
  manage.py import_police_uk --area southend=Southend-on-Sea --area harlow 2018-0*-essex-street.csv
  manage.py import_police_uk --all 2018-0*-essex-street.csv
  manage.py sweep"""


class Command(ExplainedCommand):
    help, example = DESCRIPTION, EXAMPLE

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--area",
            action="append",
            metavar="SLUG[=PLACE]",
            help="the area's name in web addresses, and the place that counts as it, such as southend=Southend-on-Sea",
        )
        which.add_argument(
            "--all",
            action="store_true",
            dest="is_all",
            help="every area with the three indicators, by its own name, in the files of its own force",
        )
        parser.add_argument(
            "--lsoa-name", metavar="PLACE", help="with one --area: the place that counts as it, such as Southend-on-Sea"
        )
        add_confirmer(parser)
        parser.add_argument("files", nargs="+", metavar="FILE", help="such as 2018-07-essex-street.csv")

    def handle(
        self,
        *,
        area: list[str] | None,
        is_all: bool,
        lsoa_name: str | None,
        files: list[str],
        confirmed_by: str | None = None,
        **options: Any,
    ) -> None:
        places = find_places(area, lsoa_name) if area else {}
        if is_all and lsoa_name is not None:
            raise Refused("--lsoa-name is for one area, and --all uses each area's own name. Give only one of them.")
        read = [read_file(Path(file)) for file in files]
        counted = self.count_at_home(read) if is_all else count_places(places, read)
        confirmer = find_confirmer(counted, confirmed_by)
        try:
            if confirmer is not None:
                results = import_police_areas(counted, by=confirmer)
            else:
                results = ask_police_of_operator(counted)
        except ValidationError as fault:
            raise Refused(" ".join(fault.messages)) from None
        for town, months in counted.items():
            for month, result in zip(months, results[town], strict=True):
                self.stdout.write(
                    f"{town.slug} {describe_result(result)}" if len(counted) > 1 else describe_result(result)
                )
                self.stderr.write(
                    f"{month.name_of_file}: {month.rows_read:,} rows, {month.rows_matched:,} of them in "
                    f"“{places.get(town, town.name)}”; {month.rows_without_lsoa:,} have no LSOA, so they count nowhere."
                )
        for town in counted:
            if confirmer is None and (waiting := count_changed(results[town])):
                self.stderr.write(describe_waiting(town, waiting))
            self.say_what_is_stale(town)

    def count_at_home(self, read: Sequence[PoliceFile]) -> dict[PartnershipArea, list[PoliceMonth]]:
        """Count each area in the files of its own force. Raises Refused if no file is from any area's force."""
        counted: dict[PartnershipArea, list[PoliceMonth]] = {}
        for town in list_police_areas():
            place = Place.of([town.name])
            at_home = [file for file in read if file.is_own_place(place)]
            if at_home:
                counted |= count_places({town: place}, at_home)
            else:
                self.stderr.write(
                    f"{town.slug}: no file has a place “{town.name}” with {AT_HOME:.1%} of its rows, so nothing "
                    f"was saved for it. Name its place: --area {town.slug}=PLACE."
                )
        if not counted:
            raise Refused("No area's name is a place in these files. Nothing was saved.")
        return counted


def find_places(arguments: Sequence[str], lsoa_name: str | None) -> dict[PartnershipArea, Place]:
    """Return the place that counts as each area. Raises Refused."""
    if lsoa_name is not None:
        if len(arguments) > 1 or "=" in arguments[0]:
            raise Refused("--lsoa-name is for one area. For several areas, give --area SLUG=PLACE for each.")
        arguments = [f"{arguments[0]}={lsoa_name}"]
    texts: dict[PartnershipArea, list[str]] = {}
    for argument in arguments:
        slug, equals, text = argument.partition("=")
        town = find_area(slug)
        if equals and not text.strip():
            raise Refused(f"The place of {slug} is empty. Give the name before an LSOA's number, or LSOA codes.")
        texts.setdefault(town, []).append(text if equals else town.name)
    return {town: Place.of(names) for town, names in texts.items()}


def count_places(
    places: dict[PartnershipArea, Place], read: Sequence[PoliceFile]
) -> dict[PartnershipArea, list[PoliceMonth]]:
    """Raises Refused."""
    try:
        return {town: [file.count(place) for file in read] for town, place in places.items()}
    except PoliceFileRefused as fault:
        raise Refused(str(fault)) from None


def read_file(path: Path) -> PoliceFile:
    # A file can have a name that isn't UTF-8. It opens, but its name can't be printed or saved.
    name = os.fsencode(path.name).decode(errors="replace")
    try:
        with path.open("rb") as stream:
            return read_police_file(stream, name_of_file=name, today=timezone.localdate())
    except OSError as fault:
        raise Refused(f"{name or path} can't be read: {(fault.strerror or str(fault)).lower()}.") from None
    except PoliceFileRefused as fault:
        raise Refused(str(fault)) from None


def count_changed(results: Sequence[ImportResult]) -> int:
    return sum(figure.is_new or figure.is_replaced for result in results for figure in result.figures)


def describe_result(result: ImportResult) -> str:
    """ "2018-07: police-drugs 24, police-weapons 10 (replaces 12), police-violence 746"."""
    figures = ", ".join(describe_figure(figure) for figure in result.figures)
    return f"{result.month}: {figures}{'' if result.has_changed else ' (nothing new)'}"


def describe_figure(figure: FigureImported) -> str:
    return f"{figure.code} {figure.value}{f' (replaces {figure.was})' if figure.is_replaced else ''}"


def list_police_areas() -> list[PartnershipArea]:
    """List the areas with every indicator that a police file fills, collected by import; by name."""
    ours = Q(indicators__code__in=INDICATOR_OF.values(), indicators__collection=Collection.IMPORT.value)
    areas = PartnershipArea.objects.annotate(filled=Count("indicators", filter=ours))
    # Codes are unique within an area, so this many are all of them.
    return list(areas.filter(filled=len(INDICATOR_OF)).order_by("name"))
