"""What the public would see of a month, beside what partners see, and the tasks of the people who decide."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from boards.models import PartnershipArea
from boards.permissions import Access, list_for_officer
from boards.rules import Role
from boards.todo import Task
from core.calendar import Month, date_label
from core.files.tables import KINDS
from indicators.disclosure import Audience, disclose
from indicators.models import Indicator
from indicators.protection.rules import describe_for_ratio, describe_small, parse_token
from indicators.selectors.disclosure import effective_rules
from indicators.trend import CellState
from reporting.models import IndicatorLine, IssuedPack, PublicLine, Snapshot, SnapshotState
from reporting.models.editions import MonthWithdrawal, PublicEdition
from reporting.months.presenters.month import view_lines
from reporting.months.presenters.shapes import KEY, LineView
from reporting.public.lines import Prepared
from reporting.public.reach import Reach
from reporting.public.selectors import list_unexplained
from reporting.workflow import EditionState


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure as partners see it and as the public would. A whole also has its rule."""

    label: str
    partners: str
    public: str
    rule: str
    is_withheld: bool
    months_withheld: int  # of all that the line shows


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Figures that an edition doesn't show at all, by the names of their indicators, and why."""

    why: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishingView:
    """An edition that could be published, or is in progress."""

    rows: tuple[Beside, ...]
    left_out: tuple[LeftOut, ...]
    marks: tuple[tuple[str, str], ...]  # those of its rows, and what each means
    attack: str
    in_no_total: tuple[tuple[str, str], ...]  # withheld figures that no sum explains, each with its range by its rule

    @property
    def withheld(self) -> int:
        return sum(row.is_withheld for row in self.rows)


def publishing_view(snapshot: Snapshot, public: Iterable[PublicLine], prepared: Prepared) -> PublishingView:
    """Return each line of a version beside its line in the edition. Three queries. Raises AudienceRefused if a line of
    the edition says more than it may.
    """
    month, due_on = snapshot.period.month, snapshot.period.due_on
    lines = IndicatorLine.objects.filter(snapshot=snapshot).order_by("position")
    partners = view_lines(disclose(lines, audience=Audience.PARTNERS), month, due_on)
    shown = view_lines(disclose(public, audience=Audience.PUBLIC), month, due_on)
    rows = [
        Beside(
            label=true.label,
            partners=true.short_text,
            public=seen.short_text,
            rule="" if true.category_code else capfirst(describe_rule(seen)),
            is_withheld=seen.state is CellState.WITHHELD,
            months_withheld=sum(
                state == CellState.WITHHELD for step in seen.steps for state in step["without"].values()
            ),
        )
        for key, true in partners.items()
        if (seen := shown.get(key)) is not None
    ]
    cells = [cell for row in rows for cell in (row.partners, row.public)]
    return PublishingView(
        rows=tuple(rows),
        left_out=list_left_out(snapshot, [true for key, true in partners.items() if key not in shown]),
        marks=tuple((mark, means) for mark, means in KEY if any(mark in cell for cell in cells)),
        attack=describe_attack(prepared),
        in_no_total=tuple(find_in_no_total(shown.values())),
    )


ONLY_A_YEAR, PARTNERS_ONLY = "Only as the total of a year", "Partners only"
OF_A_PART = "Categories of a figure that is part of another figure"
OF_TWO = "One of only two parts of a figure, which could give each other away"


def list_left_out(snapshot: Snapshot, lines: Sequence[LineView]) -> tuple[LeftOut, ...]:
    """Return the figures that an edition doesn't show, by reason: who may see their indicator, or what they are part of
    (reporting.public.lines.list_kept). Two queries.
    """
    rules = effective_rules(snapshot.period.area)
    names: dict[str, dict[str, None]] = {why: {} for why in (ONLY_A_YEAR, PARTNERS_ONLY, OF_A_PART, OF_TWO)}
    for line in lines:
        if line.indicator_code in rules.private:
            names[ONLY_A_YEAR if line.indicator_code in rules.yearly else PARTNERS_ONLY][line.title] = None
        elif line.part_of_code and line.category_code:
            names[OF_A_PART][line.title] = None
        else:
            names[OF_TWO][line.label] = None
    return tuple(LeftOut(why, tuple(of_reason)) for why, of_reason in names.items() if of_reason)


