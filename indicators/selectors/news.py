"""What happened to somebody's returns and corrections since a moment?"""

from datetime import datetime

from django.db.models import Q, QuerySet

from boards.models import PartnershipArea
from boards.permissions import Access
from boards.roles import Role
from core.models import User
from indicators.models import Correction, Submission
from indicators.workflow import CorrectionState


def list_returns_since(access: Access, since: datetime) -> list[Submission]:
    """Return returns that were handed in, released, accepted or given back: those of this person's agencies, or all for
    the coordinator; none for anybody else."""
    return list(_returns_since(access.area, None if access.can_coordinate else access.agencies, since))


def _returns_since(area: PartnershipArea, agencies: frozenset[int] | None, since: datetime) -> QuerySet[Submission]:
    moments = Q()
    for act in ("submitted", "released", "accepted", "returned"):
        moments |= Q(**{f"{act}_at__gt": since})
    returns = Submission.objects.filter(moments, period__area=area).select_related("agency", "period")
    acts = [f"{act}_{part}" for act in ("submitted", "released", "accepted", "returned") for part in ("at", "by")]
    returns = returns.only("state", "comment", *acts, "agency__name", "agency__code", "period__starts_on")
    return returns if agencies is None else returns.filter(agency__in=agencies)


def list_decided_since(access: Access, since: datetime) -> list[Correction]:
    """Return corrections that others decided: those of this person's agencies, or all for people who read every return;
    none for anybody else."""
    reads_all = access.is_any(Role.COORDINATOR, Role.ANALYST, Role.INFORMATION)
    agencies = None if reads_all else access.agencies
    return list(_decided_since(access.area, access.user, agencies, since))


def _decided_since(
    area: PartnershipArea, reader: User, agencies: frozenset[int] | None, since: datetime
) -> QuerySet[Correction]:
    decided = Correction.objects.filter(indicator__area=area, decided_at__gt=since)
    decided = decided.exclude(state=CorrectionState.ASKED.value).exclude(decided_by=reader)
    decided = decided.select_related("indicator", "category", "period")
    return decided if agencies is None else decided.filter(indicator__owner__in=agencies)
