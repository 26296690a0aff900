"""A line past the gate, for those that may see it."""

from datetime import date

from core.calendar import Month
from indicators.disclosure import Audience, Disclosed, disclose
from reporting.models.line_fields import Line
from reporting.months.presenters.month import line_view
from reporting.months.presenters.shapes import LineView


def passed[L: Line](line: L) -> Disclosed[L]:
    """For the public if a rule protects it, and for partners otherwise."""
    (disclosed,) = disclose([line], audience=Audience.PUBLIC if line.protected_by else Audience.PARTNERS)
    return disclosed


def view_line(line: Line, month: Month, due_on: date) -> LineView:
    return line_view(passed(line), month, due_on)
