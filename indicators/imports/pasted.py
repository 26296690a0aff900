"""Reads a block that somebody copied from a spreadsheet into a return. Pure.

A row is matched by its names: question, title or code, and the category where there is one. Its columns can be in any
order, with or without a header. A block without names is a column, which goes down the table from a box. Nothing is
saved here: the caller first shows what would change.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.calendar import Month
from indicators.figures import NOTHING_TYPED, Entry, NotAFigure, read_figure, shorten
from indicators.imports.figures import (
    A_LETTER,
    LONGEST_NOTE,
    REASON_OF,
    Names,
    Target,
    is_figure,
    is_head,
    is_month,
    looks_like_figure,
    name_head,
    read_lines,
    tidy,
)
from indicators.trend import CellState

LONGEST_PASTE = 1_000_000  # characters
MOST_ROWS, MOST_COLUMNS = 2_000, 100
LONGEST_LABEL = 80
OTHER_COLUMNS = frozenset({"agency", "indicator", "category", "month", "state", "note", "area", "question"})


class PasteRefused(ValueError):
    """Raised for a block that can't be read as figures of this return. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class PastedRow:
    """A row with an entry. `name` is its box's, empty where it matched none. `label` is the block's name for it.
    `fault` is a sentence that says why it is left out."""

    line: int
    label: str
    name: str = ""
    value: str = ""
    reason: str = ""
    note: str = ""
    fault: str = ""

    def put_into(self, entry: Entry) -> Entry:
        """Return the entry with the row's values. Where the row is blank, the entry keeps its own."""
        if self.reason:
            entry = replace(entry, value="", reason=self.reason)
        elif self.value:
            entry = replace(entry, value=self.value, reason="")
        return replace(entry, note=self.note) if self.note else entry

    @property
    def entry(self) -> Entry:
        return self.put_into(NOTHING_TYPED)


@dataclass(frozen=True, slots=True)
class Form:
    """What a block is pasted into: the boxes of a return in order, its month, and the possible names of its area and
    agency."""

    targets: Sequence[Target]
    month: Month
    area: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()


def read_block(text: str, form: Form, *, start: str = "") -> list[PastedRow]:
    """List the rows of a copied block that have an entry. `start` is the control ("pwits:value") where a column without
    names starts.

    Raises PasteRefused.
    """
    if not text.strip():
        raise PasteRefused("Nothing was pasted. Copy the table in your spreadsheet, then paste it into the box.")
    if len(text) > LONGEST_PASTE:
        raise PasteRefused(
            f"You pasted {len(text):,} characters, but the limit is {LONGEST_PASTE:,}. "
            "Nothing changed. Copy only the rows of the table."
        )
    lines = list(read_lines(text))
    if len(lines) > MOST_ROWS or max(map(len, lines)) > MOST_COLUMNS:
        raise PasteRefused(
            f"You can paste at most {MOST_ROWS:,} rows of {MOST_COLUMNS} columns. "
            "Nothing changed. Copy only the rows of the table."
        )
    names = Names(form.targets)
    matches = [[names.find(cell) for cell in line] for line in lines]
    if any(map(any, matches)):
        return _Table(lines, matches, names, form).read()
    if _is_column(lines):
        return _go_down(lines, form, start=start)
    raise PasteRefused(
        "Nothing that you pasted has the name of a figure in this return. Nothing changed. "
        "Name the rows as the form does, or copy only the column of figures."
    )


# --- A column without names -------------------------------------------------------------------------


def _is_column(lines: Iterable[Sequence[str]]) -> bool:
    """Return whether the first cells are figures, or there is only one column."""
    first = [line[0] for line in lines if line[0]]
    return any(map(looks_like_figure, first)) or all(len(line) == 1 for line in lines)


def _go_down(lines: Sequence[list[str]], form: Form, *, start: str) -> list[PastedRow]:
    offset = 0
    if len(lines) > 1 and is_head(lines[0][0]):
        _check_month(lines[0][0], form.month)
        offset = 1
    box, _, control = start.rpartition(":")
    first = next((place for place, target in enumerate(form.targets) if target.name == box), 0)
    rows, left = lines[offset:], form.targets[first:]
    if len(rows) > len(left):
        where = "from this box down the table has only" if first else "the table has only"
        raise PasteRefused(
            f"You pasted {len(rows)} rows, but {where} {len(left)}. "
            "Nothing changed. Copy only the rows of the table, or include the name of each row."
        )
    return [
        _read_down(line, cells, target.name, is_note=control == "note")
        for line, (target, cells) in enumerate(zip(left, rows, strict=False), start=offset + 1)
        if any(cells)
    ]


