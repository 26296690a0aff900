"""What corrected months change for the boards and the public, who has to agree, and the tasks about them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import Access, list_holders
from boards.rules import MonthStatus, Role
from boards.selectors import list_people
from boards.ties import read_ties
from boards.todo import Task
from core.calendar import date_label
from core.labels import TransitionRefused
from core.models import User
from indicators.disclosure import Audience, disclose
from reporting.models import Commentary, IndicatorLine, IssuedPack, PublicEdition, PublicLine, Snapshot, SnapshotState
from reporting.months.lines import HISTORY_MONTHS
from reporting.months.presenters.changes import VersionChanges, changes_between
from reporting.months.presenters.month import view_lines
from reporting.months.presenters.shapes import REVISED
from reporting.months.selectors import Unpublished, list_versions, unpublished_corrections
from reporting.public.editions import list_behind
from reporting.public.lines import Issued
from reporting.public.publishing import AreaPublishing
from reporting.public.selectors import list_public_lines
from reporting.workflow import UNDER_WAY, EditionState

STAYS = "The public edition stays as it is"


@dataclass(frozen=True, slots=True)
class PublicSide:
    """What becomes of a corrected month's public edition: in words, and the figures that differ in the new one, each
    with what it was and will be. `has_to_be_asked`: nobody was asked yet to approve the new one with these corrections;
    `is_asked`: somebody was, and hasn't decided yet.
    """

    words: str
    figures: Sequence[tuple[str, str, str]] = ()
    is_new: bool = False
    has_to_be_asked: bool = False
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class CorrectedMonth:
    """What the next version of a published month changes. `packs` are those that show a changed figure, and
    `commentaries` those that go out as they are, each with its page. It has no `public` side if the public doesn't read
    it.
    """

    changes: Sequence[VersionChanges]  # only one
    packs: Sequence[IssuedPack]
    commentaries: Sequence[tuple[str, str]]
    public: PublicSide | None


def make_corrected_months(area: PartnershipArea, drafts: Sequence[Snapshot], *, token: str) -> list[CorrectedMonth]:
    """Return what these drafts change, the oldest month first. `token` is the hash of them all."""
    packs: dict[int, list[IssuedPack]] = defaultdict(list)
    issued = IssuedPack.objects.filter(period__in=[draft.period_id for draft in drafts], removed_on__isnull=True)
    for pack in issued.select_related("board", "period__area").defer("content").order_by("issued_at", "id"):
        packs[pack.period_id].append(pack)
    commentaries = list_kept_commentaries(area, drafts)
    months, ahead = list[CorrectedMonth](), list[Issued]()
    for draft in drafts:
        draft.period.area = area
        versions = list_versions(draft.period, include_drafts=True)[:2]
        for version in versions:
            version.period = draft.period
        changes = changes_between(versions, draft.period.month)
        public = look_at_public(draft, ahead, token=token)
        shown = [pack for pack in packs[draft.period_id] if shows_change(pack, changes[0], public)]
        months.append(CorrectedMonth(changes, shown, commentaries[draft.period_id], public))
    return months


def shows_change(pack: IssuedPack, changes: VersionChanges, public: PublicSide | None) -> bool:
    """Return whether a pack shows a figure that changes; one for the public only if its edition is replaced."""
    is_replaced = not pack.edition_id or (public is not None and public.is_new)
    return is_replaced and pack.board.code in changes.boards


def list_kept_commentaries(area: PartnershipArea, drafts: Sequence[Snapshot]) -> dict[int, list[tuple[str, str]]]:
    """Return, by the key of its month, what stays of each month's commentaries: the newest for all boards, then for
    each. One that was written for the new version isn't among them. One query, or none.
    """
    kept: dict[int, list[tuple[str, str]]] = {draft.period_id: [] for draft in drafts}
    newest: dict[tuple[int, int | None], Commentary] = {}
    written = Commentary.objects.filter(period__in=kept).select_related("board").defer("text")
    for commentary in written.order_by(F("board__position").asc(nulls_first=True), "board", "version"):
        newest[commentary.period_id, commentary.board_id] = commentary
    coming = {draft.period_id: draft for draft in drafts}
    for (period, _), commentary in newest.items():
        draft, board = coming[period], commentary.board
        if commentary.version == draft.version:
            continue
        words = f"Version {commentary.version}’s commentary{f' for {board.short_name}' if board else ''}"
        address = [area.slug, draft.period.month, *([board.code] if board else [])]
        kept[period].append((words, reverse(f"reporting:commentary{'-board' if board else ''}", args=address)))
    return kept


def look_at_public(draft: Snapshot, ahead: list[Issued], *, token: str) -> PublicSide | None:
    """Return what becomes of the public edition. Adds the new one to what goes out `ahead` of the next month's."""
    publishing = AreaPublishing(draft.period)
    public = publishing.find_public()
    if public is None:
        return None
    try:
        prepared = publishing.prepare(ahead)
    except TransitionRefused as refusal:
        return PublicSide(f"{STAYS}. {refusal}")
    if publishing.is_said(prepared):
        return PublicSide(f"{STAYS}: it doesn’t show what changed.")
    asked = publishing.editions.filter(snapshot=draft).exclude(goes_with="").order_by("-id").first()
    if asked is not None and asked.state in UNDER_WAY and asked.fingerprint != prepared.fingerprint:
        asked = None  # out of date
    if asked is None or asked.state not in UNDER_WAY:
        true = list(IndicatorLine.objects.filter(snapshot=draft))
        ahead.append(Issued(draft.period.month, prepared.lines, true, years=prepared.years))
    return PublicSide(
        describe_edition(asked),
        list_public_changes(draft, list_public_lines(public), prepared.lines),
        is_new=True,
        has_to_be_asked=asked is None or asked.state not in UNDER_WAY or asked.goes_with != token,
        is_asked=asked is not None and asked.state == EditionState.ASKED,
    )