def find_in_no_total(lines: Collection[LineView]) -> Iterator[tuple[str, str]]:
    """Yield the withheld figures of a month that belong to no total, each with the range that its rule calls small. No
    other figure needs them to be withheld, so their being withheld says that they are small.
    """
    codes = {line.indicator_code for line in lines}
    ties = [(line.indicator_code, line.part_of_code) for line in lines if line.part_of_code in codes]
    tied = {line.indicator_code for line in lines if line.category_code}.union(*ties)
    for line in lines:
        if line.state is not CellState.WITHHELD or line.ratio or line.indicator_code in tied:
            continue
        if small := describe_small(parse_token(line.protected_by)):
            yield line.label, small


def describe_rule(line: LineView) -> str:
    rule = parse_token(line.protected_by)
    return describe_for_ratio(rule, line.ratio) if line.ratio else rule.words


def describe_attack(prepared: Prepared) -> str:
    """ "This edition protects 104 small figures. Even by adding and subtracting, nobody can …"."""
    if not prepared.sensitive and not prepared.known_before:
        return "No figure in this edition is small under its rule"
    one = prepared.sensitive == 1
    words = f"This edition protects {prepared.sensitive:,} small {'figure' if one else 'figures'}"
    if prepared.narrowest is None:
        words += f". No total gives {'it' if one else 'any of them'} away"
    else:
        words += (
            f". Even by adding and subtracting, no one can narrow {'it' if one else 'any of them'} to fewer than "
            f"{prepared.narrowest + 1} possible values. Someone who also knows the rules may guess that a withheld "
            "figure is small"
        )
    if prepared.known_before:
        more, them = (
            ("1 more figure", "it") if prepared.known_before == 1 else (f"{prepared.known_before:,} more", "them")
        )
        words += f". It would also protect {more}, but an edition that is or was public already gives {them} away"
    return words


def describe_step(edition: PublicEdition, day: str) -> str:
    if edition.agreed_at is not None:
        return f"{edition.agreed_by} approved it on {day}."
    if edition.asked_by is None:
        return f"We prepared it on {day}, because an earlier month was withdrawn."
    return f"{edition.asked_by} asked on {day}."


def describe_together(snapshot: Snapshot) -> str:
    """Say what goes out with an edition; empty for one of a published version."""
    if snapshot.state != SnapshotState.DRAFT:
        return ""
    return f" This is a correction: boards get version {snapshot.version} at the same time, as soon as you approve."


def edition_tasks(access: Access) -> list[Task]:
    """Return the public editions that wait for an information officer's approval or to be made public, withdrawals
    without a reason, and the indicators that nobody has decided to show or to hide. Nothing to ask for others.
    """
    return [*waiting_editions(access), *reasons_to_give(access), *openness_to_decide(access)]


def waiting_editions(access: Access) -> list[Task]:
    theirs = {EditionState.ASKED: access.is_any(Role.INFORMATION), EditionState.AGREED: access.can_coordinate}
    wanted = [state.value for state, is_theirs in theirs.items() if is_theirs]
    if not wanted:
        return []
    editions = list(_list_editions(access.area, tuple(wanted)))
    asked = [edition for edition in editions if edition.agreed_at is None]
    to_agree = list_for_officer(asked, access, asker=lambda edition: edition.asked_by)
    return [
        edition_task(access, edition) for edition in editions if edition.agreed_at is not None or edition in to_agree
    ]


def edition_task(access: Access, edition: PublicEdition) -> Task:
    month, is_agreed = edition.period.month, edition.agreed_at is not None
    day = date_label(timezone.localdate(edition.agreed_at or edition.asked_at))
    return Task(
        name=f"Make {month.label} public" if is_agreed else f"Approve {month.label} for the public",
        url=reverse("reporting:publishing-month", args=[access.area.slug, month]),
        hint=describe_step(edition, day) + describe_together(edition.snapshot),
        status="submitted",
        status_label="To make public" if is_agreed else "To decide",
    )


