"""Which packs were issued, and to whom do they go?"""

from django.db.models import QuerySet

from boards.models import Board, Membership, PartnershipArea, ReportingPeriod
from boards.permissions import Access
from boards.roles import BOARD_ROLES, STRATEGIC_GROUP, Role
from core.models import User
from core.not_held import NotHeld
from indicators.disclosure import Audience
from reporting.models import IssuedPack, PackKind, PackPhoto


def issued_packs(area: PartnershipArea) -> QuerySet[IssuedPack]:
    """The register of an area, the newest first, without what the packs say."""
    return (
        IssuedPack.objects.filter(period__area=area)
        .select_related("period__area", "board", "snapshot", "edition", "issued_by")
        .defer("content", "pdf")
    )


def packs_for(access: Access) -> QuerySet[IssuedPack]:
    """Those that this person may read: all of them, or those of the boards that they sit on."""
    packs = issued_packs(access.area)
    return packs if access.can_see_drafts else packs.filter(board__in=access.seated)


def find_pack(access: Access, reference: str) -> IssuedPack:
    """An issued pack with all that it says. Raises NotHeld, for another board's too."""
    pack = packs_for(access).defer(None).filter(reference=reference).first()
    if pack is None:
        raise NotHeld("There is no such pack, or it is for another board.")
    return pack


def find_photo(access: Access, reference: str, sha256: str) -> bytes:
    """A picture in an issued pack. One query. Raises NotHeld, for another board's pack too."""
    packs = packs_for(access).filter(reference=reference)
    content = PackPhoto.objects.filter(pack__in=packs, sha256=sha256).values_list("content", flat=True).first()
    if content is None:
        raise NotHeld("There is no such picture, or its pack is for another board.")
    return bytes(content)


def last_pack(board: Board, kind: PackKind, *, audience: Audience, up_to: ReportingPeriod) -> IssuedPack | None:
    """The pack that a board got last for this audience, of that month or an earlier one; None for its first. Of
    appendices the last appendix, otherwise the last pack of a month."""
    kind = kind if kind is PackKind.APPENDIX else PackKind.MONTH
    issued = issued_packs(board.area).filter(
        board=board, audience=audience.value, kind=kind.value, period__starts_on__lte=up_to.starts_on
    )
    return issued.first()


def members_of(board: Board) -> list[User]:
    """The people who get a board's packs: who sits on it; of the strategic group, its members."""
    seats = Membership.objects.filter(board=board, role__in=[role.value for role in BOARD_ROLES])
    if board.code == STRATEGIC_GROUP:
        seats |= Membership.objects.filter(area=board.area_id, role=Role.STRATEGIC.value)
    return list(User.objects.filter(is_active=True, pk__in=seats.values("user")).order_by("name", "pk"))
