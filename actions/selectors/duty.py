"""Finds the authorities of an area under the Serious Violence Duty, and what each did."""

from django.db.models import Prefetch, QuerySet

from actions.models import Authority, DutyAct
from boards.models import PartnershipArea


def list_authorities(area: PartnershipArea) -> QuerySet[Authority]:
    """Return the area's authorities that are on its page, with their acts, newest first. Two queries."""
    acts = Prefetch("acts", DutyAct.objects.order_by("-done_on", "-pk"))
    return Authority.objects.in_use().filter(area=area).select_related("agency").prefetch_related(acts)


def list_retired(area: PartnershipArea) -> QuerySet[Authority]:
    return Authority.objects.filter(area=area, retired=True)


def keeps_duty(area: PartnershipArea) -> bool:
    """Whether the area has chosen to record the duty."""
    return Authority.objects.in_use().filter(area=area).exists()


def find_authority(area: PartnershipArea, pk: int) -> Authority | None:
    return Authority.objects.select_related("agency").filter(area=area, pk=pk).first()


def find_act(area: PartnershipArea, pk: int) -> DutyAct | None:
    return DutyAct.objects.select_related("authority").filter(authority__area=area, pk=pk).first()
