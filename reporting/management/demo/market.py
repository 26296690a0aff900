"""Anytown's assessments of its drug market, by Public Health: out of market.toml."""

from typing import Any

from boards.models import Agency, PartnershipArea
from core.models import User
from indicators.unseen import SeenList
from reporting.management.demo.history import on
from reporting.management.demo.places import read
from reporting.market.services import (
    FigureDraft,
    agree_assessment,
    begin_assessment,
    choose_owner,
    save_lists,
    save_pasted,
)
from reporting.models import MarketKind
from reporting.models.market import OVERLAPS

AGENCY = "public-health"


def add_agency(area: PartnershipArea) -> None:
    """Add Public Health, which supplies no indicator."""
    last = Agency.objects.filter(area=area).count()
    Agency.objects.create(area=area, code=AGENCY, name="Public health", kind=Agency.Kind.COUNCIL, position=last + 1)


def load_market(area: PartnershipArea, *, coordinator: User, lead: User) -> None:
    rows = read("market")["assessment"]
    with on(rows[0]["agreed_on"]):
        choose_owner(area, Agency.objects.get(area=area, code=AGENCY), by=coordinator)
    for row in rows:
        with on(row["agreed_on"]):
            load_assessment(area, row, lead=lead)


def load_assessment(area: PartnershipArea, row: dict[str, Any], *, lead: User) -> None:
    assessment = begin_assessment(area, year=row["year"], by=lead)
    drafts = {MarketKind(kind): FigureDraft(*typed) for kind, typed in row["figures"].items()}
    save_pasted(assessment, drafts, revision=0, by=lead)
    assessment.refresh_from_db()
    lists = row["lists"]
    same = [lists[name] for name in ("period", "ages", "residents")]
    seen = [SeenList(name, people, *same) for name, people in zip(lists["names"], lists["people"], strict=True)]
    overlaps = dict(zip(OVERLAPS, lists["overlaps"], strict=False))
    save_lists(assessment, seen, overlaps, revision=assessment.revision, by=lead)
    assessment.refresh_from_db()
    agree_assessment(assessment, revision=assessment.revision, by=lead)
