"""What goes into a bundle of packs, and what does its READ ME say?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from boards.models import Board, ReportingPeriod
from core.months import date_label
from core.not_held import NotHeld
from indicators.disclosure import Audience, Marking
from reporting.models import IndicatorLine, IssuedPack, PackKind, PublicEdition, Snapshot
from reporting.months.selectors.versions import latest_snapshot
from reporting.public.editions import published_edition


@dataclass(frozen=True, slots=True)
class Part:
    """A pack of a bundle: the `issued` one, or one to make from the snapshot; or `why` there is none. `file_name`,
    `marking` and `sha256` are known when it is in the bundle.
    """

    board: Board
    kind: PackKind
    audience: Audience
    snapshot: Snapshot | None = None
    edition: PublicEdition | None = None
    issued: IssuedPack | None = None
    why: str = ""
    file_name: str = ""
    marking: str = ""
    sha256: str = ""

    @property
    def label(self) -> str:
        """ "Community Safety Partnership: the month, for partners under the information-sharing agreement"."""
        kind, audience = self.kind.label, self.audience.label
        return f"{self.board.name}: {kind[:1].lower()}{kind[1:]}, for {audience[:1].lower()}{audience[1:]}"


def list_parts(period: ReportingPeriod) -> list[Part]:
    """Return the packs that the area's boards usually get for a month, in the boards' order: the partners' one, or the
    public one with its partners’ appendix. They use the version that the boards see, or the draft if they see none.
    """
    boards = Board.objects.in_use().filter(area=period.area_id).order_by("position", "name")
    wanted = [Part(board, kind, audience) for board in boards for kind, audience in _list_kinds(board)]
    try:
        snapshot = latest_snapshot(period, include_drafts=not period.is_published)
    except NotHeld as missing:
        return [replace(part, why=str(missing)) for part in wanted]
    edition = published_edition(period)
    return [_found(part, snapshot, edition, period) for part in wanted]


def _list_kinds(board: Board) -> Iterator[tuple[PackKind, Audience]]:
    if board.packs_are_public:
        yield PackKind.MONTH, Audience.PUBLIC
        yield PackKind.APPENDIX, Audience.PARTNERS
    else:
        yield PackKind.MONTH, Audience.PARTNERS


def _found(part: Part, snapshot: Snapshot, edition: PublicEdition | None, period: ReportingPeriod) -> Part:
    """Return the part with its sources, or with why there are none."""
    if part.board.packs_are_public and edition is None:
        return replace(part, why=f"{period.month.label} has no public edition.")
    if not IndicatorLine.objects.filter(snapshot=snapshot, boards__has_key=part.board.code).exists():
        return replace(part, why=f"No indicators are set up for this board in {period.month.label}.")
    if edition is not None and part.audience is Audience.PUBLIC:
        part = replace(part, snapshot=edition.snapshot, edition=edition)
        same = IssuedPack.objects.filter(edition=edition)
    else:
        part = replace(part, snapshot=snapshot)
        same = IssuedPack.objects.filter(snapshot=snapshot)
    if edition is not None and part.kind is PackKind.APPENDIX:
        same = same.filter(issued_at__gte=edition.published_at)  # what this edition withholds, not an earlier one
    issued = same.filter(removed_on__isnull=True, board=part.board, kind=part.kind.value, audience=part.audience.value)
    newest = issued.select_related("pdf").defer("content", "pdf__content").order_by("-number").first()
    return replace(part, issued=newest)


def strictest(parts: Iterable[Part]) -> Marking:
    """Return the marking of a file that has all of these."""
    order = list(Marking)
    return max((Marking(part.marking) for part in parts if not part.why), key=order.index, default=Marking.NONE)


def read_me(period: ReportingPeriod, parts: Sequence[Part]) -> str:
    """Return a text that says what is in a bundle, and why the rest isn't. It doesn't depend on when it was made."""
    held, missing = [part for part in parts if not part.why], [part for part in parts if part.why]
    marking = strictest(parts)
    lines = [marking.value, ""] if marking is not Marking.NONE else []
    lines += [f"Board packs of {period.area.name} for {period.month.label}", ""]
    for part in held:
        lines += [part.file_name, *(f"    {words}" for words in _facts(part)), ""]
    if missing:
        lines += ["Not in this zip:", "", *(f"- {part.label}. {part.why}" for part in missing), ""]
    return "\n".join(lines)


def _facts(part: Part) -> Iterator[str]:
    yield part.label
    version = f"Version {part.snapshot.version}" if part.snapshot else ""
    if part.edition:
        version += f", edition {part.edition.number} for the public"
    if part.issued:
        issued = part.issued
        yield f"{version}, issued as {issued.reference} for the meeting on {date_label(issued.meeting_on)}"
    else:
        yield f"{version}. Not issued: it was made for this zip"
    yield f"Marking: {part.marking or 'none'}"
    yield f"SHA-256: {part.sha256}"
