"""Let another agency supply an indicator.

If that agency's rule protects less, a second person has to agree (indicators.services.rule_requests). The months before
stay protected by the rule of the agency that they came from.
"""

from django.core.exceptions import ValidationError
from django.utils import timezone

from boards.models import Agency
from boards.services.months import mark_unpublished_stale
from boards.services.setup import changes_between, store
from boards.workflow import MonthStatus
from core import audit
from core.models import User
from core.reasons import read_reason
from core.transitions import TransitionRefused
from indicators.models import DisclosureRule, Indicator, IndicatorAct, IndicatorMove, RuleRequest
from indicators.protection.rules import Show, make_token, protects_less
from indicators.selectors.disclosure import find_since
from indicators.services.disclosure import ask_second, find_held
from indicators.services.history import note_set_up

NO_REASON = "{owner} protects less than {before}, so a second person has to agree. Say why it supplies this"


def check_months_closed(indicator: Indicator, *, owner: Agency) -> None:
    """Raise ValidationError if the agency has sent a figure for an open month: a figure belongs to the return that it
    arrived in, so an indicator can change its agency only between months."""
    held = indicator.observations.exclude(submission=None).filter(period__status=MonthStatus.OPEN.value)
    figure = held.select_related("period").order_by("period__starts_on").first()
    if figure is not None:
        sentence = f"{owner} has already sent its figure for {figure.period.month.label}: close that month first"
        raise ValidationError({"owner": sentence})


def move_or_ask(indicator: Indicator, *, before: Indicator, why: str, by: User) -> RuleRequest | None:
    """Note that another agency supplies an indicator: `indicator` has it, and `before` is the row that is stored. If
    its rule protects less, ask a second person instead, and leave the agency as it is.

    The caller has checked the permission, locked the area, and saves the indicator. Raises ValidationError, also where
    a second person has to agree and there is no reason.
    """
    owner, earlier = indicator.owner, before.owner
    if owner.pk == earlier.pk or owner.area_id != indicator.area_id:  # which no indicator can have
        return None
    check_months_closed(indicator, owner=earlier)
    held, milder = find_held(indicator.area, earlier, None), find_held(indicator.area, owner, None)
    if not protects_less(milder.rule if milder else Show(), held.rule if held else Show()):
        note_move(indicator, earlier, by=by)
        return None
    why, wrong = read_reason(why, missing=NO_REASON.format(owner=owner, before=earlier))
    if wrong:
        raise ValidationError({"owner_why": wrong})
    indicator.owner = earlier
    asked = RuleRequest(area=indicator.area, indicator=indicator, owner=owner, why=why, before=make_token_of(held))
    if milder is not None:
        asked.kind, asked.below, asked.suppress_to, asked.base = (
            milder.kind,
            milder.below,
            milder.suppress_to,
            milder.base,
        )
    return ask_second(asked, by=by)


def note_move(indicator: Indicator, earlier: Agency, *, by: User) -> None:
    """Keep which agency the months so far came from. Without any there is nothing to keep."""
    since = find_since(indicator)
    if since is not None:
        IndicatorMove.objects.create(
            indicator=indicator, agency=earlier, since=since.first_day, moved_at=timezone.now(), moved_by=by
        )


def move_as_asked(asked: RuleRequest, indicator: Indicator, owner: Agency, *, by: User) -> None:
    """Let the agency supply the indicator, as somebody asked. The caller has checked who agrees, and locked the area.

    Raises TransitionRefused if the agency or one of the two rules has changed since, or ValidationError if the agency
    so far has sent a figure for an open month.
    """
    before = Indicator.objects.select_related("owner").get(pk=indicator.pk)
    held, milder = find_held(asked.area, before.owner, None), find_held(asked.area, owner, None)
    is_as_asked = make_token_of(held) == asked.before and (milder.rule if milder else None) == asked.rule
    if not is_as_asked or owner.pk == before.owner_id or owner.retired:
        raise TransitionRefused("The agency or its rule has changed since this was asked. Decline this, and ask again.")
    check_months_closed(indicator, owner=before.owner)
    note_move(indicator, before.owner, by=asked.asked_by)
    indicator.owner = owner
    store(indicator)
    changes = changes_between(before, indicator)
    note_set_up(IndicatorAct.CHANGED, indicator, fields=changes, by=by)
    details = {"changes": changes, "asked_by": asked.asked_by.email}
    audit.record("indicator.changed", indicator, by=by, area=asked.area.slug, **details)
    mark_unpublished_stale(asked.area)


def make_token_of(held: DisclosureRule | None) -> str:
    return make_token(held.rule) if held is not None else ""
