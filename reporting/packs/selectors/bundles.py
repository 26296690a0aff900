"""Which bundles of packs are there, and which wait for a worker?"""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from reporting.models import PackBundle

# A worker says with each pack that it is still at it. One that hasn't for this long is dead.
LAPSES_AFTER = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=1)
KEPT_FOR = timedelta(days=7)


def list_bundles(area: PartnershipArea) -> QuerySet[PackBundle]:
    """The bundles of an area, the newest first, each with the `size` of its file in bytes and without the file."""
    bundles = PackBundle.objects.filter(period__area=area).select_related("period__area", "asked_by")
    return bundles.annotate(size=Length("file")).defer("file")


def under_way(period: ReportingPeriod) -> PackBundle | None:
    """The bundle of a month that isn't finished, if there is one."""
    return list_bundles(period.area).filter(period=period, finished_at=None).first()


def can_be_claimed() -> Q:
    """Which bundles nobody makes: never begun, or by a worker that died over it."""
    return Q(finished_at=None) & (Q(claimed_at=None) | Q(claimed_at__lt=timezone.now() - LAPSES_AFTER))


def waiting_bundles() -> QuerySet[PackBundle]:
    """Those that a worker can take up, the one asked for first before the others, without their files."""
    waiting = PackBundle.objects.filter(can_be_claimed()).select_related("period__area").defer("file")
    return waiting.order_by("asked_at", "id")


def old_bundles() -> QuerySet[PackBundle]:
    """Those that were kept long enough."""
    return PackBundle.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR)
