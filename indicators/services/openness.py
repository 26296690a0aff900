"""Decides who may see an indicator's figures.

Away from the public, one information officer decides. Towards it, a second person agrees, and somebody says how the
agency that supplies the figures agreed (indicators.services.rule_requests). A decision applies to editions made after
it. What is public stays so until somebody withdraws it (docs/adr/0108).
"""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from boards.models import PartnershipArea
from boards.services.area import lock_area
from core import audit
from core.labels import TransitionRefused
from core.models import User
from core.texts import read_reason
from indicators.models import Indicator, IndicatorAct, RuleRequest
from indicators.openness import LONGEST_DELAY, Openness, is_private, make_token, shows_more
from indicators.permissions import check_can_protect
from indicators.services.disclosure import ask_second
from indicators.services.history import note_set_up

NO_REASON = "Say why. We show the reason with the indicator."
NO_AGREEMENT = "Say how {agency} agreed: who agreed, when, and where this is written down"
BEHIND = "“{indicator}” is worked out from “{count}”, which the public can’t see month by month: open that first"
BROKEN_DOWN = "“{indicator}” breaks down “{count}”, which the public can’t see month by month: open that first"
WRONG_DELAY = f"The delay must be a whole number of months from 0 to {LONGEST_DELAY}"
NO_TOTAL = "Only a monthly count of events has a total for the year. Choose another answer"
SEEN_SO = "“{indicator}” already has that answer: {words}. Choose another, or leave it as it is"


@transaction.atomic
def set_openness(
    indicator: Indicator, *, openness: Openness, delay: int = 0, why: str, agreement: str = "", by: User
) -> RuleRequest | None:
    """Decide who may see an indicator; month by month, after how many months. If the public would see more than now,
    ask a second person instead, and return the request.

    Raises PermissionDenied, or ValidationError with a sentence for each thing that is wrong.
    """
    check_can_protect(indicator.area, by=by)
    lock_area(indicator.area)
    related = Indicator.objects.select_related("area", "owner", "numerator", "denominator", "breaks_down")
    indicator = related.get(pk=indicator.pk)
    why, wrong = read_reason(why, missing=NO_REASON)
    faults = {"why": wrong}
    delay = delay if openness is Openness.MONTH else 0
    if not 0 <= delay <= LONGEST_DELAY:
        faults["delay"] = WRONG_DELAY
    if is_more := shows_more(openness, indicator.openness, delay=delay, delay_before=indicator.openness_delay):
        agreement, faults["agreement"] = read_reason(agreement, missing=NO_AGREEMENT.format(agency=indicator.owner))
    hidden = [count for count in (indicator.numerator, indicator.denominator) if count and is_private(count.openness)]
    if hidden and not is_private(openness):
        faults["openness"] = BEHIND.format(indicator=indicator, count=hidden[0])
    whole = indicator.breaks_down
    if whole is not None and is_private(whole.openness) and not is_private(openness):
        faults["openness"] = BROKEN_DOWN.format(indicator=indicator, count=whole)
    if openness is Openness.YEAR and not indicator.has_yearly_total:
        faults["openness"] = NO_TOTAL
    if (openness, delay) == (indicator.openness, indicator.openness_delay):
        faults["openness"] = SEEN_SO.format(indicator=indicator, words=indicator.openness_words)
    if any(faults.values()):
        raise ValidationError({name: sentence for name, sentence in faults.items() if sentence})
    if is_more:
        request = RuleRequest(
            area=indicator.area,
            indicator=indicator,
            opens=openness.value,
            opens_delay=delay,
            agreement=agreement,
            why=why,
            before=make_token(indicator.openness, indicator.openness_delay),
        )
        return ask_second(request, by=by)
    keep_openness(indicator, openness, delay=delay, why=why, by=by)
    return None


@transaction.atomic
def decide_openness(area: PartnershipArea, decisions: Mapping[str, tuple[Openness, int, str]], *, by: User) -> int:
    """Decide about indicators that nobody has decided about, by their codes, each with the delay and the reason.
    Returns how many. Of two officers who decide about the same indicator, the first one's decision stays.

    Raises PermissionDenied, or ValidationError where a reason is missing.
    """
    check_can_protect(area, by=by)
    lock_area(area)
    undecided = list(Indicator.objects.undecided().filter(area=area, code__in=decisions))
    for indicator in undecided:
        openness, delay, typed = decisions[indicator.code]
        if openness is Openness.YEAR and not indicator.has_yearly_total:
            raise ValidationError(f"{indicator}: {NO_TOTAL}")
        why, wrong = read_reason(typed, missing=NO_REASON)
        if wrong:
            raise ValidationError({"why": wrong})
        keep_openness(indicator, openness, delay=delay, why=why, by=by)
    return len(undecided)


def open_as_asked(request: RuleRequest, indicator: Indicator, *, by: User) -> None:
    """Let the public see the indicator, as somebody asked. The caller has checked who agrees, and locked the area.
    Raises TransitionRefused if who may see it has changed since.
    """
    indicator = Indicator.objects.select_related("area", "owner").get(pk=indicator.pk)
    if make_token(indicator.openness, indicator.openness_delay) != request.before:
        raise TransitionRefused(
            "The answer about who may see it has changed since this request. Decline the request, and ask again."
        )
    details = {"asked_by": request.asked_by.email, "agreement": request.agreement}
    keep_openness(indicator, Openness(request.opens), delay=request.opens_delay, why=request.why, by=by, **details)


def keep_openness(
    indicator: Indicator, openness: Openness, *, delay: int = 0, why: str, by: User, **details: str
) -> None:
    """Save who may see it. The caller has checked the permission and locked the area."""
    before, indicator.openness, indicator.openness_why = indicator.openness, openness.value, why
    indicator.openness_delay = delay
    indicator.save(update_fields=["openness", "openness_delay", "openness_why"])
    note_set_up(IndicatorAct.CHANGED, indicator, fields=["openness"], by=by)
    audit.record(
        "openness.set",
        indicator,
        by=by,
        area=indicator.area.slug,
        before=before,
        after=openness.value,
        delay=delay,
        why=why,
        **details,
    )
