"""A month as one audience may see it. Every figure passes the disclosure gate here."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from actions.presenters.plan import Underway
from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.permissions import Access
from boards.rules import Role
from boards.todo import Task
from core.calendar import Month, date_label, describe_days_left, short_date_label
from core.pages import link_to
from indicators.charts import NO_SPARKLINE, Sparkline, sparkline
from indicators.disclosure import Audience, Disclosed, disclose
from indicators.judgement.judge import Counted, Judgement, Method, Signal
from indicators.ratios import RATIO_KINDS, ShownOn
from indicators.trend import CellState, Movement, Polarity
from reporting.charts.lines_map import LinesMap, Origin, Place, is_on_map, lines_map
from reporting.charts.pictures import Code, draw_code
from reporting.models import Snapshot, SnapshotState
from reporting.models.line_fields import Line, line_key
from reporting.models.snapshots import MOST_WORDS
from reporting.months.presenters import older_rules
from reporting.months.presenters.past_months import find_window, looks_of_signals, usual_bands
from reporting.months.presenters.sentences import (
    describe_corrected,
    describe_flows,
    describe_leaning,
    describe_ratio_parts,
    describe_uncovered,
    describe_year,
    is_older,
    level_sentences,
    look,
    sentence,
    short_verdict,
    signal_on_tile,
    verdict,
)
from reporting.months.presenters.shapes import BoardView, Breakdown, BreakdownRow, LineView, MonthView, SectionView
from reporting.months.presenters.words import (
    cell_text,
    count_completeness,
    describe_chance,
    describe_columns,
    describe_found,
    describe_movement,
    describe_movement_shortly,
    describe_no_arrow_shortly,
    describe_parts,
    describe_revised,
    describe_superseded,
    describe_timeliness,
    describe_unjudged,
    describe_withheld,
    listed,
    lower_first,
    rounded_to,
    section_sentence,
    upper_first,
)
from reporting.months.selectors import Words, list_without_commentary

MOST = 6  # lines that stand out; the others are on their tiles


@dataclass(frozen=True, slots=True)
class StandOut:
    """A line that stands out: its sentence, and what is being done about it. The note that came with its figure is on
    its page."""

    line: LineView
    sentence: str
    underway: Underway | None = None
    ask_url: str = ""  # where this reader asks about it; empty if they may not


@dataclass(frozen=True, slots=True)
class Glance:
    """`title` says how many figures stand out of how many, `unjudged` which can't be judged, and `chance` what chance
    alone would do. `stand_outs` has six at most, and `others` counts the rest. `besides` names what is worth watching
    and what is at a new level.
    """

    title: str
    unjudged: str
    chance: str
    stand_outs: tuple[StandOut, ...]
    others: int
    besides: str


def make_glance(view: MonthView, underway: Mapping[str, Underway], *, ask_url: str = "") -> Glance:
    """`underway` is by the indicator's code. `ask_url` is where somebody asks about the month; the code is added to
    it.
    """
    changed = sorted(view.changed, key=lambda line: not line.is_alarm)  # each kind stays in the order of the page
    return Glance(
        describe_found(view),
        describe_unjudged(view),
        describe_chance(view),
        tuple(
            StandOut(
                line,
                short_verdict(line.kept, line.verdict, view.month),
                underway.get(line.code),
                f"{ask_url}&indicator={line.code}" if ask_url else "",
            )
            for line in changed[:MOST]
        ),
        max(0, len(changed) - MOST),
        " ".join(describe_besides(view)),
    )


def describe_besides(view: MonthView) -> Iterator[str]:
    if view.watched:
        yield f"Worth watching: {listed([describe_watched(line) for line in view.watched])}."
    for line in view.wholes:
        if not line.has_signal and (sentences := level_sentences(line.kept)):
            words = lower_first(sentences[0])
            yield f"{line.name}: {words}." if line.is_back else f"A new level: {line.name}, {words}."


def describe_watched(line: LineView) -> str:
    """ "NRM referrals (lower than usual)"."""
    if line.counts_as == Counted.DEATHS:
        return f"{line.short_label} ({lower_first(line.verdict)})"
    return f"{line.short_label} ({'higher' if line.signal == Signal.HIGH else 'lower'} than usual)"


def describe_tile(line: LineView) -> Iterator[tuple[str, str]]:
    """Yield the texts under a tile's number, without full stops, each with its CSS class; none if the number and its
    arrow say it all.
    """
    if line.has_signal:
        is_told = line.counts_as == Counted.DEATHS
        yield line.look, line.verdict if is_told else signal_on_tile(line.kept, line.judgement, line.signal)
    if not line.is_figure:
        if line.state.is_owed:
            yield "", f"From {line.owner}"
        if line.note:
            yield "", line.note
    elif not line.has_arrow:
        yield "", line.no_arrow
    if line.flows:
        yield "", ", ".join(line.flows)
    if line.is_provisional and line.is_figure:
        yield "", "Provisional: may still change"
    for words in line.besides:
        has_unit = line.ratio and RATIO_KINDS[line.ratio].names_unit and words == line.made_of
        yield "", f"{upper_first(line.unit)}: {words}" if has_unit else words


def read_tile(line: LineView) -> str:
    """Return a tile as one sentence, for people who hear it: "Drug arrests, 12, up 3 since September, as usual". It has
    no symbol: "[x]" is "not available"."""
    number = line.state.label.lower() if line.value is None else line.number
    moved = lower_first(line.words) if line.has_arrow else line.no_arrow
    if line.has_arrow and line.flows:
        moved += f": {', '.join(line.flows)}"
    words = [lower_first(words) if look else words for look, words in describe_tile(line) if words not in moved]
    is_usual = line.is_judged and line.judgement == Judgement.USUAL and not line.is_watched
    return ", ".join(filter(None, [line.name, number, moved, "as usual" if is_usual else "", *words]))


@dataclass(frozen=True, slots=True)
class CommentaryView:
    """`signed`: by whom, in which role and when. `about` says what it was written for, if that isn't what it appears
    beside.
    """

    paragraphs: tuple[str, ...]
    signed: str
    about: str = ""


def make_commentary(words: Words, *, version: int, board_code: str = "") -> CommentaryView:
    """Return a commentary as it appears beside a version of the month, on a board's page or the month's."""
    about = []
    if board_code and words.board_id is None:
        about.append("for all boards")
    if words.version != version:
        about.append(f"for version {words.version}")
    return CommentaryView(
        paragraphs=split_paragraphs(words.text),
        signed=f"{words.written_by}, {Role(words.signed_as).label.lower()}, "
        f"{date_label(timezone.localdate(words.written_at))}",
        about=f"Written {' and '.join(about)}" if about else "",
    )


def split_paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def count_words(text: str) -> int:
    return len(text.split())


def describe_length(text: str) -> str:
    """ "120 of 300 words"."""
    return f"{count_words(text)} of {MOST_WORDS} words"


MOST_NAMED = 6  # months


def describe_due(period: ReportingPeriod, *, today: date) -> str:
    """ "Returns are due on 14 December 2026: 12 working days left."."""
    verb = "are" if today <= period.due_on else "were"
    return f"Returns {verb} due on {date_label(period.due_on)}: {describe_days_left(today, period.due_on)}."


def describe_readers(readers: int, boards: Sequence[str]) -> str:
    """ "31 people with a role here can read it at once, and it appears on the pages of CSP and SAB."."""
    people = "1 person" if readers == 1 else f"{readers:,} people"
    pages = f", and it appears on the pages of {listed(boards, are_proper=True)}" if boards else ""
    return f"{people} with a role here can read it at once{pages}."


def describe_together(months: Sequence[Month]) -> str:
    """Name the months that were published together: many by the first, the last and their number. Empty for a month
    published alone.
    """
    if len(months) > MOST_NAMED:
        return f"{len(months)} months, {months[0].label} to {months[-1].label}"
    return ", ".join(month.label for month in months) if len(months) > 1 else ""


def commentary_tasks(access: Access, periods: Collection[ReportingPeriod]) -> list[Task]:
    """Return, for the analyst, the months that can be published and have no commentary. One query, or none."""
    if not access.is_any(Role.ANALYST):
        return []
    return [
        Task(
            name=f"Write the commentary on {period.month.label}",
            url=link_to("reporting:commentary", access.area.slug, period.month),
            hint="The month is closed. Once it is published, you can’t change its commentary.",
            status="open",
            status_label="To write",
            due_on=period.due_on,
        )
        for period in list_without_commentary(periods)
    ]


def make_map(breakdown: Breakdown, place: Place | None, *, most: int = 0) -> LinesMap | None:
    """Return the map of the first indicator whose categories have coordinates; None if none has, or if the area isn't
    on a map of Great Britain. `most` is the greatest count of the maps to compare it with. The map uses the cells,
    which have passed the disclosure gate, so it doesn't have withheld figures.
    """
    if place is None or not is_on_map(place.longitude, place.latitude):
        return None
    for column, whole in enumerate(breakdown.wholes):
        cells = [cell for row in breakdown.rows if (cell := row.cells[column]) is not None]
        if any(is_on_map(cell.longitude, cell.latitude) for cell in cells):
            return lines_map(place, [make_origin(cell) for cell in cells], what=whole.title, most=most)
    return None


def make_origin(cell: LineView) -> Origin:
    return Origin(
        code=cell.category_code,
        name=cell.category,
        count=cell.value if cell.state is CellState.FIGURE else None,
        text=cell.state.label.lower() if cell.state is CellState.WITHHELD else cell.short_text,
        movement=cell.movement.value,
        words=cell.short_words if cell.has_arrow else "",
        longitude=cell.longitude,
        latitude=cell.latitude,
    )


# By their codes: looked up several times a line.
STATES = {state.value: state for state in CellState}
MOVEMENTS = {movement.value: movement for movement in Movement}
POLARITIES = {polarity.value: polarity for polarity in Polarity}


class Version(Protocol):
    """What pages say about the version of the lines. A Snapshot has it."""

    @property
    def version(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def taken_at(self) -> datetime: ...
    @property
    def timeliness(self) -> Any: ...


def month_view(
    snapshot: Version,
    kept: Iterable[Line],
    *,
    area: PartnershipArea,
    period: ReportingPeriod,
    audience: Audience,
    marking: str,
    successor: Snapshot | None = None,
    is_public: bool = False,
) -> MonthView:
    """Return the month as this audience may see it. `successor` is the published version that replaced this one. Raises
    AudienceRefused if the gate shows that audience nothing.
    """
    month = period.month
    disclosed = disclose(kept, audience=audience)
    beside = group_beside(disclosed)
    views = tuple(
        line_view(line, month, period.due_on, beside=beside.get(line.line.indicator_code, ())) for line in disclosed
    )
    lines = tuple(line for line in views if line.shown_on == ShownOn.MONTH)
    place = find_place(area)
    # For the public, an edition without consent is a draft, whatever partners see.
    public_state = SnapshotState.PUBLISHED if is_public else SnapshotState.DRAFT
    return MonthView(
        area_slug=area.slug,
        area=area.name,
        month=month,
        audience=audience,
        marking=marking,
        version=snapshot.version,
        state=snapshot.state if audience is Audience.PARTNERS else public_state.value,
        taken_at=snapshot.taken_at,
        due_on=period.due_on,
        lines=lines,
        every=views,
        sections=tuple(make_sections(lines, place)),
        completeness=count_completeness(lines),
        # Only partners see how agencies' returns came.
        timeliness=describe_timeliness(snapshot.timeliness, month) if audience is Audience.PARTNERS else "",
        place=place,
        superseded=superseded_by(successor),
        is_public=is_public,
    )


def superseded_by(successor: Snapshot | None) -> str:
    if successor is None or successor.published_at is None:
        return ""
    return describe_superseded(successor.version, successor.published_at)


def board_view(view: MonthView, board: Board, responsibilities: Sequence[str]) -> BoardView:
    """Return a board's own indicators out of the whole month, in the board's order and in one section."""
    of_board = [line for line in view.every if board.code in line.boards and line.shown_on != ShownOn.RATIOS]
    of_own_board = sorted(of_board, key=lambda line: line.boards[board.code])
    sections = (section_view("own", "Our indicators", of_own_board, view.place),) if of_own_board else ()
    return BoardView(
        code=board.code,
        name=board.name,
        short_name=board.short_name,
        formerly=board.formerly,
        basis=board.basis,
        responsibilities=tuple(responsibilities),
        month=replace(
            view, lines=tuple(of_own_board), sections=sections, completeness=count_completeness(of_own_board)
        ),
    )


def group_beside(lines: Iterable[Disclosed[Line]]) -> Mapping[str, list[Disclosed[Line]]]:
    """Return what comes to each stock and what goes, the parts of each count, both as wholes, and its categories, by
    its code."""
    beside: dict[str, list[Disclosed[Line]]] = defaultdict(list)
    for one in lines:
        of = {one.line.indicator_code} if one.line.category_code else {one.line.flow_of, one.line.part_of_code} - {""}
        for code in of:
            beside[code].append(one)
    return beside


def line_view(
    disclosed: Disclosed[Line], month: Month, due_on: date, *, beside: Iterable[Disclosed[Line]] = ()
) -> LineView:
    """`beside`: what comes to it and what goes, if it is a stock that these are counted of, its parts and its
    categories."""
    line = disclosed.line
    state, movement = STATES[line.state], MOVEMENTS[line.movement]
    owed = state.shown.waits.format(owner=line.owner_name, due=short_date_label(due_on)) if state.is_owed else ""
    ratio = line.ratio
    words = describe_movement(
        movement, line.change, line.no_arrow_reason, month=month, owner=line.owner_name, ratio=ratio
    )
    revised = (
        describe_revised(line.revised_state, line.revised_value, line.revised_why, ratio) if line.revised_state else ""
    )
    text = cell_text(
        state, line.value, ratio=ratio, owed=owed, is_provisional=line.is_provisional, is_revised=bool(revised)
    )
    signal, tier, judgement = tokens(line)
    judged = verdict(line, month)
    categories = [one.line for one in beside if one.line.category_code]
    of_stock = [one.line for one in beside if one.line.flow_of and not one.line.category_code]
    parts = [one.line for one in beside if one.line.part_of_code and not one.line.category_code]
    came_and_went = describe_flows(line, of_stock)
    return LineView(
        kept=line,
        unit=line.unit_one if line.value == 1 else line.unit_many,
        polarity=POLARITIES[line.polarity],
        state=state,
        text=text,
        # The note of a withheld figure might say what it was.
        note=describe_withheld(line.protected_by) if state is CellState.WITHHELD and line.protected_by else line.note,
        previous_text=cell_text(
            STATES[line.previous_state],
            line.previous_value,
            ratio=ratio,
            owed=STATES[line.previous_state].shown.waited,
            is_revised=bool(line.is_previous_revised),
        )
        if line.previous_state
        else "no figure",
        movement=movement,
        words=words,
        short_words=describe_movement_shortly(movement, line.change, ratio) if line.value is not None else "",
        no_arrow=describe_no_arrow_shortly(line.no_arrow_reason, month)
        if line.value is not None and movement is Movement.NONE
        else "",
        signal=signal,
        tier=tier,
        judgement=judgement,
        look=look(line),
        verdict=judged,
        tell=partial(sentence, line, words=words, text=text, verdict=judged, flows=came_and_went),
        year_words=describe_year(line.year_change, month, ratio),
        made_of=describe_ratio_parts(line) if ratio else "",
        flows=came_and_went,
        corrected=describe_corrected(of_stock) if came_and_went else "",
        uncovered=describe_uncovered(line, parts),
        leaning="" if line.category_code else describe_leaning(line, categories),
        revised=revised,
        is_public=bool(line.protected_by),
        rounded_to=rounded_to(line.protected_by) if line.protected_by and line.value is not None else 0,
        # Drawn only if a page asks for it.
        draw=partial(draw_sparkline, line, month),
    )


def view_lines(lines: Iterable[Disclosed[Line]], month: Month, due_on: date) -> dict[tuple[str, str], LineView]:
    """Return lines in their order, each by what it is a line of."""
    return {line_key(line.line): line_view(line, month, due_on) for line in lines}


def draw_sparkline(line: Line, month: Month) -> Sparkline:
    """Return a whole's sparkline. A withheld figure has no picture of its other months either."""
    if line.category_code or line.state == CellState.WITHHELD:
        return NO_SPARKLINE
    return sparkline(
        line.history,
        breaks_before=month - Month.of(line.definition_from) + 1,
        usual=usual_bands(line),
        looks=looks_of_signals(line, POLARITIES[line.polarity]),
        window=find_window(line),
        show=line.show,
    )