def _list_editions(area: PartnershipArea, states: tuple[str, ...]) -> QuerySet[PublicEdition]:
    editions = PublicEdition.objects.filter(period__area=area, state__in=states)
    # One that is approved goes out with its correction, which is a task of its own.
    together = Q(state=EditionState.AGREED.value, snapshot__state=SnapshotState.DRAFT.value)
    people = ("asked_by", "agreed_by")
    return editions.exclude(together).select_related("period", "snapshot", *people).order_by("period__starts_on")


def reasons_to_give(access: Access) -> list[Task]:
    """Return, for information officers, the urgent withdrawals that nobody has explained yet."""
    if not access.is_any(Role.INFORMATION):
        return []
    return [reason_task(access, withdrawal) for withdrawal in list_unexplained(access.area)]


def openness_to_decide(access: Access) -> list[Task]:
    """Return, for information officers, that they have to decide who may see some indicators. One query."""
    if not access.is_any(Role.INFORMATION):
        return []
    undecided = Indicator.objects.undecided().filter(area=access.area).count()
    if not undecided:
        return []
    counted = "1 indicator" if undecided == 1 else f"{undecided} indicators"
    return [
        Task(
            name=f"Decide who may see {counted}",
            url=reverse("reporting:openness-list", args=[access.area.slug]),
            hint="The public sees them month by month, as before. The starter set proposes something for each.",
            status="submitted",
            status_label="To decide",
        )
    ]


def reason_task(access: Access, withdrawal: MonthWithdrawal) -> Task:
    month, day = withdrawal.period.month, date_label(timezone.localdate(withdrawal.withdrawn_at))
    return Task(
        name=f"Say why {month.label} was withdrawn",
        url=reverse("reporting:publishing-month", args=[access.area.slug, month]),
        hint=f"{withdrawal.withdrawn_by} withdrew the month on {day}.",
        status="submitted",
        status_label="Reason missing",
    )


PAGES = "the month’s page, two years at a glance, lines on the map, and about the figures"


@dataclass(frozen=True, slots=True)
class Goes:
    """An edition that goes down, with the references of its packs. `is_own`: it is the withdrawn month's own."""

    month: Month
    number: int
    is_own: bool
    packs: tuple[str, ...]

    @property
    def words(self) -> str:
        """ "October 2026: edition 1 with its pages and files, and the packs ANYTOWN-2026-10-CSP-1"."""
        packs = f", and the packs {', '.join(self.packs)}" if self.packs else ""
        return f"{self.month.label}: edition {self.number} with its pages and files{packs}"


@dataclass(frozen=True, slots=True)
class ReachView:
    """`waiting` are the months whose editions in progress are declined. `again` are those that get a new edition.
    `documents` of the year go for good."""

    goes: tuple[Goes, ...]
    documents: tuple[str, ...]
    waiting: tuple[str, ...]
    again: tuple[str, ...]
    pages: str = PAGES
    files: str = ", ".join(kind.label for kind in KINDS.values())


def describe_reach(reach: Reach, month: Month) -> ReachView:
    packs: dict[int | None, list[IssuedPack]] = defaultdict(list)
    for pack in reach.packs:
        packs[pack.edition_id].append(pack)
    goes = tuple(
        Goes(
            month=edition.period.month,
            number=edition.number or 0,
            is_own=edition.period.month == month,
            packs=tuple(pack.reference for pack in packs[edition.pk]),
        )
        for edition in reach.editions
    )
    others = {edition.period.month for edition in (*reach.editions, *reach.waiting)} - {month}
    return ReachView(
        goes=goes,
        documents=tuple(f"{edition.document}, {edition.reference}" for edition in reach.documents),
        waiting=label([edition.period.month for edition in reach.waiting]),
        again=label(sorted(others)),
    )


def label(months: Sequence[Month]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(month.label for month in months))
