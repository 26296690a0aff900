"""What changed between two versions of a month, for one audience: figures, and what follows from them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from django.utils import timezone

from core.calendar import Month, date_label
from indicators.disclosure import Audience, disclose
from indicators.models import Correction
from indicators.trend import CellState
from indicators.workflow import CorrectionState
from reporting.models import IndicatorLine, Snapshot, SnapshotState
from reporting.models.line_fields import Line
from reporting.months.presenters.month import view_lines
from reporting.months.presenters.shapes import REVISED, LineView
from reporting.months.presenters.words import describe_version, listed
from reporting.months.revisions import published_lines


@dataclass(frozen=True, slots=True)
class ChangedFigure:
    """A figure that differs between two versions. `what` is empty for the figure itself."""

    label: str
    what: str
    before: str
    after: str
    why: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """An arrow or a judgement that changed because of a figure."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """How a version of a month differs from the version before it."""

    month: Month
    version: int
    state: str  # draft or published
    words: str  # version 2, published on 24 November 2026
    figures: tuple[ChangedFigure, ...]
    consequences: tuple[Consequence, ...]
    charts: str  # names the indicators of which only the charts changed
    boards: frozenset[str] = frozenset()  # codes of those whose own lines show a changed figure

    @property
    def is_published(self) -> bool:
        return self.state == SnapshotState.PUBLISHED

    @property
    def before(self) -> int:
        return self.version - 1


def changes_between(versions: Sequence[Snapshot], month: Month) -> list[VersionChanges]:
    """Return how each of a month's versions differs from the one before it, for partners, the newest first. Two
    queries at most.
    """
    lines = published_lines(versions)
    changes = [
        changes_view(
            newer, lines[older.pk], lines[newer.pk], month=month, due_on=newer.period.due_on, audience=Audience.PARTNERS
        )
        # The newest comes first.
        for newer, older in pairwise(versions)
    ]
    return say_when_asked(changes, versions)


def say_when_asked(changes: list[VersionChanges], versions: Sequence[Snapshot]) -> list[VersionChanges]:
    """Say also when each correction was asked for. A line has only the day of its acceptance, so the correction is the
    one with that day, asker and reason; where several have them, nothing is added. One query, or none.
    """
    if not any(figure.when for change in changes for figure in change.figures):
        return changes
    accepted = Correction.objects.filter(
        period__area=versions[0].period.area_id,
        period__starts_on__lte=versions[0].period.starts_on,
        state=CorrectionState.ACCEPTED.value,
    )
    days: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for correction in accepted.select_related("asked_by"):
        asked, decided = (label_moment(moment) for moment in (correction.asked_at, correction.decided_at))
        days[correction.reason, str(correction.asked_by), decided].add(asked)

    def add_day(figure: ChangedFigure) -> ChangedFigure:
        asked = days.get((figure.why, figure.who, figure.when), set())
        return replace(figure, when=f"asked {min(asked)}, accepted {figure.when}") if len(asked) == 1 else figure

    return [replace(change, figures=tuple(map(add_day, change.figures))) for change in changes]


def label_moment(moment: datetime | None) -> str:
    return date_label(timezone.localdate(moment)) if moment else ""


def changes_view(
    snapshot: Snapshot,
    older: Sequence[IndicatorLine],
    newer: Sequence[IndicatorLine],
    *,
    month: Month,
    due_on: date,
    audience: Audience,
) -> VersionChanges:
    """Return how the lines of a version differ from those of the version before it. Raises AudienceRefused if the gate
    shows that audience nothing.
    """
    before, after = (view_lines(disclose(lines, audience=audience), month, due_on) for lines in (older, newer))
    figures, consequences, charts = [], [], []
    for key, new in after.items():
        old = before.get(key)
        figures += figure_changes(old, new)
        if old is None:
            continue
        if describe_line(old) != describe_line(new):
            consequences.append(Consequence(new.label, describe_line(old), describe_line(new)))
        elif any("revised" in step for step in new.steps) and not new.revised:
            charts.append(new.label)
    return VersionChanges(
        month=month,
        version=snapshot.version,
        state=snapshot.state,
        words=describe_version(snapshot),
        figures=tuple(figures),
        consequences=tuple(consequences),
        charts=listed(charts) if charts else "",
        boards=frozenset(board for line in newer if shows_changed(line) for board in line.boards),
    )


def shows_changed(line: Line) -> bool:
    """Return whether it shows another figure than the version before it, for its month or an earlier one."""
    return bool(line.revised_state) or line.is_previous_revised or any("revised" in step for step in line.steps)


def figure_changes(old: LineView | None, new: LineView) -> list[ChangedFigure]:
    changed = []
    if new.revised:
        changed.append(
            ChangedFigure(
                label=new.label,
                what="",
                before=bare(old) if old else CellState.AWAITED.label.lower(),
                after=bare(new),
                why=new.revised_why or "No reason was given",
                who=new.revised_by,
                when=date_label(new.revised_on) if new.revised_on else "",
            )
        )
    elif old and old.is_provisional != new.is_provisional:
        before, after = ("provisional" if one.is_provisional else "not provisional" for one in (old, new))
        changed.append(ChangedFigure(new.label, "whether it may still change", before, after, "", "", ""))
    if old and old.note != new.note and not new.revised:
        changed.append(ChangedFigure(new.label, "its note", old.note or "none", new.note or "none", "", "", ""))
    return changed


def bare(line: LineView) -> str:
    """Return the figure without the marks that say how far to trust it."""
    return line.text.replace(f" {REVISED}", "")


def describe_line(line: LineView) -> str:
    """ "Up 3 since September. Within the usual range of 4 to 12"."""
    if not line.is_figure:
        return line.text.replace(f" {REVISED}", "")
    return ". ".join(filter(None, (line.words, line.verdict)))
