"""Agrees to a rule that protects less, to an agency whose rule does, or to figures for the public; declines or
withdraws it.

It needs two people (docs/adr/0057).
"""

from django.db import transaction
from django.utils import timezone

from boards.models import RequestOutcome
from boards.services.area import lock_area
from boards.services.requests import check_waiting, decide
from core import audit
from core.forms.pages import checked_reason
from core.labels import TransitionRefused
from core.models import User
from indicators.models import DisclosureRule, RuleRequest
from indicators.permissions import check_can_answer, check_can_ask
from indicators.protection.rules import make_token
from indicators.services.disclosure import drop_rule, find_held, keep_rule
from indicators.services.openness import open_as_asked
from indicators.services.setup import move_as_asked

ENDED = "No one decided on this request in time, so it has ended. An information officer can ask again."


@transaction.atomic
def agree_to_rule(request: RuleRequest, *, by: User) -> None:
    """Set or remove the rule as it was asked for, let the other agency supply the indicator, or the public see it.

    Raises PermissionDenied; TransitionRefused if nobody can decide it any more or the rule has changed since; or
    ValidationError if an indicator can't move now.
    """
    request = _lock(request)
    check_can_answer(request, by=by)
    # They may have lost the role since.
    check_can_ask(request, by=request.asked_by)
    check_waiting(request, ended=ENDED)
    if request.indicator is not None and request.owner is not None:
        _decide(request, RequestOutcome.CONFIRMED, by=by)
        move_as_asked(request, request.indicator, request.owner, by=by)
        return
    if request.indicator is not None and request.opens:
        _decide(request, RequestOutcome.CONFIRMED, by=by)
        open_as_asked(request, request.indicator, by=by)
        return
    existing = find_held(request.area, request.agency, request.indicator)
    if (make_token(existing.rule) if existing else "") != request.before:
        raise TransitionRefused("The rule has changed since this request. Decline the request, and ask again.")
    _decide(request, RequestOutcome.CONFIRMED, by=by)
    if not request.kind:
        if existing is not None:
            drop_rule(existing, why=request.why, by=by, asked_by=request.asked_by.email)
        return
    rule = existing or DisclosureRule(area=request.area, agency=request.agency, indicator=request.indicator)
    rule.kind, rule.below, rule.suppress_to, rule.base = request.kind, request.below, request.suppress_to, request.base
    rule.why, rule.set_at, rule.set_by = request.why, timezone.now(), request.asked_by
    keep_rule(rule, before=request.before, by=by, asked_by=request.asked_by.email)


@transaction.atomic
def decline_rule(request: RuleRequest, *, why: str, by: User) -> None:
    """Leave the rule as it is, with a reason. Raises PermissionDenied, TransitionRefused, or ValidationError."""
    request = _lock(request)
    check_can_answer(request, by=by)
    why = checked_reason(why, missing="Say why you decline it. The person who asked will read your reason.")
    check_waiting(request, ended=ENDED)
    _decide(request, RequestOutcome.DECLINED, by=by, why=why)


@transaction.atomic
def withdraw_rule(request: RuleRequest, *, by: User) -> None:
    """Withdraw it, as somebody who could ask for it. Raises PermissionDenied or TransitionRefused."""
    request = _lock(request)
    check_can_ask(request, by=by)
    check_waiting(request, ended=ENDED)
    _decide(request, RequestOutcome.WITHDRAWN, by=by)


def _lock(request: RuleRequest) -> RuleRequest:
    """Return it as it is now. Everything that changes a rule locks the area first."""
    lock_area(request.area)
    requests = RuleRequest.objects.select_related("area", "agency", "indicator__area", "owner", "asked_by")
    return requests.get(pk=request.pk)


def _decide(request: RuleRequest, outcome: RequestOutcome, *, by: User, why: str = "") -> None:
    details = decide(request, outcome, by=by, why=why)
    audit.record(f"rule_request.{outcome.value}", request, by=by, area=request.area.slug, **details)
