"""How tests ask and offer: about what the standing town has."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from actions.models import Challenge, Support
from actions.services.challenges import ChallengeDraft, SupportDraft, offer_support, raise_challenge
from boards.models import Responsibility, Strand
from boards.rules import Role
from tests.scenarios import Town

QUESTION = "What is done about it?"
ANSWER = "Officers visit twice a week."


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def make_strand(town: Town, code: str = "prevent") -> Strand:
    return Strand.objects.get_or_create(area=town.area, code=code, defaults={"name": code.capitalize()})[0]


def make_responsibility(town: Town, text: str = "Community policing") -> Responsibility:
    return Responsibility.objects.get_or_create(board=town.csp, text=text)[0]


def draft(town: Town, **options: Any) -> ChallengeDraft:
    """To the member of the board, about a strand, unless options say otherwise."""
    wanted: dict[str, Any] = {
        "area": town.area,
        "question": QUESTION,
        "due_on": in_days(14),
        "answerer": town.people[Role.BOARD_MEMBER],
    } | options
    if not {"board", "agency"} & options.keys():
        wanted["board"] = town.csp
    if not {"strand", "indicator", "action", "responsibility", "step"} & options.keys():
        wanted["strand"] = make_strand(town)
    return ChallengeDraft(**wanted)


def ask(town: Town, **options: Any) -> Challenge:
    """A member of the strategic group raises it."""
    return raise_challenge(draft(town, **options), by=town.people[Role.STRATEGIC])


def offer(town: Town, **options: Any) -> Support:
    """A member of the strategic group offers it."""
    wanted: dict[str, Any] = {"area": town.area, "offer": "Two analysts for a week"} | options
    if not {"board", "agency"} & options.keys():
        wanted["board"] = town.csp
    if not {"strand", "indicator", "action", "responsibility", "step"} & options.keys():
        wanted["strand"] = make_strand(town)
    return offer_support(SupportDraft(**wanted), by=town.people[Role.STRATEGIC])
