"""The words of pages for figures, movements and sections."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from core.calendar import Month, date_label
from core.files.tables import Row
from indicators.figures import PROVISIONAL
from indicators.judgement.judge import LEAST_FIGURES, Method
from indicators.judgement.promises import one_month_in
from indicators.protection.rules import Round, Withhold, parse_token
from indicators.ratios import Ratio, RatioKind, show_change, show_number
from indicators.selectors.reminders import COUNTED
from indicators.trend import NO_ARROW, NO_ARROW_SHORTLY, OWED, SYMBOLS, YEAR, CellState, Movement, NoArrowReason
from reporting.models import Snapshot, SnapshotState, VersionWithdrawal
from reporting.models.line_fields import Line
from reporting.months.presenters.shapes import REVISED, Breakdown, Completeness, LineView, MonthView

LONGEST_LIST = 4  # names
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def cell_text(
    state: CellState,
    value: int | None,
    *,
    ratio: str = "",
    owed: str = "",
    is_provisional: bool = False,
    is_revised: bool = False,
) -> str:
    """ "12 [r] [p]", "61.0%", "[x]"; for a figure that is due, `owed`, or "awaited"."""
    text = show_number(value, ratio) if value is not None else instead_of_figure(state, owed)
    if is_revised:
        text += f" {REVISED}"
    return f"{text} {PROVISIONAL}" if is_provisional and value is not None else text


def instead_of_figure(state: CellState, owed: str) -> str:
    """Raises KeyError for a state without a symbol: a figure without its value, or an unknown state."""
    return owed or state.label.lower() if state in OWED else SYMBOLS[state]


def describe_withheld(token: str) -> str:
    """Say why the public doesn't see a figure, by the token of the rule that protects it. It must not say whether the
    figure is small itself or would give a small one away: that would give it away too.
    """
    return f"not shown: {why_withheld(token)}"


def why_withheld(token: str) -> str:
    return "only the agencies see it" if isinstance(parse_token(token), Withhold) else "to protect people"


def rounded_to(token: str) -> int:
    """Return the number that a figure is rounded to a multiple of, from the same token; 0 if it is exact."""
    rule = parse_token(token) if token else None
    return rule.base if isinstance(rule, Round) else 0


def describe_polarity_reason(line: Line) -> str:
    """Say why one way is better, or neither, as the end of a sentence without its full stop."""
    return lower_first(line.polarity_reason).rstrip(".")


def describe_revised(state: str, value: int | None, why: str, ratio: str = "") -> str:
    """ "Revised, was 12: counted twice", without its full stop; empty if nothing was revised."""
    if not state:
        return ""
    was = show_number(value, ratio) if value is not None else CellState(state).label.lower()
    reason = why.strip().rstrip(".")
    return f"Revised, was {was}: {reason}" if reason else f"Revised, was {was}"


def describe_early(done: str, why: str) -> str:
    """ "Published before all returns were in or due. Why: The board meets tomorrow"; empty without a reason."""
    return f"{done} before all returns were in or due. Why: {why}" if why else ""


def describe_withdrawal(withdrawal: VersionWithdrawal) -> str:
    """ "Version 1 of October 2026 was published on 20 November 2026 at 10:00, and taken back at 10:08 by Alex: Too
    early"."""
    snapshot = withdrawal.snapshot
    assert snapshot.published_at is not None  # noqa: S101  # only what is published is taken back
    published = f"{date_label(timezone.localdate(snapshot.published_at))} at {time_label(snapshot.published_at)}"
    return (
        f"Version {snapshot.version} of {snapshot.period.month.label} was published on {published}, and taken back at "
        f"{time_label(withdrawal.withdrawn_at)} by {withdrawal.withdrawn_by}: {withdrawal.why}"
    )


def time_label(moment: datetime) -> str:
    """ "14:05", in local time."""
    return f"{timezone.localtime(moment):%H:%M}"


def describe_superseded(version: int, published_at: datetime) -> str:
    """ "superseded by version 2 on 24 November 2026"."""
    return f"superseded by version {version} on {date_label(timezone.localdate(published_at))}"


def describe_version(snapshot: Snapshot) -> str:
    """ "version 2, published on 24 November 2026"; "version 3, a draft"."""
    if snapshot.published_at is None:
        return f"version {snapshot.version}, a draft"
    return f"version {snapshot.version}, published on {date_label(timezone.localdate(snapshot.published_at))}"


