"""Finds issued packs, their letters, the bundles of a month's packs, and what anybody may read of packs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from actions.models import Highlight
from boards.models import Board, Membership, PartnershipArea, ReportingPeriod, Responsibility
from boards.permissions import Access
from boards.rules import BOARD_ROLES, STRATEGIC_GROUP, MonthStatus, Role
from core.calendar import Month, date_label
from core.files import objects
from core.letter_kinds import LetterKind
from core.models import OutboxEntries, OutboxEntry, StoredObject, User
from core.pages import NotHeld
from indicators.disclosure import Audience, Marking
from indicators.models.disclosure import MonthMarking
from indicators.selectors.disclosure import or_usual
from reporting.models import (
    IndicatorLine,
    IssuedPack,
    PackBundle,
    PackKind,
    PackPhoto,
    PublicEdition,
    Snapshot,
)
from reporting.open_editions import NO_PAGE

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# A worker reports after each pack. One that hasn't reported for this long is dead.
LAPSES_AFTER = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=1)
KEPT_FOR = timedelta(days=7)


def list_bundles(area: PartnershipArea) -> QuerySet[PackBundle]:
    """Return an area's bundles, the newest first, each with its file's `size` in bytes."""
    bundles = PackBundle.objects.filter(period__area=area).select_related("period__area", "asked_by")
    return bundles.annotate(size=F("file__size"))


def under_way(period: ReportingPeriod) -> PackBundle | None:
    """Return a month's unfinished bundle, if there is one."""
    return list_bundles(period.area).filter(period=period, finished_at=None).first()


def can_be_claimed() -> Q:
    """Match bundles that no worker is making: never started, or started by a worker that died."""
    return Q(finished_at=None) & (Q(claimed_at=None) | Q(claimed_at__lt=timezone.now() - LAPSES_AFTER))


def waiting_bundles() -> QuerySet[PackBundle]:
    """Return bundles that a worker can make, the oldest request first."""
    waiting = PackBundle.objects.filter(can_be_claimed()).select_related("period__area")
    return waiting.order_by("asked_at", "id")


def old_bundles() -> QuerySet[PackBundle]:
    """Return bundles that are old enough to delete."""
    return PackBundle.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR)


def list_duties_without_indicator(
    area: PartnershipArea, snapshot: Snapshot, *, board: Board | None
) -> list[Responsibility]:
    """Return the duties of all boards or one whose board has no indicator in a version, each with its board. A duty
    itself names no indicator. Two queries.
    """
    lines = IndicatorLine.objects.filter(snapshot=snapshot, category_code="").order_by()
    measured = {code for boards in lines.values_list("boards", flat=True) for code in boards}
    duties = Responsibility.objects.filter(board__area=area, board__in=Board.objects.in_use())
    if board is not None:
        duties = duties.filter(board=board)
    in_order = duties.select_related("board").order_by("board__position", "board__name", "position", "id")
    return [duty for duty in in_order if duty.board.code not in measured]


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


# Nobody gets an automatic e-mail about a pack issued longer ago. After a long stop it would be old news.
TOLD_WITHIN = timedelta(days=3)


def list_packs() -> QuerySet[IssuedPack]:
    """Return packs without their content, which is large."""
    return IssuedPack.objects.select_related("period__area", "board").defer("content")


def list_packs_to_announce() -> QuerySet[IssuedPack]:
    """Return recently issued packs, the oldest first."""
    return list_packs().filter(issued_at__gte=timezone.now() - TOLD_WITHIN).order_by("issued_at", "id")


def list_letters(pack: IssuedPack) -> OutboxEntries:
    """Return what was claimed about a pack."""
    return OutboxEntry.objects.filter(kind=LetterKind.PACKS.value, occasion=str(pack.pk))


def people_to_tell(pack: IssuedPack) -> list[User]:
    """Return the board's members who want such e-mails and whose letter no worker has claimed yet. Two queries."""
    claimed = set(list_letters(pack).values_list("person_id", flat=True))
    return [
        person for person in list_recipients(pack.board) if person.wants(LetterKind.PACKS) and person.pk not in claimed
    ]


