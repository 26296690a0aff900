"""Which errors and questions would a return have if one of its figures were corrected?"""

from dataclasses import replace

from core.texts import tidy_text
from indicators.entries import Entry
from indicators.models import Observation
from indicators.selectors.figures import FigurePlace
from indicators.selectors.returns import Box, SignedOff, get_figures, list_boxes
from indicators.selectors.series import get_pasts
from indicators.selectors.worked_out import list_worked_out
from indicators.services.entries import check_entries


def check_corrected(figure: FigurePlace, entry: Entry) -> tuple[Observation, dict[str, str]]:
    """Return the figure as typed, and a sentence for each control with an error: "value", "reason", "note". An error
    that it would cause in the return's other figures is shown at the value."""
    agency, month = figure.indicator.owner, figure.period.month
    own = find_box(figure)
    boxes = [own, *(box for box in list_boxes(agency, month) if box.name != own.name)]
    worked_out = list_worked_out(boxes, month)
    held = {name: write_value(each) for name, each in get_figures(agency, month).items()}
    # Without pasts there are no questions: only errors are compared.
    before = check_entries(boxes, held, pasts={}, worked_out=worked_out).errors
    asked = without_old_note(figure, entry)
    pasts = get_pasts(agency, month, [own])
    checked = check_entries(boxes, held | {own.name: asked}, pasts=pasts, worked_out=worked_out)
    errors: dict[str, str] = {}
    for control, sentence in checked.questions.items() | checked.errors.items():
        name, _, part = control.rpartition(":")
        if name == own.name:
            errors[part] = sentence
        # An error that the return had before isn't caused by this figure.
        elif control in checked.errors and before.get(control) != sentence:
            errors.setdefault("value", sentence)
    # `boxes` has the figure's own box first.
    wanted = checked.make_observations()[0]
    wanted.note = tidy_text(entry.note)
    return wanted, errors


def find_box(figure: FigurePlace) -> Box:
    """Return the figure's box, even if its return no longer has it."""
    indicator, category = figure.indicator, figure.category
    name = f"{indicator.code}.{category.code}" if category else indicator.code
    days = indicator.definitions.filter(applies_from__lte=figure.period.month.first_day).order_by("applies_from")
    since = tuple(days.values_list("applies_from", flat=True))
    return Box(name, indicator, category, "", since or (figure.period.month.first_day,))


def write_value(figure: SignedOff) -> Entry:
    return Entry("" if figure.value is None else str(figure.value))


def without_old_note(figure: FigurePlace, entry: Entry) -> Entry:
    """Return the entry without a note from before: that doesn't explain the new number."""
    is_old = figure.counted is not None and tidy_text(entry.note) == figure.counted.note
    return replace(entry, note="") if is_old and not entry.reason else entry
