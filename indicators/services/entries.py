"""Checks what was typed into a return or sent as a file: its figures, its errors and its questions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from boards.models import Agency
from core.calendar import Month
from core.texts import tidy_text
from indicators.figures import NOTHING_TYPED, REASONS, Entry, NotAFigure, read_figure
from indicators.imports.figures import Fault, FigureFile, FigureRow, Target
from indicators.imports.pasted import Form, PastedRow
from indicators.judgement.judge import is_far_from_first
from indicators.models import Observation, Submission
from indicators.ratios import RATIO_KINDS
from indicators.selectors.figures import WorkedOut
from indicators.selectors.returns import Box, box_name, list_boxes_by_agency
from indicators.selectors.series import (
    NO_BACKGROUND,
    NO_PAST,
    YEAR,
    Background,
    Past,
    get_backgrounds,
    read_figures_of,
    rules_of_parts,
)
from indicators.selectors.validation import ANSWER, find_place
from indicators.trend import OWED, CellState

LONGEST_NOTE = 500
MONTHS_ABOVE_0 = 6  # after this many in a row above 0, a 0 is questioned while it is too early for a usual range
ON_AVERAGE = 3  # of those months: 1 in 20 is 0 by chance alone
YEARS_AT_0 = 24  # after so many figures of 0, any case is questioned, although the usual range has room for one
FEW = 4  # figures: with fewer, it takes more to be beyond them
FORMER = 5  # times the figures counted in another way: beyond this a figure is probably a slip
BESIDE = 3  # times the most of any other category: beyond this its first figure is probably a slip


@dataclass(slots=True)
class Row:
    """What was typed in a box: a figure, or the reason for none. With an error it has neither."""

    box: Box
    note: str
    value: int | None = None
    state: str = CellState.FIGURE.value


@dataclass(slots=True)
class Checked:
    """A checked form: its `rows` in the order of its boxes, its `errors`, and `questions` about unusual figures that
    need a comment. Both are by the control that they are about: "pwits:value"."""

    rows: list[Row] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        return not self.errors and not self.questions

    def make_observations(self) -> list[Observation]:
        """Return the figures that the form would make, one for each row."""
        return [
            Observation(
                indicator=row.box.indicator, category=row.box.category, value=row.value, state=row.state, note=row.note
            )
            for row in self.rows
        ]


def check_entries(boxes: list[Box], entries: Mapping[str, Entry], background: Background = NO_BACKGROUND) -> Checked:
    """Read every row and find everything wrong or unusual in one pass."""
    checked = Checked()
    for box in boxes:
        entry = entries.get(box.name, NOTHING_TYPED)
        row = Row(box, tidy_text(entry.note))
        if len(row.note) > LONGEST_NOTE:
            checked.errors[f"{box.name}:note"] = (
                f"{box.label}: shorten the note to {LONGEST_NOTE} characters; it has {len(row.note):,}."
            )
        elif entry.reason:
            _read_reason(row, entry, checked)
        else:
            try:
                row.value = read_figure(entry.value)
            except NotAFigure as fault:
                checked.errors[f"{box.name}:value"] = f"{box.label}: {_lower_first(str(fault))}"
        checked.rows.append(row)
        _ask(checked, row, what_is_unusual(row.value, background.pasts.get(box.name, NO_PAST)))
    _ask_about_totals(checked, background.pasts)
    _check_rules(checked, boxes, background)
    _check_ratios(checked, background.worked_out)
    return checked


@dataclass(frozen=True, slots=True)
class Questioned:
    """A question that a return was sent with, and its answer: the note of the figure, or of a part if it is about a
    total."""

    question: str
    answer: str


def list_questioned(submissions: Sequence[Submission], month: Month) -> dict[int, list[Questioned]]:
    """Return what the form asked about these returns of a month, by the return's key, for whoever decides on them. A
    constant number of queries."""
    if not submissions:
        return {}
    agencies = {submission.pk: submission.agency for submission in submissions}
    boxes_of = list_boxes_by_agency(agencies.values(), month)
    backgrounds = get_backgrounds({agency: boxes_of[agency.pk] for agency in agencies.values()}, month)
    figures: dict[int, dict[str, Observation]] = {submission.pk: {} for submission in submissions}
    for figure in Observation.objects.filter(submission__in=submissions).select_related("indicator", "category"):
        if figure.submission_id is not None:
            figures[figure.submission_id][box_name(figure)] = figure
    return {
        submission: question_figures(boxes_of[agency.pk], figures[submission], backgrounds[agency.pk])
        for submission, agency in agencies.items()
    }


def question_figures(boxes: list[Box], figures: Mapping[str, Observation], background: Background) -> list[Questioned]:
    """Ask about the figures of a return as if they had no notes."""
    entries = {name: Entry("" if figure.value is None else str(figure.value)) for name, figure in figures.items()}
    questioned = []
    for control, question in check_entries(boxes, entries, background).questions.items():
        asked = figures.get(row_of(control))
        fellows = [figure for figure in figures.values() if asked and figure.indicator_id == asked.indicator_id]
        answer = (asked and asked.note) or "; ".join(figure.note for figure in fellows if figure.note)
        questioned.append(Questioned(question.removesuffix(f" {ANSWER}"), answer))
    return questioned


def list_unfinished(boxes: list[Box], entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the errors of a draft, by control, in the rows where something was typed."""
    errors = check_entries(boxes, entries).errors
    return {key: sentence for key, sentence in errors.items() if not entries.get(row_of(key), NOTHING_TYPED).is_blank}


