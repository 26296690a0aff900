"""How tests assess a town's drug market: through the services. The police do it."""

from indicators.unseen import Cell, SeenList
from reporting.market.services import (
    FigureDraft,
    agree_assessment,
    begin_assessment,
    choose_owner,
    save_figure,
    save_lists,
)
from reporting.models import MarketAssessment, MarketKind
from tests.scenarios import Town

OVERLAPS: dict[Cell, int] = {(0, 1): 66, (0, 2): 47, (1, 2): 53, (0, 1, 2): 14}


def seen_lists() -> list[SeenList]:
    """Three lists of 612 people, of whom there are 910 to 2,100."""
    people = {"In treatment": 335, "Arrested": 250, "Overdose attended": 179}
    return [SeenList(name, count, "April 2025 to March 2026", "15 to 64", "Testford") for name, count in people.items()]


def begin(town: Town, year: int = 2026) -> MarketAssessment:
    """The coordinator chooses the police, whose lead begins."""
    choose_owner(town.area, town.police, by=town.coordinator)
    return begin_assessment(town.area, year=year, by=town.lead)


def fill(town: Town, assessment: MarketAssessment) -> None:
    """Two figures, and the lists."""
    for kind, value in ((MarketKind.DEATHS, "9"), (MarketKind.HEROIN_PRICE, "80")):
        save_figure(assessment, kind, FigureDraft(value, "A report", "2025"), revision=0, by=town.lead)
    revision = MarketAssessment.objects.get(pk=assessment.pk).revision
    save_lists(assessment, seen_lists(), OVERLAPS, revision=revision, by=town.lead)


def assess(town: Town, assessment: MarketAssessment) -> MarketAssessment:
    """The same, and agreed."""
    fill(town, assessment)
    return agree_assessment(assessment, revision=3, by=town.lead)
