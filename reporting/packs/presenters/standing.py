"""What stands out, and what is being done about it? Each with its chart, alarms first."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils import timezone

from actions.models import Action, Challenge
from actions.presenters.plan import is_overdue
from actions.workflow import UNANSWERED, ChallengeState
from core.months import date_label
from indicators.signals import LEAST_FIGURES
from indicators.trend import CellState
from reporting.charts.pictures import chart_picture, month_width
from reporting.models import PackCharts
from reporting.months.presenters.series import Series
from reporting.months.presenters.shapes import LineView
from reporting.months.presenters.words import beside_chance, describe_chance, listed, lower_first
from reporting.packs.presenters.names import no_indicators
from reporting.packs.presenters.shapes import Abreast, Block, Bullets, Chapter, Heading, Paragraph, Picture, empty
from reporting.packs.presenters.sources import Sources

TITLE = "What stands out"
MOST = 6  # with a chart
CHART = 55  # per cent of the page's width
SMALL = 432  # the width of a chart that shares its page: its text is then as large as on a whole page


def stands_out(sources: Sources) -> Chapter:
    month = sources.own.month
    if not sources.lines:
        return empty("changed", TITLE, no_indicators(sources))
    # A stable sort, so each kind stays in the order of the page.
    found = sorted(month.changed, key=lambda line: not line.is_alarm)
    if not found and not month.watched:
        said = [describe_nothing(sources), describe_chance(month) if month.read else "", describe_counts(sources)]
        return empty("changed", TITLE, " ".join(filter(None, said)))
    series = {(one.line.code, one.line.category_code): one for several in sources.series for one in several}
    blocks: list[Block] = []
    for line in found[:MOST]:
        blocks += item(line, series[line.code, line.category_code], sources)
    if len(found) > MOST:
        more = listed([lower_first(line.label) for line in found[MOST:]])
        blocks.append(Paragraph(f"{len(found) - MOST} more stand out: {more}."))
    if not found:
        blocks.append(Paragraph("Nothing stands out."))
    if month.watched:
        watched = tuple(f"{line.label}: {line.verdict.removeprefix('Watch: ')}." for line in month.watched)
        blocks += [Heading("Worth watching", "watched"), Bullets(watched)]
    blocks.append(Paragraph(" ".join(filter(None, (beside_chance(month), describe_counts(sources)))), look="quiet"))
    return Chapter("changed", TITLE, tuple(blocks), follows=True)


def describe_nothing(sources: Sources) -> str:
    """Say that nothing stands out, without a hint about withheld figures."""
    shown = len(sources.lines) - count_withheld(sources.lines)
    if not shown:
        return "None of this board’s figures can be shown."
    if not sources.own.month.read:
        return f"No figure can be judged yet. We need {LEAST_FIGURES} earlier ones to say what is usual."
    of = "of the figures that can be shown" if shown < len(sources.lines) else f"of the {shown} figures"
    return f"Nothing: {'the one figure isn’t' if shown == 1 else f'none {of} is'} far enough from what is usual."


def item(line: LineView, series: Series, sources: Sources) -> Iterator[Block]:
    yield Heading(line.label, f"out-{line.code}{'-' if line.category_code else ''}{line.category_code}")
    said: list[Block] = [Paragraph(f"{line.sentence}.", look="lead")]
    said += [Paragraph(f"{more}.") for more in line.besides]
    if not sources.is_public:
        said.append(Paragraph(describe_response(line, sources)))
    if line.state is CellState.WITHHELD:  # of its other months there is no picture either
        yield from said
    else:
        chart = draw_small(series, is_nhs=sources.order.charts is PackCharts.NHS)
        yield Abreast(tuple(said), (chart,), share=CHART, is_whole=True)


def draw_small(series: Series, *, is_nhs: bool) -> Picture:
    chart = replace(series, is_nhs=is_nhs).chart(unit=month_width(len(series.values), SMALL))
    svg, width, height = chart_picture(chart)
    return Picture(svg, width, height, alt=f"{series.line.sentence}. {chart.words}")


# --- What is being done ---------------------------------------------------------------------------


def describe_response(line: LineView, sources: Sources) -> str:
    """List the actions that aim to change it, and the open challenges about it."""
    today = timezone.localdate()
    actions = [action for action in sources.actions if action.measure and action.measure.code == line.code]
    asked = [
        challenge
        for challenge in sources.challenges
        if challenge.closed_at is None and challenge.indicator and challenge.indicator.code == line.code
    ]
    told = [
        *(describe_action(action, late=is_overdue(action, today)) for action in actions if action.completed_at is None),
        *map(describe_challenge, asked),
    ]
    if not told:
        return "Nothing is being done about it yet: no action or open challenge names it."
    return f"What is being done: {'; '.join(told)}."


def describe_action(action: Action, *, late: bool) -> str:
    when = f"{'was' if late else 'is'} due {date_label(action.due_on)}"
    return f"action {action.reference}, “{action.title}”, {when}"


def describe_challenge(challenge: Challenge) -> str:
    state = ChallengeState(challenge.state)
    said = f"answer due {date_label(challenge.due_on)}" if state in UNANSWERED else state.label.lower()
    return f"challenge {challenge.reference}, {said}"


# --- What was revised, and what is missing --------------------------------------------------------


def describe_counts(sources: Sources) -> str:
    return " ".join(counts(sources))


def counts(sources: Sources) -> Iterator[str]:
    figures = sum(len(one.figures) for one in sources.revisions)
    if figures:
        yield f"{figures} {'figure was' if figures == 1 else 'figures were'} revised: see “Revisions”."
    missing = [line for line in sources.lines if not line.is_figure]
    if missing:
        withheld, which = count_withheld(missing), f"{len(missing)} of {len(sources.lines)} figures"
        if len(sources.lines) == 1:
            which = "The one figure"
        state = "not shown to the public" if withheld == len(missing) else "missing"
        told = f", {withheld} of them not shown to the public" if 0 < withheld < len(missing) else ""
        are = "is" if len(missing) == 1 else "are"
        yield f"{which} of {sources.month.label} {are} {state}{told}: see “Missing figures, and why”."


def count_withheld(lines: Iterable[LineView]) -> int:
    return sum(line.state is CellState.WITHHELD for line in lines)