def row_of(control: str) -> str:
    """Return "lines.london" for "lines.london:value"."""
    return control.rpartition(":")[0]


def _ask(checked: Checked, row: Row, doubt: str) -> None:
    """Ask about a figure, unless it has a note. Show one question at a time."""
    if doubt and not row.note:
        checked.questions.setdefault(f"{row.box.name}:note", f"{row.box.label}: {doubt}. {ANSWER}")


def _ask_about_totals(checked: Checked, pasts: Mapping[str, Past]) -> None:
    """Ask about a total that is unusual though none of its parts is, unless a part has a note."""
    parts: dict[str, list[Row]] = defaultdict(list)
    for row in checked.rows:
        # A breakdown adds up to a whole that was asked about itself.
        if row.box.category is not None and not row.box.indicator.breaks_down_id:
            parts[row.box.indicator.code].append(row)
    for code, rows in parts.items():
        values = [row.value for row in rows]
        if None in values or any(row.note or f"{row.box.name}:note" in checked.questions for row in rows):
            continue
        doubt = what_is_unusual(sum(filter(None, values)), pasts.get(code, NO_PAST))
        _ask(checked, rows[0], doubt and f"in all, {doubt}")


def what_is_unusual(value: int | None, past: Past) -> str:
    """Return the reason to question a figure; empty for none. Only the month itself counts here. A signal of a quarter
    or a year would raise a question every month while it lasts, and isn't a typing slip.

    It questions a figure outside its usual range, or far from the first few, if it is also well beyond the last year's:
    docs/judgement.md has how often that is. A 0 is usual where the range says so. It also questions the first case in
    years.
    """
    if value is None:
        return ""
    figures = past.known[-YEAR:]
    if not figures:
        return _what_is_far_from_former(value, past) or _what_is_far_from_beside(value, past)
    if _is_well_beyond(value, figures):
        if past.least is not None and past.most is not None:
            if not past.least <= value <= past.most:
                side = "more" if value > past.most else "fewer"
                return f"{value:,} is {side} than the usual range of {past.least:,} to {past.most:,}"
        elif is_far_from_first(value, past.comparable):
            return f"{value:,} is far from the figures so far, which are {_describe_span(figures)}"
    if value == 0 and past.least is None and _is_odd_after(past):
        return f"0 comes after {past.months_above_0} months in a row above 0"
    lately = past.known[-YEARS_AT_0:]
    if value and len(lately) == YEARS_AT_0 and not any(lately):
        return f"{value:,} is the first figure above 0 in two years or more"
    return ""


def _is_odd_after(past: Past) -> bool:
    """Return whether the last months had so many that a 0 would be odd."""
    # When no month is above 0, [-0:] would be all of them, so count from the front.
    had = past.known[len(past.known) - past.months_above_0 :]
    return len(had) >= MONTHS_ABOVE_0 and sum(had) >= ON_AVERAGE * len(had)


def _is_well_beyond(value: int, figures: Sequence[int]) -> bool:
    """Return whether a figure is over 1.5 times the most of these, or under two thirds of the fewest. With few figures:
    over twice the most, or under half the fewest."""
    most, fewest = (2, 1) if len(figures) < FEW else (3, 2)
    # Multiplied across, not divided: a figure on the very edge is then read exactly.
    return value * fewest > max(figures) * most or value * most < min(figures) * fewest


def _what_is_far_from_former(value: int, past: Past) -> str:
    """Question the first figure of a new way of counting against the figures before it."""
    former = [figure for figure in past.values if figure is not None]
    if not former or min(former) / FORMER <= value <= max(former) * FORMER:
        return ""
    return (
        f"{value:,} is far from the earlier figures, which were counted in another way and are {_describe_span(former)}"
    )


