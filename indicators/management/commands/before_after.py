from dataclasses import asdict
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
            result = compare(**asdict(question))
        except Refusal as refusal:
            return show(None) | {"refused": str(refusal)}
        return show(result)


def show(result: BeforeAfter | None) -> dict[str, Any]:
    change = result.change if result else None
    difference = result.difference if result else None
    return {
        "before": result.before if result else None,
        "after": result.after if result else None,
        "expected": result.expected if result else None,
        **show_change(change, "change", "lower", "upper"),
        "controls_change": result.controls.value if result and result.controls else None,
        **show_change(difference, "difference", "difference_lower", "difference_upper"),
        "placebo_share": result.placebo_share if result else None,
        "other_dates": result.other_dates if result else None,
        "claimed": result.is_claimed if result else False,
        "refused": None,
    }


def show_change(change: Change | None, value: str, lower: str, upper: str) -> dict[str, float | None]:
    if change is None:
        return {value: None, lower: None, upper: None}
    return {value: change.value, lower: change.lower, upper: change.upper}