def describe_edition(asked: PublicEdition | None) -> str:
    """Say how far the public edition is that goes out with a correction."""
    if asked is None:
        return "The public gets a new edition, once an information officer has approved it."
    day = date_label(timezone.localdate(asked.declined_at or asked.agreed_at or asked.asked_at))
    if asked.state == EditionState.DECLINED:
        return f"{asked.declined_by} declined the new public edition on {day}: “{asked.declined_why}”"
    if asked.state == EditionState.AGREED:
        return f"{asked.agreed_by} approved the new public edition on {day}."
    return f"{asked.asked_by} asked for the new public edition on {day}. An information officer has to approve it."


def list_public_changes(
    draft: Snapshot, older: Sequence[PublicLine], newer: Sequence[PublicLine]
) -> list[tuple[str, str, str]]:
    """Return the month's figures that differ between what is public and the next edition."""
    month, due_on = draft.period.month, draft.period.due_on

    def view(lines: Sequence[PublicLine]) -> dict[tuple[str, str], tuple[str, str]]:
        shown = view_lines(disclose(lines, audience=Audience.PUBLIC), month, due_on)
        return {key: (line.label, line.short_text.replace(f" {REVISED}", "")) for key, line in shown.items()}

    before = view(older)
    return [
        (label, before[key][1] if key in before else "not shown", after)
        for key, (label, after) in view(newer).items()
        if key not in before or before[key][1] != after
    ]


def describe_correction(period: ReportingPeriod, indicator: str) -> list[str]:
    """Say what a corrected figure of a published month changes, and who agrees to what; nothing for another month."""
    if not period.is_published:
        return []
    area, month = period.area, period.month
    coordinators = " or ".join(map(str, list_people(area, Role.COORDINATOR)))
    shown_until = (month + (HISTORY_MONTHS - 1)).last_day
    published = area.periods.filter(status=MonthStatus.PUBLISHED.value)
    is_shown_later = published.filter(starts_on__range=(month.next.first_day, shown_until)).exists()
    also = ", and so does each later month that shows this figure" if is_shown_later else ""
    sentences = [
        f"{coordinators or 'No one'} decides, as coordinator.",
        f"{month.label} gets a new version for the boards{also}. The published version stays as it was.",
    ]
    if references := list_packs_with(period, indicator):
        sentences.append(f"Issued packs stay as they are, and their pages say what changed: {', '.join(references)}.")
    public = PublicEdition.objects.filter(
        period__starts_on__range=(period.starts_on, shown_until), number__isnull=False, withdrawal__isnull=True
    )
    if area.has_public_pages and public.filter(period__area=area).exists():
        approvers = name_approvers(area, None)
        sentences.append(
            f"The public edition changes too, if it shows this figure: {approvers} has to approve it first."
        )
    return sentences


