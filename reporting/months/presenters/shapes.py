"""A month once it is text: plain data, which pages, packs and exports only show."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter

from django.utils import timezone

from core.calendar import Month, date_label
from indicators.charts import Sparkline
from indicators.disclosure import Audience
from indicators.figures import PROVISIONAL
from indicators.judgement.judge import OLDER_METHODS, Judgement, Tier
from indicators.trend import SYMBOLS, CellState, Movement, Polarity
from reporting.charts.lines_map import LinesMap, Place
from reporting.models.line_fields import Line, list_names
from reporting.months.selectors import KpiMark

SHORT_BREAKDOWN = 2  # categories
REVISED = "[r]"
KEY = (
    *((symbol, state.shown.means) for state, symbol in SYMBOLS.items()),
    (PROVISIONAL, "provisional: may still change"),
    (REVISED, "revised: differs from the version before"),
)


def find_marks(text: str) -> tuple[str, str]:
    """Return the marks of a text, two at most: "[x]", "12 [p]", "12 [r] [p]"."""
    # Each mark has three characters.
    return text[-3:], text[-7:-4]


@dataclass(frozen=True, slots=True)
class LineView(Line):
    """A line as text: all that the line `kept` says, and how. `code` and `category_code` name it. `value` is the count,
    None unless `state` is a figure. `text` is what a page shows in its place.
    """

    kept: Line = field(repr=False)
    unit: str
    polarity: Polarity
    state: CellState
    text: str
    note: str
    previous_text: str
    movement: Movement
    words: str
    short_words: str  # without the month, for a table that names it
    no_arrow: str  # in three words, why a figure has no arrow; empty if it has one
    draw: Callable[[], Sparkline] = field(repr=False, compare=False)  # drawn only where it is shown
    signal: str  # one of today's tokens, whatever rules it was published under; empty if nothing is judged
    tier: str  # likewise
    judgement: str  # likewise
    look: str  # the class of the tag that shows the judgement
    verdict: str  # the judgement with its basis, the same wherever the series is judged
    tell: Callable[..., str] = field(repr=False, compare=False)  # made only when it is read
    year_words: str
    parts: str = ""  # its categories as text, if they are too few for a table
    made_of: str = ""  # for a ratio: the two counts behind it
    flows: tuple[str, ...] = ()  # for a stock: what came and what went, "7 found"
    corrected: str = ""  # for a stock: by how much it changed otherwise
    uncovered: str = ""  # how many of it are in none of its parts, as far as is known
    leaning: str = ""  # which of its categories are on the side on which it stands out
    revised: str = ""  # what it was in the version before, and why it changed
    is_public: bool = False  # for a public edition: its note then says why a figure is withheld
    rounded_to: int = 0  # 5 if it is the nearest multiple of 5; 0 if it is exact

    @property
    def code(self) -> str:
        return self.kept.indicator_code

    @property
    def category(self) -> str:
        return self.kept.category_name

    @property
    def owner(self) -> str:
        return self.kept.owner_name

    @property
    def dimension(self) -> str:
        return self.kept.dimension_name

    @property
    def previous(self) -> int | None:
        return self.kept.previous_value

    @property
    def is_figure(self) -> bool:
        return self.value is not None

    @property
    def sentence(self) -> str:
        """Return the line as one sentence, without its full stop."""
        return self.tell()

    @property
    def short_sentence(self) -> str:
        """Return the same without the judgement, for use beside it."""
        return self.tell(is_judged=False)

    @property
    def sparkline(self) -> Sparkline:
        """Return the months of a whole as a small chart; an empty chart for a category."""
        return self.draw()

    @property
    def name(self) -> str:
        """Return the label for a tile: at most 34 characters for indicators set up since November 2026."""
        return self.short_title or self.title

    @property
    def short_label(self) -> str:
        """Return the same; a category also names its whole."""
        return f"{self.name}, {self.category}" if self.category_code else self.name

    @property
    def has_signal(self) -> bool:
        """Return whether the month stands out from chance."""
        return self.tier == Tier.STANDS_OUT

    @property
    def is_watched(self) -> bool:
        return self.tier == Tier.WATCH

    @property
    def is_judged(self) -> bool:
        """Return whether there is a usual range to judge this month by."""
        return self.lower is not None and self.judgement not in ("", Judgement.TOO_EARLY)

    @property
    def is_alarm(self) -> bool:
        """Return whether it stands out for the worse."""
        return self.has_signal and self.judgement == Judgement.WORSE

    @property
    def number(self) -> str:
        """Return the figure without the marks that `text` has, or what replaces it."""
        return self.text if self.value is None else self.show(self.value)

    @property
    def has_arrow(self) -> bool:
        return self.movement is not Movement.NONE

    @property
    def short_text(self) -> str:
        """Return the text for a narrow column."""
        if self.state.is_owed:
            label = self.state.label.lower()
            return f"{label} {REVISED}" if self.revised else label
        return self.text

    @property
    def explained(self) -> str:
        """Return its movement, or why there is no figure."""
        return self.words if self.is_figure else self.note or self.text

    @property
    def besides(self) -> tuple[str, ...]:
        """Return what is said besides its movement and verdict: sentences without their full stops."""
        return tuple(filter(None, (self.made_of, self.corrected, self.revised)))


# Anything else comes straight from the line.
for _name in {*list_names(Line), "protected_by"} - vars(LineView).keys():
    setattr(LineView, _name, property(attrgetter(f"kept.{_name}")))


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One category, with a line for each column of its table (None if that indicator doesn't have it)."""

    category: str
    cells: tuple[LineView | None, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A section's indicators that are split in the same way, side by side."""

    dimension: str
    caption: str
    wholes: tuple[LineView, ...]
    rows: tuple[BreakdownRow, ...]
    map: LinesMap | None = None  # where the rows are places

    @property
    def is_short(self) -> bool:
        """Return whether a short text says as much as a table."""
        return self.map is None and len(self.wholes) == 1 and len(self.rows) <= SHORT_BREAKDOWN


@dataclass(frozen=True, slots=True)
class SectionView:
    code: str
    title: str
    sentence: str
    lines: tuple[LineView, ...]  # the wholes
    breakdowns: tuple[Breakdown, ...]

    @property
    def width(self) -> int:
        """Return how many of the page's four columns it uses."""
        return min(4, len(self.lines))


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many of the month's figures have arrived, and whose are awaited. `short` says it in a line, where each tile
    names its agency."""

    received: int
    expected: int
    sentence: str
    short: str

    @property
    def is_whole(self) -> bool:
        return self.received == self.expected


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month of an area, for one audience: everything that a rendering shows. `lines` are those of its page. `every`
    also has those that only boards' pages, ratios and files show.
    """

    area_slug: str
    area: str
    month: Month
    audience: Audience
    marking: str
    version: int
    state: str  # draft or published
    taken_at: datetime
    due_on: date
    lines: tuple[LineView, ...]
    every: tuple[LineView, ...]
    sections: tuple[SectionView, ...]
    completeness: Completeness
    timeliness: str = ""  # a sentence on how the returns of twelve months came; empty if none was counted
    place: Place | None = None  # of the area, if known
    superseded: str = ""  # by which version, and when; empty for the newest published version
    is_public: bool = False  # whether anybody can read it
    kpis: tuple[KpiMark, ...] = ()  # for a file for partners, by number

    @property
    def taken_on(self) -> str:
        return date_label(timezone.localdate(self.taken_at))

    @property
    def position(self) -> str:
        return f"Figures as at {self.taken_on}"

    @property
    def wholes(self) -> tuple[LineView, ...]:
        return tuple(line for line in self.lines if not line.category_code)

    @property
    def changed(self) -> tuple[LineView, ...]:
        """Return the lines that stand out this month."""
        return tuple(line for line in self.lines if line.has_signal)

    @property
    def watched(self) -> tuple[LineView, ...]:
        return tuple(line for line in self.lines if line.is_watched)

    @property
    def is_older(self) -> bool:
        """Return whether it was published under the rules until November 2026."""
        return any(line.method in OLDER_METHODS for line in self.lines)

    @property
    def read(self) -> int:
        """Return how many of the lines are judged this month."""
        return sum(line.is_judged for line in self.lines)

    @property
    def revised(self) -> tuple[LineView, ...]:
        """Return the lines whose figure differs from the version before, of all lines."""
        return tuple(line for line in self.every if line.revised)

    @property
    def provisional(self) -> tuple[LineView, ...]:
        """Return the lines whose figure may still change, of all lines."""
        return tuple(line for line in self.every if line.is_provisional)

    @property
    def indicators(self) -> tuple[LineView, ...]:
        """Return the whole of each indicator, of all lines."""
        return tuple(line for line in self.every if not line.category_code)

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """Return the shorthand that this month uses."""
        texts = [text for line in self.lines for text in (line.text, line.previous_text)]
        used = {mark for text in texts for mark in find_marks(text)}
        return tuple(entry for entry in KEY if entry[0] in used)


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board's own part of a month: its indicators, in its own order, and its responsibilities."""

    code: str
    name: str
    short_name: str
    formerly: str
    basis: str
    responsibilities: tuple[str, ...]
    month: MonthView
