"""Which packs were issued, and who gets them?"""

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Min, QuerySet

from boards.models import Board, Membership, PartnershipArea, ReportingPeriod
from boards.permissions import Access
from boards.roles import BOARD_ROLES, STRATEGIC_GROUP, Role
from boards.workflow import MonthStatus
from core.models import User
from core.months import Month, date_label
from core.not_held import NotHeld
from core.stored import StoredObject
from indicators.disclosure import Audience
from reporting.models import IssuedPack, PackKind, PackPhoto, PublicEdition, Snapshot


def issued_packs(area: PartnershipArea) -> QuerySet[IssuedPack]:
    """Return an area's register, the newest first, without the packs' content."""
    return (
        IssuedPack.objects.filter(period__area=area)
        .select_related("period__area", "board", "snapshot", "edition", "issued_by")
        .defer("content")
    )


def packs_for(access: Access) -> QuerySet[IssuedPack]:
    """Return the packs that this person may read: all, or those of their boards."""
    packs = issued_packs(access.area)
    return packs if access.can_see_drafts else packs.filter(board__in=access.seated)


def list_issued_since(access: Access, since: datetime) -> QuerySet[IssuedPack]:
    """Return the packs that this person may read and that others issued since a moment, as far as a home names them."""
    return named(packs_for(access).filter(issued_at__gt=since).exclude(issued_by=access.user.pk))


def list_issued_for(access: Access, board: Board, meeting_on: date) -> QuerySet[IssuedPack]:
    """Return those of a board's meeting on that day, as far as a home names them."""
    return named(packs_for(access).filter(board=board.pk, meeting_on=meeting_on))


def named(packs: QuerySet[IssuedPack]) -> QuerySet[IssuedPack]:
    """Load no more of packs than a link to each needs."""
    names = ("period__starts_on", "period__area__slug", "board__name")
    linked = packs.select_related(None).select_related("period__area", "board").defer(None)
    return linked.only("reference", "kind", "issued_at", "meeting_on", *names)


def find_pack(access: Access, reference: str, *, with_file: bool = False) -> IssuedPack:
    """Return an issued pack with its content, or else with its file. Raises NotHeld, also for a board that isn't
    theirs, and for a pack that was removed."""
    packs = packs_for(access).select_related("pdf")
    packs = packs if with_file else packs.defer(None).defer("pdf__content")
    pack = packs.filter(reference=reference).first()
    if pack is None:
        raise NotHeld("There is no such pack, or it is for another board.")
    check_is_there(pack)
    return pack


def check_is_there(pack: IssuedPack) -> None:
    """Raise NotHeld, with a sentence, for a pack that was removed under the retention rule."""
    if pack.removed_on is not None:
        raise NotHeld(
            f"Pack {pack.reference} was removed on {date_label(pack.removed_on)} under the retention rule. The "
            "register still has its number, its meeting and its hash."
        )


def find_photo(access: Access, reference: str, sha256: str) -> StoredObject:
    """Return a picture in an issued pack. One query. Raises NotHeld, also for a pack of a board that isn't theirs."""
    packs = packs_for(access).filter(reference=reference)
    photo = PackPhoto.objects.filter(pack__in=packs, picture=sha256).select_related("picture").first()
    if photo is None:
        raise NotHeld("There is no such picture, or its pack is for another board.")
    return photo.picture


class LastPack(NamedTuple):
    """When a board last got a pack, and that pack's reference; empty if it got none yet."""

    at: datetime | None
    by: str


def last_told(board: Board, kind: PackKind, *, audience: Audience, up_to: Month, before: Month | None) -> LastPack:
    """Return a board's last pack for an audience, of a month or an earlier one: for appendices its last appendix,
    otherwise its last monthly pack. If it never had one, when that audience first saw the month before. One query; two
    without a pack."""
    kind = kind if kind is PackKind.APPENDIX else PackKind.MONTH
    packs = IssuedPack.objects.filter(board=board, kind=kind.value, audience=audience.value)
    packs = packs.filter(period__starts_on__lte=up_to.first_day).order_by("-issued_at", "-pk")
    last = packs.values_list("issued_at", "reference").first()
    if last:
        return LastPack(*last)
    if before is None:
        return LastPack(None, "")
    shown = PublicEdition.objects.all() if audience is Audience.PUBLIC else Snapshot.objects.all()
    of_month = shown.filter(period__area=board.area_id, period__starts_on=before.first_day)
    return LastPack(of_month.aggregate(first=Min("published_at"))["first"], "")


def next_pack_tells_since(board: Board) -> datetime | None:
    """Return since when a board's next monthly pack for partners tells what was closed; None if it was never told
    anything. Three queries at most."""
    published = ReportingPeriod.objects.filter(area=board.area_id, status=MonthStatus.PUBLISHED.value)
    months = [period.month for period in published.order_by("-starts_on")[:2]]
    if not months:
        return None
    before = months[1] if len(months) > 1 else None
    return last_told(board, PackKind.MONTH, audience=Audience.PARTNERS, up_to=months[0], before=before).at


def list_recipients(board: Board) -> list[User]:
    """Return the people who get a board's packs: its members, or the strategic group's members."""
    seats = Membership.objects.filter(board=board, role__in=[role.value for role in BOARD_ROLES])
    if board.code == STRATEGIC_GROUP:
        seats |= Membership.objects.filter(area=board.area_id, role=Role.STRATEGIC.value)
    return list(User.objects.filter(is_active=True, pk__in=seats.values("user")).order_by("name", "pk"))
