"""Sets which figures are small, and so withheld from the public: for an agency, an indicator, or as the usual rule.

A rule applies to everything published after it. What is already public can't be taken back. Anything once withheld from
a month stays withheld (reporting.public.lines).
"""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import Agency, PartnershipArea
from boards.services.setup import lock_area, store
from core import audit
from core.models import User
from core.reasons import read_reason
from indicators.models import DisclosureRule, Indicator
from indicators.permissions import check_can_protect
from indicators.protection.rules import KINDS, LIMITS, make_token, number_names

NUMBERS = {
    "below": "The number below which figures are withheld",
    "suppress_to": "The number up to which figures are withheld",
    "base": "The number to whose multiples figures are rounded",
}
NO_REASON = "Say why: such as the paragraph of the agreement that asks for it"


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
) -> DisclosureRule:
    """Set the rule of an agency, of an indicator, or with neither the area's usual one.

    If two people set the same rule for the same reason, the second changes nothing. Raises PermissionDenied, or
    ValidationError with a sentence for each number, or other thing, that is wrong.
    """
    check_can_protect(area, by=by)
    numbers = {"below": below, "suppress_to": suppress_to, "base": base}
    why, wrong = read_reason(why, missing=NO_REASON)
    _check(kind, numbers, wrong)
    lock_area(area)
    held = DisclosureRule.objects.filter(area=area, agency=agency, indicator=indicator).first()
    rule = held or DisclosureRule(area=area, agency=agency, indicator=indicator)
    before = (rule.kind, rule.below, rule.suppress_to, rule.base, rule.why)
    # Read this before the fields change below.
    token_before = make_token(rule.rule) if held else ""
    if before == (kind, below, suppress_to, base, why):
        return rule
    rule.kind, rule.below, rule.suppress_to, rule.base, rule.why = kind, below, suppress_to, base, why
    rule.set_at, rule.set_by = timezone.now(), by
    store(rule)
    audit.record("rule.set", rule, by=by, area=area.slug, before=token_before, after=make_token(rule.rule), why=why)
    return rule


@transaction.atomic
def remove_rule(rule: DisclosureRule, *, why: str, by: User) -> None:
    """Remove a rule.

    The usual one and the agency's then apply. If two people remove it, the second changes nothing. Raises
    PermissionDenied, or ValidationError where the reason is missing or too long.
    """
    area = rule.area
    check_can_protect(area, by=by)
    why, wrong = read_reason(why, missing=NO_REASON)
    _refuse({"why": wrong})
    lock_area(area)
    held = DisclosureRule.objects.filter(pk=rule.pk).first()
    if held is None:
        return
    # Before the delete, which empties the key that the record needs.
    audit.record("rule.removed", held, by=by, area=area.slug, before=make_token(held.rule), after="", why=why)
    held.delete()


def _check(kind: str, numbers: Mapping[str, int | None], wrong_reason: str) -> None:
    """Raises ValidationError."""
    if kind not in KINDS:
        raise ValidationError({"kind": "Choose what is withheld from the list"})
    wrong = {name: out_of_range(name) for name in number_names(kind) if not _is_within(name, numbers[name])}
    _refuse({**wrong, "why": wrong_reason})


def _is_within(name: str, number: int | None) -> bool:
    least, most = LIMITS[name]
    return number is not None and least <= number <= most


def _refuse(wrong: Mapping[str, str]) -> None:
    sentences = {name: sentence for name, sentence in wrong.items() if sentence}
    if sentences:
        raise ValidationError(sentences)