def _read_down(line: int, cells: Sequence[str], name: str, *, is_note: bool) -> PastedRow:
    value = reason = note = ""
    for place, cell in enumerate(cells):
        if cell.lower() in REASON_OF:
            value, reason = "", REASON_OF[cell.lower()]
        elif cell and place == 0 and not is_note:
            value = cell
        elif cell:
            note = cell
    return _held(PastedRow(line, "", name, value, reason, note))


# --- A table, whose rows are called something -------------------------------------------------------


class _Table:
    """A copied table: the meaning of each column, then the content of each row."""

    def __init__(self, lines: list[list[str]], matches: list[list[set[str]]], names: Names, form: Form) -> None:
        self.lines, self.matches, self.names, self.form = lines, matches, names, form
        self.heads = self._find_heads()
        self.names_of_columns = self._name_columns()
        self.labels = {
            place for row in matches for place, boxes in enumerate(row) if boxes and self._head(place) != "note"
        }
        self.value = self._find_value()

    def read(self) -> list[PastedRow]:
        rows, under = [], set[str]()
        for at, cells in enumerate(self.lines):
            if not any(cells) or at in self.heads:
                continue
            boxes, sentence = self._match(at, under)
            row = self._read_row(at, boxes, sentence)
            question = next((boxes for place, boxes in self._named(at) if self.names.is_question(cells[place])), None)
            # A column with an unknown heading has unknown content.
            is_under = boxes <= under and (boxes or row)
            under = question or (under if is_under else set())
            if row is not None:
                rows.append(row)
        return _without_twice(rows)

    def _find_heads(self) -> dict[int, list[str]]:
        """List the rows above the first row with a name, if they have no figure: a title, a header."""
        # There is one: `read_block` found a name.
        first = next(at for at, row in enumerate(self.matches) if any(row))
        return {
            at: [cell.lower() for cell in self.lines[at]]
            for at in range(first)
            if not any(is_figure(cell) for cell in self.lines[at]) or any(map(is_head, self.lines[at]))
        }

    def _name_columns(self) -> dict[int, str]:
        """Return the header of each column that has one: one of a file's names, or the header unchanged."""
        heads = {place: cell for cells in self.heads.values() for place, cell in enumerate(cells) if cell}
        return {place: name_head(cell) for place, cell in heads.items()}

    def _head(self, place: int) -> str:
        return self.names_of_columns.get(place, "")

    def _find_value(self) -> int | None:
        """Return the column of figures. Raises PasteRefused where there are two and nothing says which one it is."""
        seen = Counter[int]()
        for at, cells in enumerate(self.lines):
            if at not in self.heads:
                seen.update(place for place, cell in enumerate(cells) if place not in self.labels and cell)
        free = [place for place in sorted(seen) if self._head(place) not in OTHER_COLUMNS]
        figures = [
            place
            for place in free
            if any(
                place < len(cells) and looks_like_figure(cells[place])
                for at, cells in enumerate(self.lines)
                if at not in self.heads
            )
        ]
        called = [place for place in figures if self._head(place) == "value"]
        ours = [place for place in figures if self._is_ours(place)]
        # A header wins over the month's name, and that over there being one column of numbers.
        for chosen in (called, ours, figures):
            if len(chosen) == 1:
                _check_month(self._head(chosen[0]), self.form.month)
                return chosen[0]
        if figures:
            raise PasteRefused(
                f"{len(figures)} columns have numbers, and we can’t tell which is for {self.form.month.label}. "
                "Nothing changed. Copy only the names and one column of figures."
            )
        return free[0] if free else None

    def _is_ours(self, place: int) -> bool:
        return is_month(self._head(place), self.form.month) is True

    def _named(self, at: int) -> Iterator[tuple[int, set[str]]]:
        """Return the cells of a row that may mean boxes."""
        return ((place, boxes) for place, boxes in enumerate(self.matches[at]) if boxes and place in self.labels)

    def _match(self, at: int, under: set[str]) -> tuple[set[str], str]:
        """Return the box that a row names, alone in its set; or several or none, with the reason."""
        named = [boxes for _, boxes in self._named(at)]
        label = f"“{shorten(self._label(at), LONGEST_LABEL)}”"
        if not named:
            return set(), f"{label} isn’t a figure in this return."
        boxes = set.intersection(*named)
        if not boxes:
            return set(), f"{label} names more than one figure. Put each figure in its own row."
        if len(boxes) > 1 and boxes & under and not boxes <= under:
            boxes = boxes & under
        is_question = any(self.names.is_question(cell) for cell in self.lines[at])
        if is_question and len(boxes) > 1 and len(self._labels(at)) > len(named):
            return boxes, f"{label} isn’t a category that this return asks for."
        if is_question and len(boxes) > 1:
            return boxes, f"{label} is split into categories. Name the category of this figure."
        if len(boxes) > 1:
            return boxes, f"{label} appears under more than one question. Paste the question too."
        return boxes, ""

    def _labels(self, at: int) -> list[str]:
        cells = self.lines[at]
        return [cells[place] for place in sorted(self.labels) if place < len(cells) and cells[place]]

    def _label(self, at: int) -> str:
        words = (cell for cell in self.lines[at] if A_LETTER.search(cell))
        return ", ".join(self._labels(at)) or next(words, f"Row {at + 1}")

    def _read_row(self, at: int, boxes: set[str], sentence: str) -> PastedRow | None:
        """Read a row; None for one without an entry, such as the heading of a group."""
        cells = self.lines[at]
        value = "" if self.value is None else _cell(cells, self.value)
        reason = REASON_OF.get(value.lower(), "")
        note = ""
        for place, cell in enumerate(cells):
            if not cell or place == self.value or place in self.labels:
                continue
            head = self._head(place)
            if head in ("", "state") and cell.lower() in REASON_OF:
                reason = REASON_OF[cell.lower()]
            elif (head in ("state", "note") and cell.lower() != CellState.FIGURE) or self._is_beside(place):
                note = cell
        if not (value or reason or note):
            astray = next((cell for place, cell in enumerate(cells) if place in self.labels and is_figure(cell)), "")
            fault = f"“{shorten(astray)}” isn’t in the same column as the other figures."
            return PastedRow(at + 1, self._label(at), value=astray, fault=fault) if astray else None
        name = next(iter(boxes)) if len(boxes) == 1 and not sentence else ""
        is_reason = value.lower() in REASON_OF
        row = PastedRow(at + 1, self._label(at), name, "" if is_reason else value, reason, note, sentence)
        return row if sentence else self._of_this_return(_held(row), cells)

    def _is_beside(self, place: int) -> bool:
        """Return whether a column is to the right of the figures and has no header of another kind."""
        return self.value is not None and place == self.value + 1 and not self._head(place)

    def _of_this_return(self, row: PastedRow, cells: Sequence[str]) -> PastedRow:
        """Return the row, with a fault if it is for another month, area or agency."""
        form = self.form
        said = {self._head(place): cell for place, cell in enumerate(cells) if cell}
        # None means that it names no month.
        if is_month(said.get("month", ""), form.month) is False:
            return replace(
                row, fault=f"This return is for {form.month.label}, but the row says {shorten(said['month'])}."
            )
        for column, names in (("area", form.area), ("agency", form.agency)):
            if column in said and tidy(said[column]) not in map(tidy, names):
                return replace(row, fault=f"This row is for another {column}, {shorten(said[column])}.")
        return row


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _without_twice(rows: Sequence[PastedRow]) -> list[PastedRow]:
    """Add a fault to each row of a figure that appears twice: neither is used."""
    lines: dict[str, list[int]] = {}
    for row in rows:
        if row.name:
            lines.setdefault(row.name, []).append(row.line)
    return [
        replace(row, fault=f"This figure appears twice, in rows {lines[row.name][0]} and {lines[row.name][-1]}.")
        if len(lines.get(row.name, ())) > 1
        else row
        for row in rows
    ]


# --- Both -------------------------------------------------------------------------------------------


def _held(row: PastedRow) -> PastedRow:
    """Return the row with its fault, if any."""
    if len(row.note) > LONGEST_NOTE:
        return replace(row, fault=f"Shorten the note to {LONGEST_NOTE} characters; it has {len(row.note):,}.")
    if not row.value:
        return row
    if row.reason:
        return replace(row, fault="Enter a number or a reason why there is none, not both.")
    try:
        read_figure(row.value)
    except NotAFigure as fault:
        return replace(row, fault=str(fault))
    return row


def _check_month(head: str, month: Month) -> None:
    if is_month(head, month) is False:
        raise PasteRefused(
            f"The figures are headed “{shorten(head)}”, but this return is for {month.label}. Nothing changed."
        )
