"""Changes a month's marking: lowers it or raises it again, with a named person and a reason."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import access_to
from boards.services.months import locked
from core import audit
from core.models import User
from core.services.reasons import checked_reason
from indicators.disclosure import Audience, Marking
from indicators.models import MonthMarking
from indicators.permissions import can_protect
from indicators.public_pages import public_pages
from indicators.selectors.markings import FOR, get_marking

NO_REASON = "Say why you are changing the marking. We show the reason with your name."


@transaction.atomic
def mark_month(period: ReportingPeriod, *, audience: Audience, marking: Marking, why: str, by: User) -> MonthMarking:
    """Mark a month for an audience, from now on: on its pages, packs, files and e-mails. If it is marked against the
    public, everything public that shows its figures comes down, and doesn't come back with a milder marking.

    Raises PermissionDenied; or ValidationError without a reason, or if the month already has this marking.
    """
    if not can_protect(access_to(period.area, by=by)):
        raise PermissionDenied(f"Only an information officer of {period.area.name} can change how a month is marked.")
    why = checked_reason(why, missing=NO_REASON)
    # Lock the area before the month, as everything does that publishes. Otherwise two could wait for each other.
    PartnershipArea.objects.select_for_update(no_key=True).get(pk=period.area_id)
    # Lock the month: if two people change it, the second change is compared with the first.
    period = locked(period)
    before = get_marking(period, audience=audience)
    if before is marking:
        is_marked = f"is marked {marking.label}" if marking else "has no marking"
        raise ValidationError({"marking": f"{period.month.label} {is_marked} for {FOR[audience]} already."})
    marked = MonthMarking.objects.create(
        period=period,
        audience=audience.value,
        marking=marking.value,
        why=why,
        set_at=timezone.now(),
        set_by=by,
    )
    audit.record(
        "month.marked",
        period,
        by=by,
        area=period.area.slug,
        audience=audience.value,
        **{"from": before.value, "to": marking.value},
        why=why,
    )
    if audience is Audience.PUBLIC and marking is Marking.SENSITIVE:
        public_pages().take_down(period, why=why, by=by)
    return marked
