"""What a person may read about events and their outcomes: published figures, the same for everybody in an area."""

from collections.abc import Sequence

from django.utils import timezone

from actions.selectors.events import Happening, NamedAim, find_happening, list_expectations, list_happenings
from boards.models import PartnershipArea
from core.pages import NotHeld
from reporting.impact.presenters.outcomes import OutcomeView, make_outcomes
from reporting.impact.presenters.page import ImpactView, make_impact


def find_impact(area: PartnershipArea, reference: str, code: str) -> ImpactView:
    """Raises NotHeld, with a sentence."""
    happenings = list_happenings(area)
    happening = find_happening(happenings, reference)
    if happening is None:
        raise NotHeld(f"{area.name} has no action or event “{reference[:20]}”, or it was removed.")
    aim = happening.find_aim(code)
    if aim is None:
        raise NotHeld(f"{happening.label} doesn’t name the indicator “{code[:40]}”.")
    beside = [other for other in happenings if other.find_aim(code)]
    return make_impact(area, happening, aim, beside=beside, expectations=list_expectations(area, code=code))


type Pair = tuple[Happening, NamedAim]


def list_pairs(area: PartnershipArea) -> list[Pair]:
    """Return everything that has happened up to today, the newest first, with each indicator that it may have moved.
    One query.
    """
    today = timezone.localdate()
    happened = [happening for happening in list_happenings(area) if happening.day <= today]
    return [(happening, aim) for happening in reversed(happened) for aim in happening.aims]


def list_outcomes(area: PartnershipArea, pairs: Sequence[Pair]) -> list[OutcomeView]:
    return make_outcomes(area, pairs, list_expectations(area))
