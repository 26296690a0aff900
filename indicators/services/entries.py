"""Checks what was typed into a return: its figures, its errors and its questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.texts import tidy_text
from indicators.entries import NOTHING_TYPED, REASONS, Entry
from indicators.figures import NotAFigure, read_figure
from indicators.judgement.judge import is_far_from_first
from indicators.models import Indicator, Observation
from indicators.ratios import RATIO_KINDS
from indicators.selectors.elsewhere import Shared
from indicators.selectors.returns import Box
from indicators.selectors.series import NO_PAST, YEAR, Past
from indicators.selectors.worked_out import WorkedOut
from indicators.trend import OWED, CellState

LONGEST_NOTE = 500
MONTHS_ABOVE_0 = 6  # after this many in a row above 0, a 0 is questioned while it is too early for a usual range
ON_AVERAGE = 3  # of those months: 1 in 20 is 0 by chance alone
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


def check_entries(
    boxes: list[Box],
    entries: Mapping[str, Entry],
    *,
    pasts: Mapping[str, Past],
    worked_out: Iterable[WorkedOut] = (),
    shared: Iterable[Shared] = (),
) -> Checked:
    """Read every row and find everything wrong or unusual in one pass.

    `pasts` are the boxes' last months (indicators.selectors.series), by name. `worked_out` are the ratios of its
    figures. `shared` are the wholes that others count with this return.
    """
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
        _ask(checked, row, what_is_unusual(row.value, pasts.get(box.name, NO_PAST)))
    _check_parts(checked, boxes)
    _check_ratios(checked, worked_out)
    _check_shared(checked, shared)
    return checked


def list_unfinished(boxes: list[Box], entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the errors of a draft, by control, in the rows where something was typed."""
    errors = check_entries(boxes, entries, pasts={}).errors
    return {key: sentence for key, sentence in errors.items() if not entries.get(row_of(key), NOTHING_TYPED).is_blank}


def row_of(control: str) -> str:
    """Return "lines.london" for "lines.london:value"."""
    return control.rpartition(":")[0]


def _ask(checked: Checked, row: Row, doubt: str) -> None:
    """Ask about a figure, unless it has a note. Show one question at a time."""
    if doubt and not row.note:
        checked.questions.setdefault(
            f"{row.box.name}:note", f"{row.box.label}: {doubt}. Correct it or, if it is right, say why in the note."
        )


def what_is_unusual(value: int | None, past: Past) -> str:
    """Return the reason to question a figure; empty for none. Only the month itself counts here. A signal of a quarter
    or a year would raise a question every month while it lasts, and isn't a typing slip.

    It questions a figure outside its usual range, or far from the first few, if it is also well beyond the last year's:
    docs/judgement.md has how often that is. A 0 is usual where the range says so.
    """
    if value is None:
        return ""
    known = past.known[-YEAR:]
    if not known:
        return _what_is_far_from_former(value, past) or _what_is_far_from_beside(value, past)
    if _is_well_beyond(value, known):
        if past.least is not None and past.most is not None:
            if not past.least <= value <= past.most:
                side = "more" if value > past.most else "fewer"
                return f"{value:,} is {side} than the usual range of {past.least:,} to {past.most:,}"
        elif is_far_from_first(value, past.comparable):
            return f"{value:,} is far from the figures so far, {_describe_span(known)}"
    if value == 0 and past.least is None and _is_odd_after(past):
        return f"0 comes after {past.months_above_0} months in a row above 0"
    return ""


def _is_odd_after(past: Past) -> bool:
    """Return whether the last months had so many that a 0 would be odd."""
    # When no month is above 0, [-0:] would be all of them, so count from the front.
    had = past.known[len(past.known) - past.months_above_0 :]
    return len(had) >= MONTHS_ABOVE_0 and sum(had) >= ON_AVERAGE * len(had)


def _is_well_beyond(value: int, known: Sequence[int]) -> bool:
    """Return whether a figure is over 1.5 times the most of these, or under two thirds of the fewest. With few figures:
    over twice the most, or under half the fewest."""
    most, fewest = (2, 1) if len(known) < FEW else (3, 2)
    # Multiplied across, not divided: a figure on the very edge is then read exactly.
    return value * fewest > max(known) * most or value * most < min(known) * fewest