def describe_movement(
    movement: Movement, change: int | None, reason: str, *, month: Month, owner: str, ratio: str = ""
) -> str:
    """ "Up 3 since September", or why there is no arrow."""
    before = month.previous.name
    if movement is Movement.NONE:
        return "No arrow: " + NO_ARROW[NoArrowReason(reason)].format(before=before, owner=owner)
    moved = f"{movement.label} {show_change(change, ratio)}" if change else movement.label
    return f"{moved} {'with' if movement is Movement.LEVEL else 'since'} {before}"


def describe_no_arrow_shortly(reason: str, month: Month) -> str:
    """ "No September figure", for the width of a tile; the reason in full is on the indicator's page."""
    return NO_ARROW_SHORTLY[NoArrowReason(reason)].format(before=month.previous.name)


def describe_movement_shortly(movement: Movement, change: int | None, ratio: str = "") -> str:
    """ "Up 3", "Up 2.3 points"."""
    return f"{movement.label} {show_change(change, ratio, shortly=True)}" if change else movement.label


def section_sentence(wholes: Sequence[LineView], breakdowns: Sequence[Breakdown]) -> str:
    """Summarise a section: "Drug arrests rose to 12. …"."""
    clauses = []
    if breakdowns and wholes and wholes[0].is_figure and wholes[0].dimension_code:
        clauses.append(parts_clause(wholes[0], breakdowns[0]))
    for movement, one, many in (
        (Movement.UP, "rose to", "rose"),
        (Movement.DOWN, "fell to", "fell"),
        (Movement.LEVEL, "stayed at", "stayed level"),
    ):
        moved = [line for line in wholes if line.movement is movement]
        if len(moved) == 1:
            clauses.append(f"{moved[0].title} {one} {moved[0].text}.")
        elif moved:
            clauses.append(f"{listed([named(line) for line in moved])} {many}.")
    without = [line for line in wholes if line.is_figure and not line.has_arrow]
    if without:
        clauses.append(f"There is no arrow for {lower_first(listed([named(line) for line in without]))}.")
    awaited = [line.title for line in wholes if line.state.is_owed]
    if awaited:
        clauses.append(f"Awaited: {lower_first(listed([awaited[0], *map(lower_first, awaited[1:])]))}.")
    withheld = [line.title for line in wholes if line.state is CellState.WITHHELD]
    if withheld:
        clauses.append(f"Not shown: {lower_first(listed(withheld))}.")
    counted_states = (CellState.FIGURE, CellState.WITHHELD, *OWED)
    clauses += [f"{line.title}: {line.state.label.lower()}." for line in wholes if line.state not in counted_states]
    return " ".join(clauses)


def count_out(view: MonthView) -> tuple[int, int, int]:
    """Return how many figures the month shows, how many of them stand out, and how many of their parts. What is counted
    is the same as in "All 16 figures in", so that a chair has one number to repeat."""
    shown = [line for line in view.wholes if line.state is not CellState.WITHHELD]
    parts = sum(bool(line.category_code) for line in view.changed)
    return len(shown), len(view.changed) - parts, parts


def describe_found(view: MonthView) -> str:
    """ "What stands out: 2 of 16 figures"; "Nothing stands out in 16 figures". Pages and packs repeat it word for
    word.
    """
    figures, out, parts = count_out(view)
    if not figures and view.lines:
        return "None of the figures can be shown"
    if not view.read:
        early = "No figure for this month can be judged yet"
        return early if is_early(view) else "Chance plays no part in these figures"
    if figures == 1:
        of_parts = f", {'and' if out else 'but'} {parts} of its parts {'does' if parts == 1 else 'do'}" if parts else ""
        return f"The one figure {'stands out' if out else 'doesn’t stand out'}{of_parts}"
    if not view.changed:
        return f"Nothing stands out in {figures:,} figures"
    of_parts = f", {parts:,} of their parts" if parts else ""
    return f"What stands out: {out:,} of {figures:,} figures{of_parts}"


def is_early(view: MonthView) -> bool:
    """Return whether figures are missing to judge something by."""
    return any(line.method != Method.CENSUS for line in view.lines if line.state is not CellState.WITHHELD)


