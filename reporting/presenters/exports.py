"""What does a file of a month hold?"""

from reporting.presenters.shapes import MonthView


def export_rows(view: MonthView) -> list[dict[str, str | int | float | None]]:
    """Each line as `export_month` prints it."""
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
            "lower": line.lower,
            "upper": line.upper,
            "signal": line.signal or None,
            "judgement": line.judgement or None,
        }
        for line in view.lines
    ]
