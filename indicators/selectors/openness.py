"""Finds who decided who may see an indicator, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from boards.models import RequestOutcome
from core.models import User
from indicators.models import Indicator, IndicatorAct, IndicatorChange, RuleRequest

DECIDED = Q(act=IndicatorAct.CHANGED.value, fields=["openness"])  # as indicators.services.openness notes it


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided, and when. `asked_by` is the first of two people. With `is_added`, nobody has decided since that
    person added the indicator."""

    at: datetime
    by: User
    asked_by: User | None = None
    is_added: bool = False


def find_decisions(indicators: Sequence[Indicator]) -> dict[int, Decision]:
    """Return the decision that each of these stands by, by its id; none for those that came with the set-up of their
    area. Two queries.
    """
    ids = [indicator.pk for indicator in indicators]
    added = Q(act=IndicatorAct.ADDED.value)
    changes = IndicatorChange.objects.filter(added | DECIDED, indicator__in=ids).select_related("made_by")
    # The newest decision of each is the last.
    decisions = {
        change.indicator_id: Decision(change.made_at, change.made_by, is_added=change.act == IndicatorAct.ADDED)
        for change in changes.order_by("made_at", "id")
    }
    confirmed = RuleRequest.objects.filter(indicator__in=ids, outcome=RequestOutcome.CONFIRMED.value).exclude(opens="")
    opened = {request.indicator_id: request for request in confirmed.select_related("asked_by").order_by("decided_at")}
    for indicator in indicators:
        request, decision = opened.get(indicator.pk), decisions.get(indicator.pk)
        stands = (indicator.openness, indicator.openness_delay)
        # One person alone only ever closes. So what stands as it was asked for is what two people opened.
        if request is not None and decision is not None and (request.opens, request.opens_delay) == stands:
            decisions[indicator.pk] = Decision(decision.at, decision.by, request.asked_by)
    return decisions
