"""Issue a pack: give it a number, and save it as it is."""

from dataclasses import replace
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.db.models import Max
from django.utils import timezone

from actions.pictures import JPEG
from boards.models import Board, PartnershipArea
from boards.permissions import check_can_coordinate
from boards.services.months import locked
from core import audit, objects
from core.models import User
from core.months import Month
from core.sealing import get_head
from core.services.revisions import check_seen
from core.texts import one_line
from core.transitions import TransitionRefused
from reporting.models import IssuedPack, PackPhoto
from reporting.months.taking_back import why_wait
from reporting.packs.pdf.typesetting import PackNotMade, build_pack
from reporting.packs.presenters.names import make_reference
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order

LONGEST_MEETING: int = IssuedPack._meta.get_field("meeting").max_length or 0
FARTHEST = timedelta(days=366)  # days ahead for a meeting: a later date is probably a typing error
NOT_SAVED = (
    "The pack could not be saved, so it was not issued. Its number is still free. What went wrong: {words}. "
    "Tell the operator, then try again."
)


def issue_pack(order: Order, *, seen: str, by: User) -> IssuedPack:
    """Issue a pack as somebody saw it: its number, file and entry in the register, or nothing. `seen` is the token of
    the pack that they saw. Raises PermissionDenied; ValidationError for the meeting; NotHeld or AudienceRefused;
    ChangedMeanwhile if it has changed since; TransitionRefused if it can't be issued, made or saved.
    """
    check_can_coordinate(order.period.area, by=by)
    order = replace(order, meeting=one_line(order.meeting))
    day = check_meeting(order.meeting, order.meeting_on, order.period.month)
    try:
        with transaction.atomic():
            return issue(order, seen=seen, day=day, by=by)
    except (OperationalError, objects.Unreadable) as fault:  # such as a full disk
        raise TransitionRefused(NOT_SAVED.format(words=str(fault).strip().rstrip("."))) from fault
    except PackNotMade as fault:
        raise TransitionRefused(str(fault)) from fault


def issue(order: Order, *, seen: str, day: date, by: User) -> IssuedPack:
    # Lock the area, so that nothing in it is published, withdrawn or issued at the same time. If two people issue packs
    # of a month, the second waits here and gets the next number.
    PartnershipArea.objects.select_for_update(no_key=True).get(pk=order.period.area_id)
    board = Board.objects.select_related("area").get(pk=order.board.pk)
    order = replace(order, period=locked(order.period), board=board)
    issued = IssuedPack.objects.filter(period=order.period, board=board)
    number = (issued.aggregate(last=Max("number"))["last"] or 0) + 1
    reference = make_reference(order, number)
    # A challenge closed from now on isn't closed in this pack, so the next pack shows it.
    now = timezone.now()
    # The pack's own event comes after it, so this is the newest one before.
    head = get_head(order.period.area.slug)
    made = make_pack(order, include_drafts=False, reference=reference, record=head)
    if made.obstacle:
        raise TransitionRefused(made.obstacle)
    if wait := why_wait(made.snapshot, what="Packs of it"):
        raise TransitionRefused(wait)
    # While all is locked, so that what is built below is what was seen.
    check_seen(seen, made.token, told="This pack has changed since you opened it. Look at it again.")
    file = objects.put(build_pack(made.pack), objects.PDF)
    pack = IssuedPack.objects.create(
        period=order.period,
        board=board,
        snapshot=made.snapshot,
        edition=made.edition,
        kind=order.kind.value,
        audience=order.audience.value,
        scope=order.scope.value,
        number=number,
        reference=reference,
        meeting=order.meeting,
        meeting_on=day,
        marking=made.pack.marking,
        content=made.pack.as_data(),
        pdf=file,
        sha256=file.pk,
        record_head=str(head),
        issued_at=now,
        issued_by=by,
    )
    PackPhoto.objects.bulk_create(
        PackPhoto(pack=pack, picture=objects.put(content, JPEG)) for content in made.pack.photos().values()
    )
    audit.record(
        "pack.issued",
        pack,
        by=by,
        area=order.period.area.slug,
        version=made.snapshot.version,
        audience=pack.audience,
        meeting=pack.meeting,
        sha256=pack.sha256,
    )
    return pack


def check_meeting(meeting: str, day: date | None, month: Month) -> date:
    """Return the day of the meeting that a month's pack is for. Raises ValidationError, with a sentence for each
    control."""
    wrong = {}
    if not meeting:
        wrong["meeting"] = "Say which meeting the pack is for. Its cover shows it"
    elif len(meeting) > LONGEST_MEETING:
        wrong["meeting"] = f"The meeting’s name is too long: shorten it to {LONGEST_MEETING} characters"
    if day is None:
        wrong["meeting_on"] = "Enter the day of the meeting"
    elif why := why_not_on(day, month):
        wrong["meeting_on"] = why
    if wrong or day is None:
        raise ValidationError(wrong)
    return day


def why_not_on(day: date, month: Month) -> str:
    if day < month.first_day:
        return f"The meeting can’t be before {month.label}, which its pack is about"
    if day > timezone.localdate() + FARTHEST:
        return "The meeting is more than a year away. Check its year"
    return ""