def describe_unjudged(view: MonthView) -> str:
    """ "We can’t judge 1 of the 16: interviews (fewer than 12 earlier figures). Chance plays no part in 2 of the 16:
    staff in post and trained." Empty if all are judged, or none is, and under older rules.
    """
    if view.is_older or not view.read:
        return ""
    unjudged = [line for line in view.wholes if line.state is not CellState.WITHHELD and not line.is_judged]
    counted = [line.title for line in unjudged if line.method == Method.CENSUS]
    reasons: dict[str, list[str]] = {}
    for line in unjudged:
        if line.method != Method.CENSUS:
            reasons.setdefault(why_unjudged(line.kept), []).append(line.title)
    of = f"of the {count_out(view)[0]:,}"
    sentences = []
    if reasons:
        named = "; ".join(f"{lower_first(listed(titles))} ({why})" for why, titles in reasons.items())
        sentences.append(f"We can’t judge {len(unjudged) - len(counted):,} {of}: {named}.")
    if counted:
        sentences.append(f"Chance plays no part in {len(counted):,} {of}: {lower_first(listed(counted))}.")
    return " ".join(sentences)


def why_unjudged(line: Line) -> str:
    """Say why there is no usual range to judge a whole by: "awaited", "fewer than 12 earlier figures"."""
    if line.value is None:
        return CellState(line.state).label.lower()
    if line.method == Method.WITHHELD:
        return describe_unread(line)
    if line.method == Method.AVERAGE:
        return RatioKind(line.ratio).named
    if line.no_arrow_reason == NoArrowReason.HELD:
        return NO_ARROW[NoArrowReason.HELD]
    return f"fewer than {LEAST_FIGURES} earlier figures"


def describe_unread(line: Line) -> str:
    """Say why the public gets no usual range."""
    return "its figures are rounded" if rounded_to(line.protected_by) else "some earlier months are not shown"


def describe_chance(view: MonthView) -> str:
    """Say what chance alone would do, or why we don't say it; empty if no figure can be shown, and of a draft that
    awaits some."""
    if view.is_older:  # chance met those rules differently
        return (
            "This month was published under the rules used until November 2026. It still shows the results "
            "from that time."
        )
    if not view.read:
        return f"We need {LEAST_FIGURES} earlier figures to say what is usual." if is_early(view) else ""
    if view.state == SnapshotState.DRAFT and any(line.state in OWED for line in view.wholes):
        return ""  # it would be of the few figures that are in
    return f"By chance alone, something stands out {describe_often(view.read)}."


def describe_often(lines: int) -> str:
    """Say how often chance alone makes one of this many figures stand out: "about once in 3 years"."""
    months = one_month_in(lines)
    if (years := round(months / YEAR)) > 1:
        return f"about once in {years:,} years"
    return f"about once in {months} months"


MOST_NAMED = 2  # agencies in a line