def tokens(line: Line) -> tuple[str, str, str]:
    """Return a line's signal, tier and judgement as files and filters have them, whatever rules it was published
    under.
    """
    if line.value is None:
        return "", "", ""
    if is_older(line) and line.signal:
        return *older_rules.signal_and_tier(line.signal), older_rules.judgement(line.judgement)
    too_early = Judgement.TOO_EARLY.value if line.method == Method.TOO_EARLY else ""
    return line.signal, line.tier, line.judgement or too_early


def find_place(area: PartnershipArea) -> Place | None:
    if area.longitude is None or area.latitude is None:
        return None
    return Place(area.name, area.longitude, area.latitude)


def make_sections(lines: Sequence[LineView], place: Place | None) -> Iterator[SectionView]:
    """Group the lines by section. They must be in the order of the page, each section's together."""
    for code, group in groupby(lines, key=lambda line: line.section_code):
        members = list(group)
        yield section_view(code, members[0].section_title, members, place)


def section_view(code: str, title: str, lines: Sequence[LineView], place: Place | None) -> SectionView:
    breakdowns = tuple(replace(table, map=make_map(table, place)) for table in make_breakdowns(lines))
    sentence = section_sentence([line for line in lines if not line.category_code], breakdowns)
    in_words = {table.wholes[0].code: describe_parts(table) for table in breakdowns if table.is_short}
    return SectionView(
        code=code,
        title=title,
        sentence=sentence,
        lines=tuple(
            replace(line, parts=in_words[line.code]) if line.code in in_words else line
            for line in lines
            if not line.category_code
        ),
        breakdowns=tuple(table for table in breakdowns if not table.is_short),
    )


def make_breakdowns(lines: Sequence[LineView]) -> Iterator[Breakdown]:
    """Return a table for each way in which a section's indicators are split."""
    for dimension in dict.fromkeys(line.dimension_code for line in lines if line.dimension_code):
        split = [line for line in lines if line.dimension_code == dimension]
        wholes = tuple(line for line in split if not line.category_code)
        names = {line.category_code: line.category for line in split if line.category_code}
        cells = {(line.code, line.category_code): line for line in split}
        yield Breakdown(
            dimension=wholes[0].dimension if wholes else split[0].dimension,
            caption=describe_columns(wholes),
            wholes=wholes,
            rows=tuple(
                BreakdownRow(name, tuple(cells.get((whole.code, code)) for whole in wholes))
                for code, name in names.items()
            ),
        )


def indicator_code(area: str, month: Month, indicator: str) -> Code:
    """Return the address on paper or on a big screen of an indicator in a month. Whoever follows it signs in first."""
    return draw_code(f"{settings.SITE_URL}{reverse('reporting:indicator-short', args=[area, indicator, month])}")
