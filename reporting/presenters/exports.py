"""What does a file of a month hold?"""

from reporting.presenters.shapes import MonthView


def export_rows(view: MonthView) -> list[dict[str, str | int | None]]:
    """Each line as `export_month` prints it. The control chart's columns are empty so far."""
    return [
        {
            "indicator": line.code,
            "title": line.title,
            "category": line.category_code,
            "value": line.value,
            "state": line.state.value,
            "previous": line.previous,
            "change": line.change,
            "movement": line.movement.value,
            "no_arrow_reason": line.no_arrow_reason,
            "polarity": line.polarity.value,
            "lower": None,
            "upper": None,
            "signal": None,
            "judgement": None,
        }
        for line in view.lines
    ]