def _what_is_far_from_beside(value: int, past: Past) -> str:
    """Compare a category's first figure with those of the other categories."""
    most = max(past.beside, default=None)
    if most is None or value <= most * BESIDE or not is_far_from_first(value, [most]):
        return ""
    return f"{value:,} is far more than any of the others in the last year, when the most was {most:,}"


def _describe_span(figures: Sequence[int]) -> str:
    least, most = min(figures), max(figures)
    return f"{least:,} to {most:,}" if least != most else f"{least:,}"


def _read_reason(row: Row, entry: Entry, checked: Checked) -> None:
    box = row.box
    # A file or an altered form may send any reason.
    if entry.reason not in [reason.value for reason in REASONS]:
        checked.errors[f"{box.name}:reason"] = f"{box.label}: choose one of the listed reasons."
    elif entry.value.strip():
        checked.errors[f"{box.name}:value"] = f"{box.label}: enter a number or a reason why there is none, not both."
    elif not row.note:
        wanted = "when the figure will arrive" if entry.reason in OWED else "why there is no figure"
        checked.errors[f"{box.name}:note"] = f"{box.label}: say in the note {wanted}."
    else:
        row.state = entry.reason


def _check_rules(checked: Checked, boxes: Sequence[Box], background: Background) -> None:
    """Check the rules across the return's own figures. What is strict is an error, also in a file; what is doubtful is
    asked about."""
    rows = {row.box.name: row for row in checked.rows}
    rules = background.rules or rules_of_parts(boxes)
    figures = read_figures_of(boxes, {name: row.value for name, row in rows.items()}, background.last)
    names = {box.counts: box.name for box in boxes}
    for broken in rules.find_broken(figures):
        name, term = find_place(broken.rule, names)
        if not name:
            continue  # nothing of this month breaks it
        row, sentence = rows[name], rules.word(broken.rule, broken.left.words, broken.right.words, term)
        if not broken.rule.is_strict:
            _ask(checked, row, sentence.removesuffix("."))
        else:
            checked.errors.setdefault(f"{name}:value", f"{row.box.label}: {sentence}")


def _check_ratios(checked: Checked, worked_out: Iterable[WorkedOut]) -> None:
    """Check that cases aren't above their denominator, and that it isn't 0. A denominator from an earlier month, such
    as staff in post, may have grown since: then ask."""
    rows = {row.box.name: row for row in checked.rows}
    for ratio in worked_out:
        row = rows[ratio.numerator]
        box, cases, whole = row.box, row.value, ratio.whole
        if RATIO_KINDS[ratio.ratio.kind].is_part and whole is not None and cases is not None and cases > whole.value:
            above = f"{cases:,} is more than {whole.value:,} ({whole.words})"
            if whole.may_have_grown:
                _ask(checked, row, above)
            else:
                checked.errors.setdefault(f"{box.name}:value", f"{box.label}: {above}.")
        if cases and ratio.denominator and rows[ratio.denominator].value == 0:
            checked.errors.setdefault(
                f"{ratio.denominator}:value",
                f"{rows[ratio.denominator].box.label}: 0 can’t be right, because {box.label} is {cases:,}.",
            )


def _lower_first(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


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
    faults += _faults_on_paper(list(boxes), typed, entries, rows, faulty={fault.line for fault in faults})
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
        categories = ", ".join(
            box.category.code for box in box_of.values() if box.category and box.indicator.code == row.indicator
        )
        return (
            "category",
            f"{row.indicator} is split into categories, and “{row.category[:40]}” isn’t one of them: {categories}.",
        )
    return None


def _faults_on_paper(
    boxes: list[Box],
    typed: Mapping[str, Entry],
    entries: Mapping[str, Entry],
    rows: Mapping[str, PreviewRow],
    *,
    faulty: set[int],
) -> list[Fault]:
    """Find faults that the form itself would refuse and that the file added: a reason without a note, or parts above
    their whole. `faulty` are the lines that already have a fault."""
    # Without pasts there are no questions: the form asks those.
    before = check_entries(boxes, typed).errors
    faults = []
    for control, sentence in check_entries(boxes, entries).errors.items():
        name, _, part = control.rpartition(":")
        if before.get(control) == sentence:
            continue
        # The whole isn't in the file but its parts are: show the fault at the first part.
        # Some row has changed, or this error would not be new.
        row = rows.get(name) or next(row for row in rows.values() if row.is_changed)
        if row.line not in faulty:
            faults.append(Fault(row.line, COLUMN_OF[part], sentence))
    return faults


def _by_line(fault: Fault) -> int:
    return fault.line
