"""What has happened that a hook should be told? Found by comparing tables, so a lost process loses nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from boards.models import PartnershipArea
from core.months import Month
from indicators.workflow import EditionState
from reporting.models import EditionWithdrawal, Hook, HookCall, HookKind, PublicEdition, Snapshot

# What is older isn't told any more. The log of calls is kept for longer, or an event would be told again.
TOLD_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a month: its kind, and the version or edition. `target` identifies it in its kind."""

    kind: HookKind
    target: str
    month: Month
    happened_at: datetime
    number: int
    path: str

    def write(self, area: PartnershipArea, site: str) -> dict[str, object]:
        """Return what a hook is told: no figure, and no name of an indicator."""
        number = "edition" if self.kind.startswith("public.") else "version"
        return {
            "type": self.kind.value,
            "timestamp": self.happened_at.isoformat(),
            "data": {
                "area": area.slug,
                "month": str(self.month),
                number: self.number,
                "address": f"{site}{self.path}",
            },
        }


def find_events(hook: Hook, now: datetime | None = None) -> list[Event]:
    """Return what a hook wants to be told and wasn't yet, the oldest first. Six queries at most."""
    since = max(hook.made_at, (now or timezone.now()) - TOLD_WITHIN)
    found = [each for each in list_events(hook.area, since, hook.kinds) if each.kind in hook.kinds]
    if not found:
        return []
    told = set(HookCall.objects.filter(hook=hook, claimed_at__gte=since).values_list("kind", "target"))
    new = [each for each in found if (each.kind.value, each.target) not in told]
    return sorted(new, key=lambda each: (each.happened_at, each.month, each.target))


def list_events(area: PartnershipArea, since: datetime, kinds: Sequence[str]) -> Iterator[Event]:
    """Yield what happened in an area since a moment. Reads only the tables that these kinds need."""
    if any(kind.startswith("month.") for kind in kinds):
        yield from list_versions(area, since)
    # Nobody can read what they would say while the pages are off.
    if area.has_public_pages and any(kind.startswith("public.") for kind in kinds):
        yield from list_editions(area, since)
        yield from list_withdrawals(area, since)


def list_versions(area: PartnershipArea, since: datetime) -> Iterator[Event]:
    """Yield published versions once they can't be taken back any more."""
    now = timezone.now()
    standing = Snapshot.objects.standing().filter(period__area=area)
    fresh = [
        each
        for each in standing.filter(fresh_until__gte=since).select_related("period")
        if each.published_at is not None and each.is_settled(now)
    ]
    periods = {each.period_id for each in fresh}
    rows = standing.filter(period__in=periods).order_by().values_list("period").annotate(Min("version"))
    first = dict(rows) if periods else {}
    for each in fresh:
        is_first = each.version == first[each.period_id]
        yield Event(
            kind=HookKind.MONTH_PUBLISHED if is_first else HookKind.MONTH_CORRECTED,
            target=f"snapshot:{each.pk}",
            month=each.period.month,
            happened_at=max(each.fresh_until or since, each.published_at or since),
            number=each.version,
            path=reverse("reporting:month-view", args=[area.slug, each.period.month]),
        )


def list_editions(area: PartnershipArea, since: datetime) -> Iterator[Event]:
    """Yield the editions that anybody can read."""
    editions = PublicEdition.objects.filter(
        period__area=area, state=EditionState.PUBLISHED.value, published_at__gte=since, withdrawal__isnull=True
    )
    found = list(editions.select_related("period"))
    down = EditionWithdrawal.objects.filter(edition__period__in={each.period_id for each in found})
    gone = set(down.values_list("edition__period", "edition__number")) if found else set()
    for each in found:
        # A month that comes back after a withdrawal was not public any more, so it is public anew.
        is_new = each.number == 1 or (each.period_id, (each.number or 0) - 1) in gone
        yield Event(
            kind=HookKind.PUBLIC_PUBLISHED if is_new else HookKind.PUBLIC_CORRECTED,
            target=f"edition:{each.pk}",
            month=each.period.month,
            happened_at=each.published_at or since,
            number=each.number or 0,
            path=reverse("reporting:public-month", args=[area.slug, each.period.month]),
        )


def list_withdrawals(area: PartnershipArea, since: datetime) -> Iterator[Event]:
    """Yield each month that went down, once, by its newest edition."""
    down = EditionWithdrawal.objects.filter(edition__period__area=area, withdrawn_at__gte=since)
    newest: dict[tuple[int, int], EditionWithdrawal] = {}
    for each in down.select_related("edition__period").order_by("edition__number"):
        newest[each.cause_id, each.edition.period_id] = each
    for each in newest.values():
        yield Event(
            kind=HookKind.PUBLIC_WITHDRAWN,
            target=f"withdrawal:{each.pk}",
            month=each.edition.period.month,
            happened_at=each.withdrawn_at,
            number=each.edition.number or 0,
            path=reverse("reporting:public-month", args=[area.slug, each.edition.period.month]),
        )


def is_over(call: HookCall, area: PartnershipArea) -> bool:
    """Return whether what a waiting call says isn't so any more: the edition has been withdrawn since. At most one
    query."""
    # After the withdrawal was told, a late try would tell a receiver that the month is public.
    if call.kind not in (HookKind.PUBLIC_PUBLISHED, HookKind.PUBLIC_CORRECTED):
        return False
    down = EditionWithdrawal.objects.filter(edition=int(call.target.removeprefix("edition:")))
    return not area.has_public_pages or down.exists()


def list_hooks(area: PartnershipArea) -> list[Hook]:
    """Return the hooks of an area, the active ones first. One query."""
    hooks = Hook.objects.filter(area=area).select_related("made_by", "stopped_by")
    return sorted(hooks, key=lambda hook: (hook.stopped_at is not None, hook.name.lower(), hook.pk))


def list_calls(hook: Hook, *, most: int) -> list[HookCall]:
    """Return the newest calls of a hook."""
    return list(HookCall.objects.filter(hook=hook)[:most])
