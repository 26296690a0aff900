"""Figures that were revised since a board's last pack. For partners by the months' versions, for the public by
their editions."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils import timezone

from boards.models import ReportingPeriod
from core.calendar import Month, date_label
from indicators.disclosure import Audience, disclose
from reporting.models import PublicEdition, PublicLine, Snapshot
from reporting.models.line_fields import line_key
from reporting.months.presenters.changes import ChangedFigure, VersionChanges, changes_view
from reporting.months.revisions import published_lines
from reporting.packs.presenters.later import describe_shown
from reporting.workflow import EditionState


@dataclass(frozen=True, slots=True)
class Revised:
    """How a version or an edition of a month differs from the one before it. `who`: who asked, and when; `who` and
    `why` are empty for the public.
    """

    month: Month
    words: str  # version 2, published on 24 November 2026
    number: int
    before: str  # version 1
    figures: tuple[ChangedFigure, ...]
    consequences: tuple[str, ...] = ()


# --- Versions -------------------------------------------------------------------------------------


def revised_versions(
    period: ReportingPeriod, board: str, codes: Container[str] | None, since: datetime | None
) -> Iterator[Revised]:
    """Yield the board's figures that changed since then, in this month or an earlier one, the oldest month first, each
    month's versions in order. `codes` limits it to these indicators. Three queries.
    """
    versions = list(newer_than(since, period))
    lines = {
        key: [line for line in its_lines if board in line.boards and (codes is None or line.indicator_code in codes)]
        for key, its_lines in published_lines(versions).items()
    }
    for before, after in pairwise(versions):
        # Neighbours may be versions of two months.
        if before.period_id == after.period_id and is_after(after.published_at, since):
            changes = changes_view(
                after,
                lines[before.pk],
                lines[after.pk],
                month=after.period.month,
                due_on=after.period.due_on,
                audience=Audience.PARTNERS,
            )
            if changes.figures:
                yield of_version(changes)


def newer_than(since: datetime | None, period: ReportingPeriod) -> Iterable[Snapshot]:
    """Return every version of those months, up to this month, that have several."""
    published = Snapshot.objects.standing().filter(period__area=period.area_id, period__starts_on__lte=period.starts_on)
    newer = published.filter(version__gt=1)
    if since is not None:
        newer = newer.filter(published_at__gt=since)
    months = set(newer.values_list("period", flat=True))
    return published.filter(period__in=months).select_related("period").order_by("period__starts_on", "version")


def is_after(moment: datetime | None, since: datetime | None) -> bool:
    return moment is not None and (since is None or moment > since)


def of_version(changes: VersionChanges) -> Revised:
    return Revised(
        month=changes.month,
        words=changes.words,
        number=changes.version,
        before=f"version {changes.before}",
        figures=changes.figures,
        consequences=tuple(
            f"{change.label}: {change.after}. It was: {change.before}." for change in changes.consequences
        ),
    )


# --- Editions -------------------------------------------------------------------------------------


def revised_editions(period: ReportingPeriod, board: str, since: datetime | None) -> Iterator[Revised]:
    """Yield the same for what the public sees. What was withdrawn isn't repeated. Two queries."""
    shown = PublicEdition.objects.filter(
        period__area=period.area_id,
        period__starts_on__lte=period.starts_on,
        state=EditionState.PUBLISHED.value,
        withdrawal__isnull=True,
    )
    editions = list(shown.select_related("period").order_by("period__starts_on", "number"))
    pairs = [
        (before, after)
        for before, after in pairwise(editions)
        # Neighbours may be editions of two months.
        if before.period_id == after.period_id and is_after(after.published_at, since)
    ]
    lines: dict[int, list[PublicLine]] = defaultdict(list)
    for line in PublicLine.objects.filter(edition__in={edition.pk for pair in pairs for edition in pair}).order_by(
        "position"
    ):
        lines[line.edition_id].append(line)
    for before, after in pairs:
        figures = tuple(changed_figures(lines[before.pk], lines[after.pk], board))
        if figures and after.published_at is not None:
            day = date_label(timezone.localdate(after.published_at))
            yield Revised(
                month=after.period.month,
                words=f"edition {after.number}, published on {day}",
                number=after.number or 0,
                before=f"edition {before.number}",
                figures=figures,
            )


def changed_figures(older: Iterable[PublicLine], newer: Iterable[PublicLine], board: str) -> Iterator[ChangedFigure]:
    """Yield the board's own figures that differ between two editions. Raises AudienceRefused."""
    before = {line_key(old.line): describe_shown(old) for old in disclose(older, audience=Audience.PUBLIC)}
    for new in disclose(newer, audience=Audience.PUBLIC):
        was, now = before.get(line_key(new.line), "none"), describe_shown(new)
        if board in new.line.boards and was != now:
            yield ChangedFigure(label=new.line.label, what="", before=was, after=now, why="", who="", when="")
