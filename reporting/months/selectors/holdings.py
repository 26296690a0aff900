"""What does a month have that stops it from being removed?"""

from django.db.models import PROTECT
from django.utils import timezone

from boards.models import ReportingPeriod
from core.months import Month
from reporting.models import Snapshot, SnapshotState


def list_held(period: ReportingPeriod) -> list[str]:
    """Name what this month has that can't be removed with it: "returns", "figures". A draft that the roll-up made can
    go. One query for each kind of row.
    """
    held = []
    # Ask the models, so that a new table that points at months is never forgotten.
    for relation in ReportingPeriod._meta.related_objects:
        if relation.on_delete is not PROTECT:
            continue
        model = relation.related_model
        rows, words = model._default_manager.filter(**{relation.field.name: period}), model._meta.verbose_name_plural
        if model is Snapshot:
            rows, words = rows.exclude(state=SnapshotState.DRAFT.value), "published versions"
        if rows.exists():
            held.append(str(words))
    return sorted(held)


def is_reopened(period: ReportingPeriod) -> bool:
    """Return whether the clock would open it again: it has started, and comes right after months that stay."""
    others = ReportingPeriod.objects.filter(area=period.area_id).exclude(pk=period.pk)
    newest = others.order_by("-starts_on").first()
    return newest is not None and newest.month < period.month <= Month.of(timezone.localdate())
