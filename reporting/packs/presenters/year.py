"""A pack's chapters about twelve months: what changed, how complete they are, the plan, the community and the KPIs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.utils import timezone

from actions.models import Action, Milestone, Voice
from boards.models import Strand
from core.calendar import Month, date_label
from core.texts import count_of_noun, one_line
from indicators.kpis.aims import show_in
from indicators.ratios import RATIO_KINDS, RatioKind, show_change, show_number
from indicators.trend import CellState
from indicators.year_on_year import LEAST_ALIKE, YEAR, Total, TwoYears, Way
from reporting.impact.presenters.outcomes import OutcomeView
from reporting.impact.presenters.page import split_outcomes
from reporting.impact.results import Outcome
from reporting.kpis.presenters import KpiRow
from reporting.months.presenters.sentences import judge_year
from reporting.months.presenters.series import Series, SeriesPoint
from reporting.months.presenters.shapes import KEY, find_marks
from reporting.months.presenters.two_years import compare_line, describe_obstacle
from reporting.months.presenters.words import listed, lower_first
from reporting.packs.presenters.cover import no_indicators
from reporting.packs.presenters.plan import (
    HOW_TO_READ_IMPACT,
    describe_group,
    describe_left,
    draw_impact,
    expected_cell,
    outcome_cell,
)
from reporting.packs.presenters.shapes import Block, Bullets, Cell, Chapter, Column, Paragraph, Table, Terms, empty
from reporting.packs.presenters.sources import Sources


def last_year(series: Series) -> Sequence[SeriesPoint]:
    """Return the twelve months to the pack's own, the oldest first; fewer if there are no more."""
    return series.points[-YEAR:]


def wholes(sources: Sources) -> list[Series]:
    return [series[0] for series in sources.series]


# --- What changed in the year ---------------------------------------------------------------------


def year_changed(sources: Sources) -> Chapter:
    first, last = sources.month + -(YEAR - 1), sources.month
    blocks: list[Block] = [Paragraph(f"{first.label} to {last.label}. {sources.board.month.position}.", look="lead")]
    every = wholes(sources)
    if not every:
        blocks.append(Paragraph(no_indicators(sources)))
    else:
        blocks.append(
            Table(
                caption=f"{last.label} against {(last + -YEAR).label}, and the months between that stood out",
                columns=(
                    Column("Indicator", 4),
                    Column((last + -YEAR).short_label, 2, is_number=True),
                    Column(last.short_label, 2, is_number=True),
                    Column(f"Since {(last + -YEAR).short_label}", 4),
                    Column("Months that stood out", 5),
                ),
                rows=tuple(year_at_a_glance_row(series) for series in every),
            )
        )
        blocks.append(
            Paragraph(
                "We compare two months of different years only under the same definition. We judge the months "
                "that stood out, but not the change between the two.",
                look="quiet",
            )
        )
    return Chapter("changed", "What changed in the year", tuple(blocks))


def year_at_a_glance_row(series: Series) -> tuple[Cell, ...]:
    points = series.points
    before = points[-YEAR - 1].text if len(points) > YEAR else "no figure"
    runs = "; ".join(describe_runs([point for point in last_year(series) if point.stands_out]))
    return (
        Cell(series.line.title, is_strong=True),
        Cell(before),
        Cell(series.line.short_text, is_strong=True),
        Cell(points[-1].year_words or "Can’t be compared"),
        Cell(runs or "None", is_strong=bool(runs)),
    )


def describe_runs(points: Iterable[SeriesPoint]) -> Iterator[str]:
    """Say what months show, with neighbours that show the same as one."""
    runs: list[list[SeriesPoint]] = []
    for point in points:
        if runs and runs[-1][-1].month.next == point.month and runs[-1][-1].shows == point.shows:
            runs[-1].append(point)
        else:
            runs.append([point])
    # The first month twice, so that a run of a single month has a last one too.
    for first, *_, last in ((run[0], *run) for run in runs):
        when = first.month.short_label if first is last else f"{first.month.short_label} to {last.month.short_label}"
        yield f"{when}: {lower_first(first.shows)}"


# --- Twelve months side by side -------------------------------------------------------------------