def _what_is_far_from_former(value: int, past: Past) -> str:
    """Question the first figure of a new way of counting against the figures before it."""
    former = [each for each in past.values if each is not None]
    if not former or min(former) / FORMER <= value <= max(former) * FORMER:
        return ""
    return f"{value:,} is far from the figures before it was counted in this way, {_describe_span(former)}"


def _what_is_far_from_beside(value: int, past: Past) -> str:
    """Compare a category's first figure with those of the other categories."""
    most = max(past.beside, default=None)
    if most is None or value <= most * BESIDE or not is_far_from_first(value, [most]):
        return ""
    return f"{value:,} is far more than the others had in the last year, {most:,} at most"


def _describe_span(known: Sequence[int]) -> str:
    least, most = min(known), max(known)
    return f"which are {least:,} to {most:,}" if least != most else f"which are {least:,}"


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


def _check_parts(checked: Checked, boxes: list[Box]) -> None:
    """Check that the parts of a whole don't add up to more than it."""
    totals: dict[str, int] = {}
    for row in checked.rows:
        if row.value is not None:
            # A split indicator has one row for each category.
            code = row.box.indicator.code
            totals[code] = totals.get(code, 0) + row.value
    parts_of: dict[int | None, dict[str, str]] = {}
    for box in boxes:
        parts_of.setdefault(box.indicator.part_of_id, {})[box.indicator.code] = box.indicator.title
    for whole in {box.indicator.code: box for box in boxes}.values():
        parts = parts_of.get(whole.indicator.pk, {})
        together = sum(totals.get(code, 0) for code in parts)
        if parts and whole.indicator.code in totals and together > totals[whole.indicator.code]:
            checked.errors.setdefault(
                f"{whole.name}:value",
                f"{whole.indicator.title}: its parts ({', '.join(parts.values())}) add up to {together:,}, "
                f"which is more than the {totals[whole.indicator.code]:,} entered here.",
            )


def _check_ratios(checked: Checked, worked_out: Iterable[WorkedOut]) -> None:
    """Check that cases aren't above their denominator, and that it isn't 0. A denominator from an earlier month, such
    as staff in post, may have grown since: then ask."""
    rows = {row.box.name: row for row in checked.rows}
    for each in worked_out:
        row = rows[each.numerator]
        box, cases, held = row.box, row.value, each.held
        if RATIO_KINDS[each.ratio.kind].is_part and held is not None and cases is not None and cases > held.value:
            above = f"{cases:,} is more than {held.value:,} ({held.words})"
            if held.may_have_grown:
                _ask(checked, row, above)
            else:
                checked.errors.setdefault(f"{box.name}:value", f"{box.label}: {above}.")
        if cases and each.denominator and rows[each.denominator].value == 0:
            checked.errors.setdefault(
                f"{each.denominator}:value",
                f"{rows[each.denominator].box.label}: 0 can’t be right, because {box.label} is {cases:,}.",
            )


def _check_shared(checked: Checked, shared: Iterable[Shared]) -> None:
    """Ask if a part is above a whole that somebody else counts, or a whole is below others' parts: either may be wrong.
    Never show their number: this agency may not read it before the month is published."""
    rows = {row.box.name: row for row in checked.rows}
    for each in shared:
        in_whole = [rows[name].value for name in each.whole_boxes]
        parts = [(value, name) for name in each.part_boxes if (value := rows[name].value)]
        own = sum(value for value, _ in parts)
        whole = sum(filter(None, in_whole)) if each.held_whole is None else each.held_whole
        # A whole without a figure is unknown: nothing is above it.
        if None in in_whole or own + each.held_parts <= whole:
            continue
        if each.held_whole is None:
            name = each.whole_boxes[0]
            doubt = (
                f"{whole:,} is less than its parts together, including those that others count: {_name(each.others)}"
            )
        elif parts:
            _, name = max(parts)
            beside = f", with {_name(each.others)}," if each.others else ""
            doubt = (
                f"{own:,}{beside} is more than the whole of {each.whole.title}, which {each.whole.owner.name} counts"
            )
        else:
            continue
        if f"{name}:value" not in checked.errors:
            _ask(checked, rows[name], doubt)


def _name(indicators: Iterable[Indicator]) -> str:
    return ", ".join(f"{each.title} ({each.owner.name})" for each in indicators)


def _lower_first(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
