"""Offer support; take an offer up, decline it or withdraw it."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Support
from actions.models.challenges import LONGEST_QUESTION
from actions.permissions import check_can_challenge, check_can_decide_support
from actions.services.subjects import Draft, find_faults, next_number, read_again, read_text
from actions.workflow import SUPPORT, SupportState
from boards.services.setup import lock_area
from core import audit
from core.models import User
from core.services.reasons import checked_reason
from core.services.sent_once import is_sent_twice


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportDraft(Draft):
    """The content of an offer."""

    offer: str


@transaction.atomic
def offer_support(draft: SupportDraft, *, by: User) -> Support:
    """Offer help to a board or an agency, with the area's next number.

    Raises PermissionDenied, also for a part of another area; or ValidationError by field.
    """
    check_can_challenge(draft.area, by=by)
    # For the number: two offers made together would get the same one.
    lock_area(draft.area)
    draft = read_again(draft)
    faults = find_faults(draft)
    offer, wrong = read_text(draft.offer, longest=LONGEST_QUESTION, missing="Enter what you offer.", what="offer")
    if wrong:
        faults["offer"] = wrong
    if faults:
        raise ValidationError(faults)
    support = Support.objects.create(
        **draft.columns(),
        number=next_number(Support, draft.area),
        offer=offer,
        offered_at=timezone.now(),
        offered_by=by,
    )
    audit.record("support.offered", support, by=by, area=draft.area.slug, offered_to=str(draft.place))
    return support


@transaction.atomic
def take_up(support: Support, *, why: str = "", by: User) -> Support:
    """Take an offer up, with a comment if there is one. Raises PermissionDenied, TransitionRefused, or
    ValidationError."""
    check_can_decide_support(support, by=by)
    return _decide(support, SupportState.TAKEN_UP, checked_reason(why, missing=""), by=by)


@transaction.atomic
def decline(support: Support, *, why: str, by: User) -> Support:
    """Decline an offer. Raises PermissionDenied, TransitionRefused, or ValidationError (no reason)."""
    check_can_decide_support(support, by=by)
    why = checked_reason(why, missing="Say why you are declining it. The person who offered it reads this.")
    return _decide(support, SupportState.DECLINED, why, by=by)


@transaction.atomic
def withdraw_support(support: Support, *, why: str, by: User) -> Support:
    """Withdraw an offer. Raises PermissionDenied, TransitionRefused, or ValidationError (no reason)."""
    check_can_challenge(support.area, by=by)
    why = checked_reason(why, missing="Say why you are withdrawing it. The board or agency reads this.")
    return _decide(support, SupportState.WITHDRAWN, why, by=by)


def _decide(support: Support, after: SupportState, why: str, *, by: User) -> Support:
    support = Support.objects.select_for_update(of=("self",)).select_related("area").get(pk=support.pk)
    # Before the table of states, which would refuse the second press.
    if is_sent_twice(support, state=after.value, decided_why=why, decided_by=by):
        return support
    before = SupportState(support.state)
    SUPPORT.check(before=before, after=after, thing=support.reference)
    support.state, support.decided_why = after.value, why
    support.decided_at, support.decided_by = timezone.now(), by
    support.save(update_fields=["state", "decided_at", "decided_by", "decided_why"])
    states = {"from": before.value, "to": after.value}
    audit.record(f"support.{after.value}", support, by=by, area=support.area.slug, **states, why=why)
    return support
