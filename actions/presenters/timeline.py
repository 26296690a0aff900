"""Shows the plan as a timeline: a bar and a sentence for each action, and the same for a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from actions.charts import Axis, Bar, Dates, Tick, describe_step, draw_bar, make_axis, make_ticks, place_today
from actions.models import Action
from actions.presenters.plan import describe_counts, is_overdue
from actions.selectors.plan import Step
from actions.workflow import ActionState, Rag
from boards.models import Strand
from core.calendar import Month, date_label, short_date_label
from core.texts import count_of_noun

MONTHS_KEPT = 6  # how long a complete action stays after its end, unless somebody chose complete ones
EDGE = 25.0  # nearer to an edge, today's text starts or ends at its line
ARCHIVED = ActionState.ARCHIVED.value
LETTERS = {**{rag.value: rag.name[0] for rag in Rag}, ARCHIVED: "–"}
LABELS = {**{rag.value: rag.label for rag in Rag}, ARCHIVED: ActionState.ARCHIVED.label}
SIGNS = (
    ("late", "Overdue"),
    ("met", "Milestone met"),
    ("not", "Milestone missed"),
    ("yet", "Future milestone"),
    ("moved", "Original due date"),
    ("before", "Started earlier"),
    ("after", "Continues later"),
)


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """An action: its bar, the day beside it, and its row's text. `look` is its RAG, or archived; `lateness` ends its
    sentence."""

    span: Action
    look: str
    bar: Bar
    label: str
    words: str
    lateness: str
    steps: str
    end: str

    @property
    def name(self) -> str:
        return f"A{self.span.number} {self.span.title}"

    @property
    def rag(self) -> str:
        return f"{LETTERS[self.look]}: {LABELS[self.look]}"

    @property
    def starts(self) -> str:
        return date_label(self.span.starts_on)

    @property
    def due(self) -> str:
        return date_label(self.span.due_on)

    @property
    def outcome(self) -> str:
        return ", ".join(filter(None, (self.end, self.lateness)))

    @property
    def drawn(self) -> set[str]:
        """Return what the key has to explain."""
        bar = self.bar
        signs = {"late": bar.late > bar.right, "before": bar.begins_before, "after": bar.ends_after}
        return {self.look, *(mark.look for mark in bar.marks), *(sign for sign, is_there in signs.items() if is_there)}


@dataclass(frozen=True, slots=True)
class TimelineStrand:
    strand: Strand
    words: str
    rows: tuple[TimelineRow, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The timeline. `today_at` is None if the axis doesn't reach today; `today_anchor` places the text of today."""

    axis: Axis
    ticks: tuple[Tick, ...]
    today_at: float | None
    today_label: str
    strands: tuple[TimelineStrand, ...]

    @property
    def today_anchor(self) -> str:
        at = self.today_at or 0.0
        return "start" if at < EDGE else "end" if at > 100 - EDGE else "middle"

    @property
    def letters(self) -> list[tuple[str, str, str]]:
        """Return the letters in use: the look, its letter and its text."""
        return [(look, LETTERS[look], label) for look, label in LABELS.items() if look in self._drawn]

    @property
    def signs(self) -> list[tuple[str, str]]:
        return [(sign, words) for sign, words in SIGNS if sign in self._drawn]

    @property
    def _drawn(self) -> set[str]:
        return {sign for strand in self.strands for row in strand.rows for sign in row.drawn}


def is_recent(span: Action, today: date) -> bool:
    """Return whether it is open, or ended recently."""
    return span.ended_on is None or span.ended_on >= kept_since(today)


def kept_since(today: date) -> date:
    return (Month.of(today) + -MONTHS_KEPT).first_day


def make_timeline(
    spans: Sequence[Action],
    strands: Sequence[Strand],
    *,
    steps: Mapping[int, Sequence[Step]],
    first_due: Mapping[int, date],
    today: date,
    is_over: bool,
) -> Timeline:
    """Make the timeline. `is_over`: somebody asked only for actions that have ended."""
    dates = {span.pk: make_dates(span, steps.get(span.pk, ()), first_due.get(span.pk)) for span in spans}
    axis = make_axis(dates.values(), today, is_over=is_over)
    parts = []
    for strand in strands:
        strand_spans = [span for span in spans if span.strand_id == strand.pk]
        rows = tuple(make_row(span, dates[span.pk], axis, today) for span in strand_spans)
        if rows:
            parts.append(TimelineStrand(strand, describe_counts(strand_spans, today), rows))
    return Timeline(
        axis, tuple(make_ticks(axis)), place_today(axis, today), f"Today, {date_label(today)}", tuple(parts)
    )


def make_dates(span: Action, steps: Sequence[Step], first_due: date | None) -> Dates:
    # It may have moved away and back.
    moved = first_due if first_due != span.due_on else None
    return Dates(span.starts_on, span.due_on, moved, span.ended_on, tuple(steps))


def make_row(span: Action, dates: Dates, axis: Axis, today: date) -> TimelineRow:
    bar = draw_bar(axis, dates, today)
    late = (today - span.due_on).days if is_overdue(span, today) else 0
    look = ARCHIVED if span.state == ARCHIVED else span.rag
    steps, end = describe_steps(dates, today), describe_end(span, dates)
    name = ActionState.COMPLETE.value if look == Rag.BLUE else look
    words = [name, f"from {describe_dates(span.starts_on, span.due_on)}", *([end] if end else []), steps]
    return TimelineRow(
        span=span,
        look=look,
        bar=bar,
        label=describe_label(span, bar),
        words=", ".join(words),
        lateness=f"{count_of_noun(late, 'day')} overdue" if late else "",
        steps=steps,
        end=end,
    )


def describe_label(span: Action, bar: Bar) -> str:
    """Return "12 Dec", or before a bar "to 12 Dec": it would otherwise look like its start date."""
    day = short_date_label(span.ended_on or span.due_on)
    return "" if bar.label_at is None else f"to {day}" if bar.label_ends else day


def describe_dates(starts_on: date, due_on: date) -> str:
    """ "3 June to 12 December 2026"."""
    begin, end = date_label(starts_on), date_label(due_on)
    return f"{begin.removesuffix(f' {due_on.year}')} to {end}"


def describe_steps(dates: Dates, today: date) -> str:
    """ "2 of 4 milestones met, 1 missed"."""
    looks = [describe_step(day, today, is_done=is_done) for day, is_done in dates.steps]
    if not looks:
        return "no milestones yet"
    words = f"{looks.count('met')} of {count_of_noun(len(looks), 'milestone')} met"
    return f"{words}, {looks.count('not')} missed" if "not" in looks else words


def describe_end(span: Action, dates: Dates) -> str:
    """Describe what its start and due date don't show: an earlier due date, and when it ended."""
    said = []
    if dates.first_due_on:
        said.append(f"originally due {date_label(dates.first_due_on)}")
    if dates.ended_on:
        said.append(f"{'archived' if span.completed_at is None else 'completed'} on {date_label(dates.ended_on)}")
    return ", ".join(said)