def list_packs_with(period: ReportingPeriod, indicator: str) -> list[str]:
    """Return the references of a month's packs whose board has this indicator, or a ratio of it. Two queries."""
    shows = Q(indicator_code=indicator) | Q(numerator_code=indicator) | Q(denominator_code=indicator)
    lines = IndicatorLine.objects.filter(shows, snapshot__period=period).values_list("snapshot", "boards")
    shown = {(snapshot, board) for snapshot, boards in lines for board in boards}
    packs = IssuedPack.objects.filter(period=period, removed_on__isnull=True).order_by("issued_at", "id")
    found = packs.values_list("reference", "snapshot", "board__code")
    return [reference for reference, *of_pack in found if tuple(of_pack) in shown]


def name_approvers(area: PartnershipArea, coordinator: User | None) -> str:
    """Name the information officers who can approve what this coordinator asks for, or the operator where none can;
    all of them if nobody has asked yet."""
    officers = list_holders(area, Role.INFORMATION)
    return " or ".join(map(str, read_ties(officers, coordinator).list_seconds(coordinator, officers))) or "the operator"


# --- Tasks ----------------------------------------------------------------------------------------


def corrections_tasks(access: Access) -> list[Task]:
    """Return the tasks about corrections that wait to go out, and about months whose public edition shows a figure that
    the boards no longer see: for the coordinator to do, and for information officers to know of."""
    if not access.can_coordinate and not access.is_any(Role.INFORMATION):
        return []
    changed = unpublished_corrections(access.area)
    waiting = [corrections_task(access, changed)] if changed and access.can_coordinate else []
    return [*waiting, *behind_tasks(access)]


def corrections_task(access: Access, changed: Sequence[Unpublished]) -> Task:
    """Return one task for all published months whose figures changed since."""
    changed_here = [unpublished for unpublished in changed if unpublished.figures]
    figures = sum(unpublished.figures for unpublished in changed_here)
    first, others = (changed_here or changed)[0], len(changed_here or changed) - 1
    months = first.month.label
    if others:
        months += f" and {others} other {'month' if others == 1 else 'months'}"
    counted = f": {figures} {'figure' if figures == 1 else 'figures'}" if figures else ""
    has, since = ("have", "they were") if others else ("has", "it was")
    name = f"{months} {has} figures that changed since {since} published"
    later = len(changed) - len(changed_here) if changed_here else 0
    follows = f" {later} later {'month shows' if later == 1 else 'months show'} them too." if later else ""
    next_step, is_owed = describe_next(access.area)
    return Task(
        name=f"{name}{counted}",
        url=reverse("reporting:corrections-publish", args=[access.area.slug]),
        hint=f"Boards still see the published figures.{follows} {next_step}",
        status="draft" if is_owed else "submitted",
        status_label="To publish" if is_owed else "With the information officer",
        is_owed=is_owed,
    )


def describe_next(area: PartnershipArea) -> tuple[str, bool]:
    """Say what the corrections wait for, and whether it is the coordinator's turn. One query."""
    asked = PublicEdition.objects.filter(period__area=area, snapshot__state=SnapshotState.DRAFT.value)
    editions: dict[int, PublicEdition] = {}  # the newest of a month comes last, and wins
    for edition in asked.exclude(goes_with="").select_related("period", "declined_by").order_by("id"):
        editions[edition.period_id] = edition
    for edition in editions.values():
        if edition.state == EditionState.DECLINED:
            label, why = edition.month.label, edition.declined_why
            return f"{edition.declined_by} declined the public edition of {label}: “{why}”", True
    if any(edition.state == EditionState.ASKED for edition in editions.values()):
        return "Once the public edition is approved, the boards and the public get the correction together.", False
    return "Check the changes, then publish them.", True


def behind_tasks(access: Access) -> Iterator[Task]:
    for edition, version in list_behind(access.area):
        month = edition.month.label
        yield Task(
            name=f"The public edition of {month} is out of date",
            url=reverse("reporting:publishing-month", args=[access.area.slug, edition.month]),
            hint=f"Edition {edition.number} has the figures from version {edition.snapshot.version}. Boards read "
            f"version {version}. {'Ask' if access.can_coordinate else 'The coordinator has to ask'} for a new edition.",
            status="problem",
            status_label="Out of date",
            is_owed=access.can_coordinate,
        )
