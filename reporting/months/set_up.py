"""What is set up for an indicator, and which of its figures were signed off."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet

from boards.models import PartnershipArea
from core.pages import NotHeld
from indicators.models import Indicator, Observation


class Change(NamedTuple):
    """One change of its set-up: see IndicatorChange."""

    made_at: datetime
    act: str
    month: date | None
    fields: list[str]


@dataclass(frozen=True, slots=True)
class SetUp:
    """An indicator's present set-up, with its changes, the newest first."""

    pk: int
    title: str
    why_it_matters: str
    source: str
    collection: str
    retired_from: date | None
    definitions: list[tuple[date, str]]
    changes: list[Change] = field(default_factory=list)


MOST_CHANGES = 20


def find_set_up(area: PartnershipArea, code: str) -> SetUp | None:
    """Return an indicator's set-up; None if there is no such indicator, or it isn't defined yet. Three queries."""
    indicator = Indicator.objects.filter(area=area, code=code).first()
    if indicator is None:
        return None
    definitions = list(indicator.definitions.order_by("applies_from").values_list("applies_from", "text"))
    if not definitions:
        return None
    changes = indicator.changes.order_by("-made_at", "-pk").values_list("made_at", "act", "month", "fields")
    return SetUp(
        indicator.pk,
        indicator.title,
        indicator.why_it_matters,
        indicator.source,
        indicator.collection,
        indicator.retired_from,
        definitions,
        [Change._make(change) for change in changes[:MOST_CHANGES]],
    )


def check_set_up(area: PartnershipArea, code: str, set_up: SetUp | None) -> SetUp:
    """Return what was found. Raises NotHeld if it is nothing."""
    if set_up is None:
        raise NotHeld(f"{area.name} has no indicator “{code}”, or it isn’t defined yet.")
    return set_up


def list_observed(indicator: int) -> QuerySet[Observation]:
    """Return the signed-off figures of an indicator, the newest month first, each with its origin (a file, an agency's
    return, or a correction) and who signed it off."""
    signed_off = Observation.objects.filter(indicator=indicator, signed_off_at__isnull=False)
    parts = ("period", "category", "submission__agency", "signed_off_by")
    return signed_off.select_related(*parts).order_by("-period__starts_on", "category__position", "category__name")
