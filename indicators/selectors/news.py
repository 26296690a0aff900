"""What happened to somebody's returns and corrections since a moment?"""

from datetime import datetime

from django.db.models import Q, QuerySet

from boards.permissions import Access
from boards.roles import Role
from indicators.models import Correction, Submission
from indicators.workflow import CorrectionState


def list_returns_since(access: Access, since: datetime) -> QuerySet[Submission]:
    """List returns that were handed in, released, accepted or given back: those of this person's agencies, or all for
    the coordinator. One query, and none for anybody else."""
    moments = Q()
    for act in ("submitted", "released", "accepted", "returned"):
        moments |= Q(**{f"{act}_at__gt": since})
    returns = Submission.objects.filter(moments, period__area=access.area).select_related("agency", "period")
    if access.can_coordinate:
        return returns
    own = access.led | access.approved | access.told
    return returns.filter(agency__in=own) if own else returns.none()


def list_decided_since(access: Access, since: datetime) -> QuerySet[Correction]:
    """List corrections that others decided: those of this person's agencies, or all for people who read every return.
    One query, and none for anybody else."""
    decided = Correction.objects.filter(indicator__area=access.area, decided_at__gt=since)
    decided = decided.exclude(state=CorrectionState.ASKED.value).exclude(decided_by=access.user)
    decided = decided.select_related("indicator", "category", "period")
    if access.is_any(Role.COORDINATOR, Role.ANALYST, Role.INFORMATION):
        return decided
    own = access.led | access.approved | access.told
    return decided.filter(indicator__owner__in=own) if own else decided.none()
