"""Issue a pack: give it a number, and save it as it is. Make all boards' packs of a month in one zip.

A person asks for the zip, a worker makes it, and it is deleted after some days.
"""

import io
import logging
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, transaction
from django.db.models import Max
from django.utils import timezone

from actions.pictures import JPEG
from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.permissions import Access, access_to, check_can_coordinate
from boards.rules import AREA_ROLES
from boards.services.months import locked
from core import audit
from core.audit_log.sealing import get_head
from core.calendar import Month
from core.files import objects
from core.forms.pages import check_seen
from core.labels import TransitionRefused
from core.models import User
from core.pages import NotHeld
from core.texts import one_line
from core.timetable import OutOfTime
from indicators.disclosure import AudienceRefused
from reporting.models import IssuedPack, PackBundle, PackKind, PackPhoto
from reporting.months.services import why_wait
from reporting.packs.pdf.typesetting import PackNotMade, build_pack
from reporting.packs.presenters.cover import issued_file_name, make_reference
from reporting.packs.presenters.letters import Part, list_parts, read_me, strictest
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order
from reporting.packs.selectors import GIVEN_UP_AFTER, can_be_claimed, list_bundles, old_bundles, under_way

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
    pack_made = make_pack(order, include_drafts=False, reference=reference, record=head)
    if pack_made.obstacle:
        raise TransitionRefused(pack_made.obstacle)
    if wait := why_wait(pack_made.snapshot, what="Packs for it"):
        raise TransitionRefused(wait)
    # While all is locked, so that what is built below is what was seen.
    check_seen(seen, pack_made.token, told="This pack has changed since you opened it. Look at it again.")
    file = objects.put(build_pack(pack_made.pack), objects.PDF)
    pack = IssuedPack.objects.create(
        period=order.period,
        board=board,
        snapshot=pack_made.snapshot,
        edition=pack_made.edition,
        kind=order.kind.value,
        audience=order.audience.value,
        scope=order.scope.value,
        number=number,
        reference=reference,
        meeting=order.meeting,
        meeting_on=day,
        marking=pack_made.pack.marking,
        content=pack_made.pack.as_data(),
        pdf=file,
        sha256=file.pk,
        record_head=str(head),
        issued_at=now,
        issued_by=by,
    )
    PackPhoto.objects.bulk_create(
        PackPhoto(pack=pack, picture=objects.put(content, JPEG)) for content in pack_made.pack.photos().values()
    )
    audit.record(
        "pack.issued",
        pack,
        by=by,
        area=order.period.area.slug,
        version=pack_made.snapshot.version,
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
        wrong["meeting"] = "Say which meeting the pack is for: the cover shows the meeting"
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
        return f"The meeting can’t be before {month.label}, because the pack is about that month"
    if day > timezone.localdate() + FARTHEST:
        return "The meeting is more than a year away. Check the year"
    return ""


# --- All boards' packs of a month in one zip -------------------------------------------------------

logger = logging.getLogger(__name__)

LONGEST_FAULT: int = PackBundle._meta.get_field("fault").max_length or 0
READ_ME = "READ ME.txt"
BROKEN = "Something went wrong while we made this pack. The operator can see the cause in the log."
FAILED = "The zip could not be made or saved. The disk may be full. The operator can see why in the log."
GIVEN_UP = "The zip could not be made within a day. Ask for it again, and tell the operator if that fails too."


class TakenOver(Exception):
    """Another worker is making the bundle now, because this one seemed dead."""


def can_ask(access: Access) -> bool:
    """An operator reads every area, and acts in none."""
    return access.is_any(*AREA_ROLES)


@transaction.atomic
def ask_bundle(period: ReportingPeriod, *, by: User) -> PackBundle:
    """Ask for all boards' packs of a month. Returns the unfinished bundle, if there is one. Raises PermissionDenied."""
    area = period.area
    if not can_ask(access_to(area, by=by)):
        raise PermissionDenied("Only people who can read every board’s packs can get them together.")
    ReportingPeriod.objects.select_for_update().get(pk=period.pk)  # nobody else can ask at the same time
    waiting = under_way(period)
    if waiting is not None:
        return waiting
    bundle = PackBundle.objects.create(period=period, asked_at=timezone.now(), asked_by=by)
    audit.record("pack_bundle.asked", bundle, by=by, area=area.slug, month=str(period.month))
    return list_bundles(area).get(pk=bundle.pk)


def claim_bundle(bundle: PackBundle) -> bool:
    """Claim a bundle; False if another worker has it or has finished it."""
    now = timezone.now()
    # Durable: inside a caller's transaction, another worker could not see the claim yet.
    with transaction.atomic(durable=True):
        # This one UPDATE is the claim: of two workers, the second finds no row.
        claimed = PackBundle.objects.filter(can_be_claimed(), pk=bundle.pk).update(claimed_at=now, made=0)
    bundle.claimed_at = now
    return bool(claimed)


def make_bundles(bundles: Iterable[PackBundle]) -> int:
    """Make those bundles that nobody else is making. Returns how many were finished."""
    return len([bundle for bundle in bundles if claim_bundle(bundle) and make_bundle(bundle)])


def make_bundle(bundle: PackBundle) -> bool:
    """Make a claimed bundle. Returns whether this worker finished it, with a file or a fault. It makes one pack after
    the other, and commits the number done each time. The file is saved in the last step, so a killed worker leaves
    none. Another worker can claim the bundle when the claim has lapsed.
    """
    try:
        make_or_say_why(bundle)
    except TakenOver:
        return False
    return True


def make_or_say_why(bundle: PackBundle) -> None:
    """Raises TakenOver."""
    if bundle.asked_at < timezone.now() - GIVEN_UP_AFTER:
        save(bundle, finished_at=timezone.now(), fault=GIVEN_UP)
        return
    try:
        fill(bundle)
    except TakenOver:
        raise
    except Exception:
        logger.exception("Bundle %s could not be made.", bundle.pk)
        save(bundle, finished_at=timezone.now(), fault=FAILED)


def save(bundle: PackBundle, *, content: bytes = b"", **fields: object) -> None:
    """Commit these fields of a bundle, and its file if it has its content. Raises TakenOver if it no longer belongs to
    this worker, or Unreadable."""
    with transaction.atomic(durable=True):
        if content:
            fields["file"] = objects.put(content, objects.ZIP)
        # `claimed_at` shows whose it is: another worker's claim would have changed it.
        claimed = PackBundle.objects.filter(pk=bundle.pk, claimed_at=bundle.claimed_at, finished_at=None)
        if not claimed.update(**fields):
            raise TakenOver
    for name, value in fields.items():
        setattr(bundle, name, value)


def fill(bundle: PackBundle) -> None:
    period = bundle.period
    parts = list_parts(period)
    save(bundle, total=len(parts))
    done: list[Part] = []
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:  # stored as they are: packs are compressed already
        for part in parts:
            done.append(add(part, archive, period))
            count = len([entry_done for entry_done in done if not entry_done.why])
            save(bundle, made=count, claimed_at=timezone.now())
        archive.writestr(entry(READ_ME, done), read_me(period, done))
    if bundle.made:
        marking = strictest(done).value
        save(bundle, finished_at=timezone.now(), content=file.getvalue(), marking=marking)
    else:
        save(bundle, finished_at=timezone.now(), fault=nothing(period, done)[:LONGEST_FAULT])


def add(part: Part, archive: zipfile.ZipFile, period: ReportingPeriod) -> Part:
    """Put a pack into the zip, unless there is none. Returns the part for the READ ME."""
    if part.why:
        return part
    try:
        part, pdf = made_pack(part, period) if part.issued is None else issued_pack(part, part.issued)
    except (NotHeld, AudienceRefused, PackNotMade) as missing:
        return replace(part, why=str(missing))
    except OutOfTime:  # and so no other pack has any
        raise
    except Exception:
        logger.exception("The pack of %s for %s could not be made.", part.board, period)
        return replace(part, why=BROKEN)
    archive.writestr(entry(part.file_name, [part]), pdf)
    return replace(part, sha256=sha256(pdf).hexdigest())


def issued_pack(part: Part, pack: IssuedPack) -> tuple[Part, bytes]:
    """Return the PDF as it was issued."""
    return replace(part, marking=pack.marking, file_name=issued_file_name(pack)), objects.read(pack.pdf)


def made_pack(part: Part, period: ReportingPeriod) -> tuple[Part, bytes]:
    """Return the PDF of a draft. Raises NotHeld for an empty appendix."""
    version = part.snapshot.version if part.snapshot else None
    order = Order(period, part.board, kind=part.kind, audience=part.audience, version=version)
    pack_made = make_pack(order, include_drafts=True)
    if part.kind is PackKind.APPENDIX and pack_made.obstacle:
        raise NotHeld(pack_made.obstacle)
    return replace(part, marking=pack_made.pack.marking, file_name=pack_made.file_name), build_pack(pack_made.pack)


def entry(name: str, parts: Iterable[Part]) -> zipfile.ZipInfo:
    """Return a zip entry. Its time is that of the figures, so the same packs make the same zip."""
    taken_at = max((part.snapshot.taken_at for part in parts if part.snapshot), default=None)
    info = zipfile.ZipInfo(name, timezone.localtime(taken_at).timetuple()[:6]) if taken_at else zipfile.ZipInfo(name)
    info.create_system = 3  # Unix, wherever it is made
    info.external_attr = 0o644 << 16
    return info


def nothing(period: ReportingPeriod, parts: list[Part]) -> str:
    """Say why there is no zip."""
    if not parts:
        return f"{period.area.name} has no boards."
    reasons = list(dict.fromkeys(part.why for part in parts))
    return f"No board has a pack for {period.month.label}. {' '.join(reasons)}"


def delete_old_bundles() -> int:
    """Delete bundles that are old enough. Returns how many."""
    with transaction.atomic():
        old = old_bundles()
        objects.delete_soon(list(old.values_list("file", flat=True)))
        return old.delete()[0]
