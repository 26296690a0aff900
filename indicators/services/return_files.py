"""What would a sent file or a pasted block change in a return, and which faults does it have? Nothing is saved here."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from boards.models import Agency
from core.months import Month
from indicators.entries import Entry
from indicators.imports.cells import Target
from indicators.imports.figures import Fault, FigureFile, FigureRow
from indicators.imports.pasted import Form, PastedRow
from indicators.selectors.returns import Box
from indicators.services.entries import check_entries
from indicators.trend import CellState

COLUMN_OF = {"value": "value", "reason": "state", "note": "note"}  # of the form → of the file
LONGEST_LABEL = 80  # characters of a file's name for a row
FEWEST_ROWS, ROWS_A_BOX = 500, 10  # allowed in a file for any return; and for each of its boxes


def most_rows_for(boxes: Sequence[Box]) -> int:
    """Return how many rows a return's file may have: more than anybody needs, but quick to read."""
    return max(FEWEST_ROWS, ROWS_A_BOX * len(boxes))


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault: its place in the file ("Row 9, Figure (E9)"), and a sentence."""

    line: int
    place: str
    sentence: str


@dataclass(slots=True)
class PreviewRow:
    """A row of the file, with the form's present entry. A row without a box in the form is a stranger."""

    line: int
    label: str
    now: Entry
    new: Entry
    problems: list[Problem] = field(default_factory=list)
    is_stranger: bool = False

    @property
    def is_changed(self) -> bool:
        return self.now != self.new and not self.problems


@dataclass(frozen=True, slots=True)
class Preview:
    """A file's content: its rows in order, and every fault by line. `entries` is what the return would hold: the file's
    entries, and the form's own where those are blank. If it `takes_the_rest`, faulty rows are left out and the others
    can be saved."""

    rows: list[PreviewRow]
    problems: list[Problem]
    entries: dict[str, Entry]
    takes_the_rest: bool = False

    @property
    def changed(self) -> list[PreviewRow]:
        return [row for row in self.rows if row.is_changed]

    @property
    def can_be_saved(self) -> bool:
        return bool(self.changed) and (self.takes_the_rest or not self.problems)


def make_preview(
    agency: Agency, month: Month, boxes: Sequence[Box], typed: Mapping[str, Entry], file: FigureFile
) -> Preview:
    """Compare a file with a return. `typed` has the form's entries, by the box's name."""
    box_of = {box.name: box for box in boxes}
    faults = list(file.faults)
    rows: dict[str, PreviewRow] = {}
    strangers: list[PreviewRow] = []
    entries = dict(typed)
    for row in file.rows:
        box = box_of.get(row.name)
        sentence = _stranger(row, agency, month, box_of)
        if sentence is not None:
            faults.append(Fault(row.line, *sentence))
        if sentence is not None or box is None:
            label = box.label if box else row.name[:LONGEST_LABEL]
            strangers.append(PreviewRow(row.line, label, Entry(), make_entry(row), is_stranger=box is None))
            continue
        now = typed.get(box.name, Entry())
        new = now if row.is_blank else make_entry(row)
        rows.setdefault(box.name, PreviewRow(row.line, box.label, now, new))
        entries[box.name] = new
    faults += _faults_on_paper(list(boxes), typed, entries, rows, told={fault.line for fault in faults})
    problems = list_problems(file, faults)
    shown = sorted([*rows.values(), *strangers], key=lambda row: row.line)
    give_problems(shown, problems)
    return Preview(shown, problems, entries)


type Whose = tuple[str, str]  # an area's code, and an agency's


def split_file(file: FigureFile, mine: Collection[Whose]) -> tuple[dict[Whose, FigureFile], FigureFile]:
    """Split a file of several returns by the owner of each row, and return the rows that belong to none of them or
    can't be told apart.

    A row without an area belongs to the one return here with its agency. Never show whether an area exists in which
    the person enters nothing.
    """
    parts = {whose: FigureFile(columns=file.columns) for whose in mine}
    others, part_of = FigureFile(columns=file.columns), dict[int, FigureFile]()
    for row in file.rows:
        named = [whose for whose in mine if whose[1] == row.agency and row.area in (whose[0], "")]
        part = parts[named[0]] if len(named) == 1 else others
        part.rows.append(row)
        part_of[row.line] = part
        if len(named) > 1:
            others.faults.append(Fault(row.line, "area", "Enter this row’s area in the area column."))
        elif not named:
            whose = f"“{row.agency[:40]}” in “{row.area[:40]}”" if row.area else f"“{row.agency[:40]}”"
            others.faults.append(
                Fault(row.line, "area", f"You don’t enter a return for {whose}, so this row is left out.")
            )
    for fault in file.faults:
        part = part_of.get(fault.line, others)
        # A row that is left out says so above. Its other faults don't matter here.
        if part is not others or fault.line not in part_of:
            part.faults.append(fault)
    return parts, others


