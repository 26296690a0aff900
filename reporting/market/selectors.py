"""Reads the assessments of an area's drug market."""

from dataclasses import dataclass

from boards.models import Agency, PartnershipArea
from boards.permissions import Access
from indicators.models import DisclosureRule
from indicators.protection.rules import DEFAULT, Rule, describe_small
from reporting.market.permissions import can_read_draft
from reporting.models import MarketAssessment, MarketFigure, MarketKind, MarketList, MarketOwner
from reporting.workflow import MarketState


def find_owner(area: PartnershipArea) -> Agency | None:
    """Return the agency that assesses the drug market; None where the area has no page of it. One query."""
    owner = MarketOwner.objects.select_related("agency").filter(area=area).first()
    return owner.agency if owner else None


def list_assessments(access: Access, owner: Agency) -> list[MarketAssessment]:
    """Return the assessments that somebody may read, the newest first. One query."""
    assessments = MarketAssessment.objects.filter(area=access.area).order_by("-year")
    if not can_read_draft(access, owner):
        assessments = assessments.filter(state=MarketState.AGREED.value)
    return list(assessments.select_related("area", "agreed_by"))


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment with its figures by kind, and its lists in their order."""

    assessment: MarketAssessment
    figures: dict[str, MarketFigure]
    lists: list[MarketList]


def read_assessments(assessments: list[MarketAssessment]) -> list[Assessed]:
    """Return them with what they have. Two queries."""
    figures = list(MarketFigure.objects.filter(assessment__in=assessments))
    lists = list(MarketList.objects.filter(assessment__in=assessments).order_by("assessment", "place"))
    return [
        Assessed(
            assessment,
            {figure.kind: figure for figure in figures if figure.assessment_id == assessment.pk},
            [row for row in lists if row.assessment_id == assessment.pk],
        )
        for assessment in assessments
    ]


def find_threshold(area: PartnershipArea) -> Rule:
    """Return the rule that says which counts of people are too small: the area's usual one, or the product's where that
    says none. One query."""
    usual = DisclosureRule.objects.filter(area=area, agency=None, indicator=None).first()
    return usual.rule if usual is not None and describe_small(usual.rule) else DEFAULT


def find_kind(code: str) -> MarketKind | None:
    return next((kind for kind in MarketKind if kind.value == code), None)