def twelve_months(sources: Sources) -> Chapter | None:
    every = wholes(sources)
    if not every:
        return None
    months = [sources.month + -back for back in range(YEAR - 1, -1, -1)]
    used: set[str] = set()
    rows = []
    for series in every:
        texts = {point.month: point.text for point in last_year(series)}
        used |= {mark for text in texts.values() for mark in find_marks(text)}
        strong = {point.month for point in last_year(series) if point.stands_out}
        rows.append(
            (
                Cell(series.line.title, is_strong=True),
                *(Cell(texts.get(month, "–"), is_strong=month in strong) for month in months),
            )
        )
    table = Table(
        caption="Twelve months, month by month, with what stood out in bold",
        columns=(Column("Indicator", 5), *(Column(month.short_label, 2, is_number=True) for month in months)),
        rows=tuple(rows),
    )
    key = tuple(entry for entry in KEY if entry[0] in used)
    return Chapter("months", "Twelve months", (table, *((Terms(key),) if key else ())), is_wide=True)


# --- How complete they are ------------------------------------------------------------------------


def completeness(sources: Sources) -> Chapter | None:
    """Show how many figures each month has, and which indicators have none."""
    every = wholes(sources)
    if not every:
        return None
    months = [sources.month + -back for back in range(YEAR - 1, -1, -1)]
    timeliness = sources.board.month.timeliness
    table = Table(
        caption="Figures for each month, as they are now",
        columns=(
            Column("Month", 3),
            Column("Figures", 2, is_number=True),
            Column("Asked for", 2, is_number=True),
            Column("Without a figure", 9),
        ),
        rows=tuple(month_row(month, every) for month in months),
    )
    blocks: tuple[Block, ...] = (table,)
    if timeliness:
        blocks = (Paragraph(f"{timeliness}."), table)
    return Chapter("completeness", "How complete the year is", blocks)


def month_row(month: Month, every: Iterable[Series]) -> tuple[Cell, ...]:
    points = [(series, point) for series in every for point in last_year(series) if point.month == month]
    without = list(reasons([(series, point) for series, point in points if point.value is None]))
    return (
        Cell(month.label),
        Cell(str(sum(point.value is not None for _, point in points))),
        Cell(str(len(points))),
        Cell("; ".join(without) or "None"),
    )


def reasons(points: Sequence[tuple[Series, SeriesPoint]]) -> Iterator[str]:
    """ "Awaited: charges and woundings"."""
    for state in CellState:
        titles = [series.line.title for series, point in points if point.state is state]
        if titles:
            yield f"{state.label}: {listed(titles)}"


DONE, ENGAGEMENT = "What was done in each strand", "The community, in numbers"
MOST = 6  # named for each strand
MOST_VOICES = 8


# --- The plan -------------------------------------------------------------------------------------


def done(sources: Sources) -> Chapter | None:
    if sources.year is None:
        return None
    completed, reached = sources.year.completed, sources.year.reached
    of_group = tuple(describe_group(sources))
    if not completed and not reached:
        nothing = "No action was completed and no milestone was reached in the year."
        return Chapter("done", DONE, (Paragraph(nothing), *of_group)) if of_group else empty("done", DONE, nothing)
    still_open = [action for action in sources.actions if action.completed_at is None]
    said = (
        f"{count_of_noun(len(completed), 'action')} completed and {count_of_noun(len(reached), 'milestone')} reached "
        f"in the year; {count_of_noun(len(still_open), 'action')} open."
    )
    table = Table(
        caption="What was done in each strand of the plan",
        columns=(
            Column("Strand", 4),
            Column("Actions completed", 6),
            Column("Milestones reached", 6),
            Column("Open now", 2, is_number=True),
        ),
        rows=tuple(strand_row(strand, completed, reached, still_open) for strand in sources.year.strands),
    )
    return Chapter("done", DONE, (Paragraph(said), table, *of_group), follows=True)


def strand_row(
    strand: Strand, completed: Sequence[Action], reached: Sequence[Milestone], still_open: Sequence[Action]
) -> tuple[Cell, ...]:
    actions = [f"{action.reference} {action.title}" for action in completed if action.strand_id == strand.pk]
    steps = [f"{step.action.reference} {step.title}" for step in reached if step.action.strand_id == strand.pk]
    return (
        Cell(strand.name, is_strong=True),
        counted(actions),
        counted(steps),
        Cell(str(sum(action.strand_id == strand.pk for action in still_open))),
    )


def counted(names: Sequence[str]) -> Cell:
    """Say how many, and name the first few."""
    left = len(names) - MOST
    more = (*names[:MOST], f"and {left} more") if left > 0 else tuple(names)
    return Cell(str(len(names)) if names else "None", more=more)