@dataclass(frozen=True, slots=True)
class PackLetters:
    """The state of a pack's letters. `failed` could not be sent, or aren't known to be sent an hour after their claim,
    and their people should still get one. `unwanted` are the members who have switched e-mails off.
    """

    sent: int
    on_their_way: int
    failed: list[OutboxEntry]
    unwanted: int


def get_letters(pack: IssuedPack) -> PackLetters:
    """Return the letters of a pack, sent and not. Three queries."""
    members = list_recipients(pack.board)
    wanting = {person.pk for person in members if person.wants(LetterKind.PACKS)}
    letters = list_letters(pack).order_by("pk")
    sent = set(letters.exclude(sent_at=None).values_list("person", flat=True))
    failed = list(letters.failed().filter(person__in=wanting).select_related("person"))
    done = sent | {letter.person_id for letter in failed}
    return PackLetters(
        sent=len(sent),
        on_their_way=len(wanting - done),
        failed=failed,
        unwanted=len({person.pk for person in members} - wanting - done),
    )


# --- What anybody may read ------------------------------------------------------------------------


class Read(TypedDict):
    """Columns read with a pack: its file's size in bytes, and its month's present marking."""

    size: int
    marked: str | None


type PublicPack = WithAnnotations[IssuedPack, Read]


def packs_for_the_public(slug: str) -> list[PublicPack]:
    """Return public packs, the newest first, each with its edition. Two queries."""
    there = public_packs(slug).filter(removed_on__isnull=True)
    packs = [pack for pack in there if not hasattr(pack.edition, "withdrawal") and is_for_the_public(pack)]
    gone = gone_from(packs)
    return [pack for pack in packs if pack.pk not in gone]


def find_public_pack(slug: str, reference: str) -> PublicPack:
    """Return one of them, or one whose edition was withdrawn. One query. Raises NotHeld."""
    pack = public_packs(slug).filter(reference=reference).first()
    if pack is None or not is_for_the_public(pack):
        raise NotHeld(NO_PAGE)
    return pack


def public_packs(slug: str) -> QuerySet[PublicPack]:
    # The newest marking applies.
    marked = MonthMarking.objects.filter(period=OuterRef("period"), audience=Audience.PUBLIC.value).order_by("-id")
    return (
        IssuedPack.objects.filter(
            audience=Audience.PUBLIC.value, period__area__slug=slug, period__area__has_public_pages=True
        )
        .select_related("period__area", "board", "edition__withdrawal")
        .annotate(size=F("pdf__size"), marked=Subquery(marked.values("marking")[:1]))
    )


def public_photo(pack: IssuedPack, sha256: str) -> bytes:
    """Return a picture in a public pack. One query. Raises objects.Unreadable."""
    return objects.read(PackPhoto.objects.select_related("picture").get(pack=pack, picture=sha256).picture)


def gone_from(packs: Iterable[IssuedPack]) -> set[int]:
    """Return the packs with a highlight that the public may no longer read. At most two queries."""
    by_pack = {pack.pk: highlights_in(pack.content) for pack in packs}
    keys = {key for several in by_pack.values() for key in several}
    shown = set(Highlight.objects.filter(pk__in=keys, is_public=True, archived_at=None).values_list("pk", flat=True))
    return {pack for pack, several in by_pack.items() if not several <= shown}


def highlights_in(content: dict[str, Any]) -> set[int]:
    """Return the highlights in a pack, by the keys of their headings."""
    headings = (
        block["key"]
        for chapter in content["chapters"]
        if chapter["key"] == "highlights"
        for block in chapter["blocks"]
        if block["kind"] == "heading"
    )
    return {int(key.removeprefix("highlight-")) for key in headings}


def is_for_the_public(pack: PublicPack) -> bool:
    """Return whether its month's marking lets the public read it. A month marked OFFICIAL-SENSITIVE leaves the public
    pages, and so do its packs.
    """
    return or_usual(pack.marked, Audience.PUBLIC) is not Marking.SENSITIVE
