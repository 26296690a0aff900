"""Which packs were issued, and who gets them?"""

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet

from boards.models import Board, Membership, PartnershipArea, ReportingPeriod
from boards.permissions import Access
from boards.roles import BOARD_ROLES, STRATEGIC_GROUP, Role
from boards.workflow import MonthStatus
from core.models import User
from core.months import date_label
from core.not_held import NotHeld
from core.selectors import as_moment, fetch_rows
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


# When a board got its last pack for an audience, of a month or an earlier one. If it never had one, when that
# audience first saw the month before. Other statements use both too.
LAST_PACK = f"""
    SELECT {{column}} FROM {IssuedPack._meta.db_table} pack
    JOIN {ReportingPeriod._meta.db_table} month ON month.id = pack.period_id
    WHERE pack.board_id = %s AND pack.kind = '{{kind}}' AND pack.audience = '{{audience}}'
        AND month.starts_on <= {{up_to}}
    ORDER BY pack.issued_at DESC, pack.id DESC LIMIT 1
"""  # noqa: S608  # made of names of our own tables
FIRST_SHOWN = f"""
    SELECT MIN(shown.published_at) FROM {{shown}} shown
    JOIN {ReportingPeriod._meta.db_table} month ON month.id = shown.period_id
    WHERE month.area_id = %s AND month.starts_on = {{before}}
"""  # noqa: S608
SHOWN = {Audience.PARTNERS: Snapshot._meta.db_table, Audience.PUBLIC: PublicEdition._meta.db_table}
PUBLISHED = f"""
    (SELECT period.starts_on FROM {ReportingPeriod._meta.db_table} period
    WHERE period.area_id = %s AND period.status = '{MonthStatus.PUBLISHED.value}'
    ORDER BY period.starts_on DESC LIMIT 1 OFFSET {{number}})
"""  # noqa: S608


def told_term(kind: PackKind, audience: Audience, *, up_to: str, before: str) -> str:
    """Return a term of SQL. Its parameters are the board, those of `up_to`, the area, and those of `before`."""
    pack = LAST_PACK.format(column="pack.issued_at", kind=kind.value, audience=audience.value, up_to=up_to)
    return f"COALESCE(({pack}), ({FIRST_SHOWN.format(shown=SHOWN[audience], before=before)}))"


# Return the term for the newest published month, for partners. Its parameters are the board, and three times the area.
LAST_TOLD = told_term(
    PackKind.MONTH, Audience.PARTNERS, up_to=PUBLISHED.format(number=0), before=PUBLISHED.format(number=1)
)


def last_told(board: Board, kind: PackKind, *, audience: Audience, up_to: ReportingPeriod) -> LastPack:
    """Return it for that month: for appendices by the last appendix, otherwise by the last monthly pack. One query."""
    kind = kind if kind is PackKind.APPENDIX else PackKind.MONTH
    reference = LAST_PACK.format(column="pack.reference", kind=kind.value, audience=audience.value, up_to="%s")
    term = told_term(kind, audience, up_to="%s", before="%s")
    month = up_to.month
    of_pack: list[int | str] = [board.pk, str(month.first_day)]
    before: list[int | str] = [up_to.area_id, str(month.previous.first_day)]
    ((by, at),) = fetch_rows(f"SELECT ({reference}), {term}", [*of_pack, *of_pack, *before])
    return LastPack(as_moment(at) if at else None, by or "")


def list_recipients(board: Board) -> list[User]:
    """Return the people who get a board's packs: its members, or the strategic group's members."""
    seats = Membership.objects.filter(board=board, role__in=[role.value for role in BOARD_ROLES])
    if board.code == STRATEGIC_GROUP:
        seats |= Membership.objects.filter(area=board.area_id, role=Role.STRATEGIC.value)
    return list(User.objects.filter(is_active=True, pk__in=seats.values("user")).order_by("name", "pk"))
