"""Agree to a rule that protects less, decline it, or withdraw it; also to an agency whose rule protects less. It needs
two people (docs/adr/0057)."""

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
from indicators.services.setup import move_as_asked

ENDED = "Nobody decided this in time, so it has ended. An information officer can ask again."


@transaction.atomic
def agree_to_rule(asked: RuleRequest, *, by: User) -> None:
    """Set or remove the rule as it was asked for, or let the other agency supply the indicator.

    Raises PermissionDenied; TransitionRefused if nobody can decide it any more or the rule has changed since; or
    ValidationError if an indicator can't move now.
    """
    asked = _lock(asked)
    check_can_answer(asked, by=by)
    # They may have lost the role since.
    check_can_ask(asked, by=asked.asked_by)
    check_waiting(asked, ended=ENDED)
    if asked.indicator is not None and asked.owner is not None:
        _decide(asked, RequestOutcome.CONFIRMED, by=by)
        move_as_asked(asked, asked.indicator, asked.owner, by=by)
        return
    held = find_held(asked.area, asked.agency, asked.indicator)
    if (make_token(held.rule) if held else "") != asked.before:
        raise TransitionRefused("The rule has changed since this was asked. Decline this, and ask again.")
    _decide(asked, RequestOutcome.CONFIRMED, by=by)
    if not asked.kind:
        if held is not None:
            drop_rule(held, why=asked.why, by=by, asked_by=asked.asked_by.email)
        return
    rule = held or DisclosureRule(area=asked.area, agency=asked.agency, indicator=asked.indicator)
    rule.kind, rule.below, rule.suppress_to, rule.base = asked.kind, asked.below, asked.suppress_to, asked.base
    rule.why, rule.set_at, rule.set_by = asked.why, timezone.now(), asked.asked_by
    keep_rule(rule, before=asked.before, by=by, asked_by=asked.asked_by.email)


@transaction.atomic
def decline_rule(asked: RuleRequest, *, why: str, by: User) -> None:
    """Leave the rule as it is, with a reason. Raises PermissionDenied, TransitionRefused, or ValidationError."""
    asked = _lock(asked)
    check_can_answer(asked, by=by)
    why = checked_reason(why, missing="Say why you decline it. Whoever asked reads your reason.")
    check_waiting(asked, ended=ENDED)
    _decide(asked, RequestOutcome.DECLINED, by=by, why=why)


@transaction.atomic
def withdraw_rule(asked: RuleRequest, *, by: User) -> None:
    """Withdraw it, as somebody who could ask for it. Raises PermissionDenied or TransitionRefused."""
    asked = _lock(asked)
    check_can_ask(asked, by=by)
    check_waiting(asked, ended=ENDED)
    _decide(asked, RequestOutcome.WITHDRAWN, by=by)


def _lock(asked: RuleRequest) -> RuleRequest:
    """Return it as it is now. Everything that changes a rule locks the area first."""
    lock_area(asked.area)
    found = RuleRequest.objects.select_related("area", "agency", "indicator__area", "owner", "asked_by")
    return found.get(pk=asked.pk)


def _decide(asked: RuleRequest, outcome: RequestOutcome, *, by: User, why: str = "") -> None:
    details = decide(asked, outcome, by=by, why=why)
    audit.record(f"rule_request.{outcome.value}", asked, by=by, area=asked.area.slug, **details)