# --- The community --------------------------------------------------------------------------------


def engagement(sources: Sources) -> Chapter | None:
    """Show the whole area's sessions: a session doesn't belong to a board."""
    if sources.year is None:
        return None
    now, before = sources.year.community, sources.year.community_before
    if not now.counted.sessions:
        return empty("engagement", ENGAGEMENT, "No session with the community was held in the year.")
    heard = now.voices
    answered = [voice for voice in heard if voice.closed_at is not None]
    late = sum(voice.closed_at is None and voice.due_on < timezone.localdate() for voice in heard)
    rows = (
        ("Sessions held", f"{now.counted.sessions:,}", f"{before.counted.sessions:,}"),
        ("Groups heard", f"{now.counted.groups:,}", f"{before.counted.groups:,}"),
        ("People reached", f"{now.counted.people:,}", f"{before.counted.people:,}"),
        ("Things that people said", f"{len(heard):,}", f"{len(before.voices):,}"),
        ("of these answered", f"{len(answered):,}", ""),
        ("not answered yet", f"{len(heard) - len(answered):,}", ""),
        ("of which overdue", f"{late:,}", ""),
    )
    table = Table(
        caption=f"Sessions with the community, {date_label(now.first)} to {date_label(now.last)}",
        columns=(Column("What", 6), Column("This year", 2, is_number=True), Column("Year before", 2, is_number=True)),
        rows=tuple((Cell(name, is_strong=True), Cell(one), Cell(other)) for name, one, other in rows),
    )
    blocks: list[Block] = [table]
    if answered:
        blocks.append(voices_table(answered[:MOST_VOICES]))
    if len(answered) > MOST_VOICES:
        blocks.append(Paragraph(f"{len(answered) - MOST_VOICES} more answers are on the community page."))
    return Chapter("engagement", ENGAGEMENT, tuple(blocks), follows=True)


def voices_table(answered: Sequence[Voice]) -> Table:
    return Table(
        caption="You said, we did",
        columns=(Column("Session", 3), Column("What people said", 5), Column("What was done about it", 5)),
        rows=tuple(
            (
                Cell(voice.session.title, is_strong=True, more=(date_label(voice.session.held_on),)),
                Cell(one_line(voice.said)),
                Cell(one_line(voice.did)),
            )
            for voice in answered
        ),
    )


IMPACT_TITLE = "Before and after"


def impact(sources: Sources) -> Chapter | None:
    if sources.is_public:
        return None
    outcomes = sources.impact.outcomes
    if not outcomes:
        return empty(
            "impact", IMPACT_TITLE, "No action or event in the last two years names one of this board’s indicators."
        )
    split = split_outcomes(outcomes)
    measured = [outcome for outcome in split.told if outcome.levels]
    untold = [outcome for outcome in split.told if outcome.outcome is Outcome.REFUSED]
    blocks: list[Block] = [Paragraph(HOW_TO_READ_IMPACT)]
    if measured:
        blocks.append(levels_table(measured))
    if untold:
        blocks += [Paragraph("We can’t report on these:"), Bullets(tuple(map(describe_untold, untold)))]
    if sources.impact.shown:
        blocks += draw_impact(sources.impact.shown)
    if left := describe_left(split):
        blocks.append(Paragraph(left, look="quiet"))
    return Chapter("impact", IMPACT_TITLE, tuple(blocks), follows=True)


def levels_table(outcomes: list[OutcomeView]) -> Table:
    return Table(
        caption="The level before and after each one, and the result",
        columns=(
            Column("What, and when", 6),
            Column("Before", 3),
            Column("After", 3),
            Column("Outcome", 7),
        ),
        rows=tuple(make_impact_row(outcome) for outcome in outcomes),
    )


def make_impact_row(outcome: OutcomeView) -> tuple[Cell, ...]:
    happening = outcome.happening
    return (
        Cell(
            f"{happening.label} {happening.title}",
            is_strong=True,
            more=(f"{outcome.kind}, {outcome.days}", outcome.aim.title),
        ),
        *(Cell(level.mean, more=tuple(filter(None, (level.months, level.sums)))) for level in outcome.levels),
        outcome_cell(outcome, describe_expected(outcome), outcome.provisional),
    )


def describe_expected(outcome: OutcomeView) -> str:
    """ "Should fall by about 20% by October 2026. Said beforehand."."""
    cell = expected_cell(outcome)
    return " ".join(f"{words.rstrip('.')}." for words in (cell.text, *cell.more))


