"""Sets which figures are small, and so withheld from the public: for an agency, an indicator, or as the usual rule.

A rule that protects less than what applies now needs a second person (indicators.services.rule_requests). A rule
applies to everything published after it. What is already public can't be taken back. Anything once withheld from
a month stays withheld (reporting.public.lines).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import DAYS_TO_DECIDE, Agency, PartnershipArea, ReportingPeriod, RequestOutcome
from boards.permissions import access_to
from boards.services.area import lock_area, store
from boards.services.months import locked
from core import audit
from core.forms.pages import checked_reason
from core.models import User
from core.texts import read_reason
from indicators.disclosure import Audience, Marking
from indicators.models import DisclosureRule, Indicator, MonthMarking, RuleRequest
from indicators.permissions import can_protect, check_can_protect
from indicators.protection.rules import DEFAULT, KINDS, LIMITS, Rule, Show, make_token, number_names, protects_less
from indicators.public_pages import public_pages
from indicators.selectors.disclosure import FOR, get_marking

NUMBERS = {
    "below": "The number below which figures are withheld",
    "suppress_to": "The number up to which figures are withheld",
    "base": "The number after “round to the nearest”",
}
NO_REASON = "Say why, such as the paragraph in the agreement that requires it"


def out_of_range(name: str) -> str:
    """Return a sentence for a number of a rule that is out of range."""
    least, most = LIMITS[name]
    return f"{NUMBERS[name]} must be a whole number from {least} to {most}"


@transaction.atomic
def set_rule(
    area: PartnershipArea,
    *,
    agency: Agency | None = None,
    indicator: Indicator | None = None,
    kind: str,
    below: int | None = None,
    suppress_to: int | None = None,
    base: int | None = None,
    why: str,
    by: User,
) -> DisclosureRule | RuleRequest:
    """Set the rule of an agency, of an indicator, or with neither the area's usual one. If it protects less than what
    applies now, ask a second person instead, and return the request.

    If two people set the same rule for the same reason, the second changes nothing. Raises PermissionDenied, or
    ValidationError with a sentence for each number, or other thing, that is wrong.
    """
    check_can_protect(area, by=by)
    numbers = {"below": below, "suppress_to": suppress_to, "base": base}
    why, wrong = read_reason(why, missing=NO_REASON)
    _check(kind, numbers, wrong)
    lock_area(area)
    existing = find_held(area, agency, indicator)
    rule = existing or DisclosureRule(area=area, agency=agency, indicator=indicator)
    # Read these before the fields change below.
    before = (rule.kind, rule.below, rule.suppress_to, rule.base, rule.why)
    token, applied = (
        make_token(rule.rule) if existing else "",
        existing.rule if existing else rule_without(area, agency, indicator),
    )
    if before == (kind, below, suppress_to, base, why):
        return rule
    rule.kind, rule.below, rule.suppress_to, rule.base, rule.why = kind, below, suppress_to, base, why
    rule.set_at, rule.set_by = timezone.now(), by
    rule.full_clean()
    if protects_less(rule.rule, applied):
        return ask_second(_make_request(rule, kind=kind, **numbers, why=why, before=token), by=by)
    return keep_rule(rule, before=token, by=by)


@transaction.atomic
def remove_rule(rule: DisclosureRule, *, why: str, by: User) -> RuleRequest | None:
    """Remove a rule. The usual one and the agency's then apply. If they protect less, ask a second person instead, and
    return the request.

    If two people remove it, the second changes nothing. Raises PermissionDenied, or ValidationError where the reason is
    missing or too long.
    """
    area = rule.area
    check_can_protect(area, by=by)
    why, wrong = read_reason(why, missing=NO_REASON)
    _refuse({"why": wrong})
    lock_area(area)
    existing = DisclosureRule.objects.select_related("area", "agency", "indicator").filter(pk=rule.pk).first()
    if existing is None:
        return None
    if protects_less(rule_without(area, existing.agency, existing.indicator), existing.rule):
        return ask_second(_make_request(existing, why=why, before=make_token(existing.rule)), by=by)
    drop_rule(existing, why=why, by=by)
    return None


def find_held(area: PartnershipArea, agency: Agency | None, indicator: Indicator | None) -> DisclosureRule | None:
    return DisclosureRule.objects.filter(area=area, agency=agency, indicator=indicator).first()


def rule_without(area: PartnershipArea, agency: Agency | None, indicator: Indicator | None) -> Rule:
    """Return what protects these figures where this rule isn't set. Another rule may protect them too, but don't count
    on that: it may go next."""
    if agency is not None:
        return Show()
    usual = find_held(area, None, None) if indicator is not None else None
    return usual.rule if usual else DEFAULT


def keep_rule(rule: DisclosureRule, *, before: str, by: User, **details: str) -> DisclosureRule:
    """Save a rule. The caller has checked the permission and locked the area."""
    store(rule)
    after = make_token(rule.rule)
    audit.record("rule.set", rule, by=by, area=rule.area.slug, before=before, after=after, why=rule.why, **details)
    return rule


def drop_rule(rule: DisclosureRule, *, why: str, by: User, **details: str) -> None:
    """Delete a rule. The caller has checked the permission and locked the area."""
    before = make_token(rule.rule)
    # Before the delete, which empties the key that the record needs.
    audit.record("rule.removed", rule, by=by, area=rule.area.slug, before=before, after="", why=why, **details)
    rule.delete()


def _make_request(rule: DisclosureRule, **fields: Any) -> RuleRequest:
    """Return a request for this rule, or, without a kind, for its removal."""
    return RuleRequest(area=rule.area, agency=rule.agency, indicator=rule.indicator, **fields)


def ask_second(request: RuleRequest, *, by: User) -> RuleRequest:
    """Ask a second person. The caller has locked the area. Raises ValidationError if somebody has asked already."""
    today = timezone.localdate()
    opened = RuleRequest.objects.filter(
        area=request.area, agency=request.agency, indicator=request.indicator, outcome=""
    )
    opened.filter(ends_on__lt=today).update(outcome=RequestOutcome.LAPSED.value)
    request.asked_at, request.asked_by, request.ends_on = timezone.now(), by, today + timedelta(days=DAYS_TO_DECIDE)
    earlier = opened.first()
    if earlier is not None:
        if all(getattr(earlier, name) == getattr(request, name) for name in SAID):
            return earlier  # somebody pressed the button twice
        raise ValidationError("Someone has already asked to weaken this rule. The request is waiting for an answer.")
    request.save()
    after = make_token(request.rule) if request.rule else request.opens
    details: dict[str, Any] = {"before": request.before, "after": after, "why": request.why}
    details |= {"owner": request.owner.code} if request.owner else {}
    details |= {"agreement": request.agreement, "delay": request.opens_delay} if request.opens else {}
    audit.record("rule_request.asked", request, by=by, area=request.area.slug, **details)
    return request


# What two requests that somebody sent by pressing twice have in common.
SAID = ("rule", "owner_id", "opens", "opens_delay", "agreement", "why", "asked_by_id")


def _check(kind: str, numbers: Mapping[str, int | None], wrong_reason: str) -> None:
    """Raises ValidationError."""
    if kind not in KINDS:
        raise ValidationError({"kind": "From the list, choose what is withheld"})
    wrong = {name: out_of_range(name) for name in number_names(kind) if not _is_within(name, numbers[name])}
    _refuse({**wrong, "why": wrong_reason})


def _is_within(name: str, number: int | None) -> bool:
    least, most = LIMITS[name]
    return number is not None and least <= number <= most


def _refuse(wrong: Mapping[str, str]) -> None:
    sentences = {name: sentence for name, sentence in wrong.items() if sentence}
    if sentences:
        raise ValidationError(sentences)


NO_MARKING_REASON = "Say why you are changing the marking. We show the reason with your name."


@transaction.atomic
def mark_month(period: ReportingPeriod, *, audience: Audience, marking: Marking, why: str, by: User) -> MonthMarking:
    """Mark a month for an audience, from now on: on its pages, packs, files and e-mails. If it is marked against the
    public, everything public that shows its figures comes down, and doesn't come back with a milder marking.

    Raises PermissionDenied; or ValidationError without a reason, or if the month already has this marking.
    """
    if not can_protect(access_to(period.area, by=by)):
        raise PermissionDenied(f"Only an information officer of {period.area.name} can change how a month is marked.")
    why = checked_reason(why, missing=NO_MARKING_REASON)
    # Lock the area before the month, as everything does that publishes. Otherwise two could wait for each other.
    PartnershipArea.objects.select_for_update(no_key=True).get(pk=period.area_id)
    # Lock the month: if two people change it, the second change is compared with the first.
    period = locked(period)
    before = get_marking(period, audience=audience)
    if before is marking:
        is_marked = f"is already marked {marking.label}" if marking else "already has no marking"
        raise ValidationError({"marking": f"{period.month.label} {is_marked} for {FOR[audience]}."})
    marked = MonthMarking.objects.create(
        period=period,
        audience=audience.value,
        marking=marking.value,
        why=why,
        set_at=timezone.now(),
        set_by=by,
    )
    audit.record(
        "month.marked",
        period,
        by=by,
        area=period.area.slug,
        audience=audience.value,
        **{"from": before.value, "to": marking.value},
        why=why,
    )
    if audience is Audience.PUBLIC and marking is Marking.SENSITIVE:
        public_pages().take_down(period, why=why, by=by)
    return marked
