"""Set up an area of the demonstration: from the starter catalogue, which has the texts, and a TOML file, which says
which parts the area has, and its figures.
"""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from boards.models import PartnershipArea
from core.models import User
from core.months import Month
from indicators.catalogues.choosing import choose
from indicators.catalogues.entries import Catalogue
from indicators.catalogues.reading import read_starter
from indicators.models import IndicatorDefinition
from indicators.services.areas import AreaDraft, make_area
from indicators.services.catalogues import take_catalogue

FOLDER = Path(__file__).parent
FIRST_MONTH = Month(2023, 11)  # of the demonstration's figures, and so of its definitions


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def read_with_kpis(name: str) -> dict[str, Any]:
    """Return a blueprint together with what its KPIs are about."""
    plan = read(name)
    for part, rows in read(f"{name}-kpis").items():
        plan[part] = [*plan.get(part, []), *rows]
    return plan


def choose_catalogue(blueprint: dict[str, Any]) -> Catalogue:
    """Return the parts of the starter catalogue that an area has: the indicators that the blueprint names, the
    categories with figures, and its agencies, if it names some; and which of these release their returns.
    """
    rows = blueprint["indicator"]
    catalogue = choose(read_starter(), [row["code"] for row in rows])
    given = {code for row in rows if isinstance(row.get("october"), dict) for code in row["october"]}
    dimensions = [
        replace(entry, category=tuple(category for category in entry.category if category.code in given))
        for entry in catalogue.dimension
    ]
    names = {entry.code: entry.name for entry in catalogue.agency}
    if "agency" in blueprint:
        names = {row["code"]: row["name"] for row in blueprint["agency"]}
    releases = blueprint.get("releases", [])
    agencies = [
        replace(entry, name=names[entry.code], needs_release=entry.code in releases)
        for entry in catalogue.agency
        if entry.code in names
    ]
    return replace(catalogue, dimension=tuple(dimensions), agency=tuple(agencies))


def set_up(blueprint: dict[str, Any]) -> PartnershipArea:
    """Make the area and everything in it except people, months and figures."""
    draft = AreaDraft(**blueprint["area"])
    area = make_area(draft, choose_catalogue(blueprint), first_month=None, defined_from=FIRST_MONTH, by=None)
    for row in blueprint["indicator"]:
        redefine(area, row)
    return area


def redefine(area: PartnershipArea, row: dict[str, Any]) -> None:
    """Set an indicator's first definition, and from when it applies, if the figures say so."""
    definition = IndicatorDefinition.objects.get(indicator__area=area, indicator__code=row["code"])
    first: date = row.get("defined_from", definition.applies_from)
    definition.applies_from = row["redefined"]["from"] if "redefined" in row else first
    definition.save(update_fields=["applies_from"])
    if "redefined" in row:
        before = row["redefined"]["before"]
        IndicatorDefinition.objects.create(indicator=definition.indicator, applies_from=first, text=before)


def add_indicators(blueprint: dict[str, Any], codes: list[str], *, month: Month, by: User) -> None:
    """Add more of the starter catalogue, from a month on."""
    area = PartnershipArea.objects.get(slug=blueprint["area"]["slug"])
    more = [*blueprint["indicator"], *({"code": code} for code in codes)]
    take_catalogue(area, choose_catalogue({**blueprint, "indicator": more}), month=month, by=by)
