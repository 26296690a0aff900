"""Open, close and reopen a month, and mark months whose figures changed."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import check_can_coordinate
from boards.rules import MONTH, MonthStatus, list_openable, list_opened_with
from boards.selectors import get_due_day, list_months
from core import audit
from core.calendar import Month, add_working_days, months_between
from core.forms.pages import checked_reason
from core.jobs import get_trusted_day
from core.labels import TransitionRefused
from core.models import User
from core.timetable import JobFailed, for_each

TIME_TO_BEGIN = 10  # working days to hand in a return of a month that is opened after it was due
MOST_BY_CLOCK = 1  # months of an area that open together, unless somebody confirms the date


@transaction.atomic
def ensure_month(
    area: PartnershipArea, month: Month, *, by: User | None, for_history: bool = False, gives_time: bool = False
) -> ReportingPeriod:
    """Return the area's month; open it first if needed, `for_history` if that is for past figures. A month that
    `gives_time` is due in TIME_TO_BEGIN working days at the earliest.

    Raises ValidationError for a month that hasn't started.
    """
    if month > Month.of(timezone.localdate()):
        raise ValidationError(f"{month.label} has not started yet.")
    due_on = get_due_day(area, month)
    if gives_time:
        due_on = max(due_on, add_working_days(timezone.localdate(), TIME_TO_BEGIN))
    # The job and a coordinator may open a month together: the constraint one_period_per_month lets one of them win.
    period, created = ReportingPeriod.objects.get_or_create(
        area=area,
        starts_on=month.first_day,
        defaults={
            "opened_on": timezone.localdate(),
            "due_on": due_on,
            "for_history": for_history,
            "stale_since": timezone.now(),
        },
    )
    if created:
        audit.record("month.opened", period, by=by, area=area.slug)
        # Later months now compare with this one.
        mark_stale(area, month.next)
    return period


@transaction.atomic
def open_by_hand(area: PartnershipArea, month: Month, *, seen: Sequence[Month], by: User) -> list[ReportingPeriod]:
    """Open a month that a coordinator chose, and those that open with it.

    `seen` are the months that they agreed to, which include those that fill the gap. Returns the months opened: none if
    the form arrived twice.
    """
    check_can_coordinate(area, by=by)
    current = Month.of(timezone.localdate())
    periods = list_months(area)
    months = [period.month for period in periods]
    if month in months:
        return []
    if month not in list_openable(months, current=current, is_published=any(period.is_published for period in periods)):
        raise ValidationError({"month": f"{month.label} can’t be opened here. Choose a month from the list."})
    opened = list_opened_with(month, months, current=current)
    if set(opened) - set(seen):
        raise ValidationError(
            {"month": "Someone has opened or removed other months. Check the list again, then open the month."}
        )
    return [ensure_month(area, new_month, by=by, gives_time=True) for new_month in opened]


def open_months(*, today: date | None = None, is_confirmed: bool = False) -> Iterator[ReportingPeriod]:
    """Open every month after an area's newest one up to the current one, in every area with months. There is no gap, so
    each month can be compared with the one before.

    Yields each month as it opens. If one area fails, the others continue. The clock may be wrong, so it opens only one
    month of an area. More open if somebody confirmed the date: with `is_confirmed`, or as an operator
    (core.jobs). Raises SomeFailed if an area waits for that.
    """
    current = Month.of(today or timezone.localdate())
    trusted_day = get_trusted_day()
    is_trusted = is_confirmed or (trusted_day is not None and current <= Month.of(trusted_day))
    areas = PartnershipArea.objects.order_by("id")
    for opened in for_each(areas, lambda area: _open_up_to(area, current, is_trusted=is_trusted)):
        yield from opened


@transaction.atomic
def _open_up_to(area: PartnershipArea, current: Month, *, is_trusted: bool) -> list[ReportingPeriod]:
    """Raise JobFailed if it would open more than one month and nobody has confirmed that the clock is right."""
    newest = ReportingPeriod.objects.filter(area=area).order_by("-starts_on").first()
    if newest is None or newest.month < current + -24:
        return []  # new, or an archive: nobody reports here
    wanted = list(months_between(newest.month.next, current))
    if len(wanted) > MOST_BY_CLOCK and not is_trusted:
        raise JobFailed(
            f"the newest month is {newest.month.label} and the clock says {current.label}. {len(wanted)} months "
            f"would open together, so none opens until an operator confirms the date."
        )
    return [ensure_month(area, month, by=None) for month in wanted]


def mark_stale(area: PartnershipArea, month: Month) -> None:
    """Mark this month, and each later month that shows its figures, for a new roll-up.

    Call it inside the transaction that changes the figure.
    """
    _mark(ReportingPeriod.objects.filter(area=area, starts_on__gte=month.first_day))


def mark_unpublished_stale(area: PartnershipArea, *, since: Month | None = None) -> None:
    """Mark each unpublished month from this one for a new roll-up, because the set-up or something similar changed.

    Published months don't change. Call it inside the transaction of the change.
    """
    periods = ReportingPeriod.objects.filter(area=area).exclude(status=MonthStatus.PUBLISHED.value)
    _mark(periods.filter(starts_on__gte=since.first_day) if since else periods)


def _mark(periods: QuerySet[ReportingPeriod]) -> None:
    # Everybody locks in the same order. Otherwise two services could wait for each other.
    # An UPDATE alone would lock them in whatever order it finds them.
    marks = dict(periods.order_by("area_id", "starts_on").select_for_update().values_list("id", "stale_since"))
    # A roll-up in progress knows by the mark that the month has changed. So each mark is later than the last one, even
    # where the clock stands still or was put back.
    after_last = [mark + timedelta(microseconds=1) for mark in marks.values() if mark]
    ReportingPeriod.objects.filter(id__in=marks).update(stale_since=max([timezone.now(), *after_last]))


def locked(period: ReportingPeriod) -> ReportingPeriod:
    """Return the month as it is now, locked until the end of the transaction."""
    return ReportingPeriod.objects.select_for_update(of=("self",)).select_related("area").get(pk=period.pk)


@transaction.atomic
def close_month(period: ReportingPeriod, *, by: User, missing: list[str], why: str = "") -> ReportingPeriod:
    """Close a month, so that it no longer accepts returns.

    `missing` names the agencies whose return isn't in. Closing then needs a reason, which we save. Raises
    PermissionDenied, TransitionRefused, or ValidationError if there is no reason.
    """
    check_can_coordinate(period.area, by=by)
    # Read again: somebody may have closed or published it since the page was opened.
    period = locked(period)
    if not period.is_open:  # a published month becomes closed only when somebody takes it back
        raise TransitionRefused(f"{period.month.label} is already {period.get_status_display().lower()}.")
    why = reason_if_early(period, why, missing=missing, told="Say why you are closing it early.")
    period.status = MonthStatus.CLOSED
    period.closed_at, period.closed_by, period.closed_why = timezone.now(), by, why
    period.save(update_fields=["status", "closed_at", "closed_by", "closed_why"])
    audit.record("month.closed", period, by=by, area=period.area.slug, missing=missing, why=why)
    return period


def is_early(period: ReportingPeriod, *, missing: list[str], today: date) -> bool:
    """Return whether its returns are awaited, or not even due."""
    return bool(missing) or today < period.due_on


def reason_if_early(period: ReportingPeriod, why: str, *, missing: list[str], told: str) -> str:
    """Return the reason to save; empty if none is needed. Raises ValidationError at `why`."""
    if not is_early(period, missing=missing, today=timezone.localdate()):
        return ""
    return checked_reason(why, missing=told)


@transaction.atomic
def reopen_month(period: ReportingPeriod, *, by: User) -> ReportingPeriod:
    """Reopen a closed, unpublished month, so that it accepts returns again."""
    check_can_coordinate(period.area, by=by)
    period = locked(period)
    MONTH.check(before=MonthStatus(period.status), after=MonthStatus.OPEN, thing=period.month.label)
    period.status = MonthStatus.OPEN
    period.closed_at = period.closed_by = None
    period.closed_why = ""
    period.save(update_fields=["status", "closed_at", "closed_by", "closed_why"])
    audit.record("month.reopened", period, by=by, area=period.area.slug)
    return period


def mark_just_due(*, today: date) -> None:
    """Mark the months whose due day has passed, so that their pages show the missing returns.

    The job runs each morning. If a morning is missed, it catches up within a week. Raises SomeFailed once it has done
    the other areas.
    """
    due = ReportingPeriod.objects.exclude(status=MonthStatus.PUBLISHED.value).filter(
        due_on__lt=today, due_on__gte=today - timedelta(days=7)
    )
    areas = PartnershipArea.objects.filter(pk__in=due.values("area")).order_by("pk")
    # A transaction for each area. One for all would lock every month until the last is done (docs/adr/0003).
    list(for_each(areas, transaction.atomic(lambda area: _mark(due.filter(area=area)))))