def list_left_out(others: FigureFile) -> tuple[list[PreviewRow], list[Problem]]:
    """Return the rows for no return here, with the faults of these rows and of the file."""
    problems = list_problems(others, others.faults)
    rows = [
        PreviewRow(row.line, row.name[:LONGEST_LABEL], Entry(), make_entry(row), is_stranger=True)
        for row in others.rows
    ]
    give_problems(rows, problems)
    return rows, problems


def list_problems(file: FigureFile, faults: Sequence[Fault]) -> list[Problem]:
    return [Problem(fault.line, file.place(fault), fault.sentence) for fault in sorted(faults, key=_by_line)]


def give_problems(rows: Sequence[PreviewRow], problems: Sequence[Problem]) -> None:
    """Put the problems beside the rows of their lines."""
    by_line: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_line[problem.line].append(problem)
    for row in rows:
        row.problems = by_line.get(row.line, [])


def describe_form(agency: Agency, month: Month, boxes: Sequence[Box]) -> Form:
    """Return what a block is pasted into, with all names that a table may use."""
    targets = [
        Target(
            box.name,
            (box.indicator.code, box.indicator.title, box.indicator.question),
            (box.category.code, box.category.name) if box.category else (),
        )
        for box in boxes
    ]
    return Form(targets, month, (agency.area.slug, agency.area.name), (agency.code, agency.name))


def preview_block(boxes: Sequence[Box], typed: Mapping[str, Entry], pasted: Sequence[PastedRow]) -> Preview:
    """Compare a pasted block with a return. A row with a fault is reported and left out."""
    labels = {box.name: box.label for box in boxes}
    entries, rows = dict(typed), []
    for row in pasted:
        now = typed.get(row.name, Entry())
        label = labels.get(row.name) or row.label[:LONGEST_LABEL]
        new = row.put_into(now) if row.name else row.entry
        problems = [Problem(row.line, f"Row {row.line}", row.fault)] if row.fault else []
        rows.append(PreviewRow(row.line, label, now, new, problems, is_stranger=row.name not in labels))
        if row.name and not row.fault:
            entries[row.name] = new
    return Preview(rows, [problem for row in rows for problem in row.problems], entries, takes_the_rest=True)


def make_entry(row: FigureRow) -> Entry:
    """Return the entry as if somebody had typed the row into the form."""
    return Entry(row.value, "" if row.state == CellState.FIGURE else row.state, row.note)


def _stranger(row: FigureRow, agency: Agency, month: Month, box_of: Mapping[str, Box]) -> tuple[str, str] | None:
    """Return why a row isn't for this return: the column that shows it, and a sentence."""
    if row.area and row.area != agency.area.slug:
        return "area", f"This row is for another area, {row.area[:40]}. Use the template for this return."
    if row.agency and row.agency != agency.code:
        return "agency", f"This row is for another agency, {row.agency[:40]}. Use the template for this return."
    if row.month != str(month):
        return "month", f"This return is for {month.label}, but the row says {row.month[:20] or 'no month'}."
    if row.name not in box_of:
        codes = {box.indicator.code: box.category is not None for box in box_of.values()}
        if row.indicator not in codes:
            return "indicator", f"“{row.indicator[:40]}” isn’t a figure in this return."
        if not codes[row.indicator]:
            return "category", f"{row.indicator} isn’t split into categories. Leave this empty."
        known = ", ".join(
            box.category.code for box in box_of.values() if box.category and box.indicator.code == row.indicator
        )
        return (
            "category",
            f"{row.indicator} is split into categories, and “{row.category[:40]}” isn’t one of them: {known}.",
        )
    return None


def _faults_on_paper(
    boxes: list[Box],
    typed: Mapping[str, Entry],
    entries: Mapping[str, Entry],
    rows: Mapping[str, PreviewRow],
    *,
    told: set[int],
) -> list[Fault]:
    """Find faults that the form itself would refuse and that the file added: a reason without a note, or parts above
    their whole. `told` are the lines that already have a fault."""
    # Without pasts there are no questions: the form asks those.
    before = check_entries(boxes, typed, pasts={}).errors
    faults = []
    for control, sentence in check_entries(boxes, entries, pasts={}).errors.items():
        name, _, part = control.rpartition(":")
        if before.get(control) == sentence:
            continue
        # The whole isn't in the file but its parts are: show the fault at the first part.
        # Some row has changed, or this error would not be new.
        row = rows.get(name) or next(row for row in rows.values() if row.is_changed)
        if row.line not in told:
            faults.append(Fault(row.line, COLUMN_OF[part], sentence))
    return faults


def _by_line(fault: Fault) -> int:
    return fault.line