def describe_untold(outcome: OutcomeView) -> str:
    happening = outcome.happening
    what = f"{happening.label} {happening.title} ({lower_first(outcome.kind)}, {outcome.days}), {outcome.aim.title}"
    return f"{what}: {outcome.sentence}"


KPIS_TITLE = "KPIs from baseline to now"
HOW_TO_READ_KPIS = (
    "“Now” is the last 12 months, or all since the KPI started. For a count taken on one day, it is the newest month. "
    "The baseline under a count is scaled to the same number of months."
)


def kpis(sources: Sources) -> Chapter | None:
    if sources.is_public:
        return None
    if not sources.kpis:
        return empty("kpis", KPIS_TITLE, f"This board has no KPI in {sources.month.label}.")
    table = Table(
        caption=f"KPIs in {sources.month.label}",
        columns=(
            Column("KPI", 5),
            Column("Baseline", 4),
            Column("Now", 4),
            Column("Target", 4),
            Column("How it is doing", 6),
        ),
        rows=tuple(make_kpi_row(row) for row in sources.kpis),
    )
    return Chapter("kpis", KPIS_TITLE, (table, Paragraph(HOW_TO_READ_KPIS, look="quiet")), follows=True)


def make_kpi_row(row: KpiRow) -> tuple[Cell, ...]:
    line = row.line
    first, last = Month.of(line.baseline_from), Month.of(line.baseline_to)
    owner = f"Owner: {line.owner}" if line.owner else "No owner"
    return (
        Cell(f"{row.reference} {line.title}", is_strong=True, more=(f"{row.kind}. {owner}",)),
        Cell(show_in(line.baseline, row.aim_unit), more=(f"{first.short_label} to {last.short_label}",)),
        now_cell(row),
        Cell(show_in(line.target, row.aim_unit), more=(f"by {Month.of(line.target_month).label}",)),
        Cell(line.said),
    )


def now_cell(row: KpiRow) -> Cell:
    """ "130", "in 12 months", "baseline: 172"."""
    numbers, line = row.numbers, row.line
    if "value" not in numbers:
        return Cell("No figure yet")
    # For a share or rate, the baseline is the same for any months.
    beside = (f"baseline: {numbers['baseline']}",) if line.per is None else ()
    return Cell(numbers["value"], is_strong=True, more=(f"in {row.over}", *beside))


TITLE = "The year against the year before"
HOW = (
    "If we don’t call a year higher or lower, it differs by no more than chance, or we can’t tell what chance would "
    "do. “Method and definitions” explains how we add up months."
)
READING = (
    "We compare months that have a figure in both years and are counted in the same way. For a count, we add them "
    "up. For a count taken on one day, we take their mean, never a total. We work out a share, rate or average from "
    "two totals: we divide one by the other. For a share of a count on one day, we take the newest month.",
    "Two years’ counts or rates differ by more than chance if the exact 95% range for their ratio leaves out 1. "
    "Two years’ shares differ by more than chance if Newcombe’s range for their difference leaves out 0. Both ranges "
    "are wider if the months vary more.",
)


def years(sources: Sources) -> Chapter | None:
    if not sources.series:
        return None
    return Chapter("years", TITLE, tuple(make_blocks(wholes(sources), sources.month)), follows=True)


def make_blocks(yearly: Sequence[Series], month: Month) -> Iterator[Block]:
    comparable = [series for series in yearly if not describe_obstacle(series.line)]
    if comparable:
        first = month + -(YEAR - 1)
        yield Table(
            caption=f"{first.label} to {month.label} against the twelve months before",
            columns=(
                Column("Indicator", 5),
                Column("Change on the twelve months before", 6),
                Column("What was added up", 6),
            ),
            rows=tuple(map(year_row, comparable)),
        )
    left: dict[str, list[str]] = {}
    for series in yearly:
        left.setdefault(describe_obstacle(series.line), []).append(series.line.title)
    for why, titles in left.items():
        if why:
            yield Paragraph(f"{why}: {'; '.join([titles[0], *map(lower_first, titles[1:])])}.")
    yield Paragraph(HOW, look="quiet")


