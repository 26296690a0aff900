from typing import Any

from indicators.impact.claim import BeforeAfter, Change, Refusal, compare
from indicators.imports.series import read_question
from indicators.management.catalogues import SeriesCommand


class Command(SeriesCommand):
    help = (
        "Check whether a series changed at an event by more than at other dates (docs/impact.md). Reads series as "
        'JSON Lines and writes a line for each. In: {"id", "values": [1, null, …], "event": the place of the first '
        'month after it, counted from 0, "controls": [[…], …], "kind": "count"|"share"|"rate", "denominators": […], '
        '"controls_denominators": [[…], …], "starts": [index, …]}; only "values" and "event" are required (a count, no '
        'controls, no starts of a definition). Out, with changes as fractions: {"id", "before", "after", "expected", '
        '"change", "lower", "upper", "controls_change", "difference", "difference_lower", "difference_upper", '
        '"placebo_share", "other_dates", "claimed", "refused": a sentence or null}; for a line that can\'t be read, '
        '{"line": n, "error": "…"}. Exits 0, or 1 if a line could not be read.'
    )

    def answer(self, row: dict[str, Any]) -> dict[str, Any]:
        question = read_question(row)
        try:
            found = compare(
                question.values,
                question.event,
                controls=question.controls,
                exposures=question.exposures,
                control_exposures=question.control_exposures,
                is_share=question.is_share,
                starts=question.starts,
            )
        except Refusal as refusal:
            return show(None) | {"refused": str(refusal)}
        return show(found)


def show(found: BeforeAfter | None) -> dict[str, Any]:
    change = found.change if found else None
    difference = found.difference if found else None
    return {
        "before": found.before if found else None,
        "after": found.after if found else None,
        "expected": found.expected if found else None,
        **show_change(change, "change", "lower", "upper"),
        "controls_change": found.controls.value if found and found.controls else None,
        **show_change(difference, "difference", "difference_lower", "difference_upper"),
        "placebo_share": found.placebo_share if found else None,
        "other_dates": found.other_dates if found else None,
        "claimed": found.is_claimed if found else False,
        "refused": None,
    }


def show_change(change: Change | None, value: str, lower: str, upper: str) -> dict[str, float | None]:
    if change is None:
        return {value: None, lower: None, upper: None}
    return {value: change.value, lower: change.lower, upper: change.upper}
