"""What does a month say to one audience? Every figure passes the disclosure gate here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from boards.models import Board, PartnershipArea, ReportingPeriod
from core.months import Month, short_date_label
from indicators.charts.sparkline import NO_SPARKLINE, Sparkline, sparkline
from indicators.disclosure import Audience, Disclosed, disclose
from indicators.judgement.tokens import Judgement
from indicators.ratios import ShownOn
from indicators.signals import Method
from indicators.trend import CellState, Movement, Polarity
from reporting.charts.origins import Place
from reporting.models import Snapshot, SnapshotState
from reporting.models.line_fields import Line, line_key
from reporting.months.presenters import older_rules
from reporting.months.presenters.maps import make_map
from reporting.months.presenters.past_months import looks_of_signals, usual_bands
from reporting.months.presenters.sentences import (
    describe_ratio_parts,
    describe_year,
    is_older,
    look,
    sentence,
    short_verdict,
    verdict,
)
from reporting.months.presenters.shapes import BoardView, Breakdown, BreakdownRow, LineView, MonthView, SectionView
from reporting.months.presenters.words import (
    cell_text,
    count_completeness,
    describe_columns,
    describe_movement,
    describe_movement_shortly,
    describe_parts,
    describe_revised,
    describe_superseded,
    describe_timeliness,
    describe_withheld,
    rounded_to,
    section_sentence,
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
    views = tuple(line_view(line, month, period.due_on) for line in disclose(kept, audience=audience))
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
    own = sorted(of_board, key=lambda line: line.boards[board.code])
    sections = (section_view("own", "Our indicators", own, view.place),) if own else ()
    return BoardView(
        code=board.code,
        name=board.name,
        short_name=board.short_name,
        formerly=board.formerly,
        basis=board.basis,
        responsibilities=tuple(responsibilities),
        month=replace(view, lines=tuple(own), sections=sections, completeness=count_completeness(own)),
    )


def line_view(disclosed: Disclosed[Line], month: Month, due_on: date) -> LineView:
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
    judged = verdict(line)
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
        signal=signal,
        tier=tier,
        judgement=judgement,
        look=look(line),
        verdict=judged,
        short_verdict=short_verdict(line, judged),
        tell=partial(sentence, line, words=words, text=text),
        year_words=describe_year(line.year_change, month, ratio),
        made_of=describe_ratio_parts(line) if ratio else "",
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