def year_row(series: Series) -> tuple[Cell, ...]:
    name, two_years = Cell(series.line.title, is_strong=True), compare_line(series.line)
    left = describe_left_out(two_years, series)
    if two_years.now is None or two_years.before is None or two_years.change is None:
        return name, Cell("Can’t be compared"), Cell(left)
    return (
        name,
        Cell(
            describe_change(two_years, series),
            is_strong=two_years.is_more_than_chance is True,
            # The verdict's own sentence, without the month's: "3 to 21 is usual" beside 125 is heard of the year.
            more=tuple(f"{said}." for said in [judge_year(series.line.kept)] if said),
        ),
        Cell(describe_added(two_years, series), more=(left,) if left else ()),
    )


# --- In words -------------------------------------------------------------------------------------


def show_total(total: Total, two_years: TwoYears, series: Series) -> str:
    """ "132"; for a mean, which is stored in tenths like an average: "13.2"."""
    return show_number(total.value or 0, find_look(two_years, series))


def find_look(two_years: TwoYears, series: Series) -> str:
    return RatioKind.AVERAGE.value if two_years.way is Way.MEAN else series.line.ratio


def describe_change(two_years: TwoYears, series: Series) -> str:
    """ "Down 18 on the year before (132, was 150)"."""
    assert two_years.now is not None  # noqa: S101  # who asks looked
    assert two_years.before is not None  # noqa: S101
    now, before = (show_total(total, two_years, series) for total in (two_years.now, two_years.before))
    than = describe_than(two_years, series.month)
    if not two_years.change:
        return f"Level with {than} ({now})"
    way = "Up" if two_years.change > 0 else "Down"
    moved = show_change(two_years.change, find_look(two_years, series))
    return f"{way} {moved} on {than} ({now}, was {before})"


def describe_than(two_years: TwoYears, month: Month) -> str:
    if two_years.way is Way.NEWEST:
        return (month + -YEAR).label
    return "the year before" if two_years.alike.is_whole else "the same months a year before"


def describe_added(two_years: TwoYears, series: Series) -> str:
    """ "Sum of April to October, in both years"; for a ratio "44 of 64, was 26 of 62: October of both years"."""
    assert two_years.now is not None  # noqa: S101  # who asks looked
    assert two_years.before is not None  # noqa: S101
    months = "all twelve months" if two_years.alike.is_whole else describe_span(two_years.alike.compared, series.month)
    match two_years.way:
        case Way.SUM | Way.MEAN:
            return f"{'Sum' if two_years.way is Way.SUM else 'Mean'} of {months}, in both years"
        case Way.NEWEST:
            months = series.month.name
    of_both = f"{months}, in both years"
    if not RATIO_KINDS[series.line.ratio].adds_up:
        return f"Each month’s mean: {two_years.now.cases:,} cases, were {two_years.before.cases:,}, in {of_both}"
    now, before = (f"{total.cases:,} of {total.of:,}" for total in (two_years.now, two_years.before))
    return f"{now}, was {before}: {of_both}"


def describe_span(places: Sequence[int], month: Month) -> str:
    """Name the months of a year that ends in `month`, run by run: "November to March, May and July to October"."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    names = [
        f"{name_month(run[0], month)} to {name_month(run[-1], month)}" if run[1:] else name_month(run[0], month)
        for run in runs
    ]
    return join(names)


def name_month(place: int, month: Month) -> str:
    return (month + (place - YEAR + 1)).name


def join(names: Sequence[str]) -> str:
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last


def describe_left_out(two_years: TwoYears, series: Series) -> str:
    """Return sentences on why months are left out; empty if none is."""
    return " ".join(list_left_out(two_years, series))


def list_left_out(two_years: TwoYears, series: Series) -> Iterator[str]:
    alike, month = two_years.alike, series.month

    def which(places: Sequence[int]) -> str:
        looked_at = [place for place in places if two_years.way is not Way.NEWEST or place == YEAR - 1]
        return describe_span(looked_at, month) if looked_at else ""

    if without := which(alike.without):
        yield f"Left out: {without}, without a figure in one of the two years."
    if otherwise := which(alike.otherwise):
        since = Month.of(date.fromisoformat(series.line.steps[-1]["from"]))
        yield f"Left out: {otherwise}, counted differently since {since.label}."
    if not_held := which(alike.not_held):
        left = "" if len(alike.not_held) == YEAR else f"Left out: {not_held}. "
        yield f"{left}Figures start in {series.first.label}."
    if alike.compared and two_years.now is None and two_years.way is not Way.NEWEST:
        yield f"We need {LEAST_ALIKE} comparable months."