def number(count: int) -> str:
    """ "no", "three", "35", to stand before what is counted."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


def named(line: LineView) -> str:
    return f"{line.title} ({line.text})"


def parts_clause(whole: LineView, breakdown: Breakdown) -> str:
    """ "21 lines: Birmingham 10, Merseyside 6, Manchester 4, London 1.", largest first."""
    cells = [(row.category, row.cells[0]) for row in breakdown.rows]
    parts = [(name, cell.value, cell.text) for name, cell in cells if cell is not None and cell.value]
    ranked = sorted(parts, key=lambda part: -part[1])
    if not ranked:
        return f"{whole.text} {whole.unit}."
    others = "; others are not shown" if any(cell and cell.state is CellState.WITHHELD for _, cell in cells) else ""
    return f"{whole.text} {whole.unit}: {', '.join(f'{name} {text}' for name, _, text in ranked)}{others}."


def describe_parts(breakdown: Breakdown) -> str:
    """ "Young people 5, up 1; Adults 7, up 2": each name as it is, because it may be a place."""
    words = []
    for row in breakdown.rows:
        cell = row.cells[0]
        if cell is not None:
            moved = f", {lower_first(cell.short_words)}" if cell.has_arrow else ""
            words.append(f"{row.category} {cell.short_text}{moved}")
    return "; ".join(words)


def listed(names: Sequence[str], *, are_proper: bool = False) -> str:
    """ "A, b and c": names after the first start with a small letter, except abbreviations; or as they are, if they
    `are_proper` names. A long list has the first three and how many others.
    """
    if len(names) > LONGEST_LIST:
        names = [*names[:3], f"{len(names) - 3} others"]
    head, *tail = names if are_proper else [names[0], *map(lower_first, names[1:])]
    return f"{', '.join([head, *tail[:-1]])} and {tail[-1]}" if tail else head


def describe_columns(wholes: Sequence[LineView]) -> str:
    """Name the columns of a table: "Lines into the town and groups running lines"."""
    return " and ".join(whole.title if place == 0 else lower_first(whole.title) for place, whole in enumerate(wholes))


def lower_first(words: str) -> str:
    """Start with a small letter, unless the first word is an abbreviation: NRM, A&E, PWITS."""
    first = words.split(" ", 1)[0]
    return words if sum(letter.isupper() for letter in first) > 1 else words[:1].lower() + words[1:]


def upper_first(words: str) -> str:
    return words[:1].upper() + words[1:]


def count_completeness(lines: Iterable[LineView]) -> Completeness:
    wholes = [line for line in lines if not line.category_code]
    # Any withheld figure means that this is for the public.
    if any(line.state is CellState.WITHHELD for line in wholes):
        return completeness_for_the_public(wholes)
    waiting = list(dict.fromkeys(line.owner for line in wholes if line.state.is_owed))
    received = sum(not line.state.is_owed for line in wholes)
    if not wholes:
        sentence = "No indicators are set up for this month"
    elif not waiting:
        sentence = f"All {len(wholes)} figures in" if len(wholes) != 1 else "The one figure is in"
    else:
        names = f"{', '.join(waiting[:-1])} and {waiting[-1]}" if len(waiting) > 1 else waiting[0]
        sentence = f"{received} of {len(wholes)} figures in; awaited from {names}"
    is_long = len(waiting) > MOST_NAMED
    short = (
        f"{received} of {len(wholes)} figures in; awaited from {number(len(waiting))} agencies" if is_long else sentence
    )
    return Completeness(received, len(wholes), sentence, short)


def completeness_for_the_public(wholes: Sequence[LineView]) -> Completeness:
    """ "11 figures shown, 5 not shown, 1 awaited from NHS". It doesn't say whether a withheld figure has arrived."""
    disclosed = [line for line in wholes if line.state is not CellState.WITHHELD]
    shown = sum(line.is_figure for line in disclosed)
    parts = [f"{shown} {'figure' if shown == 1 else 'figures'} shown", f"{len(wholes) - len(disclosed)} not shown"]
    for state in CellState:
        if state is CellState.FIGURE or state.is_owed:
            continue
        count = sum(line.state is state for line in disclosed)
        parts += [f"{count} {state.label.lower()}"] if count else []
    waiting = Counter(line.owner for line in disclosed if line.state.is_owed)
    if waiting:
        parts += [f"{count} awaited from {owner}" for owner, count in waiting.items()]
    return Completeness(len(disclosed) - waiting.total(), len(disclosed), ", ".join(parts), ", ".join(parts))


def describe_timeliness(counted: Mapping[str, int], month: Month) -> str:
    """ "Returns in the twelve months to October 2026: 78 on time, 4 late, 2 missing", from a snapshot."""
    if not any(counted.values()):
        return ""
    numbers = ", ".join(f"{counted.get(kind.value, 0):,} {kind.label.lower()}" for kind in COUNTED)
    return f"Returns in the twelve months to {month.label}: {numbers}"


RATIO_COLUMNS = ("ratio", "per", "numerator", "denominator", "range_lower", "range_upper")


def exact_value(line: Line, value: int | None, numerator: int | None, denominator: int | None) -> float | None:
    """Return a ratio before rounding; a count as it is."""
    # A denominator of 0 makes no ratio.
    if not line.ratio or value is None or numerator is None or not denominator:
        return value
    return Ratio(RatioKind(line.ratio), line.per).exact(numerator, denominator)


def ratio_columns(line: Line, value: int | None, numerator: int | None, denominator: int | None) -> Row:
    """Return a ratio's columns; empty for a count. They have the two counts even if those make no ratio."""
    if not line.ratio:
        return dict.fromkeys(RATIO_COLUMNS)
    interval = None
    if value is not None and numerator is not None and denominator:
        interval = Ratio(RatioKind(line.ratio), line.per).range(numerator, denominator)
    return {
        "ratio": line.ratio,
        "per": line.per,
        "numerator": numerator,
        "denominator": denominator,
        "range_lower": interval.lower if interval else None,
        "range_upper": interval.upper if interval else None,
    }


def list_counts(line: Line) -> Iterable[tuple[int | None, int | None]]:
    """Return the two counts of each month of a ratio; None for a count, and where no month has them."""
    if not line.ratio or not line.numerators:
        return [(None, None)] * len(line.history)
    return zip(line.numerators, line.denominators, strict=True)
