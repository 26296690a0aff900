"""Hand over the open work of somebody who left: their actions, and the challenges that they had to answer."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from actions.models import Action, Challenge
from actions.selectors.leavers import list_open_actions, list_open_challenges
from actions.services.challenges import hand_over_challenge
from actions.services.plan import check_heir, hand_over
from boards.models import PartnershipArea
from boards.permissions import check_can_coordinate
from core.models import User
from core.transitions import TransitionRefused


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The result. `refused` are the challenges that stay unchanged, each with the reason: for example, the new person
    doesn't answer for its board or agency."""

    actions: list[Action]
    challenges: list[Challenge]
    refused: list[tuple[Challenge, str]]


@transaction.atomic
def hand_over_work(left: User, to: User, *, area: PartnershipArea, why: str, by: User) -> HandedOver:
    """Hand over every open action of somebody in the area, and each open challenge that the new person can answer.

    Raises PermissionDenied, or ValidationError: no reason, nobody to take over, or nothing that they could take over.
    """
    check_can_coordinate(area, by=by)
    why = check_heir(left, to, area=area, why=why)
    actions = hand_over(left, to, area=area, why=why, by=by) if list_open_actions(left.pk, area) else []
    challenges, refused = [], []
    # PostgreSQL checks the condition again once it has the lock. What somebody else handed over is left out.
    locked = list_open_challenges(left.pk, area).select_for_update(of=("self",))
    # Each is a transaction inside this one: a refusal undoes that challenge only.
    for challenge in locked:
        try:
            challenges.append(hand_over_challenge(challenge, to, why=why, by=by))
        except ValidationError as refusal:
            refused.append((challenge, " ".join(refusal.messages)))
        except (TransitionRefused, PermissionDenied) as refusal:
            refused.append((challenge, str(refusal)))
    if not actions and not challenges:
        if refused:
            raise ValidationError({"to": [f"{challenge.reference}: {sentence}" for challenge, sentence in refused]})
        raise ValidationError(f"{left} has no open work in {area.name} now.")
    return HandedOver(actions, challenges, refused)
