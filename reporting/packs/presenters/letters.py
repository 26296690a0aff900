"""Letters about an issued pack, a month, and what waits for somebody's decision.

No figure leaves by e-mail, and not what stands out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from boards.models import Board, PartnershipArea, ReportingPeriod
from core.calendar import Month, date_label
from core.mail.letters import Letter
from core.pages import NotHeld
from core.texts import one_line
from indicators.disclosure import USUAL_MARKING, Audience, Marking
from indicators.models import FigureImport, RuleRequest
from reporting.models import IndicatorLine, IssuedPack, MonthWithdrawal, PackKind, PublicEdition, Snapshot
from reporting.months.selectors import latest_snapshot
from reporting.public.editions import published_edition

MEMBER = "You get this as a member of a board of {}."
DECIDES = "You get this as coordinator or information officer for {}."
OFFICER = "You get this as information officer for {}."
OPERATOR = "You get this as the operator."

WHAT_IT_IS = {
    PackKind.MONTH: ("The {board} pack for {month}", "It shows how the board’s indicators are doing."),
    PackKind.YEAR: (
        "The {board} pack on the year to {month}",
        "It shows how the board’s indicators compare with the year before.",
    ),
    PackKind.APPENDIX: (
        "The partners’ appendix to the {board} pack for {month}",
        "It shows members the figures that aren’t in the public pack. Don’t pass it on.",
    ),
}


def write_letter(pack: IssuedPack) -> Letter:
    """Return the letter's text, the same for each member of the board."""
    title, about = WHAT_IT_IS[PackKind(pack.kind)]
    title = title.format(board=pack.board.short_name or pack.board.name, month=pack.period.month.label)
    day = date_label(pack.meeting_on)
    return Letter(
        marking=pack.marking,
        # A subject with a line break is refused.
        subject=one_line(f"{title}, for the meeting on {day}"),
        opening=one_line(f"{title} is ready: {pack.meeting}, {day}."),
        sentences=[about, f"Pack number: {pack.reference}"],
        link_words="Read the pack",
        reason=f"You get this as a member of the {pack.board.name}.",
    )


# --- A month ---------------------------------------------------------------------------------------


def write_published(period: ReportingPeriod, finding: str, *, marking: str) -> Letter:
    """Write about a published month. `finding` says how many series stand out, but not which."""
    published = one_line(f"{period.month.label} is published in {period.area}")
    return Letter(marking, published, f"{published}.", [f"{finding}."], "Read the month", MEMBER.format(period.area))


def write_corrected(area: PartnershipArea, versions: Sequence[tuple[str, int, str]], *, marking: str) -> Letter:
    """Write about corrected months. `versions` are each one's name, its version, and how many series stand out."""
    months = ", ".join(month for month, _, _ in versions)
    corrected = one_line(f"Corrected figures for {months} are published in {area}")
    sentences = [f"{month}, version {version}. {finding}." for month, version, finding in versions]
    return Letter(marking, corrected, f"{corrected}.", sentences, "Read the month", MEMBER.format(area))


def write_edition(period: ReportingPeriod, *, marking: str, is_operator: bool) -> Letter:
    waits = one_line(f"{period.month.label} needs your approval to be public in {period.area}")
    sentences = ["See what the public would see, then approve or decline."]
    reason = OPERATOR if is_operator else OFFICER.format(period.area)
    return Letter(marking, waits, f"{waits}.", sentences, "Make the decision", reason)


def write_declined(period: ReportingPeriod, *, marking: str) -> Letter:
    declined = one_line(f"The public edition of {period.month.label} was declined in {period.area}")
    sentences = [
        "The edition belongs to a correction that boards and the public can’t see yet. The page says "
        "why it was declined."
    ]
    reason = "You get this because you asked for this edition."
    return Letter(marking, declined, f"{declined}.", sentences, "See the correction", reason)


def write_withdrawn(withdrawal: MonthWithdrawal, again: Mapping[Month, str], *, marking: str) -> Letter:
    """Write about a month that was taken down. `again` are the months whose editions went with it, each with why no new
    edition could be prepared; empty if one was.
    """
    period = withdrawal.period
    withdrawn = one_line(f"{period.month.label} was withdrawn from the public in {period.area}")
    day = date_label(timezone.localdate(withdrawal.withdrawn_at))
    sentences = [f"{withdrawal.withdrawn_by} did this on {day}. The month’s page says why."]
    prepared = [month.label for month in sorted(again) if not again[month]]
    refused = [month.label for month in sorted(again) if again[month]]
    if prepared:
        sentences.append(f"These editions came down too, and new ones need approval: {', '.join(prepared)}.")
    if refused:
        sentences.append(f"These editions stay down, and their pages say why: {', '.join(refused)}.")
    return Letter(marking, withdrawn, f"{withdrawn}.", sentences, "See the public pages", DECIDES.format(period.area))


def write_own_consent(area: PartnershipArea, *, is_operator: bool) -> Letter:
    waits = one_line(f"Permission to use the figures of {area} needs your agreement")
    sentences = ["A coordinator gave this permission. It takes effect once you agree."]
    marking = USUAL_MARKING[Audience.PARTNERS].value
    reason = OPERATOR if is_operator else OFFICER.format(area)
    return Letter(marking, waits, f"{waits}.", sentences, "Make the decision", reason)


def write_rule_request(rule: RuleRequest, *, is_operator: bool) -> Letter:
    thing = f"An agency whose rule protects less for {rule.indicator}" if rule.owner_id else "A rule that protects less"
    if rule.opens:
        thing = f"Letting the public see {rule.indicator}"
    waits = one_line(f"{thing} needs your agreement in {rule.area}")
    sentences = [f"{rule.asked_by} asked for it. See what the public would see, then agree or decline."]
    people = f"You get this as information officer or coordinator of {rule.area}."
    reason = OPERATOR if is_operator else people
    return Letter(USUAL_MARKING[Audience.PARTNERS].value, waits, f"{waits}.", sentences, "Make the decision", reason)


def write_figure_import(figures_import: FigureImport, *, is_operator: bool) -> Letter:
    waits = one_line(f"Past figures are waiting for you to confirm them in {figures_import.area}")
    figures = "1 figure" if figures_import.figures == 1 else f"{figures_import.figures:,} figures"
    sentences = [
        f"{figures_import.asker} imported {figures}, {figures_import.span}. They count only once you confirm them.",
        f"The request ends on {date_label(figures_import.ends_on)} if no one decides.",
    ]
    people = f"You get this as information officer or coordinator of {figures_import.area}."
    reason = OPERATOR if is_operator else people
    return Letter(USUAL_MARKING[Audience.PARTNERS].value, waits, f"{waits}.", sentences, "Make the decision", reason)


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
    included, missing = [part for part in parts if not part.why], [part for part in parts if part.why]
    marking = strictest(parts)
    lines = [marking.value, ""] if marking is not Marking.NONE else []
    lines += [f"{period.area.name}’s board packs for {period.month.label}", ""]
    for part in included:
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
